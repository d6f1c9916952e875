"""Watches that run as long as the engine: what breaks one is recorded, and it begins again; and
how one rests between two looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from modtui.domain.outbox import backoff
from modtui.domain.trouble import is_starved
from modtui.engine.guarded import LOOK_AGAIN
from modtui.engine.parts import Parts
from modtui.engine.words import unexpected
from modtui.store import AuditLine, StoreError


async def persevere(work: Callable[[], Awaitable[None]], parts: Parts) -> None:
    """Run a watch of the engine for ever; what breaks it is recorded, and it begins again."""
    tries = 0
    while True:
        try:
            await work()
            return
        except StoreError:
            # That is told in one place, by who watches the store; here it is tried again, and as
            # soon as the store takes things: a queue that stands still then looks quiet.
            await parts.runtime.sleep(LOOK_AGAIN)
            continue
        except Exception as error:
            # A watch that died unseen would leave a queue that looks quiet.
            tries += 1
            await _record(error, parts)
        await parts.runtime.sleep(backoff(tries, parts.runtime.rng.random()).total_seconds())


async def rest(sleep: Awaitable[None], nudged: asyncio.Event) -> None:
    """Return as soon as `sleep` is over or `nudged` is set; the event is left as it is."""
    waits = (asyncio.ensure_future(sleep), asyncio.ensure_future(nudged.wait()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _record(error: Exception, parts: Parts) -> None:
    what = unexpected(error)
    if not is_starved(error):
        asyncio.get_running_loop().call_exception_handler({"message": what, "exception": error})
    line = AuditLine(parts.now(), "engine", "crashed", None, None, what)
    with suppress(StoreError):
        await parts.store.write(lambda tx: tx.add_audit(line))
