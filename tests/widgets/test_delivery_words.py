"""Many deliveries of one batch in the words of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modtui.domain.commands import Command, Dismiss, Hide, Reply, SetSlowMode
from modtui.domain.outbox import PRACTICE, Delivery, DeliveryState, Receipt
from modtui.keymap import DECLARED
from modtui.screens.outcome import result
from modtui.widgets.delivery_words import batch_words, is_many, one_of_each

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
S = DeliveryState


def row(
    number: int, state: DeliveryState, batch: str = "b", command: Command | None = None
) -> Delivery:
    hide = Hide(thread=1, revision=1, posts=(f"p{number}",), author="u1")
    made = Delivery(number, f"k{number}", batch, 1, "forum", command or hide, state, "me", NOW)
    return replace(made, receipt=Receipt(None, NOW) if state is S.SENT else None)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((S.HELD, S.HELD, S.HELD), "pending 8 s  3 × remove post · u takes it back"),
        ((S.SENT, S.QUEUED, S.REJECTED), "1/3 sent  3 × remove post · 1 not done"),
        ((S.SENT, S.SENT), "sent 12:00 2 × remove post"),
        ((S.SENT, S.NEEDS_HUMAN), "sent 12:00 2 × remove post · 1 not done"),
        ((S.CANCELLED, S.CANCELLED), "taken back 2 × remove post"),
    ],
)
def test_a_batch_reads_as_one(states: tuple[DeliveryState, ...], words: str) -> None:
    rows = [row(n, state) for n, state in enumerate(states)]
    assert "".join(text for text, _ in batch_words(rows, "8 s", "UTC", DECLARED)) == words


def test_a_practised_batch_is_not_said_to_be_sent() -> None:
    receipt = Receipt(None, NOW, PRACTICE)
    rows = [replace(row(n, S.SENT), receipt=receipt) for n in range(2)]
    words = "".join(text for text, _ in batch_words(rows, "8 s", "UTC", DECLARED))
    assert words == "practised, not sent  2 × remove post"
    results = [result([r.id], {r.id: r}, NOW) for r in rows]
    assert [(each.words, each.well) for each in results] == [("practised, not sent", True)] * 2


def test_one_act_with_what_follows_it_is_not_many() -> None:
    said = Reply(thread=1, revision=1, text="x")
    slow = SetSlowMode(thread=1, revision=1, seconds=60, until=None, reason="x")
    assert not is_many([row(1, S.SENT, command=said), row(2, S.SENT, command=slow)])
    keep = Dismiss(thread=1, revision=1, flags=("f",))
    assert is_many([row(1, S.SENT), row(2, S.SENT, command=keep), row(3, S.SENT)])
    assert not is_many([])


@pytest.mark.parametrize(
    ("later", "speaks"),
    [(S.SENT, 3), (S.QUEUED, 4), (S.REJECTED, 4), (S.NEEDS_HUMAN, 4), (S.CANCELLED, 3)],
)
def test_what_a_batch_begins_with_speaks_for_it_once_all_is_well(
    later: DeliveryState, speaks: int
) -> None:
    rows = [row(4, later, "b2"), row(3, S.SENT, "b2"), row(2, S.SENT, "b1")]
    assert [r.id for r in one_of_each(rows)] == [speaks, 2]


def test_a_reply_that_waits_with_its_slow_mode_is_called_a_reply() -> None:
    assert [r.id for r in one_of_each([row(2, S.HELD), row(1, S.HELD)])] == [1]
