"""Taking back: in the undo window for good, after it by the inverse where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from modtui.domain.commands import NO_THREAD, Command, Hide, Reply, needs
from modtui.domain.frozen import dataclass
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import WAITING, Delivery, DeliveryState, Receipt
from modtui.engine import Refused, Undone
from modtui.engine.history import happen, recount_thread
from modtui.engine.inverse import confirmed, doubt, inverse, stood_before
from modtui.engine.kept import end_further, still_further
from modtui.engine.landing import (
    AuditNote,
    Return,
    audit,
    come_back,
    done,
    redraft,
    with_text,
)
from modtui.engine.parts import Parts
from modtui.engine.submit import Terms, take, undoable
from modtui.engine.words import name, name_of, told
from modtui.store import AuditLine, ReadTx, Tx

_S = DeliveryState
_OVER = (_S.REJECTED, _S.STALE, _S.CANCELLED)
_LINES_LOOKED_AT = 2_000
_ROWS_OF_A_BATCH = 5_000
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Act:
    """One batch by me that could be taken back: its rows, and what was done at once.

    `several`: it was taken over several threads or posts, each of which stands alone.
    """

    threads: tuple[int, ...]
    batch: str
    several: bool
    rows: tuple[Delivery, ...]
    events: Mapping[int, tuple[Event, ...]]

    @property
    def waiting(self) -> tuple[Delivery, ...]:
        """Rows that never left."""
        return tuple(r for r in self.rows if r.state in WAITING and r.unknown_at is None)

    @property
    def sent(self) -> tuple[Delivery, ...]:
        return tuple(row for row in self.rows if row.state is _S.SENT)

    @property
    def travelling(self) -> tuple[Delivery, ...]:
        """Rows that nobody can stop now."""
        return tuple(row for row in self.rows if row not in (*self.waiting, *self.sent))


async def undo(
    parts: Parts, thread_id: int | None, batch: str | None = None, *, force: bool = False
) -> Undone:
    """Take back `batch`, else my newest one: of the thread, or of all. Raises Refused, also where
    nobody can tell whether what it ends is still ours, unless `force` says to do it all the same.
    """

    async def work(tx: Tx) -> Undone:
        act = await _chosen(tx, parts, thread_id, batch)
        inverses = await _inverses(tx, parts, act)
        further = await end_further(tx, act.sent)
        nothing = not (inverses or act.waiting or act.events or further)
        if act.travelling and (nothing or not act.several):
            what = await _named(tx, parts, act.travelling[0])
            raise Refused("pending", f"{what} is on its way: nobody can stop it now")
        words = await _words(tx, parts, act)
        if nothing:
            raise Refused("unable", _for_good(act.sent[-1], words[-1]))
        if (why := _doubts(inverses)) and not force:
            raise Refused("unsure", f"{_listed(words)}: {why}", can_force=True)
        draft = await _cancel_all(tx, parts, act.waiting)
        await _take_back_events(tx, parts, act)
        if inverses:
            await _submit_inverses(tx, parts, inverses)
        behind = not draft and any(isinstance(row.command, Reply) for row in act.waiting)
        message = f"{'taking' if inverses else 'taken'} back: {_listed(words)}"
        if further:
            message += "; flags that come from now on count again"
        if act.travelling:
            message += f"; {len(act.travelling)} on its way, not yet"
        if await _noted(tx, act):
            message += "; its note stays"
        await _tell(tx, parts, act, message, mistake=bool(inverses))
        removed = [row for row in act.sent if isinstance(row.command, Hide)]
        gone = {each.undoes for each in inverses}
        seen = next((row.thread for row in removed if row.id in gone), None)
        return Undone(message, act.threads[0], draft, bool(inverses), act.threads, seen, behind)

    return await parts.store.write(work)


async def _chosen(tx: ReadTx, parts: Parts, thread_id: int | None, batch: str | None) -> _Act:
    if batch is None or thread_id is None:
        return await _newest(tx, parts, thread_id)
    act = await _whole(tx, parts, batch, thread_id)
    if why := await _why_not(tx, parts, act):
        raise Refused("unable", why)
    return act


@dataclass(frozen=True, slots=True)
class Prospect:
    """Why a batch cannot be taken back, "" if it can; whether that takes an inverse command, and
    what cannot be told of what this one ends."""

    why_not: str
    inverse: bool
    doubt: str


async def prospect(tx: ReadTx, parts: Parts, batch: str, thread_id: int) -> Prospect:
    """Return what taking back a batch of mine would come to."""
    act = await _whole(tx, parts, batch, thread_id)
    unsure = _doubts(await _inverses(tx, parts, act))
    return Prospect(await _why_not(tx, parts, act), bool(act.sent), unsure)


async def _noted(tx: ReadTx, act: _Act) -> bool:
    """Whether a note for the team came with it: nobody takes that back."""
    if any(isinstance(row.command, Reply) and row.command.notes for row in act.sent):
        return True
    events = [e for thread in act.threads for e in await tx.batch_events(thread, act.batch)]
    return any(event.kind is EventKind.STAFF_NOTE for event in events)


def _doubts(inverses: Sequence[_Inverse]) -> str:
    return "; ".join(dict.fromkeys(each.doubt for each in inverses if each.doubt))


async def _why_not(tx: ReadTx, parts: Parts, act: _Act) -> str:
    if not (act.rows or act.events):
        rows = await tx.deliveries(batch=act.batch)
        notes = await tx.batch_events(act.threads[0], act.batch)
        if rows or any(event.kind is EventKind.UNDONE for event in notes):
            return "it is taken back already, or never went out"
        return "a note stays: write another"
    nothing = not (act.waiting or act.events or await _inverses(tx, parts, act))
    if nothing and await still_further(tx, act.sent):
        return ""
    if act.travelling and (nothing or not act.several):
        return f"{await _named(tx, parts, act.travelling[0])} is on its way: nobody can stop it now"
    if not nothing:
        return ""
    last = act.sent[-1]
    return _for_good(last, await _named(tx, parts, last))


def _for_good(row: Delivery, what: str) -> str:
    if stood_before(row):
        return f"{what}: it was so before, and what another set is not taken back"
    if confirmed(row):
        return f"{what}: {row.account} held it back before, and taking it back would let it out"
    return f"{what} is done, and {row.account} cannot take it back"


async def _words(tx: ReadTx, parts: Parts, act: _Act) -> list[str]:
    words = [await _named(tx, parts, row) for row in (*act.waiting, *act.sent)]
    return words + [told(event) for events in act.events.values() for event in events]


def _listed(words: Sequence[str]) -> str:
    """Return the first of `words`; what was done in one thread names it once, after the last."""
    shown, more = words[:_NAMED], len(words) - _NAMED
    parted = [word.partition(" → ") for word in shown]
    heads = [
        act if where and where == following[2] else act + arrow + where
        for (act, arrow, where), following in zip(parted, (*parted[1:], ("",) * 3), strict=True)
    ]
    return ", ".join(heads) + (f" and {more} more" if more > 0 else "")


async def _tell(tx: Tx, parts: Parts, act: _Act, message: str, *, mistake: bool) -> None:
    """Write the audit lines: what had been sent and is now taken back was a mistake."""
    action = "mistake undone" if mistake else "undone"
    for thread in act.threads:
        await tx.add_audit(AuditLine(parts.now(), parts.me, action, thread, None, message))


async def _named(tx: ReadTx, parts: Parts, row: Delivery) -> str:
    record = await tx.thread(row.thread)
    return name(row.command, record, parts.desk) if record else name_of(row.command)


async def _newest(tx: ReadTx, parts: Parts, thread_id: int | None) -> _Act:
    if thread_id is not None:
        threads: Sequence[tuple[int, datetime]] = ((thread_id, parts.now()),)
    else:
        threads = await _my_threads(tx, parts.me)
    best: tuple[datetime, str, int] | None = None
    for thread, last_line_at in threads:
        # Whatever was done in a thread wrote a line then: older lines mean older acts.
        if best is not None and best[0] > last_line_at:
            break
        found = await _newest_of(tx, parts, thread)
        if found is not None and (best is None or (*found, thread)[:2] > best[:2]):
            best = (*found, thread)
    if best is None:
        raise Refused("unable", "there is nothing of yours to take back")
    return await _whole(tx, parts, best[1], best[2])


async def _my_threads(tx: ReadTx, me: str) -> Sequence[tuple[int, datetime]]:
    """Return the threads I did something in, with the time of the latest, newest first."""
    found: dict[int, datetime] = {}
    for line in await tx.audit(limit=_LINES_LOOKED_AT):
        if line.who == me and line.thread is not None:
            found.setdefault(line.thread, line.at)
    return tuple(found.items())


async def _newest_of(tx: ReadTx, parts: Parts, thread_id: int) -> tuple[datetime, str] | None:
    """Return when I did the newest batch in a thread that can be taken back, and which it is."""
    if await tx.thread(thread_id) is None:
        raise Refused("invalid", f"there is no thread {thread_id}")
    rows = await tx.latest_deliveries(thread=thread_id)
    mine = [
        row for row in _not_undone(rows) if row.by == parts.me and row.undoes is None
        and row.not_before is None and row.command.decides
    ]  # fmt: skip
    acts = [(row.created_at, row.batch) for row in mine]
    local = await _local(tx, parts, thread_id)
    acts += [(event.at, str(event.get("batch"))) for event in local]
    return max(acts, default=None)


def _not_undone(rows: Sequence[Delivery]) -> tuple[Delivery, ...]:
    undone = {row.undoes for row in rows if row.state not in _OVER}
    return tuple(row for row in rows if row.state not in _OVER and row.id not in undone)


async def _local(tx: ReadTx, parts: Parts, thread_id: int) -> tuple[Event, ...]:
    """Return what I did at once in a thread and did not take back."""
    events = await tx.events(thread_id)
    gone = {event.get("batch") for event in events if event.kind is EventKind.UNDONE}
    return tuple(e for e in events if undoable(e, parts.me) and e.get("batch") not in gone)


async def _whole(tx: ReadTx, parts: Parts, batch: str, thread_id: int) -> _Act:
    """Return the batch as it stands in all its threads."""
    noted = await tx.batch_threads(batch)
    rows: list[Delivery] = []
    for row in await tx.deliveries(batch=batch, limit=_ROWS_OF_A_BATCH):
        rows += [r for r in _not_undone(await _with_undoing(tx, row)) if r.id == row.id]
    events = {}
    for thread in noted or (thread_id,):
        local = await _local(tx, parts, thread)
        if same := tuple(event for event in local if event.get("batch") == batch):
            events[thread] = same
    threads = dict.fromkeys((thread_id, *(row.thread for row in rows), *events))
    return _Act(tuple(threads), batch, bool(noted), tuple(rows), events)


async def _with_undoing(tx: ReadTx, row: Delivery) -> tuple[Delivery, ...]:
    """Return `row` and, where it was sent, what may be taking it back."""
    if row.state is not _S.SENT:
        return (row,)
    others = await tx.latest_deliveries(thread=row.thread)
    return (row, *(other for other in others if other.undoes == row.id))


async def _cancel_all(tx: Tx, parts: Parts, rows: Sequence[Delivery]) -> bool:
    draft = False
    for row in rows:
        said = await with_text(tx, row, "taken back")
        beside = said if said != "taken back" else row.error
        await tx.move_delivery(replace(row, next_at=None, error=beside), _S.CANCELLED, said)
        await audit(tx, parts, row, AuditNote(parts.me, "taken back", row.command.kind))
        draft = await redraft(tx, parts, row, "taken back") or draft
    for thread in {row.thread for row in rows}:
        await recount_thread(tx, thread)
    return draft


async def _take_back_events(tx: Tx, parts: Parts, act: _Act) -> None:
    for thread, events in act.events.items():
        record = await tx.thread(thread)
        if record is not None:
            detail = (("batch", act.batch), ("what", events[0].kind.value))
            undone = Event(EventKind.UNDONE, parts.now(), parts.me, detail)
            await happen(tx, record, [undone], parts)


@dataclass(frozen=True, slots=True)
class _Inverse:
    undoes: int
    command: Command
    doubt: str


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
        needed = needs(command) if command else None
        limits = able.offers.get(needed) if needed else None
        if command and limits:
            found.append(_Inverse(row.id, command, doubt(row, command, limits)))
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
        await audit(tx, parts, row, AuditNote(parts.me, "again", await _named(tx, parts, row)))


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
