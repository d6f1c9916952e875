"""The driver between two emulated terminals: one is sent all that Textual writes, the other what
the driver sends. They must show the same after each frame."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from rich.console import Console
from rich.control import Control
from textual import events
from textual.app import App
from textual.geometry import Size
from textual.pilot import Pilot

from modtui.terminal.cells import HOME
from modtui.terminal.driver import DiffDriver
from modtui.terminal.flight import Flight
from modtui.widgets.direct import Lines
from tests.terminal.emulator import Emulator

SIZES = ((80, 24), (100, 30), (60, 20), (80, 23), (120, 40))


class Wire:
    """Takes the place of the thread that writes; answers as a terminal does."""

    def __init__(self, driver: Twin) -> None:
        self.driver = driver
        self.writes: list[str] = []
        self.backlog = 0

    def write(self, data: str) -> None:
        self.writes.append(data)
        self.driver.sent += len(data)
        self.driver.few.feed(data)
        for _ in range(data.count("\x1b[6n")):
            answer = events.CursorPosition(0, 0)
            self.driver._loop.call_soon(self.driver.process_message, answer)

    def end(self, seconds: float) -> bool:
        """There is no thread to end."""
        return True


class Twin(DiffDriver):
    """A DiffDriver of 80 by 24 cells without a terminal; `faults` tells where the two differ;
    `sent` and `whole_sent` how many characters went out, and would have."""

    latest: Twin
    now = SIZES[0]

    def __init__(self, app: App[object], **settings: Any) -> None:
        super().__init__(app, **settings)
        Twin.latest = self
        # The wire is never slow, however loaded the machine is.
        self._flight = Flight(lambda: 0.0)
        self.wire = Wire(self)
        self._out = self.wire  # type: ignore[assignment]
        self.strings: list[str] = []
        self.faults: list[str] = []
        self.frames = self.painted = 0
        self.sent = self.whole_sent = 0
        self.measure(*SIZES[0])

    def measure(self, width: int, height: int) -> None:
        """The terminal has this size now, and shows anything."""
        self.now = (width, height)
        self.whole, self.few = Emulator(width, height), Emulator(width, height, bce=self._bce)
        self.whole.scramble()
        self.few.scramble()
        self.begun = False

    def resize(self, width: int, height: int) -> None:
        """The moderator pulls at the window."""
        self.measure(width, height)
        self._loop.call_soon(self.redraw)
        size = Size(width, height)
        self.send_message(events.Resize(size, size))

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.now

    def start_application_mode(self) -> None:
        self._begin()
        size = Size(*self.now)
        self.send_message(events.Resize(size, size))

    def stop_application_mode(self) -> None:
        self._cells = None

    def disable_input(self) -> None:
        self._flight.close()

    def write(self, data: str) -> None:
        self.strings.append(data)
        if self._fits():
            self.whole_sent += len(data)
            self.whole.feed(data)
        super().write(data)

    def paint(self, frame: Lines, console: Console, cursor: tuple[int, int]) -> bool:
        whole = f"{frame.render_segments(console)}{Control.move_to(*cursor)}"
        if not super().paint(frame, console, cursor):
            return False
        self.strings.append(whole)
        self.painted += 1
        if self._fits():
            self.whole_sent += len(whole)
            self.whole.feed(whole)
        return True

    def _fits(self) -> bool:
        """Whether this is painted for the size there is: terminals cut what is too wide each in
        its own way."""
        stack = self._app.screen_stack
        return bool(stack) and tuple(stack[-1].size) == self.now

    def flush(self) -> None:
        super().flush()
        if self._cells is None or self._cells.pending:
            return
        self.begun = self.begun or self.whole.painted
        if self.begun:
            self.frames += 1
            self._compare()

    def _compare(self) -> None:
        # At home it is where nothing is typed, and then it may stay anywhere.
        if self.whole.cursor not in (HOME, self.few.cursor):
            self.faults.append(f"cursor {self.whole.cursor}, {self.few.cursor}")
        self.faults += self.whole.differences(self.few)


@contextmanager
def signals_kept() -> Iterator[None]:
    """A driver takes over signals of the process; give them back."""
    numbers = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def drive(app: App[None], steps: Callable[[Pilot[None]], Awaitable[None]]) -> Twin:
    """Run `app`, which has the Twin for its driver, through `steps`; return the driver."""
    app.animation_level = "none"
    failed: list[BaseException] = []

    async def pilot_through(pilot: Pilot[None]) -> None:
        try:
            await pilot.pause()
            await steps(pilot)
            await pilot.pause()
        except BaseException as error:
            failed.append(error)
        finally:
            app.exit()

    with signals_kept():
        await app.run_async(auto_pilot=pilot_through)
    if failed:
        raise failed[0]
    return Twin.latest


async def play(pilot: Pilot[None], keys: tuple[str, ...], random: Random, count: int) -> None:
    """Press `count` random keys; one in sixteen actions is another size of the window.

    Never the same one: Textual would not paint what the two lost, and the driver does.
    """
    for _ in range(count):
        if random.random() < 1 / 16:
            others = [size for size in SIZES if size != Twin.latest.now]
            Twin.latest.resize(*random.choice(others))
            await pilot.pause(0.02)
        else:
            await pilot.press(random.choice(keys))
