"""Taking back: in the undo window for good, after it by the inverse where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from modtui.domain.commands import NO_THREAD, Command, needs
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import WAITING, Delivery, DeliveryState, Receipt
from modtui.engine import Refused, Undone
from modtui.engine.history import happen, recount_thread
from modtui.engine.inverse import inverse
from modtui.engine.landing import (
    AuditNote,
    Return,
    audit,
    come_back,
    done,
    redraft,
)
from modtui.engine.parts import Parts
from modtui.engine.submit import Terms, take, undoable
from modtui.engine.words import name, name_of
from modtui.store import AuditLine, ReadTx, Tx

_S = DeliveryState
_OVER = (_S.REJECTED, _S.STALE, _S.CANCELLED)
_THREADS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class _Act:
    """One batch by me that could be taken back: its rows, and what was done at once."""

    thread: int
    batch: str
    at: datetime
    rows: tuple[Delivery, ...]
    events: tuple[Event, ...]

    @property
    def waiting(self) -> tuple[Delivery, ...]:
        """Rows that never left."""
        return tuple(r for r in self.rows if r.state in WAITING and r.unknown_at is None)

    @property
    def sent(self) -> tuple[Delivery, ...]:
        return tuple(row for row in self.rows if row.state is _S.SENT)


async def undo(parts: Parts, thread_id: int | None) -> Undone:
    """Take back my newest batch, of the thread or of all. Raises Refused."""

    async def work(tx: Tx) -> Undone:
        act = await _newest(tx, parts, thread_id)
        words = [await _named(tx, row) for row in (*act.waiting, *act.sent)]
        words += [event.kind.value for event in act.events]
        travelling = [row for row in act.rows if row not in (*act.waiting, *act.sent)]
        if travelling:
            what = await _named(tx, travelling[0])
            raise Refused("pending", f"{what} is on its way: nobody can stop it now")
        inverses = await _inverses(tx, parts, act)
        if not (inverses or act.waiting or act.events):
            account = act.sent[-1].account
            raise Refused("unable", f"{words[-1]} is done, and {account} cannot take it back")
        draft = await _cancel_all(tx, parts, act.waiting)
        await _take_back_events(tx, parts, act)
        if inverses:
            await _submit_inverses(tx, parts, inverses)
        message = f"{'taking' if inverses else 'taken'} back: {', '.join(words)}"
        line = AuditLine(parts.now(), parts.me, "undone", act.thread, None, message)
        await tx.add_audit(line)
        return Undone(message, act.thread, draft=draft, inverse=bool(inverses))

    return await parts.store.write(work)


async def _named(tx: ReadTx, row: Delivery) -> str:
    record = await tx.thread(row.thread)
    return name(row.command, record) if record else name_of(row.command)


async def _newest(tx: ReadTx, parts: Parts, thread_id: int | None) -> _Act:
    threads = [thread_id] if thread_id is not None else await _my_threads(tx, parts.me)
    acts = [await _newest_of(tx, parts, each) for each in threads]
    found = [act for act in acts if act is not None]
    if not found:
        raise Refused("unable", "there is nothing of yours to take back")
    return max(found, key=lambda act: act.at)


async def _my_threads(tx: ReadTx, me: str) -> Sequence[int]:
    lines = await tx.audit(limit=500)
    mine = dict.fromkeys(line.thread for line in lines if line.who == me)
    return [thread for thread in mine if thread is not None][:_THREADS_LOOKED_AT]


async def _newest_of(tx: ReadTx, parts: Parts, thread_id: int) -> _Act | None:
    if await tx.thread(thread_id) is None:
        raise Refused("invalid", f"there is no thread {thread_id}")
    rows = await tx.deliveries(thread=thread_id, newest=True)
    undone = {row.undoes for row in rows if row.state not in _OVER}
    mine = [
        row
        for row in rows
        if row.by == parts.me
        and row.undoes is None
        and row.not_before is None
        and row.state not in _OVER
        and row.id not in undone
    ]
    events = await tx.events(thread_id)
    gone = {event.get("batch") for event in events if event.kind is EventKind.UNDONE}
    local = [e for e in events if undoable(e, parts.me) and e.get("batch") not in gone]
    acts = [(row.created_at, row.batch) for row in mine]
    acts += [(event.at, str(event.get("batch"))) for event in local]
    if not acts:
        return None
    at, batch = max(acts)
    of_batch = [row for row in await tx.deliveries(batch=batch) if row.state not in _OVER]
    same = tuple(event for event in local if event.get("batch") == batch)
    return _Act(thread_id, batch, at, tuple(r for r in of_batch if r.id not in undone), same)


async def _cancel_all(tx: Tx, parts: Parts, rows: Sequence[Delivery]) -> bool:
    draft = False
    for row in rows:
        await tx.move_delivery(replace(row, next_at=None), _S.CANCELLED, "taken back")
        await audit(tx, parts, row, AuditNote(parts.me, "taken back", row.command.kind))
        draft = await redraft(tx, parts, row, "taken back") or draft
    for thread in {row.thread for row in rows}:
        await recount_thread(tx, thread)
    return draft


async def _take_back_events(tx: Tx, parts: Parts, act: _Act) -> None:
    if not act.events:
        return
    record = await tx.thread(act.thread)
    if record is not None:
        undone = Event(
            EventKind.UNDONE,
            parts.now(),
            parts.me,
            (("batch", act.batch), ("what", act.events[0].kind.value)),
        )
        await happen(tx, record, [undone], parts)


@dataclass(frozen=True, slots=True)
class _Inverse:
    undoes: int
    command: Command


async def _inverses(tx: ReadTx, parts: Parts, act: _Act) -> tuple[_Inverse, ...]:
    """Return what takes the sent rows back, last one first, as far as the platform can."""
    found = []
    for row in reversed(act.sent):
        record = await tx.thread(row.thread)
        able = parts.capabilities(row.account)
        if record is None or able is None:
            continue
        history = await tx.events(row.thread)
        command = inverse(row, record.revision, history, parts.now())
        if command and needs(command) in able.offers:
            found.append(_Inverse(row.id, command))
    return tuple(found)


async def _submit_inverses(tx: Tx, parts: Parts, inverses: Sequence[_Inverse]) -> None:
    batch = f"{parts.runtime.rng.getrandbits(64):016x}"
    undoes = tuple(each.undoes for each in inverses)
    terms = Terms(batch, hold=False, force=True, undoes=undoes)
    await take(tx, parts, [each.command for each in inverses], terms)


async def settle(parts: Parts, delivery_id: int, verdict: str) -> int:
    """Write a human's verdict on an unknown outcome; return the thread. Raises Refused."""

    async def work(tx: Tx) -> int:
        row = await _row(tx, delivery_id)
        if row.state is not _S.NEEDS_HUMAN:
            raise Refused("invalid", f"delivery {row.id} is {row.state.value}: nothing to settle")
        match verdict:
            case "there":
                seen = f"{parts.me} saw it there"
                await done(tx, parts, row, Receipt(None, row.unknown_at or parts.now(), seen))
            case "again":
                await _send_again(tx, parts, row)
            case "drop":
                why = f"dropped by {parts.me}: its outcome was unknown"
                await come_back(tx, parts, row, Return(_S.CANCELLED, why, parts.me))
            case _:
                raise Refused("invalid", f"{verdict}: say there, again or drop")
        return row.thread

    return await parts.store.write(work)


