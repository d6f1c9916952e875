"""A damaged queue: it is found out, left as it is, and what can be read of it is not lost."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from modtui.domain.model import Draft
from modtui.store import Corrupt, Locked, NewerSchema, StoreError, Unwritable
from modtui.store.connection import connect
from modtui.store.migrate import known, step
from modtui.store.rescue import check_ours, flaws, rebuild, rescue
from modtui.store.sqlite import open_store
from tests.store.stage import T0, HandClock, add, ask, delivery, flag, no_wait, one, post, record

THREADS = 60
TABLES = ("thread", "post", "flag", "event", "delivery", "draft", "audit")


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A closed queue with threads on many pages, each with a post, a flag, a draft, a delivery."""
    where = tmp_path / "queue.db"
    store = open_store(where, HandClock().store_clock(), no_wait)
    for number in await add(store, *(record(f"s{n}", title=f"{n} " * 150) for n in range(THREADS))):
        await one(store, "put_post", number, post(f"p{number}", "words " * 100))
        await one(store, "put_flag", number, flag(f"f{number}"))
        await one(store, "put_draft", Draft(number, "mod-a", f"draft {number} " * 30, T0))
        await one(store, "add_delivery", delivery(number, f"k{number}"))
    await store.close()
    return where


def pages_of(path: Path, table: str) -> Iterator[int]:
    """The pages of a table, found by what stands on them."""
    with closing(sqlite3.connect(path)) as raw:
        [(root,)] = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
        [(size,)] = raw.execute("PRAGMA page_size")
    content = path.read_bytes()
    waiting = [root]
    while waiting:
        number = waiting.pop()
        page = content[(number - 1) * size : number * size]
        yield number
        if page[0] == 5:
            count = int.from_bytes(page[3:5])
            cells = [int.from_bytes(page[12 + 2 * i : 14 + 2 * i]) for i in range(count)]
            waiting += [int.from_bytes(page[at : at + 4]) for at in cells]
            waiting.append(int.from_bytes(page[8:12]))


def overwrite(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * 4096)
        file.write(b"\xa5" * 4096)


@pytest.mark.parametrize("table", TABLES)
async def test_a_flipped_page_of_any_table_is_found_and_told(path: Path, table: str) -> None:
    assert flaws(path) == ()
    overwrite(path, list(pages_of(path, table))[-1])
    before = path.read_bytes()
    assert flaws(path)
    assert path.read_bytes() == before
    assert all("\n" not in line for line in flaws(path)[:1])


async def test_what_stands_behind_a_torn_page_is_read_too(path: Path) -> None:
    leaves = list(pages_of(path, "draft"))[1:]
    assert len(leaves) > 3
    overwrite(path, leaves[1])
    overwrite(path, leaves[-2])
    found = rescue(path)
    assert THREADS // 3 < len(found.drafts) < THREADS
    texts = {str(row["text"]).split(" dr")[0] for row in found.drafts}
    assert {"draft 1", f"draft {THREADS}"} <= texts
    assert len(found.deliveries) == THREADS


async def test_a_queue_made_anew_is_sound_and_loses_only_what_was_torn(
    path: Path, tmp_path: Path
) -> None:
    leaves = list(pages_of(path, "post"))[1:]
    overwrite(path, leaves[0])
    before = path.read_bytes()
    target = tmp_path / "new.db"
    rebuilt = rebuild(path, target)
    assert rebuilt.without == ("post",)
    assert path.read_bytes() == before
    assert flaws(target) == ()
    assert target.stat().st_mode & 0o777 == 0o600
    store = open_store(target, HandClock().store_clock(), no_wait)
    assert len(await ask(store, "drafts", "mod-a")) == THREADS
    assert len(await ask(store, "deliveries", account="forum")) == THREADS
    kept = [len(await ask(store, "posts", n)) for n in range(1, THREADS + 1)]
    assert THREADS // 2 < sum(kept) < THREADS
    await store.close()


async def test_where_threads_were_lost_their_accounts_are_read_again(
    path: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("INSERT INTO account (name, cursor) VALUES ('forum', 'far on')")
    overwrite(path, list(pages_of(path, "thread"))[1])
    target = tmp_path / "new.db"
    assert "thread" in rebuild(path, target).without
    store = open_store(target, HandClock().store_clock(), no_wait)
    assert await ask(store, "cursor", "forum") is None
    await store.close()


@pytest.mark.parametrize("seed", range(40))
async def test_any_damage_ends_in_a_line_and_never_in_a_changed_file(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 400)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content)
    found = rescue(path)
    assert len(found.drafts) <= THREADS
    told = ""
    try:
        rebuild(path, path.with_name("new.db"))
    except StoreError as error:
        told = str(error)
    assert "\n" not in told
    assert told or flaws(path.with_name("new.db")) == ()
    assert path.read_bytes() == bytes(content)


@pytest.mark.parametrize("garbage", [b"", b"\xff" * 100, b"\xa5" * 70_000])
async def test_a_log_of_garbage_or_cut_off_hides_nothing_that_was_checkpointed(
    path: Path, garbage: bytes
) -> None:
    path.with_name("queue.db-wal").write_bytes(garbage)
    store = open_store(path, HandClock().store_clock(), no_wait)
    assert len(await ask(store, "drafts", "mod-a")) == THREADS
    await store.close()


