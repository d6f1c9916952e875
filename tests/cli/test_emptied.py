"""A queue that was emptied, from the first line about it to the backup in its place."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from modtui.store.connection import connect
from modtui.store.migrate import FOLDER, known, migrate, schema
from tests.cli.shell import Shell

COMMANDS = (("queue", "--json"), ("sync", "--once"), ("note", "1", "x"), ("drain",))
WAITS = "UPDATE delivery SET state = ? WHERE id = ?"


@pytest.fixture
def state(desk: Shell) -> Path:
    return desk.home / "state"


def empty(state: Path) -> None:
    (state / "modtui.db").write_bytes(b"")


def backed_up(state: Path, number: int = max(known())) -> Path:
    backup = state / f"modtui.db.backup-{number}"
    with closing(sqlite3.connect(state / "modtui.db")) as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    return backup


def threads(desk: Shell) -> int:
    found = desk("queue", "--json")
    assert found.code == 0, found.err
    return len(found.json["threads"])


def test_every_command_says_so_in_one_line_and_changes_nothing(desk: Shell, state: Path) -> None:
    empty(state)
    log = state / "modtui.db-wal"
    log.write_bytes(b"a log " * 1000)
    for command in (*COMMANDS, ("--plain",)):
        done = desk(*command)
        assert (done.code, done.out, done.err.count("\n")) == (4, "", 1), command
        assert f"{state}/modtui.db is empty, but there was a queue (modtui.db-wal" in done.err
    assert "is empty, but there was a queue" in desk("doctor").out
    assert log.read_bytes() == b"a log " * 1000
    assert (state / "modtui.db").stat().st_size == 0


@pytest.mark.parametrize("gone", [False, True])
def test_the_newest_sound_backup_comes_into_its_place(desk: Shell, state: Path, gone: bool) -> None:
    before = threads(desk)
    backup = backed_up(state)
    kept = backup.read_bytes()
    torn = state / f"modtui.db.backup-{max(known()) + 1}"
    torn.write_bytes(kept[:-8192])
    empty(state)
    if gone:
        (state / "modtui.db").unlink()
    (state / "modtui.db-wal").write_bytes(b"a log")
    assert "puts the newest backup in its place" in desk("queue").err
    done = desk("doctor", "--recover")
    assert (done.code, done.err) == (0, "")
    assert re.match(rf"{backup.name} of [-\d: ]+ is in the place of {state}/modtui.db\n", done.out)
    [aside] = state.glob("modtui.db.damaged-*-wal")
    assert f"is kept as {str(aside).removesuffix('-wal')}*" in done.out
    assert aside.read_bytes() == b"a log"
    assert backup.read_bytes() == kept
    assert not list(state.glob("modtui.db.new*"))
    assert threads(desk) == before
    assert "is sound" in desk("doctor", "--recover").out


def test_a_backup_of_an_older_schema_is_brought_on(
    desk: Shell, state: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    shutil.copytree(FOLDER, older)
    (older / known()[max(known())].name).unlink()
    backup = state / f"modtui.db.backup-{max(known()) - 1}"
    with closing(connect(tmp_path / "older.db")) as db:
        migrate(db, tmp_path / "older.db", older)
        db.execute("VACUUM INTO ?", (str(backup),))
    kept = backup.read_bytes()
    empty(state)
    assert desk("doctor", "--recover").code == 0
    with closing(sqlite3.connect(state / "modtui.db")) as db:
        assert schema(db) == max(known())
    assert backup.read_bytes() == kept
    assert not list(state.glob("modtui.db.new*"))


def test_without_a_backup_a_new_one_begins(desk: Shell, state: Path) -> None:
    before = threads(desk)
    empty(state)
    (state / "modtui.db-wal").write_bytes(b"a log")
    done = desk("doctor", "--recover")
    assert (done.code, done.err) == (0, "")
    assert f"there is no sound backup of {state}/modtui.db: a new queue" in done.out
    assert threads(desk) == 0
    assert desk("sync", "--once").code == 0
    assert threads(desk) == before


def test_nothing_of_a_backup_goes_out_unasked(desk: Shell, state: Path) -> None:
    """What was on its way when the backup was made may have been sent since."""
    for number in range(1, 5):
        assert desk("hide", str(number), "--no-wait", "--reason", "spam").code == 0
    backup = backed_up(state)
    states = ("held", "queued", "sending", "unknown")
    with closing(sqlite3.connect(backup)) as db, db:
        ids = [number for (number,) in db.execute("SELECT id FROM delivery ORDER BY id LIMIT 4")]
        db.executemany(WAITS, zip(states, ids, strict=True))
    empty(state)
    done = desk("doctor", "--recover")
    assert (done.code, done.err) == (0, "")
    assert "4 deliveries of it may have gone out since: none is sent before you say so" in done.out
    desk("sync", "--once")
    desk("drain")
    with closing(sqlite3.connect(state / "modtui.db")) as db:
        rows = db.execute("SELECT state, asks FROM delivery ORDER BY id LIMIT 4").fetchall()
        lines = db.execute("SELECT count(*) FROM audit WHERE action = 'restored'").fetchone()
    assert rows == [("queued", 1), ("queued", 1), ("needs_human", 0), ("needs_human", 0)]
    assert lines == (4,)
