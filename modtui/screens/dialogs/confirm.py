"""One question. What is for good takes `y`; the rest takes Enter."""

from __future__ import annotations

from textual.binding import Binding
from textual.content import Content

from modtui.screens.dialogs.panel import Panel


class ConfirmDialog(Panel[bool]):
    """Returns True when confirmed, False or None when not."""

    BINDINGS = [
        Binding("y", "answer(True)", "yes, for good", id="confirm.yes", show=False),
        Binding("enter", "enter", "yes", id="confirm.enter", show=False),
        Binding("n", "answer(False)", "no", id="confirm.no", show=False),
    ]

    def __init__(self, question: str, *, for_good: bool = False) -> None:
        super().__init__()
        self.question = question
        self.for_good = for_good

    def heading(self) -> Content:
        return Content(self.question)

    def hints(self) -> str:
        return f"{'y yes, for good' if self.for_good else 'Enter yes'}     n or Esc no"

    def action_answer(self, yes: bool) -> None:
        if self.for_good or not yes:
            self.dismiss(yes)

    def action_enter(self) -> None:
        if self.for_good:
            self.say("This is for good: y does it, Enter does not.")
        else:
            self.dismiss(True)

    async def action_leave(self) -> None:
        self.dismiss(False)
