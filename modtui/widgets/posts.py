"""The posts of one thread, with the post cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import is_

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from modtui.domain.flagged import flagged_posts
from modtui.domain.model import Post
from modtui.domain.views import ThreadDetail
from modtui.keymap import Action, bindings
from modtui.widgets.cells import Row, spread
from modtui.widgets.host import host
from modtui.widgets.paint import Painted
from modtui.widgets.thread_rows import Frame, PostRows, post_rows, shown_posts

REPLIES = 11
SHORTEST = 3
USUAL = 12


class Posts(Painted, can_focus=True):
    """The posts of one thread with the post cursor, which is a post's id."""

    ACTIONS = (
        Action(
            "posts.down",
            "j,down",
            "move(1)",
            "next post",
            long="move",
            named="j k",
            pair="posts.up",
        ),
        Action("posts.up", "k,up", "move(-1)", "previous post"),
        Action("posts.half-down", "ctrl+d,pagedown", "page(1)", "page down while reading"),
        Action("posts.half-up", "ctrl+u,pageup", "page(-1)", "page up"),
        Action("posts.bottom", "G,end", "edge(1)", "to the last post"),
        Action("posts.top", "home", "edge(0)", "to the first post", chord="g g"),
        Action("posts.open", "enter", "open", "open the thread"),
        Action(
            "posts.mark",
            "space",
            "mark",
            "mark the post: one action over all that are",
            long="mark",
        ),
    )
    BINDINGS = bindings(ACTIONS)

    class Moved(Message):
        """Another post is under the cursor."""

        def __init__(self, post: str | None) -> None:
            super().__init__()
            self.post = post

    class Opened(Message):
        """Enter on a post."""

    class Marked(Message):
        """Another set of posts is marked."""

    def __init__(self) -> None:
        super().__init__(id="posts")
        self.cursor: str | None = None
        self.detail: ThreadDetail | None = None
        self.painted_for: int | None = None
        self.pinned = False
        self.marked: tuple[str, ...] = ()
        self.only_flagged = False
        self.opened_at: datetime | None = None
        self.joined = False
        self.tail: tuple[Row, ...] = ()
        self._rows = PostRows((), ())
        self._frame: Frame | None = None
        self._seen: dict[int, Row | None] = {}
        self._made_of: tuple[object, ...] = ()
        self._view: Sequence[Row | None] = ()

    def show(self, detail: ThreadDetail | None, frame: Frame) -> None:
        """Show `detail`; the cursor stays on its post, or goes to the one that is in question."""
        known = {p.remote_id for p in detail.posts} if detail else set()
        other = self.detail is None or detail is None or detail.row.id != self.detail.row.id
        held = None if other else self._in_sight()
        self.detail, self._frame = detail, frame
        if other:
            self.marked, self.only_flagged = (), False
            self.opened_at = frame.now if detail else None
        self.marked = tuple(post for post in self.marked if post in known)
        if detail is not None and (other or self.cursor not in known):
            self.cursor = first_in_question(detail)
        self._stay_in_filter()
        self._lay_out()
        if other:
            self._reveal()
        elif held is not None:
            self._hold(*held)

    def _in_sight(self) -> tuple[str, int] | None:
        """Return a post on the screen and its line there: that of the cursor, if it can be seen."""
        top, height = self.scroll_offset.y, self.room
        seen = [
            (post, first - top)
            for post, first, last in self._rows.spans
            if last >= top and first < top + height
        ]
        return next((each for each in seen if each[0] == self.cursor), seen[0] if seen else None)

    def _hold(self, post: str, line: int) -> None:
        """Put `post` on its line again: what came before it must not push it off the screen."""
        span = self._rows.span_of(post)
        if span is not None and span[0] - line != self.scroll_offset.y:
            self.scroll_to(y=max(span[0] - line, 0), animate=False, force=True)

    def _lay_out(self) -> None:
        if self.detail is None or self._frame is None:
            self._rows = PostRows((), ())
        else:
            frame = replace(
                self._frame,
                width=max(self.size.width, 10),
                cursor=self.cursor,
                marked=self.marked,
                only_flagged=self.only_flagged,
                opened_at=self.opened_at,
                end=host(self).keymap.key("posts.bottom", "G"),
            )
            self._rows = post_rows(self.detail, frame)
        below = self.screen.size.height if self.pinned else self.size.height - self.room
        self.reach(len(self._rows.rows) + below)
        self._repaint()

    @property
    def room(self) -> int:
        """The lines for posts: where the replies follow, as many as they need, of those left.

        Few posts leave lines blank, so that the replies stand where they stood.
        """
        height = self.size.height
        if not self.joined or self.pinned:
            return height
        return min(max(len(self._rows.rows), USUAL), max(height - REPLIES, SHORTEST))

    def join(self, joined: bool) -> None:
        """Let the quick replies follow the posts in this widget, or stand in their own."""
        if joined != self.joined:
            self.joined, self.tail = joined, ()
            self._lay_out()

    def follow(self, rows: tuple[Row, ...]) -> None:
        """Show `rows`, the quick replies, after the posts."""
        if rows != self.tail:
            self.tail = rows
            self._repaint()

    def _repaint(self) -> None:
        """Repaint the lines that are not what they were."""
        width = self.size.width
        other = [
            Region(0, y, width, 1)
            for y, row in enumerate(self._in_view())
            if y not in self._seen or self._seen[y] != row
        ]
        if other:
            self.refresh(*other)
        else:
            self._painted()

    def render_line(self, y: int) -> Strip:
        self._painted()
        self._seen[y] = row = self.row_at(y + self.scroll_offset.y)
        return self.strip(row)

    def _painted(self) -> None:
        self.painted_for = self.detail.row.id if self.detail else None

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self.call_after_refresh(self._reveal)

    def _in_view(self) -> Sequence[Row | None]:
        """Return the rows of all lines of the widget, from the top."""
        made_of = (
            self._rows, self.tail, self.scroll_offset.y, self.size, self.joined, self.pinned,
        )  # fmt: skip
        same = made_of[2:] == self._made_of[2:] and all(map(is_, made_of, self._made_of[:2]))
        if not same:
            self._made_of, self._view = made_of, self._made_view()
        return self._view

    def _made_view(self) -> Sequence[Row | None]:
        top, rows = self.scroll_offset.y, self._rows.rows
        last = top + self.room - 1
        seen: list[Row | None] = list(rows[top : last + 1])
        if seen and top + len(seen) - 1 == last:
            seen[-1] = self._last(last)
        seen += [None] * (last + 1 - top - len(seen))
        if self.joined and not self.pinned:
            seen += self.tail
        height = self.size.height
        return (*seen[:height], *[None] * (height - len(seen)))

    def row_at(self, line: int) -> Row | None:
        y, seen = line - self.scroll_offset.y, self._in_view()
        return seen[y] if 0 <= y < len(seen) else None

    def _last(self, line: int) -> Row:
        """Return the row of the last line for posts: it says how many more begin below it."""
        rows = self._rows.rows
        below = sum(a > line for _, a, _ in self._rows.spans) if line < len(rows) - 1 else 0
        if not below:
            return rows[line]
        return spread(rows[line], ((f" ↓ {below} more", "muted"),), self.size.width)

    # the cursor
    @property
    def post(self) -> Post | None:
        """The post under the cursor."""
        posts = self.detail.posts if self.detail else ()
        return next((p for p in posts if p.remote_id == self.cursor), None)

    @property
    def on_screen(self) -> bool:
        """Whether the post under the cursor can be seen, at least its beginning."""
        span = self._rows.span_of(self.cursor)
        top, height = self.scroll_offset.y, self.room
        return span is not None and height > 0 and top <= span[0] < top + height

    @property
    def shown(self) -> tuple[Post, ...]:
        """The posts that are shown: all, or the flagged ones."""
        if self.detail is None:
            return ()
        return shown_posts(self.detail, only_flagged=self.only_flagged)

    def show_only(self, flagged: bool) -> None:
        """Show the flagged posts alone, or all again; the cursor stays, or goes to the nearest."""
        self.only_flagged = flagged
        self._stay_in_filter()
        self._lay_out()
        self.call_after_refresh(self._reveal)

    def _stay_in_filter(self) -> None:
        """Put the cursor on the nearest post that is shown, if its own is not."""
        ids = [post.remote_id for post in self.shown]
        if self.only_flagged and self.detail and self.cursor not in ids:
            order = [post.remote_id for post in self.detail.posts]
            here = order.index(self.cursor) if self.cursor in order else 0
            self.cursor = min(ids, key=lambda post: abs(order.index(post) - here), default=None)
            self.post_message(self.Moved(self.cursor))

    def mark(self, posts: tuple[str, ...]) -> None:
        """Let exactly `posts` be marked."""
        if posts != self.marked:
            self.marked = posts
            self._lay_out()
            self.post_message(self.Marked())

    def action_mark(self) -> None:
        """Mark the post under the cursor, or take its mark off, and go to the next one."""
        post = self.cursor
        if post is not None:
            others = tuple(each for each in self.marked if each != post)
            self.mark(others if post in self.marked else (*others, post))
            self.action_move(1)

    def select(self, post: str) -> None:
        """Put the cursor on `post` and bring it into sight."""
        if post != self.cursor:
            self.cursor = post
            self._lay_out()
            self.post_message(self.Moved(post))
        self._reveal()

    def pin(self, on: bool) -> None:
        """Keep the post under the cursor at the top edge, where no dialog hides it."""
        self.pinned = on
        self._lay_out()
        self.call_after_refresh(self._reveal)

    def _reveal(self) -> None:
        span = self._rows.span_of(self.cursor)
        if span is None:
            return
        first, last = span
        if self.pinned:
            self.scroll_to(y=first, animate=False, force=True)
            return
        top, height = self.scroll_offset.y, max(self.room, 1)
        if first < top or last - first >= height:
            self.scroll_to(y=first, animate=False, force=True)
        elif last >= top + height:
            self.scroll_to(y=last - height + 1, animate=False, force=True)

    def action_move(self, step: int) -> None:
        posts = self.shown
        if posts:
            here = next((i for i, p in enumerate(posts) if p.remote_id == self.cursor), 0)
            self.select(posts[max(0, min(len(posts) - 1, here + step))].remote_id)

    def action_page(self, direction: int) -> None:
        step = max(self.room - 1, 1) * direction
        self.scroll_to(y=max(self.scroll_offset.y + step, 0), animate=False, force=True)

    def action_edge(self, end: int) -> None:
        posts = self.shown
        if posts:
            self.select(posts[-1 if end else 0].remote_id)

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def to_flagged(self, step: int) -> bool:
        """Go to the next or previous flagged post; False if there is none that way."""
        if self.detail is None:
            return False
        order = [p.remote_id for p in self.detail.posts]
        places = {post: place for place, post in enumerate(order)}
        here = places.get(self.cursor or "", 0)
        flagged = [places[p.remote_id] for p in flagged_posts(self.detail)]
        ahead = [i for i in flagged if i > here] if step > 0 else [i for i in flagged if i < here]
        if ahead:
            self.select(order[ahead[0] if step > 0 else ahead[-1]])
        return bool(ahead)

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y if event.y < self.room else -1
        for post, first, last in self._rows.spans:
            if first <= line <= last:
                self.select(post)


def first_in_question(detail: ThreadDetail) -> str | None:
    """Return the post the cursor starts on: the first flagged one, the subject, or the first."""
    flagged = flagged_posts(detail)
    subject = tuple(p for p in detail.posts if p.is_subject)
    found = flagged or subject or detail.posts
    return found[0].remote_id if found else None