async def test_a_log_cut_in_the_middle_keeps_every_commit_before_the_cut(path: Path) -> None:
    store = open_store(path, HandClock().store_clock(), no_wait)
    for number in range(20):
        await one(store, "put_draft", Draft(1, "mod-a", f"version {number}", T0))
    # As a machine leaves it that lost its power: the log is there, its end is not.
    log = path.with_name("queue.db-wal").read_bytes()
    other = path.with_name("cut.db")
    other.write_bytes(path.read_bytes())
    other.with_name("cut.db-wal").write_bytes(log[: len(log) * 2 // 3])
    await store.close()
    again = open_store(other, HandClock().store_clock(), no_wait)
    kept = await ask(again, "draft", 1, "mod-a")
    assert 0 < int(kept.text.removeprefix("version ")) < 19
    assert flaws(other) == ()
    await again.close()


async def test_a_missing_index_of_the_log_is_made_again(path: Path) -> None:
    store = open_store(path, HandClock().store_clock(), no_wait)
    await one(store, "put_draft", Draft(1, "mod-a", "the last words", T0))
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    copy.with_name("copy.db-wal").write_bytes(path.with_name("queue.db-wal").read_bytes())
    await store.close()
    again = open_store(copy, HandClock().store_clock(), no_wait)
    assert (await ask(again, "draft", 1, "mod-a")).text == "the last words"
    await again.close()


async def test_what_is_no_queue_is_told_and_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(Unwritable):
        open_store(tmp_path / "folder.db", HandClock().store_clock(), no_wait)
    (tmp_path / "text.db").write_text("this is no database " * 300)
    with pytest.raises(Corrupt, match="doctor --recover"):
        open_store(tmp_path / "text.db", HandClock().store_clock(), no_wait)
    with pytest.raises(Corrupt):
        rebuild(tmp_path / "text.db", tmp_path / "new.db")
    (tmp_path / "empty.db").touch()
    store = open_store(tmp_path / "empty.db", HandClock().store_clock(), no_wait)
    assert await ask(store, "thread", 1) is None
    await store.close()


async def test_a_newer_queue_is_no_damage(path: Path) -> None:
    check_ours(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {max(known()) + 1}")
    assert flaws(path) == ()
    with pytest.raises(NewerSchema, match="upgrade modtui"):
        check_ours(path)
    with pytest.raises(NewerSchema):
        open_store(path, HandClock().store_clock(), no_wait)


@pytest.mark.parametrize("version", [0, max(known())])
def test_a_database_of_another_program_is_no_damaged_queue(tmp_path: Path, version: int) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.db")) as raw:
        raw.execute("CREATE TABLE note (words)")
        raw.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(Corrupt, match=r"notes\.db is a database of another program: move it away"):
        check_ours(tmp_path / "notes.db")


@pytest.mark.parametrize(
    ("sql", "flaw"),
    [
        ("DROP TABLE draft", "the table draft is missing"),
        ("DROP TRIGGER audit_keeps_all", "the trigger audit_keeps_all is missing"),
        ("DROP INDEX flag_at", "the index flag_at is missing"),
        ("ALTER TABLE account DROP COLUMN heard_at", "the column heard_at of account is missing"),
    ],
)
def test_what_was_taken_out_of_a_queue_is_told_and_made_again(
    path: Path, tmp_path: Path, sql: str, flaw: str
) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(sql)
    check_ours(path)
    assert flaw in flaws(path)
    assert rebuild(path, tmp_path / "new.db").rows > THREADS
    assert flaws(tmp_path / "new.db") == ()


def test_a_table_whose_rows_the_new_queue_does_not_take_is_named(
    path: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP INDEX draft_by")
        raw.execute("ALTER TABLE draft DROP COLUMN saved_at")
    assert "draft" in rebuild(path, tmp_path / "new.db").without


def test_a_queue_of_an_older_schema_lacks_nothing(tmp_path: Path) -> None:
    steps = known()
    for newest in steps:
        with closing(connect(tmp_path / f"{newest}.db")) as raw:
            for number in range(1, newest + 1):
                step(raw, number, steps[number].read_text(encoding="utf-8"))
        assert flaws(tmp_path / f"{newest}.db") == ()


async def test_a_queue_that_another_program_keeps_to_itself_is_no_damaged_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.store.rescue.connect", partial(connect, busy_ms=1))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Locked):
            flaws(path)
    assert flaws(path) == ()


async def test_of_a_queue_that_was_cut_short_what_is_left_is_read(
    path: Path, tmp_path: Path
) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 9 // 10 // 4096 * 4096])
    before = path.read_bytes()
    assert flaws(path)
    assert 0 < len(rescue(path).drafts) < THREADS
    rebuilt = rebuild(path, tmp_path / "new.db")
    assert "draft" in rebuilt.without
    assert path.read_bytes() == before
    assert flaws(tmp_path / "new.db") == ()
    with closing(sqlite3.connect(tmp_path / "new.db")) as new:
        assert new.execute("SELECT count(*) FROM thread").fetchall() == [(THREADS,)]
