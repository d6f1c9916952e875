"""A hand-driven clock and what a test needs to drive a connector with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from modtui.connectors import Batch, Environment, ThreadRef

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Midnight(Exception):
    """The clock has come to its end."""


class HandClock:
    """Time that moves only when somebody sleeps, at once; it may have an end."""

    def __init__(self, now: datetime = NOON) -> None:
        self.at = now
        self.end: datetime | None = None

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        if self.end is not None and self.at >= self.end:
            raise Midnight
        self.at += timedelta(seconds=seconds)
        if self.end is not None:
            self.at = min(self.at, self.end)
        await asyncio.sleep(0)

    def pass_by(self, **amount: float) -> None:
        self.at += timedelta(**amount)

    def environment(self, account: str = "demo", **settings: object) -> Environment:
        return Environment(account, settings, {}, self.now, self.sleep)


class Reading:
    """All that batches told, put together as a store would."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def add(self, batch: Batch) -> None:
        self.batches.append(batch)

    @property
    def threads(self) -> dict[str, Any]:
        return {t.subject: t for b in self.batches for t in b.threads}

    @property
    def posts(self) -> dict[str, Any]:
        return {p.remote_id: p for b in self.batches for p in b.posts}

    @property
    def flags(self) -> dict[tuple[str, str], Any]:
        return {(f.thread, f.key): f for b in self.batches for f in b.flags}

    @property
    def channels(self) -> dict[str, Any]:
        return {c.remote_id: c for b in self.batches for c in b.channels}

    @property
    def closed(self) -> set[tuple[str, str]]:
        return {pair for b in self.batches for pair in b.closed}

    @property
    def cursor(self) -> str:
        return self.batches[-1].cursor

    def of(self, subject: str) -> dict[str, object]:
        """Everything about one thread, for comparing two readings."""
        return {
            "thread": self.threads.get(subject),
            "posts": {k: p for k, p in self.posts.items() if p.thread == subject},
            "flags": {k: f for k, f in self.flags.items() if k[0] == subject},
            "closed": {pair for pair in self.closed if pair[0] == subject},
        }

    def ref(self, subject: str) -> ThreadRef:
        thread = self.threads[subject]
        return ThreadRef(
            thread.subject, thread.channel, thread.author.remote_id, thread.conversation, thread.url
        )

    def flags_of(self, subject: str) -> tuple[str, ...]:
        return tuple(key for thread, key in self.flags if thread == subject)


async def opening(updates: AsyncIterator[Batch], into: Reading | None = None) -> Reading:
    """Read up to and with the first batch that is caught up."""
    reading = into or Reading()
    async for batch in updates:
        reading.add(batch)
        if batch.caught_up:
            return reading
    raise AssertionError("the updates ended")


async def read_until(updates: AsyncIterator[Batch], clock: HandClock, at: datetime) -> Reading:
    """Read what comes until the clock shows `at`."""
    reading = Reading()
    async for batch in updates:
        reading.add(batch)
        if clock.at >= at:
            return reading
    raise AssertionError("the updates ended")


async def read_to_the_end(updates: AsyncIterator[Batch], clock: HandClock, at: datetime) -> Reading:
    """Read what comes up to `at` exactly; the updates are over then."""
    reading = Reading()
    clock.end = at
    try:
        async for batch in updates:
            reading.add(batch)
    except Midnight:
        clock.end = None
        return reading
    raise AssertionError("the updates ended")
