"""A queue that is empty or gone, though what lies beside it shows that there was one.

SQLite takes an empty file for a new database, and throws away the log beside it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from modtui.store import Emptied
from modtui.store.care import RESERVE


def check_emptied(path: Path) -> None:
    """Let a queue pass that has something in it, and one that is really new. Raises Emptied, and
    nothing is changed; only one that was on its way into this place is brought there."""
    if _size(path):
        return
    from modtui.store.placing import go_on

    go_on(path)
    traces = traces_of(path)
    # Looked at anew: another modtui may have made it, and what it keeps beside it, in between.
    if not traces or _size(path):
        return
    raise _emptied(path, "is empty" if path.exists() else "is gone", traces)


def check_tables(path: Path, version: int, tables: int) -> None:
    """Let a database pass that has tables, and one that is really new. Raises Emptied."""
    if tables or not _size(path):
        return
    traces = traces_of(path)
    if version > 0:
        traces = traces or (f"it says schema {version},",)
    # The log is no sign here: who makes a queue has one before its tables are seen.
    elif not (traces := tuple(name for name in traces if not name.endswith("-wal"))):
        return
    raise _emptied(path, "has no table in it", traces)


def _emptied(path: Path, is_so: str, traces: tuple[str, ...]) -> Emptied:
    way = "puts the newest backup in its place" if backups(path) else "begins a new one"
    return Emptied(
        f"{path} {is_so}, but there was a queue ({', '.join(traces)} beside it): nothing was"
        f" changed: modtui doctor --recover {way}"
    )


def traces_of(path: Path) -> tuple[str, ...]:
    """Return the names of the files beside the queue that only one with something in it leaves."""
    log = path.with_name(f"{path.name}-wal")
    found = [log] if _size(log) else []
    found += [*backups(path)[:1], *sorted(path.parent.glob(f"{path.name}.damaged-*"))[-1:]]
    # A queue to practise on has one too: it tells of this one only where its file was made.
    reserve = path.with_name(RESERVE)
    if path.exists() and reserve.exists():
        found.append(reserve)
    return tuple(file.name for file in found)


def backups(path: Path) -> tuple[Path, ...]:
    """Return the copies that migrations made of the queue at `path`, the newest first."""
    head = f"{path.name}.backup-"
    numbered = {
        int(number): file
        for file in path.parent.glob(f"{head}*")
        if (number := file.name.removeprefix(head)).isdecimal() and _size(file)
    }
    return tuple(numbered[number] for number in sorted(numbered, reverse=True))


def _size(path: Path) -> int:
    """Return how many bytes a file has; 0 where there is none."""
    with suppress(OSError):
        return path.stat().st_size
    return 0
