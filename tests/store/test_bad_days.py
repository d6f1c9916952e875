"""The file of the queue on bad days: no room, a lock that stays, rights that were taken away."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from modtui.domain.model import Draft
from modtui.domain.trouble import TroubleKind, trouble_line
from modtui.store import Corrupt, Emptied, Full, Gone, Locked, NoMemory, Store, Tx, Unwritable
from modtui.store.care import RESERVE, RESERVE_BYTES, holder, mount_point
from modtui.store.connection import connect
from modtui.store.emptied import backups
from modtui.store.migrate import FOLDER, known, migrate, schema
from modtui.store.sqlite import open_store
from tests.disks import fill, locked, small_disk
from tests.store.stage import T0, HandClock, add, ask, no_wait, one, record

LONG = "a long title " * 400

MANY_AT_ONCE = """
import asyncio, sys
from pathlib import Path
from modtui.store.sqlite import open_store
from tests.store.stage import HandClock, add, no_wait, record

async def main():
    store = open_store(Path(sys.argv[1]), HandClock().store_clock(), no_wait)
    await add(store, *(record(f"s{number}", title="a long title " * 40) for number in range(200)))
    await store.write(lambda tx: tx._run("UPDATE thread SET title = title || 'x'"))
    await store.close()

asyncio.run(main())
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=8) as folder:
        yield folder


@pytest.fixture
async def full(disk: Path) -> AsyncIterator[Store]:
    """A store with one thread and a reserve, on a disk that was filled to the last byte."""
    store = open_store(disk / "queue.db", HandClock().store_clock(), no_wait)
    await add(store, record())
    assert await store.mend()
    fill(disk)
    yield store
    await store.close()


async def write_until_full(store: Store) -> None:
    """Store threads until the disk has no room for another."""

    async def go_on() -> None:
        for number in range(10_000):
            await add(store, record(f"x{number}", title=LONG))

    with pytest.raises(Full):
        await go_on()


async def test_the_reserve_is_really_taken_and_private(disk: Path) -> None:
    store = open_store(disk / "queue.db", HandClock().store_clock(), no_wait)
    assert not (disk / RESERVE).exists()
    assert await store.mend()
    found = (disk / RESERVE).stat()
    assert found.st_size == RESERVE_BYTES
    assert found.st_blocks * 512 >= RESERVE_BYTES
    assert found.st_mode & 0o777 == 0o600
    await store.close()


async def test_a_draft_finds_room_on_a_full_disk_and_nothing_else_does(
    full: Store, disk: Path
) -> None:
    await write_until_full(full)
    trouble = full.trouble()
    assert trouble is not None
    assert (trouble.kind, trouble.where) == (TroubleKind.FULL, str(disk))
    assert trouble_line(trouble, T0) == (
        f"disk full on {disk}: free some space; drafts are safe, nothing new is stored"
    )
    # As often as somebody types for minutes: the log is begun anew in the room that it has.
    for number in range(200):
        draft = Draft(1, "mod-a", f"half a sentence {number} " * 50, T0)
        await full.write(lambda tx, draft=draft: tx.put_draft(draft), vital=True)
    assert not (disk / RESERVE).exists()
    kept = await ask(full, "draft", 1, "mod-a")
    assert kept.text.startswith("half a sentence 199")
    with pytest.raises(Full):
        await add(full, record("late"))
    assert not await full.mend()


async def test_it_resumes_when_there_is_space_and_what_was_acknowledged_is_there(
    full: Store, disk: Path
) -> None:
    await write_until_full(full)
    draft = Draft(1, "mod-a", "half a sentence", T0)
    await full.write(lambda tx: tx.put_draft(draft), vital=True)
    assert not await full.mend()
    (disk / "filling").unlink()
    assert await full.mend()
    assert full.trouble() is None
    assert (disk / RESERVE).stat().st_blocks * 512 >= RESERVE_BYTES
    [after] = await add(full, record("after"))
    again = open_store(disk / "queue.db", HandClock().store_clock(), no_wait)
    assert (await ask(again, "thread", after)).thread.subject == "after"
    assert (await ask(again, "draft", 1, "mod-a")).text == "half a sentence"
    await again.close()


