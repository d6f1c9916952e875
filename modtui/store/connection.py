"""Opening a SQLite file: safely for what is in it, privately whatever the umask."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modtui.store import Corrupt, StoreError, Unwritable

BUSY_MS = 5000
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CANNOT_WRITE = {
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written",
    sqlite3.SQLITE_PERM: "cannot be opened",
    sqlite3.SQLITE_READONLY: "cannot be written",
}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def primary(error: sqlite3.Error) -> int:
    """The primary result code of SQLite; -1 for an error of the Python module."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def explained(error: sqlite3.Error, path: Path) -> StoreError | None:
    """One line for an error of the file; None for an error of the query."""
    code = primary(error)
    if code in _DAMAGED:
        return Corrupt(
            f"{path} is damaged ({error}); it was left as it is: move it away,"
            f" or put a backup ({path.name}.backup-*) in its place"
        )
    if code in _CANNOT_WRITE:
        return Unwritable(
            f"{path} {_CANNOT_WRITE[code]} ({error}): make room or make it writable,"
            " or set MODTUI_HOME elsewhere"
        )
    if code in _BUSY:
        return StoreError(f"another program has kept {path} locked: end it, then try again")
    return None


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn errors of the file into StoreError; errors of a query stay as they are."""
    try:
        yield
    except sqlite3.Error as error:
        clear = explained(error, path)
        if clear is None:
            raise
        raise clear from error


def make_private(path: Path) -> None:
    """Make the folder (0700) and the file (0600) where they are missing. Raises Unwritable."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.chmod(0o700)
        with suppress(FileExistsError):
            made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            os.fchmod(made, 0o600)
            os.close(made)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise Unwritable(
            f"{path} cannot be made ({error.strerror}): make its folder writable,"
            " or set MODTUI_HOME elsewhere"
        ) from error


def connect(path: Path, *, query_only: bool = False, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """A connection for one thread at a time, outside of any transaction. Changes no file."""
    connection = sqlite3.connect(
        path,
        timeout=busy_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    # A migration folds what is there already; SQLite itself folds ASCII only.
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    if query_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def make_durable(connection: sqlite3.Connection) -> None:
    """Let every commit reach the disk before it returns."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -4000")
