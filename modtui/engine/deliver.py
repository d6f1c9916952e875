"""Carrying one row to its platform: leased and committed before any byte leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from modtui.connectors import (
    ConnectorError,
    Dedupe,
    Key,
    Nothing,
    RateLimited,
    Rejected,
    Retryable,
    Stale,
    ThreadRef,
    Unauthorized,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE
from modtui.domain.commands import NO_THREAD, Reply
from modtui.domain.frozen import dataclass
from modtui.domain.model import ThreadRecord
from modtui.domain.outbox import (
    Delivery,
    DeliveryState,
    Failure,
    Receipt,
    after_failure,
)
from modtui.domain.states import news
from modtui.domain.views import Change
from modtui.engine.history import recount_thread
from modtui.engine.landing import AuditNote, Return, audit, come_back, done, limits_of
from modtui.engine.line import Line, Pace
from modtui.engine.parts import Parts
from modtui.engine.words import broke
from modtui.store import Fenced, ReadTx, Tx

T = TypeVar("T")

# A key is not used up to its last second: the platform's clock began before our commit ended.
_KEY_LIFE = 0.9
_NOT_OURS = "not taken back: somebody changed it since, so that it is not ours to end any more"

_FAILURES: tuple[tuple[type[ConnectorError], Failure], ...] = (
    (RateLimited, Failure.RATE_LIMITED),
    (Retryable, Failure.RETRYABLE),
    (Unauthorized, Failure.UNAUTHORIZED),
    (Rejected, Failure.REJECTED),
    (Stale, Failure.STALE),
    (Unsupported, Failure.UNSUPPORTED),
)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A row that is ours to send, and the thread as its platform knows it."""

    row: Delivery
    ref: ThreadRef


@dataclass(frozen=True, slots=True)
class Failed:
    """How a try ended without a receipt. `next_at`: when a queued row may go again."""

    failure: Failure
    why: str
    retry_after: timedelta | None = None
    next_at: datetime | None = None


async def send(parts: Parts, line: Line, pace: Pace, delivery_id: int) -> None:
    """Try one queued row once and write how it ended. Raises Fenced when the lease is lost."""
    taken = await parts.store.write(lambda tx: _take(tx, parts, line, pace, delivery_id))
    parts.changed(told(taken.row if taken else None))
    if taken is None:
        return
    if taken.row.unknown_at is None:
        line.tried.add(taken.row.id)
    ended = await _perform(line, pace, taken)
    if isinstance(ended, Receipt):
        receipt = ended
        await parts.store.write(lambda tx: receive(tx, parts, taken.row, receipt), vital=True)
    else:
        await _failed(parts, line, pace, taken.row, ended)
    parts.changed(told(taken.row))


async def _failed(parts: Parts, line: Line, pace: Pace, row: Delivery, ended: Failed) -> None:
    next_at = pace.again(parts, row.attempts, ended.retry_after)
    if ended.failure is Failure.RATE_LIMITED:
        line.paused_until = next_at
        parts.limited(line.account, next_at)
    if ended.failure is Failure.UNAUTHORIZED:
        line.refused = Unauthorized(ended.why)
    if _in_doubt(parts, row, ended):
        line.distrusted.add(row.id)
        ended = replace(ended, failure=Failure.UNKNOWN)
    verdict = replace(ended, next_at=next_at)
    await parts.store.write(lambda tx: _fail(tx, parts, line, row, verdict), vital=True)


def told(row: Delivery | None) -> Change:
    """Return the change that says a row moved."""
    threads = frozenset({row.thread} if row and row.thread != NO_THREAD else ())
    return Change(threads=threads, deliveries=True, wide=row is None)


async def _take(tx: Tx, parts: Parts, line: Line, pace: Pace, delivery_id: int) -> _Taken | None:
    await tx.check_lease(line.lease)
    row = await tx.delivery(delivery_id)
    if row is None or row.state is not DeliveryState.QUEUED:
        return None
    record = await tx.thread(row.thread)
    if record is None and row.thread != NO_THREAD:
        return None
    if record is not None and await is_stale(tx, row, record):
        what = "its help route was opened" if is_unheard(row, record) else "the thread changed"
        why = f"{what} before it was sent: look again, then act"
        await come_back(tx, parts, row, Return(DeliveryState.STALE, why, "outbox"))
        return None
    if record is not None and await _is_spared(tx, parts, row, record):
        return None
    leased = await tx.lease_delivery(delivery_id, parts.runtime.session, pace.lease, parts.now())
    if leased is None:
        return None
    dedupe = dedupe_of(parts, row)
    if row.unknown_at and isinstance(dedupe, Key) and not key_holds(parts, line, row, dedupe):
        # It may be there already, and the platform would take the old key for a new one.
        why = "its key is not known there any more"
        await tx.move_delivery(replace(leased, error=why), DeliveryState.UNKNOWN, why)
        await recount_thread(tx, row.thread)
        return None
    return _Taken(leased, ref_of(record))


