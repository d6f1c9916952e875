"""How each line of a batch stands, in words, and how far the whole of it is. No Textual here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from modtui.domain.outbox import FINAL, Delivery, DeliveryState
from modtui.engine.batches import Refusal
from modtui.widgets.cells import one_line

_S = DeliveryState
_BAR = 12
_WORST = (
    _S.REJECTED, _S.STALE, _S.NEEDS_HUMAN, _S.UNKNOWN, _S.RECONCILING, _S.BLOCKED, _S.CANCELLED,
    _S.HELD, _S.QUEUED, _S.SENDING, _S.SENT,
)  # fmt: skip
_OVER = frozenset({*FINAL, _S.NEEDS_HUMAN})


@dataclass(frozen=True, slots=True)
class Result:
    """One line's result. `over`: nothing more happens by itself; `well`: and it was done; `back`:
    it can surely be taken back, because it has not left."""

    words: str
    over: bool
    well: bool
    back: bool = False


def refused(refusal: Refusal) -> Result:
    """Return the result of a line that was not taken."""
    why = one_line(refusal.message)
    word = "stale, it changed" if refusal.kind == "stale" else "refused"
    return Result(f"{word}: {why}", over=True, well=False)


def result(ids: Sequence[int], rows: Mapping[int, Delivery], now: datetime) -> Result:
    """Return how the deliveries `ids` of one line stand: the worst of them speaks for all."""
    mine = [rows[number] for number in ids if number in rows]
    if not mine:
        return Result("done", over=True, well=True, back=True)
    worst = min(mine, key=lambda row: _WORST.index(row.state))
    over = all(row.state in _OVER for row in mine)
    held = any(row.state is _S.HELD for row in mine)
    return Result(_words(worst, now), over, well=worst.state is _S.SENT, back=held)


def _words(row: Delivery, now: datetime) -> str:
    why = f": {one_line(row.error)}" if row.error else ""
    match row.state:
        case _S.SENT:
            return "practised, not sent" if row.practised else "sent"
        case _S.HELD:
            left = max(int((row.hold_until - now).total_seconds()), 0) if row.hold_until else 0
            return f"pending {left} s"
        case _S.QUEUED | _S.SENDING:
            return f"{row.state.value}{why}"
        case _S.REJECTED:
            return f"refused{why}"
        case _S.STALE:
            return f"stale, it changed{why}"
        case _S.CANCELLED:
            return "taken back"
        case _S.BLOCKED:
            return "waits for login"
    return f"unknown{why}"


def progress(results: Sequence[Result]) -> str:
    """Return how far it is: `███░░░░░░░░░ 12/60 · 2 not done`."""
    whole = len(results)
    over = sum(each.over for each in results)
    bad = sum(each.over and not each.well for each in results)
    full = _BAR * over // whole if whole else _BAR
    missed = f" · {bad} not done" if bad else ""
    return f"{'█' * full}{'░' * (_BAR - full)} {over}/{whole}{missed}"
