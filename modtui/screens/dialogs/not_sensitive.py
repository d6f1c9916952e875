"""Why a thread that was taken for sensitive is not, in words: what closes its help route."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.asking import NOT_SENSITIVE
from modtui.domain.commands import MarkSensitive, NotSensitive
from modtui.screens.dialogs.outcome import OutcomeLine
from modtui.screens.dialogs.panel import ThreadPanel
from modtui.widgets.thread_rows import route_words


class NotSensitiveDialog(ThreadPanel):
    """Returns a NotSensitive with its reason; a thread that is not in the NOW lane yet may be put
    there in its place, by Enter alone."""

    @property
    def inside(self) -> bool:
        """Whether the thread is in the NOW lane."""
        return self.detail.row.now_at is not None

    def hints(self) -> str:
        lane = "" if self.inside else "   Enter alone puts it into the NOW lane"
        return f"1-{len(NOT_SENSITIVE)} or your own words close the help route{lane}   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]$title[/b] · not sensitive? Say why", title=self.detail.row.title
        )

    def panel(self) -> ComposeResult:
        offered = "   ".join(f"{n} {words}" for n, words in enumerate(NOT_SENSITIVE, 1))
        yield Static(Content(offered))
        if words := route_words(self.detail):
            yield Static(Content(words))
        line = OutcomeLine(NOT_SENSITIVE)
        line.value = self.words
        line.placeholder = "why it is not sensitive, in your words"
        yield line

    def on_mount(self) -> None:
        self.query_one(OutcomeLine).focus()

    @on(Input.Changed)
    def goes_on(self) -> None:
        """Words came: what was said about their absence is over."""
        self.query_one("#says", Static).display = False

    @on(Input.Submitted)
    def answer(self, event: Input.Submitted) -> None:
        why = event.value.strip()
        if why:
            over = NotSensitive(thread=self.thread, revision=self.revision, why=why)
            self.dismiss((over,))
        elif self.inside:
            self.say("It leaves the NOW lane only with words: a digit, or a few of your own.")
        else:
            self.dismiss((MarkSensitive(thread=self.thread, revision=self.revision),))
