"""A queue whose file is empty or gone: told where there was one, silent where there was none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from modtui.store import Emptied
from modtui.store.care import RESERVE
from modtui.store.copying import copy_queue
from modtui.store.emptied import backups, check_emptied
from modtui.store.sqlite import open_store
from tests.store.stage import HandClock, add, ask, no_wait, record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


async def cut_off(path: Path) -> bytes:
    """Leave the log of a queue whose process was killed beside an empty file; return the log."""
    store = open_store(path.with_name("other.db"), HandClock().store_clock(), no_wait)
    await add(store, record("s1"))
    log = path.with_name("other.db-wal").read_bytes()
    await store.close()
    path.touch()
    path.with_name("queue.db-wal").write_bytes(log)
    return log


def left_behind(name: str, content: bytes = b"x") -> Callable[[Path], object]:
    return lambda path: path.with_name(name).write_bytes(content)


async def test_a_log_beside_an_empty_file_is_told_and_not_thrown_away(path: Path) -> None:
    log = await cut_off(path)
    with pytest.raises(Emptied) as caught:
        open_store(path, HandClock().store_clock(), no_wait)
    assert str(caught.value) == (
        f"{path} is empty, but there was a queue (queue.db-wal beside it): nothing was changed:"
        " modtui doctor --recover begins a new one"
    )
    with pytest.raises(Emptied):
        copy_queue(path, path.with_name("practice.db"))
    assert path.stat().st_size == 0
    assert path.with_name("queue.db-wal").read_bytes() == log
    assert not path.with_name("practice.db").exists()


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("name", ["queue.db-wal", "queue.db.backup-7", "queue.db.damaged-20260302"])
def test_every_trace_of_a_queue_is_named(path: Path, name: str, there: bool) -> None:
    if there:
        path.touch()
    path.with_name(name).write_bytes(b"x")
    with pytest.raises(Emptied, match=f"is {'empty' if there else 'gone'}, .*{name} beside it"):
        check_emptied(path)
    assert path.exists() == there


def test_a_reserve_tells_of_a_file_that_is_there_alone(path: Path) -> None:
    """Who practised before there was any queue has a reserve and no file of a queue."""
    path.with_name(RESERVE).write_bytes(b"\0" * 10)
    check_emptied(path)
    path.touch()
    with pytest.raises(Emptied, match=RESERVE):
        check_emptied(path)


async def test_what_is_really_new_stays_silent(path: Path) -> None:
    check_emptied(path)
    # An index, and a log that nothing was written to, are no queue.
    for name in ("queue.db-shm", "queue.db-wal", "other.db-wal", "queue.db.backup-old"):
        path.with_name(name).write_bytes(b"" if name == "queue.db-wal" else b"x")
    path.touch()
    store = open_store(path, HandClock().store_clock(), no_wait)
    assert await ask(store, "thread", 1) is None
    await store.close()


async def test_one_that_another_modtui_makes_meanwhile_is_none(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "elsewhere" / "queue.db"
    store = open_store(made, HandClock().store_clock(), no_wait)
    path.touch()

    def traces(path: Path) -> tuple[str, ...]:
        shutil.copy(made, path)
        return ("queue.db-wal",)

    monkeypatch.setattr("modtui.store.emptied.traces_of", traces)
    check_emptied(path)
    await store.close()


def test_the_newest_backup_comes_first(path: Path) -> None:
    for number in ("9", "10", "2", "12.part", "3.backup-14", "11"):
        content = b"" if number == "11" else b"x"
        path.with_name(f"queue.db.backup-{number}").write_bytes(content)
    assert [file.name for file in backups(path)] == [f"queue.db.backup-{n}" for n in (10, 9, 2)]
