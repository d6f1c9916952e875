"""What both sides know: claims held here are held on the platform too, and those held there are
shown here; notes are left there where the account says so."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.commands import Assign, Capability, Command, Comment
from modtui.domain.model import Event, EventKind, ThreadRecord
from modtui.domain.outbox import WAITING, Delivery, DeliveryState
from modtui.engine.parts import Parts
from modtui.store import Tx


async def mirror(
    tx: Tx, parts: Parts, record: ThreadRecord, *, on: bool, over: bool = False
) -> None:
    """Queue what holds the thread on its platform, or lets it go; nothing where that cannot be.

    What waits of an earlier one is dropped: the later says how it is to stand.
    """
    able = parts.capabilities(record.account)
    if able is None or Capability.ASSIGN not in able.offers:
        return
    why = "a later claim or release took its place"
    for row in await tx.deliveries(thread=record.id, states=WAITING):
        if isinstance(row.command, Assign):
            await tx.move_delivery(replace(row, error=why), DeliveryState.CANCELLED, why)
    command = Assign(thread=record.id, revision=record.revision, on=on, over=over)
    await _queue(tx, parts, record, command, parts.me)
    await tx.set_mirrored(record.id, on)


async def leave_note(tx: Tx, parts: Parts, record: ThreadRecord, text: str, by: str) -> None:
    """Queue what leaves a note on the thread's platform; nothing where notes stay here."""
    able = parts.capabilities(record.account)
    if able is not None and Capability.NOTE in able.offers:
        command = Comment(thread=record.id, revision=record.revision, text=text)
        await _queue(tx, parts, record, command, by)


async def _queue(tx: Tx, parts: Parts, record: ThreadRecord, command: Command, by: str) -> None:
    from modtui.engine.landing import new_key

    key = new_key(parts)
    row = Delivery(
        id=0,
        key=key,
        batch=f"{command.kind}:{key}",
        thread=record.id,
        account=record.account,
        command=command,
        state=DeliveryState.QUEUED,
        by=by,
        created_at=parts.now(),
    )
    await tx.add_delivery(row)


async def let_lapsed_go(parts: Parts) -> None:
    """Release on the platforms what nobody holds here any more."""

    async def work(tx: Tx) -> None:
        for thread_id in await tx.left_mirrored():
            record = await tx.thread(thread_id)
            if record is not None and parts.capabilities(record.account) is not None:
                await tx.set_mirrored(thread_id, False)
                await mirror(tx, parts, record, on=False)

    await parts.store.write(work)
    parts.wake()


async def held_there(tx: Tx, record: ThreadRecord, parts: Parts) -> tuple[Event, ...]:
    """Let the claim stand as the platform tells it now; return the events that is worth.

    Who had claimed it here is overtaken: what they decided comes back to them.
    """
    if not record.thread.holder:
        who = await tx.let_go_there(record.id)
        return (Event(EventKind.RELEASED, parts.now(), who),) if who else ()
    by = f"{record.thread.holder} on {record.account}"
    before = await tx.claim(record.id)
    await tx.hold_there(record.id, by)
    if before is None or before.by == by:
        return (Event(EventKind.CLAIMED, parts.now(), by),)
    return (Event(EventKind.TAKEN_OVER, parts.now(), by, (("from", before.by),)),)
