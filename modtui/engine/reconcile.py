"""Finding out whether a row of unknown outcome was done, without ever doing it twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from modtui.connectors import (
    Absent,
    CannotTell,
    ConnectorError,
    Found,
    Idempotent,
    Key,
    ReadBack,
    StateSetting,
    ThreadRef,
    Unauthorized,
)
from modtui.domain.commands import NO_THREAD
from modtui.domain.frozen import dataclass
from modtui.domain.outbox import (
    Delivery,
    DeliveryState,
    Look,
    Proof,
    resolve_look,
    resolve_unknown,
)
from modtui.engine.deliver import dedupe_of, key_holds, receive, ref_of, told, within
from modtui.engine.history import recount_thread
from modtui.engine.landing import AuditNote, audit
from modtui.engine.line import Line, Pace
from modtui.engine.parts import Parts
from modtui.engine.words import broke
from modtui.store import ReadTx, Tx

_LOOKS_AT_TAKEN = 20


@dataclass(frozen=True, slots=True)
class _Search:
    """What a look goes out with."""

    row: Delivery
    ref: ThreadRef
    since: datetime
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look came back with."""

    look: Look
    why: str = ""
    found: Found | None = None
    next_at: datetime | None = None


async def resolve(parts: Parts, line: Line, pace: Pace, delivery_id: int) -> None:
    """Send an `unknown` row where its platform's proof allows. Raises Fenced."""

    async def work(tx: Tx) -> Delivery | None:
        await tx.check_lease(line.lease)
        row = await tx.delivery(delivery_id)
        if row is None or row.state is not DeliveryState.UNKNOWN:
            return None
        state = resolve_unknown(_proof(parts, row), key_holds=_key_holds(parts, line, row))
        row = replace(row, unknown_at=row.unknown_at or parts.now())
        if state is DeliveryState.NEEDS_HUMAN:
            await _ask(tx, parts, row, "nobody can tell whether it was done: look there")
            return row
        next_at = pace.again(parts, row.attempts)
        if state is DeliveryState.RECONCILING:
            next_at = parts.now() + _settle(parts, row, pace)
        await tx.move_delivery(replace(row, next_at=next_at), state)
        await recount_thread(tx, row.thread)
        return row

    parts.changed(told(await parts.store.write(work)))


def _proof(parts: Parts, row: Delivery) -> Proof:
    match dedupe_of(parts, row):
        case Key():
            return Proof.KEY
        case ReadBack():
            return Proof.READ_BACK
        case StateSetting() | Idempotent():
            return Proof.HARMLESS
    return Proof.NOTHING


def _key_holds(parts: Parts, line: Line, row: Delivery) -> bool:
    dedupe = dedupe_of(parts, row)
    return isinstance(dedupe, Key) and key_holds(parts, line, row, dedupe)


def _settle(parts: Parts, row: Delivery, pace: Pace) -> timedelta:
    dedupe = dedupe_of(parts, row)
    return dedupe.settle if isinstance(dedupe, ReadBack) else timedelta(seconds=pace.settle)


async def look(parts: Parts, line: Line, pace: Pace, delivery_id: int) -> None:
    """Read the thread back for a `reconciling` row and write what that says. Raises Fenced."""
    search = await parts.store.write(lambda tx: _search(tx, line, pace, delivery_id))
    if search is None:
        return
    seen = await _look(parts, line, pace, search)
    if seen is None:
        return
    found = seen.found
    if found is not None:
        await parts.store.write(
            lambda tx: receive(tx, parts, search.row, found.receipt), vital=True
        )
    else:
        tries = line.looks[delivery_id] = line.looks.get(delivery_id, 0) + 1
        again = replace(seen, next_at=pace.again(parts, tries))
        await parts.store.write(lambda tx: _not_found(tx, parts, line, search.row, again))
    parts.changed(told(search.row))


