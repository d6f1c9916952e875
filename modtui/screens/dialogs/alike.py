"""Which likeness: of the text, the author, the reason or the question."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from modtui.domain.alike import Alike
from modtui.keymap import Action, bindings
from modtui.screens.dialogs.panel import Panel

_SAID = {
    Alike.TEXT: "t text: the same but for case, spacing, digits and links",
    Alike.AUTHOR: "a author: of the same person on the same platform",
    Alike.REASON: "r reason: flagged for the same in the first place",
    Alike.QUESTION: "q question: the same quick reply answers it best",
}


class AlikeDialog(Panel[Alike | None]):
    """Returns what is to be compared. In `posts` there is no question to compare."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action("alike.text", "t", "pick('text')", "mark alike: the same text"),
        Action("alike.author", "a", "pick('author')", "mark alike: the same author"),
        Action("alike.reason", "r", "pick('reason')", "mark alike: the same reason"),
        Action("alike.question", "q", "pick('question')", "mark alike: the same question"),
    )
    BINDINGS = bindings(ACTIONS)

    def __init__(self, *, posts: bool) -> None:
        super().__init__()
        self.offered = tuple(how for how in Alike if not (posts and how is Alike.QUESTION))
        self.posts = posts

    def heading(self) -> Content:
        what = "posts of this thread" if self.posts else "threads in this view"
        return Content(f"Mark the {what} that are like this one by")

    def panel(self) -> ComposeResult:
        for how in self.offered:
            yield Static(Content(f"  {_SAID[how]}"))

    def hints(self) -> str:
        return f"{' '.join(how.value[0] for how in self.offered)} choose   Esc leave"

    def action_pick(self, name: str) -> None:
        how = Alike(name)
        if how in self.offered:
            self.dismiss(how)
        else:
            self.say("A question belongs to a thread: mark alike in the list.")
