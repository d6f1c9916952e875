"""What Textual wants on the screen: a grid of cells, read from the strings it writes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress

from rich.cells import split_graphemes

from modtui.terminal.looks import PLAIN, Look, blank, dressed, one

UNKNOWN = "\0"
# Text in a look of its own, a cursor position, SGR, a new line, a link, or text; nothing else is
# understood.
TOKEN = re.compile(
    r"\x1b\[([\d;]+)m([^\x00-\x1f\x7f-\x9f]+)\x1b\[0m"
    r"|\x1b\[(\d+);(\d+)H"
    r"|\x1b\[([\d;]*)m"
    r"|(\n)"
    r"|\x1b\](8;[^\x07\x1b]*)(?:\x1b\\|\x07)"
    r"|([^\x00-\x1f\x7f-\x9f]+)"
)
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
# Characters of one cell that combine with nothing.
NARROW = re.compile(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0377\u0384-\u0482\u048a-\u052f\u10d0-\u10f0"
    "\u2010-\u2027\u2190-\u21ff\u2500-\u25fc]*"
)


class Line:
    """One row of cells: what stands in each, "" for the second half of a wide one; how it looks.
    `narrow`: no other character was ever written there than those of one cell that combine with
    nothing."""

    __slots__ = ("looks", "narrow", "texts")

    def __init__(self, texts: list[str], looks: list[Look], *, narrow: bool = True) -> None:
        self.texts = texts
        self.looks = looks
        self.narrow = narrow

    @classmethod
    def of(cls, text: str, width: int, look: Look = PLAIN) -> Line:
        """Return `width` cells of `text`, which is one cell wide."""
        return cls([text] * width, [look] * width)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and (self.texts, self.looks) == (other.texts, other.looks)

    def copy(self) -> Line:
        """Return a line of its own that is the same."""
        return Line(self.texts[:], self.looks[:], narrow=self.narrow)

    def is_bare(self, begin: int, ground: Look) -> bool:
        """Return whether from `begin` on there is nothing but blanks that look like `ground`."""
        rest = len(self.texts) - begin
        return self.texts[begin:] == [" "] * rest and self.looks[begin:] == [ground] * rest

    def put(self, at: int, cells: Sequence[str], looks: Sequence[Look]) -> None:
        """Write `cells` from `at` on; of a wide character cut in two a blank stays."""
        end = at + len(cells)
        if at and self.texts[at] == "":
            self.texts[at - 1] = " "
        if end < len(self.texts) and self.texts[end] == "":
            self.texts[end] = " "
        self.texts[at:end] = cells
        self.looks[at:end] = looks


def most_common_ground(lines: Sequence[Line]) -> Look:
    """Return the look, a background alone, that most blanks of `lines` have."""
    # A screen has thousands of cells and few looks.
    blanks = (look for line in lines for look in compress(line.looks, map(" ".__eq__, line.texts)))
    found = Counter(blanks)
    grounds = [look for look in found if look == Look(back=look.back)]
    return max(grounds, key=found.__getitem__, default=PLAIN)


@lru_cache(1024)
def cells_of(text: str) -> tuple[str, ...]:
    """Return `text` cell by cell, each with what combines with it; "" follows a wide one.

    What combines with nothing, because its base was cropped away, is left out.
    """
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += (text[start:end], *("",) * (width - 1))
        elif cells:
            cells[-1] += text[start:end]
    return tuple(cells)


class Canvas:
    """The wanted cells. `changed` are the rows written to since they were last taken.

    `x`, `y` is the cursor as Textual left it. Lines do not wrap: what passes the edge is written
    into the last column, as terminals do it.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.lines = [Line.of(UNKNOWN, width) for _ in range(height)]
        self.changed: set[int] = set()
        self.empty = True
        self.x = self.y = 0
        self._look = PLAIN

    def read(self, data: str) -> int:
        """Take in output; return how many characters were understood, from its beginning."""
        at = 0
        for token in TOKEN.finditer(data):
            if token.start() != at:
                break
            kind = token.lastindex
            if kind == 2 or kind == 5:
                look = dressed(self._look, token[1] or token[5])
                if look is None:
                    break
                self._look = look
                if kind == 2:
                    self._write(token[2])
                    self._look = one(PLAIN._replace(link=look.link)) if look.link else PLAIN
            elif kind == 8:
                self._write(token[8])
            elif kind == 4:
                self.y = min(int(token[3]) or 1, self.height) - 1
                self.x = min(int(token[4]) or 1, self.width) - 1
            elif kind == 7:
                link = "" if token[7] == "8;;" else token[7]
                self._look = one(self._look._replace(link=link))
            elif self.y == self.height - 1:
                break  # it would scroll the terminal
            else:
                self.x, self.y = 0, self.y + 1
            at = token.end()
        return at

    def paint(self, x: int, y: int, pieces: Iterable[tuple[str, Look]]) -> None:
        """Take in texts, each with its look, that stand side by side from (x, y) on."""
        self.leave(x, y)
        before = self._look
        for text, self._look in pieces:
            self._write(text if text.isprintable() else CONTROLS.sub("\ufffd", text))
        self._look = before

    def leave(self, x: int, y: int) -> None:
        """Leave the cursor at (x, y)."""
        self.x, self.y = min(x, self.width - 1), min(y, self.height - 1)

    def _write(self, text: str) -> None:
        narrow = NARROW.fullmatch(text) is not None
        cells: Sequence[str] = text if narrow else cells_of(text)
        looks = [self._look] * len(cells)
        faint = blank(self._look)
        if text.isspace():
            looks = [faint] * len(cells)
        elif narrow and faint != self._look:
            before = len(text) - len(text.lstrip(" "))
            end = len(text.rstrip(" "))
            looks[:before] = [faint] * before
            looks[end:] = [faint] * (len(text) - end)
        room = self.width - self.x
        if len(cells) > room:
            last = cells[-1] if NARROW.fullmatch(cells[-1] or UNKNOWN) else " "
            cells, looks = [*cells[: room - 1], last], [*looks[: room - 1], looks[-1]]
        if cells:
            line = self.lines[self.y]
            line.put(self.x, cells, looks)
            line.narrow = line.narrow and narrow
            self.changed.add(self.y)
            self.empty = False
        self.x = min(self.x + len(cells), self.width - 1)