async def _search(tx: Tx, line: Line, pace: Pace, delivery_id: int) -> _Search | None:
    await tx.check_lease(line.lease)
    row = await tx.delivery(delivery_id)
    if row is None or row.state is not DeliveryState.RECONCILING:
        return None
    record = await tx.thread(row.thread)
    if record is None and row.thread != NO_THREAD:
        return None
    await tx.renew_delivery(row, pace.lease)
    taken = await tx.receipts_of(row.thread) | line.owned.get(row.id, frozenset())
    return _Search(row, ref_of(record), row.first_sent_at or row.created_at, taken)


async def _look(parts: Parts, line: Line, pace: Pace, search: _Search) -> _Seen | None:
    """Ask the connector; None when the credential was refused, which says nothing."""
    for _ in range(_LOOKS_AT_TAKEN):
        seen = await _ask_platform(line, pace, search)
        if seen is None or seen.found is None:
            return seen
        remote_id = seen.found.receipt.remote_id
        if remote_id is None or not await _is_taken(parts, search.row, remote_id):
            return seen
        search = replace(search, taken=search.taken | {remote_id})
        line.owned[search.row.id] = search.taken
    return _Seen(Look.CANNOT_TELL, "too many posts look alike")


async def _is_taken(parts: Parts, row: Delivery, remote_id: str) -> bool:
    async def work(tx: ReadTx) -> bool:
        return bool(await tx.receipt_ids(row.account, [remote_id]))

    return await parts.store.read(work)


async def _ask_platform(line: Line, pace: Pace, search: _Search) -> _Seen | None:
    row = search.row
    asking = line.connector.find(search.ref, row.command, search.since, search.taken)
    try:
        answer = await within(pace.tries_for, asking)
    except Unauthorized as error:
        line.refused = error
        return None
    except (ConnectorError, TimeoutError) as error:
        return _Seen(Look.FAILED, str(error) or "the platform did not answer")
    except Exception as error:
        # A connector that breaks while reading has told nothing about the writing.
        return _Seen(Look.FAILED, broke(error))
    match answer:
        case Found():
            return _Seen(Look.FOUND, found=answer)
        case Absent(strong=True):
            return _Seen(Look.ABSENT, "it is not there")
        case Absent():
            return _Seen(Look.WEAKLY_ABSENT, "it does not show there, which proves nothing")
        case CannotTell(why=why):
            return _Seen(Look.CANNOT_TELL, why)


async def _not_found(tx: Tx, parts: Parts, line: Line, row: Delivery, seen: _Seen) -> None:
    await tx.check_lease(line.lease)
    stored = await tx.delivery(row.id)
    if stored is None or stored.state is not DeliveryState.RECONCILING:
        return
    look_result = seen.look
    dedupe = dedupe_of(parts, stored)
    if look_result is Look.ABSENT and isinstance(dedupe, ReadBack) and not dedupe.strong:
        look_result = Look.WEAKLY_ABSENT
    looking = parts.now() - (stored.unknown_at or parts.now())
    state = resolve_look(look_result, absent=stored.absent, looking=looking)
    if state is DeliveryState.NEEDS_HUMAN:
        await _ask(tx, parts, stored, seen.why)
        return
    if state is DeliveryState.QUEUED:
        line.distrusted.discard(stored.id)
        fresh = replace(stored, absent=stored.absent + 1, unknown_at=None, next_at=None)
        await tx.move_delivery(replace(fresh, error=seen.why), state, seen.why)
    else:
        again = replace(stored, error=seen.why, next_at=seen.next_at)
        await tx.move_delivery(again, state, seen.why)
    await recount_thread(tx, stored.thread)


async def _ask(tx: Tx, parts: Parts, row: Delivery, why: str) -> None:
    await tx.move_delivery(replace(row, error=why, next_at=None), DeliveryState.NEEDS_HUMAN, why)
    await recount_thread(tx, row.thread)
    await audit(tx, parts, row, AuditNote("outbox", DeliveryState.NEEDS_HUMAN.value, why))
