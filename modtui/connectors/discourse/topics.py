"""Slowing, closing and opening topics: read, compare, set, and read whether it holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.connectors import ConnectorError, Rejected, ThreadRef
from modtui.connectors.discourse.facts import PostFacts, TopicFacts
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.discourse.reading import moment_ahead
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.reading import convert_each
from modtui.domain.commands import SetSlowMode

_NEAR = timedelta(minutes=1)
_LAST = 20
_CLOSED = "closed.enabled"
"""How the action code of a post ends that says that a topic was closed, by hand or by a timer."""


class Topics:
    """Changes topics for one account."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def topic(self, ref: ThreadRef) -> TopicFacts:
        """Return the thread's topic as it stands. Raises Rejected where there is none."""
        if not ref.channel.isdecimal():
            raise Rejected("there is no topic yet: it is held, or it is about a person")
        return understood(await self._line.read(f"/t/{ref.channel}.json"), TopicFacts, "topic")

    async def slow(self, ref: ThreadRef, command: SetSlowMode) -> str:
        """Set, change or lift the slow mode; return what there is to say about that."""
        topic = await self.topic(ref)
        stands = topic.slow_mode_seconds or 0
        until = command.until if command.seconds else None
        if stands == command.seconds and _same(_until(topic), until):
            return SO_ALREADY
        if command.expect is not None and stands != command.expect:
            return LEFT_ALONE
        form = {"seconds": str(command.seconds)}
        if until is not None:
            form["enabled_until"] = until.isoformat()
        await self._line.write("PUT", f"/t/{topic.id}/slow_mode.json", form=form)
        if ((await self.topic(ref)).slow_mode_seconds or 0) != command.seconds:
            raise Rejected("the forum took it and left the slow mode of the topic as it was")
        return f"{stands} s before"

    async def close(self, ref: ThreadRef, until: datetime | None) -> str:
        """Close the topic, until a moment by a timer of the forum's own."""
        topic = await self.topic(ref)
        if until is not None:
            # The timer first: were it refused, the topic would be closed for good.
            timer = {"time": until.isoformat(), "status_type": "open"}
            await self._line.write("POST", f"/t/{topic.id}/timer.json", timer)
            topic = await self.topic(ref)
        elif topic.closed:
            return SO_ALREADY
        if not topic.closed:
            await self._status(topic.id, closed=True)
            topic = await self.topic(ref)
            if not topic.closed:
                raise Rejected("the forum took it and left the topic open")
        try:
            told = await self._closing(topic)
        except ConnectorError:
            # It is closed: that must not be done again for want of the post that says so.
            told = ""
        return ", ".join(part for part in (told, until and f"until {until.isoformat()}") if part)

    async def _closing(self, topic: TopicFacts) -> str:
        """Return which of the topic's last posts says that it was closed: "post 12", "" for none.
        The forum writes one at each closing."""
        last = topic.post_stream.stream[-_LAST:] if topic.post_stream else []
        wanted = "&".join(f"post_ids[]={number}" for number in last)
        body = await self._line.read(f"/t/{topic.id}/posts.json?{wanted}") if last else None
        stream = body.get("post_stream") if isinstance(body, dict) else None
        told = stream.get("posts") if isinstance(stream, dict) else None
        posts = convert_each(told if isinstance(told, list) else [], PostFacts, "topic")[0]
        said = [post.id for post in posts if (post.action_code or "").endswith(_CLOSED)]
        return f"post {max(said)}" if said else ""

    async def reopen(self, ref: ThreadRef, expect: str | None) -> str:
        """Open the topic again."""
        topic = await self.topic(ref)
        if not topic.closed:
            return "it is open already"
        ours = (expect or "").partition(",")[0]
        if ours.startswith("post ") and await self._closing(topic) not in ("", ours):
            return LEFT_ALONE
        await self._status(topic.id, closed=False)
        if (await self.topic(ref)).closed:
            raise Rejected("the forum took it and left the topic closed")
        return ""

    async def _status(self, topic_id: int, *, closed: bool) -> None:
        body = {"status": "closed", "enabled": "true" if closed else "false"}
        await self._line.write("PUT", f"/t/{topic_id}/status.json", body)


def _until(topic: TopicFacts) -> datetime | None:
    return moment_ahead(topic.slow_mode_enabled_until)


def _same(stands: datetime | None, wanted: datetime | None) -> bool:
    if stands is None or wanted is None:
        return stands is wanted
    return abs(stands - wanted) <= _NEAR
