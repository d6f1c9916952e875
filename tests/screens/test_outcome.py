"""How each line of a batch stands, and how far the whole of it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.commands import Hide
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.engine.batches import Refusal
from modtui.screens.outcome import Result, progress, refused, result
from tests.screens.sketches import NOW

S = DeliveryState


def row(state: DeliveryState, number: int = 1, error: str | None = None) -> Delivery:
    hide = Hide(thread=1, revision=1, posts=("p",), author="u1")
    made = Delivery(number, f"k{number}", "b", 1, "forum", hide, state, "me", NOW, error=error)
    return replace(made, hold_until=NOW + timedelta(seconds=7))


@pytest.mark.parametrize(
    ("state", "words", "over", "well"),
    [
        (S.HELD, "pending 7 s", False, False),
        (S.QUEUED, "queued: busy", False, False),
        (S.SENDING, "sending: busy", False, False),
        (S.SENT, "sent", True, True),
        (S.REJECTED, "refused: busy", True, False),
        (S.STALE, "stale, it changed: busy", True, False),
        (S.CANCELLED, "taken back", True, False),
        (S.BLOCKED, "waits for login", False, False),
        (S.UNKNOWN, "unknown: busy", False, False),
        (S.NEEDS_HUMAN, "unknown: busy", True, False),
    ],
)
def test_a_line_says_how_its_delivery_stands(
    state: DeliveryState, words: str, over: bool, well: bool
) -> None:
    held = state is S.HELD
    assert result([1], {1: row(state, error="busy")}, NOW) == Result(words, over, well, back=held)


def test_the_worst_of_a_line_speaks_for_it() -> None:
    rows = {1: row(S.SENT), 2: row(S.REJECTED, 2, "no"), 3: row(S.QUEUED, 3)}
    assert result([1, 2], rows, NOW) == Result("refused: no", over=True, well=False)
    assert result([1, 3], rows, NOW) == Result("queued", over=False, well=False)
    assert result([], rows, NOW) == Result("done", True, True, back=True)


@pytest.mark.parametrize(
    ("kind", "words"), [("stale", "stale, it changed: why"), ("claimed", "refused: why")]
)
def test_what_was_not_taken_says_why(kind: str, words: str) -> None:
    assert refused(Refusal(0, kind, "why")) == Result(words, over=True, well=False)


def test_the_bar_counts_what_is_over_and_what_of_it_failed() -> None:
    good, bad, going = (
        Result("sent", True, True), Result("no", True, False), Result("queued", False, False)
    )  # fmt: skip
    assert progress([good] * 12 + [going] * 48) == "██░░░░░░░░░░ 12/60"
    assert progress([good, bad]) == "████████████ 2/2 · 1 not done"
