"""Telling the screens: own commits and other processes' commits, one callback per burst."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from modtui.domain.views import Change
from modtui.store import ReadTx, Store

T = TypeVar("T")

BURST = 0.05
_LOOK = timedelta(seconds=5)
_MANY = 2_000
# A long queue takes a while to be counted and read. While threads pour in, most of the time is for
# others.
_REST = 3
# So much longer, where nobody acts: what comes in by itself is looked at less often.
_LONGER = 3
# What was read slowly, from a busy disk, keeps no screen old for longer. In seconds.
_MOST_REST = 0.5


def joined(one: Change, other: Change) -> Change:
    """Return the change that says both; very many threads at once become `wide`."""
    threads = one.threads | other.threads
    wide = one.wide or other.wide or len(threads) > _MANY
    return Change(
        threads=frozenset() if wide else threads,
        deliveries=one.deliveries or other.deliveries,
        accounts=one.accounts or other.accounts,
        wide=wide,
        order=one.order or other.order,
        replies=one.replies or other.replies,
    )


class Changes:
    """Collects changes and hands them on: once per burst, less often where preparing takes long,
    or where what screens read because of them did; least often while no deliveries change, which
    is what acts of a moderator do.

    `prepare` is awaited with each collapsed change before the callbacks hear of it: caches are
    refreshed there, so that a callback always reads what is new. A callback that raises goes to
    the loop's exception handler and stops nobody else.
    """

    def __init__(self, prepare: Callable[[Change], Awaitable[None]], burst: float = BURST) -> None:
        self._prepare = prepare
        self._burst = burst
        self._callbacks: list[Callable[[Change], None]] = []
        self._pending: Change | None = None
        self._woken = asyncio.Event()
        self._acted = asyncio.Event()
        self._took = 0.0

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call `callback` with each change from now on; return how to stop it."""
        self._callbacks.append(callback)

        def stop() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return stop

    def publish(self, change: Change) -> None:
        """Take `change` into the next callback. Called on the event loop."""
        self._pending = joined(self._pending or change, change)
        self._woken.set()
        if change.deliveries:
            self._acted.set()

    async def run(self) -> None:
        """Hand changes on, for as long as the engine lives."""
        loop = asyncio.get_running_loop()
        while True:
            await self._woken.wait()
            begun, took, self._took = loop.time(), self._took, 0.0
            await self.flush()
            rest = _REST * (loop.time() - begun)
            in_all = rest + _REST * took
            least = max(self._burst, rest, min(in_all, _MOST_REST))
            await asyncio.sleep(least)
            longer = min(_LONGER * in_all, _MOST_REST) - least
            if longer > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._acted.wait(), longer)

    async def weighed(self, reading: Awaitable[T]) -> T:
        """Return what `reading` returns: something that screens read at each change."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        found = await reading
        self._took = max(self._took, loop.time() - begun)
        return found

    async def flush(self) -> None:
        """Hand on at once what is waiting."""
        self._woken.clear()
        self._acted.clear()
        change, self._pending = self._pending, None
        if change is None:
            return
        try:
            await self._prepare(change)
        except BaseException:
            self.publish(change)
            raise
        self.tell(change)

    def tell(self, change: Change) -> None:
        """Call every subscriber with `change`, as it is."""
        loop = asyncio.get_running_loop()
        for callback in tuple(self._callbacks):
            loop.call_soon(callback, change)


async def watch_others(store: Store, changed: Callable[[Change], None]) -> None:
    """Report what other processes commit, for as long as the engine lives."""
    token: str | None = None

    async def further(tx: ReadTx) -> tuple[tuple[int, ...], str]:
        return await tx.changed_since(token)

    _, token = await store.read(further)
    while True:
        if not await store.wait_changed(_LOOK):
            continue
        ids, token = await store.read(further)
        changed(Change(threads=frozenset(ids), deliveries=True, accounts=True))
