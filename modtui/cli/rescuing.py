"""What is kept of a queue that cannot be used any more, and how it is made anew."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from modtui.cli.compose import Setup, open_store, run_async, wall
from modtui.config import write_private
from modtui.domain.model import Draft
from modtui.engine.restored import hold_back
from modtui.store.copying import copy_queue, drop_queue
from modtui.store.emptied import backups
from modtui.store.placing import place
from modtui.store.rescue import Rebuilt, flaws, rebuild, rescue


def keep_drafts(setup: Setup, drafts: Sequence[Draft]) -> str:
    """Write what the store did not take into a file; return one line that says where, "" where
    there was nothing to write."""
    if not drafts:
        return ""
    rows = [
        {"thread": d.thread, "text": d.text, "saved_at": d.saved_at.isoformat()} for d in drafts
    ]
    where = _write(setup, {"drafts": rows})
    number = f"{len(rows)} {'draft' if len(rows) == 1 else 'drafts'}"
    if where is None:
        text = " | ".join(str(row["text"]) for row in rows)
        return f"{number} could not be saved anywhere: {text}"
    return f"{number} could not be saved in the queue: kept in {where}"


def keep_readable(setup: Setup) -> str:
    """Write the drafts and unfinished deliveries of a damaged queue into a file; return one line
    that says where, or that there are none."""
    found = rescue(setup.paths.store)
    if not found.drafts and not found.deliveries:
        return "no draft and no unfinished delivery of it can be read"
    where = _write(setup, {"drafts": found.drafts, "deliveries": found.deliveries})
    drafts, rest = len(found.drafts), len(found.deliveries)
    counted = f"{drafts} {'draft' if drafts == 1 else 'drafts'}"
    counted += f" and {rest} unfinished {'delivery' if rest == 1 else 'deliveries'}"
    if where is None:
        return f"{counted} can be read, but written nowhere: make room, then start again"
    return f"{counted} of it are kept in {where}"


def recover(setup: Setup) -> tuple[Rebuilt, Path]:
    """Put a queue made of what can be read in the place of the damaged one; return how much that
    was, and where the damaged one is now. Raises StoreError, OSError."""
    path = setup.paths.store
    new = path.with_name(f"{path.name}.new")
    drop_queue(new)
    try:
        rebuilt = rebuild(path, new)
    except BaseException:
        drop_queue(new)
        raise
    return rebuilt, place(new, path, _stamp(wall()))


@dataclass(frozen=True, slots=True)
class Restored:
    """What came into the place of an emptied queue: the backup, None for a new one; how many of
    its deliveries wait for a word; and as what is kept that was left, None where nothing was."""

    backup: Path | None
    held: int
    old: Path | None


def restore(setup: Setup) -> Restored:
    """Put the newest sound backup in the place of a queue that is empty or gone, or a new one
    where there is no such backup. Nothing of it goes out unasked. Raises StoreError, OSError."""
    path = setup.paths.store
    new = path.with_name(f"{path.name}.new")
    backup = next((file for file in backups(path) if not flaws(file)), None)
    left = any(file.exists() and file.stat().st_size for file in (path, *_beside(path)))
    drop_queue(new)
    try:
        if backup is not None:
            copy_queue(backup, new)
        held = run_async(_held_back(new))
    except BaseException:
        drop_queue(new)
        raise
    old = place(new, path, _stamp(wall()))
    return Restored(backup, held, old if left else None)


async def _held_back(path: Path) -> int:
    store = open_store(path)
    try:
        return await store.write(lambda tx: hold_back(tx, wall()))
    finally:
        await store.close()


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm"))


def _write(setup: Setup, document: Mapping[str, object]) -> Path | None:
    """Write `document` where there is room: beside the queue, in the cache, among passing files."""
    content = json.dumps(document, ensure_ascii=False, indent=2, default=str).encode()
    name = f"rescued-{_stamp(wall())}.json"
    for folder in (setup.paths.state, setup.paths.cache, Path(tempfile.gettempdir())):
        with suppress(OSError):
            write_private(folder / name, content)
            return folder / name
    return None


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%d-%H%M%S}"
