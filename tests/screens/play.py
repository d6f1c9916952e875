"""Play a moderator: press keys and wait until the screen has settled."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.widgets import Input, TextArea
from textual.worker import WorkerCancelled

from modtui.app import ModTui
from modtui.screens.queue import QueueScreen
from modtui.screens.room import Room
from modtui.widgets.host import Waits
from tests.screens.grid import grid
from tests.screens.stage import FakeEngine

AT_ONCE = Waits(0, 0, 0)
"""Nothing is waited for: what comes later in a real terminal comes at once."""
ROUNDS = 4
"""A key is taken, its worker reads, what it read is shown, and the layout follows."""


class Wrist:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Play:
    """The app under test and the hand on its keys."""

    app: ModTui
    pilot: Pilot[None]
    engine: FakeEngine
    wrist: Wrist

    @property
    def queue(self) -> QueueScreen:
        """The queue screen, wherever the cursor is."""
        return next(s for s in self.app.screen_stack if isinstance(s, QueueScreen))

    @property
    def room(self) -> Room:
        """The uppermost full screen."""
        return next(s for s in reversed(self.app.screen_stack) if isinstance(s, Room))

    @property
    def said(self) -> str:
        """What the last line says."""
        return self.room.keys.message

    async def press(self, *keys: str, after: float = 1.0) -> None:
        """Press `keys`, each `after` seconds later, and wait for the screen each time."""
        for key in keys:
            self.wrist.seconds += after
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until the workers are done and everything is painted.

        What was queued anywhere is waited for, not the time that `Pilot.pause` sleeps besides.
        """
        for _ in range(ROUNDS):
            await self.pilot._wait_for_screen()
            # One that is given up for a newer one is no fault: the next round waits for that.
            with suppress(WorkerCancelled):
                await self.app.workers.wait_for_complete()
            # Another size comes to the screens by a timer.
            self.app._check_resize()
            # What stands under a dialog is painted as well.
            for screen in self.app.screen_stack:
                screen._on_timer_update()
        await self.pilot._wait_for_screen()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true()`; fails after half a minute."""
        end = time.monotonic() + 30
        while not true():
            if time.monotonic() > end:
                raise AssertionError("it never came true")
            await self.pilot.pause()


@asynccontextmanager
async def playing(
    engine: FakeEngine,
    size: tuple[int, int] = (80, 24),
    kind: type[ModTui] = ModTui,
    drain: Callable[[], None] | None = None,
    waits: Waits = AT_ONCE,
) -> AsyncIterator[Play]:
    """Run the app, or another `kind` of it, on `engine` in a terminal of `size`, settled."""
    wrist = Wrist()
    app = kind(engine, clock=wrist, waits=waits, drain=drain)
    async with app.run_test(size=size) as pilot:
        play = Play(app, pilot, engine, wrist)
        await play.settle()
        yield play


def shown(play: Play) -> str:
    """The screen as one text."""
    return "\n".join(grid(play.app))


async def type_in(play: Play, text: str) -> None:
    """Write text into the focused box, its last letter with a key."""
    box = play.app.focused
    if isinstance(box, TextArea):
        box.insert(text[:-1])
    else:
        assert isinstance(box, Input)
        box.insert_text_at_cursor(text[:-1])
    await play.pilot.press(text[-1])
    await play.settle()
