"""Another process on the same queue: `python -m tests.store.holder PATH JOB`, one line a step."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from modtui.store import Fenced, Lease, Store, StoreClock
from modtui.store.sqlite import open_store
from tests.store.stage import record

SECONDS = 0.6


def real_clock() -> StoreClock:
    return StoreClock(
        lambda: datetime.now(UTC), lambda: time.clock_gettime(time.CLOCK_BOOTTIME), "this-boot"
    )


async def hold(store: Store) -> None:
    """Keep a lease and write a cursor under it until fenced."""
    lease = await store.write(lambda tx: tx.take_lease("intake:forum", "A", SECONDS))
    assert lease is not None
    step = 0
    try:
        while True:
            step += 1
            await store.write(lambda tx, step=step: _one_step(tx, lease, f"A{step}"))
            print(f"wrote {step}", flush=True)
            await asyncio.sleep(SECONDS / 10)
    except Fenced:
        print("fenced", flush=True)


async def _one_step(tx: object, lease: Lease, cursor: str) -> None:
    await tx.set_cursor("forum", cursor, lease)
    await tx.take_lease(lease.name, lease.owner, SECONDS)


async def flood(store: Store) -> None:
    """Write threads with an event each, for ever; say the number of each that is durable."""
    while True:
        ids = []

        async def work(tx: object, ids: list[int] = ids) -> None:
            for _ in range(20):
                number = await tx.insert_thread(record(f"{time.monotonic_ns()}"))
                await tx.touch(number)
                ids.append(number)

        await store.write(work)
        print(max(ids), flush=True)


async def touch(store: Store) -> None:
    """Make one commit, then wait to be ended."""
    sys.stdin.readline()
    await store.write(lambda tx: tx.insert_thread(record("from-elsewhere")))
    print("done", flush=True)


async def open_only(store: Store) -> None:
    print("open", flush=True)


async def main(path: str, job: str) -> None:
    store = open_store(Path(path), real_clock(), asyncio.sleep)
    await {"hold": hold, "flood": flood, "touch": touch, "open": open_only}[job](store)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
