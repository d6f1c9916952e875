"""What became of a reply, from the events after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from modtui.domain.model import Event, EventKind
from modtui.domain.outcomes import After, Outcome, outcomes

T0 = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
A, S, R, E, D, F = (
    EventKind.AUTHOR_POST, EventKind.STAFF_REPLY, EventKind.REOPENED, EventKind.ESCALATED,
    EventKind.RESOLVED, EventKind.FLAGGED,
)  # fmt: skip
OWN = (("batch", "b1"), ("delivery", 1))


def reply(
    number: int, *kinds: EventKind, entry: str = "fees", own: tuple[EventKind, ...] = ()
) -> list[After]:
    """A reply with the events of its batch, and what followed it, a minute apart."""
    said = Event(S, T0, "mod-a", (*OWN, ("quick", entry)))
    events = [said, *(Event(kind, T0, "mod-a", OWN) for kind in own)]
    events += [Event(kind, T0 + timedelta(minutes=n), "u1") for n, kind in enumerate(kinds, 1)]
    return [After(number, entry, T0, event) for event in events]


def became(*kinds: EventKind, own: tuple[EventKind, ...] = ()) -> tuple[int, int, int]:
    """How often one reply was reopened, escalated, answered again."""
    found = outcomes(reply(1, *kinds, own=own))["fees"]
    return found.reopened, found.escalated, found.again


def test_a_reply_that_settled_it_counts_as_sent_alone() -> None:
    assert outcomes([After(1, "fees", T0, None)]) == {"fees": Outcome(1)}
    assert outcomes(reply(1)) == outcomes(reply(1, S)) == {"fees": Outcome(1)}


def test_another_answer_counts_only_after_the_author_wrote_again() -> None:
    thanks, question = (outcomes(reply(1, *kinds))["fees"] for kinds in ((A,), (A, S)))
    assert (thanks.again, thanks.next_post) == (0, timedelta(minutes=1))
    assert question.again == 1


def test_a_thread_is_reopened_by_whatever_comes_after_it_was_done() -> None:
    assert became(A) == became(F) == became(A, D) == (0, 0, 0), "it was not done before"
    for back in (A, F, R):
        assert became(back, own=(D,)) == (1, 0, 0)
        assert became(D, back) == (1, 0, 0)
    assert became(D, A, D, A) == (1, 0, 0), "a reply counts once"


def test_what_the_entry_asks_for_is_no_outcome() -> None:
    assert became(own=(E,)) == (0, 0, 0)
    assert became(E) == became(E, own=(E,)) == (0, 1, 0)


def test_what_follows_another_answer_is_the_outcome_of_that_one() -> None:
    assert became(A, S, D, A, E) == (0, 0, 1)


def test_what_was_taken_back_never_counted() -> None:
    events = reply(1)
    for kind, detail in (
        (D, (("batch", "b2"), ("delivery", 2))),
        (EventKind.UNDONE, (("undoes", 2),)),
        (A, ()),
        (E, (("batch", "b3"), ("delivery", 3))),
        (EventKind.UNDONE, (("undoes", 3),)),
    ):
        at = T0 + timedelta(minutes=len(events))
        events.append(After(1, "fees", T0, Event(kind, at, "mod-a", detail)))
    assert outcomes(events)["fees"] == Outcome(1, next_post=timedelta(minutes=3))


def test_each_reply_counts_once_and_the_wait_is_a_median() -> None:
    events = [*reply(1, D, R, A), *reply(2, E, A), *reply(3, A), *reply(4), *reply(5, entry="x")]
    found = outcomes(events)
    assert found["fees"] == Outcome(4, 1, 1, 0, timedelta(minutes=2))
    assert found["fees"].unsettled == 0.25
    assert found["x"] == Outcome(1)
