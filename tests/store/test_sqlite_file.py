"""What is particular to the SQLite file: its rights, its migrations, its damages, its speed."""

import asyncio
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.domain.views import QueueFilter
from modtui.store import Corrupt, NewerSchema, Store, StoreError, Unwritable
from modtui.store.connection import connect
from modtui.store.migrate import FOLDER, known, migrate, schema, step
from modtui.store.sqlite import open_store
from tests.store.stage import T0, HandClock, Shelf, add, ask, no_wait, one, record

NEWEST = max(known())
OLD_THREAD = """
INSERT INTO thread (id, seq, place, severity, first_flag_at, state, account, realm, subject,
    channel, title, author_id, author_name, author_standing, created_at, said_severity, tags,
    held, locked, revision, flag_count, reasons, pending, unknown, policy, inherited, haystack)
VALUES (5, 1, 9, 1, 5, 'open', 'forum', 'r', 's', 'c', 'an old one', 'u', 'Nina', '', 1, 1, '[]',
    0, 0, 1, 1, '["spam"]', 0, 0, 'social', 0, 'an old one');
INSERT INTO delivery (id, key, batch, thread, account, command, state, by, created_at, attempts,
    absent, epoch, receipt_id, receipt_at, receipt_evidence)
VALUES (7, 'k', 'b', 5, 'forum', '{"kind": "lock", "thread": 5, "revision": 1, "reason": "heat"}',
    'sent', 'mod-a', 1, 1, 0, 2, 'r1', 2, 'done');
INSERT INTO delivery_event (id, delivery, at, before, after, epoch, who, why)
VALUES (1, 7, 2, 'sending', 'sent', 2, 'mod-a', '');
"""


def open_at(path: Path) -> Store:
    return open_store(path, HandClock().store_clock(), no_wait)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pragma(path: Path, name: str) -> object:
    raw = sqlite3.connect(path)
    try:
        return raw.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        raw.close()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277])
async def test_the_file_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        store = open_at(tmp_path / "state" / "queue.db")
        await add(store, record())
    finally:
        os.umask(before)
    folder = tmp_path / "state"
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "queue.db": 0o600,
        "queue.db-wal": 0o600,
        "queue.db-shm": 0o600,
    }
    await store.close()


async def test_commits_are_durable(shelf: Shelf) -> None:
    store = shelf.open()
    settings = [
        await store.write(lambda tx, name=name: tx._one(f"PRAGMA {name}"))
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    ]
    assert settings == [("wal",), (2,), (1,), (5000,)]


async def test_what_the_connections_remember_of_the_file_stays_below_a_megabyte(
    shelf: Shelf,
) -> None:
    store, size = shelf.open(), "PRAGMA cache_size"
    writes = await store.write(lambda tx: tx._one(size))
    reads, peeks = await store.read(lambda tx: tx._one(size)), store.peek(lambda tx: tx._one(size))
    kilobytes = [-each[0] for each in (writes, reads, peeks)]
    assert min(kilobytes) > 0, "a negative number is of kB, not of pages"
    assert sum(kilobytes) < 1000


async def test_reads_and_peeks_cannot_write(store: Store) -> None:
    with pytest.raises(Unwritable):
        await store.read(lambda tx: tx.insert_thread(record()))
    with pytest.raises(Unwritable):
        store.peek(lambda tx: tx.insert_thread(record()))


async def test_work_that_waits_for_something_else_is_refused(store: Store) -> None:
    async def work(tx: object) -> None:
        await tx.insert_thread(record())
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="await nothing but"):
        await store.write(work)
    assert await ask(store, "thread", 1) is None


async def test_a_read_sees_one_snapshot(shelf: Shelf) -> None:
    store, other = shelf.open(), shelf.open()
    await add(store, record("s1"))
    loop = asyncio.get_running_loop()

    async def work(tx: object) -> tuple[int, int]:
        before = len(await tx.queue_ids(QueueFilter(), T0, "mod-a"))
        asyncio.run_coroutine_threadsafe(add(other, record("s2")), loop).result(5)
        return before, len(await tx.queue_ids(QueueFilter(), T0, "mod-a"))

    assert await store.read(work) == (1, 1)
    assert len(await ask(store, "queue_ids", QueueFilter(), T0, "mod-a")) == 2


