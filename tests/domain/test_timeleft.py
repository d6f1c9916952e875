"""The time-left column: seven cells, whatever is left."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.hours import always
from modtui.domain.model import Band, ClockKind, Standing
from modtui.domain.timeleft import Left, lane_left, left, left_text, left_words
from tests.domain.calendars import moment, weekdays

DUE = moment("2026-11-20 12:00")
STANDING = Standing(ClockKind.FIRST_RESPONSE, due_at=DUE, soon_at=DUE - timedelta(minutes=24))
OFFICE = weekdays("09:00-17:00")


def text(now: datetime, standing: Standing = STANDING) -> str:
    return left_text(left(standing, always(), now), "Asia/Almaty")


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("26:05:00", "26h05m"), ("2:05:59", "2h05m"), ("1:00:00", "1h00m"), ("0:59:59", "59m"),
        ("0:38:00", "38m"), ("0:10:00", "10m"), ("0:09:59", "9:59"), ("0:09:42", "9:42"),
        ("0:00:07", "0:07"), ("0:00:00", "0:00"), ("-0:00:01", "!-1m"), ("-0:12:30", "!-12m"),
        ("-1:05:00", "!-1h05m"), ("-26:10:00", "!-26h"), ("-300:00:00", "!-12d"),
        ("2400:00:00", "100d"),
    ],
)  # fmt: skip
def test_the_text_before_and_after_the_deadline(before: str, shown: str) -> None:
    hours, minutes, seconds = (int(part) for part in before.lstrip("-").split(":"))
    amount = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert text(DUE + amount if before.startswith("-") else DUE - amount) == shown


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_it_never_takes_more_than_seven_cells(amount: timedelta) -> None:
    shown = text(DUE - amount)
    assert 1 <= len(shown) <= 7
    assert shown.startswith("!") is (amount < timedelta(0))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (900, "NOW 15m"), (779, "NOW 12m"), (540, "NOW 9m"), (59, "NOW 59s"), (0, "NOW 0s"),
        (-1, "NOW!1m"), (-119, "NOW!1m"), (-720, "NOW!12m"), (-3 * 3600, "NOW!3h"),
        (-5 * 86400, "NOW!5d"),
    ],
)  # fmt: skip
def test_in_the_lane_the_wall_clock_is_told(seconds: int, shown: str) -> None:
    value = lane_left(DUE, DUE - timedelta(seconds=seconds))
    assert left_text(value, "Asia/Almaty") == shown
    assert (value.band is Band.BREACHED) is (seconds < 0)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_the_lane_takes_seven_cells_too_and_a_mark_when_it_is_late(amount: timedelta) -> None:
    shown = left_text(lane_left(DUE, DUE - amount), "UTC")
    assert len(shown) <= 7
    assert shown.startswith("NOW")
    assert ("!" in shown) is (amount < timedelta(0))


def test_the_bands() -> None:
    minute = timedelta(minutes=1)
    assert left(STANDING, always(), DUE - 25 * minute).band is Band.OK
    assert left(STANDING, always(), DUE - 24 * minute).band is Band.SOON
    assert left(STANDING, always(), DUE).band is Band.SOON
    late = left(STANDING, always(), DUE + 12 * minute)
    assert late == Left(Band.BREACHED, -720, 12 * minute, None, None)


def test_off_hours_say_when_the_desk_opens_in_the_moderator_s_zone() -> None:
    standing = Standing(ClockKind.FIRST_RESPONSE, due_at=moment("2026-11-23 10:00"))
    value = left(standing, OFFICE, moment("2026-11-23 02:00"))
    assert value == Left(Band.OK, 3600, None, moment("2026-11-23 09:00"), None)
    assert left_text(value, "Europe/Warsaw") == "@10:00"
    assert left_text(value, "Asia/Almaty") == "@14:00"


def test_a_desk_that_opens_in_a_day_or_more_names_the_day() -> None:
    standing = Standing(ClockKind.FIRST_RESPONSE, due_at=moment("2026-11-23 10:00"))
    friday = left(standing, OFFICE, moment("2026-11-20 20:00"))
    assert left_text(friday, "Europe/Warsaw") == "@23 Nov"
    assert left_words(friday, "Europe/Warsaw") == "opens 23 Nov 10:00"
    just = left(standing, OFFICE, moment("2026-11-22 09:00"))
    assert left_text(just, "UTC") == "@23 Nov"
    assert left_text(left(standing, OFFICE, moment("2026-11-22 09:01")), "UTC") == "@09:00"


def test_a_snooze_of_a_day_or_more_names_the_day() -> None:
    snoozed = Standing(ClockKind.RESOLUTION, resumes_at=moment("2026-11-23 09:30"))
    value = left(snoozed, always(), moment("2026-11-20 12:00"))
    assert left_text(value, "Asia/Almaty") == "z23 Nov"
    assert left_words(value, "Asia/Almaty") == "snoozed until 23 Nov 14:30"


def test_lateness_is_working_time_beside_calendar_time() -> None:
    value = left(STANDING, OFFICE, moment("2026-11-23 10:00"))
    assert value.seconds == -6 * 3600
    assert value.over == timedelta(days=2, hours=22)
    assert left_text(value, "UTC") == "!-6h00m"


def test_a_deadline_at_closing_time_is_not_late_while_the_desk_is_closed() -> None:
    standing = Standing(ClockKind.FIRST_RESPONSE, due_at=moment("2026-11-20 17:00"))
    value = left(standing, OFFICE, moment("2026-11-21 10:00"))
    assert (value.band, value.seconds) == (Band.OK, 0)
    assert left_text(value, "UTC") == "@23 Nov"
    assert left(standing, OFFICE, moment("2026-11-23 09:01")).band is Band.BREACHED


def test_waiting_and_snoozed_stand_still() -> None:
    assert text(DUE, Standing(ClockKind.NEXT_RESPONSE)) == "wait"
    snoozed = Standing(ClockKind.RESOLUTION, resumes_at=moment("2026-11-20 09:30"))
    assert text(DUE, snoozed) == "z14:30"
    assert left(snoozed, always(), DUE).band is Band.PAUSED


def test_without_a_clock_nothing_shows() -> None:
    assert text(DUE, Standing()) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Left(Band.BREACHED, -720, timedelta(minutes=12), None, None), "late 12m"),
        (Left(Band.OK, 2280, None, None, None), "time left 38m"),
        (Left(Band.OK, 3600, None, moment("2026-11-23 09:00"), None), "opens 09:00"),
        (Left(Band.PAUSED, None, None, None, moment("2026-11-23 14:30")), "snoozed until 14:30"),
        (Left(Band.PAUSED, None, None, None, None), "waits for its author"),
        (Left(Band.OK, None, None, None, None), ""),
        (Left(Band.SOON, 300, None, None, None, lane=True), "NOW 5m"),
    ],
)
def test_a_text_for_others_has_no_marks(value: Left, words: str) -> None:
    assert left_words(value, "UTC") == words
