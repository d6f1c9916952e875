"""What stands behind a post: its address, its media, and its raw text, to read and to keep."""

from __future__ import annotations

import json
from typing import ClassVar

from modtui.domain.evidence import raw_base64, spelled
from modtui.domain.text import clean, show_hosts
from modtui.keymap import Action, bindings, key_text
from modtui.screens.decide import Case
from modtui.screens.sheets import Sheet, inside
from modtui.widgets.cells import Row, one_line, wrap
from modtui.widgets.host import host

SAVE = Action("link.save", "s", "save", "write the raw text to a file, in base64")


class LinkSheet(Sheet):
    """The addresses and the raw text of the post under the cursor; `s` writes the text down."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (SAVE, *Sheet.ACTIONS)
    BINDINGS = bindings((SAVE,))

    def __init__(self, case: Case, width: int) -> None:
        super().__init__("link and raw text", link_rows(case, inside(width)))
        self.case = case

    def hints(self) -> str:
        save = key_text(host(self).keymap.one(SAVE).names[0])
        return f"{save} write the raw text to a file   {super().hints()}"

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
                self.tell(f"not written: {error.filename or ''} {error.strerror or error}")
            else:
                self.tell(f"written: {where}")

    def tell(self, what: str) -> None:
        """Say `what` above the rows."""
        said: tuple[Row, ...] = tuple(
            ((f" {line}", "strong"),)
            for line in wrap(clean(what).text, inside(self.size.width) - 1)
        )
        self.show((*said, (("", "text"),), *link_rows(self.case, inside(self.size.width))))
        self.action_scroll(-self.sheet.scroll_offset.y)


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
