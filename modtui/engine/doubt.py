"""Rows whose sender is gone: nobody knows whether the platform did them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from modtui.domain.outbox import Delivery, DeliveryState
from modtui.engine.history import recount_thread
from modtui.engine.line import Line
from modtui.engine.parts import Parts
from modtui.store import Tx


async def recover(tx: Tx, parts: Parts, line: Line) -> frozenset[int]:
    """Turn rows whose sender is gone into `unknown`, never back into `queued`.

    Returns their threads. A row that is only being looked for goes on from where it stands.
    """
    await tx.check_lease(line.lease)
    gone = [row for row in await tx.orphans(line.account) if row.state is DeliveryState.SENDING]
    known = {row.id for row in gone}
    # The lease of a row outlives a process that was killed; nobody sends under it any more.
    for row in await tx.deliveries(account=line.account, states=(DeliveryState.SENDING,)):
        if row.id not in known and row.owner and not parts.runtime.alive(row.owner):
            gone.append(row)
    if gone:
        await _doubt(tx, parts, gone, "the sender stopped before it knew")
    return frozenset(row.thread for row in gone)


async def abandon(tx: Tx, parts: Parts) -> frozenset[int]:
    """Turn what this process was sending into `unknown`; return the threads.

    It ends: no answer will be heard here, and who serves the account next need not wait."""
    rows = await tx.deliveries(states=(DeliveryState.SENDING,))
    mine = [row for row in rows if row.owner == parts.runtime.session]
    if mine:
        await _doubt(tx, parts, mine, "modtui ended before the platform answered")
    return frozenset(row.thread for row in mine)


async def _doubt(tx: Tx, parts: Parts, rows: Iterable[Delivery], why: str) -> None:
    from modtui.engine.landing import AuditNote, audit

    for row in rows:
        doubtful = replace(row, error=why, unknown_at=row.unknown_at or parts.now())
        await tx.move_delivery(doubtful, DeliveryState.UNKNOWN, why)
        await recount_thread(tx, row.thread)
        await audit(tx, parts, row, AuditNote("outbox", "unknown", why))
