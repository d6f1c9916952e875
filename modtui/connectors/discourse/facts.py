"""What Discourse writes about reviewables, posts, topics and people.

Source: the serializers Reviewable, ReviewableScore, ReviewableAction, Post, TopicView and
BasicUser of Discourse. What hangs on a reviewable is side-loaded: it is named by ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from modtui.connectors import Broken
from modtui.connectors.reading import convert_each
from modtui.domain.frozen import dataclass

T = TypeVar("T")

PENDING, APPROVED, REJECTED, IGNORED, DELETED = range(5)
STATUSES = ("pending", "approved", "rejected", "ignored", "deleted")
"""The words of a reviewable's `status`."""
SCORES = "reviewable_scores"


class User(msgspec.Struct):
    """Who writes, flags or moderates."""

    id: int
    username: str
    name: str | None = None
    admin: bool | None = None
    moderator: bool | None = None
    trust_level: int | None = None


class ScoreType(msgspec.Struct):
    """A reason to flag."""

    id: int
    title: str | None = None


class Score(msgspec.Struct):
    """One flag. `reason` is HTML."""

    id: int
    user_id: int | None = None
    score_type_id: int | None = None
    reason: str | None = None
    created_at: str | None = None
    status: int | None = None


class Action(msgspec.Struct):
    """What may be done with a reviewable. A client action opens a dialog of the web page."""

    id: str
    action_name: str | None = None
    server_action: str | None = None
    client_action: str | None = None
    require_reject_reason: bool | None = None


class Bundle(msgspec.Struct):
    """Actions in a menu of the web page."""

    id: str
    action_ids: list[str] = []


class Tag(msgspec.Struct):
    name: str = ""


class Payload(msgspec.Struct):
    """What a post or a person is that waits for approval."""

    raw: str | None = None
    cooked: str | None = None
    title: str | None = None
    username: str | None = None
    bio: str | None = None


class Claimed(msgspec.Struct):
    """Who has claimed the topic; newer forums wrap the person."""

    id: int | None = None
    user: User | None = None


class Reviewable(msgspec.Struct):
    """One item of the review queue."""

    id: int
    type: str
    status: int = PENDING
    version: int = 0
    created_at: str | None = None
    topic_id: int | None = None
    topic_url: str | None = None
    target_url: str | None = None
    post_id: int | None = None
    topic_tags: list[str | Tag] | None = None
    payload: Payload | None = None
    cooked: str | None = None
    raw: str | None = None
    potentially_illegal: bool | None = None
    target_created_by_id: int | None = None
    created_by_id: int | None = None
    claimed_by_id: int | None = None
    claimed_by: Claimed | None = None
    reviewable_score_ids: list[int] | None = None
    bundled_action_ids: list[str] | None = None

    @property
    def holder(self) -> tuple[int | None, str]:
        """Who has claimed its topic: the id, and the name where it is told."""
        if self.claimed_by is not None:
            user = self.claimed_by.user
            return (user.id, f"@{user.username}") if user else (self.claimed_by.id, "")
        return self.claimed_by_id, ""


class TopicLine(msgspec.Struct):
    """A topic, as it is side-loaded."""

    id: int
    title: str = ""
    closed: bool | None = None


class PostFacts(msgspec.Struct):
    """A post of a topic. `cooked` is HTML."""

    id: int
    topic_id: int | None = None
    post_number: int = 1
    user_id: int | None = None
    username: str = ""
    cooked: str = ""
    raw: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    version: int | None = None
    staff: bool | None = None
    moderator: bool | None = None
    admin: bool | None = None
    hidden: bool | None = None
    action_code: str | None = None
    deleted_at: str | None = None
    user_deleted: bool | None = None


class Stream(msgspec.Struct):
    """The ids of a topic's posts, oldest first."""

    stream: list[int] = []


class TopicFacts(msgspec.Struct):
    """A topic on its own, without its posts."""

    id: int
    title: str = ""
    closed: bool | None = None
    slow_mode_seconds: int | None = None
    slow_mode_enabled_until: str | None = None
    post_stream: Stream | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What came along with reviewables, by id."""

    users: Mapping[int, User]
    topics: Mapping[int, TopicLine]
    scores: Mapping[int, Score]
    types: Mapping[int, ScoreType]
    bundles: Mapping[str, Bundle]
    actions: Mapping[str, Action]
    broken: tuple[Broken, ...] = ()

    def actions_of(self, item: Reviewable) -> tuple[Action, ...]:
        """Return what the forum offers for `item`, in its order."""
        bundles = [self.bundles.get(one) for one in item.bundled_action_ids or ()]
        names = [name for bundle in bundles if bundle for name in bundle.action_ids]
        return tuple(self.actions[name] for name in names if name in self.actions)

    def scores_of(self, item: Reviewable) -> tuple[Score, ...]:
        """Return the flags of `item` that wait for a decision."""
        found = [self.scores[n] for n in item.reviewable_score_ids or () if n in self.scores]
        return tuple(score for score in found if score.status in (None, PENDING))


def side_of(body: Mapping[str, object]) -> Side:
    """Return what is side-loaded in an answer."""
    bad: list[Broken] = []

    def each(kind: type[T], *names: str) -> tuple[T, ...]:
        lists = [found for name in names if isinstance(found := body.get(name), list)]
        good, broken = convert_each([one for part in lists for one in part], kind, names[0])
        bad.extend(broken)
        return good

    return Side(
        {one.id: one for one in each(User, "users")},
        {one.id: one for one in each(TopicLine, "topics")},
        {one.id: one for one in each(Score, SCORES)},
        {one.id: one for one in each(ScoreType, "score_types", "reviewable_score_types")},
        {bundle.id: bundle for bundle in each(Bundle, "bundled_actions")},
        {action.id: action for action in each(Action, "actions", "reviewable_actions")},
        tuple(bad),
    )
