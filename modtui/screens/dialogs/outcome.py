"""How a thread of the NOW lane ended, in words: the only way out of it."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import outcomes
from modtui.domain.commands import Resolve
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.panel import ThreadPanel
from modtui.widgets.hints import packed


class WordsLine(Input):
    """A line that a digit fills while it is empty; afterwards digits are text."""

    def __init__(self, presets: tuple[str, ...], words: str, placeholder: str) -> None:
        super().__init__(words, placeholder=placeholder, id="outcome")
        self.presets = presets

    def on_key(self, event: events.Key) -> None:
        if self.value or not event.key.isdecimal() or not 0 < int(event.key) <= len(self.presets):
            return
        event.prevent_default()
        self.value = self.presets[int(event.key) - 1]
        self.action_end()


class WordsDialog(ThreadPanel):
    """A dialog that is answered in words: `presets` by their digit, or one's own. `asks` is what
    the empty line says."""

    def __init__(
        self, engine: Engine, detail: ThreadDetail, presets: tuple[str, ...], asks: str
    ) -> None:
        super().__init__(engine, detail)
        self.presets = presets
        self.asks = asks

    def remarks(self) -> Iterator[str]:
        """Yield what stands between the presets and the line."""
        yield from ()

    def answer(self, words: str) -> None:
        """Take what was entered, which may be ""."""
        raise NotImplementedError

    def panel(self) -> ComposeResult:
        each = [f"{n} {words}" for n, words in enumerate(self.presets, 1)]
        yield Static(Content(packed(each, self.app.size.width - 2)))
        for remark in self.remarks():
            yield Static(Content(remark))
        yield WordsLine(self.presets, self.words, self.asks)

    def on_mount(self) -> None:
        self.query_one(WordsLine).focus()

    @on(Input.Changed)
    def goes_on(self) -> None:
        """Words came: what was said about their absence is over."""
        self.query_one("#says", Static).display = False

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        self.answer(event.value.strip())


class OutcomeDialog(WordsDialog):
    """Returns a Resolve with its outcome. `open_ends` is what is still open, in words."""

    def __init__(self, engine: Engine, detail: ThreadDetail, open_ends: str) -> None:
        presets = outcomes(engine.desk.teams, detail)
        super().__init__(engine, detail, presets, "how it ended, in your words")
        self.open_ends = open_ends

    def hints(self) -> str:
        return f"1-{len(self.presets)} or your own words   Enter closes the thread   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Close [b]$title[/b] · NOW lane · how did it end?", title=self.detail.row.title
        )

    def remarks(self) -> Iterator[str]:
        if self.open_ends:
            yield f"{self.open_ends}."

    def answer(self, words: str) -> None:
        if words:
            resolve = Resolve(thread=self.thread, revision=self.revision, outcome=words)
            self.dismiss((resolve,))
        else:
            self.say("The NOW lane asks for an outcome: a digit, or a few words of your own.")
