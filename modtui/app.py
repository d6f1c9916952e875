"""ModTui: the rooms, one engine worker, one `changed` signal. No decisions about threads here."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.screen import Screen
from textual.signal import Signal

from modtui.domain.views import Change, QueueFilter
from modtui.engine import FINISH_SECONDS, Engine, NotStored
from modtui.keymap import Action, bindings
from modtui.presses import OVER_DIALOGS, PressedApp
from modtui.screens.queue import QueueScreen
from modtui.screens.ringing import Looks, Ringer
from modtui.terminal import Redraws, has_shell
from modtui.widgets.host import WAITS, Themes, Waits, work

if TYPE_CHECKING:
    from modtui.domain.shift import Stop

HURRIED_FINISH = 0.3
"""Seconds for deliveries on their way when the line is lost."""

LEFT_SECONDS = 6.0
"""Seconds after which leaving by the key is cut short."""

ACTIONS = (
    Action("app.queue", "f2", "room('queue')", "the queue", chord="g q"),
    Action("app.status", "f3", "room('status')", "status", chord="g s"),
    Action("app.library", "f4", "room('library')", "the library of quick replies", chord="g l"),
    Action("app.deliveries", "f5", "room('deliveries')", "deliveries", chord="g d"),
    Action("app.accounts", "f6", "room('accounts')", "accounts", chord="g a"),
    Action("app.handover", "f9", "room('handover')", "hand over the shift", chord="g h"),
    Action("app.welcome", "", "room('welcome')", "what your last session left", chord="g w"),
    *OVER_DIALOGS,
)


@runtime_checkable
class KeepsDraft(Protocol):
    """A dialog with text that must not be lost."""

    async def break_off(self) -> None:
        """Save what is written, wherever it is; durable when it returns."""
        ...


def _status(engine: Engine) -> Screen[None]:
    from modtui.screens.status import StatusScreen

    return StatusScreen(engine)


def _library(engine: Engine) -> Screen[None]:
    from modtui.screens.library import LibraryScreen

    return LibraryScreen(engine)


def _deliveries(engine: Engine) -> Screen[None]:
    from modtui.screens.deliveries import DeliveriesScreen

    return DeliveriesScreen(engine)


def _handover(engine: Engine) -> Screen[None]:
    from modtui.screens.handover import HandoverScreen

    return HandoverScreen(engine)


def _welcome(engine: Engine) -> Screen[None]:
    from modtui.screens.welcome import WelcomeScreen

    return WelcomeScreen(engine)


def _accounts(engine: Engine) -> Screen[None]:
    from modtui.screens.accounts import AccountsScreen

    return AccountsScreen(engine)


class ModTui(PressedApp):
    """The app. `clock` is monotonic seconds. `drain` is called after the engine stopped where
    deliveries are left that nobody else sends; without it nothing outlives the app, and leaving
    asks nothing. `begun` is called once the engine runs.
    """

    CSS_PATH = "modtui.tcss"
    DEFAULT_MODE = "queue"
    HORIZONTAL_BREAKPOINTS = [
        (0, "-stacked"),
        (100, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    ACTIONS = ACTIONS
    BINDINGS = bindings(ACTIONS)

    def __init__(
        self,
        engine: Engine,
        *,
        crash_folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        waits: Waits = WAITS,
        drain: Callable[[], None] | None = None,
    ) -> None:
        keyboards = engine.desk.moderator.keyboards
        super().__init__(keyboards, crash_folder=crash_folder, clock=clock, waits=waits)
        self.engine = engine
        self.themes = Themes()
        self.scratch: Path | None = None
        self.evidence: Callable[[str, bytes], str] | None = None
        self.begun: Callable[[], None] | None = None
        self.changed: Signal[Change] = Signal(self, "changed")
        self._drain = drain
        self._started = False
        self._owed: int | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._looks = Looks(Ringer(engine, self.announcer(engine.desk.notify)), self._broke)
        self.add_mode("queue", lambda: QueueScreen(engine))
        self.add_mode("status", lambda: _status(engine))
        self.add_mode("library", lambda: _library(engine))
        self.add_mode("deliveries", lambda: _deliveries(engine))
        self.add_mode("accounts", lambda: _accounts(engine))
        self.add_mode("handover", lambda: _handover(engine))
        self.add_mode("welcome", lambda: _welcome(engine))

    # the engine
    def on_mount(self) -> None:
        self._stop_listening = self.engine.subscribe(self.changed.publish)
        self.changed.subscribe(self, self._listen)
        self._looks.later()
        self.mind()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._started = True
        if self._owed is not None:
            work(self, partial(self._leave, self._owed), "leave")
            return
        work(self, self._run_engine, "engine")

    async def _run_engine(self) -> None:
        try:
            left = await self.engine.shift.begin()
        except NotStored as refused:
            if not refused.passes:
                raise
            left = False
        await self.engine.start()
        if self.begun is not None:
            self.begun()
        if not self.is_running:
            return
        self.changed.publish(Change(wide=True, deliveries=True, accounts=True))
        self.tell_library()
        if left and self._touched:
            self._say("your last session left something: g w")
        elif left:
            self.switch_mode("welcome")
        if self.scratch is not None and self.scratch.exists():
            from modtui.screens.editor import left_behind, left_words

            if folders := left_behind(self.scratch):
                self.call_after_refresh(self._say, left_words(folders[-1]))

    def _listen(self, change: Change) -> None:
        if change.wide or change.deliveries or (change.threads and change.order):
            self._looks.now()
        elif change.threads:
            self._looks.soon()

    async def on_unmount(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
        self._looks.end()
        try:
            await self.engine.shift.end()
        finally:
            await self.engine.stop(HURRIED_FINISH if self.leaving else FINISH_SECONDS)
        # A queue that cannot be read leaves nothing for others to go on with.
        with suppress(NotStored):
            if self._drain and any(not stop.timed for stop in await self.engine.shift.stops()):
                self._drain()

    # leaving
    def break_off(self, code: int) -> None:
        """Leave with `code`, asking nothing; what is written stays as a draft."""
        if self._started:
            work(self, partial(self._leave, code), "leave")
        else:
            self._owed = code  # what is half mounted cannot be taken down

    async def action_leave(self) -> None:
        """Leave; what is held goes out, what is written stays as a draft. It asks where something
        would stop."""
        stops: tuple[Stop, ...] = ()
        # What cannot be asked for keeps nobody here.
        with suppress(NotStored):
            stops = await self.engine.shift.stops() if self._drain else ()
        if not stops:
            await self._leave(0)
            return
        from modtui.screens.dialogs.handing import LeaveDialog

        if isinstance(self.screen, LeaveDialog):
            return
        going = tuple(stop.what for stop in stops if not stop.timed)
        ends = tuple(stop.what for stop in stops if stop.timed)
        self.push_screen(LeaveDialog(going, ends), self._leave_if)

    async def _leave_if(self, yes: bool | None) -> None:
        if yes:
            await self._leave(0)

    async def _leave(self, code: int) -> None:
        if not self.leaving:
            self.deadline(code, LEFT_SECONDS)
        for screens in self._screen_stacks.values():
            for screen in screens:
                if isinstance(screen, KeepsDraft):
                    await screen.break_off()
        self.exit(return_code=code)

    def action_to_shell(self) -> None:
        """Stop as other programs do, if there is a shell that could go on with us."""
        if has_shell():
            self.action_suspend_process()
        else:
            self._say("modtui was not started by a shell: there is none to go back to")

    def action_help_quit(self) -> None:
        """Ctrl+C never quits: it says what does."""
        self._say(f"{self.keymap.key('app.quit', 'Ctrl+Q')} leaves modtui")

    # rooms
    def action_room(self, mode: str) -> None:
        """Go to a room."""
        self.switch_mode(mode)

    def open_thread(self, thread: int) -> None:
        """Show the queue with this thread under the cursor, opened."""
        self._open(thread)

    def write_on(self, thread: int) -> None:
        """Open this thread, with its draft in the reply box."""
        self._open(thread, write=True)

    def _open(self, thread: int, *, write: bool = False) -> None:
        self._leave_thread()
        if isinstance(self.screen, QueueScreen):
            self.call_after_refresh(partial(self.screen.open, thread, write=write))

    def open_view(self, view: QueueFilter, name: str) -> None:
        """Show the queue with the threads of `view`, which is called `name`."""
        self._leave_thread()
        if isinstance(self.screen, QueueScreen):
            self.screen.show_view(view, name)

    def _leave_thread(self) -> None:
        """Go to the list of the queue, from wherever it was left for."""
        from modtui.screens.thread import ThreadScreen

        self.switch_mode("queue")
        while isinstance(self.screen, ThreadScreen):
            self.pop_screen()

    def action_repaint(self) -> None:
        """Paint every cell anew."""
        self.screen.refresh(layout=True, repaint=True)
        if isinstance(self._driver, Redraws):
            self._driver.redraw()


class LeadTui(ModTui):
    """The app as it opens for a lead: on Status."""

    DEFAULT_MODE = "status"
