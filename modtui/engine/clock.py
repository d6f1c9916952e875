"""The watch over deadlines: breaches are recorded at their true moment, snoozes end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.views import Change, QueueRow
from modtui.engine.history import happen, restand
from modtui.engine.parts import Parts
from modtui.store import Tx

LOOK_AT_LEAST = timedelta(seconds=30)
FIRST_LOOK_SECONDS = 1.0
_SLICE = 200
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Watch:
    """One timer for the whole queue.

    Runs in every process that shows the queue: what is due is due for all, and a breach that
    another process recorded is not recorded again.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen = _EVER
        self._planned = _EVER
        self._nudged = asyncio.Event()

    def expect(self, next_at: datetime | None) -> None:
        """A deadline is known to come at `next_at`: look then, if that is sooner than planned."""
        if next_at is not None and next_at < self._planned:
            self._nudged.set()

    async def run(self) -> None:
        """Watch, for as long as the engine lives; the first paint comes before the first look."""
        await self._parts.runtime.sleep(FIRST_LOOK_SECONDS)
        while True:
            await self.look()
            self._nudged.clear()
            waits = (
                asyncio.ensure_future(self._parts.runtime.sleep(await self._pause())),
                asyncio.ensure_future(self._nudged.wait()),
            )
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def look(self) -> frozenset[int]:
        """Record what has come due since the last look; return the threads it touched."""
        now, since = self._parts.now(), self._seen
        due = await self._parts.store.read(lambda tx: tx.due_between(since, now))
        touched: set[int] = set()
        for at in range(0, len(due), _SLICE):
            touched |= await self._settle(due[at : at + _SLICE])
        # Only now: a look that the store broke off is made again from where it began.
        self._seen = now
        if due:
            self._parts.changed(Change(threads=frozenset(due)))
        return frozenset(touched)

    async def _settle(self, ids: Sequence[int]) -> set[int]:
        me = self._parts.me
        rows = await self._parts.store.read(lambda tx: tx.queue_rows(ids, me))
        open_ones = [row.id for row in rows.values() if _unsettled(row)]

        async def work(tx: Tx) -> set[int]:
            touched = set()
            for thread_id in open_ones:
                record = await tx.thread(thread_id)
                if record is not None and await self._due(tx, record):
                    touched.add(thread_id)
            return touched

        return await self._parts.store.write(work) if open_ones else set()

    async def _due(self, tx: Tx, record: ThreadRecord) -> bool:
        until = record.snoozed_until
        if record.state is State.SNOOZED and until is not None and until <= self._parts.now():
            await happen(tx, record, (Event(EventKind.WOKEN, until, "clock"),), self._parts)
            return True
        restood = await restand(tx, record, await tx.events(record.id), self._parts)
        return restood.standing != record.standing

    async def _pause(self) -> float:
        """Return how long until the next moment, in seconds."""
        now, me = self._parts.now(), self._parts.me
        counts = await self._parts.store.read(lambda tx: tx.counts(now, me))
        horizon = now + LOOK_AT_LEAST
        self._planned = min(counts.next_due_at or horizon, horizon)
        return max(0.05, (self._planned - now).total_seconds())


def _unsettled(row: QueueRow) -> bool:
    """Whether a deadline that passed may still have to be written: not yet, or to look again."""
    standing = row.standing
    return standing.breached_at is None or standing.resumes_at is not None
