"""A queue whose file was moved, deleted or replaced while it is open.

The system keeps such a file until it is closed, so everything still works, and nobody finds any of
it again. What is in it is copied to the place where `modtui doctor --recover` looks for backups.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from modtui.store import Gone
from modtui.store.connection import copy_to, explaining


def keep_all(path: Path, connection: sqlite3.Connection, now: datetime) -> Gone:
    """Copy all that the queue at `path` holds, by a connection to it; return what tells that. `now`
    names the copy. Raises another StoreError where it cannot be copied."""
    copy = path.with_name(f"{path.name}.backup-{now:%Y%m%d%H%M%S}")
    with explaining(copy):
        copy_to(copy, connection)
    name = path.name
    way = "modtui doctor --recover puts that back"
    if path.exists():
        way = f"move {name}, {name}-wal and {name}-shm away, then {way}"
    return Gone(
        f"{path} was moved, deleted or replaced while modtui had it open: all that was in"
        f" it is kept as {copy.name}: end every modtui, {way}"
    )
