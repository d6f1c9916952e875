"""What stands behind a post: its address, its media, and its raw text, to read and to keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath
from typing import ClassVar

from modtui.domain.decide import Case
from modtui.domain.evidence import raw_base64, spelled
from modtui.domain.text import clean, show_hosts
from modtui.keymap import Action, bindings, key_text
from modtui.screens.sheets import Sheet
from modtui.widgets.cells import Row, one_line, wrap
from modtui.widgets.host import host

COPY_LINK = Action("link.copy-link", "c", "copy_link", "copy the link (OSC 52)")
COPY_TEXT = Action("link.copy-text", "t", "copy_text", "copy the post's text (OSC 52)")
SAVE = Action("link.save", "s", "save", "write the raw text to a file, in base64")


class LinkSheet(Sheet):
    """The addresses and the raw text of the post under the cursor. Its keys alone copy to the
    moderator's clipboard, and `s` writes the raw text down.

    `copy` copies a text and returns in words what it did."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (COPY_LINK, COPY_TEXT, SAVE, *Sheet.ACTIONS)
    BINDINGS = bindings((COPY_LINK, COPY_TEXT, SAVE))

    def __init__(self, case: Case, copy: Callable[[str], str]) -> None:
        super().__init__("link and raw text", partial(link_rows, case))
        self.case = case
        self._copy = copy

    def hints(self) -> str:
        named = host(self).keymap.all((COPY_LINK, COPY_TEXT, SAVE))
        link, text, save = (key_text(action.names[0]) for action in named)
        keys = f"{link} copy the link   {text} copy the text   {save} raw text to a file"
        return f"{keys}   {super().hints()}"

    def action_copy_link(self) -> None:
        self._copied("the link", clean(self.case.detail.record.thread.url or "").text)

    def action_copy_text(self) -> None:
        self._copied("the text", str(self.case.post.text) if self.case.post else "")

    def _copied(self, what: str, text: str) -> None:
        self.tell(f"{what}: {self._copy(text) if text else 'there is none'}")

    def action_save(self) -> None:
        """Write the raw text to a file that its owner alone reads, and say where it is."""
        keep = host(self).evidence
        if self.case.post is None:
            self.tell("there is no post here")
        elif keep is None:
            self.tell("nothing is kept here: this is no queue of yours")
        else:
            try:
                where = keep(f"thread-{self.case.detail.row.id}", document(self.case))
            except OSError as error:
                self.tell(_not_written(error))
            else:
                self.tell(f"written: {where}")

    def tell(self, what: str) -> None:
        """Say `what` above the rows."""

        def made(width: int) -> Iterator[Row]:
            for line in wrap(clean(what).text, width - 1):
                yield ((f" {line}", "strong"),)
            yield (("", "text"),)
            yield from link_rows(self.case, width)

        self.show(made)
        self.action_scroll(-self.sheet.scroll_offset.y)


def _not_written(error: OSError) -> str:
    """Return what is said of a file that could not be written: why, where, and what is left."""
    where = f" ({PurePath(error.filename).parent})" if error.filename else ""
    why = f"not written: {error.strerror or error}{where}"
    return f"{why}; the raw text stays in the queue, the same key tries again"


def document(case: Case) -> bytes:
    """Return the post under the cursor as evidence, also of what is folded: a JSON document in
    ASCII."""
    detail = case.detail
    assert case.post is not None
    post = detail.folding.whole(case.post)
    said = {
        "thread": detail.row.id,
        "account": detail.row.account,
        "url": detail.record.thread.url,
        "post": post.remote_id,
        "author": post.author.remote_id,
        "written_at": post.created_at.isoformat(),
        "saved_at": case.now.isoformat(),
        "hidden_characters": post.hidden,
        "raw_base64": raw_base64(post.raw),
    }
    return f"{json.dumps(said, indent=1)}\n".encode("ascii")


def link_rows(case: Case, width: int) -> tuple[Row, ...]:
    """Return the thread's address, the media of the post, and its raw text made visible, in
    `width` cells."""
    detail, post = case.detail, case.post
    address = clean(detail.record.thread.url or "this platform gives no address").text
    lines = wrap(one_line(show_hosts(address)), width - 1)
    rows: list[Row] = [*(((f" {line}", "strong"),) for line in lines), (("", "text"),)]
    if post is not None:
        rows += [((f" media {one_line(show_hosts(m))}", "text"),) for m in post.media]
        rows.append(((f" post {one_line(clean(post.remote_id).text)}, raw:", "muted"),))
        rows += _raw_rows(post.raw, width)
    return tuple(rows)


def _raw_rows(raw: str, width: int) -> list[Row]:
    told = spelled(raw)
    rows: list[Row] = [((f"   {line}", "text"),) for line in wrap(told.text, width - 3)]
    if told.left:
        rows.append(((f" … {told.left} more characters: the file has them all", "muted"),))
    if told.names:
        names = "; ".join(
            f"{name}{f' ×{count}' if count > 1 else ''}" for name, count in told.names
        )
        rows.append((("", "text"),))
        rows += [((f" {line}", "hidden"),) for line in wrap(f"hidden: {names}", width - 1)]
    return rows
