"""What the terminal shows, as far as it is known, and the bytes that change it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from operator import is_not, ne, or_

from modtui.terminal.canvas import NARROW, UNKNOWN, Line, most_common_ground
from modtui.terminal.looks import PLAIN, Look, blank, change
from modtui.terminal.moved import Block
from modtui.terminal.runs import Run, by_look, runs_of

# Characters whose width every terminal agrees on; after any other the cursor is placed anew. It
# takes 2 ms to compile, so it is text, for `re` to compile where a screen holds more than NARROW.
DISPUTED = (
    "[^\x00 -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u0531-\u0556\u0561-\u0587"
    "\u10a0-\u10ff\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u21ff"
    "\u2500-\u25fc\u2800-\u28ff\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]"
)
NEAR = 4
# A move over so many cells.
NEAR_BYTES = (0, 3, 4, 4, 4)
NOWHERE = (-1, -1)
REST = "\x1b[K"
# Fewer are shorter than what erases them to the end of the row, or so many of them.
BLANKS, SOME_BLANKS = " " * 4, 7


def is_disputed(text: str) -> bool:
    """Return whether terminals may disagree on how many cells a character of `text` takes."""
    if text.isascii() or NARROW.fullmatch(text.replace(UNKNOWN, "")):
        return False
    return re.search(DISPUTED, text) is not None


class Shown:
    """The terminal's cells, cursor and pen. `at` is NOWHERE and `pen` None where not known.

    `bce`: what is erased gets the background of the pen; without it, terminals differ there.
    """

    def __init__(self, width: int, height: int, *, bce: bool = False) -> None:
        self.width, self.height, self.bce = width, height, bce
        self.lines = [Line.of(UNKNOWN, width) for _ in range(height)]
        self.at = NOWHERE
        self.pen: Look | None = None
        self.out: list[str] = []

    def fork(self) -> Shown:
        """Return a copy to try something on, which has written nothing yet."""
        copy = Shown.__new__(Shown)
        copy.width, copy.height, copy.bce = self.width, self.height, self.bce
        copy.lines, copy.at, copy.pen, copy.out = self.lines[:], self.at, self.pen, []
        return copy

    def forget(self) -> None:
        """Nothing is known of the terminal from now on."""
        self.lines = [Line.of(UNKNOWN, self.width) for _ in range(self.height)]
        self.at, self.pen = NOWHERE, None

    def clear(self, wanted: Sequence[Line]) -> None:
        """Blank all cells, in the background that most of `wanted` has, if it can be."""
        ground = self._ground(wanted)
        self.wear(ground)
        self.out.append("\x1b[2J")
        self.lines = [Line.of(" ", self.width, ground) for _ in range(self.height)]
        self.at = NOWHERE

    def close_link(self) -> None:
        """Let what is written next be no link."""
        if self.pen is not None and self.pen.link:
            self.wear(self.pen._replace(link=""))

    def lay_down(self) -> None:
        """Leave the terminal writing in the default look."""
        if self.pen not in (None, PLAIN):
            self.wear(PLAIN)

    def wear(self, look: Look) -> None:
        """Write in `look` from here on."""
        if self.pen is None:
            self.out.append("\x1b[m")
        if look != (self.pen or PLAIN):
            self.out.append(change(self.pen or PLAIN, look))
        self.pen = look

    def go(self, x: int, y: int) -> None:
        """Move the cursor, by the shortest way."""
        if self.at == (x, y):
            return
        way = _place(x, y)
        if self.at != NOWHERE:
            step = _step(x - self.at[0], y - self.at[1], x == 0)
            way = step if len(step) < len(way) else way
        self.out.append(way)
        self.at = (x, y)

    def shift(self, block: Block, wanted: Sequence[Line]) -> None:
        """Move the rows of `block`; what comes in is blank.

        A scrolling region and DL or IL: even a VT102 has them. Setting the region moves the cursor.
        """
        first, last, up = block
        ground = self._ground(
            wanted[last + 1 - up : last + 1] if up > 0 else wanted[first : first - up]
        )
        self.wear(ground)
        letter = "M" if up > 0 else "L"
        self.out.append(
            f"\x1b[{first + 1};{last + 1}r\x1b[{first + 1}H\x1b[{abs(up)}{letter}\x1b[r"
        )
        self.at = NOWHERE
        old = self.lines[first : last + 1]
        new = [Line.of(" ", self.width, ground) for _ in range(abs(up))]
        self.lines[first : last + 1] = old[up:] + new if up > 0 else new + old[:up]

    def _ground(self, lines: Sequence[Line]) -> Look:
        """Return what to erase with where `lines` are to stand."""
        return most_common_ground(lines) if self.bce else PLAIN

    def paint(self, rows: Sequence[int], wanted: Sequence[Line]) -> None:
        """Make `rows` show what is wanted; cells of it that are not known stay as they are."""
        runs: list[Run] = []
        for y in rows:
            if self.lines[y] != wanted[y]:
                columns, simple = _differing(wanted[y], self.lines[y])
                if simple:
                    runs += runs_of(y, wanted[y], columns)
                else:
                    self._paint_each(y, wanted[y], columns)
                self.lines[y] = wanted[y].copy()
        if len(runs) > 1:
            self._write_shortest(runs, wanted)
        else:
            self._write(runs, wanted)

    def _paint_each(self, y: int, wanted: Line, columns: Sequence[int]) -> None:
        """Write `columns` of row `y`, a character at a time."""
        done = 0
        for x in columns:
            if x >= done:
                begin = x - (wanted.texts[x] == "")
                self._approach(begin, y, wanted)
                done = self._cell(begin, y, wanted)

    def _write_shortest(self, runs: Sequence[Run], wanted: Sequence[Line]) -> None:
        """Write `runs` row by row, or those that look alike together."""
        before, self.out = self.out, []
        ways = [self.fork(), self.fork()]
        ways[0]._write(runs, wanted)
        ways[1]._write(by_look(runs, self.pen or PLAIN), wanted)
        best = min(ways, key=lambda way: sum(map(len, way.out)))
        self.at, self.pen, self.out = best.at, best.pen, before + best.out

    def _write(self, runs: Sequence[Run], wanted: Sequence[Line]) -> None:
        erased: dict[int, int] = {}
        for y, begin, end, look, text, _ in runs:
            if begin >= erased.get(y, end):
                continue
            how = ""
            if text.endswith(BLANKS):
                ground = Look(back=look.back)
                text, how = self._bared(text, wanted[y], begin, ground)
                # From straight below or above, if there is nothing up to there either.
                x = self.at[0]
                if how == REST and not text and 0 <= x < begin and wanted[y].is_bare(x, ground):
                    begin = x
            if self.at != (begin, y):
                self._approach(begin, y, wanted[y])
            if text:
                if look is not self.pen:
                    self._dress(text, look)
                self._say(text, begin + len(text), y)
            if how:
                if self.pen is None or blank(self.pen) != ground:
                    self.wear(look if blank(look) == ground else ground)
                self.out.append(how)
                if how == REST:
                    erased[y] = begin + len(text)

    def _bared(self, text: str, line: Line, begin: int, ground: Look) -> tuple[str, str]:
        """Return `text`, which ends in blanks and stands from `begin` on, without what is better
        erased, and what erases that with a pen that looks like `ground` on blanks."""
        if ground.back and not self.bce:
            return text, ""
        bare = text.rstrip(" ")
        count = len(text) - len(bare)
        if line.is_bare(begin + len(bare), ground):
            return bare, REST
        flat = all(
            blank(look) == ground for look in line.looks[begin + len(bare) : begin + len(text)]
        )
        return (
            (bare, f"\x1b[{count}X") if self.bce and count >= SOME_BLANKS and flat else (text, "")
        )

    def _approach(self, x: int, y: int, wanted: Line) -> None:
        """Go to (x, y); over a few cells that the pen would write alike, by writing them."""
        texts, looks = wanted.texts, wanted.looks
        here = self.at[0]
        if self.at[1] == y and 0 < x - here <= NEAR:
            between = "".join(texts[here:x])
            same = all(map(self._would_write, texts[here:x], looks[here:x]))
            if same and NARROW.fullmatch(between) and len(between.encode()) <= NEAR_BYTES[x - here]:
                self.out.append(between)
                self.at = (x, y)
        self.go(x, y)

    def _cell(self, x: int, y: int, wanted: Line) -> int:
        """Write the character at `x`; return where the next one stands."""
        text, look = wanted.texts[x], wanted.looks[x]
        end = x + 1
        while end < self.width and wanted.texts[end] == "":
            end += 1
        self._dress(text, look)
        disputed = is_disputed(text)
        if disputed:
            self._say(" " * (end - x), end, y)
            self.go(x, y)
        self._say(text, end, y)
        if disputed:
            self.at = NOWHERE
        return end

    def _would_write(self, text: str, look: Look) -> bool:
        """Whether the pen writes `text` in `look`: blanks, if it differs only in what they do not
        show."""
        pen = self.pen
        return look == pen or (pen is not None and text.isspace() and blank(pen) == look)

    def _dress(self, text: str, look: Look) -> None:
        """Take the pen for `text`."""
        if not self._would_write(text, look):
            self.wear(look)

    def _say(self, text: str, end: int, y: int) -> None:
        """Write `text`, which should end before column `end`."""
        self.out.append(text)
        # In the last column the cursor stands on the cell or past it: terminals differ.
        self.at = (end, y) if end < self.width else NOWHERE


@lru_cache(4096)
def _place(x: int, y: int) -> str:
    """Return a move to (x, y) from anywhere."""
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"


@lru_cache(4096)
def _step(across: int, down: int, first: bool) -> str:
    """Return a relative move; `first`: to the first column."""
    if 0 <= down < NEAR:
        rows = "\v" * down
    else:
        rows = f"\x1b[{abs(down) if abs(down) > 1 else ''}{'B' if down > 0 else 'A'}"
    if -NEAR < across <= 0:
        return rows + "\b" * -across
    if first:
        return rows + "\r"
    return f"{rows}\x1b[{abs(across) if abs(across) > 1 else ''}{'C' if across > 0 else 'D'}"


def _differing(wanted: Line, shown: Line) -> tuple[list[int], bool]:
    """Return the columns to write, and whether all characters of the row are one cell.

    From a character of disputed width on, all columns are to be written.
    """
    columns = _columns(wanted, shown)
    if wanted.narrow and shown.narrow:
        return columns, True
    simple = "" not in wanted.texts and "" not in shown.texts
    both = "".join(wanted.texts) + "".join(shown.texts)
    if not is_disputed(both):
        return columns, simple and len(both) == 2 * len(wanted.texts)
    first = next((x for x in columns if is_disputed(wanted.texts[x] + shown.texts[x])), None)
    if first is None:
        return columns, False
    rest = [x for x in range(first, len(wanted.texts)) if wanted.texts[x] != UNKNOWN]
    return [x for x in columns if x < first] + rest, False


def _columns(wanted: Line, shown: Line) -> list[int]:
    """Return the columns that differ, of those that are known."""
    texts, looks, before, wore = wanted.texts, wanted.looks, shown.texts, shown.looks
    # Looks that are alike are one object.
    other = map(or_, map(ne, texts, before), map(is_not, looks, wore))
    found = list(compress(range(len(texts)), other))
    return [x for x in found if texts[x] != UNKNOWN] if UNKNOWN in texts else found
