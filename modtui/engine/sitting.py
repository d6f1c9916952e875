"""A moderator sits down and leaves: what asks first, what one comes back to, what would stop."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.domain.commands import NO_THREAD
from modtui.domain.model import State
from modtui.domain.outbox import FINAL, HELD_AT_MOST, UNFINISHED, Delivery, DeliveryState
from modtui.domain.shift import Decision, HandedOver, Item, Leaving, Part, Return, Sitting, Stop
from modtui.domain.views import Change, QueueRow
from modtui.engine import Refused
from modtui.engine.leftovers import MOST, Snapshot, drafts, of_row, of_thread, stands
from modtui.engine.parts import Parts
from modtui.store import ReadTx, StoreError, Tx

ASKS_AFTER = timedelta(minutes=2)
REMEMBERED = timedelta(hours=24)
_LOOKED_AT = 200
_GOES_ON = (
    DeliveryState.HELD,
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.RECONCILING,
)
_ENDED = {
    DeliveryState.SENT: "sent",
    DeliveryState.REJECTED: "refused",
    DeliveryState.STALE: "not sent, it changed",
    DeliveryState.CANCELLED: "taken back",
}


class Sittings:
    """The `Shift` of `modtui.engine.shift`, over one store."""

    def __init__(self, parts: Parts, *, read_only: bool = False) -> None:
        self._parts = parts
        self._read_only = read_only
        self._own: Sitting | None = None
        self._last: Sitting | None = None
        self._left_at: datetime | None = None
        self._told = False

    async def begin(self) -> bool:
        if self._read_only:
            return False
        parts = self._parts
        own = Sitting(parts.runtime.session, parts.me, parts.now())

        async def work(tx: Tx) -> bool:
            await tx.begin_sitting(own)
            last = await self._ended(tx)
            if last is None:
                return False
            wrote_at = await _wrote_at(tx, last)
            self._last, self._left_at = last, last.ended_at or wrote_at
            self._told = last.handed_at is not None and last.handed_at >= wrote_at
            return await self._let_ask(tx, last, self._left_at)

        try:
            asking = await parts.store.write(work)
        except StoreError:
            # A store that takes nothing can still be read; what else is written says what it is.
            return False
        self._own = own
        if asking:
            parts.changed(Change(deliveries=True))
        return asking or await self._welcome()

    async def _welcome(self) -> bool:
        """Whether there is something to come back to that was not handed over."""
        left_at = self._left_at
        if left_at is None or self._told or self._parts.now() - left_at > REMEMBERED:
            return False
        return bool((await self.back()).items)

    async def _ended(self, tx: ReadTx) -> Sitting | None:
        """Return my last sitting if it is over."""
        last = await tx.last_sitting(self._parts.me, self._parts.runtime.session)
        if last is None or last.ended_at is not None:
            return last
        lives = await tx.holds_lease(last.session) and self._parts.runtime.alive(last.session)
        return None if lives else last

    async def _let_ask(self, tx: Tx, last: Sitting, left_at: datetime) -> bool:
        """Hold back what was left in `last` and is too old to go out unasked."""
        parts = self._parts
        seen = Snapshot(tx, parts, gone=last.session)
        waiting = (DeliveryState.HELD, DeliveryState.QUEUED)
        asking = False
        for row in await tx.deliveries(states=waiting, limit=MOST):
            if row.by != parts.me or row.not_before is not None or row.unknown_at is not None:
                continue
            old = _forgotten(row, last, left_at, parts.now())
            if not row.asks and old and await seen.server(row.account) is None:
                asks = replace(row, asks=True, hold_until=None)
                why = "left behind: it asks before it is sent"
                await tx.move_delivery(asks, DeliveryState.QUEUED, why)
                asking = True
            asking = asking or row.asks
        return asking

    async def end(self) -> None:
        own = self._own
        if own is not None:
            now = self._parts.now()
            with suppress(StoreError):
                await self._parts.store.write(lambda tx: tx.end_sitting(own.session, now))

    async def back(self) -> Return:
        last, left_at = self._last, self._left_at
        if last is None or left_at is None:
            return Return(None, cut=False, items=())
        sitting, ended = last, left_at
        items = await self._parts.store.read(lambda tx: self._back(tx, sitting, ended))
        return Return(ended, cut=sitting.ended_at is None, items=items)

    async def _back(self, tx: ReadTx, last: Sitting, left_at: datetime) -> tuple[Item, ...]:
        seen = Snapshot(tx, self._parts, gone=last.session)
        rows = await tx.latest_deliveries(limit=_LOOKED_AT)
        waiting = await tx.deliveries(states=UNFINISHED, limit=MOST)
        every = {row.id: row for row in (*waiting, *rows)}
        mine = [row for row in every.values() if await self._of_then(tx, row, last, left_at)]
        told = [await of_row(seen, Part.DELIVERY, row, _became(seen, row)) for row in mine]
        asking = [item for item in told if item.asks]
        others = [item for item in told if not item.asks]
        words = (*await drafts(seen), *asking, *others)
        named = {item.thread for item in words}
        held = await self._held(seen, last, left_at)
        return (*words, *(item for item in held if item.thread not in named))

    async def _of_then(self, tx: ReadTx, row: Delivery, last: Sitting, left_at: datetime) -> bool:
        """Whether I left `row` unfinished in that sitting, whatever became of it since."""
        if row.by != self._parts.me or row.not_before is not None or row.created_at > left_at:
            return False
        if row.state not in FINAL:
            return True
        if row.created_at < last.began_at:
            return False
        return (await tx.delivery_history(row.id))[-1][0] > left_at

    async def _held(self, seen: Snapshot, last: Sitting, left_at: datetime) -> tuple[Item, ...]:
        """Return what I held at the end and did not answer."""
        claims = await seen.tx.claims_of(self._parts.me)
        of_then = (c for c, _ in claims if c.session == last.session and c.until > left_at)
        rows = await seen.rows([claim.thread for claim in of_then])
        return tuple(
            of_thread(f"claim-{row.id}", Part.CLAIM, row, _now(row, self._parts.me))
            for row in rows
            if row.state is not State.WAITING
        )

    async def send(self, delivery_id: int) -> None:
        self._may_act()

        async def work(tx: Tx) -> int:
            row = await tx.delivery(delivery_id)
            if row is None or row.state is not DeliveryState.QUEUED or not row.asks:
                raise Refused("invalid", f"delivery {delivery_id} does not wait for your word")
            why = "to be sent after all"
            await tx.move_delivery(replace(row, asks=False, next_at=None), row.state, why)
            return row.thread

        thread = await self._parts.store.write(work)
        threads = frozenset({thread} - {NO_THREAD})
        self._parts.changed(Change(threads=threads, deliveries=True))
        self._parts.wake()

    async def leaving(self) -> Leaving:
        from modtui.engine.handover import leaving

        return await self._parts.store.read(lambda tx: leaving(tx, self._parts, self._own))

    async def hand_over(
        self, leaving: Leaving, decisions: Mapping[str, Decision], text: str, to: str = ""
    ) -> HandedOver:
        from modtui.engine.handover import Order, check, hand_over

        self._may_act()
        order = Order(leaving, decisions, text, to)
        check(order)
        done = await self._parts.store.write(lambda tx: hand_over(tx, self._parts, order))
        if self._own is not None:
            self._own = replace(self._own, handed_at=done.at)
        threads = frozenset(item.thread for item in leaving.items) - {NO_THREAD}
        self._parts.changed(Change(threads=threads, deliveries=True))
        self._parts.wake()
        return done

    async def last(self) -> HandedOver | None:
        return await self._parts.store.read(lambda tx: tx.last_handover())

    async def stops(self) -> tuple[Stop, ...]:
        if self._read_only:
            return ()
        return await self._parts.store.read(self._stops)

    async def _stops(self, tx: ReadTx) -> tuple[Stop, ...]:
        seen = Snapshot(tx, self._parts)
        now = self._parts.now()
        found: list[Stop] = []
        for row in await tx.deliveries(states=_GOES_ON, limit=MOST):
            if not self._concerns(row) or await seen.server(row.account) is not None:
                continue
            item = await of_row(seen, Part.DELIVERY, row, "")
            ends = f"{seen.clock(row.not_before)} " if row.not_before else ""
            timed = row.not_before is not None and row.not_before > now
            found.append(Stop(f"{ends}{item.title}", timed))
        return tuple(found)

    def _concerns(self, row: Delivery) -> bool:
        """Whether `row` would go on: a delivery of mine, or a timed end whoever set it."""
        return not row.asks and (row.by == self._parts.me or row.not_before is not None)

    def _may_act(self) -> None:
        if self._read_only:
            raise Refused("read_only", "this queue is open for reading only")


async def _wrote_at(tx: ReadTx, last: Sitting) -> datetime:
    """Return when something was last written or submitted by who sat there."""
    traces = [last.began_at]
    traces += [draft.saved_at for draft in await tx.drafts(last.by)]
    rows = await tx.latest_deliveries(limit=_LOOKED_AT)
    traces += [row.created_at for row in rows if row.by == last.by]
    return max(traces)


def _forgotten(row: Delivery, last: Sitting, left_at: datetime, now: datetime) -> bool:
    """Whether `row` was left in that sitting, and too long ago to go out unasked."""
    if row.state is DeliveryState.HELD and now - row.created_at > HELD_AT_MOST:
        return False
    return last.began_at <= row.created_at <= left_at and now - row.created_at > ASKS_AFTER


def _became(seen: Snapshot, row: Delivery) -> str:
    if row.state not in FINAL:
        return stands(row)
    why = f": {row.error}" if row.error else ""
    at = f" {seen.clock(row.receipt.at)}" if row.receipt else ""
    return f"{_ENDED[row.state]}{at}{why}"


def _now(row: QueueRow, me: str) -> str:
    """Return what became of a thread that I held."""
    if row.state is State.RESOLVED:
        return f"done by {row.resolved_by or 'somebody'}"
    if row.claim is not None:
        return "yours still" if row.claim.by == me else f"{row.claim.by} holds it now"
    return "nobody holds it"
