"""A terminal that measures characters as Textual does, so that every cell can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyte
from rich.cells import split_graphemes

# What pyte would print or misread: keyboard protocols, mode queries, strings, pixels.
DROPPED = re.compile(
    r"\x1b\[[<>=][\d;]*u|\x1b\[\?[\d;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[6n"
)
FOREIGN = "\0"


class Cell(NamedTuple):
    """What can be seen of a cell."""

    text: str
    marks: tuple[str, ...]


class _Screen(pyte.Screen):
    bce = True

    def draw(self, data: str) -> None:
        for start, end, width in split_graphemes(data)[0]:
            if width:
                self._put(data[start:end], width)

    def _put(self, text: str, width: int) -> None:
        x = min(self.cursor.x, self.columns - width)
        row = self.buffer[self.cursor.y]
        if x and row[x].data == "":
            row[x - 1] = row[x - 1]._replace(data=" ")
        if x + width < self.columns and row[x + width].data == "":
            row[x + width] = row[x + width]._replace(data=" ")
        row[x] = self.cursor.attrs._replace(data=text)
        if width == 2:
            row[x + 1] = self.cursor.attrs._replace(data="")
        self.cursor.x = min(x + width, self.columns - 1)
        self.dirty.add(self.cursor.y)

    @property
    def _fill(self) -> Any:
        return self.cursor.attrs if self.bce else self.default_char

    def _filled(self, rows: Iterable[int], begin: int = 0, end: int | None = None) -> None:
        for y in rows:
            self.dirty.add(y)
            for x in range(begin, self.columns if end is None else end):
                self.buffer[y][x] = self._fill

    def erase_in_display(self, how: int = 0, *rest: Any, **named: Any) -> None:
        assert how == 2
        self._filled(range(self.lines))

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        assert how == 0
        self._filled((self.cursor.y,), self.cursor.x)

    def erase_characters(self, count: int | None = None) -> None:
        end = min(self.cursor.x + (count or 1), self.columns)
        self._filled((self.cursor.y,), self.cursor.x, end)

    def insert_lines(self, count: int | None = None) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        begin = self.cursor.y
        super().insert_lines(count)
        if top <= begin <= bottom:
            self._filled(range(begin, min(begin + (count or 1), bottom + 1)))

    def delete_lines(self, count: int | None = None) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        begin = self.cursor.y
        super().delete_lines(count)
        if top <= begin <= bottom:
            self._filled(range(max(begin, bottom + 1 - (count or 1)), bottom + 1))


class Emulator:
    """A screen of `width` by `height` cells that is fed strings. `bce`: it erases with the
    background that it writes with, and not with the default one."""

    def __init__(self, width: int, height: int, *, bce: bool = True) -> None:
        self._screen = _Screen(width, height)
        self._screen.bce = bce
        self._stream = pyte.Stream(self._screen)

    def feed(self, data: str) -> None:
        """Take in what a program wrote; a terminal driver turns LF into CR LF."""
        self._stream.feed(DROPPED.sub("", data).replace("\n", "\r\n"))

    def scramble(self) -> None:
        """Show something that nobody wrote here."""
        for row in range(self._screen.lines):
            for column in range(self._screen.columns):
                self._screen.buffer[row][column] = self._screen.cursor.attrs._replace(data=FOREIGN)

    @property
    def painted(self) -> bool:
        """Whether no cell is left of what `scramble` put there."""
        buffer = self._screen.buffer
        return all(char.data != FOREIGN for row in buffer.values() for char in row.values())

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor."""
        return self._screen.cursor.x, self._screen.cursor.y

    def rows(self) -> list[list[Cell]]:
        """All cells, without what a space does not show."""
        return [
            [_seen(self._screen.buffer[y][x]) for x in range(self._screen.columns)]
            for y in range(self._screen.lines)
        ]

    def differences(self, other: Emulator) -> Iterator[str]:
        """Tell the cells that differ from those of `other`, in rows drawn since the last time."""
        mine, its = self._screen, other._screen
        for y in sorted(mine.dirty | its.dirty):
            for x in range(mine.columns if y < mine.lines else 0):
                one, two = mine.buffer[y][x], its.buffer[y][x]
                if one != two and _seen(one) != _seen(two):
                    yield f"row {y}, column {x}: {_seen(one)} {_seen(two)}"
        mine.dirty.clear()
        its.dirty.clear()

    @property
    def text(self) -> list[str]:
        """The rows as text."""
        return ["".join(cell.text for cell in row).rstrip() for row in self.rows()]


def _seen(char: Any) -> Cell:
    drawn = char.data != " " or char.underscore or char.reverse or char.strikethrough
    names = ("bg", "underscore", "reverse", "strikethrough")
    if drawn:
        names += ("fg", "bold", "italics", "blink")
    return Cell(char.data, tuple(f"{name}={getattr(char, name)}" for name in names))
