"""The watch over deadlines: breaches are recorded at their true moment, snoozes end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.views import Change
from modtui.engine.history import happen, restand
from modtui.engine.parts import Parts
from modtui.engine.persevere import rest
from modtui.store import ReadTx, Tx

LOOK_AT_LEAST = timedelta(seconds=30)
FIRST_LOOK_SECONDS = 1.0
LOOK_AT_MOST_SECONDS = 1.0
THREADS_A_SECOND = 20_000
"""In a longer queue a look costs more and deadlines come closer: it rests in proportion."""
_SLICE = 200
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class _Found(NamedTuple):
    """What a look finds: what came due, what of it has to be written, what of others has lapsed,
    and the next deadline."""

    due: tuple[int, ...]
    unsettled: tuple[int, ...]
    lapsed: tuple[int, ...]
    next_at: datetime | None


class Watch:
    """One timer for the whole queue.

    Runs in every process that shows the queue: what is due is due for all, and a breach that
    another process recorded is not recorded again.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen = _EVER
        self._planned = _EVER
        self._rest = LOOK_AT_MOST_SECONDS
        self._nudged = asyncio.Event()

    def expect(self, next_at: datetime | None, threads: int) -> None:
        """A deadline is known to come at `next_at`: look then, if that is sooner than planned.
        `threads` are in the queue."""
        self._rest = max(LOOK_AT_MOST_SECONDS, threads / THREADS_A_SECOND)
        if next_at is not None and next_at < self._planned:
            self._nudged.set()

    async def run(self) -> None:
        """Watch, for as long as the engine lives; the first paint comes before the first look."""
        await self._parts.runtime.sleep(FIRST_LOOK_SECONDS)
        while True:
            self._nudged.clear()
            await self.look()
            await rest(self._parts.runtime.sleep(self._pause()), self._nudged)

    async def look(self) -> frozenset[int]:
        """Record what has come due since the last look; return the threads it touched."""
        now = self._parts.now()
        # A deadline that is told while this look reads may not be in what it reads.
        self._plan(now, None)
        # A clock that was set back comes to the same moments again, with other deadlines on them.
        since = self._seen if self._seen <= now else now - LOOK_AT_LEAST

        async def find(tx: ReadTx) -> _Found:
            # Before the first look nobody was shown anything that it could make old.
            due = await tx.due_between(since, now) if since > _EVER else ()
            unsettled, lapsed = await tx.unsettled_between(since, now), await tx.left_mirrored()
            return _Found(due, unsettled, lapsed, (await tx.next_due(now))[0])

        due, unsettled, lapsed, next_at = await self._parts.store.read(find)
        self._plan(now, next_at)
        touched: dict[int, bool] = {}
        try:
            for at in range(0, len(unsettled), _SLICE):
                settled, next_at = await self._settle(unsettled[at : at + _SLICE], now)
                self._plan(now, next_at)
                touched |= settled
            if lapsed:
                from modtui.engine.mirror import let_lapsed_go

                await let_lapsed_go(self._parts)
            # Only now: a look that the store broke off is made again from where it began.
            self._seen = now
        finally:
            # What is late is late, whether that can be written down or not.
            if due or touched:
                told = frozenset(due) | touched.keys()
                self._parts.changed(Change(threads=told, order=any(touched.values())))
        return frozenset(touched)

    async def _settle(
        self, ids: Sequence[int], now: datetime
    ) -> tuple[dict[int, bool], datetime | None]:
        """Write what came due; return the threads it touched, each with whether it moved, and the
        next deadline from `now` on."""

        async def work(tx: Tx) -> tuple[dict[int, bool], datetime | None]:
            tx.give_way()
            touched: dict[int, bool] = {}
            for thread_id in ids:
                before = await tx.thread(thread_id)
                after = await self._due(tx, before) if before is not None else None
                if before is not None and after is not None:
                    touched[thread_id] = _place(before) != _place(after)
            return touched, (await tx.next_due(now))[0]

        return await self._parts.store.write(work)

    async def _due(self, tx: Tx, record: ThreadRecord) -> ThreadRecord | None:
        """Return the thread as it is stored now, or None if nothing about it changed."""
        until = record.snoozed_until
        if record.state is State.SNOOZED and until is not None and until <= self._parts.now():
            return await happen(tx, record, (Event(EventKind.WOKEN, until, "clock"),), self._parts)
        restood = await restand(tx, record, await tx.events(record.id), self._parts)
        return restood if restood.standing != record.standing else None

    def _plan(self, now: datetime, next_at: datetime | None) -> None:
        horizon = now + LOOK_AT_LEAST
        self._planned = min(next_at or horizon, horizon)

    def _pause(self) -> float:
        """Return how long until the next moment, in seconds."""
        # A clock that is set back while a look goes on puts its plan off.
        wait = min(self._planned - self._parts.now(), LOOK_AT_LEAST)
        # Where many deadlines come close together, one look a second serves them all.
        return max(self._rest, wait.total_seconds())


def _place(record: ThreadRecord) -> tuple[object, ...]:
    """What decides where a thread stands in the queue, and whether it is there."""
    standing = record.standing
    return record.state, record.now_at, standing.due_at, standing.resumes_at, record.severity