async def _send_again(tx: Tx, parts: Parts, row: Delivery) -> None:
    record = await tx.thread(row.thread)
    if record is not None or row.thread == NO_THREAD:
        # The human has just looked: that is the revision this is decided on.
        revision = record.revision if record else row.command.revision
        command = replace(row.command, revision=revision)
        again = replace(row, command=command, absent=0, unknown_at=None, next_at=None, error=None)
        await tx.move_delivery(again, _S.QUEUED, "to be sent again")
        await recount_thread(tx, row.thread)
        await audit(tx, parts, row, AuditNote(parts.me, "again", await _named(tx, row)))


async def cancel(parts: Parts, delivery_id: int) -> int:
    """Take back one row that has not left; return its thread. Raises Refused."""

    async def work(tx: Tx) -> int:
        row = await _row(tx, delivery_id)
        if row.state not in WAITING:
            raise Refused("invalid", f"delivery {row.id} is {row.state.value}")
        if row.unknown_at is not None:
            raise Refused("pending", f"delivery {row.id} may be there already: wait for a look")
        why = f"cancelled by {parts.me}"
        await come_back(tx, parts, row, Return(_S.CANCELLED, why, parts.me))
        return row.thread

    return await parts.store.write(work)


async def _row(tx: ReadTx, delivery_id: int) -> Delivery:
    row = await tx.delivery(delivery_id)
    if row is None:
        raise Refused("invalid", f"there is no delivery {delivery_id}")
    return row
