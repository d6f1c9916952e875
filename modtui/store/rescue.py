"""What can still be read of a damaged queue, and a new queue made of it. Never by itself.

A damaged table is read from its beginning, from its end, and then row by row between: SQLite
stops at a page it cannot read, and what stands behind it is reached by its number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from modtui.store import Corrupt, Full
from modtui.store.connection import (
    connect,
    explained,
    explaining,
    first_line,
    make_private,
    primary,
)
from modtui.store.emptied import check_tables
from modtui.store.migrate import foreign, known, migrate, newer, schema, step

_MOST_TRIED = 200_000
_OVER = ("sent", "rejected", "stale", "cancelled")
_SHOWN = 5
# What SQLite says of a torn schema may be no text.
_BROKEN = (sqlite3.Error, UnicodeDecodeError)
_TOLD = frozenset({"thread", "flag", "post"})
"""What platforms told; the rest only this queue knew."""


@dataclass(frozen=True, slots=True)
class Rescued:
    """The rows that matter most, by column, as they could be read."""

    drafts: tuple[Mapping[str, object], ...] = ()
    deliveries: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many rows the new queue took; `without` names the tables of which some are missing."""

    rows: int
    without: tuple[str, ...]


def flaws(path: Path) -> tuple[str, ...]:
    """Return what SQLite finds wrong with the file and what its schema should have and has not, a
    line each; nothing for a sound one, nor for one of a schema that this modtui does not know.

    Raises StoreError where nobody can tell: it is locked, the disk is full, it cannot be opened.
    """
    try:
        with closing(connect(path, query_only=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
            found = found if found != ["ok"] else []
            links = connection.execute("PRAGMA foreign_key_check").fetchmany(_SHOWN)
            lost = _lost(connection)
    except _BROKEN as error:
        if isinstance(error, sqlite3.Error):
            _raise_no_damage(error, path)
        return (first_line(error),)
    return (
        *found,
        *lost,
        *(f"{table} names a row of {other} that is gone" for table, _, other, _ in links),
    )


def check_ours(path: Path) -> None:
    """Let a file pass that was a queue of a known schema, or of which nobody can tell what it was.
    Raises NewerSchema, Emptied, Corrupt for another program's, or another StoreError."""
    newest = max(known())
    try:
        with closing(connect(path, query_only=True)) as connection:
            version, tables = schema(connection), set(_own_tables(connection))
            parts = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except _BROKEN as error:
        if isinstance(error, sqlite3.Error):
            _raise_no_damage(error, path)
        return
    if version > newest:
        raise newer(version, newest)
    check_tables(path, version, parts)
    if tables and (version < 1 or tables.isdisjoint(table for _, table in _things(version))):
        raise foreign(path)


def _lost(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return what the schema of the database should have and has not, a line each."""
    version = schema(connection)
    if version not in known():
        return ()
    have = _parts(connection)
    lines = []
    for (kind, name), columns in _things(version).items():
        if (kind, name) not in have:
            lines.append(f"the {kind} {name} is missing")
        else:
            gone = sorted(columns - have[kind, name])
            lines += [f"the column {column} of {name} is missing" for column in gone]
    newest = max(known())
    later = _things(newest) if version < newest else {}
    for thing, columns in later.items():
        before = _things(version).get(thing, frozenset())
        more = sorted((columns - before) & have.get(thing, frozenset()))
        lines += [f"the column {column} of {thing[1]} is of a later schema" for column in more]
    return tuple(lines)


def _things(version: int) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return what a queue of schema `version` has, by kind and name, with the columns of it."""
    steps = known()
    with closing(connect(Path(":memory:"))) as like:
        for number in range(1, version + 1):
            step(like, number, steps[number].read_text(encoding="utf-8"))
        return _parts(like)


def _parts(connection: sqlite3.Connection) -> Mapping[tuple[str, str], frozenset[str]]:
    found = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY rowid"
    ).fetchall()
    columns = "SELECT name FROM pragma_table_info(?)"
    return {
        (kind, name): frozenset(column for (column,) in connection.execute(columns, (name,)))
        for kind, name in found
    }


def _raise_no_damage(error: sqlite3.Error, path: Path) -> None:
    """Raise what keeps a file from being read that may be sound."""
    clear = explained(error, path)
    torn = isinstance(clear, Corrupt)
    # A sector that cannot be read is damage; a full disk, which SQLite tells alike, is none.
    torn = torn or (primary(error) == sqlite3.SQLITE_IOERR and not isinstance(clear, Full))
    if clear is not None and not torn:
        raise clear from error


def rescue(path: Path) -> Rescued:
    """Return the drafts and the deliveries that are not over, as far as they can be read."""
    try:
        with closing(_open(path)) as connection:
            drafts = _named(connection, "draft")
            deliveries = _named(connection, "delivery")
    except _BROKEN:
        return Rescued()
    return Rescued(drafts, tuple(row for row in deliveries if row.get("state") not in _OVER))


def rebuild(path: Path, target: Path) -> Rebuilt:
    """Make the new queue `target` of what can be read at `path`, which stays as it is.

    Raises Corrupt where not even the list of tables can be read.
    """
    make_private(target)
    with explaining(path), closing(_open(path)) as old:
        try:
            tables = {name for (name,) in old.execute("SELECT name FROM pragma_table_list")}
        except _BROKEN as error:
            raise Corrupt(
                f"not even the list of tables of {path} can be read ({first_line(error)}):"
                f" put a backup ({path.name}.backup-*) in its place, or try sqlite3's .recover"
            ) from error
        with closing(connect(target)) as new:
            migrate(new, target)
            new.execute("PRAGMA foreign_keys = OFF")
            new.execute("BEGIN IMMEDIATE")
            rebuilt = _copy(old, new, tables)
            new.execute("COMMIT")
            new.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return rebuilt


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, tables: set[str]) -> Rebuilt:
    kept = 0
    without: list[str] = []
    for table in _own_tables(new):
        if table not in tables:
            without.append(table)
            continue
        try:
            columns, rows, whole = _rows(old, table)
        except _BROKEN:
            without.append(table)
            continue
        known_here = _columns(new, table)
        places = [at for at, name in enumerate(columns) if name in known_here]
        names = ", ".join(f'"{columns[at]}"' for at in places)
        marks = ", ".join("?" for _ in places)
        for row in rows:
            try:
                sql = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"
                kept += new.execute(sql, [row[at] for at in places]).rowcount
            except sqlite3.Error:
                # A row that breaks a rule of its table was torn as well.
                whole = False
        if not whole:
            without.append(table)
    _drop_orphans(new)
    # Whoever held a lease holds none on a file that was put in its place.
    new.execute("DELETE FROM lease")
    if not _TOLD.isdisjoint(without):
        # Read from the beginning: what is there already does not change again.
        new.execute("UPDATE account SET cursor = NULL")
    return Rebuilt(kept, tuple(without))


def _drop_orphans(new: sqlite3.Connection) -> None:
    """Drop rows whose thread or delivery was lost, and what hangs on them in turn."""
    while orphans := new.execute("PRAGMA foreign_key_check").fetchall():
        for table, rowid, _, _ in orphans:
            if rowid is None:
                new.execute(f"DELETE FROM {table}")
            else:
                new.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
    # What is searched of posts refers to them without saying so to SQLite.
    new.execute(
        "DELETE FROM post_folded WHERE NOT EXISTS (SELECT 1 FROM post"
        " WHERE post.thread = post_folded.thread AND post.remote_id = post_folded.post)"
    )


def _own_tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY rowid"
    )
    return tuple(name for (name,) in found)


