"""A note for the team; it says who else sees it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from modtui.domain.asking import note_readers
from modtui.domain.commands import Note
from modtui.screens.dialogs.panel import ThreadPanel


class NoteDialog(ThreadPanel):
    """Returns a Note."""

    def hints(self) -> str:
        return "Enter keeps the note   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Note for the team on [b]$title[/b] · stops no clock, $readers",
            title=self.detail.row.title,
            readers=note_readers(self.detail),
        )

    def panel(self) -> ComposeResult:
        yield Input(self.words, placeholder="what the next one should know", id="note")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        if text := event.value.strip():
            self.dismiss((Note(thread=self.thread, revision=self.revision, text=text),))
        else:
            self.say("An empty note is not kept: write something, or leave with Esc.")
