"""The three clocks: their definitions, and each wrong clock that others have shipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from modtui.domain.model import ClockKind, EventKind, Severity, Standing
from modtui.domain.sla import Matter, choose, clocks, new_breaches, standing
from tests.domain.calendars import MINUTE, weekdays
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

FIRST, NEXT = ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE
RESOLUTION = ClockKind.RESOLUTION
STOPS_NOTHING = (
    EventKind.STAFF_NOTE, EventKind.BOT_POST, EventKind.EDITED, EventKind.DELETED,
    EventKind.CLAIMED, EventKind.TAKEN_OVER, EventKind.RESTRICTED, EventKind.LOCKED,
    EventKind.ESCALATED,
)  # fmt: skip


def test_first_response_runs_from_the_first_flag_to_the_first_public_reply() -> None:
    events = [flag("10:00"), flag("10:30"), reply("11:15"), post("11:20"), reply("11:30")]
    clock = clock_of(events, FIRST, LATER)
    assert (clock.started_at, clock.stopped_at) == (at("10:00"), at("11:15"))
    assert clock.elapsed == 75 * MINUTE
    assert clock.breached_at is None
    assert clock.due_at is None


def test_posts_before_the_first_flag_start_nothing() -> None:
    events = [post("08:00"), reply("08:30"), flag("10:00")]
    assert clock_of(events, FIRST, LATER).started_at == at("10:00")
    assert standing(events, POLICY, at("10:05")).due_at == at("12:00")
    assert clocks(events[:2], POLICY, LATER) == ()
    assert standing(events[:2], POLICY, LATER) == Standing(policy="social")


def test_next_response_starts_at_the_oldest_unanswered_post() -> None:
    events = [flag("10:00"), reply("10:10"), post("10:20"), post("11:00"), post("12:00")]
    assert clock_of(events, NEXT, at("12:05")).started_at == at("10:20")
    assert standing(events, POLICY, at("12:05")).due_at == at("14:20")


def test_next_response_does_not_run_before_the_first_answer() -> None:
    kinds = {c.kind for c in clocks([flag("10:00"), post("10:20")], POLICY, at("10:30"))}
    assert kinds == {FIRST, RESOLUTION}


def test_an_answer_ends_the_exchange_and_the_next_post_starts_another() -> None:
    events = [flag("10:00"), reply("10:10"), post("10:20"), reply("10:50"), post("12:00")]
    runs = [c for c in clocks(events, POLICY, at("12:30")) if c.kind is NEXT]
    assert [(c.started_at, c.stopped_at) for c in runs] == [
        (at("10:20"), at("10:50")),
        (at("12:00"), None),
    ]


def test_the_clock_due_next_stands_in_the_queue() -> None:
    tight = replace(POLICY, resolution=HOUR)
    assert standing([flag("10:00")], POLICY, at("10:05")).clock is FIRST
    assert standing([flag("10:00")], tight, at("10:05")).clock is RESOLUTION


def test_soon_is_when_the_last_warning_fraction_is_used() -> None:
    now = at("10:05")
    assert standing([flag("10:00")], POLICY, now).soon_at == at("11:36")
    assert standing([flag("10:00")], replace(POLICY, warn_at=()), now).soon_at is None


def test_first_response_never_pauses() -> None:
    events = [
        flag("10:00"),
        event(EventKind.WAITING, "10:10"),
        event(EventKind.SNOOZED, "10:20", until="2026-11-20T20:00:00+00:00"),
    ]
    stands = standing(events, POLICY, at("10:30"))
    assert (stands.due_at, stands.resumes_at) == (at("12:00"), at("20:00"))
    assert clock_of(events, FIRST, at("11:00")).elapsed == HOUR


def test_resolution_pauses_while_waiting_on_the_author() -> None:
    events = [flag("10:00"), reply("11:00"), post("15:00")]
    clock = clock_of(events, RESOLUTION, at("16:00"))
    assert clock.elapsed == 2 * HOUR
    assert [line.cause for line in clock.ledger] == ["counted", "waiting on author", "counted"]
    assert clock.due_at == at("14:00", 21)


def test_waiting_has_no_deadline() -> None:
    stands = standing([flag("10:00"), reply("11:00")], POLICY, at("11:30"))
    assert stands == Standing(clock=NEXT, policy="social")


def test_a_snooze_pauses_and_says_when_it_resumes() -> None:
    until = "2026-11-20T14:30:00+00:00"
    events = [flag("10:00"), reply("10:10"), post("11:00")]
    events.append(event(EventKind.SNOOZED, "11:30", until=until))
    stands = standing(events, POLICY, at("12:00"))
    assert (stands.clock, stands.due_at, stands.resumes_at) == (NEXT, None, at("14:30"))
    clock = clock_of(events, NEXT, at("12:00"))
    assert (clock.paused, clock.resumes_at, clock.elapsed) == (True, at("14:30"), HOUR / 2)


def test_a_snooze_ends_at_its_time_even_if_nobody_was_there_to_wake_it() -> None:
    until = "2026-11-20T14:30:00+00:00"
    events = [flag("10:00"), reply("10:10"), post("11:00")]
    events.append(event(EventKind.SNOOZED, "11:30", until=until))
    late_wake = [*events, event(EventKind.WOKEN, "17:00")]
    for history in (events, late_wake):
        assert clock_of(history, NEXT, at("18:00")).elapsed == 4 * HOUR
        assert standing(history, POLICY, at("17:30")).due_at == at("18:00")


def test_an_author_post_ends_the_snooze() -> None:
    until = "2026-11-21T14:30:00+00:00"
    snooze = event(EventKind.SNOOZED, "10:20", until=until)
    events = [flag("10:00"), reply("10:10"), snooze, post("11:00")]
    assert standing(events, POLICY, at("12:00")).due_at == at("15:00")


@pytest.mark.parametrize("kind", STOPS_NOTHING)
def test_it_stops_no_clock(kind: EventKind) -> None:
    events = [flag("10:00"), event(kind, "10:30")]
    assert standing(events, POLICY, at("11:00")).due_at == at("12:00")
    assert all(c.stopped_at is None for c in clocks(events, POLICY, at("11:00")))


def test_a_reply_to_the_author_alone_stops_no_clock() -> None:
    events = [flag("10:00"), reply("10:30", audience="author")]
    assert standing(events, POLICY, at("11:00")).due_at == at("12:00")


@pytest.mark.parametrize("kind", [EventKind.HIDDEN, EventKind.DISMISSED, EventKind.RESOLVED])
def test_a_terminal_action_stops_every_clock(kind: EventKind) -> None:
    events = [flag("10:00"), event(kind, "10:30")]
    assert {c.stopped_at for c in clocks(events, POLICY, LATER)} == {at("10:30")}
    assert standing(events, POLICY, LATER) == Standing(policy="social")


def test_a_removal_that_leaves_flags_open_stops_no_clock() -> None:
    events = [flag("10:00"), event(EventKind.HIDDEN, "10:30", finishes=0)]
    assert standing(events, POLICY, at("11:00")).due_at == at("12:00")


def test_a_ban_stops_the_reply_clocks_and_does_not_resolve() -> None:
    events = [flag("10:00"), event(EventKind.SANCTIONED, "10:30", sanction="ban")]
    assert clock_of(events, FIRST, LATER).stopped_at == at("10:30")
    stands = standing(events, POLICY, at("11:00"))
    assert (stands.clock, stands.due_at) == (RESOLUTION, at("10:00", 21))


@pytest.mark.parametrize("sanction", ["warn", "mute", "unban"])
def test_milder_sanctions_stop_no_clock(sanction: str) -> None:
    events = [flag("10:00"), event(EventKind.SANCTIONED, "10:30", sanction=sanction)]
    assert standing(events, POLICY, at("11:00")).due_at == at("12:00")


@pytest.mark.parametrize("again", [flag, post, lambda c: event(EventKind.REOPENED, c)])
def test_a_reopen_starts_a_new_cycle_and_keeps_the_old_one(again: object) -> None:
    assert callable(again)
    events = [flag("10:00"), reply("10:30"), resolved("11:00"), again("15:00")]
    found = clocks(events, POLICY, at("15:10"))
    assert [(c.kind, c.cycle, c.stopped_at) for c in found] == [
        (FIRST, 1, at("10:30")),
        (RESOLUTION, 1, at("11:00")),
        (FIRST, 2, None),
        (RESOLUTION, 2, None),
    ]
    assert standing(events, POLICY, at("15:10")).due_at == at("17:00")


def test_escalated_runs_on_and_ignores_waiting() -> None:
    events = [flag("10:00"), event(EventKind.ESCALATED, "10:10"), reply("10:20")]
    stands = standing(events, POLICY, at("11:00"))
    assert (stands.clock, stands.due_at) == (RESOLUTION, at("10:00", 21))


def test_a_removal_that_was_undone_never_happened() -> None:
    hidden = event(EventKind.HIDDEN, "10:30", delivery=7, batch="a")
    undone = event(EventKind.UNDONE, "10:31", undoes=7, delivery=8, batch="b", state="open")
    assert standing([flag("10:00"), hidden, undone], POLICY, at("11:00")).due_at == at("12:00")


def test_a_resolve_that_was_undone_never_happened() -> None:
    taken = event(EventKind.RESOLVED, "10:30", batch="a", before="open")
    undone = event(EventKind.UNDONE, "10:31", batch="a", state="open")
    events = [flag("10:00"), reply("10:10", delivery=6, batch="a"), post("10:20"), taken, undone]
    found = clocks(events, POLICY, at("11:00"))
    assert [(c.kind, c.cycle, c.stopped_at) for c in found] == [
        (FIRST, 1, at("10:10")),
        (NEXT, 1, None),
        (RESOLUTION, 1, None),
    ]


def test_only_working_time_counts() -> None:
    policy = replace(POLICY, calendar=weekdays("09:00-17:00"))
    stands = standing([flag("16:00")], policy, at("20:00"))
    assert stands.due_at == at("10:00", 23)


def test_an_event_that_was_told_late_counts_where_it_belongs() -> None:
    events = [flag("10:00"), reply("11:00"), post("11:30"), reply("10:20")]
    assert clock_of(events, FIRST, LATER).stopped_at == at("10:20")


def test_a_policy_without_a_target_has_no_clock() -> None:
    policy = replace(POLICY, first_response=None, resolution=None)
    assert clocks([flag("10:00")], policy, LATER) == ()
    assert standing([flag("10:00")], policy, LATER) == Standing(policy="social")


def test_the_first_policy_that_matches_is_chosen() -> None:
    policies = (
        replace(POLICY, name="forum", accounts=("forum",), channels=("pay",)),
        replace(POLICY, name="ka", languages=("ka",)),
        replace(POLICY, name="tag", tags=("vip", "held")),
        replace(POLICY, name="grave", severities=(Severity.URGENT, Severity.HIGH)),
        replace(POLICY, name="rest"),
    )

    def name(**known: object) -> str:
        plain = Matter("chat", ("general",), Severity.NORMAL, None, ())
        return choose(policies, replace(plain, **known)).name  # type: ignore[arg-type]

    assert name(account="forum", channel=("C1", "Pay"), language="ka") == "forum"
    assert name(account="forum", language="ka") == "ka"
    assert name(tags=("x", "held")) == "tag"
    assert name(severity=Severity.HIGH) == "grave"
    assert name() == "rest"
    with pytest.raises(LookupError):
        choose(policies[:4], Matter("chat", ("general",), Severity.NORMAL, None, ()))


def test_the_ledger_names_what_did_not_count() -> None:
    dated = {date(2026, 11, 23): ()}
    calendar = replace(weekdays("09:00-17:00"), dated=dated)
    events = [flag("16:00"), reply("16:30"), post("16:40")]
    policy = replace(POLICY, calendar=calendar)
    clock = clock_of(events, RESOLUTION, at("10:00", 24), policy)
    assert [(line.start, line.cause) for line in clock.ledger] == [
        (at("16:00"), "counted"),
        (at("16:30"), "waiting on author"),
        (at("16:40"), "counted"),
        (at("17:00"), "closed"),
        (at("00:00", 23), "holiday"),
        (at("00:00", 24), "closed"),
        (at("09:00", 24), "counted"),
    ]
    assert clock.elapsed == 110 * MINUTE


def test_zammad_3140_no_breach_after_the_agent_answered_last() -> None:
    events = [flag("10:00"), reply("10:30"), post("11:00"), reply("11:20")]
    assert new_breaches(events, POLICY, LATER) == ()
    assert standing(events, POLICY, LATER).due_at is None


def test_zammad_5177_a_short_update_target_does_not_override_the_first_reply() -> None:
    policy = replace(POLICY, first_response=4 * HOUR, next_response=HOUR)
    events = [flag("10:00"), post("10:05"), post("10:10")]
    stands = standing(events, policy, at("10:20"))
    assert (stands.clock, stands.due_at) == (FIRST, at("14:00"))


def test_zammad_5624_a_moved_thread_follows_its_new_policy() -> None:
    moved = replace(POLICY, name="vip", first_response=HOUR)
    events = [flag("10:00"), event(EventKind.TARGET_CHANGED, "10:30")]
    assert standing(events, POLICY, at("10:20")).due_at == at("12:00")
    stands = standing(events, moved, at("10:40"))
    assert (stands.due_at, stands.policy) == (at("11:00"), "vip")


def test_zammad_1322_an_author_post_that_came_another_way_starts_the_clock() -> None:
    by_mail = event(EventKind.AUTHOR_POST, "11:00", via="email", type="phone")
    events = [flag("10:00"), reply("10:30"), by_mail]
    assert standing(events, POLICY, at("11:10")).due_at == at("15:00")


def test_osticket_3034_paused_means_that_it_does_not_tick() -> None:
    events = [flag("10:00"), reply("10:30")]
    elapsed = {clock_of(events, RESOLUTION, at("11:00", day)).elapsed for day in (20, 21, 28)}
    assert elapsed == {HOUR / 2}
    assert new_breaches(events, POLICY, at("11:00", 28)) == ()


def test_glpi_6902_the_pause_survives_a_change_of_target() -> None:
    events = [flag("10:00"), reply("11:00"), event(EventKind.TARGET_CHANGED, "12:00")]
    tight = replace(POLICY, resolution=2 * HOUR)
    assert clock_of(events, RESOLUTION, at("18:00"), tight).paused
    events.append(post("18:00"))
    clock = clock_of(events, RESOLUTION, at("18:30"), tight)
    assert (clock.elapsed, clock.due_at) == (1.5 * HOUR, at("19:00"))


def test_chatwoot_a_late_resolve_between_two_polls_is_late() -> None:
    events = [flag("10:00"), reply("10:30", then="open"), resolved("10:05", 21)]
    assert new_breaches(events[:2], POLICY, at("09:59", 21)) == ()
    found = new_breaches(events, POLICY, at("10:10", 21))
    assert found == (breach(RESOLUTION, at("10:00", 21)),)
    assert clock_of(events, RESOLUTION, LATER).breached_at == at("10:00", 21)
