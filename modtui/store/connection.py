"""Opening a SQLite file: safely for what is in it, privately whatever the umask."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modtui.domain.trouble import NO_MEMORY
from modtui.private import private_folder
from modtui.store import Corrupt, Full, Locked, NoMemory, StoreError, Unwritable

BUSY_MS = 5000
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CANNOT_WRITE = {
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_IOERR: "cannot be read or written",
    sqlite3.SQLITE_PERM: "cannot be opened",
    sqlite3.SQLITE_READONLY: "cannot be written",
}
_NO_ROOM = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_NO_TEXT = "Could not decode to UTF-8"
# Every query asks for what the migrations made: what is not there was taken out of the file.
_TAKEN_OUT = ("no such table", "no such column")
_LITTLE = 64 * 1024
# 500 kB: a larger cache makes little faster here, the system caches the file too.
_CACHE = "PRAGMA cache_size = -500"
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def primary(error: sqlite3.Error) -> int:
    """The primary result code of SQLite; -1 for an error of the Python module."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def explained(error: sqlite3.Error, path: Path) -> StoreError | None:
    """One line for an error of the file; None for an error of the query."""
    code = primary(error)
    if code in _DAMAGED or str(error).startswith(_NO_TEXT):
        return _corrupt(error, path)
    if str(error).startswith(_TAKEN_OUT):
        return of_another(path, error)
    if code == sqlite3.SQLITE_FULL or (code in _NO_ROOM and _is_full(path)):
        return Full(f"{path} cannot grow: the disk is full ({error}): make room, then try again")
    if code in _CANNOT_WRITE:
        return Unwritable(
            f"{path} {_CANNOT_WRITE[code]} ({error}): make room or make it writable,"
            " or set MODTUI_HOME elsewhere"
        )
    if code in _BUSY:
        return Locked(f"another program has kept {path} locked: end it, then try again")
    return None


def _corrupt(error: Exception, path: Path) -> Corrupt:
    return Corrupt(
        f"{path} is damaged ({first_line(error)}); it was left as it is: modtui doctor --recover,"
        f" or put a backup ({path.name}.backup-*) in its place"
    )


def of_another(path: Path, error: Exception) -> Corrupt:
    """The one line for a queue that has not what its schema has."""
    return Corrupt(
        f"{path} is not of the schema that it says ({first_line(error)}): another version, or"
        " another program, has changed it; it was left as it is: start the modtui that wrote it"
        f" last, or modtui doctor --recover, or put a backup ({path.name}.backup-*) in its place"
    )


def first_line(error: Exception) -> str:
    """Return what an error says, without the lines of a schema that it may quote."""
    return str(error).partition("\n")[0]


def _is_full(path: Path) -> bool:
    """Whether the disk of `path` has no room: a file beside it that cannot grow is told as an
    error of reading and writing."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LITTLE


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn errors of the file into StoreError; errors of a query stay as they are."""
    try:
        yield
    except UnicodeDecodeError as error:
        # The message of an error that quotes a torn schema.
        raise _corrupt(error, path) from error
    except MemoryError as error:
        raise NoMemory(NO_MEMORY) from error
    except sqlite3.Error as error:
        clear = explained(error, path)
        if clear is None:
            raise
        raise clear from error


def make_private(path: Path) -> None:
    """Make the folder (0700) and the file (0600) where they are missing. Raises Unwritable."""
    try:
        if not path.parent.is_dir():
            private_folder(path.parent)
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


def copy_to(
    copy: Path, connection: sqlite3.Connection, is_good: Callable[[], bool] = lambda: True
) -> None:
    """Make `copy` a copy of all that the database holds, whole or not at all; not where it turns
    out not to be `is_good`. Raises sqlite3.Error, OSError and Unwritable."""
    part = copy.with_name(f"{copy.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        part.unlink()
    make_private(part)
    try:
        connection.execute("VACUUM INTO ?", (str(part),))
        if is_good():
            os.replace(part, copy)
    finally:
        # A copy larger than the cache has a journal of its own, which a full disk leaves behind.
        for rest in (part, part.with_name(f"{part.name}-journal")):
            rest.unlink(missing_ok=True)


class Place:
    """Knows which files the queue at `path` is open in: its own, and the log beside it. Made once
    it is open."""

    def __init__(self, path: Path) -> None:
        log = path.with_name(f"{path.name}-wal")
        self._files = {each: found for each in (path, log) if (found := _which(each))}

    def is_left(self) -> bool:
        """Return whether another file stands there by now, or none."""
        return any(_which(each) != found for each, found in self._files.items())


def _which(path: Path) -> tuple[int, int] | None:
    """Return which file is at `path`; None for none, and where it cannot be known."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def connect(
    path: Path, *, query_only: bool = False, torn: bool = False, busy_ms: int = BUSY_MS
) -> sqlite3.Connection:
    """A connection for one thread at a time, outside of any transaction. Changes no file. One for
    a `torn` file reads it also where it is shorter than it says."""
    connection = sqlite3.connect(
        path,
        timeout=busy_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
        # Lists of ids make statements of many lengths, and each is kept with its program.
        cached_statements=50,
    )
    if torn:
        # Lets no schema be written on a connection that only asks; SQLite opens the file for it.
        connection.execute("PRAGMA writable_schema = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    # A migration folds what is there already; SQLite itself folds ASCII only.
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    if query_only:
        connection.execute("PRAGMA query_only = ON")
        use_no_other_disk(connection)
        # 200 kB, for the same reason as below; what is not bounded by much grows for half an hour.
        connection.execute("PRAGMA cache_size = -200")
    return connection


def use_no_other_disk(connection: sqlite3.Connection) -> None:
    """Let what a statement sets aside stay in memory: in a file it would lie in the system's folder
    for passing files, and where that is full nothing could be stored on a disk with room."""
    connection.execute("PRAGMA temp_store = MEMORY")


def make_durable(connection: sqlite3.Connection) -> None:
    """Let every commit reach the disk before it returns."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # 16 MB: in a burst the same pages of the indexes are written again and again.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute(_CACHE)


@contextmanager
def roomy(connection: sqlite3.Connection) -> Iterator[None]:
    """Let a large change keep all the pages that it writes: in less they would be written and read
    again before it is done."""
    connection.execute("PRAGMA cache_size = -4000")
    try:
        yield
    finally:
        connection.execute(_CACHE)
