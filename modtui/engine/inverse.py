"""What takes a finished command back, where there is such a thing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from modtui.connectors import SO_ALREADY
from modtui.domain.commands import (
    Command,
    Hide,
    LiftSanction,
    Lock,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import Delivery

_WHY = "taken back"


def stood_before(row: Delivery) -> bool:
    """Whether `row` set nothing, as it was so already at its first try. A later try may have found
    what the one before it had set."""
    found = row.receipt is not None and row.receipt.evidence == SO_ALREADY
    setting = isinstance(row.command, Lock | SetSlowMode | SetReadOnly | Sanction)
    return found and setting and row.attempts <= 1


def inverse(
    row: Delivery, revision: int, history: Sequence[Event], now: datetime
) -> Command | None:
    """Return the command that takes `row` back; None for what is said, decided
    for good, or was so before it.

    `history` has the thread's events: a slow mode goes back to what was there before it.
    """
    on: dict[str, Any] = {"thread": row.thread, "revision": revision}
    if stood_before(row):
        return None
    match row.command:
        case Hide(posts=posts):
            return Restore(**on, posts=posts)
        case Lock():
            return Unlock(**on, reason=_WHY)
        case SetSlowMode():
            seconds, until = _before(row, history, now)
            return SetSlowMode(**on, seconds=seconds, until=until, reason=_WHY)
        case SetReadOnly(on=closed):
            return SetReadOnly(**on, on=not closed, until=None, reason=_WHY)
        case Sanction(sanction=kind, author=author):
            if kind in (SanctionKind.MUTE, SanctionKind.BAN):
                return LiftSanction(**on, sanction=kind, author=author)
    return None


def _before(row: Delivery, history: Sequence[Event], now: datetime) -> tuple[int, datetime | None]:
    for event in history:
        if event.kind is EventKind.RESTRICTED and event.get("delivery") == row.id:
            ended = event.get("previous_until")
            until = datetime.fromisoformat(str(ended)) if ended else None
            if until is not None and until <= now:
                return 0, None
            return int(event.get("previous") or 0), until
    return 0, None
