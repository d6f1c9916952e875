"""What every panel over a screen is: it is closed once, by itself."""

from __future__ import annotations

from typing import TypeVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from modtui.widgets.small import as_large_as, cover

T = TypeVar("T")


class Modal(ModalScreen[T]):
    """A modal screen whose second `dismiss` does nothing.

    Textual 8.2.8 pops whatever screen is uppermost: of two quick Enters the second one closes
    the screen below, or stops the app where there is none.
    """

    async def on_event(self, event: events.Event) -> None:
        await super().on_event(as_large_as(event, self.app.size))

    @on(events.Mount)
    def covered(self) -> None:
        """Show nothing where the window is too small for it."""
        cover(self, self.app.size)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete()
