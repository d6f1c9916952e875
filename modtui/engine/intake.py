"""One account's batches into the store: a slice a transaction, the cursor with the last one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from modtui.connectors import Batch, Connector
from modtui.domain.frozen import dataclass
from modtui.domain.model import Channel
from modtui.domain.views import Change
from modtui.engine.parts import Parts
from modtui.engine.pieces import Beside, Merged, Piece, Source, slices, take_apart
from modtui.store import Lease, Quarantined, Tx

SLICE = 1_000
_BIG = 2_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch did. `hidden`: how many threads stay open as a row that names none, and cannot
    be read, may be any of them."""

    changed: frozenset[int]
    quarantined: int
    caught_up: bool
    hidden: int = 0


class Intake:
    """Writes what one account's connector tells.

    A crash between two slices repeats the batch: the cursor is written with the last slice, and
    what is written already does not change again. Everything is fenced by the account's lease.
    """

    def __init__(self, parts: Parts, source: Source, lease: Lease) -> None:
        self._parts = parts
        self._source = source
        self._lease = lease
        self._beside = self._told = Beside()

    async def take(self, batch: Batch) -> Taken:
        """Store `batch` and tell the screens. Raises Fenced when the lease was taken over."""
        big = len(batch.threads) + len(batch.posts) + len(batch.flags) > _BIG
        pieces = await asyncio.to_thread(take_apart, batch) if big else take_apart(batch)
        changed: frozenset[int] = frozenset()
        aside = 0
        cut = list(slices(pieces, SLICE))
        for index, some in enumerate(cut):
            step = _Step(batch, some, first=index == 0, last=index == len(cut) - 1)
            merged = await self._parts.store.write(partial(self._write, step=step))
            self._beside = self._told
            changed |= merged.changed
            aside += merged.quarantined
            if merged.changed or merged.quarantined:
                acts = self._acts_alone
                told = Change(merged.changed, accounts=bool(merged.quarantined), deliveries=acts)
                self._parts.changed(told)
                if acts:
                    self._parts.wake()
        return Taken(changed, aside, batch.caught_up, self._beside.hidden)

    @property
    def _acts_alone(self) -> bool:
        """Whether signs of spam are acted on without a moderator."""
        rules = self._parts.desk.spam
        return rules is not None and bool(rules.automatic)

    async def _write(self, tx: Tx, step: _Step) -> Merged:
        await tx.check_lease(self._lease)
        batch, source, parts = step.batch, self._source, self._parts
        if step.first:
            await put_channels(tx, batch.channels, source.realm)
        merged = await _merge(tx, step.pieces, source, parts)
        if self._acts_alone:
            from modtui.engine.spam import act_by_itself, spare_elsewhere

            spared = await spare_elsewhere(tx, merged.changed, parts)
            await act_by_itself(tx, merged.changed, parts)
            merged = Merged(merged.changed | spared, merged.quarantined)
        if not step.last:
            return merged
        return await self._last(tx, batch, merged)

    async def _last(self, tx: Tx, batch: Batch, merged: Merged) -> Merged:
        """What comes with the last slice of a batch: what is closed, and how far was read."""
        source, parts = self._source, self._parts
        for item in batch.broken:
            told = (item.where, item.why, item.raw, item.subject)
            await tx.quarantine(Quarantined(source.account, parts.now(), *told))
        closed = await self._close(tx, batch)
        if batch.caught_up:
            await tx.set_complete(source.account, parts.now())
        await tx.set_cursor(source.account, batch.cursor, self._lease)
        return Merged(merged.changed | closed, merged.quarantined + len(batch.broken))

    async def _close(self, tx: Tx, batch: Batch) -> frozenset[int]:
        if not batch.closed and batch.open_now is None:
            return frozenset()
        from modtui.engine.closing import close_elsewhere

        # What is not committed in the end is told again, and must not count twice.
        self._told = self._beside.copy()
        return await close_elsewhere(tx, batch, self._source, self._parts, self._told)


@dataclass(frozen=True, slots=True)
class _Step:
    """One slice of a batch."""

    batch: Batch
    pieces: Sequence[Piece]
    first: bool
    last: bool


async def _merge(tx: Tx, pieces: Sequence[Piece], source: Source, parts: Parts) -> Merged:
    """`merge`, which is loaded when there is something new: most batches are a sign of life."""
    if not pieces:
        return Merged(frozenset())
    from modtui.engine.merge import merge

    return await merge(tx, pieces, source, parts)


async def put_channels(tx: Tx, channels: Iterable[Channel], realm: str) -> None:
    """Store channels as the platform tells them, keeping what we know of our own setting."""
    for channel in channels:
        stored = await tx.channel(realm, channel.remote_id)
        told, ours = channel.restriction, stored.restriction if stored is not None else None
        same = told and ours and (told.kind, told.seconds) == (ours.kind, ours.seconds)
        if ours is not None and ours.ours and same:
            channel = replace(channel, restriction=ours)
        if channel != stored:
            await tx.put_channel(realm, channel)


@asynccontextmanager
async def reading(connector: Connector, cursor: str | None) -> AsyncIterator[AsyncIterator[Batch]]:
    """Give the connector's batches from `cursor` on, and let go of them in any case."""
    updates = connector.updates(cursor)
    try:
        yield updates
    finally:
        close: Callable[[], Awaitable[None]] | None = getattr(updates, "aclose", None)
        if close is not None:
            await close()


async def read_on(
    connector: Connector,
    intake: Intake,
    cursor: str | None,
    took: Callable[[Taken], Awaitable[None]],
) -> None:
    """Take batches from `cursor` on until the connector says it has reached the present end.

    `took` hears of each.
    """
    async with reading(connector, cursor) as updates:
        async for batch in updates:
            taken = await intake.take(batch)
            await took(taken)
            if taken.caught_up:
                return
