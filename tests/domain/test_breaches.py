"""Breaches: found at their true moment, kept once they are told."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.model import ClockKind, EventKind
from modtui.domain.sla import clocks, new_breaches, standing
from tests.domain.calendars import weekdays
from tests.domain.histories import (
    HOUR,
    LATER,
    POLICY,
    at,
    breach,
    clock_of,
    event,
    flag,
    post,
    reply,
    resolved,
)

FIRST = ClockKind.FIRST_RESPONSE
RESOLUTION = ClockKind.RESOLUTION


def test_a_breach_is_recorded_once_at_its_true_moment_whenever_one_looks() -> None:
    events = [flag("10:00")]
    assert new_breaches(events, POLICY, at("11:59")) == ()
    found = new_breaches(events, POLICY, at("19:00"))
    assert found == (breach(FIRST, at("12:00")),)
    assert new_breaches([*events, *found], POLICY, at("20:00")) == ()
    assert new_breaches([*events, reply("19:30"), *found], POLICY, at("20:00")) == ()


def test_an_answer_on_the_deadline_is_in_time() -> None:
    events = [flag("10:00"), reply("12:00")]
    assert new_breaches(events, POLICY, at("13:00")) == ()
    assert clock_of(events, FIRST, at("13:00")).breached_at is None


def test_a_deadline_reached_when_the_pause_began_is_behind_it() -> None:
    events = [flag("10:00"), reply("10:00", 21), post("15:00", 21)]
    clock = clock_of(events, ClockKind.RESOLUTION, at("15:00", 21))
    assert (clock.due_at, clock.breached_at) == (at("10:00", 21), at("15:00", 21))


def test_a_late_answer_does_not_erase_the_breach() -> None:
    events = [flag("10:00"), reply("12:01")]
    assert new_breaches(events, POLICY, at("13:00")) == (breach(FIRST, at("12:00")),)
    assert clock_of(events, FIRST, at("13:00")).breached_at == at("12:00")


def test_every_exchange_breaches_for_itself() -> None:
    policy = replace(POLICY, resolution=None)
    events = [flag("00:00"), reply("01:00"), post("02:00"), reply("07:00"), post("08:00")]
    found = new_breaches(events, policy, at("13:00"))
    assert [b.at for b in found] == [at("06:00"), at("12:00")]
    assert new_breaches([*events, *found], policy, at("13:00")) == ()


def test_a_target_used_up_at_closing_time_is_late_when_the_desk_opens_again() -> None:
    policy = replace(POLICY, calendar=weekdays("09:00-17:00"))
    events = [flag("15:00")]
    assert new_breaches(events, policy, at("12:00", 21)) == ()
    stands = standing(events, policy, at("12:00", 21))
    assert (stands.due_at, stands.breached_at) == (at("17:00"), None)
    assert stands.resumes_at == at("09:00", 23)
    assert new_breaches([*events, reply("12:00", 21)], policy, LATER) == ()
    assert new_breaches(events, policy, at("09:00", 23)) == (breach(FIRST, at("09:00", 23)),)


def test_a_breach_before_the_first_complete_sync_is_inherited() -> None:
    events = [flag("10:00")]
    assert standing(events, POLICY, at("13:00"), at("12:30")).inherited
    assert standing(events, POLICY, at("13:00"), None).inherited
    assert not standing(events, POLICY, at("13:00"), at("11:00")).inherited
    assert not standing(events, POLICY, at("11:00"), at("10:30")).inherited


def test_a_finished_cycle_keeps_its_result_under_a_new_policy() -> None:
    events = [flag("10:00"), reply("11:30"), resolved("11:40"), flag("15:00")]
    tight = replace(POLICY, first_response=HOUR)
    assert clocks(events, tight, at("15:10"))[0].breached_at is None
    assert new_breaches(events, tight, at("15:10")) == ()


def test_a_clock_that_stopped_before_the_edit_keeps_its_result() -> None:
    changed = event(EventKind.TARGET_CHANGED, "11:45")
    events = [flag("10:00"), reply("11:30"), changed, post("12:00")]
    tight = replace(POLICY, first_response=HOUR)
    assert clock_of(events, FIRST, at("12:10"), tight).breached_at is None
    assert new_breaches(events, tight, at("12:10")) == ()


def test_a_recorded_breach_is_never_withdrawn() -> None:
    events = [flag("10:00"), breach(FIRST, at("12:00")), reply("13:00"), resolved("13:05")]
    loose = replace(POLICY, first_response=9 * HOUR)
    assert clocks(events, loose, LATER)[0].breached_at == at("12:00")
    assert standing(events[:2], loose, at("12:30")).due_at == at("19:00")
    assert standing(events[:2], loose, at("12:30")).breached_at == at("12:00")
