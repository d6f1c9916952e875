"""How a thread of the NOW lane ended, in words: the only way out of it."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import outcomes
from modtui.domain.commands import Resolve
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.panel import ThreadPanel


class OutcomeLine(Input):
    """A line that a digit fills while it is empty; afterwards digits are text."""

    def __init__(self, presets: tuple[str, ...]) -> None:
        super().__init__(placeholder="how it ended, in your words", id="outcome")
        self.presets = presets

    def on_key(self, event: events.Key) -> None:
        if self.value or not event.key.isdecimal() or not 0 < int(event.key) <= len(self.presets):
            return
        event.prevent_default()
        self.value = self.presets[int(event.key) - 1]
        self.action_end()


class OutcomeDialog(ThreadPanel):
    """Returns a Resolve with its outcome. `open_ends` is what is still open, in words."""

    def __init__(self, engine: Engine, detail: ThreadDetail, open_ends: str) -> None:
        super().__init__(engine, detail)
        self.open_ends = open_ends
        self.presets = outcomes(engine.desk.teams, detail)

    def hints(self) -> str:
        return f"1-{len(self.presets)} or your own words   Enter closes the thread   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Close [b]$title[/b] · NOW lane · how did it end?", title=self.detail.row.title
        )

    def panel(self) -> ComposeResult:
        offered = "   ".join(f"{n} {words}" for n, words in enumerate(self.presets, 1))
        yield Static(Content(offered))
        if self.open_ends:
            yield Static(Content(f"{self.open_ends}."))
        line = OutcomeLine(self.presets)
        line.value = self.words
        yield line

    def on_mount(self) -> None:
        self.query_one(OutcomeLine).focus()

    @on(Input.Changed)
    def goes_on(self) -> None:
        """Words came: what was said about their absence is over."""
        self.query_one("#says", Static).display = False

    @on(Input.Submitted)
    def close_thread(self, event: Input.Submitted) -> None:
        if outcome := event.value.strip():
            resolve = Resolve(thread=self.thread, revision=self.revision, outcome=outcome)
            self.dismiss((resolve,))
        else:
            self.say("The NOW lane asks for an outcome: a digit, or a few words of your own.")
