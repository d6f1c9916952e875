"""Deliveries of a queue that is older than what was done since."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from modtui.domain.outbox import DOUBTFUL, WAITING, DeliveryState
from modtui.engine.history import recount_thread
from modtui.store import AuditLine, Tx

MOST = 10_000
WHY = "from a backup: it may have been done since"


async def hold_back(tx: Tx, now: datetime) -> int:
    """Let nothing of a restored queue go out unasked: it may have been sent after the backup was
    made. Return how many wait for their moderator's word. The end of a timed setting compares
    before it does anything, and is left as it is."""
    held = 0
    for row in await tx.deliveries(states=(*WAITING, DeliveryState.SENDING, *DOUBTFUL), limit=MOST):
        if row.not_before is not None:
            continue
        if row.state in WAITING:
            asks = replace(row, asks=True, hold_until=None, next_at=None)
            await tx.move_delivery(asks, DeliveryState.QUEUED, WHY)
        elif row.state is not DeliveryState.NEEDS_HUMAN:
            unsure = replace(row, error=WHY, next_at=None, unknown_at=row.unknown_at or now)
            if row.state is DeliveryState.SENDING:
                await tx.move_delivery(unsure, DeliveryState.UNKNOWN, WHY)
            await tx.move_delivery(unsure, DeliveryState.NEEDS_HUMAN, WHY)
        held += 1
        await tx.add_audit(AuditLine(now, "modtui", "restored", row.thread or None, row.id, WHY))
        await recount_thread(tx, row.thread)
    return held
