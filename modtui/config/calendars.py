"""[[calendar]]: working hours as a team writes them, turned into `Calendar`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from modtui.config.reader import Table, nearest, shown
from modtui.domain.hours import Calendar, Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_KEY = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
_RANGE = r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)"
_MINUTES = 24 * 60
_YEARS = range(1970, 3000)

# A stretch is (start, end) in minutes of the day it begins on; end may lie on the next day.
Stretch = tuple[int, int]


def known_zone(name: str) -> bool:
    """Return whether `name` is an IANA zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def zone(table: Table, key: str, default: str, *, required: bool = False) -> str:
    """Return the zone under `key`; an unknown one is a problem that names the nearest."""
    name = table.text(key, default, required=required)
    if name != default and not known_zone(name):
        hint = nearest(name, available_timezones()) or ", such as Europe/Warsaw"
        table.problem(key, f'"{name}" is not a known time zone{hint}')
        return default
    return name


def read_calendar(table: Table) -> Calendar | None:
    """Return the calendar that the table describes, or None with its problems noted."""
    before = len(table.problems)
    name = table.text("name", required=True)
    zone_name = zone(table, "timezone", "UTC", required=True)
    table.only(("name", "timezone", "mon-fri", *DAYS, "closed", "hours"), also=_DAY_KEY)
    own = _week(table)
    dated = _dated(table)
    if len(table.problems) > before:
        return None
    week = tuple(_day(own[day], own[day - 1]) for day in range(7))
    if not any(week):
        table.problem(
            "", f'calendar "{name}" is never open: give hours, such as mon-fri = ["09:00-17:00"]'
        )
        return None
    return Calendar(name, zone_name, week, _exceptions(own, week, dated))


def _week(table: Table) -> list[tuple[Stretch, ...]]:
    """The hours each weekday begins, the most specific key winning."""
    spans: dict[int, tuple[int, str]] = {}
    own: list[tuple[Stretch, ...]] = [()] * 7
    for key in table.cells:
        match = _DAY_KEY.fullmatch(key)
        if match is None:
            continue
        stretches = _stretches(table, key, table.texts(key))
        first = DAYS.index(match[1])
        days = (DAYS.index(match[2] or match[1]) - first) % 7 + 1
        for day in ((first + offset) % 7 for offset in range(days)):
            span, other = spans.get(day, (8, ""))
            if span == days:
                table.problem(key, f"{DAYS[day]} is also in {other}: name the day in one of them")
            elif days < span:
                spans[day] = (days, key)
                own[day] = stretches
    return own


def _stretches(table: Table, key: str, texts: Sequence[str]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for text in texts:
        match = re.fullmatch(_RANGE, text.strip())
        numbers = [int(group) for group in match.groups()] if match else [99, 0, 0, 0]
        start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        late = start >= _MINUTES or end > _MINUTES or max(numbers[1], numbers[3]) > 59
        if late or start == end:
            table.problem(
                key, f'"{text}" is not an interval: write "09:00-17:30"; "00:00-24:00" is all day'
            )
            continue
        found.append((start, end if end > start else end + _MINUTES))
    return tuple(found)


def _dated(table: Table) -> dict[date, tuple[Stretch, ...] | None]:
    """Special days: their hours, or None for closed."""
    days: dict[date, tuple[Stretch, ...] | None] = {}
    closed = table.cells.get("closed")
    for item in closed.value if closed and isinstance(closed.value, list) else ():
        if day := _date(table, "closed", item):
            days[day] = None
    if closed and not isinstance(closed.value, list):
        table.problem("closed", 'is not a list of dates, such as ["2026-12-25"]')
    hours = table.cells.get("hours")
    special = hours.value if hours else {}
    if not isinstance(special, dict):
        table.problem("hours", 'is not a table, such as { "2026-12-24" = ["09:00-12:00"] }')
        special = {}
    for item, texts in special.items():
        day = _date(table, "hours", item)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            table.problem("hours", f'{item}: {shown(texts)} is not a list such as ["09:00-12:00"]')
        elif day and day in days:
            table.problem("hours", f"{item} is also in closed: keep one of them")
        elif day:
            days[day] = _stretches(table, "hours", texts) or None
    return days


def _date(table: Table, key: str, item: object) -> date | None:
    try:
        day = date.fromisoformat(str(item))
    except ValueError:
        table.problem(key, f'{shown(item)} is not a date: write "2026-12-25"')
        return None
    if day.year not in _YEARS:
        table.problem(key, f"{shown(item)} is not a date in {_YEARS[0]} to {_YEARS[-1]}")
        return None
    return day


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _day(own: Sequence[Stretch], before: Sequence[Stretch]) -> tuple[Hours, ...]:
    """The hours of one local day: what begins on it, and what runs over from the day before."""
    over = [(0, end - _MINUTES) for _, end in before if end > _MINUTES]
    pieces = sorted(over + [(start, min(end, _MINUTES)) for start, end in own])
    merged: list[Stretch] = []
    for start, end in pieces:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(
        Hours(_clock(start), None if end == _MINUTES else _clock(end)) for start, end in merged
    )


def _exceptions(
    own: Sequence[tuple[Stretch, ...]],
    week: Sequence[tuple[Hours, ...]],
    dated: dict[date, tuple[Stretch, ...] | None],
) -> dict[date, tuple[Hours, ...]]:
    """Whole days that differ from the week. A closed day stays closed, and lends no night shift
    to the day after."""

    def begins(day: date) -> tuple[Stretch, ...]:
        return (dated[day] or ()) if day in dated else own[day.weekday()]

    result: dict[date, tuple[Hours, ...]] = {}
    for day in {*dated, *(day + timedelta(days=1) for day in dated)}:
        if day in dated and dated[day] is None:
            result[day] = ()
            continue
        hours = _day(begins(day), begins(day - timedelta(days=1)))
        if day in dated or hours != week[day.weekday()]:
            result[day] = hours
    return dict(sorted(result.items()))
