"""The selected thread beside or below the list, or on its own screen: head, posts, replies."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical

from modtui.domain.replies import Slot
from modtui.domain.views import ThreadDetail
from modtui.engine import Engine
from modtui.widgets.cells import Row, cell_len, clip, wrap_to
from modtui.widgets.folds import labelled
from modtui.widgets.host import host
from modtui.widgets.paint import Rows
from modtui.widgets.posts import Posts
from modtui.widgets.slot_rows import slot_line, slot_rows, waiting_rows
from modtui.widgets.thread_head import (
    claim_words,
    head_rows,
    hot_rows,
    is_limited,
    limit_words,
    route_words,
    stacked_head,
    unread_words,
)
from modtui.widgets.thread_rows import Frame

HEAD_ROWS = 11
"""The rows of the head of an open thread in a wide and high window, as the style sheet has it."""
FOOT_LINES = 3
ROOMY_ROWS = 24
"""From so many rows on the words below the posts of an open thread are not cut to one line."""


class ThreadPane(Container):
    """Head, posts and quick replies of one thread. The replies stand still while open."""

    def __init__(self, engine: Engine, *, alone: bool = False) -> None:
        super().__init__(id="pane", classes="-alone" if alone else "")
        self.engine = engine
        self.alone = alone
        self.detail: ThreadDetail | None = None
        self.slots: tuple[Slot, ...] = ()
        self._replies: tuple[Row, ...] = ()
        self._made_of: tuple[object, ...] = ()
        self._asked: tuple[int, str | None, int] | None = None
        self.where = ""
        self.head, self.replies, self.foot = Rows(id="head"), Rows(id="replies"), Rows(id="foot")
        self.posts = Posts()
        self._heights: dict[Rows, int | None] = {}

    def compose(self) -> ComposeResult:
        if self.alone:
            yield self.posts
            yield Vertical(self.head, self.replies, self.foot, id="side")
        else:
            yield from (self.head, self.posts, self.replies, self.foot)

    @property
    def roomy(self) -> bool:
        """Whether the long form fits."""
        return self.screen.size.width >= 100 and self.screen.size.height >= 30

    @property
    def stacked(self) -> bool:
        """Whether posts take one line each but for the one under the cursor."""
        return self.screen.size.width < 100 and not self.alone

    def fit(self, roomy: bool) -> None:
        """Let the replies follow the posts, or stand below them, as there is room."""
        joined = roomy and not self.alone
        self.set_class(joined, "-joined")
        self.posts.join(joined)

    def frame(self, width: int) -> Frame:
        """Return how the thread is looked at now, in `width` cells."""
        moderator = self.engine.desk.moderator
        focused = self.posts.has_focus
        language = self.detail.row.language if self.detail is not None else None
        return Frame(
            max(width, 20), self.engine.now(), moderator.timezone, moderator.name,
            self.stacked, self.posts.cursor, focused or self.alone,
            unread_words(language, self.engine.desk),
            opened_at=self.posts.opened_at, tall=self.roomy,
            wraps=self.alone and self.roomy,
        )  # fmt: skip

    @property
    def ready(self) -> bool:
        """Whether the quick replies are those of the thread that is shown."""
        return self._asked is not None

    def show(self, detail: ThreadDetail | None, *, replies: bool = False) -> None:
        """Show the posts of `detail`; `paint` shows what stands around them. The quick replies
        are asked for once per opened thread, when all of it was read or `replies` says so, and
        again when another help route is open in it, or the moderator edited or pinned one."""
        if detail is not None:
            detail = labelled(detail, host(self).keymap.key("queue.unfold", "Z"))
        row = detail.row if detail is not None else None
        asked = (row.id, row.help_route, self.engine.shelf.edition) if row is not None else None
        if asked != self._asked:
            now = detail is not None and (detail.whole or replies)
            now = now and not self.engine.shelf.reading
            self.slots = self.engine.slots(detail) if detail is not None and now else ()
            self._asked = asked if now else None
        self.detail = detail
        self.posts.show(detail, self.frame(self.posts.size.width))

    def on_resize(self) -> None:
        # The posts take another form where the room is another.
        self.show(self.detail)
        self.call_after_refresh(self.paint, self.where)

    def paint(self, where: str = "") -> None:
        """Paint what stands around the posts; `where` says where the list's cursor is."""
        self.where = where
        detail = self.detail
        if detail is None:
            self.head.show((clip(((f" {where}", "muted"),), max(self.head.size.width, 20)),))
            self.replies.show(())
            self.posts.follow(())
            self.foot.show(())
            return
        left = self.engine.left(detail.row)
        # One of the two may be hidden, and has no size then.
        frame = self.frame((self.head if self.head.display else self.foot).size.width)
        if self.screen.size.width >= 100:
            head = head_rows(detail, left, frame)
            self.head.show(head)
            longer = self.alone and len(head) > HEAD_ROWS
            self._reach(self.head, len(head) if longer and self.roomy else None)
        else:
            self.head.show((stacked_head(detail, left, frame, where),))
            rows = self._foot(detail, frame)
            self.foot.show(rows)
            self._reach(self.foot, len(rows) if self.alone else None)
        self._paint_replies(detail)

    def _reach(self, part: Rows, rows: int | None) -> None:
        """Let `part` be so high, None: as the style sheet has it. What stays is laid out once."""
        if self._heights.get(part) != rows:
            self._heights[part] = part.styles.height = rows

    def _foot(self, detail: ThreadDetail, frame: Frame) -> tuple[Row, ...]:
        """Return the lines below the posts, which say what a narrow window has no head for."""
        limits = limit_words(detail, frame) if is_limited(detail) else ""
        hot = hot_rows(detail, frame.now, frame.opened_at)
        # What matters most comes first: at 80 columns the end is cut.
        about = (frame.unread, route_words(detail), claim_words(detail, frame), limits, *hot)
        words = self._with_ways(" · ".join(word for word in about if word), frame.width - 1)
        rule: Row = (("─" * frame.width, "rule"),)
        lines = wrap_to(words, frame.width - 1, self._foot_lines)
        return rule, *(clip(((f" {line}", "text"),), frame.width) for line in lines)

    @property
    def _foot_lines(self) -> int:
        """How many lines the words below the posts may take: an open thread has room for them."""
        return FOOT_LINES if self.alone and self.screen.size.height >= ROOMY_ROWS else 1

    def _with_ways(self, words: str, width: int) -> str:
        """Return `words` with those of the ways from here that still fit into `width`, whole."""
        keymap = host(self).keymap
        back, posts = keymap.key("thread.back", "q"), keymap.key("queue.into-posts", "l")
        ways = ("Enter opens the thread", f"{posts} into the posts")
        for way in (f"{back} back to the list",) if self.alone else ways:
            longer = f"{words} · {way}" if words else way
            if cell_len(longer) > width:
                break
            words = longer
        return words

    def _paint_replies(self, detail: ThreadDetail) -> None:
        language, reads = detail.row.language, self.engine.desk.moderator.languages
        beside = self.posts if self.posts.joined else self.replies
        width = max(beside.size.width, 20)
        whole = self.posts.joined or self.roomy
        made_of = (self.slots, language, reads, width, whole)
        if not self.ready:
            rows = waiting_rows(self._replies, width, reading=self.engine.shelf.reading)
        elif made_of == self._made_of:
            rows = self._replies
        else:
            self._made_of = made_of
            rows = self._replies = (
                slot_rows(self.slots, language, reads, width)
                if whole
                else slot_line(self.slots, language, reads, width)
            )
        if self.posts.joined:
            self.posts.follow(rows)
        else:
            self.replies.show(rows)
