"""On which line a key of a TOML text stands, which tomllib does not tell."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_LIST = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_TABLE = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_PAIR = re.compile(rf"\s*({_DOTTED})\s*=(.*)", re.DOTALL)
_PART = re.compile(_KEY)
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]{}]')


def _parts(dotted: str) -> list[str]:
    found = (match[0] for match in _PART.finditer(dotted))
    return [part[1:-1] if part[0] in "\"'" else part for part in found]


class _Depth:
    """Whether a value goes on over the end of its line: open brackets or a long string."""

    def __init__(self) -> None:
        self.brackets = 0
        self.quote = ""

    @property
    def open(self) -> bool:
        return bool(self.quote) or self.brackets > 0

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            if self.quote:
                end = text.find(self.quote, at)
                if end < 0:
                    return
                at, self.quote = end + 3, ""
                continue
            token = _TOKEN.search(text, at)
            if token is None or token[0].startswith("#"):
                return
            if len(token[0]) == 3 and token[0] in ('"""', "'''"):
                self.quote = token[0]
            elif token[0] in "[{":
                self.brackets += 1
            elif token[0] in "]}":
                self.brackets -= 1
            at = token.end()


def find_lines(text: str) -> dict[Path, int]:
    """Return the line (from 1) of each table and key of a valid TOML text, by its path.

    A path is made of keys and, for an entry of an array of tables, its index from 0. Keys of
    inline tables are not listed: look up the path that leads to them.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    depth = _Depth()
    for number, line in enumerate(text.splitlines(), 1):
        if depth.open:
            depth.feed(line)
        elif found := _LIST.match(line):
            key = _resolve(_parts(found[1]), counts)
            counts[key] = counts.get(key, -1) + 1
            table = (*key, counts[key])
            lines[table] = number
        elif found := _TABLE.match(line):
            table = _resolve(_parts(found[1]), counts)
            lines.setdefault(table, number)
        elif found := _PAIR.match(line):
            key = (*table, *_parts(found[1]))
            for end in range(len(table) + 1, len(key) + 1):
                lines.setdefault(key[:end], number)
            depth.feed(found[2])
    return lines


def _resolve(parts: list[str], counts: dict[Path, int]) -> Path:
    """Return the path of a header, which means the latest entry of every list above it."""
    path: Path = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        if index < len(parts) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of `path`, else of the nearest thing that holds it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
