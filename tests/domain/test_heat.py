from datetime import UTC, datetime, timedelta

import pytest

from modtui.domain.heat import Pace, Rates, Told, heat, pace, running, windows
from modtui.domain.model import Restriction

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_a_pile_on_cools_down_by_itself() -> None:
    times = tuple(ago(s) for s in (50, 40, 30, 5))
    assert heat(80, times, NOW) == 4
    assert heat(80, times, NOW + timedelta(seconds=15)) == 3
    assert heat(80, times, NOW + timedelta(seconds=25)) == 0


@pytest.mark.parametrize(("flags", "lately"), [(4, 4), (80, 2), (80, 0)])
def test_few_flags_or_slow_ones_are_no_pile_on(flags: int, lately: int) -> None:
    assert heat(flags, (NOW,) * lately, NOW) == 0


def slow(since: float, until: float | None = None, *, ours: bool = True) -> Restriction:
    end = None if until is None else NOW + timedelta(seconds=until)
    return Restriction("slow", 900, ago(since), end, ours=ours)


def test_a_restriction_of_ours_is_measured_against_the_ten_minutes_before_it() -> None:
    found = pace((Told(posts=10), Told(120, 120)), slow(1200), NOW)
    assert found == Pace(Rates(1.0, 0.0), Rates(12.0, 12.0), settled=True)


def test_nothing_is_said_to_be_settled_within_the_first_minute() -> None:
    found = pace((Told(1), Told()), slow(30), NOW)
    assert not found.settled
    assert found.before == Rates(0.0, 0.0)


@pytest.mark.parametrize("what", [None, slow(60, ours=False), slow(60, until=-1)])
def test_what_is_not_ours_or_over_is_not_measured(what: Restriction | None) -> None:
    assert not running(what, NOW)
    assert len(windows(what, NOW)) == 1
    assert pace((Told(20),), what, NOW) == Pace(Rates(2.0, 0.0))
