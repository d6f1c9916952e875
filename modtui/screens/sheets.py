"""Sheets to read: small panels over the screen that stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from modtui.domain.text import clean, show_hosts
from modtui.keymap import Action, bindings, key_text
from modtui.screens.decide import Case
from modtui.screens.modal import Modal
from modtui.widgets.cells import Row, clock, fit, one_line, wrap
from modtui.widgets.host import host
from modtui.widgets.lines import Moment
from modtui.widgets.paint import Rows
from modtui.widgets.thread_rows import flag_words, flags_of

LEAVE = Action("sheet.leave", "q,escape,enter", "leave", "close")
DOWN = Action("sheet.down", "j,down", "scroll(1)", "down")
UP = Action("sheet.up", "k,up", "scroll(-1)", "up")
PAGE = Action("sheet.page", "space,ctrl+d,pagedown", "scroll(10)", "page down")
PAGE_UP = Action("sheet.page-up", "ctrl+u,pageup", "scroll(-10)", "page up")


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
        leave, down, up = (key_text(a.names[0]) for a in host(self).keymap.all((LEAVE, DOWN, UP)))
        yield Static(f" {down} {up} move   {leave} close", id="hints", markup=False)

    def on_mount(self) -> None:
        self.sheet.show(self._rows)
        self.call_after_refresh(self.sheet.show, self._rows)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.sheet.scroll_to(y=self.sheet.scroll_offset.y + lines, animate=False, force=True)


def help_rows(
    actions: Iterable[Action], off: Mapping[str, str], width: int = 72
) -> tuple[Row, ...]:
    """Return each action in `width` cells: keys, what it does, if it asks, and why it is off."""
    rows: list[Row] = []
    for action in actions:
        why = off.get(action.id, "")
        how = f" ({action.how})" if action.how else ""
        first, *more = wrap(action.does + how, width - 16)
        style = "off" if why else "text"
        rows.append(((f" {fit(action.shown, 14)} ", "strong"), (first, style)))
        rows += [((f"{'':16}{line}", style),) for line in more]
        if why:
            rows += [((f"{'':16}{line}", "soon"),) for line in wrap(f"off: {why}", width - 16)]
    return tuple(rows)


def author_rows(case: Case, moment: Moment) -> tuple[Row, ...]:
    """Return what this thread tells of the author of the post under the cursor."""
    detail = case.detail
    author = case.post.author if case.post else detail.record.thread.author
    posts = [p for p in detail.posts if p.author.remote_id == author.remote_id]
    rows: list[Row] = [
        ((f" {one_line(author.name)}", "strong"), (f"   {one_line(author.remote_id)}", "muted")),
        ((f" {one_line(author.standing) or 'no standing known'}", "text"),),
        ((f" {'1 post' if len(posts) == 1 else f'{len(posts)} posts'} in this thread", "text"),),
        (("", "text"),),
    ]
    for post in posts:
        flags = flag_words(flags_of(detail, post))
        at = clock(post.created_at, moment.zone, moment.now)
        rows.append(((f" {at}  ", "muted"), (flags, "soon")))
        lines = wrap(show_hosts(post.text), moment.width - 8)[:4]
        rows += [((f"   {line}", "text"),) for line in lines]
    return tuple(rows)


def link_rows(case: Case) -> tuple[Row, ...]:
    """Return the thread's address, the media of the post, and its raw text made visible."""
    detail, post = case.detail, case.post
    address = clean(detail.record.thread.url or "this platform gives no address").text
    rows: list[Row] = [((f" {one_line(show_hosts(address))}", "strong"),), (("", "text"),)]
    if post is not None:
        rows += [((f" media {one_line(m)}", "text"),) for m in post.media]
        rows.append(((f" post {one_line(post.remote_id)}, raw:", "muted"),))
        rows += [((f"   {line}", "text"),) for line in wrap(ascii_visible(post.raw), 70)]
    return tuple(rows)


def ascii_visible(raw: str) -> str:
    """Return `raw` with every character that cannot be seen written out, as `\\u202e`."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in raw
    )