async def test_the_audit_log_cannot_be_rewritten(shelf: Shelf) -> None:
    store = shelf.open()
    for sql in ("UPDATE audit SET who = 'x'", "DELETE FROM audit"):
        await store.write(
            lambda tx: tx._run(
                "INSERT INTO audit (at, who, action, detail) VALUES (1, 'mod-a', 'hide', '')"
            )
        )
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await store.write(lambda tx, sql=sql: tx._run(sql))
    assert len(await ask(store, "audit")) == 2


NEXT = "ALTER TABLE thread ADD COLUMN mood TEXT;\nCREATE INDEX thread_mood ON thread (mood);\n"


@pytest.fixture
def two_steps(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    (folder / f"{NEWEST + 1:04}_mood.sqlite.sql").write_text(NEXT)
    return folder


async def test_an_old_queue_is_migrated_with_a_backup(shelf: Shelf, two_steps: Path) -> None:
    store = shelf.open()
    [number] = await add(store, record("s1"))
    await shelf.close()
    connection = connect(shelf.path)
    assert migrate(connection, shelf.path, two_steps) == NEWEST + 1
    assert connection.execute("SELECT id, mood FROM thread").fetchall() == [(number, None)]
    assert migrate(connection, shelf.path, two_steps) == NEWEST + 1
    connection.close()
    backup = shelf.path.with_name(f"queue.db.backup-{NEWEST}")
    assert mode(backup) == 0o600
    assert pragma(backup, "user_version") == NEWEST
    backed = open_at(backup)
    assert (await ask(backed, "thread", number)).thread.subject == "s1"
    await backed.close()
    assert sorted(path.name for path in shelf.path.parent.iterdir()) == ["queue.db", backup.name]


async def test_a_migrated_queue_has_the_tables_of_a_new_one(shelf: Shelf, two_steps: Path) -> None:
    shelf.open()
    await shelf.close()
    tables = []
    for path in (shelf.path, shelf.folder / "new.db"):
        connection = connect(path)
        migrate(connection, path, two_steps)
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
        tables.append(rows.fetchall())
        connection.close()
    assert tables[0] == tables[1]
    assert not shelf.path.with_name("new.db.backup-0").exists()


async def test_a_queue_of_the_first_schema_keeps_its_threads(shelf: Shelf, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(known()[1], first)
    shelf.path.parent.mkdir()
    connection = connect(shelf.path)
    migrate(connection, shelf.path, first)
    connection.executescript(OLD_THREAD)
    connection.close()
    store = shelf.open()
    thread = await ask(store, "thread", 5)
    assert (thread.thread.title, thread.now_at, thread.backlog) == ("an old one", None, False)
    row = await ask(store, "delivery", 7)
    assert (row.thread, row.epoch, row.receipt.remote_id, row.asks) == (5, 2, "r1", False)
    assert len(await ask(store, "delivery_history", 7)) == 1
    assert await store.write(lambda tx: tx._all("PRAGMA foreign_key_check")) == []
    assert shelf.path.with_name("queue.db.backup-1").exists()


async def test_a_step_that_another_modtui_took_is_not_taken_again(shelf: Shelf) -> None:
    shelf.open()
    await shelf.close()
    connection = connect(shelf.path)
    step(connection, NEWEST, known()[NEWEST].read_text())
    assert schema(connection) == NEWEST
    connection.close()


async def test_a_migration_that_fails_changes_nothing(shelf: Shelf, two_steps: Path) -> None:
    shelf.open()
    await shelf.close()
    mood = two_steps / f"{NEWEST + 1:04}_mood.sqlite.sql"
    mood.write_text(NEXT + "CREATE TABLE thread (id INTEGER);\n")
    connection = connect(shelf.path)
    with pytest.raises(Corrupt, match=r"not of the schema that it says .*already exists"):
        migrate(connection, shelf.path, two_steps)
    assert schema(connection) == NEWEST
    assert "mood" not in {row[1] for row in connection.execute("PRAGMA table_info(thread)")}
    connection.close()


async def test_a_newer_schema_is_refused_in_one_line(shelf: Shelf) -> None:
    shelf.open()
    await shelf.close()
    raw = sqlite3.connect(shelf.path)
    raw.execute("PRAGMA user_version = 70")
    raw.close()
    with pytest.raises(NewerSchema) as caught:
        open_at(shelf.path)
    assert str(caught.value) == (
        "this queue was written by modtui schema 70;"
        f" this modtui knows {NEWEST}:"
        " upgrade modtui, or set MODTUI_HOME elsewhere"
    )


async def test_a_queue_migrated_under_a_running_modtui_takes_no_more_writes(shelf: Shelf) -> None:
    store = shelf.open()
    raw = sqlite3.connect(shelf.path)
    raw.execute(f"PRAGMA user_version = {NEWEST + 1}")
    raw.close()
    with pytest.raises(NewerSchema):
        await add(store, record())


def damage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 500)


def tear(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:5000] + b"\xff" * 20000)


