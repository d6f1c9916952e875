"""A copy of a queue to play with, and its end."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from modtui.store.connection import connect, explaining, make_private
from modtui.store.emptied import check_emptied


def copy_queue(source: Path, target: Path) -> None:
    """Copy the queue at `source`, as it is now, into the new file `target`; nobody serves its
    accounts there. A source that was never there is an empty queue. Raises StoreError."""
    check_emptied(source)
    make_private(target)
    if not source.exists():
        return
    with (
        explaining(source),
        closing(connect(source, query_only=True)) as there,
        closing(connect(target)) as here,
    ):
        there.backup(here)
        if here.execute("SELECT 1 FROM sqlite_master WHERE name = 'lease'").fetchone():
            here.execute("DELETE FROM lease")


def drop_queue(path: Path) -> None:
    """Delete the queue at `path` and everything SQLite and migrations keep beside it."""
    for file in (path, *path.parent.glob(f"{path.name}-*"), *path.parent.glob(f"{path.name}.*")):
        file.unlink(missing_ok=True)
