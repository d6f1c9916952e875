"""Calendars and a brute-force reading of them, minute by minute, for the clock tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from modtui.domain.hours import Calendar, Hours

ZONES = (
    "Europe/Warsaw", "Europe/London", "America/New_York", "America/Santiago", "America/Havana",
    "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Chatham",
    "Asia/Almaty", "Asia/Tbilisi",
)  # fmt: skip
MINUTE = timedelta(minutes=1)


def moment(text: str) -> datetime:
    """Return "2026-11-20 16:30" as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(*spans: str) -> tuple[Hours, ...]:
    """Return "09:00-17:00" as open intervals; 24:00 is midnight."""
    pairs = (span.split("-") for span in spans)
    return tuple(
        Hours(time.fromisoformat(a), None if b == "24:00" else time.fromisoformat(b))
        for a, b in pairs
    )


def weekdays(*spans: str, zone: str = "UTC") -> Calendar:
    """Return a calendar open Monday to Friday during `spans`."""
    return Calendar("office", zone, (*((hours(*spans),) * 5), (), ()))


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Read the clock on the wall and look whether its time is inside an interval."""
    wall = at.astimezone(ZoneInfo(calendar.zone))
    day = calendar.dated.get(wall.date(), calendar.week[wall.weekday()])
    clock = wall.time().replace(tzinfo=None, fold=0)
    return any(i.start <= clock and (i.end is None or clock < i.end) for i in day)


def minutes(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield every minute of [start, end] with the working minutes since start."""
    worked, at = 0, start
    while at <= end:
        yield at, worked
        worked += is_open(calendar, at)
        at += MINUTE


def changes(zone: str, first: int, last: int) -> Iterator[datetime]:
    """Yield the hours of the years first … last at whose end the zone's offset is another."""
    at, info = datetime(first, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    here = at.astimezone(info).utcoffset()
    while at.year <= last:
        at += timedelta(hours=1)
        there = at.astimezone(info).utcoffset()
        if there != here:
            yield at
            here = there


@st.composite
def days(draw: st.DrawFn) -> tuple[Hours, ...]:
    """A local day with up to three intervals on quarter hours."""
    marks = sorted(draw(st.lists(st.integers(0, 96), max_size=6, unique=True)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return tuple(Hours(_quarter(a), None if b == 96 else _quarter(b)) for a, b in pairs)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any calendar: a zone, a week, and exceptions around the clock changes of 2026–2030."""
    week = tuple(draw(st.lists(days(), min_size=7, max_size=7).filter(any)))
    dates = st.dates(datetime(2026, 1, 1).date(), datetime(2030, 12, 31).date())
    dated = draw(st.dictionaries(dates, days(), max_size=3))
    return Calendar("any", draw(st.sampled_from(ZONES)), week, dated)


def _quarter(index: int) -> time:
    return time(index // 4, index % 4 * 15)
