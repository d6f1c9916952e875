"""A queue that comes into the place of another, whole, whenever it is broken off."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modtui.store.copying import drop_queue

# SQLite puts a log that it finds beside a queue into it, whosever it is: it goes before the new
# queue comes.
_ENDS = ("", "-wal", "-shm")


def place(new: Path, path: Path, stamp: str) -> Path:
    """Put the queue `new` in the place of `path`, and what was there aside; return as what. Broken
    off, it is gone on with by `go_on`. Raises OSError."""
    with _turn(path):
        for file in _ready(path):
            # What was broken off before anything was moved, and made anew since.
            file.unlink()
        ready = path.with_name(f"{path.name}.ready-{stamp}")
        new.rename(ready)
        old = _finish(ready, path)
    # What a migration copied of it stands beside the queue already.
    drop_queue(new)
    return old


def go_on(path: Path) -> None:
    """Bring the queue to its place where that was broken off once the other was gone. Raises
    OSError."""
    if not _ready(path):
        return
    with _turn(path):
        # Who was at it may be through by now.
        if (waiting := _ready(path)) and not (path.exists() and path.stat().st_size):
            _finish(waiting[-1], path)


def _finish(ready: Path, path: Path) -> Path:
    stamp = ready.name.removeprefix(f"{path.name}.ready-")
    old = path.with_name(f"{path.name}.damaged-{stamp}")
    for end in _ENDS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(old.with_name(old.name + end))
    ready.rename(path)
    return old


def _ready(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.ready-*"))


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Let one process at a time move queues in the folder of `path`."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
