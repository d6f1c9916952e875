"""The other reference: a list in curses, which ticks; `j` goes down. Argument: how many rows."""

from __future__ import annotations

import curses
import sys
import time

REASONS = ("spam", "harassment", "nsfw", "doxxing", "off-topic", "scam")


def line(row: int, now: float) -> str:
    """Return the text of a row: its time is minutes and seconds."""
    left = 300 + row * 37 % 3000 - int(now)
    return (
        f"t{row:06d}  {REASONS[row % 6]:<12}{row % 17:>4}  {left // 60:02d}:{left % 60:02d}  "
        f"user{row * 7919 % 9973:<8}Flagged thread number {row} about something long enough"
    )


class List:
    """Rows with a cursor, repainted each second: curses sends what differs."""

    def __init__(self, window: curses.window, rows: int) -> None:
        self.window, self.rows = window, rows
        self.cursor = self.top = 0
        self.begun = time.monotonic()

    def row(self, y: int) -> None:
        _, width = self.window.getmaxyx()
        text = line(self.top + y, time.monotonic() - self.begun).ljust(width - 1)
        look = curses.color_pair(1) if self.top + y == self.cursor else 0
        self.window.addnstr(y + 1, 0, text, width - 1, look)

    def paint(self) -> None:
        height, width = self.window.getmaxyx()
        for y in range(height - 1):
            self.row(y)
        self.window.addnstr(0, 0, f"READY row {self.cursor} of {self.rows}", width - 1)
        self.window.refresh()

    def down(self) -> None:
        height, _ = self.window.getmaxyx()
        self.cursor = min(self.cursor + 1, self.rows - 1)
        self.top = max(self.top, self.cursor - height + 2)
        self.paint()


def main(window: curses.window) -> None:
    curses.curs_set(0)
    curses.use_default_colors()
    curses.init_pair(1, 15, 4)
    window.idlok(True)
    window.timeout(100)
    shown = List(window, int(sys.argv[1]))
    shown.paint()
    painted = time.monotonic()
    while (key := window.getch()) != ord("q"):
        if key == ord("j"):
            shown.down()
        elif time.monotonic() - painted >= 1:
            painted = time.monotonic()
            shown.paint()


if __name__ == "__main__":
    curses.wrapper(main)
