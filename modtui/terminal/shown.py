"""What the terminal shows, as far as it is known, and the bytes that change it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modtui.terminal.canvas import NARROW, UNKNOWN, Line
from modtui.terminal.looks import PLAIN, Look, blank, change
from modtui.terminal.runs import Run, by_look, runs_of

# Characters whose width every terminal agrees on; after any other the cursor is placed anew. It
# takes 2 ms to compile, so it is text, for `re` to compile where a screen holds more than NARROW.
DISPUTED = (
    "[^\x00 -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u0531-\u0556\u0561-\u0587"
    "\u10a0-\u10ff\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u21ff"
    "\u2500-\u25fc\u2800-\u28ff\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]"
)
NEAR = 4
# Columns that are compared at once.
PART = 12
NOWHERE = (-1, -1)
# Fewer are shorter than what erases them.
BLANKS = " " * 4


def is_disputed(text: str) -> bool:
    """Return whether terminals may disagree on how many cells a character of `text` takes."""
    if text.isascii() or NARROW.fullmatch(text.replace(UNKNOWN, "")):
        return False
    return re.search(DISPUTED, text) is not None


class Shown:
    """The terminal's cells, cursor and pen. `at` is NOWHERE and `pen` None where not known."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.lines = [Line.of(UNKNOWN, width) for _ in range(height)]
        self.at = NOWHERE
        self.pen: Look | None = None
        self.out: list[str] = []

    def fork(self) -> Shown:
        """Return a copy to try something on, which has written nothing yet."""
        copy = Shown.__new__(Shown)
        copy.width, copy.height = self.width, self.height
        copy.lines, copy.at, copy.pen, copy.out = self.lines[:], self.at, self.pen, []
        return copy

    def forget(self) -> None:
        """Nothing is known of the terminal from now on."""
        self.lines = [Line.of(UNKNOWN, self.width) for _ in range(self.height)]
        self.at, self.pen = NOWHERE, None

    def clear(self) -> None:
        """Blank all cells, in the default look: terminals differ in what else they fill with."""
        self.wear(PLAIN)
        self.out.append("\x1b[2J")
        self.lines = [Line.of(" ", self.width) for _ in range(self.height)]
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
        way = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
        if self.at != NOWHERE:
            way = min(way, _step(x - self.at[0], y - self.at[1], first=x == 0), key=len)
        self.out.append(way)
        self.at = (x, y)

    def shift(self, first: int, last: int, up: int) -> None:
        """Move rows `first`..`last` up by `up` (down if negative); what comes in is blank.

        A scrolling region and DL or IL: even a VT102 has them. Setting the region moves the cursor.
        """
        self.wear(PLAIN)
        letter = "M" if up > 0 else "L"
        self.out.append(
            f"\x1b[{first + 1};{last + 1}r\x1b[{first + 1}H\x1b[{abs(up)}{letter}\x1b[r"
        )
        self.at = NOWHERE
        block = self.lines[first : last + 1]
        new = [Line.of(" ", self.width) for _ in range(abs(up))]
        self.lines[first : last + 1] = block[up:] + new if up > 0 else new + block[:up]

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
        for y, begin, end, look in runs:
            if begin >= erased.get(y, end):
                continue
            self._approach(begin, y, wanted[y])
            text = "".join(wanted[y].texts[begin:end])
            if not look.back and text.endswith(BLANKS):
                bare = text.rstrip(" ")
                if wanted[y].is_bare(begin + len(bare)):
                    if bare:
                        self._dress(bare, look)
                        self._say(bare, begin + len(bare), y)
                    self._wipe()
                    erased[y] = begin + len(bare)
                    continue
            self._dress(text, look)
            self._say(text, end, y)

    def _wipe(self) -> None:
        """Erase the rest of the row, in the default background: in another one terminals differ."""
        if self.pen is None or blank(self.pen) != PLAIN:
            self.wear(PLAIN)
        self.out.append("\x1b[K")

    def _approach(self, x: int, y: int, wanted: Line) -> None:
        """Go to (x, y); over a few cells that the pen would write alike, by writing them."""
        texts, looks = wanted.texts, wanted.looks
        here = self.at[0]
        if self.at[1] == y and 0 < x - here <= NEAR:
            between = texts[here:x]
            same = all(look == self.pen for look in looks[here:x])
            if same and all(len(text) == 1 and " " <= text <= "~" for text in between):
                self.out += between
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

    def _dress(self, text: str, look: Look) -> None:
        """Take the pen for `text`; for blanks, one that differs only in what they do not show."""
        if look != self.pen and not (self.pen and text.isspace() and blank(self.pen) == look):
            self.wear(look)

    def _say(self, text: str, end: int, y: int) -> None:
        """Write `text`, which should end before column `end`."""
        self.out.append(text)
        # In the last column the cursor stands on the cell or past it: terminals differ.
        self.at = (end, y) if end < self.width else NOWHERE


def _step(across: int, down: int, *, first: bool) -> str:
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
    columns = [x for at in range(0, len(wanted.texts), PART) for x in _within(at, wanted, shown)]
    simple = "" not in wanted.texts and "" not in shown.texts
    both = "".join(wanted.texts) + "".join(shown.texts)
    if not is_disputed(both):
        return columns, simple and len(both) == 2 * len(wanted.texts)
    first = next((x for x in columns if is_disputed(wanted.texts[x] + shown.texts[x])), None)
    if first is None:
        return columns, False
    rest = [x for x in range(first, len(wanted.texts)) if wanted.texts[x] != UNKNOWN]
    return [x for x in columns if x < first] + rest, False


def _within(at: int, wanted: Line, shown: Line) -> list[int]:
    """Return the columns that differ of the PART columns from `at` on."""
    part = slice(at, at + PART)
    texts, looks = wanted.texts[part], wanted.looks[part]
    before, wore = shown.texts[part], shown.looks[part]
    if texts == before and looks == wore:
        return []
    cells = enumerate(zip(texts, before, looks, wore, strict=True), at)
    return [x for x, (a, b, c, d) in cells if (a != b or c != d) and a != UNKNOWN]
