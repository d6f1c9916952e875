"""Why a thread that was taken for sensitive is not, in words: what closes its help route."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from modtui.domain.asking import NOT_SENSITIVE
from modtui.domain.commands import MarkSensitive, NotSensitive
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.outcome import WordsDialog
from modtui.widgets.thread_head import route_words


class NotSensitiveDialog(WordsDialog):
    """Returns a NotSensitive with its reason; a thread that is not in the NOW lane yet may be put
    there in its place, by Enter alone."""

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__(engine, detail, NOT_SENSITIVE, "why it is not sensitive, in your words")

    @property
    def inside(self) -> bool:
        """Whether the thread is in the NOW lane."""
        return self.detail.row.now_at is not None

    def hints(self) -> str:
        lane = "" if self.inside else "   Enter alone puts it into the NOW lane"
        return f"1-{len(self.presets)} or your own words close the help route{lane}   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "[b]$title[/b] · not sensitive? Say why", title=self.detail.row.title
        )

    def remarks(self) -> Iterator[str]:
        if words := route_words(self.detail):
            yield words

    def answer(self, words: str) -> None:
        if words:
            over = NotSensitive(thread=self.thread, revision=self.revision, why=words)
            self.dismiss((over,))
        elif self.inside:
            self.say("It leaves the NOW lane only with words: a digit, or a few of your own.")
        else:
            self.dismiss((MarkSensitive(thread=self.thread, revision=self.revision),))