async def test_a_full_disk_is_not_over_because_the_log_has_room_of_its_own(
    disk: Path,
) -> None:
    full = open_store(disk / "queue.db", HandClock().store_clock(), no_wait)
    await add(full, record())
    assert await full.mend()
    full._writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    fill(disk)

    async def change_again_and_again() -> None:
        for number in range(10_000):
            await full.write(lambda tx, n=number: tx._run(f"UPDATE thread SET title = 'now {n}'"))

    with pytest.raises(Full):
        await change_again_and_again()
    for _ in range(3):
        assert not await full.mend()
        trouble = full.trouble()
        assert trouble is not None
        assert trouble.kind is TroubleKind.FULL
    assert (disk / RESERVE).exists()
    (disk / "filling").unlink()
    assert await full.mend()
    assert {path.name for path in disk.glob(f"{RESERVE}*")} == {RESERVE}
    await full.close()


async def test_a_full_disk_at_the_start_is_one_line(disk: Path) -> None:
    fill(disk)
    with pytest.raises(Unwritable, match="full") as caught:
        open_store(disk / "queue.db", HandClock().store_clock(), no_wait)
    assert "\n" not in str(caught.value)


async def an_old_queue(disk: Path, tmp_path: Path, threads: int) -> Path:
    """A queue of the schema before the newest, with some threads in it."""
    folder = tmp_path / "older"
    folder.mkdir()
    for number, path in known().items():
        if number < max(known()):
            shutil.copy(path, folder)
    path = disk / "queue.db"
    connection = connect(path)
    migrate(connection, path, folder)
    connection.executemany(
        "INSERT INTO audit (at, who, action, detail) VALUES (?, 'mod-a', 'hide', ?)",
        [(number, LONG) for number in range(threads)],
    )
    connection.close()
    return path


def content(path: Path) -> tuple[int, int, str]:
    """The schema of the file, its audit lines, and whether it is whole."""
    connection = sqlite3.connect(path)
    try:
        [[lines]] = connection.execute("SELECT count(*) FROM audit").fetchall()
        [[whole]] = connection.execute("PRAGMA integrity_check").fetchall()
        return schema(connection), lines, whole
    finally:
        connection.close()


def test_a_full_folder_of_passing_files_does_not_matter(disk: Path, tmp_path: Path) -> None:
    fill(disk)
    env = {**os.environ, "TMPDIR": str(disk)}
    argv = [sys.executable, "-c", MANY_AT_ONCE, str(tmp_path / "queue.db")]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("room", [0, 100_000, 700_000])
async def test_a_migration_without_room_leaves_the_queue_as_it_was(
    disk: Path, tmp_path: Path, room: int
) -> None:
    """The backup finds no room, wherever in it the disk is full."""
    path = await an_old_queue(disk, tmp_path, threads=200)
    before = content(path)
    fill(disk, but=room)
    with pytest.raises(Full, match="the disk is full") as caught:
        open_store(path, HandClock().store_clock(), no_wait)
    assert "\n" not in str(caught.value)
    assert not list(disk.glob("queue.db.backup*"))
    (disk / "filling").unlink()
    assert content(path) == before
    store = open_store(path, HandClock().store_clock(), no_wait)
    await store.close()
    assert content(path) == (max(known()), *before[1:])
    assert (disk / f"queue.db.backup-{before[0]}").exists()


async def test_a_step_of_a_migration_without_room_is_taken_back(disk: Path, tmp_path: Path) -> None:
    """There was room for the backup and there is none for the new tables."""
    path = await an_old_queue(disk, tmp_path, threads=200)
    before = content(path)
    steps = tmp_path / "greedy"
    shutil.copytree(FOLDER, steps)
    greedy = "CREATE TABLE more AS SELECT a.detail FROM audit a, audit b;\n"
    (steps / f"{max(known()):04}_greedy.sqlite.sql").write_text(greedy)
    for old in steps.glob(f"{max(known()):04}_*"):
        if "greedy" not in old.name:
            old.unlink()
    connection = connect(path)
    try:
        with pytest.raises(sqlite3.OperationalError, match="full"):
            migrate(connection, path, steps)
    finally:
        connection.close()
    assert content(path) == before
    assert content(disk / f"queue.db.backup-{before[0]}") == before


async def test_a_lock_that_stays_is_told_with_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    store = open_store(path, HandClock().store_clock(), no_wait)
    await add(store, record())
    await store.write(lambda tx: tx._one("PRAGMA busy_timeout = 1"))
    with locked(path) as pid:
        with pytest.raises(Locked):
            await add(store, record("s2"))
        trouble = store.trouble()
        assert trouble is not None
        assert trouble.kind is TroubleKind.LOCKED
        assert trouble.by.endswith(f"(PID {pid})")
        # Reading goes on, and a second write is refused without waiting for the lock again.
        assert (await ask(store, "thread", 1)).thread.subject == "s1"
        with pytest.raises(Locked):
            await one(store, "insert_thread", record("s3"))
        assert not await store.mend()
    assert await store.mend()
    assert holder(path) == ""
    assert len(await add(store, record("s4"))) == 1
    await store.close()


