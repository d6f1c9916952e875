"""The NOW lane as a fold over events: in by a reason, out by an outcome, whatever came between."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.lane import SENSITIVE, Stay, stay
from modtui.domain.model import Event, EventKind, State
from modtui.domain.states import after
from tests.domain.histories import at, event, flag, post, reply, resolved

HERE = EventKind.SENSITIVE


def threat(clock: str) -> Event:
    return event(HERE, clock, reason="threat", flag="f1")


def since(clock: str, reason: str = "threat") -> Stay:
    return Stay(at(clock), reason)


def test_the_first_reason_says_since_when_and_the_last_one_why() -> None:
    assert stay([flag("10:00")]) is None
    assert stay([flag("10:00"), threat("10:05")]) == since("10:05")
    told = [flag("10:00"), event(HERE, "10:02"), threat("10:05")]
    assert stay(told) == since("10:02", SENSITIVE)


def test_answers_snoozes_and_escalations_leave_it_there() -> None:
    until = at("20:00").isoformat()
    course = (
        reply("10:10"),
        post("10:20"),
        event(EventKind.SNOOZED, "10:30", until=until),
        event(EventKind.ESCALATED, "10:40"),
        event(EventKind.HIDDEN, "10:50", finishes=0),
        event(EventKind.DISMISSED, "10:55", finishes=0),
    )
    for end in range(len(course) + 1):
        assert stay([flag("10:00"), threat("10:05"), *course[:end]]) == since("10:05")


def test_resolved_it_is_out_and_reopened_in_again_from_then_on() -> None:
    told = [flag("10:00"), threat("10:05"), resolved("10:30")]
    assert stay(told) is None
    assert stay([*told, post("12:00")]) == since("12:00")
    assert stay([*told, event(EventKind.REOPENED, "12:00")]) == since("12:00")
    assert stay([*told, flag("12:00"), resolved("12:30")]) is None


def test_what_was_taken_back_never_counted() -> None:
    by_hand = event(HERE, "10:05", batch="b1", route=SENSITIVE)
    undone = event(EventKind.UNDONE, "10:06", batch="b1")
    assert stay([flag("10:00"), by_hand, undone]) is None
    assert stay([flag("10:00"), by_hand, undone, threat("10:10")]) == since("10:10")
    done = event(EventKind.RESOLVED, "10:30", batch="b2")
    back = event(EventKind.UNDONE, "10:31", batch="b2")
    assert stay([flag("10:00"), threat("10:05"), done, back]) == since("10:05")


def over(clock: str, **more: str) -> Event:
    return event(HERE, clock, over="a figure of speech", **more)


def test_words_say_that_it_is_not_sensitive_and_it_is_out_for_good() -> None:
    told = [flag("10:00"), threat("10:05"), over("10:10")]
    assert stay(told) is None
    assert stay([*told, resolved("10:20"), post("10:30")]) is None
    assert stay([*told, threat("10:40")]) == since("10:40")
    assert stay(
        [*told[:2], over("10:10", batch="b1"), event(EventKind.UNDONE, "10:11", batch="b1")]
    ) == since("10:05")
    assert after(State.SNOOZED, over("10:10")) is State.SNOOZED


KINDS = st.sampled_from([each for each in EventKind if each is not EventKind.UNDONE])


@given(st.lists(st.tuples(KINDS, st.integers(0, 59)), max_size=12), st.randoms())
def test_the_order_in_which_it_comes_to_light_does_not_matter(
    told: list[tuple[EventKind, int]], chance: object
) -> None:
    moments: set[datetime] = set()
    events = [flag("09:00")]
    for kind, minute in told:
        made = event(kind, f"10:{minute:02}")
        if made.at not in moments:
            moments.add(made.at)
            events.append(made)
    mixed = list(events)
    chance.shuffle(mixed)
    assert stay(mixed) == stay(events)
