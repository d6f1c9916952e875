"""Numbered migrations: a backup before each, one exclusive transaction each."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from modtui.store import Corrupt, NewerSchema
from modtui.store.connection import copy_to, make_durable, of_another, primary
from modtui.store.emptied import check_tables

FOLDER = Path(__file__).parent / "migrations"


def known(folder: Path = FOLDER) -> Mapping[int, Path]:
    """The migrations of SQLite by number."""
    return {
        int(name[:4]): folder / name
        for name in sorted(os.listdir(folder))
        if name.endswith(".sqlite.sql")
    }


def migrate(connection: sqlite3.Connection, path: Path, folder: Path = FOLDER) -> int:
    """Bring the database to the newest schema; return its number.

    A database that is not empty is first copied to `PATH.backup-N`, N being the schema it has.
    Raises NewerSchema, Emptied, or Corrupt for a database that is not a queue or not of the schema
    that it says; all leave it as it is.
    """
    steps = known(folder)
    newest = max(steps)
    # In one statement: between two, another modtui may have made the tables.
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version < 0 or (tables and not version):
        raise foreign(path)
    check_tables(path, version, tables)
    if version > newest:
        raise newer(version, newest)
    make_durable(connection)
    for number in range(version + 1, newest + 1):
        if version:
            _back_up(connection, path, number - 1)
        try:
            step(connection, number, steps[number].read_text(encoding="utf-8"))
        except sqlite3.Error as error:
            if primary(error) != sqlite3.SQLITE_ERROR:
                raise
            raise of_another(path, error) from error
    return newest


def foreign(path: Path) -> Corrupt:
    """The one line for a database that was never a queue."""
    return Corrupt(f"{path} is a database of another program: move it away")


def newer(version: int, known_version: int) -> NewerSchema:
    """The one line for a queue that this modtui cannot use."""
    return NewerSchema(
        f"this queue was written by modtui schema {version}; this modtui knows {known_version}:"
        " upgrade modtui, or set MODTUI_HOME elsewhere"
    )


def schema(connection: sqlite3.Connection) -> int:
    """The number of the schema that the database has now."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.name}.backup-{version}")
    copy_to(backup, connection, lambda: schema(connection) == version)


def step(connection: sqlite3.Connection, number: int, script: str) -> None:
    """Run migration `number`, all or nothing; it does nothing where it was run already."""
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        # Another modtui may have migrated while this one waited for the lock.
        if schema(connection) < number:
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA foreign_keys = ON")


def _statements(script: str) -> Iterator[str]:
    held = ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""
