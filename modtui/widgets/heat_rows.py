"""How hot a thread is, what slows its channel, and what is new in it, in words. Pure functions."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.heat import PILE_ON_FLAGS, Rates, a_minute
from modtui.domain.model import Post, Role
from modtui.domain.views import ThreadDetail
from modtui.domain.words import number, so_many
from modtui.widgets.cells import Row, cell_len, clip, one_line

COLD = "heat 0/min"


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


def is_new(post: Post, opened_at: datetime | None) -> bool:
    """Whether an author wrote `post` since the thread was opened."""
    return opened_at is not None and post.role is Role.AUTHOR and post.created_at > opened_at


def new_row(count: int, end: str, width: int) -> Row:
    """Return the line between what was there and what is new; `end` is the key to the end."""
    noun = "post" if count == 1 else "posts"
    text = f" ── {count} new {noun} since you opened it · {end} to the end "
    return clip(((text + "─" * max(width - cell_len(text), 2), "soon"),), width)
