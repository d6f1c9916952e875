"""What is kept of a queue that cannot be used any more, and how it is made anew."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from modtui.cli.compose import Setup, wall
from modtui.config import write_private
from modtui.domain.model import Draft
from modtui.store.rescue import Rebuilt, rebuild, rescue


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
    path, stamp = setup.paths.store, _stamp(wall())
    new, old = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.damaged-{stamp}")
    _drop(new)
    try:
        rebuilt = rebuild(path, new)
    except BaseException:
        _drop(new)
        raise
    for file in (path, *_beside(path)):
        with suppress(FileNotFoundError):
            file.rename(file.with_name(file.name.replace(path.name, old.name, 1)))
    new.rename(path)
    for left in _beside(new):
        left.unlink(missing_ok=True)
    return rebuilt, old


def _drop(path: Path) -> None:
    for file in (path, *_beside(path)):
        file.unlink(missing_ok=True)


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