async def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(Corrupt) as caught:
        open_at(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


async def test_damage_found_while_working_is_told(shelf: Shelf) -> None:
    await add(shelf.open(), record())
    await shelf.close()
    tear(shelf.path)
    with pytest.raises(Corrupt):
        await add(shelf.open(), record("s2"))


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE recipes (id INTEGER)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(Corrupt, match="another program"):
        open_at(path)
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the folder's place")
    for path in (tmp_path / "state" / "queue.db", Path("/proc/modtui/queue.db")):
        with pytest.raises(Unwritable) as caught:
            open_at(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


async def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "queue.db").mkdir()
    with pytest.raises(Unwritable):
        open_at(tmp_path / "queue.db")


async def test_a_full_disk_is_told_and_what_was_written_stays(shelf: Shelf) -> None:
    store = shelf.open()
    [number] = await add(store, record("s1"))
    pages = (await store.write(lambda tx: tx._one("PRAGMA page_count")))[0]
    await store.write(lambda tx: tx._one(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(Unwritable, match="full"):
        await add(store, *(record(f"x{i}", title="long " * 500) for i in range(50)))
    with pytest.raises(Unwritable, match="full"):
        await add(store, record("s2"))
    grown = f"PRAGMA max_page_count = {pages + 500}"
    await store.write(lambda tx: tx._one(grown), vital=True)
    assert await store.mend()
    [after] = await add(store, record("s2"))
    assert await ask(store, "thread", number) is not None
    assert await ask(store, "thread", after) is not None


async def test_a_locked_file_is_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shelf.open()
    await store.write(lambda tx: tx._one("PRAGMA busy_timeout = 1"))
    raw = sqlite3.connect(shelf.path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await add(store, record())
    raw.execute("ROLLBACK")
    raw.close()
    assert await store.mend()
    assert await add(store, record()) == [1]


async def plan(store: Store, view: QueueFilter) -> list[str]:
    async def work(tx: object) -> list[str]:
        seen = []
        ask_all = tx._all

        async def explain(sql: str, *params: object) -> None:
            if not seen:
                seen.extend(await ask_all("EXPLAIN QUERY PLAN " + sql, *params))

        async def none(sql: str, *params: object) -> list[tuple[object, ...]]:
            return []

        tx._one, tx._all = explain, none
        await tx.queue_ids(view, T0, "mod-a")
        return [row[3] for row in seen]

    return await store.read(work)


async def test_the_queue_is_read_from_its_index_alone(store: Store) -> None:
    index = "SEARCH thread USING COVERING INDEX thread_queue (place<?)"
    assert [step for step in await plan(store, QueueFilter()) if "thread" in step] == [index]
    late = await plan(store, QueueFilter(late=True))
    assert late[1] == index
    assert any(step.startswith("SEARCH thread USING INDEX thread_resumes") for step in late)
    for view in (QueueFilter(), QueueFilter(accounts=("forum",))):
        assert not any("TEMP B-TREE" in step for step in await plan(store, view))


@pytest.mark.parametrize("asks", ["due_between", "unsettled_between", "_lane"])
async def test_what_comes_due_in_the_lane_is_read_from_its_index_alone(
    store: Store, asks: str
) -> None:
    async def work(tx: object) -> list[str]:
        steps: list[str] = []
        ask_all = tx._all

        async def explain(sql: str, *params: object) -> list[tuple[object, ...]]:
            steps.extend(row[3] for row in await ask_all("EXPLAIN QUERY PLAN " + sql, *params))
            return []

        tx._one = tx._all = explain
        times = (T0,) if asks == "_lane" else (T0 - timedelta(seconds=1), T0)
        await getattr(tx, asks)(*times)
        return steps

    lane = [step for step in await store.read(work) if "thread_now" in step]
    assert lane
    assert all("USING COVERING INDEX thread_now" in step for step in lane)


async def test_the_open_threads_of_a_conversation_are_counted_from_an_index_alone(
    store: Store,
) -> None:
    async def work(tx: object) -> list[str]:
        steps: list[str] = []
        ask_all = tx._all

        async def explain(sql: str, *params: object) -> None:
            steps.extend(row[3] for row in await ask_all("EXPLAIN QUERY PLAN " + sql, *params))

        tx._one = explain
        await tx.related(1)
        return steps

    steps = await store.read(work)
    assert any("other USING COVERING INDEX thread_conversation" in step for step in steps)


async def test_ten_thousand_threads_cost_little(store: Store) -> None:
    await add(store, *(record(f"s{i}", due=i * 7919 % 1440) for i in range(10_000)))

    def seconds(look: Callable[[object], Awaitable[object]]) -> float:
        best = 1.0
        for _ in range(5):
            began = time.thread_time()
            assert store.peek(look) is not None
            best = min(best, time.thread_time() - began)
        return best

    ids = await ask(store, "queue_ids", QueueFilter(), T0, "mod-a")
    assert len(ids) == 10_000
    assert seconds(lambda tx: tx.queue_ids(QueueFilter(), T0, "mod-a")) < 0.02
    assert seconds(lambda tx: tx.queue_rows(ids[500:540], "mod-a")) < 0.003
    assert seconds(lambda tx: tx.counts(T0, "mod-a")) < 0.005


async def test_waiting_for_changes_looks_every_half_second(tmp_path: Path) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), sleep)
    assert not await store.wait_changed(timedelta(seconds=0.6))
    assert slept == pytest.approx([0.5, 0.1])
    await one(store, "insert_thread", record())
    assert not await store.wait_changed(timedelta(0))
    await store.close()


def asked_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what the database will have told when it was asked for its version."""
    asked: list[int] = []
    version = store._data_version

    def counted() -> int:
        asked.append(version())
        return asked[-1]

    monkeypatch.setattr(store, "_data_version", counted)
    return asked


async def test_while_nobody_writes_the_database_is_asked_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    other = open_at(tmp_path / "queue.db")

    async def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 15:
            await one(other, "insert_thread", record())

    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), sleep)
    asked = asked_of(store, monkeypatch)
    assert await store.wait_changed(timedelta(seconds=10))
    assert (looks, len(asked)) == (15, 3)
    await store.close()
    await other.close()


async def test_a_log_that_was_written_a_while_ago_is_relied_on_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sleep(seconds: float) -> None:
        pass

    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), sleep)
    asked = asked_of(store, monkeypatch)
    await one(store, "insert_thread", record())
    written = T0.timestamp() - 1
    os.utime(tmp_path / "queue.db-wal", (written, written))
    assert not await store.wait_changed(timedelta(seconds=3))
    assert len(asked) == 1
    await store.close()


async def test_a_closed_store_answers_no_peek(tmp_path: Path) -> None:
    store = open_at(tmp_path / "queue.db")
    await add(store, record())
    assert store.peek(lambda tx: tx.thread(1)) is not None
    await store.close()
    assert store.peek(lambda tx: tx.thread(1)) is None
