"""Sheets to read: small panels over the screen that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeAlias

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size

from modtui.keymap import Action, bindings, key_text
from modtui.screens.modal import Modal
from modtui.screens.room import size_classes
from modtui.widgets.cells import Row
from modtui.widgets.hints import HintLine
from modtui.widgets.host import host
from modtui.widgets.paint import Rows

LEAVE = Action("sheet.leave", "q,escape,enter", "leave", "close")
DOWN = Action("sheet.down", "j,down", "scroll(1)", "down")
UP = Action("sheet.up", "k,up", "scroll(-1)", "up")
PAGE = Action("sheet.page", "space,ctrl+d,pagedown", "scroll(10)", "page down")
PAGE_UP = Action("sheet.page-up", "ctrl+u,pageup", "scroll(-10)", "page up")


Made: TypeAlias = Callable[[int], Iterable[Row]]
"""Makes the rows of a sheet for so many cells."""


def inside(width: int) -> int:
    """Return the cells that a sheet has for its rows on a screen of `width`."""
    return max(width * 9 // 10 - 3, 30)


class Sheet(Modal[None]):
    """Rows of text over the screen, made anew for a window of another width; any leaving key
    closes it."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (LEAVE, DOWN, UP, PAGE, PAGE_UP)
    BINDINGS = bindings(ACTIONS)

    def __init__(self, title: str, made: Made) -> None:
        super().__init__()
        self.heading = title
        self.sheet = Rows(id="sheet")
        self._made = made
        self._rows: tuple[Row, ...] = ()
        self._laid_out: Size | None = None

    def compose(self) -> ComposeResult:
        self.add_class(*size_classes(self.app.size, self.app))
        self.sheet.border_title = Content(self.heading).markup
        self._make()
        yield self.sheet
        yield HintLine(self.hints())

    def on_screen_resume(self) -> None:
        self._laid_out = self._laid_out or self.app.size

    async def _on_resize(self, event: events.Resize) -> None:
        # The layout that shows a sheet tells it how large it is, and Textual would lay out and
        # paint it a second time, with every screen below it.
        if event.size == self._laid_out == self.size:
            event.stop()
            event.prevent_default()
        before, self._laid_out = self._laid_out, event.size
        if before is not None and before.width != event.size.width:
            self.show(self._made)

    def hints(self) -> str:
        """Return what the last line says."""
        leave, down, up = (key_text(a.names[0]) for a in host(self).keymap.all((LEAVE, DOWN, UP)))
        return f"{down} {up} move   {leave} close"

    def on_mount(self) -> None:
        self._paint()

    def show(self, made: Made) -> None:
        """Show the rows that `made` makes from now on."""
        self._made = made
        self._make()
        self._paint()

    def _make(self) -> None:
        self._rows = tuple(self._made(inside(self.app.size.width)))

    def _paint(self) -> None:
        self.sheet.show(self._rows)
        self.call_after_refresh(self.sheet.show, self._rows)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.sheet.scroll_to(y=self.sheet.scroll_offset.y + lines, animate=False, force=True)
