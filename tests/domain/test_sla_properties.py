"""Clocks over any calendar and any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.hours import Calendar
from modtui.domain.model import ClockKind, Event, EventKind
from modtui.domain.sla import Policy, clocks, new_breaches, standing
from tests.domain.calendars import MINUTE, calendars, is_open, moment
from tests.domain.histories import (
    POLICY,
    clock_of,
)

RESOLUTION = ClockKind.RESOLUTION


KINDS = st.sampled_from([k for k in EventKind if k is not EventKind.BREACHED])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 900), st.integers(0, 3)), max_size=12)
START = moment("2027-03-25 08:00")


def history(steps: list[tuple[EventKind, int, int]]) -> list[Event]:
    when, events = START, [Event(EventKind.FLAGGED, START, "x")]
    for kind, wait, choice in steps:
        when += wait * MINUTE
        until = (when + 400 * MINUTE).isoformat()
        detail = (
            ("until", until), ("finishes", choice % 2), ("sanction", ("ban", "warn")[choice % 2]),
            ("then", ("wait", "done", "open", None)[choice]),
        )  # fmt: skip
        events.append(Event(kind, when, "x", detail))
    return events


@settings(max_examples=200, deadline=None)
@given(calendars(), STEPS, st.integers(0, 4000))
def test_the_ledger_sums_to_the_clock_and_has_no_hole(
    calendar: Calendar, steps: list[tuple[EventKind, int, int]], wait: int
) -> None:
    events = history(steps)
    now = events[-1].at + wait * MINUTE
    for clock in clocks(events, replace(POLICY, calendar=calendar), now):
        assert sum((line.counted for line in clock.ledger), timedelta(0)) == clock.elapsed
        edges = [clock.started_at, *(line.end for line in clock.ledger)]
        assert [line.start for line in clock.ledger] == edges[:-1]
        assert edges[-1] == (clock.stopped_at or now)
        for line in clock.ledger:
            counts = line.end - line.start if line.cause == "counted" else timedelta(0)
            assert line.counted == counts


@settings(max_examples=200, deadline=None)
@given(calendars(), STEPS, st.integers(0, 4000))
def test_a_deadline_is_where_the_target_is_used_up(
    calendar: Calendar, steps: list[tuple[EventKind, int, int]], wait: int
) -> None:
    events = history(steps)
    now = events[-1].at + wait * MINUTE
    policy = replace(POLICY, calendar=calendar)
    running = [c for c in clocks(events, policy, now) if c.due_at]
    for clock in running:
        assert clock.due_at is not None
        left = calendar.working(now, clock.due_at)
        assert left == clock.target - clock.elapsed or clock.due_at < now
        assert (clock.breached_at is not None) >= (clock.elapsed > clock.target)
        if clock.elapsed < clock.target:
            assert clock.breached_at is None
    stands = standing(events, policy, now)
    assert stands.due_at == min((c.due_at for c in running if c.due_at), default=None)


@settings(max_examples=100, deadline=None)
@given(calendars(), STEPS, st.integers(0, 4000), st.integers(0, 4000))
def test_looking_twice_records_what_looking_once_does(
    calendar: Calendar, steps: list[tuple[EventKind, int, int]], first: int, second: int
) -> None:
    events, policy = history(steps), replace(POLICY, calendar=calendar)
    early = events[-1].at + first * MINUTE
    late = early + second * MINUTE
    seen = new_breaches(events, policy, early)
    more = new_breaches([*events, *seen], policy, late)
    assert sorted([*seen, *more], key=str) == sorted(new_breaches(events, policy, late), key=str)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(1, 900), st.integers(1, 900), st.integers(1, 900))
def test_elapsed_is_the_open_minutes_in_which_nobody_waited(
    calendar: Calendar, first: int, second: int, third: int
) -> None:
    answered = START + first * MINUTE
    written = answered + second * MINUTE
    now = written + third * MINUTE
    events = [
        Event(EventKind.FLAGGED, START, "x"),
        Event(EventKind.STAFF_REPLY, answered, "mod-a"),
        Event(EventKind.AUTHOR_POST, written, "x"),
    ]
    runs = [START + n * MINUTE for n in range(first)]
    runs += [written + n * MINUTE for n in range(third)]
    worked = sum(is_open(calendar, minute) for minute in runs)
    clock = clock_of(events, RESOLUTION, now, replace(POLICY, calendar=calendar))
    assert clock.elapsed == worked * MINUTE


BEGINNINGS = st.sampled_from((EventKind.FLAGGED, EventKind.AUTHOR_POST, EventKind.SENSITIVE))
TARGETS = st.one_of(st.none(), st.integers(0, 3000).map(lambda minutes: minutes * MINUTE))


@settings(max_examples=300, deadline=None)
@given(
    calendars(),
    st.tuples(TARGETS, TARGETS, st.sampled_from(((), (0.5, 0.8), (1.5,)))),
    st.lists(st.tuples(BEGINNINGS, st.integers(-500, 500)), max_size=4),
    st.tuples(st.integers(-100, 6000), st.one_of(st.none(), st.integers(-100, 6000))),
)
def test_a_thread_that_only_began_stands_as_the_fold_over_it_says(
    calendar: Calendar,
    promised: tuple[timedelta | None, timedelta | None, tuple[float, ...]],
    later: list[tuple[EventKind, int]],
    moments: tuple[int, int | None],
) -> None:
    first, resolution, warn_at = promised
    policy = Policy("p", calendar, first, None, resolution, warn_at)
    events = [Event(EventKind.FLAGGED, START, "x")]
    events += [Event(kind, START + wait * MINUTE, "x") for kind, wait in later]
    events.sort(key=lambda event: event.at)
    # A claim moves no clock, but it is nothing that a thread begins with: the fold is asked.
    folded = [*events, Event(EventKind.CLAIMED, events[-1].at, "x")]
    now, complete = (None if m is None else START + m * MINUTE for m in moments)
    assert now is not None
    assert standing(events, policy, now, complete) == standing(folded, policy, now, complete)
    assert new_breaches(events, policy, now) == new_breaches(folded, policy, now)
