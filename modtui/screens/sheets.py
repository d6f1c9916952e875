"""Sheets to read: small panels over the screen that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from modtui.domain.decide import Case
from modtui.domain.text import ascii_visible, clean, show_hosts
from modtui.keymap import Action, bindings, key_text
from modtui.screens.modal import Modal
from modtui.widgets.cells import Row, one_line, wrap
from modtui.widgets.host import host
from modtui.widgets.paint import Rows

LEAVE = Action("sheet.leave", "q,escape,enter", "leave", "close")
DOWN = Action("sheet.down", "j,down", "scroll(1)", "down")
UP = Action("sheet.up", "k,up", "scroll(-1)", "up")
PAGE = Action("sheet.page", "space,ctrl+d,pagedown", "scroll(10)", "page down")
COPY_LINK = Action("sheet.copy-link", "c", "copy_link", "copy the link (OSC 52)")
COPY_TEXT = Action("sheet.copy-text", "t", "copy_text", "copy the post's text (OSC 52)")
PAGE_UP = Action("sheet.page-up", "ctrl+u,pageup", "scroll(-10)", "page up")


def inside(width: int) -> int:
    """Return the cells that a sheet has for its rows on a screen of `width`."""
    return max(width * 9 // 10 - 3, 30)


class Sheet(Modal[None]):
    """Rows of text over the screen; any leaving key closes it."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (LEAVE, DOWN, UP, PAGE, PAGE_UP)
    BINDINGS = bindings(ACTIONS)

    def __init__(self, title: str, rows: Iterable[Row]) -> None:
        super().__init__()
        self.heading = title
        self.sheet = Rows(id="sheet")
        self._rows = tuple(rows)

    def compose(self) -> ComposeResult:
        self.sheet.border_title = self.heading
        yield self.sheet
        yield Static(f" {self.hints()}", id="hints", markup=False)

    def hints(self) -> str:
        """Return what the last line says."""
        leave, down, up = (key_text(a.names[0]) for a in host(self).keymap.all((LEAVE, DOWN, UP)))
        return f"{down} {up} move   {leave} close"

    def on_mount(self) -> None:
        self.show(self._rows)

    def show(self, rows: Iterable[Row]) -> None:
        """Show `rows` from now on."""
        self._rows = tuple(rows)
        self.sheet.show(self._rows)
        self.call_after_refresh(self.sheet.show, self._rows)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.sheet.scroll_to(y=self.sheet.scroll_offset.y + lines, animate=False, force=True)


class LinkSheet(Sheet):
    """The thread's address and the raw post; its keys alone copy to the moderator's clipboard.

    `copy` copies a text and returns in words what it did; None: there is no such clipboard."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*Sheet.ACTIONS, COPY_LINK, COPY_TEXT)
    BINDINGS = bindings((COPY_LINK, COPY_TEXT))

    def __init__(self, case: Case, width: int, copy: Callable[[str], str]) -> None:
        super().__init__("link and raw text", link_rows(case, width))
        self._case = case
        self._copy = copy

    def hints(self) -> str:
        named = host(self).keymap.all((COPY_LINK, COPY_TEXT))
        link, text = (key_text(action.names[0]) for action in named)
        return f"{link} copy the link   {text} copy the text   {super().hints()}"

    def action_copy_link(self) -> None:
        self._copied("the link", clean(self._case.detail.record.thread.url or "").text)

    def action_copy_text(self) -> None:
        post = self._case.post
        self._copied("the text", str(post.text) if post is not None else "")

    def _copied(self, what: str, text: str) -> None:
        words = self._copy(text) if text else "there is none"
        self.query_one("#hints", Static).update(Content(f" {what}: {words}"))


def link_rows(case: Case, width: int) -> tuple[Row, ...]:
    """Return the thread's address, the media of the post, and its raw text made visible, in
    `width` cells."""
    detail, post = case.detail, case.post
    address = clean(detail.record.thread.url or "this platform gives no address").text
    lines = wrap(one_line(show_hosts(address)), width - 1)
    rows: list[Row] = [*(((f" {line}", "strong"),) for line in lines), (("", "text"),)]
    if post is not None:
        rows += [((f" media {one_line(m)}", "text"),) for m in post.media]
        rows.append(((f" post {one_line(post.remote_id)}, raw:", "muted"),))
        rows += [((f"   {line}", "text"),) for line in wrap(ascii_visible(post.raw), width - 3)]
    return tuple(rows)
