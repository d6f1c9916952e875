"""Status as a board of blocks with a line cursor; what is selected is a line's id, not a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from modtui.keymap import Action, bindings
from modtui.widgets.cells import Piece, Row, clip
from modtui.widgets.paint import Painted
from modtui.widgets.status_cells import Block, Entry

MIDDLE = 59
"""Where the second column of blocks begins at 120 columns."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An entry where it is painted: from cell `left` on, `width` cells."""

    entry: Entry
    left: int
    width: int
    indent: int


@dataclass(frozen=True, slots=True)
class Board:
    """Lines of spots, and the spots that the cursor stops at, in reading order."""

    lines: tuple[tuple[Spot, ...], ...] = ()
    stops: tuple[tuple[int, Spot], ...] = ()

    def place(self, id: str) -> int | None:
        """Return which stop has this id, or None."""
        return next((n for n, (_, spot) in enumerate(self.stops) if spot.entry.id == id), None)


def rooms(width: int) -> tuple[int, int]:
    """Return the widths of the two columns of blocks at `width`; the second 0 where they stack."""
    if width < 100:
        return width, 0
    left = MIDDLE * width // 120
    return left, width - left


def board(bands: Iterable[Sequence[Block]], width: int) -> Board:
    """Return the bands one below the other, each of one block, or of two side by side."""
    left, right = rooms(width)
    lines: list[tuple[Spot, ...]] = []
    stops: list[tuple[int, Spot]] = []
    for band in bands:
        parts: list[list[tuple[Block, int, int]]]
        if len(band) == 2 and right:
            parts = [[(band[0], 0, left), (band[1], left, right)]]
        else:
            parts = [[(block, 0, width)] for block in band]
        for part in parts:
            if lines:
                lines.append(())
            top = len(lines)
            lines += [()] * max(len(block) for block, _, _ in part)
            for block, at, room in part:
                for line, entry in enumerate(block, top):
                    indent = 1 if entry.heading else 3 if at else 2
                    spot = Spot(entry, at, room, indent)
                    lines[line] = (*lines[line], spot)
                    if entry.id:
                        stops.append((line, spot))
    return Board(tuple(lines), tuple(stops))


class StatusBoard(Painted, can_focus=True):
    """Shows a board; the cursor stays on its line through every refresh."""

    ACTIONS = (
        Action("status.down", "j,down", "move(1)", "next line", hint="line", long="line",
               named="j k", pair="status.up"),
        Action("status.up", "k,up", "move(-1)", "previous line"),
        Action("status.right", "l,right", "across(1)", "to the right column"),
        Action("status.left", "h,left", "across(-1)", "to the left column"),
        Action("status.half-down", "ctrl+d,pagedown", "move(8)", "eight lines down"),
        Action("status.half-up", "ctrl+u,pageup", "move(-8)", "eight lines up"),
        Action("status.bottom", "G,end", "edge(1)", "to the last line"),
        Action("status.top", "home", "edge(0)", "to the first line", chord="g g"),
    )  # fmt: skip
    BINDINGS = bindings(ACTIONS)

    @dataclass
    class Selected(Message):
        """Another line is under the cursor."""

        id: str

    def __init__(self) -> None:
        super().__init__(id="status")
        self.board = Board()
        self.selected = ""

    @property
    def entry(self) -> Entry | None:
        """The line under the cursor."""
        place = self.board.place(self.selected)
        return self.board.stops[place][1].entry if place is not None else None

    def show(self, board: Board) -> None:
        """Show `board`; where the line under the cursor is gone, the one that stands there."""
        before = self.board.place(self.selected)
        self.board = board
        self.virtual_size = self.size.with_height(len(board.lines))
        if board.place(self.selected) is None and board.stops:
            self._go(min(before or 0, len(board.stops) - 1))
        self._keep_in_sight()
        self.refresh()

    def action_move(self, step: int) -> None:
        self._go((self.board.place(self.selected) or 0) + step)

    def action_edge(self, end: int) -> None:
        self._go(len(self.board.stops) - 1 if end else 0)

    def action_across(self, step: int) -> None:
        """Go to the nearest line of the other column."""
        place = self.board.place(self.selected)
        if place is None:
            return
        line, here = self.board.stops[place]
        wanted = [
            (abs(at - line), n)
            for n, (at, spot) in enumerate(self.board.stops)
            if (spot.left - here.left) * step > 0
        ]
        if wanted:
            self._go(min(wanted)[1])

    def _go(self, place: int) -> None:
        stops = self.board.stops
        if not stops:
            return
        line, spot = stops[max(0, min(place, len(stops) - 1))]
        if spot.entry.id != self.selected:
            self.selected = spot.entry.id
            self.refresh()
            self.post_message(self.Selected(self.selected))
        self._reveal(line)

    def _reveal(self, line: int) -> None:
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if line <= 1:
            self.scroll_to(y=0, animate=False, force=True)
        elif line < top:
            self.scroll_to(y=line, animate=False, force=True)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False, force=True)

    def on_resize(self) -> None:
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        place = self.board.place(self.selected)
        if place is not None:
            self._reveal(self.board.stops[place][0])

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        for place, (at, spot) in enumerate(self.board.stops):
            if at == line and spot.left <= event.x < spot.left + spot.width:
                self._go(place)

    def row_at(self, line: int) -> Row | None:
        if not 0 <= line < len(self.board.lines):
            return None
        row: list[Piece] = []
        at = 0
        for spot in self.board.lines[line]:
            row.append((" " * (spot.left - at), "text"))
            row += self._spot(spot)
            at = spot.left + spot.width
        return tuple(row)

    def _spot(self, spot: Spot) -> Row:
        here = bool(spot.entry.id) and spot.entry.id == self.selected
        text = clip(spot.entry.row, spot.width - spot.indent)
        if not here:
            return ((" " * spot.indent, "text"), *text)
        pad = " " * (spot.indent - 1)
        return (("▌", "mark"), (pad + "".join(words for words, _ in text), "selected"))
