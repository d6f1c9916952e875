"""The three clocks of a thread, folded from its events; and the ledger that explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modtui.domain.hours import Calendar
from modtui.domain.model import Band, ClockKind, Event, Severity, Standing


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised. Empty match tuples match everything; the first policy that fits wins."""

    name: str
    calendar: Calendar
    first_response: timedelta | None
    next_response: timedelta | None
    resolution: timedelta | None
    warn_at: tuple[float, ...] = (0.5, 0.8)
    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def target(self, kind: ClockKind) -> timedelta | None:
        """The working time promised for `kind`, or None where nothing is promised."""
        return {
            ClockKind.FIRST_RESPONSE: self.first_response,
            ClockKind.NEXT_RESPONSE: self.next_response,
            ClockKind.RESOLUTION: self.resolution,
        }[kind]


@dataclass(frozen=True, slots=True)
class Matter:
    """The facts of a thread that choose its policy."""

    account: str
    channel: str
    severity: Severity
    language: str | None
    tags: tuple[str, ...]


def choose(policies: Sequence[Policy], matter: Matter) -> Policy:
    """Return the first policy that matches; the last one must match everything (config)."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One stretch of a clock. `cause`: counted, closed, holiday, waiting on author, snoozed."""

    start: datetime
    end: datetime
    counted: timedelta
    cause: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one cycle. `elapsed` is working time; the ledger sums to it."""

    kind: ClockKind
    cycle: int
    started_at: datetime
    target: timedelta
    elapsed: timedelta
    stopped_at: datetime | None
    paused: bool
    resumes_at: datetime | None
    due_at: datetime | None
    soon_at: datetime | None
    breached_at: datetime | None
    ledger: tuple[LedgerLine, ...]


def clocks(events: Sequence[Event], policy: Policy, now: datetime) -> tuple[Clock, ...]:
    """Fold `events` (in time order) into every clock of every cycle, oldest cycle first.

    A finished cycle keeps the result that its events recorded (`breached`, detail "clock" and
    "cycle"); open cycles follow `policy`. Source of the definitions: docs/clocks.md.
    """
    raise NotImplementedError


def standing(
    events: Sequence[Event], policy: Policy, now: datetime, complete_at: datetime | None = None
) -> Standing:
    """Return the standing to store: the clock due next of the open cycle.

    `complete_at` is the account's first complete sync: a breach before it is inherited.
    """
    raise NotImplementedError


def new_breaches(events: Sequence[Event], policy: Policy, now: datetime) -> tuple[Event, ...]:
    """Return the `breached` events that have come due and are not recorded yet (at most one per
    clock and cycle), each at its true moment, actor "clock"."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Left:
    """What the time-left column needs. Seconds are working seconds, negative after breach;
    `over` is calendar time since the breach; `opens_at` is set off hours."""

    band: Band
    seconds: int | None
    over: timedelta | None
    opens_at: datetime | None
    resumes_at: datetime | None


def left(standing: Standing, calendar: Calendar, now: datetime) -> Left:
    """Return how much time the stored `standing` leaves at `now`."""
    raise NotImplementedError


def left_text(value: Left, zone: str) -> str:
    """Return at most seven cells: `2h05m`, `38m`, `9:42`, `!-12m`, `@09:00`, `wait`.

    Seconds show only in the last ten minutes. `zone` is the moderator's, for `@09:00`.
    """
    raise NotImplementedError
