"""Commands for the pretend community, and how a test watches it."""

from __future__ import annotations

from datetime import timedelta

from modtui.connectors.demo.connector import Demo
from modtui.domain.commands import (
    Reply,
    SetSlowMode,
)
from tests.connectors.hand import NOON, HandClock, Reading, opening, read_to_the_end, read_until


def reply(text: str = "We look into it.", **more: object) -> Reply:
    return Reply(thread=1, revision=1, text=text, **more)  # type: ignore[arg-type]


def slow(seconds: int, minutes: int | None = None, expect: int | None = None) -> SetSlowMode:
    until = NOON + timedelta(minutes=minutes) if minutes else None
    return SetSlowMode(
        thread=1, revision=1, seconds=seconds, until=until, reason="pile-on", expect=expect
    )


async def watch(
    settings: dict[str, object], minutes: float, *acts: tuple[float, str, object]
) -> Reading:
    """What is told within `minutes`, when each (minute, subject, command) is done."""
    clock = HandClock()
    demo = Demo(clock.environment(**settings))
    updates = demo.updates(None)
    reading = await opening(updates)
    for minute, subject, command in acts:
        for batch in (await read_until(updates, clock, NOON + timedelta(minutes=minute))).batches:
            reading.add(batch)
        await demo.perform(reading.ref(subject), command, f"key {minute}")  # type: ignore[arg-type]
    end = NOON + timedelta(minutes=minutes)
    for batch in (await read_to_the_end(updates, clock, end)).batches:
        reading.add(batch)
    return reading
