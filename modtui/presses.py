"""An app whose keys are looked at before a screen has them: blind ones, pastes, chords, layouts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from textual import events
from textual.message import Message

from modtui.keymap import DECLARED, Action, Keymap, by_key
from modtui.layouts import elsewhere, key_table
from modtui.screens.room import Room
from modtui.steady import SteadyApp
from modtui.widgets.any_layout import is_for_box, latin_key
from modtui.widgets.guard import Arrivals, BlindGuard, Cadence, Press
from modtui.widgets.host import Waits
from modtui.widgets.lines import KeyLine
from modtui.widgets.paint import Painted
from modtui.widgets.small import is_small

ANYWHERE = ("escape", "ctrl+q", "ctrl+l", "ctrl+z")
ANSWERS = ("enter", "ctrl+s")

OVER_DIALOGS = (
    Action("app.repaint", "ctrl+l", "repaint", "repaint everything"),
    Action("app.suspend", "ctrl+z", "to_shell", "to the shell; fg comes back"),
    Action("app.quit", "ctrl+q", "leave", "leave modtui"),
)


def _is_typed(key: events.Key) -> bool:
    """Whether a key is part of a paste when it comes in a burst."""
    return key.is_printable or key.key == "ctrl+q"


@runtime_checkable
class ByBindings(Protocol):
    """A widget that takes keys by its bindings alone."""

    by_bindings: bool


class PressedApp(SteadyApp):
    """An app with `keyboards`, the layouts that its moderator types with. `clock` is monotonic
    seconds."""

    ACTIONS: ClassVar[tuple[Action, ...]]

    def __init__(
        self,
        keyboards: Collection[str],
        *,
        crash_folder: Path | None,
        clock: Callable[[], float],
        waits: Waits,
    ) -> None:
        super().__init__(crash_folder=crash_folder)
        self.guard = BlindGuard(clock)
        self.waits = waits
        self.cadence = Cadence(clock, waits.repeat)
        self.keymap = DECLARED
        self._everywhere = by_key(DECLARED.all(OVER_DIALOGS))
        self._arrivals = Arrivals()
        self._latin = key_table(keyboards)
        self._unclear = elsewhere(keyboards)
        self._touched = False
        self._chord = False

    def use_keys(self, keymap: Keymap) -> None:
        """Take the keys of `keymap`, which was checked: Textual drops a clashing one silently."""
        self.keymap = keymap
        self._everywhere = by_key(keymap.all(OVER_DIALOGS))
        self.set_keymap(keymap.moved)

    def give_way(self) -> None:
        """A key came: let what nobody waits for rest while it is answered. From any thread."""
        self.engine.give_way()

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Key):
            self.give_way()
            if _is_typed(message):
                self._arrivals.came(message.time)
        return super().post_message(message)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._touched = True
            self.engine.give_way()
            event = latin_key(event, self.screen, self._latin)
            if not await self._admit(event):
                return
            if self._is_for_rows(event):
                first = await self._check_bindings(event.key, priority=True)
                _ = first or await self._check_bindings(event.key)
                return
        await super().on_event(event)

    def _is_for_rows(self, event: events.Key) -> bool:
        """Whether nothing between the focus and the app takes the key but by a binding, which is
        looked for when it came all the way up: then it need not go there. Escape ends a selection
        on its way, and a terminal that had lost the focus is told of a key as well."""
        rows = self.focused is None or isinstance(self.focused, Painted | ByBindings)
        return rows and isinstance(self.screen, Room) and event.key != "escape" and self.app_focus

    async def _admit(self, event: events.Key) -> bool:
        """Whether a key goes on to the screen: not if it is blind, off, or part of a chord."""
        screen, focused = self.screen, self.focused
        room = screen if isinstance(screen, Room) else None
        in_text = focused is not None and is_for_box(focused, event)
        action = room.action_for(event.key) if room is not None and not in_text else None
        acting = action is not None and action.acts and not self._chord
        if self._hidden(event, acting=acting, in_text=in_text):
            return False
        if acting and self.waits.paste and not self._is_clear(event):
            await asyncio.sleep(self.waits.paste)
        # A key of Textual knows when it was read from the terminal.
        waited = max(time.monotonic() - event.time, 0.0)
        followed = self._arrivals.followers(event.time)
        dropped = self.guard.admit(
            Press(event.key, acting, _is_typed(event), in_text, followed, waited)
        )
        if dropped:
            self._chord = False
            if room is not None:
                room.pressed()
            self._say(dropped)
            return False
        if room is not None:
            room.pace.ask()
        if in_text or screen.is_modal:
            self._chord = False
            return in_text or not await self._anywhere(event.key)
        if room is not None:
            room.pressed()
        if await self._takes_chord(event.key):
            return False
        why = room.why_off(action) if room is not None and action is not None else ""
        why = why or self._why_unclear(event)
        if why:
            self.guard.missed()
            self._say(why)
        return not why and not await self._anywhere(event.key)

    def _is_clear(self, event: events.Key) -> bool:
        """Whether it is known without waiting if a key is part of a paste. Of very many keys that
        noise typed, each would be waited for, and whoever leaves waits behind them all."""
        at = event.time
        return self.guard.pastes(at) or self._arrivals.later(at + self.waits.paste)

    def _hidden(self, event: events.Key, *, acting: bool, in_text: bool) -> bool:
        """Whether a key would act on what a window too small does not show. Letters go into their
        box, and moving keys move."""
        if not is_small(self.size) or event.key in ANYWHERE:
            return False
        return acting or event.key in ANSWERS or (self.screen.is_modal and not in_text)

    async def _anywhere(self, key: str) -> bool:
        """Whether `key` means the same over a dialog, which may be opening just now; it is done,
        unless what is shown has another use for it."""
        action = self._everywhere.get(key)
        if action is None:
            return False
        used = self.screen.active_bindings.get(key)
        if used is not None and used.node is not self:
            return False
        await self.run_action(action.run, self)
        return True

    def _why_unclear(self, event: events.Key) -> str:
        """Why a character that several layouts type with different keys does nothing, or ""."""
        meant = self._unclear.get(event.character or "")
        if meant is None or event.key in self.screen.active_bindings:
            return ""
        find, search = self.keymap.key("queue.find", "0"), self.keymap.key("queue.search", "Ctrl+F")
        return f"{event.character} may be {meant}: {find} finds a reply, {search} searches"

    async def _takes_chord(self, key: str) -> bool:
        """Whether `key` begins or ends a chord; what it means is done."""
        if self._chord:
            self._chord = False
            await self._second(key)
            return True
        if key == "g":
            self._chord = True
            self._say(
                "g: q queue  s status  l library  d deliveries  a accounts  h hand over  g top"
            )
        return self._chord

    async def _second(self, key: str) -> None:
        if key == "g":
            await self.run_action("edge(0)", self.focused)
            return
        for action in self.ACTIONS:
            if action.chord == f"g {key}":
                await self.run_action(action.run, self)
                return
        if key != "escape":
            self._say("nothing is on that key after g")

    def _say(self, message: str) -> None:
        if isinstance(self.screen, Room) and self.screen.is_mounted:
            self.screen.say(message)
            return
        for screen in reversed(self.screen_stack):
            for line in screen.query(KeyLine):
                line.say(message)
                return
