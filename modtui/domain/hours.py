"""Working hours: when an answer can be expected, in UTC, whatever the zone does."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from modtui.domain.frozen import dataclass

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_LATEST = "latest"
_NEVER = (_EPOCH, _EPOCH)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """One open interval of a local day, end exclusive; `end` None means midnight (24:00)."""

    start: time
    end: time | None


_WHOLE_DAY = (Hours(time(0), None),)


@dataclass(frozen=True, slots=True)
class _Year:
    """The open pieces of one UTC year in microseconds since 1970, with their prefix sums."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def until(self, moment: int) -> int:
        """Return the working microseconds of this year before `moment`."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        return self.before[index] + min(moment, self.ends[index]) - self.starts[index]


@dataclasses.dataclass(frozen=True)
class Calendar:
    """A calendar of open intervals. `week` has seven entries, Monday first.

    A moment is open when the clock on the wall of `zone` shows a time inside an interval: an hour
    that a zone skips is not worked, one that it repeats is worked twice. `dated` replaces a whole
    local day: an empty tuple is closed. Built by config; a calendar with no open interval in its
    week, an interval that ends before it starts or an unknown zone raises ValueError.
    """

    name: str
    zone: str
    week: tuple[tuple[Hours, ...], ...]
    dated: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)
    # The open interval that was asked for last: what starts and ends in it needs no search.
    _latest: dict[str, tuple[datetime, datetime]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError(f"calendar {self.name}: no open interval in its week")
        for hours in (*self.week, *self.dated.values()):
            for interval in hours:
                if interval.end is not None and interval.end <= interval.start:
                    raise ValueError(f"calendar {self.name}: {interval} ends before it starts")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"calendar {self.name}: no time zone {self.zone!r}") from error

    def working(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time in [start, end); negative if end < start."""
        if end < start:
            return -self.working(end, start)
        opened, closed = self._latest.get(_LATEST, _NEVER)
        if opened <= start and end <= closed:
            return end - start
        year, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        amount = self._year(last).until(_micros(end)) - self._year(year).until(_micros(start))
        while year < last:
            amount += self._year(year).total
            year += 1
        return timedelta(microseconds=amount)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment at which `amount` of working time has passed since start.

        Raises ValueError for a negative amount.
        """
        if amount <= _NOTHING:
            if amount:
                raise ValueError("working time is added forward only")
            return start
        opened, closed = self._latest.get(_LATEST, _NEVER)
        if opened <= start < closed and amount <= closed - start:
            return (start if start.tzinfo is UTC else start.astimezone(UTC)) + amount
        year = start.astimezone(UTC).year
        block = self._year(year)
        self._remember(block, _micros(start))
        need = block.until(_micros(start)) + amount // _MICROSECOND
        while need > block.total:
            need -= block.total
            year += 1
            block = self._year(year)
        index = bisect_left(block.before, need) - 1
        return _moment(block.starts[index] + need - block.before[index])

    def opens_at(self, at: datetime) -> datetime | None:
        """Return None if open at `at`, else when it opens next."""
        opened, closed = self._latest.get(_LATEST, _NEVER)
        if opened <= at < closed:
            return None
        year, moment = at.astimezone(UTC).year, _micros(at)
        block = self._year(year)
        index = bisect_right(block.starts, moment) - 1
        if index >= 0 and moment < block.ends[index]:
            self._remember(block, moment)
            return None
        index += 1
        while index >= len(block.starts):
            year, index = year + 1, 0
            block = self._year(year)
        return _moment(block.starts[index])

    def intervals(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open UTC intervals within [start, end), in order."""
        first, last = _micros(start), _micros(end)
        pieces: list[tuple[int, int]] = []
        for year in range(start.astimezone(UTC).year, end.astimezone(UTC).year + 1):
            block = self._year(year)
            index = max(bisect_right(block.starts, first) - 1, 0)
            while index < len(block.starts) and block.starts[index] < last:
                piece = (max(block.starts[index], first), min(block.ends[index], last))
                if piece[0] < piece[1]:
                    pieces.append(piece)
                index += 1
        return tuple((_moment(a), _moment(b)) for a, b in _merged(pieces))

    def holiday(self, at: datetime) -> bool:
        """Return whether the local day of `at` has a dated exception."""
        return bool(self.dated) and at.astimezone(ZoneInfo(self.zone)).date() in self.dated

    def midnight_after(self, at: datetime) -> datetime:
        """Return when the local day after that of `at` begins."""
        zone = ZoneInfo(self.zone)
        day = at.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(day, time(0), zone).astimezone(UTC)

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._build(year)
        return known

    def _remember(self, block: _Year, moment: int) -> None:
        index = bisect_right(block.starts, moment) - 1
        if index >= 0 and moment < block.ends[index]:
            self._latest[_LATEST] = (_moment(block.starts[index]), _moment(block.ends[index]))

    def _build(self, year: int) -> _Year:
        first = _micros(datetime(year, 1, 1, tzinfo=UTC))
        last = _micros(datetime(year + 1, 1, 1, tzinfo=UTC))
        if not self.dated and all(hours == _WHOLE_DAY for hours in self.week):
            # Days and zones make no difference to what never closes; a desk starts with it.
            return _Year([first], [last], [0], last - first)
        pieces: list[tuple[int, int]] = []
        for start, end, offset in _offsets(ZoneInfo(self.zone), first, last):
            for opened, closed in self._local(start + offset, end + offset):
                piece = (max(opened - offset, start), min(closed - offset, end))
                if piece[0] < piece[1]:
                    pieces.append(piece)
        starts, ends, before, total = [], [], [], 0
        for opened, closed in _merged(sorted(pieces)):
            starts.append(opened)
            ends.append(closed)
            before.append(total)
            total += closed - opened
        return _Year(starts, ends, before, total)

    def _local(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the intervals of every local day that touches [start, end), as wall time."""
        for day in range(start // _DAY, (end - 1) // _DAY + 1):
            on = date.fromordinal(day + _EPOCH_DAY)
            for interval in self.dated.get(on, self.week[on.weekday()]):
                closes = _DAY if interval.end is None else _of_day(interval.end)
                yield day * _DAY + _of_day(interval.start), day * _DAY + closes


def always(name: str = "always") -> Calendar:
    """Return the calendar that never closes."""
    return Calendar(name, "UTC", (_WHOLE_DAY,) * 7)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + _MICROSECOND * micros


def _of_day(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * _SECOND


def _merged(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted `pieces` with those that touch or overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in pieces:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _offsets(zone: ZoneInfo, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, offset) of each stretch of [first, last) with one UTC offset."""

    def offset(moment: int) -> int:
        return (_moment(moment).astimezone(zone).utcoffset() or timedelta(0)) // _MICROSECOND

    start, here = first, offset(first)
    for day in range(first + _DAY, last + _DAY, _DAY):
        if offset(min(day, last)) == here:
            continue
        low, high = day - _DAY, min(day, last)
        while high - low > _SECOND:
            middle = (low + high) // (2 * _SECOND) * _SECOND
            low, high = (middle, high) if offset(middle) == here else (low, middle)
        yield start, high, here
        start, here = high, offset(high)
    if start < last:
        yield start, last, here
