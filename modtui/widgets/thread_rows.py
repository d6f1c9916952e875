"""A thread in rows: its head, its posts with the post cursor, its quick replies. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from modtui.domain.flagged import flagged_posts, flags_of
from modtui.domain.frozen import dataclass
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import ELSEWHERE, ClockKind, Flag, Post, Role, State
from modtui.domain.people import CLEAR
from modtui.domain.settings import Desk
from modtui.domain.text import Clean, show_hosts
from modtui.domain.timeleft import Left, left_text
from modtui.domain.views import ThreadDetail
from modtui.widgets.cells import (
    Piece,
    Row,
    cell_len,
    clip,
    clock,
    coarse,
    cut,
    one_line,
    span,
    spread,
    width_of,
    wrap,
    wrap_to,
)
from modtui.widgets.heat_rows import COLD, heat_words, hot_rows, is_new, new_row

MOST_LINES = 300
"""The lines that are laid out of one post: a cleaned post of prose has fewer."""
BLOCK = 100
"""Posts are laid out in blocks: that of the cursor, the one before it and the one after it."""
_CLOCKS = {
    ClockKind.FIRST_RESPONSE: "1st reply",
    ClockKind.NEXT_RESPONSE: "next reply",
    ClockKind.RESOLUTION: "resolution",
}


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


# flags
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


# the head
def due_words(detail: ThreadDetail, left: Left, frame: Frame, *, brief: bool = False) -> str:
    """Return the deadline in words: `1st reply due 03:00, late 12m working time`."""
    row, standing = detail.row, detail.row.standing
    if row.state is State.RESOLVED:
        if row.resolved_by == ELSEWHERE:
            return "closed elsewhere" + (": your draft is kept" if row.has_draft else "")
        return f"done by {row.resolved_by}" if row.resolved_by else "done"
    if left.lane:
        return _lane_words(detail, left, frame, brief=brief)
    if row.state in (State.WAITING, State.SNOOZED) or standing.clock is None:
        resumes = left.resumes_at
        until = f" until {clock(resumes, frame.zone, frame.now)}" if resumes else ""
        return f"{row.state.value}{until}"
    name = _CLOCKS[standing.clock]
    text = left_text(left, frame.zone).strip()
    if brief or standing.due_at is None:
        return f"{name} {text}"
    due = clock(standing.due_at, frame.zone, frame.now)
    if left.seconds is not None and left.seconds < 0:
        return f"{name} due {due}, late {coarse(-left.seconds)} working time"
    if left.opens_at is not None:
        return f"{name} due {due}, opens {clock(left.opens_at, frame.zone, frame.now)}"
    return f"{name} due {due}, {text} left"


def _lane_words(detail: ThreadDetail, left: Left, frame: Frame, *, brief: bool) -> str:
    """Return how the thread stands in the NOW lane: `NOW 9m left, threat flag`."""
    row = detail.row
    text = left_text(left, frame.zone)
    if brief:
        return text
    flag = "" if row.now_reason == SENSITIVE else " flag"
    after = {State.WAITING: ", answered", State.SNOOZED: ", snoozed"}.get(row.state, "")
    needs = "" if row.flag_count else ": needs an outcome"
    time = text.replace("!", " late ") if left.seconds is not None and left.seconds < 0 else text
    word = "" if time != text else " left"
    return f"{time}{word}, {one_line(row.now_reason)}{flag}{after}{needs}"


def unread_words(language: str | None, desk: Desk) -> str:
    """Return `you don't read ka · care does: mod-e, mod-f`; "" for a language that is read."""
    if language is None or desk.reads(language):
        return ""
    teams = (f"{t.name} does: {', '.join(t.responsible)}" for t in desk.readers(language))
    return " · ".join((f"you don't read {one_line(language)}", *teams))


def claim_words(detail: ThreadDetail, frame: Frame) -> str:
    """Return who holds the thread: `claim: you, 4:40 left`."""
    claim = detail.row.claim
    if claim is None or claim.until <= frame.now:
        return "claim: nobody"
    if claim.by != frame.me:
        return f"claim: {claim.by}"
    return f"claim: you, {span((claim.until - frame.now).total_seconds())} left"


def is_limited(detail: ThreadDetail) -> bool:
    """Return whether the place is slowed, closed or locked."""
    return detail.channel.restriction is not None or detail.locked


def route_words(detail: ThreadDetail) -> str:
    """Return which help route is open, "" where none is."""
    route = detail.record.help_route
    said = f" (“{one_line(detail.route_words)}”)" if detail.route_words else ""
    return f"HELP ROUTE {one_line(route)}{said}: see 1" if route else ""


def limit_words(detail: ThreadDetail, frame: Frame) -> str:
    """Return what slows or closes the channel, and whether the thread is locked."""
    lock, now = "locked" if detail.locked else "not locked", detail.channel.restriction
    if now is None:
        return f"{detail.limit_name} off · {lock}" if detail.limit_name else lock
    length = f" {coarse(now.seconds)}" if now.seconds else ""
    until = f" until {clock(now.until, frame.zone, frame.now)}" if now.until else ""
    by = f" by {one_line(now.by)}" if now.by else ""
    return f"{now.kind.replace('_', '-')}{length}{until}{by} · {lock}"


def place(detail: ThreadDetail) -> str:
    """Return `account/channel`."""
    name = one_line(detail.channel.name)
    return f"{detail.row.account}/{name}" if name else detail.row.account


def head_rows(detail: ThreadDetail, left: Left, frame: Frame) -> tuple[Row, ...]:
    """Return the lines above the posts: which post, title, place, deadline, policy, limits; and
    that the language is not read here; and what a hot or slowed thread has to say besides."""
    row, flagged = detail.row, flagged_posts(detail)
    at = _index(detail, frame.cursor)
    which = next((i for i, p in enumerate(flagged, 1) if p.remote_id == frame.cursor), 0)
    of = f" · flagged {which} of {len(flagged)}" if which else f" · {len(flagged)} flagged"
    late = left.lane or (left.seconds is not None and left.seconds < 0)
    language = row.language or "language unknown"
    policy = f"policy {row.standing.policy} · " if row.standing.policy else ""
    limits, hot = _limits(detail, frame)
    about, most = (*_warnings(detail, frame), *hot), 2 if frame.wraps else 1
    lines: list[Piece] = [
        (f"post {at + 1} of {len(detail.posts)}{of}", "muted"),
        (one_line(row.title), "strong"),
        # The place last: what differs most from thread to thread moves nothing else.
        (f"{language} · you post as {one_line(detail.our_name)} · {place(detail)}", "text"),
        (due_words(detail, left, frame), "late" if late else "text"),
        (policy + claim_words(detail, frame), "text"),
        limits,
        # After what every thread has, so that none of that stands elsewhere in the next one.
        *((line, "soon") for text in about for line in wrap_to(text, frame.width - 1, most)),
    ]
    rows = [clip(((f" {text}", style),), frame.width) for text, style in lines]
    due, style = lines[3]
    rows[3] = spread(((f" {due}", style),), (("? ", "muted"),), frame.width)
    return tuple(rows)


def _limits(detail: ThreadDetail, frame: Frame) -> tuple[Piece, tuple[str, ...]]:
    """Return what slows the channel, with the heat where it finds room; and the lines of a hot
    thread, of which the last are cut in a low window, without what was said already."""
    limits, heat = limit_words(detail, frame), heat_words(detail, frame.now)
    hot = hot_rows(detail, frame.now, frame.opened_at)
    whole = f"{limits} · {heat}"
    if cell_len(whole) >= frame.width:
        return (limits, "text"), hot
    style = "soon" if heat in hot and heat != COLD else "text"
    return (whole, style), tuple(line for line in hot if line != heat)


def _warnings(detail: ThreadDetail, frame: Frame) -> tuple[str, ...]:
    """Return the open help route and that the language is not read; in one line of a low window."""
    words = tuple(word for word in (route_words(detail), frame.unread) if word)
    return words if frame.tall or not words else (" · ".join(words),)


def stacked_head(detail: ThreadDetail, left: Left, frame: Frame, where: str) -> Row:
    """Return the line between list and posts: where the cursor is, the title, the deadline."""
    due = due_words(detail, left, frame, brief=True)
    late = left.lane or (left.seconds is not None and left.seconds < 0)
    room = frame.width - cell_len(where) - cell_len(due) - 16
    title = cut(one_line(detail.row.title), room)
    named: tuple[Piece, ...] = ((f" {title}", "strong"), (" · ", "muted"))
    if room < _TITLE:
        # The list above says the title; the deadline stands in this line alone.
        named = ((" ", "rule"),)
        where = cut(where, frame.width - cell_len(due) - 10)
    end: tuple[Piece, ...] = (*named, (due, "late" if late else "text"), ("────", "rule"))
    start: tuple[Piece, ...] = (("── ", "rule"), (where, "text"), (" ", "rule"))
    used = sum(cell_len(t) for t, _ in (*start, *end))
    return clip((*start, ("─" * max(frame.width - used, 0), "rule"), *end), frame.width)


_TITLE = 6


def _index(detail: ThreadDetail, post: str | None) -> int:
    return next((i for i, p in enumerate(detail.posts) if p.remote_id == post), 0)


# the posts
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
