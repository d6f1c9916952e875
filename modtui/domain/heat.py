"""Posts and flags a minute: how hot a thread is, and what a restriction did to its channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from modtui.domain.frozen import dataclass
from modtui.domain.model import Restriction

MINUTE = timedelta(minutes=1)
WINDOW = timedelta(minutes=10)
PILE_ON_FLAGS = 5
PILE_ON_PACE = 3


def a_minute(times: Iterable[datetime], now: datetime) -> int:
    """Return how many of `times` lie in the minute before `now`."""
    return sum(now - MINUTE < at <= now for at in times)


def heat(flag_count: int, times: Sequence[datetime], now: datetime) -> int:
    """Return the flags a minute of a pile-on; 0 for a thread that is none.

    A pile-on has five flags or more, three of them from the last minute. `times` may be those
    of the latest flags alone; as they grow old the heat goes down by itself.
    """
    pace = a_minute(times, now) if flag_count >= PILE_ON_FLAGS else 0
    return pace if pace >= PILE_ON_PACE else 0


@dataclass(frozen=True, slots=True)
class Rates:
    """Posts and flags a minute."""

    posts: float
    flags: float


@dataclass(frozen=True, slots=True)
class Told:
    """How many posts were written and flags were raised in a span of time."""

    posts: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How a channel goes now. `before`: how it went before our restriction, where one runs.

    `settled`: enough time has passed since then for the rates of now to mean something.
    """

    now: Rates
    before: Rates | None = None
    settled: bool = True


def running(restriction: Restriction | None, now: datetime) -> bool:
    """Whether `restriction` is ours and in force."""
    if restriction is None or not restriction.ours or restriction.since is None:
        return False
    return restriction.until is None or restriction.until > now


def windows(
    restriction: Restriction | None, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans, without their beginnings, that `pace` needs the counts of: the present
    one, and the one before."""
    since = restriction.since if restriction is not None and running(restriction, now) else None
    if since is None:
        return ((now - WINDOW, now),)
    return ((max(since, now - WINDOW), now), (since - WINDOW, since))


def pace(told: Sequence[Told], restriction: Restriction | None, now: datetime) -> Pace:
    """Return how the channel goes now, and how it went before a restriction of ours, from what
    was told in each of `windows`."""
    spans = windows(restriction, now)
    present, *before = (_rates(*each) for each in zip(told, spans, strict=True))
    start, end = spans[0]
    return Pace(present, before[0] if before else None, end - start >= MINUTE)


def _rates(told: Told, span: tuple[datetime, datetime]) -> Rates:
    minutes = max((span[1] - span[0]) / MINUTE, 1.0)
    return Rates(told.posts / minutes, told.flags / minutes)
