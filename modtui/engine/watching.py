"""Shows that an account is not seen while its platform still owes an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from modtui.connectors.watch import Watch
from modtui.domain.model import Health
from modtui.engine.health import Standing

UNANSWERED_SECONDS = 25.0
"""A request that waits longer for its answer makes the account one that is not seen."""


@asynccontextmanager
async def watching(
    watch: Watch, standing: Standing, sleep: Callable[[float], Awaitable[None]]
) -> AsyncIterator[None]:
    """In the block `standing` follows `watch`; no request is cut short. What comes next from the
    account makes it seen again."""
    tasks: set[asyncio.Task[None]] = set()

    def start(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def late(answered: asyncio.Future[None]) -> None:
        patience = asyncio.ensure_future(sleep(UNANSWERED_SECONDS))
        try:
            await asyncio.wait({answered, patience}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()
        if not answered.done():
            told = f"no answer for {UNANSWERED_SECONDS:.0f} s, still waiting"
            await standing.stand(Health.OFFLINE, told)

    watch.sent = lambda answered: start(late(answered))
    watch.silent = lambda why: start(standing.stand(Health.OFFLINE, why))
    try:
        yield
    finally:
        watch.sent = watch.silent = None
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
