"""What became of a thread, by its events."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain import stories
from modtui.domain.cycles import counted
from modtui.domain.hours import always
from modtui.domain.model import ELSEWHERE, ClockKind
from modtui.domain.sla import clocks
from modtui.domain.stories import Outcome, split, tell
from tests.domain.calendars import weekdays
from tests.domain.histories import POLICY
from tests.domain.nights import K, at, breached, did, flagged, minutes
from tests.domain.test_sla_properties import STEPS, history

CYCLES = st.integers(1, 2)
HOURS = st.integers(1, 9).map("0{}:00".format)


def outcomes(*events: object) -> list[Outcome]:
    return [cycle.outcome for cycle in tell(events, always()).cycles]


def test_each_cycle_has_one_outcome() -> None:
    gone = (did(K.HIDDEN, "01:10", finishes=0), did(K.DISMISSED, "01:10"))
    assert outcomes(flagged("01:00")) == [Outcome.OPEN]
    assert outcomes(flagged("01:00"), *gone) == [Outcome.REMOVED]
    assert outcomes(flagged("01:00"), did(K.DISMISSED, "01:10")) == [Outcome.KEPT]
    assert outcomes(flagged("01:00"), did(K.STAFF_REPLY, "01:10")) == [Outcome.ANSWERED]
    assert outcomes(flagged("01:00"), did(K.RESOLVED, "01:10")) == [Outcome.CLOSED]
    closed = did(K.RESOLVED, "01:10", ELSEWHERE)
    assert outcomes(flagged("01:00"), closed) == [Outcome.ELSEWHERE]
    alone = did(K.STAFF_REPLY, "01:10", audience="author")
    assert outcomes(flagged("01:00"), alone) == [Outcome.OPEN]


def test_a_reopened_thread_tells_two_cycles_even_within_one_moment() -> None:
    story = tell(
        [flagged("01:00"), did(K.RESOLVED, "01:10"), did(K.AUTHOR_POST, "01:10", "Nina"),
         did(K.STAFF_REPLY, "01:30", "mod-b")], always(),
    )  # fmt: skip
    first, second = story.cycles
    assert (first.outcome, first.responder, first.response) == (
        Outcome.CLOSED, "mod-a", minutes(10),
    )  # fmt: skip
    assert (second.outcome, second.responder, second.response) == (
        Outcome.ANSWERED, "mod-b", minutes(20),
    )  # fmt: skip
    assert (first.resolved_at, second.resolved_at) == (at("01:10"), None)


def test_what_was_undone_is_told_as_undone_alone() -> None:
    story = tell(
        [flagged("01:00"), did(K.RESOLVED, "01:10", batch="b1"),
         did(K.UNDONE, "01:11", batch="b1")], always(),
    )  # fmt: skip
    assert [cycle.outcome for cycle in story.cycles] == [Outcome.OPEN]
    assert story.undone == (at("01:11"),)
    assert story.deeds == ()


def test_who_held_it_and_who_came_first() -> None:
    story = tell(
        [flagged("01:00"), did(K.CLAIMED, "01:05", "mod-a"), did(K.TAKEN_OVER, "01:20", "mod-b"),
         did(K.RELEASED, "01:40", "mod-b")], always(),
    )  # fmt: skip
    held = [story.holder(at(clock)) for clock in ("01:04", "01:05", "01:30", "01:40")]
    assert held == ["", "mod-a", "mod-b", ""]
    came = story.first_present(at("01:10"))
    assert came is not None
    assert came.by == "mod-b"


def test_an_escalation_is_taken_up_by_somebody_else() -> None:
    handed = did(K.ESCALATED, "01:10", "mod-a", team="payments")
    mine = did(K.STAFF_NOTE, "01:12", "mod-a")
    theirs = did(K.CLAIMED, "01:30", "mod-d")
    waiting = tell([flagged("01:00"), handed, mine], always()).cycles[0].escalation
    assert waiting is not None
    assert (waiting.team, waiting.acked_at) == ("payments", None)
    taken = tell([flagged("01:00"), handed, mine, theirs], always()).cycles[0].escalation
    assert taken is not None
    assert taken.acked_at == at("01:30")


def test_a_restriction_that_is_lifted_or_ends_by_itself_is_not_one_that_was_set() -> None:
    story = tell(
        [flagged("01:00"), did(K.RESTRICTED, "01:10", kind="slow", seconds=900),
         did(K.RESTRICTED, "01:40", kind="slow", seconds=0, batch="x:end"),
         did(K.RESTRICTED, "02:00", kind="read_only", on=1),
         did(K.RESTRICTED, "02:10", kind="read_only", on=0)], always(),
    )  # fmt: skip
    assert story.restricted == ((at("01:10"), "slow"), (at("02:00"), "read_only"))


def test_the_recorded_breach_is_told() -> None:
    story = tell([flagged("01:00"), breached("03:00"), did(K.STAFF_REPLY, "03:30")], always())
    assert story.cycles[0].late_at == at("03:00")
    assert story.cycles[0].response == minutes(150)


@given(st.lists(HOURS, min_size=1, max_size=4), st.lists(st.tuples(HOURS, st.booleans(), CYCLES)))
def test_of_a_thread_that_was_only_flagged_the_same_is_told(
    flags: list[str], late: list[tuple[str, bool, int]]
) -> None:
    events = [flagged(clock) for clock in flags]
    for clock, first, cycle in late:
        one = breached(clock, cycle=cycle)
        other = replace(one, detail=(("clock", ClockKind.RESOLUTION.value), ("cycle", cycle)))
        events.append(one if first else other)
    changed = did(K.TARGET_CHANGED, "09:30")
    assert tell(events, always()) == tell([*events, changed], always())


def test_no_clock_is_followed_for_a_thread_that_was_only_flagged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    followed: list[object] = []
    monkeypatch.setattr(stories, "follow", lambda events, now: followed.append(events))
    story = tell([flagged("01:00"), breached("03:00")], always())
    assert story.cycles[0].late_at == at("03:00")
    assert followed == []


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_a_story_has_the_cycles_and_the_working_time_of_the_clocks(steps: list[object]) -> None:
    events, calendar = history(steps), weekdays("09:00-17:00")
    told = tell(events, calendar)
    policy = POLICY.__class__("p", calendar, minutes(120), minutes(240), minutes(900))
    first = [c for c in clocks(events, policy, events[-1].at) if c.kind is ClockKind.FIRST_RESPONSE]
    assert len(split(counted(events))) == len(first)
    assert [c.started_at for c in told.cycles] == [c.started_at for c in first]
    assert [c.response_at for c in told.cycles] == [c.stopped_at for c in first]
    answered = [c for c in first if c.stopped_at]
    assert [c.response for c in told.cycles if c.response_at] == [c.elapsed for c in answered]
    assert all(c.responder for c in told.cycles if c.response_at)
