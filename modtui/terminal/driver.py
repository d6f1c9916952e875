"""The driver that writes only what changed."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rich.color import ColorSystem
from rich.style import Style
from textual import events
from textual.app import App
from textual.message import Message
from textual.strip import Strip

from modtui.terminal.canvas import Canvas
from modtui.terminal.cells import CellDiff
from modtui.terminal.erasing import erases_coloured
from modtui.terminal.flight import ASK, Flight
from modtui.terminal.looks import Look
from modtui.terminal.strings import SYNC, brackets, harmless
from modtui.terminal.unix import UnixDriver

if TYPE_CHECKING:
    from rich.console import Console

    from modtui.widgets.direct import Lines

MARGIN_SECONDS = 0.02
GATHER_SECONDS = 0.04
EXIT_SECONDS = 1.0
HURRIED_SECONDS = 0.2
HELD_BACKLOG = 16 * 1024
AWAY_SECONDS = 60.0
# Ends every look, whatever the pen is.
PLAINLY = "\x1b[m"


@runtime_checkable
class KeepsReports(Protocol):
    """An app that writes down what went wrong."""

    def write_report(self, error: BaseException | None) -> str:
        """Write a report of `error`; return where it is, "" if nowhere."""
        ...


@runtime_checkable
class GivesWay(Protocol):
    """An app of which parts rest while it answers a key."""

    def give_way(self) -> None:
        """A key came. Called in the thread that reads them: the event loop hears of it later, and
        it is what the others keep waiting."""
        ...


@lru_cache(1024)
def look_of(style: Style | None, system: ColorSystem) -> Look:
    """Return how text looks that Textual writes in `style` for a terminal of such colours. Raises
    ValueError for a style that is not known here."""
    cell = Canvas(1, 1)
    written = Strip.render_style(style, "x", system) if style is not None else "x"
    if cell.read(written) < len(written):
        raise ValueError(f"a style of another kind: {style}")
    return cell.lines[0].looks[0]


class DiffDriver(UnixDriver):
    """Keeps the cells of the terminal and sends what differs, a frame at a time.

    A frame waits while more than a little is under way, and so several become one. After an
    error in here everything goes out as Textual wrote it. All but `process_message` runs in the
    thread of the event loop, or in a signal handler that interrupts it: there are no locks.
    """

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # A multiplexer answers itself: that says nothing of the line.
        alone = not {"TMUX", "STY"} & os.environ.keys()
        self._flight = Flight(self._loop.time, asks=alone)
        self._bce = erases_coloured(os.environ)
        self._cells: CellDiff | None = None
        self._kept: CellDiff | None = None
        self._thread = threading.get_ident()
        self._brackets = False
        self._broken = False
        self._late = False
        self._wake: asyncio.TimerHandle | None = None
        self._gathering: asyncio.TimerHandle | None = None
        self._blurred_at: float | None = None

    # what Textual writes
    def write(self, data: str) -> None:
        """Take in what Textual writes; what does not touch cells goes out as it is."""
        cells = self._cells
        if cells is None or (data not in SYNC and harmless(data)):
            super().write(data)
        elif threading.get_ident() != self._thread:
            self._loop.call_soon_threadsafe(self.write, data)
        elif data in SYNC:
            self._brackets = True
        else:
            try:
                self._take(cells, data)
            except Exception as error:  # whatever it is, the moderator must see the screen
                self._give_up(error)
                super().write(data)

    def _take(self, cells: CellDiff, data: str) -> None:
        self._fit(cells)
        understood = cells.feed(data)
        if understood < len(data):
            self._send(cells)
            super().write(cells.plain() + data[understood:])
            cells.forget(repaint=False)
        elif not self._late:
            self._late = True
            self._loop.call_soon(self._flush_late)

    def paint(self, frame: Lines, console: Console, cursor: tuple[int, int]) -> bool:
        """Take in strips as they are; whoever brings them calls `flush`."""
        cells, system = self._cells, console._color_system or ColorSystem.TRUECOLOR
        if cells is None:
            return False
        try:
            self._fit(cells)
            for x, y, strip in frame.strips:
                pieces = [(text, look_of(style, system)) for text, style, _ in strip]
                cells.paint(x, y, pieces)
            cells.leave(*cursor)
        except Exception as error:  # as in `write`
            self._give_up(error)
            return False
        return True

    def _flush_late(self) -> None:
        self._late = False
        self.flush()

    def flush(self) -> None:
        """Send the frame, unless too much is under way: Textual calls this after each.

        On a slow line it waits a moment for what belongs to it: a pane follows its list.
        """
        if self._cells is None or not self._cells.pending:
            return
        if not self._flight.slow:
            self._release()
        elif self._gathering is None:
            self._gathering = self._loop.call_later(GATHER_SECONDS, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self._release()

    def _release(self) -> None:
        cells = self._cells
        if cells is None or not cells.pending:
            return
        if self._flight.full():
            self._wake_later(self._flight.rest())
            return
        if self._out is not None and self._out.backlog > HELD_BACKLOG:
            # It reads nothing: the cells wait, and become one frame.
            self._wake_later(GATHER_SECONDS)
            return
        try:
            self._send(cells)
        except Exception as error:  # as in `write`
            self._give_up(error)

    def _wake_later(self, seconds: float) -> None:
        if self._wake is not None:
            self._wake.cancel()
        self._wake = self._loop.call_later(seconds + MARGIN_SECONDS, self._release)

    def _send(self, cells: CellDiff) -> None:
        out = cells.emit()
        if not out:
            return
        if self._brackets:
            out = brackets(out)
        if self._flight.due(len(out.encode())):
            out += ASK
            self._flight.took_off()
        super().write(out)

    def _give_up(self, error: Exception) -> None:
        self._cells, self._broken = None, True
        self._flight.close()
        super().write(PLAINLY)
        if isinstance(self._app, KeepsReports):
            self._app.write_report(error)
        self._app.call_later(self._app.refresh, layout=True)

    # what the terminal says
    def process_message(self, message: Message) -> None:
        """Keep the answers to frames; a terminal that comes back may have lost what it showed."""
        if isinstance(message, events.CursorPosition) and self._flight.landed():
            # What waits for this answer was there before the answer was counted.
            cells = self._cells
            if cells is not None and cells.pending:
                self._loop.call_soon_threadsafe(self.flush)
            return
        if isinstance(message, events.Resize):
            self._loop.call_soon_threadsafe(self.redraw)
        elif isinstance(message, events.AppBlur):
            self._blurred_at = self._loop.time()
        elif isinstance(message, events.AppFocus):
            since, self._blurred_at = self._blurred_at, None
            if since is not None and self._loop.time() - since >= AWAY_SECONDS:
                self._loop.call_soon_threadsafe(self.redraw)
        super().process_message(message)

    def send_message(self, message: Message) -> None:
        """Hand `message` to the app; nobody waits for an answer, so no task is made for it."""
        if isinstance(message, events.Key) and isinstance(self._app, GivesWay):
            self._app.give_way()
        self._loop.call_soon_threadsafe(self._app.post_message, message)

    def redraw(self) -> None:
        """Write the whole screen again."""
        cells = self._cells
        if cells is not None:
            self._fit(cells)
            cells.forget()
            self.flush()

    def _fit(self, cells: CellDiff) -> None:
        size = self._get_terminal_size()
        if size != cells.size:
            cells.resize(*size)

    # life
    def start_application_mode(self) -> None:
        """Start; after a pause, with all that was on the screen before it."""
        before = self._writer_thread
        super().start_application_mode()
        if self._broken or self._writer_thread is before:  # the shell put us to sleep again
            return
        self._begin()

    def _begin(self) -> None:
        size = self._get_terminal_size()
        kept = self._kept if self._kept is not None and self._kept.size == size else None
        self._cells = kept or CellDiff(*size, bce=self._bce)
        self._cells.forget()
        self._flight.open()
        self._loop.call_soon_threadsafe(self.flush)

    def _resized(self) -> None:
        self.redraw()
        super()._resized()

    def disable_input(self) -> None:
        """Read no more; an answer that came later would be typed into the shell."""
        until = time.monotonic() + (HURRIED_SECONDS if self.hurry else EXIT_SECONDS)
        reads = self._key_thread
        while self._flight.waiting and reads is not None and reads.is_alive():
            if time.monotonic() > until or self.exit_event.is_set():
                break
            time.sleep(0.01)
        self._flight.close()
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Give the terminal back. What is wanted is kept, for a pause."""
        if self._cells is not None:
            super().write(self._cells.plain())
        self._kept, self._cells = self._cells or self._kept, None
        super().stop_application_mode()
