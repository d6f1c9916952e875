"""What stands above the posts of a thread: its deadline, who holds it, what slows its channel,
and how hot it is. Pure functions."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.flagged import flagged_posts
from modtui.domain.heat import PILE_ON_FLAGS, Rates, a_minute
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import ELSEWHERE, ClockKind, Role, State
from modtui.domain.settings import Desk
from modtui.domain.timeleft import Left, left_text
from modtui.domain.views import ThreadDetail
from modtui.domain.words import number, so_many
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
    wrap_to,
)
from modtui.widgets.thread_rows import Frame

COLD = "heat 0/min"
_SHORTEST_TITLE = 6
"""Cells under which the title is left out."""
_CLOCKS = {
    ClockKind.FIRST_RESPONSE: "1st reply",
    ClockKind.NEXT_RESPONSE: "next reply",
    ClockKind.RESOLUTION: "resolution",
}


def head_rows(detail: ThreadDetail, left: Left, frame: Frame) -> tuple[Row, ...]:
    """Return the lines above the posts: which post, title, place, deadline, policy, limits; and
    that the language is not read here; and what a hot or slowed thread has to say besides."""
    row, flagged = detail.row, flagged_posts(detail)
    at = _index(detail, frame.cursor)
    which = next((i for i, p in enumerate(flagged, 1) if p.remote_id == frame.cursor), 0)
    of = f" · flagged {which} of {len(flagged)}" if which else f" · {len(flagged)} flagged"
    late = left.lane or left.late
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
    late = left.lane or left.late
    room = frame.width - cell_len(where) - cell_len(due) - 16
    title = cut(one_line(detail.row.title), room)
    named: tuple[Piece, ...] = ((f" {title}", "strong"), (" · ", "muted"))
    if room < _SHORTEST_TITLE:
        # The list above says the title; the deadline stands in this line alone.
        named = ((" ", "rule"),)
        where = cut(where, frame.width - cell_len(due) - 10)
    end: tuple[Piece, ...] = (*named, (due, "late" if late else "text"), ("────", "rule"))
    start: tuple[Piece, ...] = (("── ", "rule"), (where, "text"), (" ", "rule"))
    used = sum(cell_len(t) for t, _ in (*start, *end))
    return clip((*start, ("─" * max(frame.width - used, 0), "rule"), *end), frame.width)


def _index(detail: ThreadDetail, post: str | None) -> int:
    return next((i for i, p in enumerate(detail.posts) if p.remote_id == post), 0)


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
    time = text.replace("!", " late ") if left.late else text
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


def heat_words(detail: ThreadDetail, now: datetime) -> str:
    """Return `heat 8 flags, 12 posts /min`: those of the thread in the last minute."""
    flags = a_minute((flag.at for flag in detail.flags), now)
    posts = a_minute((p.created_at for p in detail.posts if p.role is Role.AUTHOR), now)
    if not flags and not posts:
        return COLD
    return f"heat {so_many(flags, 'flag')}, {so_many(posts, 'post')} /min"


def flags_words(detail: ThreadDetail, opened_at: datetime | None) -> str:
    """Return `flags 80 by 61 people, 40 new`: new since the thread was opened."""
    people = len({flag.by for flag in detail.flags if flag.by})
    fresh = sum(flag.at > opened_at for flag in detail.flags) if opened_at else 0
    by = "1 person" if people == 1 else f"{people} people"
    return f"flags {len(detail.flags)} by {by}" + (f", {fresh} new" if fresh else "")


def effect_words(detail: ThreadDetail) -> str:
    """Return `posts 12 → 3, flags 8 → 1 /min`: before our restriction and now; "" without one."""
    pace = detail.pace
    if pace is None or pace.before is None:
        return ""
    before, now = pace.before, pace.now
    if not pace.settled:
        return f"before it: {rates_words(before)}"
    posts = f"posts {number(before.posts)} → {number(now.posts)}"
    return f"{posts}, flags {number(before.flags)} → {number(now.flags)} /min"


def rates_words(rates: Rates) -> str:
    """Return `12 posts, 8 flags /min`."""
    posts, flags = so_many(number(rates.posts), "post"), so_many(number(rates.flags), "flag")
    return f"{posts}, {flags} /min"


def kept_words(detail: ThreadDetail) -> str:
    """Return what is known of posts whose further flags are closed, "" where there are none."""
    if not detail.kept:
        return ""
    closed = sum(each.closed for each in detail.kept)
    noun = "flag" if closed == 1 else "flags"
    return f"kept until edited; {closed} further {noun} closed"


def hot_rows(detail: ThreadDetail, now: datetime, opened_at: datetime | None) -> tuple[str, ...]:
    """Return the lines that only a hot, slowed or kept thread has, the most telling first."""
    many = len(detail.flags) >= PILE_ON_FLAGS
    lines = (
        *(one_line(line) for line in (detail.spam.lines if detail.spam is not None else ())),
        effect_words(detail),
        kept_words(detail),
        heat_words(detail, now) if many else "",
        flags_words(detail, opened_at) if many else "",
    )
    return tuple(line for line in lines if line)
