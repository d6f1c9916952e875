"""The app of the first run: a guide, before there is a queue to open."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from textual import events

from modtui.domain.guide import Guide
from modtui.layouts import key_table
from modtui.screens.guide import GuideScreen
from modtui.terminal.app import TerminalApp
from modtui.widgets.any_layout import latin_key


class FirstRun(TerminalApp[bool]):
    """Walks a guide. It returns True at the guide's end, False where its first question was left,
    None where modtui was left. `clock` is monotonic seconds."""

    def __init__(
        self,
        guide: Guide,
        keyboards: Sequence[str] = (),
        *,
        crash_folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(crash_folder=crash_folder)
        self._guide = guide
        self._clock = clock
        self._latin = key_table(keyboards)

    def on_mount(self) -> None:
        self.push_screen(GuideScreen(self._guide, self._clock), self._over)

    def _over(self, walked: bool | None) -> None:
        self.exit(bool(walked))

    def action_help_quit(self) -> None:
        """Ctrl+C never quits: it says what does."""
        if isinstance(self.screen, GuideScreen):
            self.screen.say("Ctrl+Q leaves modtui")

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            event = latin_key(event, self.screen, self._latin)
        await super().on_event(event)
