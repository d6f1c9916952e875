"""What the flags and posts of a platform are worth as events of a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from modtui.domain.frozen import dataclass
from modtui.domain.model import Event, EventKind, Flag, Post, Role, Severity, Thread
from modtui.engine.aside import bound
from modtui.engine.parts import Parts
from modtui.engine.pieces import Source

_FLAG, _AUTHOR = EventKind.FLAGGED, Role.AUTHOR
SAID = {
    Role.AUTHOR: EventKind.AUTHOR_POST,
    Role.STAFF: EventKind.STAFF_REPLY,
    Role.BOT: EventKind.BOT_POST,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What every piece of a slice is judged with; `channels` has the name of each channel."""

    source: Source
    parts: Parts
    channels: Mapping[str, str]
    now: datetime
    complete_at: datetime | None
    around: bool = False

    @property
    def old_before(self) -> datetime | None:
        """Before which moment a thread is put aside, or None."""
        return bound(self.source, self.complete_at, self.now)


def as_ours(post: Post, scene: Scene, receipts: frozenset[str] = frozenset()) -> Post:
    """Return `post` as one of the staff where it is a receipt of ours or bears our name."""
    own = scene.source.own
    if post.remote_id in receipts or (own and post.author.remote_id == own):
        return replace(post, role=Role.STAFF)
    return post


def flag_event(flag: Flag, at: datetime, scene: Scene, rises: Severity | None = None) -> Event:
    """Return the event of a flag, at `at` but not after now; `rises`: the severity it led to."""
    detail: tuple[tuple[str, str | int | None], ...] = (
        ("reason", flag.reason),
        ("post", flag.post),
        ("flag", flag.key),
    )
    if flag.rule:
        detail += (("rule", 1),)
    if rises is not None:
        detail += (("severity", rises.value),)
    actor = flag.by or scene.source.account
    return Event(_FLAG, at if at <= scene.now else scene.now, actor, detail)


def post_event(post: Post, thread: Thread, first_flag_at: datetime, scene: Scene) -> Event | None:
    """Return the event of a new post; what stood there before the first flag is none."""
    if (
        scene.around
        or post.is_subject
        or post.created_at < first_flag_at
        or post.deleted_at is not None
    ):
        return None
    if post.role is _AUTHOR and post.author.remote_id != thread.author.remote_id:
        return None
    at = min(post.created_at, scene.now)
    return Event(SAID[post.role], at, post.author.name, (("post", post.remote_id),))


def touch_event(kind: EventKind, post: Post, at: datetime | None, scene: Scene) -> Event:
    """Return the event of a post that was edited or deleted at `at`, or now where that is None."""
    detail = (("post", post.remote_id), ("subject", int(post.is_subject)))
    return Event(kind, min(at or scene.now, scene.now), post.author.name, detail)
