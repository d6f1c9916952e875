"""Working hours against a brute-force reading of the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.hours import Calendar, Hours, always
from tests.domain.calendars import (
    MINUTE,
    ZONES,
    calendars,
    changes,
    hours,
    minutes,
    moment,
    weekdays,
)

HOUR = timedelta(hours=1)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 20)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
SHIFTS = (
    hours("09:00-13:00", "14:00-18:00"),
    hours("00:00-24:00"),
    hours("00:00-02:30", "22:00-24:00"),
    hours("01:15-01:45", "02:30-03:10", "23:30-24:00"),
)


@pytest.mark.parametrize("zone", ZONES)
def test_every_clock_change_of_five_years_counts_like_the_clock_on_the_wall(zone: str) -> None:
    shifts = [Calendar("c", zone, (shift,) * 7) for shift in SHIFTS]
    for index, change in enumerate(changes(zone, 2026, 2030)):
        calendar = shifts[index % len(shifts)]
        start = change - 14 * HOUR
        for at, worked in minutes(calendar, start, change + 16 * HOUR):
            assert calendar.working(start, at) == worked * MINUTE, at


def test_the_zones_do_change_their_clocks() -> None:
    assert sum(1 for zone in ZONES for _ in changes(zone, 2026, 2030)) >= 90


@settings(max_examples=60, deadline=None)
@given(calendars(), STARTS, st.integers(1, 4 * 1440))
def test_working_adds_up_like_minutes_on_the_wall(
    calendar: Calendar, start: datetime, length: int
) -> None:
    end = start + length * MINUTE
    *_, (_, worked) = minutes(calendar, start, end)
    assert calendar.working(start, end) == worked * MINUTE
    assert calendar.working(end, start) == -worked * MINUTE
    pieces = calendar.intervals(start, end)
    assert sum((b - a for a, b in pieces), timedelta(0)) == worked * MINUTE
    edges = [edge for piece in pieces for edge in piece]
    assert edges == sorted(set(edges))


@settings(max_examples=150, deadline=None)
@given(calendars(), STARTS, st.integers(1, 3000))
def test_add_returns_the_earliest_moment(calendar: Calendar, start: datetime, amount: int) -> None:
    due = calendar.add(start, amount * MINUTE)
    assert calendar.working(start, due) == amount * MINUTE
    assert calendar.working(start, due - timedelta(microseconds=1)) < amount * MINUTE


@settings(max_examples=150, deadline=None)
@given(calendars(), STARTS)
def test_opens_at_is_the_end_of_a_closed_stretch(calendar: Calendar, at: datetime) -> None:
    opens = calendar.opens_at(at)
    if opens is None:
        assert calendar.working(at, at + MINUTE) == MINUTE
    else:
        assert calendar.working(at, opens) == timedelta(0)
        assert calendar.working(opens, opens + MINUTE) == MINUTE


@settings(max_examples=100, deadline=None)
@given(calendars(), STARTS, st.integers(0, 900_000), st.integers(0, 900_000))
def test_working_is_additive_over_years(
    calendar: Calendar, start: datetime, first: int, second: int
) -> None:
    middle = start + first * MINUTE
    end = middle + second * MINUTE
    whole = calendar.working(start, end)
    assert whole == calendar.working(start, middle) + calendar.working(middle, end)


def test_friday_late_afternoon_goes_on_on_monday() -> None:
    calendar = weekdays("09:00-17:00")
    due = calendar.add(moment("2026-11-20 16:30"), HOUR)
    assert due == moment("2026-11-23 09:30")


def test_a_target_used_up_at_closing_time_is_due_at_closing_time() -> None:
    calendar = weekdays("09:00-17:00")
    assert calendar.add(moment("2026-11-20 16:00"), HOUR) == moment("2026-11-20 17:00")


def test_lunch_is_not_worked() -> None:
    calendar = weekdays("09:00-13:00", "14:00-18:00", zone="Europe/Warsaw")
    assert calendar.add(moment("2026-11-20 11:30"), HOUR) == moment("2026-11-20 13:30")


def test_always_counts_23_and_25_hours_on_the_days_that_have_them() -> None:
    calendar = Calendar("c", "Europe/Warsaw", (hours("00:00-24:00"),) * 7)
    assert calendar.working(moment("2026-03-28 23:00"), moment("2026-03-29 22:00")) == 23 * HOUR
    assert calendar.working(moment("2026-10-24 22:00"), moment("2026-10-25 23:00")) == 25 * HOUR


def test_a_working_day_is_eight_hours_on_a_day_of_23_hours() -> None:
    calendar = Calendar("c", "Europe/Warsaw", (hours("09:00-17:00"),) * 7)
    assert calendar.working(moment("2026-03-28 23:00"), moment("2026-03-29 22:00")) == 8 * HOUR


def test_dated_hours_replace_the_day_and_count_as_holiday() -> None:
    week = (hours("09:00-17:00"),) * 7
    dated = {date(2026, 12, 24): hours("09:00-12:00"), date(2026, 12, 25): ()}
    calendar = Calendar("c", "Asia/Almaty", week, dated)
    start, end = moment("2026-12-23 19:00"), moment("2026-12-26 19:00")
    assert calendar.working(start, end) == 11 * HOUR
    assert calendar.holiday(moment("2026-12-24 18:30"))
    assert not calendar.holiday(moment("2026-12-25 19:30"))
    assert calendar.opens_at(moment("2026-12-24 18:30")) == moment("2026-12-26 04:00")


def test_always_is_one_piece_across_new_year() -> None:
    start, end = moment("2026-12-30 00:00"), moment("2027-01-02 00:00")
    assert always().intervals(start, end) == ((start, end),)


def test_a_target_used_up_at_the_end_of_the_year_is_due_then() -> None:
    thursdays = Calendar("c", "UTC", ((), (), (), hours("00:00-24:00"), (), (), ()))
    assert thursdays.add(moment("2026-12-31 23:00"), HOUR) == moment("2027-01-01 00:00")


def test_moments_in_another_zone_are_the_same_moments() -> None:
    calendar = weekdays("09:00-17:00")
    almaty = moment("2026-12-31 20:30").astimezone(ZoneInfo("Asia/Almaty"))
    assert calendar.add(almaty, HOUR) == calendar.add(moment("2026-12-31 20:30"), HOUR)


@pytest.mark.parametrize(
    ("week", "zone"),
    [
        (((),) * 7, "UTC"),
        ((hours("09:00-17:00"),) * 6, "UTC"),
        (((Hours(time(22), time(2)),),) * 7, "UTC"),
        ((hours("09:00-17:00"),) * 7, "Europe/Atlantis"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(week: tuple[tuple[Hours, ...]], zone: str) -> None:
    with pytest.raises(ValueError, match="calendar odd"):
        Calendar("odd", zone, week)


def test_time_is_not_taken_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        always().add(moment("2026-11-20 09:00"), -HOUR)


def test_a_year_of_what_never_closes_is_made_without_a_look_at_its_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked(*args: object) -> None:
        raise AssertionError(f"looked at the days of {args}")

    monkeypatch.setattr(Calendar, "_local", looked)
    calendar = Calendar("c", "Asia/Almaty", (hours("00:00-24:00"),) * 7)
    start = moment("2026-12-31 12:00")
    assert calendar.add(start, 24 * HOUR) == start + 24 * HOUR
    assert calendar.opens_at(start) is None
    dated = Calendar("c", "UTC", calendar.week, {date(2026, 12, 25): ()})
    with pytest.raises(AssertionError):
        dated.add(start, HOUR)
