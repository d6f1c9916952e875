"""The library of quick replies: the starter entries and the folders that the team configured.

Files are read when they are first asked for, and again when they changed; a broken one is a
line in `problems`, takes no other down, and what it held when it was last good stays in use.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread

from modtui.domain.blocks import Block, expand, parse_block
from modtui.domain.frozen import dataclass
from modtui.domain.rating import catalogue
from modtui.domain.replies import Entry, ReplyError
from modtui.engine.kept_entries import BROKEN, KeptEntries

FOLDERS = 500
"""So many folders below a folder of the library are looked through, every few seconds."""
STARTER = Path(__file__).resolve().parent.parent / "library"
_TABLE = r"\s*\[\[\s*reply\s*\]\]"
_BLOCK = r"\s*\[\[\s*block\s*\]\]"
_ANY_TABLE = r"\s*\[\["
_QUOTES = r"\"{3}|'{3}"
_AT_LINE = r"\s*\(at line (\d+), column \d+\)"

_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")
_SIDES = (r"^<{7} .", r"^>{7} .")
_CONFLICTED = "git left a conflict here: choose one of the two texts, take the marks away"
_UNCLOSED = "Illegal character '\\n'"


@dataclass(frozen=True, slots=True)
class _File:
    """What one file gave, and the stamp it had then."""

    stamp: tuple[int, int]
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    blocks: tuple[Block, ...] = ()


class Library:
    """The quick replies as they are now. The starter library is read-only and comes last.

    An entry of a configured folder stands in for the starter entry with its id; among folders
    the first one wins. `kept`: what was read last, so that only what changed since is parsed.
    """

    def __init__(
        self, folders: Sequence[Path], starter: Path = STARTER, kept: KeptEntries | None = None
    ) -> None:
        self.folders = tuple(folder.expanduser() for folder in folders)
        self.starter = starter
        self._kept = kept
        self._parsed = False
        self._reading = Lock()
        self._reader: Thread | None = None
        self._files: dict[Path, _File] | None = None
        self._roots: dict[Path, Path] = {}
        self._entries: tuple[Entry, ...] = ()
        self._problems: tuple[str, ...] = ()

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, the starter library included."""
        self._once()
        return self._entries

    def problems(self) -> tuple[str, ...]:
        """One line, `file:line: what`, for each thing that could not be read."""
        self._once()
        return self._problems

    def ready(self, patience: float) -> bool:
        """Whether everything was read once. If not it is begun beside, and waited for at most
        `patience` seconds."""
        if self._files is None:
            if self._reader is None:
                reader = Thread(target=self._once, name="library", daemon=True)
                try:
                    reader.start()
                except RuntimeError:
                    # No thread is left for it: then it is waited for.
                    self._once()
                    return True
                self._reader = reader
            self._reader.join(patience)
        return self._files is not None

    def reload_if_changed(self) -> bool:
        """Read what is new or changed since the last time; return whether anything was."""
        with self._reading:
            return self._reload()

    def _reload(self) -> bool:
        before = self._files or {}
        files = {path: self._read(path, before.get(path)) for path in self._paths()}
        changed = self._files is None or files != before
        if changed:
            self._gather(files)
            self._keep(files)
            if self._kept is not None:
                self._kept.let_go()
        self._files = files
        return changed

    def _once(self) -> None:
        """Read everything, or wait until who reads it for the first time is through."""
        if self._files is None:
            with self._reading:
                if self._files is None:
                    self._reload()

    def _paths(self) -> Iterator[Path]:
        self._roots = {}
        for folder in (*self.folders, self.starter):
            for path in _files(folder, {_real(folder)}):
                if self._roots.setdefault(path, folder) is folder:
                    yield path

    def _root(self, entry: Entry) -> Path | None:
        """The folder of the library that `entry` stands in, or below it."""
        return self._roots.get(Path(entry.source))

    def _read(self, path: Path, known: _File | None) -> _File:
        try:
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if known is not None and known.stamp == stamp:
                return known
            kept = self._kept.get(path, stamp) if self._kept is not None else None
            if kept is not None:
                return _File(stamp, kept, ())
            if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
                return _File(stamp, (), (f"{path}: is no file: it is not read",))
            self._parsed = True
            read = _File(stamp, *_load(path.read_text("utf-8-sig"), path))
        except FileNotFoundError:
            return _File((0, 0), (), (_missing(path),))
        except IsADirectoryError:
            why = f"is not read, nor what follows: more than {FOLDERS} folders are in the library"
            if path.suffix == ".toml":
                why = "is a folder, and named like a file: it is not read"
            return _File((0, 0), (), (f"{path}: {why}",))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            read = _File((0, 0), (), (f"{path}:{line}: not UTF-8 text: save it as UTF-8",))
        except OSError as error:
            read = _File((0, 0), (), (f"{path}:1: {error.strerror}",))
        if known is None and read.problems and self._kept is not None:
            # It was good when modtui ran before.
            known = _File(BROKEN, self._kept.last(path), ())
        return _with_last_good(read, known)

    def _keep(self, files: Mapping[Path, _File]) -> None:
        """Keep what is in order, where any of it had to be parsed."""
        kept, parsed, self._parsed = self._kept, self._parsed, False
        if kept is None or not parsed:
            return
        # Blocks are not kept: the few files that hold some are parsed each time.
        good = {p: file for p, file in files.items() if not (file.problems or file.blocks)}
        if any(kept.get(path, file.stamp) != file.entries for path, file in good.items()):
            broken = {p: (BROKEN, file.entries) for p, file in files.items() if file.problems}
            kept.keep({p: (file.stamp, file.entries) for p, file in good.items()} | broken)

    def _gather(self, files: Mapping[Path, _File]) -> None:
        chosen: dict[str, Entry] = {}
        blocks: dict[str, Block] = {}
        problems: list[str] = []
        for path, file in files.items():
            problems += file.problems
            for block in file.blocks:
                blocks.setdefault(block.id, block)
            for entry in file.entries:
                first = chosen.setdefault(entry.id, entry)
                if first is not entry and self._root(first) == self._roots.get(path):
                    where = f"{path}:{entry.line}"
                    problems.append(f"{where}: {entry.id} is already in {first.source}")
        whole = []
        for entry in chosen.values():
            expanded, wrong = expand(entry, blocks)
            problems += [f"{entry.source}:{entry.line}: {what}" for what in wrong]
            whole += [expanded] if expanded is not None else []
        entries = tuple(whole)
        # Now, in the thread that reads: who opens a thread does not wait for it.
        catalogue(entries, keep=True)
        self._entries, self._problems = entries, tuple(problems)


