"""Shows that an account is not seen: an answer is owed, nothing is there, or a limit is spent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from modtui.connectors import ConnectorError
from modtui.connectors.watch import Watch
from modtui.domain.model import Health
from modtui.engine.health import Standing
from modtui.engine.seen import SEEING

UNANSWERED_SECONDS = 25.0
"""A request that waits longer for its answer makes the account one that is not seen."""
LIMITED_SECONDS = 10.0
"""Waits for a rate limit that last longer, since something came, do so too."""
KNOCK_EVERY = 18.0
KNOCK_SECONDS = 9.0
"""In which a connection is there, though the first packets of it are lost: the system sends them
again after 1, 3 and 7 seconds."""


@asynccontextmanager
async def watching(
    watch: Watch, standing: Standing, sleep: Callable[[float], Awaitable[None]]
) -> AsyncIterator[None]:
    """In the block `standing` follows `watch`; no request is cut short. What comes next from the
    account makes it seen again."""
    watcher = _Watcher(standing, sleep)
    watcher.start(watcher.knock(watch))
    watch.sent, watch.silent, watch.limited = watcher.sent, watcher.silent, watcher.limited
    watch.slowed = watcher.slowed
    try:
        yield
    finally:
        watch.sent = watch.silent = watch.limited = watch.slowed = None
        await watcher.stop()


class _Watcher:
    """Tells one account's standing what its line is heard to do."""

    def __init__(self, standing: Standing, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._standing = standing
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self._waits = 0.0
        self._waits_after: datetime | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` beside all else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End all that was begun."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def sent(self, answered: asyncio.Future[None]) -> None:
        """A request is on its way."""
        self.start(self._late(answered))

    def silent(self, why: str) -> None:
        """A line that pushes is dead."""
        self.start(self._standing.stand(Health.OFFLINE, why))

    def limited(self, seconds: float, why: str) -> None:
        """What reads the account waits for `seconds` from now on. Many short waits in which
        nothing comes are one long one."""
        heard_at = self._standing.now().last_ok_at
        if heard_at != self._waits_after:
            self._waits, self._waits_after = 0.0, heard_at
        self._waits += seconds
        if self._waits > LIMITED_SECONDS:
            self.start(self._standing.hold_off(timedelta(seconds=seconds), why))

    def slowed(self, seconds: float, why: str) -> None:
        """What pushes waits for `seconds` from now on, and the account is read without it."""
        self.start(self._slow(seconds, why))

    async def _slow(self, seconds: float, why: str) -> None:
        await self._standing.slow(timedelta(seconds=seconds), why)
        if seconds:
            # Another clock tells when it is over: it may be behind by a moment.
            await self._sleep(seconds + 1)
            await self._standing.slow_is_over()

    async def _late(self, answered: asyncio.Future[None]) -> None:
        wait = UNANSWERED_SECONDS
        while wait:
            patience = asyncio.ensure_future(self._sleep(wait))
            try:
                await asyncio.wait({answered, patience}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                patience.cancel()
            if answered.done():
                return
            # What waits for a rate limit was not asked yet.
            held = self._standing.held_off.total_seconds()
            wait = held + UNANSWERED_SECONDS if held else 0.0
        told = f"no answer for {UNANSWERED_SECONDS:.0f} s, still waiting"
        await self._standing.stand(Health.OFFLINE, told)

    async def knock(self, watch: Watch) -> None:
        """Look now and then whether the far end is still there, where `watch` says how."""
        standing = self._standing
        while True:
            await self._sleep(KNOCK_EVERY)
            if watch.knock is None or standing.now().health not in SEEING:
                continue
            began = standing.now().last_ok_at
            why = await _unreached(watch.knock, self._sleep)
            if why and standing.now().health in SEEING and standing.now().last_ok_at == began:
                await standing.stand(Health.OFFLINE, why)


async def _unreached(
    knock: Callable[[], Awaitable[None]], sleep: Callable[[float], Awaitable[None]]
) -> str:
    """Return why nothing is to be reached, "" where it is."""
    knocking = asyncio.ensure_future(knock())
    patience = asyncio.ensure_future(sleep(KNOCK_SECONDS))
    try:
        await asyncio.wait({knocking, patience}, return_when=asyncio.FIRST_COMPLETED)
        if not knocking.done():
            return f"no connection in {KNOCK_SECONDS:.0f} s"
        knocking.result()
    except ConnectorError as error:
        return str(error)
    finally:
        for task in (knocking, patience):
            task.cancel()
        await asyncio.gather(knocking, patience, return_exceptions=True)
    return ""
