"""An author's record: what they wrote here, and what the team knows of them beyond this thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from modtui.domain.decide import Case
from modtui.domain.model import Author
from modtui.domain.people import AuthorRecord
from modtui.engine import Engine, Refused
from modtui.keymap import Action, bindings, key_text
from modtui.screens.dialogs.panel import Panel
from modtui.screens.sheets import Sheet
from modtui.widgets.author_rows import known_rows, written_rows
from modtui.widgets.cells import Row
from modtui.widgets.host import Moment, host, work

NOTE = Action("author.note", "m", "note", "note for the team about this author", "asks")


class AuthorSheet(Sheet):
    """The record of the author of the post under the cursor; `m` adds a note about them."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (NOTE, *Sheet.ACTIONS)
    BINDINGS = bindings((NOTE,))

    def __init__(self, engine: Engine, case: Case) -> None:
        super().__init__("the author's record", self._lines)
        self.engine = engine
        self.case = case
        self.record: AuthorRecord | None = None
        self.known = False

    @property
    def author(self) -> Author:
        """Whose record it is."""
        post = self.case.post
        return post.author if post is not None else self.case.detail.record.thread.author

    def hints(self) -> str:
        note = key_text(host(self).keymap.one(NOTE).names[0])
        off = " is off: read-only session" if self.engine.lead.read_only else ""
        return f"{note} note about the author{off}   {super().hints()}"

    def on_mount(self) -> None:
        work(self, self._read, "record")

    async def _read(self) -> None:
        thread = self.case.detail.row.id
        self.record = await self.engine.people.record(thread, self.author.remote_id)
        self.known = True
        self.show(self._lines)

    def _lines(self, width: int) -> Iterator[Row]:
        moment = Moment(self.engine.now(), self.engine.desk.moderator.timezone, width)
        if self.known:
            yield from known_rows(self.record, self.case.detail.row.id, moment)
        yield from written_rows(self.case.detail, self.author, moment)

    def action_note(self) -> None:
        if self.engine.lead.read_only:
            return

        def kept(text: str | None) -> None:
            if text is not None:
                work(self, self._read, "record")

        thread = self.case.detail.row.id
        self.app.push_screen(AuthorNoteDialog(self.engine, thread, self.author), kept)


class AuthorNoteDialog(Panel[str | None]):
    """Asks for a note about an author and keeps it; returns its text."""

    def __init__(self, engine: Engine, thread: int, author: Author) -> None:
        super().__init__()
        self.engine = engine
        self.thread = thread
        self.author = author

    def hints(self) -> str:
        return "Enter keeps the note   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Note for the team about [b]$name[/b] · nobody outside sees it", name=self.author.name
        )

    def subject(self) -> str:
        return f"{self.thread} {self.author.remote_id}"

    def panel(self) -> ComposeResult:
        yield Input(placeholder="what the next one should know of them", id="note")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    async def keep(self, event: Input.Submitted) -> None:
        try:
            await self.engine.people.note(self.thread, self.author.remote_id, event.value)
        except Refused as refused:
            self.say(str(refused))
        else:
            self.dismiss(event.value)
