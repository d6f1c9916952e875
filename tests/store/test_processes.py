"""Two modtui processes on one queue."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.store import Fenced, Lease
from modtui.store.sqlite import open_store
from tests.store.holder import SECONDS, real_clock
from tests.store.stage import Shelf, ask, one, record

ROOT = Path(__file__).parents[2]
Start = Callable[[Path, str], subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(path: Path, job: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.store.holder", str(path), job],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child

    yield begin
    for child in started:
        child.kill()
        child.communicate()


async def test_a_frozen_holder_loses_the_lease_and_is_fenced(shelf: Shelf, start: Start) -> None:
    store = open_store(shelf.path, real_clock(), asyncio.sleep)
    shelf.opened.append(store)
    holder = start(shelf.path, "hold")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "wrote 1\n"
    assert await one(store, "take_lease", "intake:forum", "B", SECONDS) is None
    os.kill(holder.pid, signal.SIGSTOP)
    lease = None
    async with asyncio.timeout(10):
        while lease is None:
            lease = await one(store, "take_lease", "intake:forum", "B", 60)
            await asyncio.sleep(0.02)
    assert lease.epoch == 2
    await one(store, "set_cursor", "forum", "B1", lease)
    os.kill(holder.pid, signal.SIGCONT)
    said = holder.stdout.read().splitlines()
    assert said[-1] == "fenced"
    assert await ask(store, "cursor", "forum") == "B1"
    with pytest.raises(Fenced):
        await one(store, "set_cursor", "forum", "A2", Lease("intake:forum", "A", 1))


async def test_a_commit_of_another_process_is_noticed_and_ones_own_is_not(
    shelf: Shelf, start: Start
) -> None:
    store = open_store(shelf.path, real_clock(), asyncio.sleep)
    shelf.opened.append(store)
    other = start(shelf.path, "touch")
    _, token = await ask(store, "changed_since", None)
    await one(store, "insert_thread", record("mine"))
    assert not await store.wait_changed(timedelta(seconds=0.3))
    _, token = await ask(store, "changed_since", None)
    waiting = asyncio.create_task(store.wait_changed(timedelta(seconds=10)))
    print("go", file=other.stdin, flush=True)
    assert await waiting
    ids, _ = await ask(store, "changed_since", token)
    [number] = ids
    assert (await ask(store, "thread", number)).thread.subject == "from-elsewhere"
    assert not await store.wait_changed(timedelta(0))


async def test_kill_minus_nine_loses_nothing_that_was_acknowledged(
    shelf: Shelf, start: Start
) -> None:
    for _ in range(3):
        child = start(shelf.path, "flood")
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(5)]
        child.kill()
        lines += child.stdout.read().splitlines()
        known = max(int(line) for line in lines if line.strip())
        store = shelf.open()
        assert await ask(store, "thread", known) is not None
        await shelf.close()
        with sqlite3.connect(shelf.path) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert raw.execute("SELECT count(*) % 20 FROM thread").fetchone() == (0,)
        raw.close()


async def test_many_processes_may_open_a_new_queue_at_once(shelf: Shelf, start: Start) -> None:
    children = [start(shelf.path, "open") for _ in range(6)]
    said = [child.communicate()[0] for child in children]
    assert said == ["open\n"] * 6
