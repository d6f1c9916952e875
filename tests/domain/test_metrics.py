"""The numbers of Status against histories that were worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.domain.commands import Reply
from modtui.domain.metrics import (
    WORDS,
    Blind,
    Cause,
    Doing,
    Narrow,
    Period,
    PileOn,
    Share,
    Span,
    percentile,
)
from modtui.domain.model import ELSEWHERE, Event, EventKind, State
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.report import period_of
from modtui.domain.text import literal
from modtui.domain.timeleft import lane_left
from tests.domain.calendars import moment
from tests.domain.nights import (
    EVENING,
    MORNING,
    K,
    at,
    breached,
    did,
    due,
    filed,
    flagged,
    minutes,
    report,
)


def test_percentiles_are_values_that_were_measured() -> None:
    values = [minutes(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
    assert percentile(values, 50) == minutes(5)
    assert percentile(values, 90) == minutes(9)
    assert percentile(values[:1], 90) == minutes(1)
    assert percentile([], 50) is None


def test_a_night_is_counted_by_where_each_cycle_is() -> None:
    night = report(
        [
            filed(1, flagged("18:30", 20), did(K.STAFF_REPLY, "19:00", day=20)),
            filed(2, flagged("01:00"), did(K.DISMISSED, "01:05")),
            filed(3, flagged("01:00"), did(K.HIDDEN, "01:05")),
            filed(4, flagged("01:00"), did(K.RESOLVED, "01:05")),
            filed(5, flagged("01:00"), did(K.RESOLVED, "01:05", ELSEWHERE)),
            filed(6, flagged("07:00")),
            filed(7, flagged("17:59", 20)),
            filed(8, flagged("01:00"), did(K.RESOLVED, "01:05"), flagged("02:00")),
        ]
    ).night
    assert (night.arrived, night.ids) == (8, (1, 2, 3, 4, 5, 6, 8))
    assert (night.answered, night.kept, night.removed) == (1, 1, 1)
    assert (night.closed, night.elsewhere, night.open) == (2, 1, 2)


def test_shares_count_a_clock_once_when_it_is_settled() -> None:
    answered_late = filed(
        1, flagged("17:00", 20), breached("19:00", 20), did(K.STAFF_REPLY, "20:00", day=20)
    )
    fell_late_before = filed(
        2, flagged("10:00", 20), breached("12:00", 20), did(K.STAFF_REPLY, "20:00", day=20)
    )
    in_time = filed(3, flagged("02:00"), did(K.DISMISSED, "02:10"))
    not_yet = filed(4, flagged("07:50"))
    elsewhere = filed(5, flagged("02:00"), did(K.RESOLVED, "02:10", ELSEWHERE))
    late_elsewhere = filed(
        6, flagged("02:00"), breached("04:00"), did(K.RESOLVED, "05:00", ELSEWHERE)
    )
    inherited = filed(7, flagged("17:00", 20), breached("19:00", 20), account="old")
    numbers = report(
        [answered_late, fell_late_before, in_time, not_yet, elsewhere, late_elsewhere, inherited]
    )
    assert numbers.settled == Share(1, 3)
    assert {n for why in numbers.late_why for n in why.ids} == {1, 6}


def test_a_breach_that_no_program_recorded_yet_counts_from_its_deadline() -> None:
    unrecorded = filed(1, flagged("04:00"), standing=due("06:00"))
    asleep_desk = filed(2, flagged("04:00"), standing=due("06:00", resumes_at=at("09:00")))
    numbers = report([unrecorded, asleep_desk])
    assert numbers.late_now.ids == (1,)
    assert numbers.settled == Share(0, 1)


def test_the_cause_is_the_first_that_applies() -> None:
    late = (flagged("01:00"), breached("03:00"))
    handed = did(K.ESCALATED, "02:00", team="payments")
    held = did(K.CLAIMED, "02:00", "mod-b")
    threads = [
        filed(1, *late),
        filed(2, *late, held),
        filed(3, *late, handed, held),
        filed(4, *late, handed, account="chat"),
        filed(5, *late, did(K.ESCALATED, "04:00", team="payments")),
    ]
    blind = (Blind("chat", "disconnected", at("01:30"), at("02:30")),)
    causes = {why.cause: why for why in report(threads, blind=blind).late_why}
    assert causes[Cause.NOBODY].ids == (1, 5)
    assert causes[Cause.HOLDER].details == (("mod-b", 1),)
    assert causes[Cause.TEAM].details == (("payments", 1),)
    assert causes[Cause.BLIND].details == ((blind[0], 1),)


def test_a_moment_without_sight_is_no_cause() -> None:
    blind = (Blind("forum", "rate-limited", at("01:30"), at("02:29")),)
    numbers = report([filed(1, flagged("01:00"), breached("03:00"))], blind=blind)
    assert [why.cause for why in numbers.late_why] == [Cause.NOBODY]


def test_a_pile_on_explains_what_was_late_beside_it() -> None:
    storm = [Event(K.FLAGGED, at("02:00") + timedelta(seconds=20 * n), "x") for n in range(31)]
    crowd = filed(1, *storm, channel=literal("slots"))
    late = filed(2, flagged("01:00"), breached("03:00"), did(K.CLAIMED, "02:00", "mod-b"))
    why = report([crowd, late]).late_why
    assert [each.cause for each in why] == [Cause.PILE_ON]
    assert why[0].details == ((PileOn(at("02:00"), at("02:10")), 1),)
    calm = filed(1, *storm[:19], channel=literal("slots"))
    assert [w.cause for w in report([calm, late]).late_why] == [Cause.HOLDER]


def test_what_needs_a_person() -> None:
    handed = (flagged("05:00"), did(K.ESCALATED, "07:08", "mod-a", team="payments"))
    unknown = Delivery(
        9, "k", "b", 3, "forum", Reply(thread=3, revision=1, text="x"),
        DeliveryState.NEEDS_HUMAN, "mod-a", at("07:00"),
    )  # fmt: skip
    numbers = report(
        [
            filed(1, *handed, state=State.ESCALATED, team="payments"),
            filed(2, flagged("05:00"), now_at=at("05:00"), now_reason="threat"),
            filed(3, flagged("05:00"), now_at=at("05:00"), holder="mod-b"),
            filed(4, *handed, did(K.CLAIMED, "07:20", "mod-d"), state=State.ESCALATED),
        ],
        unknown=(unknown,),
    )
    assert [(n.key, n.number, n.ids) for n in numbers.needs] == [
        ("needs_delivery", 1, (3,)), ("needs_escalation", 1, (1,)), ("needs_now", 1, (2,)),
    ]  # fmt: skip
    assert [n.first for n in numbers.needs] == [
        "reply in forum/pay", "title 1 → payments", "threat: title 2",
    ]  # fmt: skip


def test_lines_by_platform() -> None:
    numbers = report(
        [
            filed(1, flagged("01:00"), standing=due("03:00"), holder="mod-a"),
            filed(2, flagged("07:00"), standing=due("09:00")),
            filed(3, flagged("07:30"), did(K.STAFF_REPLY, "07:40"), state=State.WAITING),
            filed(4, flagged("07:00"), did(K.DISMISSED, "07:30"), state=State.RESOLVED),
            filed(5, flagged("10:00", 14), breached("12:00", 14), account="chat"),
            filed(6, flagged("10:00", 14), did(K.DISMISSED, "10:01", day=14), account="chat"),
        ]
    )
    forum, chat = numbers.platforms
    assert (forum.open, forum.late, forum.due_hour, forum.unowned) == (2, 1, 1, 1)
    assert (forum.p50, forum.p90) == (minutes(10), minutes(30))
    assert (forum.today, forum.week) == (Share(2, 3), Share(2, 3))
    assert (chat.today, chat.last_week) == (Share(), Share(1, 2))


def test_lines_by_person_are_in_order_of_names_and_end_with_nobody() -> None:
    numbers = report(
        [
            filed(1, flagged("01:00"), standing=due("07:48"), holder="mod-b"),
            filed(2, flagged("01:00"), did(K.STAFF_REPLY, "01:20", "mod-c")),
            filed(3, flagged("01:00"), did(K.HIDDEN, "01:10", "mod-c"), state=State.RESOLVED),
        ],
        doing={"mod-b": Doing("writing", "forum/pay")},
    )
    assert [(p.name, p.holds, p.late, p.handled) for p in numbers.people] == [
        ("mod-b", 1, 1, 0), ("mod-c", 0, 0, 2), ("", 1, 0, 0),
    ]  # fmt: skip
    b, c, nobody = numbers.people
    assert (c.p50, nobody.doing) == (minutes(10), None)
    assert (b.doing, c.doing) == (Doing("writing", "forum/pay"), Doing("acted", at=at("01:20")))
    assert b.oldest is not None
    assert b.oldest.seconds == -720


def test_first_responses_stand_in_columns() -> None:
    took = (1, 15, 16, 60, 61, 120, 121)
    threads = [
        filed(n, flagged("01:00"), did(K.STAFF_REPLY, f"{1 + m // 60:02}:{m % 60:02}"))
        for n, m in enumerate(took, 1)
    ]
    first = report(threads).responses
    assert first.columns == (2, 2, 2, 1)
    assert (first.p50, first.p90) == (minutes(60), minutes(121))


def test_arrivals_by_the_hour_and_what_is_usual_in_this_hour() -> None:
    now = at("08:30")
    period = Period(Span.LOOK, EVENING, now)
    times = [at("08:10"), at("08:20"), at("03:00"), at("09:00", 20), at("08:59", 20)]
    before = [at("08:29", day) for day in range(14, 21)] + [at("08:31", 15), at("08:10", 13)]
    threads = [filed(n, flagged("08:00"), first_flag_at=t) for n, t in enumerate(times + before)]
    hours = report(threads, period=period).arrivals
    assert hours.starts_at == at("09:00", 20)
    assert (hours.hours[-1], hours.hours[18], hours.hours[0], sum(hours.hours)) == (2, 1, 1, 4)
    assert hours.usual == 1.0
    assert hours.peak == (2, at("08:00"))


def test_closed_without_escalation() -> None:
    handed = did(K.ESCALATED, "01:05", team="payments")
    numbers = report(
        [
            filed(1, flagged("01:00"), did(K.DISMISSED, "01:10")),
            filed(2, flagged("01:00"), handed, did(K.RESOLVED, "01:10")),
            filed(3, flagged("01:00"), did(K.RESOLVED, "01:10", ELSEWHERE)),
            filed(4, flagged("10:00", 18), did(K.DISMISSED, "10:10", day=18)),
        ]
    )
    assert (numbers.unescalated, numbers.unescalated_week) == (Share(1, 2), Share(2, 3))


def sensitive(clock: str, day: int = 21) -> Event:
    return did(K.SENSITIVE, clock, "Igor", day, reason="self-harm", flag="f1")


def test_now_threads_say_when_a_person_came_and_how_it_ended() -> None:
    over = did(K.RESOLVED, "02:30", outcome="handed to the help desk")
    threads = [
        filed(1, flagged("02:00"), sensitive("02:00"), did(K.CLAIMED, "02:03"), over,
              state=State.RESOLVED),
        filed(2, flagged("03:00"), sensitive("03:00"), state=State.ESCALATED, team="desk"),
        filed(3, flagged("02:00", 19), sensitive("02:00", 19), did(K.RESOLVED, "02:30", day=19),
              state=State.RESOLVED),
        filed(4, flagged("02:00", 19), did(K.SENSITIVE, "04:00", "mod-b")),
    ]  # fmt: skip
    found = report(threads).now_threads
    assert [(n.id, n.reason, n.first_human, n.outcome) for n in found] == [
        (1, "self-harm", minutes(3), "handed to the help desk"),
        (2, "self-harm", None, "escalated to desk"),
        (4, "sensitive", minutes(0), "open"),
    ]


def test_a_reopened_now_thread_stays_a_second_time() -> None:
    again = filed(
        1, flagged("02:00"), sensitive("02:00"), did(K.RESOLVED, "02:10", outcome="safe"),
        did(K.AUTHOR_POST, "03:00", "Nina"),
    )  # fmt: skip
    assert [n.outcome for n in report([again]).now_threads] == ["safe", "open"]


def test_the_wall_clock_of_the_now_lane_makes_late_too() -> None:
    urgent = filed(1, flagged("07:00"), standing=due("09:00"), now_due_at=at("07:15"))
    soon = filed(2, flagged("07:55"), now_due_at=at("08:10"))
    numbers = report([urgent, soon])
    assert (numbers.late_now.ids, numbers.due_hour.ids) == ((1,), (1, 2))
    assert numbers.settled == Share()


def test_the_oldest_late_one_is_told_by_the_clock_that_makes_it_late() -> None:
    urgent = filed(1, flagged("07:00"), standing=due("09:00"), now_due_at=at("07:15"))
    late = filed(2, flagged("06:00"), standing=due("07:30"))
    now = at("08:00")
    numbers = report([late, urgent])
    assert numbers.period.end == now
    assert numbers.oldest_late == lane_left(at("07:15"), now)
    assert [person.oldest for person in numbers.people] == [numbers.oldest_late]


def test_narrowing_leaves_out_the_others() -> None:
    threads = [
        filed(1, flagged("01:00"), did(K.STAFF_REPLY, "01:20", "mod-c")),
        filed(2, flagged("01:00"), language="ka", holder="mod-b"),
        filed(3, flagged("01:00"), account="chat"),
    ]
    narrows = (Narrow(account="chat"), Narrow(person="mod-b"), Narrow(language="en"))
    assert [report(threads, narrow=each).night.ids for each in narrows] == [(3,), (2,), (1, 3)]
    assert [p.account for p in report(threads, narrow=narrows[0]).platforms] == ["chat"]
    assert [p.name for p in report(threads, narrow=narrows[1]).people] == ["mod-b", ""]
    assert report(threads, narrow=narrows[0]).languages == ("en", "ka")


@pytest.mark.parametrize(
    ("span", "start"),
    [
        (Span.LOOK, EVENING),
        (Span.TODAY, moment("2026-11-20 19:00")),
        (Span.WEEK, moment("2026-11-14 19:00")),
        (Span.MONTH, moment("2026-10-24 19:00")),
    ],
)
def test_days_begin_at_midnight_where_the_moderator_is(span: Span, start: object) -> None:
    assert period_of(span, MORNING, "Asia/Almaty", EVENING) == Period(span, start, MORNING)


def test_every_number_is_said_in_words() -> None:
    assert all(words.endswith(".") and len(words) > 30 for words in WORDS.values())


DEEDS = st.sampled_from(
    [K.FLAGGED, K.AUTHOR_POST, K.STAFF_REPLY, K.HIDDEN, K.DISMISSED, K.RESOLVED, K.REOPENED,
     K.ESCALATED, K.SANCTIONED, K.CLAIMED]
)  # fmt: skip
PEOPLE = st.sampled_from(["mod-a", "mod-b", ELSEWHERE])
STEPS = st.lists(st.tuples(DEEDS, PEOPLE, st.integers(1, 200)), max_size=8)


def thread_of(number: int, steps: list[tuple[EventKind, str, int]]) -> object:
    when, events = EVENING + minutes(number), [Event(K.FLAGGED, EVENING + minutes(number), "x")]
    for kind, who, wait in steps:
        when += minutes(wait)
        events.append(Event(kind, when, who))
    return filed(number, *events)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=6), st.integers(0, 800), st.integers(1, 800))
def test_what_came_in_is_the_sum_of_where_it_is(
    histories: list[object], start: int, length: int
) -> None:
    threads = [thread_of(number, steps) for number, steps in enumerate(histories, 1)]
    period = Period(Span.LOOK, EVENING + minutes(start), EVENING + minutes(start + length))
    numbers = report(threads, period=period)
    night = numbers.night
    buckets = (
        night.answered, night.kept, night.removed, night.closed, night.elsewhere, night.open
    )  # fmt: skip
    began = sum(period.holds(c.started_at) for t in threads for c in t.story.cycles)
    assert night.arrived == began == sum(buckets)
    assert (
        sum(why.number for why in numbers.late_why) == numbers.settled.of - numbers.settled.inside
    )
    assert sum(numbers.responses.columns) >= numbers.settled.inside


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=5), st.integers(1, 700))
def test_two_periods_side_by_side_count_nothing_twice(histories: list[object], cut: int) -> None:
    threads = [thread_of(number, steps) for number, steps in enumerate(histories, 1)]
    middle, end = EVENING + minutes(cut), EVENING + timedelta(days=2)
    instant = timedelta.resolution
    early = report(threads, period=Period(Span.LOOK, EVENING, middle - instant))
    late = report(threads, period=Period(Span.LOOK, middle, end))
    whole = report(threads, period=Period(Span.LOOK, EVENING, end))
    assert early.night.arrived + late.night.arrived == whole.night.arrived
    assert early.settled.of + late.settled.of == whole.settled.of
    assert replace(whole.period, start=middle) == late.period
