"""A queue whose file was moved, deleted or replaced while it is open.

The system keeps such a file until it is closed, so everything still works, and nobody finds any of
it again. What is in it is copied to the place where `modtui doctor --recover` looks for backups.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from modtui.store import Gone
from modtui.store.connection import explaining, make_private


class Place:
    """Knows which files the queue at `path` is open in: its own, and the log beside it.

    Made once it is open. `now` names the copy.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._files = {each: found for each in (path, _log(path)) if (found := _which(each))}

    def check(self, connection: sqlite3.Connection) -> None:
        """Let a queue pass that is where it was opened. Raises Gone once all that it holds was
        copied, or another StoreError where it cannot be."""
        if all(_which(each) == found for each, found in self._files.items()):
            return
        copy = self._path.with_name(f"{self._path.name}.backup-{self._now():%Y%m%d%H%M%S}")
        with explaining(copy):
            _copy(connection, copy)
        name = self._path.name
        way = "modtui doctor --recover puts that back"
        if self._path.exists():
            way = f"move {name}, {name}-wal and {name}-shm away, then {way}"
        raise Gone(
            f"{self._path} was moved, deleted or replaced while modtui had it open: all that was in"
            f" it is kept as {copy.name}: end every modtui, {way}"
        )


def _copy(connection: sqlite3.Connection, copy: Path) -> None:
    part = copy.with_name(f"{copy.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        part.unlink()
    make_private(part)
    try:
        connection.execute("VACUUM INTO ?", (str(part),))
        part.replace(copy)
    finally:
        for rest in (part, part.with_name(f"{part.name}-journal")):
            rest.unlink(missing_ok=True)


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _which(path: Path) -> tuple[int, int] | None:
    """Return which file is at `path`; None for none, and where it cannot be known."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
