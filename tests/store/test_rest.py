"""A store that may be stopped: nothing is being written."""

import asyncio
from pathlib import Path
from threading import Event

from modtui.store import OpenStore, Tx
from modtui.store.sqlite import open_store
from tests.store.stage import HandClock, no_wait, record


async def test_what_is_being_written_is_written_before_the_store_is_at_rest(tmp_path: Path) -> None:
    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), no_wait)
    begun, go_on = Event(), Event()

    async def work(tx: Tx) -> None:
        await tx.insert_thread(record())
        begun.set()
        assert go_on.wait(10)

    writing = asyncio.create_task(store.write(work))
    assert await asyncio.to_thread(begun.wait, 10)
    resting = asyncio.create_task(asyncio.to_thread(seen_at_rest, store))
    done, _ = await asyncio.wait({resting}, timeout=0.2)
    assert not done
    go_on.set()
    assert await resting
    await writing
    await store.close()


def seen_at_rest(store: OpenStore) -> bool:
    """Whether the thread is stored when nothing is written."""
    with store.at_rest():
        return store.read_here(lambda tx: tx.thread(1)) is not None
