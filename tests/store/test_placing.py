"""A queue comes into the place of another: killed between any two moves, nothing is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from modtui.store import Emptied
from modtui.store.copying import drop_queue
from modtui.store.emptied import check_emptied
from modtui.store.placing import place
from modtui.store.sqlite import open_store
from tests.store.stage import HandClock, add, ask, no_wait, record

MOVES = 5
"""Aside: the queue, its log, and the index of that; the new one before and after that."""
KILLED = """
import os, signal, sys
from pathlib import Path
from modtui.store.placing import place

left, rename = int(sys.argv[3]), Path.rename

def some(file, target):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return rename(file, target)

Path.rename = some
place(Path(sys.argv[1]), Path(sys.argv[2]), "20261128-120000")
"""


async def made(path: Path, text: str) -> None:
    store = open_store(path, HandClock().store_clock(), no_wait)
    await add(store, record(title=text))
    await store.close()


async def title(path: Path) -> str:
    store = open_store(path, HandClock().store_clock(), no_wait)
    found = await ask(store, "thread", 1)
    await store.close()
    return str(found.thread.title)


@pytest.fixture
async def queues(tmp_path: Path) -> tuple[Path, Path]:
    """A queue with a log that is not in it yet, and the one that is to come into its place."""
    folder = tmp_path / "state"
    folder.mkdir()
    path, new, copy = folder / "modtui.db", folder / "modtui.db.new", tmp_path / "copy.db"
    await made(path, "old")
    await made(new, "new")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE thread SET title = 'in the log'")
        db.commit()
        copy.write_bytes(path.read_bytes())
        log = path.with_name("modtui.db-wal").read_bytes()
    path.write_bytes(copy.read_bytes())
    path.with_name("modtui.db-wal").write_bytes(log)
    path.with_name("modtui.db-shm").write_bytes(b"")
    return new, path


@pytest.mark.parametrize("moves", range(MOVES + 1))
async def test_killed_between_two_moves_the_next_start_goes_on(
    queues: tuple[Path, Path], moves: int
) -> None:
    new, path = queues
    argv = (sys.executable, "-c", KILLED, new, path, str(moves))
    done = subprocess.run(argv, check=False, timeout=60)
    assert done.returncode == (-9 if moves < MOVES else 0)
    begun = moves >= 2
    assert await title(path) == ("new" if begun else "in the log")
    if not begun:
        # Nothing was moved yet: it is done anew, with what was made anew.
        drop_queue(new)
        await made(new, "newer")
        place(new, path, "20261128-130000")
        assert await title(path) == "newer"
    assert not list(path.parent.glob("*.ready-*"))
    begun_at = "130000" if not begun else "120000"
    old = path.with_name(f"modtui.db.damaged-20261128-{begun_at}")
    assert await title(old) == "in the log"


async def test_a_queue_that_is_used_is_not_replaced_by_what_was_broken_off(
    queues: tuple[Path, Path],
) -> None:
    new, path = queues
    new.rename(path.with_name("modtui.db.ready-20261128-120000"))
    assert await title(path) == "in the log"
    check_emptied(path)
    assert await title(path) == "in the log"


async def test_what_is_not_ready_comes_into_no_place(queues: tuple[Path, Path]) -> None:
    _, path = queues
    path.unlink()
    with pytest.raises(Emptied):
        check_emptied(path)