def _files(folder: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield the library files in `folder` and the folders below it, in order, without hidden ones;
    `seen` are the folders that were gone through. A folder that cannot be read stands for itself:
    reading it says why."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.suffix == ".toml":
            yield entry
        elif entry.is_dir() and (real := _real(entry)) not in seen:
            if len(seen) > FOLDERS:
                # Reading it says that there are too many.
                yield entry
                return
            seen.add(real)
            yield from _files(entry, seen)


def _real(folder: Path) -> Path:
    try:
        return folder.resolve()
    except OSError:
        return folder


def _missing(path: Path) -> str:
    """Say what is wrong with a path that leads nowhere."""
    if path.is_symlink():
        return f"{path}:1: it links to {os.readlink(path)}, which is not there"
    return f"{path}: no such folder"


def _with_last_good(read: _File, known: _File | None) -> _File:
    """Return `read`; if it is broken, with what it held before and does not hold any more."""
    if not read.problems or known is None:
        return read
    names = {entry.id for entry in read.entries}
    lost = tuple(entry for entry in known.entries if entry.id not in names)
    held = {block.id for block in read.blocks}
    gone = tuple(block for block in known.blocks if block.id not in held)
    return replace(read, entries=(*read.entries, *lost), blocks=(*read.blocks, *gone))


def source_of(entry: Entry) -> str:
    """Return the text of `entry` as it stands in its file. Raises OSError, UnicodeDecodeError."""
    text = Path(entry.source).read_text("utf-8")
    lines = text.split("\n")
    end = next((n for n in _starts(text, _ANY_TABLE) if n >= entry.line), len(lines))
    own = lines[entry.line - 1 : end]
    # What stands before the next entry is a comment on that one.
    while end < len(lines) and own[-1].strip()[:1] in ("", "#"):
        own.pop()
    return "\n".join(own).rstrip() + "\n"


def _starts(text: str, table: str) -> list[int]:
    """Return the lines, from 0, on which a `table` begins: none of those within a text."""
    found, within = [], ""
    # Not `splitlines`: to TOML and to editors a line ends with a line feed alone.
    for number, line in enumerate(text.split("\n")):
        if not within and line.lstrip().startswith("#"):
            continue
        if not within and re.match(table, line):
            found.append(number)
        for mark in re.findall(_QUOTES, line):
            within = ("" if mark == within else within) if within else mark
    return found


def _load(text: str, path: Path) -> tuple[tuple[Entry, ...], tuple[str, ...], tuple[Block, ...]]:
    """Return the entries of one file, a problem line for each that cannot be read, and blocks."""
    from modtui.domain.entries import parse

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = re.search(_AT_LINE, str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        what = re.sub(_AT_LINE, "", str(error))
        if any(each.startswith(_CONFLICT) for each in text.split("\n")[line - 1 : line]):
            what = _CONFLICTED
        elif what == _UNCLOSED:
            what = "a text is not closed: its quotation mark is missing"
        return (), (f"{path}:{line}: {what}",), ()
    if all(marks := [re.search(side, text, re.MULTILINE) for side in _SIDES]):
        line = text[: min(mark.start() for mark in marks if mark)].count("\n") + 1
        return (), (f"{path}:{line}: {_CONFLICTED}",), ()
    tables, shared = document.pop("reply", []), document.pop("block", [])
    if document or not isinstance(tables, list) or not isinstance(shared, list):
        what = "a library file holds [[reply]] and [[block]] tables and nothing else"
        return (), (f"{path}:1: {what}",), ()
    entries: list[Entry] = []
    problems: list[str] = []
    starts = _starts(text, _TABLE)
    for index, table in enumerate(tables):
        start = starts[index] + 1 if index < len(starts) else 1
        try:
            entry = parse(table if isinstance(table, Mapping) else {}, str(path), start)
        except ReplyError as error:
            problems.append(f"{path}:{_line(text, index, error.key)}: {error}")
            continue
        if any(other.id == entry.id for other in entries):
            line = _line(text, index, "id")
            problems.append(f"{path}:{line}: {entry.id} stands twice in this file")
        else:
            entries.append(entry)
    blocks, wrong = _blocks(shared, text, path)
    return tuple(entries), (*problems, *wrong), blocks


def _blocks(
    tables: Sequence[object], text: str, path: Path
) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks that the tables describe, and a problem line for each that is broken."""
    starts = _starts(text, _BLOCK)
    blocks: dict[str, Block] = {}
    problems = []
    for index, table in enumerate(tables):
        start = starts[index] + 1 if index < len(starts) else 1
        try:
            block = parse_block(table if isinstance(table, Mapping) else {}, str(path), start)
            if block.id in blocks:
                raise ReplyError(f"block {block.id} stands twice in this file")
        except ReplyError as error:
            problems.append(f"{path}:{start}: {error}")
        else:
            blocks[block.id] = block
    return tuple(blocks.values()), tuple(problems)


def _line(text: str, index: int, key: str) -> int:
    """Return the line of `key` ("tags", "ru.body") in the reply number `index`, from 1."""
    lines, tables = text.split("\n"), _starts(text, _TABLE)
    if index >= len(tables):
        return 1
    first, end = tables[index], (*tables[index + 1 :], len(lines))[0]
    language, _, name = key.rpartition(".")
    section, best = "", first
    for number in range(first, end):
        header = re.match(r"\s*\[\s*reply\s*\.\s*([\w.-]+)\s*\]", lines[number])
        if header:
            section = header[1]
            if section in (language, key):
                best = number
        elif section == language and re.match(rf"\s*{re.escape(name)}\s*=", lines[number]):
            return number + 1
    return best + 1
