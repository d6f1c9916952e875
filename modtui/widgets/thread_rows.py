"""The posts of a thread in rows, with the post cursor. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.frozen import dataclass
from modtui.domain.model import Flag, Post, Role
from modtui.domain.people import CLEAR
from modtui.domain.text import Clean, show_hosts
from modtui.domain.views import ThreadDetail
from modtui.widgets.cells import (
    Piece,
    Row,
    cell_len,
    clip,
    clock,
    cut,
    one_line,
    spread,
    width_of,
    wrap,
)

MOST_LINES = 300
"""The lines that are laid out of one post: a cleaned post of prose has fewer."""
BLOCK = 100
"""Posts are laid out in blocks: that of the cursor, the one before it and the one after it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How a thread is looked at: the room, the moment, who looks, and which post is meant.

    `stacked` is the narrow form, in which other posts take one line each; `unread` says that the
    moderator does not read the thread's language, and who does. `opened_at`: what was written
    since then is new; `end` is the key that goes there. `tall`: lines may have one of their own;
    `wraps`: what is told of this thread alone may take two.
    """

    width: int
    now: datetime
    zone: str
    me: str
    stacked: bool = False
    cursor: str | None = None
    focused: bool = False
    unread: str = ""
    marked: tuple[str, ...] = ()
    only_flagged: bool = False
    opened_at: datetime | None = None
    end: str = "G"
    tall: bool = False
    wraps: bool = False


def shown_posts(detail: ThreadDetail, *, only_flagged: bool) -> tuple[Post, ...]:
    """Return the posts to show: all, or those that have flags, if any has."""
    return (flagged_posts(detail) if only_flagged else ()) or detail.posts


def flag_words(flags: Sequence[Flag]) -> str:
    """Return `flagged 4×: other 3, off-topic 1`, for one reason `flagged 4×: other`, or ""."""
    if not flags:
        return ""
    reasons = Counter(one_line(f.reason) for f in flags)
    many = len(reasons) > 1
    each = ", ".join(f"{r} {count}" if many else r for r, count in reasons.most_common())
    return f"flagged {len(flags)}×: {each}"


@dataclass(frozen=True, slots=True)
class PostRows:
    """The painted posts: the rows, and the lines [first, last] that each post takes."""

    rows: tuple[Row, ...]
    spans: tuple[tuple[str, int, int], ...]

    def span_of(self, post: str | None) -> tuple[int, int] | None:
        """Return the first and last line of `post`, or None."""
        return next(((a, b) for p, a, b in self.spans if p == post), None)


def post_rows(detail: ThreadDetail, frame: Frame) -> PostRows:
    """Return the posts in rows, a line before the first new one. The one under the cursor is
    shown whole, as far as `MOST_LINES`; of very many posts, those around it."""
    rows: list[Row] = []
    spans: list[tuple[str, int, int]] = []
    posts = shown_posts(detail, only_flagged=frame.only_flagged)
    fresh = [post.remote_id for post in posts if is_new(post, frame.opened_at)]
    first, near = _near(posts, frame.cursor)
    detail = (
        replace(detail, flags=_flags_on(near, detail.flags)) if len(near) < len(posts) else detail
    )
    if first:
        rows.append(clip(((f" ↑ {first} earlier posts", "muted"),), frame.width))
    for index, post in enumerate(near, first + 1):
        if fresh[:1] == [post.remote_id]:
            rows.append(new_row(len(fresh), frame.end, frame.width))
        chosen = post.remote_id == frame.cursor
        if frame.stacked and not chosen:
            made: tuple[Row, ...] = (_one_row(post, detail, frame),)
        elif frame.stacked:
            made = _stacked_rows(post, detail, frame, f"{index}/{len(posts)}")
        else:
            made = _full_rows(post, detail, frame, chosen=chosen)
        spans.append((post.remote_id, len(rows), len(rows) + len(made) - 1))
        rows += made
    if later := len(posts) - first - len(near):
        rows.append(clip(((f" ↓ {later} later posts", "muted"),), frame.width))
    return PostRows(tuple(rows), tuple(spans))


def is_new(post: Post, opened_at: datetime | None) -> bool:
    """Whether an author wrote `post` since the thread was opened."""
    return opened_at is not None and post.role is Role.AUTHOR and post.created_at > opened_at


def new_row(count: int, end: str, width: int) -> Row:
    """Return the line between what was there and what is new; `end` is the key to the end."""
    noun = "post" if count == 1 else "posts"
    text = f" ── {count} new {noun} since you opened it · {end} to the end "
    return clip(((text + "─" * max(width - cell_len(text), 2), "soon"),), width)


def _near(posts: tuple[Post, ...], cursor: str | None) -> tuple[int, tuple[Post, ...]]:
    """Return where the block of posts around the cursor begins, and its posts.

    The blocks stand still: the screen moves only where the cursor enters another one.
    """
    at = next((i for i, p in enumerate(posts) if p.remote_id == cursor), 0)
    first = max(at // BLOCK - 1, 0) * BLOCK
    return first, posts[first : first + 3 * BLOCK]


def _flags_on(posts: tuple[Post, ...], flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    here = {post.remote_id for post in posts}
    return tuple(flag for flag in flags if flag.post is None or flag.post in here)


def _who(post: Post, frame: Frame) -> str:
    standing = post.author.standing or (post.role.value if post.role is not Role.AUTHOR else "")
    parts = [one_line(post.author.name), one_line(standing), clock(post.created_at, frame.zone)]
    if frame.now - post.created_at > timedelta(hours=20):
        parts[2] = clock(post.created_at, frame.zone, frame.now)
    return " · ".join(p for p in parts if p)


def _badges(post: Post) -> tuple[Piece, ...]:
    made: list[Piece] = []
    if post.deleted_at is not None:
        made.append((" · deleted there, kept as evidence", "muted"))
    if post.edited_at is not None:
        made.append((" · edited", "muted"))
    return tuple(made)


@lru_cache(400)
def _text(text: Clean, media: tuple[Clean, ...], width: int) -> tuple[str, ...]:
    """Return a post in lines, as many as are laid out; the last says what is left."""
    lines = wrap(show_hosts(text), width) if text else ()
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES
        lines = (*lines[:MOST_LINES], f"… {left} more lines, o shows them")
    return (*lines, *(f"[{one_line(m)}]" for m in media)) or ("[no text]",)


def _hidden(post: Post, width: int, *edge: Piece) -> tuple[Row, ...]:
    if not post.hidden:
        return ()
    return (clip((*edge, (f"contains hidden characters ({post.hidden})", "hidden")), width),)


def _record(post: Post, detail: ThreadDetail, room: int, *, also_none: bool) -> Piece:
    """The author's record of other threads in `room` cells, in fewer letters before it is cut;
    none is said only where `also_none`, and nothing before it was read."""
    brief = detail.briefs.get(post.author.remote_id, CLEAR)
    if not detail.whole or post.role is not Role.AUTHOR or (brief == CLEAR and not also_none):
        return ("", "muted")
    words = brief.words if cell_len(brief.words) <= room else brief.short
    return (cut(words, room), "muted" if brief == CLEAR else "soon")


_RECORD = 11
"""The cells of a record that no name takes away: `99+ earlier`."""


def _held(post: Post) -> Piece:
    return (" [held] ", "held") if post.held else (" ", "text")


def _mark(post: Post, frame: Frame) -> Piece:
    return ("* " if post.remote_id in frame.marked else "", "mark")


def _stacked_rows(post: Post, detail: ThreadDetail, frame: Frame, number: str) -> tuple[Row, ...]:
    mark: Piece = ("▌" if frame.focused else " ", "mark")
    flags = flag_words(flags_of(detail, post))
    record, style = _record(post, detail, frame.width, also_none=False)
    who: tuple[Piece, ...] = (
        (mark[0], "mark"),
        _mark(post, frame),
        (("[held] " if post.held else ""), "held"),
        (_who(post, frame), "strong"),
        (f" · {flags}" if flags else "", "soon"),
        (f" · {record}" if record else "", style),
        *_badges(post),
    )
    end: Row = ((f" post {number}", "muted"),)
    lines = _text(post.text, post.media, frame.width - 2)
    body = tuple(clip((mark, (line, "text")), frame.width) for line in lines)
    return (spread(who, end, frame.width), *_hidden(post, frame.width, mark), *body)


def _one_row(post: Post, detail: ThreadDetail, frame: Frame) -> Row:
    count = len(flags_of(detail, post))
    flags = f" · flagged {count}×" if count else ""
    name, at = one_line(post.author.name), clock(post.created_at, frame.zone)
    gone = " · deleted" if post.deleted_at else ""
    hidden = f" · hidden characters ({post.hidden})" if post.hidden else ""
    head: Row = (
        _held(post),
        _mark(post, frame),
        (f"{name} · {at}{gone}", "muted"),
        (flags + hidden, "soon"),
    )
    beginning = Clean(post.text[: 8 * frame.width])
    text = one_line(" ".join(_text(beginning, post.media, 400)))
    return clip((*head, (f"  {text}", "text")), frame.width)


def _full_rows(post: Post, detail: ThreadDetail, frame: Frame, *, chosen: bool) -> tuple[Row, ...]:
    flags = flags_of(detail, post)
    people = len({f.by for f in flags if f.by})
    edge: Piece = ("▌" if chosen and frame.focused else " ", "mark")
    inner: Piece = ("┃ " if chosen and not frame.focused else "  ", "strong")
    held: Piece = ("[held] " if post.held else "", "held")
    who: Piece = (_who(post, frame), "strong" if chosen else "muted")
    key = "w " if chosen else "o " if post.media else ""
    who_row = (edge, _mark(post, frame), held, who, *_badges(post))
    # At the edge it stands still while names of other lengths come and go.
    room = max(frame.width - width_of(who_row) - cell_len(key) - 2, _RECORD)
    record, style = _record(post, detail, room, also_none=chosen)
    end: Row = ((f"{record} " if record else "", style), (key, "muted"))
    rows = [spread(who_row, end if record or key else (), frame.width)]
    if flags:
        by = f" · {people} people" if people > 1 else ""
        rows.append(clip((edge, (flag_words(flags) + by, "soon")), frame.width))
    rows += _hidden(post, frame.width, edge)
    lines = _text(post.text, post.media, frame.width - 4)
    rows += [clip((edge, inner, (line, "text")), frame.width) for line in lines]
    return (*rows, clip((), frame.width)) if chosen else tuple(rows)
