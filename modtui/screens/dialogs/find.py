"""Find a reply in the library: type words, Enter takes the one under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from modtui.domain.gate import admitted, asks_twice
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.screens.dialogs.panel import Panel, first_words
from modtui.widgets.host import work
from modtui.widgets.id_list import IdList, Line
from modtui.widgets.slot_rows import READING

NOTHING = "nothing fits"


class FindReplyDialog(Panel[Slot | None]):
    """Returns the picked entry as a Slot with digit 0, or None. `inserts`: that puts it into a
    text. Titles and texts are in a language that the moderator reads, where there is one."""

    KEEPS: ClassVar[bool] = False
    DEFAULT_CSS = """
    FindReplyDialog IdList { height: 9; }
    """
    BINDINGS = [
        Binding("down", "move(1)", "next", id="find.next", show=False, priority=True),
        Binding("up", "move(-1)", "previous", id="find.previous", show=False, priority=True),
    ]

    def __init__(self, engine: Engine, detail: ThreadDetail, *, inserts: bool = False) -> None:
        super().__init__()
        self.inserts = inserts
        self.engine = engine
        self.detail = detail
        self.entries: dict[str, Entry] = {}

    def hints(self) -> str:
        takes = "Enter inserts it" if self.inserts else "Enter preview"
        return f"type to search   ↑↓ choose   {takes}   Esc leave"

    def heading(self) -> Content:
        return Content("Find a reply in the library")

    def panel(self) -> ComposeResult:
        yield Input(placeholder="words of its title, text, tags or keywords", id="words")
        yield IdList(id="found")
        yield Static(id="preview")

    def on_mount(self) -> None:
        self.query_one("#found", IdList).can_focus = False
        self.query_one("#words", Input).focus()
        self.search("")
        if self.engine.shelf.reading:
            work(self, self._read, "library")

    async def _read(self) -> None:
        """Search once more when the library was read."""
        await self.engine.shelf.read()
        self.search(self.query_one("#words", Input).value)

    @on(Input.Changed, "#words")
    def changed(self, event: Input.Changed) -> None:
        self.search(event.value)

    def search(self, words: str) -> None:
        row = self.detail.row
        if self.engine.shelf.reading:
            self._tell(READING)
            return
        found = admitted(row.help_route, self.engine.find_replies(words, row.language))
        self.entries = {entry.id: entry for entry in found}
        reads = self.engine.desk.moderator.languages
        self.query_one("#found", IdList).lines = tuple(
            Line(entry.id, f" {entry.title(self.variant(entry), reads)}  ({_languages(entry)})")
            for entry in found
        )
        problems = self.engine.library_problems()
        if problems:
            self.say(problems[0])
        if not found:
            self._tell(NOTHING)

    @on(IdList.Selected, "#found")
    def selected(self, event: IdList.Selected) -> None:
        entry = self.entries.get(event.id or "")
        none = READING if self.engine.shelf.reading else NOTHING
        self._tell(self.first_words(entry) if entry is not None else none)

    def _tell(self, words: str) -> None:
        self.query_one("#preview", Static).update(Content(words))

    def variant(self, entry: Entry) -> Variant:
        """The variant that is taken: in the language of the thread, where there is one."""
        return entry.variant((self.detail.row.language or "en",))

    def first_words(self, entry: Entry) -> str:
        """How the text begins, in a language that the moderator reads where there is one."""
        desk, taken = self.engine.desk, self.variant(entry)
        known = (each for each in desk.moderator.languages if each in entry.variants)
        read = None if desk.reads(taken.language) else next(known, None)
        if read is None:
            return first_words(taken.body, 150)
        return f"{taken.language}, in {read}: {first_words(entry.variants[read].body, 138)}"

    def action_move(self, by: int) -> None:
        self.query_one("#found", IdList).action_move(by)

    @on(Input.Submitted, "#words")
    def pick(self) -> None:
        entry = self.entries.get(self.query_one("#found", IdList).selected or "")
        if entry is not None:
            every = self.engine.find_replies("", None)
            weak = asks_twice(self.detail.row.help_route, entry, every)
            self.dismiss(Slot(0, entry, self.variant(entry), weak))


def _languages(entry: Entry) -> str:
    return ", ".join(entry.variants)