async def _is_spared(tx: Tx, parts: Parts, row: Delivery, record: ThreadRecord) -> bool:
    """Cancel `row` where it is not by a moderator and against who may need help by now."""
    from modtui.engine.spam import AUTOMATIC, SPARED, is_spared

    spared = await is_spared(tx, row, record)
    if spared:
        await come_back(tx, parts, row, Return(DeliveryState.CANCELLED, SPARED, AUTOMATIC))
    return spared


def dedupe_of(parts: Parts, row: Delivery) -> Dedupe:
    """Return how the platform tells a repeat of `row`; Nothing where it does not say."""
    limits = limits_of(parts, row)
    return limits.dedupe if limits else Nothing()


def key_holds(parts: Parts, line: Line, row: Delivery, dedupe: Key) -> bool:
    """Return whether the platform would still know the key of `row` as the same.

    A per-credential key is trusted over the very connector that sent it first, and no longer.
    """
    if row.id in line.distrusted or (dedupe.per_credential and row.id not in line.tried):
        return False
    first = row.first_sent_at or parts.now()
    return parts.now() < first + dedupe.ttl * _KEY_LIFE


async def is_stale(tx: ReadTx, row: Delivery, record: ThreadRecord) -> bool:
    """Return whether another changed the thread under a decision that has not left yet, or its
    help route was opened, by whomever.

    A timed end, an undo and a claim are not decided on what the thread says; a row that may have
    been executed already is looked for, not asked about.
    """
    if not row.command.decides:
        return False
    if row.not_before is not None or row.undoes is not None or row.unknown_at is not None:
        return False
    if is_unheard(row, record):
        return True
    if row.command.revision == record.revision:
        return False
    return news(await tx.events(row.thread), row.command.revision, row.by) is not None


def is_unheard(row: Delivery, record: ThreadRecord) -> bool:
    """Return whether `row` is a reply from before the help route of its thread was opened: it has
    no disclaimer, and may be a light one."""
    reply = row.command
    return isinstance(reply, Reply) and reply.route is None and record.help_route is not None


def ref_of(record: ThreadRecord | None) -> ThreadRef:
    """Return the thread as the connector knows it; an empty one for what belongs to none."""
    if record is None:
        return ThreadRef("", "", "")
    thread = record.thread
    return ThreadRef(
        subject=thread.subject,
        channel=thread.channel,
        author=thread.author.remote_id,
        conversation=thread.conversation,
        url=thread.url,
    )


async def _perform(line: Line, pace: Pace, taken: _Taken) -> Receipt | Failed:
    row = taken.row
    trying = line.connector.perform(taken.ref, row.command, row.key)
    try:
        return await within(pace.tries_for, trying)
    except ConnectorError as error:
        return failed(error)
    except Exception as error:
        # Whatever a connector raises, the bytes may have left: nobody can tell.
        return Failed(Failure.UNKNOWN, broke(error))


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Return what `work` returns. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        return await work


def failed(error: ConnectorError) -> Failed:
    """Return a connector's error in the outbox's words."""
    for kind, failure in _FAILURES:
        if isinstance(error, kind):
            return Failed(failure, str(error), getattr(error, "retry_after", None))
    return Failed(Failure.UNKNOWN, str(error))


async def receive(tx: Tx, parts: Parts, row: Delivery, receipt: Receipt) -> None:
    """Write a receipt, true whoever holds the account by now: the row itself is the fence.

    Raises Fenced when the row was settled in another way meanwhile.
    """
    stored = await tx.delivery(row.id)
    travelling = (DeliveryState.SENDING, DeliveryState.RECONCILING)
    if stored is None or stored.epoch != row.epoch or stored.state not in travelling:
        raise Fenced(f"delivery {row.id} was settled by another")
    if receipt.evidence == LEFT_ALONE and stored.undoes is not None:
        await come_back(tx, parts, stored, Return(DeliveryState.STALE, _NOT_OURS, stored.account))
        return
    await done(tx, parts, stored, receipt)


def _in_doubt(parts: Parts, row: Delivery, ended: Failed) -> bool:
    """Whether an earlier try of a row refused now may have been executed: then look first."""
    refused = after_failure(ended.failure) in (DeliveryState.REJECTED, DeliveryState.STALE)
    return refused and row.unknown_at is not None and isinstance(dedupe_of(parts, row), Key)


async def _fail(tx: Tx, parts: Parts, line: Line, row: Delivery, ended: Failed) -> None:
    await tx.check_lease(line.lease)
    state = after_failure(ended.failure)
    if state in (DeliveryState.REJECTED, DeliveryState.STALE):
        why = ended.why or state.value
        await come_back(tx, parts, row, Return(state, why, line.account))
        return
    row = replace(row, error=ended.why)
    if state is DeliveryState.QUEUED:
        row = replace(row, next_at=ended.next_at)
    elif state is DeliveryState.UNKNOWN:
        row = replace(row, unknown_at=row.unknown_at or parts.now())
        await audit(tx, parts, row, AuditNote("outbox", "unknown", ended.why))
    await tx.move_delivery(row, state, ended.why)
    await recount_thread(tx, row.thread)
