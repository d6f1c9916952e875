"""Reviewables, posts and topics as threads, posts, flags and channels. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from modtui.connectors.discourse.facts import (
    PostFacts,
    Reviewable,
    Score,
    Side,
    TopicFacts,
    User,
)
from modtui.connectors.reading import iso_moment, plain_text, title_of
from modtui.domain.frozen import dataclass
from modtui.domain.model import Author, Channel, Flag, Post, Restriction, Role, Severity, Thread
from modtui.domain.text import BLANK, Clean, clean, clean_line, literal

SITE = "site"
"""The channel of what belongs to no topic: a new topic that is held, a new member."""
_GONE = Author("0", literal("[gone]"))


def held(item: Reviewable) -> bool:
    """Whether the item waits for approval, so that nobody sees it yet."""
    return item.type in ("ReviewableQueuedPost", "ReviewableUser")


def post_id(item: Reviewable) -> str:
    """Return the id of the item's post: the forum's, or, where there is none yet, `r` and the
    item's own."""
    return f"r{item.id}" if item.post_id is None else str(item.post_id)


def post_number(url: str | None) -> int | None:
    """Return which post of its topic an address names: …/t/slug/12/3 is the third."""
    numbers = [part for part in urlsplit(url or "").path.split("/") if part.isdecimal()]
    return int(numbers[-1]) if len(numbers) >= 2 else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what the forum writes into what the queue holds, for one account: `me` is its id.

    `slowed` is what is known to slow a topic, for lists that do not tell it.
    """

    base: str
    me: int
    staff: frozenset[str]
    now: datetime
    slowed: Mapping[str, Restriction]

    def thread(self, item: Reviewable, side: Side) -> Thread:
        """Return an item of the review queue as a thread: it is what is decided on."""
        topic = side.topics.get(item.topic_id) if item.topic_id is not None else None
        post = self.subject(item, side)
        # The topic's own title names the channel, which stands beside it.
        title = (item.payload.title if item.payload and topic is None else None) or ""
        address = item.target_url or item.topic_url or f"/review/{item.id}"
        tags = (tag if isinstance(tag, str) else tag.name for tag in item.topic_tags or ())
        return Thread(
            subject=str(item.id),
            channel=self.channel(item, side).remote_id,
            title=clean_line(title, limit=120) or title_of(post),
            author=post.author,
            created_at=post.created_at,
            url=urljoin(f"{self.base}/", address),
            conversation=None if item.topic_id is None else f"topic:{item.topic_id}",
            severity=Severity.HIGH if item.potentially_illegal else Severity.NORMAL,
            tags=tuple(clean_line(tag, limit=60) for tag in tags if tag),
            held=held(item),
            locked=bool(topic and topic.closed),
            holder=self.holder(item, side),
        )

    def holder(self, item: Reviewable, side: Side) -> Clean:
        """Return who else has claimed the item's topic, blank for nobody."""
        number, name = item.holder
        if number is None or number == self.me:
            return BLANK
        user = side.users.get(number)
        shown = name or (f"@{user.username}" if user else "somebody")
        return clean_line(shown, limit=60)

    def channel(self, item: Reviewable, side: Side) -> Channel:
        """Return the topic; a topic that is not written yet has none."""
        if item.topic_id is None:
            return Channel(SITE, literal("new topics and members"))
        topic = side.topics.get(item.topic_id)
        name = clean_line(topic.title, limit=100) if topic else BLANK
        channel_id = str(item.topic_id)
        return Channel(
            channel_id,
            name or clean_line(f"topic {item.topic_id}"),
            self.slowed.get(channel_id),
            bool(topic and topic.closed),
        )

    def subject(self, item: Reviewable, side: Side) -> Post:
        """Return the post, or the person, that is decided on."""
        number = item.target_created_by_id or (item.created_by_id if held(item) else None)
        user = side.users.get(number) if number is not None else None
        payload = item.payload
        words, raw = item.cooked, item.raw
        if payload is not None:
            words, raw = words or payload.cooked, raw or payload.raw or payload.bio
            raw = raw or payload.username
        said = clean(plain_text(words) if words else raw or "")
        return Post(
            remote_id=post_id(item),
            thread=str(item.id),
            author=self.author(user),
            role=self._role(user),
            text=said.text,
            raw=clean(raw or words or "").raw,
            created_at=self._at(item.created_at),
            hidden=said.hidden,
            held=held(item),
            is_subject=True,
        )

    def flags(self, item: Reviewable, side: Side) -> tuple[Flag, ...]:
        """Return the flags that are open, by the forum's ids; an item without any has one of
        its own."""
        scores = side.scores_of(item)
        if not scores:
            words = "needs approval" if held(item) else "needs review"
            at = self._at(item.created_at)
            return (Flag(str(item.id), words, at, f"r{item.id}", post_id(item), rule=True),)
        return tuple(self._flag(item, score, side) for score in scores)

    def _flag(self, item: Reviewable, score: Score, side: Side) -> Flag:
        kind = side.types.get(score.score_type_id) if score.score_type_id is not None else None
        user = side.users.get(score.user_id) if score.user_id is not None else None
        reason = clean_line(kind.title, limit=60) if kind and kind.title else BLANK
        return Flag(
            thread=str(item.id),
            reason=str(reason or "flagged"),
            at=self._at(score.created_at),
            remote_id=str(score.id),
            post=post_id(item),
            by=self.author(user).name if user else None,
            note=clean_line(plain_text(score.reason or "")),
        )

    def author(self, user: User | None) -> Author:
        """Return who writes, and whether the forum trusts them yet."""
        if user is None:
            return _GONE
        standing = literal("new here") if user.trust_level == 0 else BLANK
        return Author(str(user.id), clean_line(f"@{user.username}", limit=100), standing)

    def post(self, facts: PostFacts, thread: str, *, subject: str = "") -> Post:
        """Return a post of a topic as one of `thread`."""
        said = clean(plain_text(facts.cooked) if facts.cooked else facts.raw or "")
        user = User(facts.user_id, facts.username) if facts.user_id is not None else None
        ours = bool(facts.staff or facts.moderator or facts.admin)
        edited = (facts.version or 1) > 1 and facts.updated_at
        return Post(
            remote_id=str(facts.id),
            thread=thread,
            author=self.author(user),
            role=Role.STAFF if ours and (facts.user_id or 0) > 0 else self._role(user),
            text=said.text,
            raw=clean(facts.raw or facts.cooked).raw,
            created_at=self._at(facts.created_at),
            hidden=said.hidden,
            edited_at=self._at(facts.updated_at) if edited else None,
            deleted_at=self._at(facts.deleted_at) if facts.deleted_at else None,
            is_subject=str(facts.id) == subject,
        )

    def topic(self, facts: TopicFacts) -> Channel:
        """Return a topic with what slows or closes it now."""
        name = clean_line(facts.title, limit=100) or clean_line(f"topic {facts.id}")
        return Channel(str(facts.id), name, self._slow(facts), bool(facts.closed))

    def _slow(self, facts: TopicFacts) -> Restriction | None:
        if not facts.slow_mode_seconds:
            return None
        until = moment_ahead(facts.slow_mode_enabled_until)
        return Restriction("slow", facts.slow_mode_seconds, None, until)

    def _role(self, user: User | None) -> Role:
        if user is None:
            return Role.AUTHOR
        if user.id < 0:
            return Role.BOT
        ours = user.id == self.me or str(user.id) in self.staff
        return Role.STAFF if ours or user.admin or user.moderator else Role.AUTHOR

    def _at(self, text: str | None) -> datetime:
        return iso_moment(text, self.now)


def moment_ahead(text: str | None) -> datetime | None:
    """Return a time that may lie ahead, in UTC; None for what is none."""
    try:
        at = datetime.fromisoformat(text) if text else None
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        return at.astimezone(UTC) if at is not None else None
    except (ValueError, OverflowError):
        return None
