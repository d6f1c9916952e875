"""Working hours: when an answer can be expected, in UTC, whatever the zone does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Hours:
    """One open interval of a local day, end exclusive; `end` None means midnight (24:00)."""

    start: time
    end: time | None


@dataclass(frozen=True)
class Calendar:
    """A calendar of open intervals. `week` has seven entries, Monday first.

    `dated` replaces a whole local day: an empty tuple is closed. Built by config; a calendar
    with no open interval in its week raises ValueError.
    """

    name: str
    zone: str
    week: tuple[tuple[Hours, ...], ...]
    dated: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)

    def working(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time in [start, end); negative if end < start."""
        raise NotImplementedError

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment at which `amount` of working time has passed since start."""
        raise NotImplementedError

    def opens_at(self, at: datetime) -> datetime | None:
        """Return None if open at `at`, else when it opens next."""
        raise NotImplementedError

    def intervals(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open UTC intervals within [start, end), in order."""
        raise NotImplementedError

    def holiday(self, at: datetime) -> bool:
        """Return whether the local day of `at` has a dated exception."""
        raise NotImplementedError


def always(name: str = "always") -> Calendar:
    """Return the calendar that never closes."""
    return Calendar(name, "UTC", tuple((Hours(time(0), None),) for _ in range(7)))
