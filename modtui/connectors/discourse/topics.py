"""Slowing, closing and opening topics: read, compare, set, and read whether it holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.connectors import Rejected, ThreadRef
from modtui.connectors.discourse.facts import TopicFacts
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.discourse.reading import moment_ahead
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.domain.commands import SetSlowMode

_NEAR = timedelta(minutes=1)


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
            if not (await self.topic(ref)).closed:
                raise Rejected("the forum took it and left the topic open")
        return "" if until is None else f"until {until.isoformat()}"

    async def reopen(self, ref: ThreadRef) -> str:
        """Open the topic again."""
        topic = await self.topic(ref)
        if not topic.closed:
            return "it is open already"
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