async def test_a_file_that_cannot_be_written_any_more_is_told_and_comes_back(disk: Path) -> None:
    store = open_store(disk / "queue.db", HandClock().store_clock(), no_wait)
    await add(store, record())
    await store.write(lambda tx: tx._one("PRAGMA query_only = ON"))
    with pytest.raises(Unwritable):
        await add(store, record("s2"))
    trouble = store.trouble()
    assert trouble is not None
    assert trouble.kind is TroubleKind.CLOSED
    assert "make it writable" in trouble_line(trouble, T0)
    assert not await store.mend()
    store._writer.execute("PRAGMA query_only = OFF")
    assert await store.mend()
    assert await add(store, record("s3")) == [2]
    await store.close()


def taken_away(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def with_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def replaced(path: Path) -> None:
    shutil.copy(path, path.with_name("older.db"))
    path.with_name("older.db").replace(path)


def without_its_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize("how", [taken_away, with_its_folder, moved, replaced, without_its_log])
async def test_nothing_is_stored_in_a_file_that_nobody_finds_and_what_it_held_is_kept(
    tmp_path: Path, how: Callable[[Path], None]
) -> None:
    path = tmp_path / "state" / "queue.db"
    store = open_store(path, HandClock().store_clock(), no_wait)
    await add(store, record(), record("s2"))
    how(path)
    for _ in range(2):
        with pytest.raises(Gone, match=r"moved, deleted or replaced.*doctor --recover puts that"):
            await add(store, record("s3"))
    trouble = store.trouble()
    assert trouble is not None
    assert not trouble.passes
    [copy] = path.parent.glob("queue.db.backup-*")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert f"kept as {copy.name}" in trouble_line(trouble, T0)
    assert ("-shm away, then" in trouble_line(trouble, T0)) is path.exists()
    await store.close()
    for file in path.parent.glob("queue.db*"):
        if "backup" not in file.name:
            file.unlink()
    # It is the newest backup, and nothing new begins in its place by itself.
    with pytest.raises(Emptied, match="newest backup"):
        open_store(path, HandClock().store_clock(), no_wait)
    assert backups(path) == (copy,)
    copy.rename(path)
    again = open_store(path, HandClock().store_clock(), no_wait)
    assert (await ask(again, "thread", 2)).thread.subject == "s2"
    await again.close()


async def test_a_look_at_the_file_finds_out_that_it_is_gone_where_nobody_writes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "queue.db"
    store = open_store(path, HandClock().store_clock(), no_wait)
    await add(store, record())
    moved(path)
    assert not await store.mend()
    assert (trouble := store.trouble()) is not None
    assert trouble.kind is TroubleKind.GONE
    await store.close()


def test_the_mount_point_is_where_the_file_system_begins(disk: Path) -> None:
    (disk / "a" / "b").mkdir(parents=True)
    assert mount_point(disk / "a" / "b" / "queue.db") == str(disk)


async def test_damage_is_kept_as_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    store = open_store(path, HandClock().store_clock(), no_wait)
    await add(store, *(record(f"s{n}", title=LONG) for n in range(50)))
    await store.close()
    whole = bytearray(path.read_bytes())
    whole[4096 * 100 :] = b"\xa5" * len(whole[4096 * 100 :])
    path.write_bytes(whole)
    store = open_store(path, HandClock().store_clock(), no_wait)
    with pytest.raises(Corrupt, match="damaged"):
        await ask(store, "queue_rows", range(1, 51), "mod-a")
    trouble = store.trouble()
    assert trouble is not None
    assert not trouble.passes
    assert not await store.mend()
    await store.close()


async def test_what_no_thread_was_left_for_is_not_done_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), no_wait)
    with monkeypatch.context() as bounded:
        bounded.setattr(Thread, "start", start)
        with pytest.raises(NoMemory, match="no more memory or threads"):
            await add(store, record("refused"))
    await add(store, record("taken"))
    found = await ask(store, "threads_by_subject", record().realm, ["refused", "taken"])
    assert list(found) == ["taken"]
    await store.close()


async def test_a_transaction_without_memory_changes_nothing(tmp_path: Path) -> None:
    async def work(tx: Tx) -> None:
        await tx.insert_thread(record("half"))
        raise MemoryError

    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), no_wait)
    with pytest.raises(NoMemory, match="no more memory or threads"):
        await store.write(work)
    assert store.trouble() is None
    assert await add(store, record("next")) == [1]
    await store.close()