def _named(connection: sqlite3.Connection, table: str) -> tuple[Mapping[str, object], ...]:
    try:
        columns, rows, _ = _rows(connection, table)
    except _BROKEN:
        return ()
    return tuple(dict(zip(columns, row, strict=True)) for row in rows)


def _rows(
    connection: sqlite3.Connection, table: str
) -> tuple[tuple[str, ...], Iterable[tuple[object, ...]], bool]:
    """Return the columns, every row that can be read, and whether that is all of them."""
    columns = _columns(connection, table)
    shown = ", ".join(f'"{name}"' for name in columns)
    if not _has_rowid(connection, table):
        plain: list[tuple[object, ...]] = []
        whole = _walk(connection, f"SELECT {shown} FROM {table} NOT INDEXED", plain)
        return columns, plain, whole
    select = f"SELECT rowid, {shown} FROM {table} NOT INDEXED"
    first: list[tuple[object, ...]] = []
    if _walk(connection, f"{select} ORDER BY rowid", first):
        return columns, [row[1:] for row in first], True
    last: list[tuple[object, ...]] = []
    _walk(connection, f"{select} ORDER BY rowid DESC", last)
    between: list[tuple[object, ...]] = []
    low = _number(first, 0)
    high = min(_number(last, low + _MOST_TRIED), low + _MOST_TRIED)
    for rowid in range(low + 1, high):
        with suppress(*_BROKEN):
            between += connection.execute(f"{select} WHERE rowid = ?", (rowid,)).fetchall()
    found = {row[0]: row[1:] for row in (*first, *between, *last)}
    return columns, [found[key] for key in sorted(found, key=str)], False


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    info = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return tuple(name for (name,) in info)


def _number(rows: list[tuple[object, ...]], otherwise: int) -> int:
    return int(str(rows[-1][0])) if rows else otherwise


def _walk(connection: sqlite3.Connection, sql: str, into: list[tuple[object, ...]]) -> bool:
    """Read rows into `into` as far as it goes; return whether that was to the end."""
    try:
        for row in connection.execute(sql):
            into.append(row)
    except _BROKEN:
        return False
    return True


def _has_rowid(connection: sqlite3.Connection, table: str) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {table} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


def _open(path: Path) -> sqlite3.Connection:
    """A connection that reads what it can: text that is no UTF-8 any more, a file cut short."""
    connection = connect(path, query_only=True, torn=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # A torn page must not be answered from an index that says otherwise.
    connection.execute("PRAGMA cell_size_check = ON")
    return connection
