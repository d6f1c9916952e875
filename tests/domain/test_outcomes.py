"""What became of a reply, from the events after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from modtui.domain.model import EventKind
from modtui.domain.outcomes import After, Outcome, outcomes

T0 = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
A, S, R, E = (
    EventKind.AUTHOR_POST, EventKind.STAFF_REPLY, EventKind.REOPENED, EventKind.ESCALATED,
)  # fmt: skip


def reply(number: int, *kinds: EventKind, entry: str = "fees") -> list[After]:
    """A reply and what followed it, a minute apart."""
    after = [After(number, entry, T0, kind, T0 + timedelta(minutes=n + 1))
             for n, kind in enumerate(kinds)]  # fmt: skip
    return after or [After(number, entry, T0, None, T0)]


def test_a_reply_that_settled_it_counts_as_sent_alone() -> None:
    assert outcomes(reply(1)) == {"fees": Outcome(1)}
    assert outcomes(reply(1, S)) == {"fees": Outcome(1)}


def test_another_answer_counts_only_after_the_author_wrote_again() -> None:
    [thanks, question] = (outcomes(reply(1, *kinds))["fees"] for kinds in ((S, A), (S, A, S)))
    assert (thanks.again, thanks.next_post) == (0, timedelta(minutes=2))
    assert question.again == 1


def test_each_thread_counts_once_and_the_wait_is_a_median() -> None:
    events = [*reply(1, R, R, A), *reply(2, E, A), *reply(3, A), *reply(4), *reply(5, entry="x")]
    found = outcomes(events)
    assert found["fees"] == Outcome(4, 1, 1, 0, timedelta(minutes=2))
    assert found["fees"].unsettled == 0.25
    assert found["x"] == Outcome(1)
