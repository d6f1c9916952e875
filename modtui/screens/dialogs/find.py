"""Find a reply in the library: type words, Enter takes the one under the cursor."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.gate import admitted
from modtui.domain.replies import Entry, Slot
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.panel import Panel, first_words
from modtui.widgets.id_list import IdList, Line


class FindReplyDialog(Panel[Slot | None]):
    """Returns the picked entry as a Slot with digit 0, or None."""

    DEFAULT_CSS = """
    FindReplyDialog IdList { height: 9; }
    """
    BINDINGS = [
        Binding("down", "move(1)", "next", id="find.next", show=False, priority=True),
        Binding("up", "move(-1)", "previous", id="find.previous", show=False, priority=True),
    ]

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__()
        self.engine = engine
        self.detail = detail
        self.entries: dict[str, Entry] = {}

    def hints(self) -> str:
        return "type to search   ↑↓ choose   Enter preview   Esc leave"

    def heading(self) -> Content:
        return Content("Find a reply in the library")

    def panel(self) -> ComposeResult:
        yield Input(placeholder="words of its title, text or tags", id="words")
        yield IdList(id="found")
        yield Static(id="preview")

    def on_mount(self) -> None:
        self.query_one("#found", IdList).can_focus = False
        self.query_one("#words", Input).focus()
        self.search("")

    @on(Input.Changed, "#words")
    def changed(self, event: Input.Changed) -> None:
        self.search(event.value)

    def search(self, words: str) -> None:
        row = self.detail.row
        found = admitted(row.help_route, self.engine.find_replies(words, row.language))
        self.entries = {entry.id: entry for entry in found}
        wanted = (self.detail.row.language or "en",)
        self.query_one("#found", IdList).lines = tuple(
            Line(entry.id, f" {entry.variant(wanted).title}  ({', '.join(entry.variants)})")
            for entry in found
        )
        problems = self.engine.library_problems()
        if problems:
            self.say(problems[0])

    @on(IdList.Selected, "#found")
    def selected(self, event: IdList.Selected) -> None:
        entry = self.entries.get(event.id or "")
        text = (
            first_words(entry.variant((self.detail.row.language or "en",)).body, 150)
            if entry
            else "nothing fits"
        )
        self.query_one("#preview", Static).update(Content(text))

    def action_move(self, by: int) -> None:
        self.query_one("#found", IdList).action_move(by)

    @on(Input.Submitted, "#words")
    def pick(self) -> None:
        entry = self.entries.get(self.query_one("#found", IdList).selected or "")
        if entry is not None:
            variant = entry.variant((self.detail.row.language or "en",))
            self.dismiss(Slot(0, entry, variant))
