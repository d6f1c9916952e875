"""Short histories of a thread, and how its clocks stand after them."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.domain.hours import always
from modtui.domain.model import ClockKind, Event, EventKind
from modtui.domain.sla import Clock, Policy, clocks
from tests.domain.calendars import moment

HOUR = timedelta(hours=1)
POLICY = Policy("social", always(), 2 * HOUR, 4 * HOUR, 24 * HOUR)
LATER = moment("2026-12-31 00:00")


def at(clock: str, day: int = 20) -> datetime:
    return moment(f"2026-11-{day:02} {clock}")


def event(kind: EventKind, clock: str, day: int = 20, **detail: str | int) -> Event:
    return Event(kind, at(clock, day), "someone", tuple(detail.items()))


def flag(clock: str, day: int = 20) -> Event:
    return event(EventKind.FLAGGED, clock, day)


def post(clock: str, day: int = 20) -> Event:
    return event(EventKind.AUTHOR_POST, clock, day)


def reply(clock: str, day: int = 20, **detail: str | int) -> Event:
    return event(EventKind.STAFF_REPLY, clock, day, **detail)


def resolved(clock: str, day: int = 20) -> Event:
    return event(EventKind.RESOLVED, clock, day)


def clock_of(events: list[Event], kind: ClockKind, now: datetime, policy: Policy = POLICY) -> Clock:
    """The newest clock of `kind`."""
    return [c for c in clocks(events, policy, now) if c.kind is kind][-1]


def breach(kind: ClockKind, when: datetime, cycle: int = 1) -> Event:
    detail = (("clock", kind.value), ("cycle", cycle))
    return Event(EventKind.BREACHED, when, "clock", detail)
