"""The screen as cells: what is wanted, what is shown, and the bytes from the one to the other."""

from __future__ import annotations

from collections.abc import Iterable

from modtui.terminal.canvas import Canvas
from modtui.terminal.looks import Look
from modtui.terminal.moved import moved
from modtui.terminal.shown import Shown

# Where Textual leaves the cursor, which is not seen, while nothing is typed: it may stay anywhere.
HOME = (0, 0)


class CellDiff:
    """Takes what Textual writes, gives what the terminal needs. Strings in, strings out. `bce`: it
    erases with the background that it writes with."""

    def __init__(self, width: int, height: int, *, bce: bool = False) -> None:
        self._bce = bce
        self.resize(width, height)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._canvas.width, self._canvas.height

    @property
    def pending(self) -> bool:
        """Whether `emit` may have something to say."""
        return bool(self._canvas.changed) and not self._canvas.empty

    def resize(self, width: int, height: int) -> None:
        """Start anew: nothing is wanted yet, and of the terminal nothing is known."""
        self._canvas = Canvas(width, height)
        self._shown = Shown(width, height, bce=self._bce)
        self.forget()

    def forget(self, *, repaint: bool = True) -> None:
        """The terminal may show anything. `repaint`: write all that is wanted the next time."""
        self._shown.forget()
        self._anew = repaint
        self._canvas.changed = set(range(self._canvas.height)) if repaint else set()

    def feed(self, data: str) -> int:
        """Take in output of Textual; return how many characters of it were understood."""
        return self._canvas.read(data)

    def paint(self, x: int, y: int, pieces: Iterable[tuple[str, Look]]) -> None:
        """Take in texts, each with its look, that stand side by side from (x, y) on."""
        self._canvas.paint(x, y, pieces)

    def leave(self, x: int, y: int) -> None:
        """Want the cursor at (x, y)."""
        self._canvas.leave(x, y)

    def emit(self) -> str:
        """Return what makes the terminal show all that is wanted; "" if it does already."""
        canvas, shown = self._canvas, self._shown
        if not self.pending:
            return ""
        if self._anew:
            shown.clear(canvas.lines)
        rows = sorted(y for y in canvas.changed if canvas.lines[y] != shown.lines[y])
        canvas.changed = set()
        block = None if self._anew else moved(rows, canvas.lines, shown.lines)
        self._anew = False
        if block is None:
            shown.paint(rows, canvas.lines)
        else:
            still, moving = shown.fork(), shown.fork()
            still.paint(rows, canvas.lines)
            moving.shift(block, canvas.lines)
            moving.paint(sorted({*rows, *range(block.first, block.last + 1)}), canvas.lines)
            self._shown = shown = min(moving, still, key=lambda way: sum(map(len, way.out)))
        shown.close_link()
        if (canvas.x, canvas.y) != HOME:
            shown.go(canvas.x, canvas.y)
        out, shown.out = "".join(shown.out), []
        return out

    def plain(self) -> str:
        """Return what makes the terminal write in its default look, for what is not ours."""
        self._shown.lay_down()
        out, self._shown.out = "".join(self._shown.out), []
        return out
