"""An app that goes on through bad days: a store that takes nothing, settings that change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

from textual.actions import ActionParseResult
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.worker import WorkerFailed

from modtui.domain.trouble import NO_MEMORY, is_starved, not_done, trouble_line
from modtui.engine import Engine, NotStored
from modtui.keymap import Keymap
from modtui.screens.room import Room
from modtui.terminal.app import TerminalApp
from modtui.widgets.host import News, work

LOOK_EVERY = 1.0
SETTINGS_EVERY = 3.0
"""Seconds between two looks at the files of the configuration."""

HALF_MADE = (NoMatches, NoScreen)
"""What Textual 8.2.8 raises in a screen whose inside, or whose app, is not there."""

NO_STORE = 4
"""The exit code of a queue that cannot be used."""


class SteadyApp(TerminalApp[None]):
    """What the app does beside showing rooms. `parting` says afterwards why it could not go on;
    `flaw` what is wrong with the settings now; `reload` looks at the settings on another thread
    and returns what is to be done about a change; `is_short` says whether memory is at its end."""

    engine: Engine

    def __init__(self, *, crash_folder: Path | None = None) -> None:
        super().__init__(crash_folder=crash_folder)
        self.parting = ""
        self.is_short: Callable[[], bool] = lambda: False
        self.flaw = ""
        self.reload: Callable[[], Callable[[], News] | None] | None = None
        self._library_problems: tuple[str, ...] = ()
        self._leaving: asyncio.Task[None] | None = None

    def mind(self) -> None:
        """Begin to look at the machine and at the settings."""
        self.set_interval(LOOK_EVERY, self._mind_machine)
        self.set_interval(SETTINGS_EVERY, self._mind_settings)

    def use_keys(self, keymap: Keymap) -> None:
        """Take the keys of `keymap`, which was checked."""
        raise NotImplementedError

    async def _leave(self, code: int) -> None:
        raise NotImplementedError

    def _say(self, message: str) -> None:
        raise NotImplementedError

    # settings that change
    def _mind_settings(self) -> None:
        work(self, self._look_at_settings, "settings", alone=False)

    async def _look_at_settings(self) -> None:
        """Take what changed in the files of the configuration, or say what is wrong with it."""
        self.tell_library()
        take = await asyncio.to_thread(self.reload) if self.reload is not None else None
        if take is None or not self.is_running:
            return
        news = take()
        self.flaw = news.flaw
        if news.said:
            self._say(news.said)

    def tell_library(self) -> None:
        """Say what is wrong with the library, if that is news."""
        if self.engine.shelf.reading:
            return
        before, self._library_problems = self._library_problems, self.engine.library_problems()
        if self._library_problems and self._library_problems != before:
            from modtui.widgets.shelf_rows import trouble_words

            self._say(f"library: {trouble_words(self._library_problems)} · g l")

    def change_keys(self, keymap: Keymap) -> None:
        """Take other keys while screens are shown."""
        self.use_keys(keymap)
        for screens in self._screen_stacks.values():
            for screen in screens:
                if isinstance(screen, Room):
                    screen.keys_changed()

    # bad days
    def _mind_machine(self) -> None:
        """Leave where the queue cannot be used any more, or memory is at its end."""
        if self.is_short():
            self._give_up(NO_MEMORY)
            return
        trouble = self.engine.trouble()
        if trouble is not None and not trouble.passes:
            self._give_up(trouble_line(trouble, self.engine.now()))

    def _handle_exception(self, error: Exception) -> None:
        """What the store does not take is said; the app ends only where it can not go on."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if self.parting:
            # What breaks now broke because of that.
            self._return_code = NO_STORE
            self._close_messages_no_wait()
        elif self._exit and isinstance(cause, HALF_MADE):
            # A screen that was still being opened is taken down with the rest.
            return
        elif is_starved(cause):
            # Whatever else would be begun breaks as well: what is written is kept meanwhile.
            self._give_up(NO_MEMORY)
        elif not isinstance(cause, NotStored):
            super()._handle_exception(error)
        elif cause.passes and isinstance(error, WorkerFailed):
            self._say(str(cause))
        else:
            # Whoever handles messages and raises handles no more of them.
            self._give_up(str(cause))

    def _broke(self, error: Exception) -> None:
        """What runs beside the messages raised `error`: it is said, where the next try may do."""
        if isinstance(error, NotStored) and error.passes and not self.parting:
            self._say(str(error))
        else:
            self._handle_exception(error)

    def _give_up(self, why: str) -> None:
        if not self.parting:
            self.parting = why
            self._leaving = asyncio.get_running_loop().create_task(self._leave(NO_STORE))
            self._leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Task[None]) -> None:
        """End at once where leaving in order broke as well."""
        if not leaving.cancelled() and leaving.exception() is not None:
            self._return_code = NO_STORE
            self._close_messages_no_wait()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        room = default_namespace if isinstance(default_namespace, Room) else None
        try:
            with room.waited_for() if room is not None else nullcontext():
                done = await super().run_action(action, default_namespace, namespaces)
        except NotStored as refused:
            trouble = self.engine.trouble()
            self._say(str(refused) if trouble is None else not_done(trouble))
            return True
        if not done and room is not None and isinstance(action, str):
            # It was not off when its key was let in: keys before it had not moved the cursor yet.
            room.say_off(action)
        return done
