"""The line to search with: it tells what is typed as it is typed."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from modtui.keymap import Action, bindings
from modtui.screens.modal import Modal

DEBOUNCE = 0.08


class SearchBox(Modal[str | None]):
    """One line to type into; returns what was typed, or None for Esc.

    `told` is called with the text as soon as no letter came for a moment.
    """

    BINDINGS = bindings((Action("search.leave", "escape", "leave", "leave"),))

    def __init__(self, told: Callable[[str], None]) -> None:
        super().__init__()
        self._told = told
        self._waiting: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="line"):
            yield Input(placeholder="search titles, authors, posts, ids · Enter keeps, Esc back")
            yield Static("", id="found")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def found(self, words: str) -> None:
        """Say how many matches there are."""
        self.query_one("#found", Static).update(Content(words))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(DEBOUNCE, self._tell)

    def _tell(self) -> None:
        self._told(self.query_one(Input).value.strip())

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        self.dismiss(None)
