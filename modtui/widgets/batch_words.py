"""Many deliveries of one batch in the words of one. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from modtui.domain.outbox import FINAL, Delivery, DeliveryState, stuck
from modtui.domain.views import Counts
from modtui.domain.words import act
from modtui.keymap import Keymap
from modtui.widgets.cells import Piece, clock

_S = DeliveryState
_OVER = frozenset({*FINAL, _S.NEEDS_HUMAN})
_WELL = frozenset({_S.SENT, _S.CANCELLED})
_GOING = frozenset({_S.HELD, _S.QUEUED, _S.SENDING})


def one_of_each(rows: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Return the delivery that speaks for each batch of `rows`, which are newest first: one that
    went wrong, else one that is on its way, else what the batch begins with."""
    batches: dict[str, list[Delivery]] = {}
    for row in rows:
        batches.setdefault(row.batch, []).append(row)
    return tuple(min(batch, key=lambda row: (_standing(row), row.id)) for batch in batches.values())


def needs_you(counts: Counts, others: Sequence[Delivery], now: datetime) -> tuple[Piece, ...]:
    """Return in words what of the outbox needs a person: what nobody can tell the outcome of,
    else what of `others` does not leave; () for nothing."""
    number, does = counts.needs_human, ("needs you", "need you")
    if not number:
        number, does = sum(stuck(row, now) for row in others), ("is stuck", "are stuck")
    one = number == 1
    said = f"! {number} {'delivery' if one else 'deliveries'} {does[0] if one else does[1]}: g d "
    return ((said, "late"),) if number else ()


def _standing(row: Delivery) -> int:
    if row.state in _WELL:
        return 2
    return 1 if row.state in _GOING else 0


def is_many(rows: Sequence[Delivery]) -> bool:
    """Whether a batch does one thing to several: a reply with what follows it does not."""
    kinds = Counter(row.command.kind for row in rows)
    return any(count > 1 for count in kinds.values())


def batch_words(
    rows: Sequence[Delivery], left: str, zone: str, keymap: Keymap
) -> tuple[Piece, ...]:
    """Return `5/12 sent  12 × remove post · 1 not done`; `left` is what the window has left."""
    kind, count = Counter(row.command.kind for row in rows).most_common(1)[0]
    one = next(row for row in rows if row.command.kind == kind)
    what = f"{count} × {act(one.command).partition(' of ')[0]}"
    sent = [row for row in rows if row.state is _S.SENT]
    bad = sum(row.state in _OVER and row.state is not _S.SENT for row in rows)
    if any(row.state is _S.HELD for row in rows):
        undo = keymap.key("queue.undo", "u")
        return (
            (f"pending {left} ", "soon"),
            (f" {what}", "text"),
            (f" · {undo} takes it back", "muted"),
        )
    missed: tuple[Piece, ...] = ((f" · {bad} not done", "late"),) if bad else ()
    if all(row.state is _S.CANCELLED for row in rows):
        return (("taken back ", "muted"), (what, "text"))
    if any(row.practised for row in sent):
        return (("practised, not sent  ", "soon"), (what, "text"), *missed)
    if len(sent) + bad == len(rows):
        at = max((row.receipt.at for row in sent if row.receipt), default=rows[0].created_at)
        return ((f"sent {clock(at, zone)} ", "ok"), (what, "text"), *missed)
    return ((f"{len(sent)}/{len(rows)} sent ", "soon"), (f" {what}", "text"), *missed)
