"""The entries of the library as they were read last, so that a start need not parse them again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from modtui import __version__
from modtui.domain.replies import Entry, Variant
from modtui.private import write_private

Stamp = tuple[int, int]
_Table = tuple[Stamp, Sequence[bytes]]
BROKEN: Stamp = (0, 0)
"""The stamp of what a file held that cannot be read now: it is no file's."""


class KeptEntries:
    """A file of entries. What stands there counts only for the file that it was read from, with
    the stamp it had then or while it cannot be read, and for this version of modtui; a file that
    is damaged counts for nothing.

    Each entry is a line: one document of them all, ten thousand, would be read and written in one
    go, for which every other thread waits."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tables: Mapping[str, _Table] | None = None

    def get(self, path: Path, stamp: Stamp) -> tuple[Entry, ...] | None:
        """Return what `path` held when it had `stamp`, None where that is not kept."""
        return self._entries(path, stamp)

    def last(self, path: Path) -> tuple[Entry, ...]:
        """Return what `path` held when it was read last, whatever it is now."""
        return self._entries(path, None) or ()

    def _entries(self, path: Path, stamp: Stamp | None) -> tuple[Entry, ...] | None:
        if self._tables is None:
            self._tables = self._read()
        try:
            then, lines = self._tables[str(path)]
            if stamp is not None and then != stamp:
                return None
            return tuple(_entry(json.loads(line), str(path)) for line in lines)
        except (KeyError, TypeError, ValueError):
            return None

    def let_go(self) -> None:
        """Forget what was read of the file; who asks again reads it again."""
        self._tables = None

    def keep(self, files: Mapping[Path, tuple[Stamp, Sequence[Entry]]]) -> None:
        """Keep what these files hold, and nothing else."""
        self._tables = {
            str(path): (stamp, [json.dumps(_row(entry)).encode() for entry in entries])
            for path, (stamp, entries) in files.items()
        }
        lines = [json.dumps(__version__).encode()]
        for name, (stamp, entries) in self._tables.items():
            lines += (json.dumps((name, stamp, len(entries))).encode(), *entries)
        # It saves time and nothing else: where it cannot be written, the next start parses.
        with suppress(OSError):
            write_private(self._file, *(line + b"\n" for line in lines))

    def _read(self) -> Mapping[str, _Table]:
        tables: dict[str, _Table] = {}
        try:
            first, *lines = self._file.read_bytes().splitlines()
            if json.loads(first) != __version__:
                return {}
            left = iter(lines)
            for head in left:
                name, (time, size), count = json.loads(head)
                entries = list(islice(left, count))
                if len(entries) == count:
                    tables[name] = ((time, size), entries)
        except (OSError, ValueError, TypeError):
            return {}
        return tables


def _row(entry: Entry) -> list[object]:
    variants = [
        [v.language, v.title, v.body, v.approved_by, dict(v.defaults),
         v.approved_at.isoformat() if v.approved_at else None]
        for v in entry.variants.values()
    ]  # fmt: skip
    lists = (entry.tags, entry.reasons, entry.keywords, entry.then, entry.examples)
    return [entry.id, variants, *lists, entry.line]


def _entry(row: Sequence[Any], source: str) -> Entry:
    name, variants, *lists, line = row
    tags, reasons, keywords, then, examples = map(tuple, lists)
    read = {}
    for language, title, body, by, defaults, day in variants:
        at = date.fromisoformat(day) if day else None
        read[language] = Variant(language, title, body, by, defaults, at)
    return Entry(name, read, tags, reasons, keywords, then, examples, source, line)
