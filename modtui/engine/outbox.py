"""The outbox: one loop per account that carries its rows, and what a moderator does to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from modtui.connectors import Connector
from modtui.domain.outbox import HELD_AT_MOST, Delivery, DeliveryState
from modtui.domain.views import Change
from modtui.engine import FINISH_SECONDS, Undone
from modtui.engine.doubt import abandon, recover
from modtui.engine.jumps import Odd
from modtui.engine.line import Line, Pace
from modtui.engine.parts import Parts
from modtui.engine.schedule import plan
from modtui.store import Fenced, Lease, StoreError, Tx

_S = DeliveryState


class Outbox:
    """Carries every account's rows. One per process; the façade owns it."""

    def __init__(self, parts: Parts, pace: Pace | None = None) -> None:
        self._parts = parts
        self._patient = parts.patient()
        self._pace = pace or Pace()
        self._lines: list[Line] = []
        self._painted: set[str] = set()
        self._begun: set[str] = set()
        self._stopping = False
        self._patience = FINISH_SECONDS

    def wake(self) -> None:
        """Look at the rows again now. Call it on the event loop."""
        for line in self._lines:
            line.woken.set()

    async def run(self, account: str, connector: Connector, lease: Lease) -> None:
        """Carry the rows of `account` while `lease` is ours.

        Returns when the lease is lost or the outbox stops. Raises Unauthorized when the secret
        is refused (the row is `blocked` and is queued again by the next run), and StoreError.
        """
        line = Line(account, connector, lease)
        self._lines.append(line)
        try:
            await self.begin(line)
            while not (line.lost or line.refused or self._stopping):
                line.woken.clear()
                waits = await self.start_round(line)
                await self._wait(line, waits)
            await self._finish(line)
        except Fenced:
            return
        finally:
            self._lines.remove(line)
            for task in line.tasks.values():
                task.cancel()
        if line.refused is not None:
            raise line.refused

    async def begin(self, line: Line) -> None:
        """Put the rows in order that an earlier life left behind. Raises Fenced."""

        async def work(tx: Tx) -> frozenset[int]:
            threads = set(await recover(tx, self._parts, line))
            waiting = (_S.HELD, _S.BLOCKED)
            for row in await tx.deliveries(account=line.account, states=waiting):
                if await self._take_up(tx, row):
                    threads.add(row.thread)
            return frozenset(threads)

        threads = await self._patient.store.write(work)
        if threads:
            self._parts.changed(Change(threads=threads, deliveries=True))

    async def _take_up(self, tx: Tx, row: Delivery) -> bool:
        """Queue a blocked row; give back a held one that is old or stale."""
        if row.state is _S.BLOCKED:
            await tx.move_delivery(replace(row, next_at=None), _S.QUEUED, "taken up again")
            return True
        fresh = await tx.delivery(row.id)
        record = await tx.thread(row.thread)
        if fresh is None or fresh.state is not _S.HELD or record is None:
            return False
        from modtui.engine.deliver import is_stale
        from modtui.engine.landing import Return, come_back

        if await is_stale(tx, row, record):
            why = "not sent: the thread changed while it was held"
        elif self._parts.now() - row.created_at > HELD_AT_MOST:
            why = "not sent: nobody was here when its undo window ended"
        else:
            return False
        await come_back(tx, self._parts, row, Return(_S.STALE, why, "outbox"))
        return True

    async def start_round(self, line: Line) -> float:
        """Start what can be done now; return in how many seconds the next thing is due."""
        parts = self._patient
        found = await parts.store.read(lambda tx: plan(tx, parts, line))
        if found.orphaned:
            gone: frozenset[int] = await parts.store.write(lambda tx: recover(tx, parts, line))
            if gone:
                return 0.0
        if found.window_over:
            await self._queue_held(line.account)
            return 0.0
        for row in found.ready[: self._pace.width - len(line.tasks)]:
            line.tasks[row.id] = asyncio.create_task(self._carry(line, row))
        if found.next_at is None:
            return self._pace.idle
        seconds = (found.next_at - parts.now()).total_seconds()
        return min(max(seconds, 0.0), self._pace.idle)

    async def _queue_held(self, account: str) -> None:
        # A clock that was set ends no undo window.
        await self._parts.mind_clocks()
        now = self._parts.now()

        async def work(tx: Tx) -> frozenset[int]:
            over = [
                row
                for row in await tx.deliveries(account=account, states=(_S.HELD,))
                if (row.hold_until or now) <= now
            ]
            for row in over:
                await tx.move_delivery(row, _S.QUEUED, "the undo window is over")
            return frozenset(row.thread for row in over)

        self._parts.changed(Change(threads=await self._patient.store.write(work), deliveries=True))

    async def _carry(self, line: Line, row: Delivery) -> None:
        try:
            await _step(row.state)(self._patient, line, self._pace, row.id)
        except Fenced:
            line.lost = line.lost or not await self._is_ours(line)
        finally:
            del line.tasks[row.id]
            self.wake()

    async def _is_ours(self, line: Line) -> bool:
        async def work(tx: Tx) -> bool:
            try:
                await tx.check_lease(line.lease)
            except Fenced:
                return False
            return True

        return await self._patient.store.write(work)

    async def odd(self, odd: Odd) -> None:
        """The clocks did something. What waits by the wall clock waits as long as it was to, but
        for a timed end, which is at a time of day. What slept in its undo window for too long is
        given back, as at a start."""
        if odd.moved:
            await self._shift(odd.moved)
        if odd.slept:
            for line in tuple(self._lines):
                await self.begin(line)
        self.wake()

    async def _shift(self, moved: timedelta) -> None:
        carried = {line.account for line in self._lines}
        for line in self._lines:
            line.paused_until = line.paused_until and line.paused_until + moved

        async def work(tx: Tx) -> None:
            for row in await tx.deliveries(states=(_S.HELD, _S.QUEUED, _S.RECONCILING)):
                if row.state is _S.HELD and row.batch in self._begun and row.hold_until:
                    shifted = replace(row, hold_until=row.hold_until + moved)
                elif row.next_at and row.account in carried:
                    shifted = replace(row, next_at=row.next_at + moved)
                else:
                    continue
                await tx.move_delivery(shifted, row.state, "the clock was set")

        await self._patient.store.write(work)

    async def _wait(self, line: Line, seconds: float) -> None:
        """Wait until woken, or for `seconds`, or until a row broke the line: raise that."""
        tasks = list(line.tasks.values())
        woken = asyncio.create_task(line.woken.wait())
        slept = asyncio.ensure_future(self._parts.runtime.sleep(seconds))
        try:
            await asyncio.wait((woken, slept, *tasks), return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()
        _raise_first(tasks)

    async def _finish(self, line: Line) -> None:
        tasks = list(line.tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self._patience if self._stopping else None)
        _raise_first(tasks)

    def began(self, batch: str) -> None:
        """The undo window of `batch` began in this process: leaving it ends the window."""
        self._begun.add(batch)

    async def painted(self, batch: str) -> None:
        """Count the undo window of `batch` from now: extended once, never shortened."""
        if batch in self._painted:
            return
        self._painted.add(batch)
        until = self._parts.now() + self._parts.desk.undo_window

        async def work(tx: Tx) -> None:
            for row in await tx.deliveries(batch=batch, states=(_S.HELD,)):
                if row.hold_until is None or row.hold_until < until:
                    await tx.move_delivery(replace(row, hold_until=until), _S.HELD)

        await self._parts.store.write(work)

    async def undo(
        self, thread_id: int | None = None, batch: str | None = None, *, force: bool = False
    ) -> Undone:
        """Take back `batch` of the thread, else my newest undoable one (of the thread, if given);
        `force`: also where it cannot be told whether what that ends is ours. Raises Refused."""
        from modtui.engine.undo import undo

        undone = await undo(self._parts, thread_id, batch, force=force)
        self._told(*undone.threads)
        return undone

    async def settle(self, delivery_id: int, verdict: str) -> None:
        """A human answers an unknown outcome: "there", "again" or "drop". Raises Refused."""
        from modtui.engine.undo import settle

        self._told(await settle(self._parts, delivery_id, verdict))

    async def cancel(self, delivery_id: int) -> None:
        """Take back one row that has not left. Raises Refused."""
        from modtui.engine.undo import cancel

        self._told(await cancel(self._parts, delivery_id))

    def _told(self, *threads: int) -> None:
        self._parts.changed(Change(threads=frozenset(threads), deliveries=True))
        self._parts.wake()

    async def stop(self, patience: float = FINISH_SECONDS) -> None:
        """End the undo windows that began here, let the lines finish what is on its way within
        `patience` seconds, start nothing more. What the moderator holds in another process is
        that one's to end."""
        self._stopping, self._patience = True, patience
        self.wake()

        async def work(tx: Tx) -> None:
            for row in await tx.deliveries(states=(_S.HELD,)):
                if row.batch in self._begun:
                    await tx.move_delivery(row, _S.QUEUED, "the app was left")

        # A store that takes nothing keeps the rows held: the next start goes on with them.
        with suppress(StoreError):
            await self._parts.store.write(work)

    async def abandon(self) -> None:
        """What was on its way when the lines ended has an unknown outcome from now on."""
        gone: frozenset[int] = frozenset()
        # A store that takes nothing has them in sending still, as after a crash.
        with suppress(StoreError):
            gone = await self._parts.store.write(lambda tx: abandon(tx, self._parts))
        if gone:
            self._parts.changed(Change(threads=gone, deliveries=True))


def _raise_first(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()


def _step(state: DeliveryState) -> Callable[[Parts, Line, Pace, int], Awaitable[None]]:
    """Return what is done next for a row in `state`."""
    from modtui.engine.deliver import send
    from modtui.engine.reconcile import look, resolve

    return {_S.QUEUED: send, _S.UNKNOWN: resolve, _S.RECONCILING: look}[state]
