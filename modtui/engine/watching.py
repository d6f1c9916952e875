"""Shows that an account is not seen: its platform owes an answer, or cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from modtui.connectors import ConnectorError
from modtui.connectors.watch import Watch
from modtui.domain.model import Health
from modtui.engine.health import Standing
from modtui.engine.seen import SEEING

UNANSWERED_SECONDS = 25.0
"""A request that waits longer for its answer makes the account one that is not seen."""
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

    async def knock() -> None:
        while True:
            await sleep(KNOCK_EVERY)
            if watch.knock is None or standing.now().health not in SEEING:
                continue
            began = standing.now().last_ok_at
            why = await _unreached(watch.knock, sleep)
            if why and standing.now().health in SEEING and standing.now().last_ok_at == began:
                await standing.stand(Health.OFFLINE, why)

    start(knock())
    watch.sent = lambda answered: start(late(answered))
    watch.silent = lambda why: start(standing.stand(Health.OFFLINE, why))
    try:
        yield
    finally:
        watch.sent = watch.silent = None
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
