"""What followed authors answer: the account's notifications, read every few minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import Broken, Rejected
from modtui.connectors.discourse.facts import PostFacts
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import broken, convert_each

EVERY = timedelta(minutes=3)
_MENTIONED, _REPLIED, _QUOTED, _MESSAGE, _POSTED = 1, 2, 3, 6, 9
_SAID = (_MENTIONED, _REPLIED, _QUOTED, _MESSAGE, _POSTED)
"""Types of notifications that come with a post. Source: Notification.types of Discourse."""
_LIMIT = 60


class _Data(msgspec.Struct):
    original_post_id: int | str | None = None
    original_username: str | None = None
    username: str | None = None
    display_username: str | None = None


class _Notification(msgspec.Struct):
    id: int
    notification_type: int
    topic_id: int | None = None
    data: _Data = msgspec.field(default_factory=_Data)


class _Notifications(msgspec.Struct):
    notifications: list[object] = []


class Answers:
    """Reads what was said to the account since the last notification it knows."""

    def __init__(self, line: Line, now: Callable[[], datetime]) -> None:
        self._line = line
        self._now = now
        self._read_at: datetime | None = None
        self._closed = False

    def due(self) -> bool:
        """Whether it is time to look."""
        if self._closed:
            return False
        return self._read_at is None or not (timedelta() <= self._now() - self._read_at < EVERY)

    def may_wait(self, another: timedelta) -> bool:
        """Whether it is no more late than `another`: then it gives way to a list that is due."""
        return self._read_at is not None and self._now() - self._read_at < EVERY + another

    async def since(
        self, last: int | None, follow: Callable[[int | None, str], str | None]
    ) -> tuple[int | None, tuple[tuple[str, PostFacts], ...], tuple[Broken, ...]]:
        """Return the newest notification, the posts that came with those after `last`, each with
        the item it belongs to as `follow` says of a topic and a username, and what is broken.

        The first time nothing is told: what was said before is no answer to us.
        """
        self._read_at = self._now()
        try:
            body = await self._line.read("/notifications.json", {"limit": _LIMIT}, spare=3)
        except RejectedByServer as error:
            if error.status not in (403, 404):
                raise
            # The key may not see them: answers are then seen when the thread is opened.
            self._closed = True
            return last, (), ()
        rows = understood(body, _Notifications, "notifications").notifications
        told, bad = convert_each(rows, _Notification, "notifications")
        newest = max((one.id for one in told), default=last)
        if last is None:
            return newest if newest is not None else 0, (), bad
        said = []
        for one in sorted(told, key=lambda each: each.id):
            thread = follow(one.topic_id, _writer(one)) if _tells(one, last) else None
            if thread is None:
                continue
            post = await self._post(one)
            if isinstance(post, Broken):
                bad = (*bad, post)
            elif post is not None:
                said.append((thread, post))
        return newest, tuple(said), bad

    async def _post(self, one: _Notification) -> PostFacts | Broken | None:
        try:
            body = await self._line.read(f"/posts/{one.data.original_post_id}.json", spare=3)
        except RejectedByServer as error:
            if error.status not in (403, 404):
                raise
            # Deleted before it was read.
            return None
        try:
            return understood(body, PostFacts, "post")
        except Rejected as error:
            return broken(f"post {one.data.original_post_id}", str(error), body)


def _tells(one: _Notification, last: int) -> bool:
    known = str(one.data.original_post_id or "").isdecimal()
    return one.id > last and one.notification_type in _SAID and known


def _writer(one: _Notification) -> str:
    data = one.data
    return data.original_username or data.username or data.display_username or ""
