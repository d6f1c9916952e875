"""How a row of the queue looks: a pure function of the row, its time left and the width."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.frozen import dataclass
from modtui.domain.heat import heat
from modtui.domain.model import ELSEWHERE, Band, ClockKind, State
from modtui.domain.timeleft import Left, left_text
from modtui.domain.views import QueueRow
from modtui.widgets.cells import Row, age, cell_len, cut, fit, one_line, right
from modtui.widgets.paint import UNDER_CURSOR

LEFT_AT = 2
LEFT_WIDTH = 7
_WHY = 9
_CLOCKS = {
    ClockKind.FIRST_RESPONSE: "1st",
    ClockKind.NEXT_RESPONSE: "nxt",
    ClockKind.RESOLUTION: "res",
}
_BANDS = {
    Band.OK: "ok",
    Band.SOON: "soon",
    Band.BREACHED: "late",
    Band.PAUSED: "paused",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of the columns, in cells; 0 leaves a column out."""

    width: int
    clock: int
    flags: int
    what: int
    where: int
    who: int


def columns(width: int, *, clocks: bool) -> Columns:
    """Return the columns of a list `width` cells wide; `clocks` adds the clock's name.

    What is over at 72 and 80 cells goes to what, where and who, in that order of size.
    """
    fixed = 33 if clocks else 28
    base = 72 if clocks else 80
    extra = max(width - base, 0)
    where = (10 if clocks else 12) + min(extra // 4, 10)
    who = 5 + min(extra // 10, 5)
    what = max(width - fixed - where - who - 2, 4)
    return Columns(width, 3 if clocks else 0, 5 if clocks else 4, what, where, who)


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, when, and at which marked threads: what a row needs beside its own data."""

    me: str
    zone: str
    now: datetime
    marked: frozenset[int] = frozenset()


def header(cols: Columns) -> Row:
    """Return the line above the rows."""
    clk = "clk " if cols.clock else ""
    text = (
        f"  {'left':>7} {clk}{'why':<9} lg {'flags'[: cols.flags]} "
        f"{fit('what', cols.what)} {fit('where', cols.where)} {fit('who', cols.who)}"
    )
    return ((fit(text, cols.width), "muted"),)


def time_text(row: QueueRow, left: Left, look: Look) -> str:
    """Return the time column: what is left, or why no clock runs; exactly 7 cells."""
    if row.state is State.RESOLVED:
        text = "done"
    elif left.lane:
        text = left_text(left, look.zone)
    elif row.state is State.SNOOZED:
        text = left_text(left, look.zone) if left.resumes_at else "snoozed"
        if left.resumes_at and not left.far:
            text = f"z {text[1:]}"
    elif row.state is State.WAITING:
        text = "wait"
    else:
        text = left_text(left, look.zone)
        if text.startswith("!"):
            text = f"!{text[1:]:>4}"
    return right(text, LEFT_WIDTH)


def heat_of(row: QueueRow, look: Look) -> int:
    """Return the flags a minute of a pile-on, as they are now; 0 where there is none."""
    return heat(row.flag_count, row.lately, look.now) if row.lately else 0


def row_cells(row: QueueRow, left: Left, cols: Columns, look: Look, *, selected: bool) -> Row:
    """Return one row: mark, time left, clock, why, language, flags, what, where, who."""
    gone = row.state is State.RESOLVED
    body = "gone" if gone else "text"
    time_style = "gone" if gone else "late" if left.lane else _BANDS[left.band]
    mark = "*" if row.id in look.marked else "?" if row.unknown else "~" if row.pending else " "
    head = ("▌" if selected else " ") + mark
    clk = f"{_clock(row):<3} "
    rest = (
        f" {clk if cols.clock else ''}{fit(_why(row, look), _WHY)} {fit(row.language or '', 2)} "
        f"{right(_flags(row, cols, look), cols.flags)} {_what_cells(row, cols, look)} "
        f"{fit(_where(row, cols.where), cols.where, ellipsis=False)} "
        f"{fit(_who(row, look), cols.who, ellipsis=False)}"
    )
    time, rest = time_text(row, left, look), fit(rest, cols.width - LEFT_AT - LEFT_WIDTH)
    if selected:
        # No more than its time, in its own colour: a slow line carries at each step what looks
        # otherwise in two rows.
        return ((head + time, time_style + UNDER_CURSOR), (rest, body))
    return ((head, "mark"), (time, time_style), (rest, body))


def _clock(row: QueueRow) -> str:
    if row.now_at is not None:
        return "now"
    running = row.standing.clock if row.state is not State.RESOLVED else None
    return _CLOCKS[running] if running else ""


def _why(row: QueueRow, look: Look) -> str:
    if row.unknown:
        return "unknown"
    if row.pending:
        return "sending"
    if row.state is State.ESCALATED:
        return "escalated"
    if row.now_at is None and heat_of(row, look):
        return "pile-on"
    return one_line(row.now_reason or row.why)


def _flags(row: QueueRow, cols: Columns, look: Look) -> str:
    """Return how many flags there are; of a pile-on, also how many a minute, where they fit."""
    pace = heat_of(row, look)
    if not pace:
        return str(row.flag_count) if row.flag_count else ""
    whole = f"{row.flag_count} ↑{pace}"
    return whole if cell_len(whole) <= cols.flags else f"{row.flag_count}↑"


def _what_cells(row: QueueRow, cols: Columns, look: Look) -> str:
    """Return what the thread is about; where the flags a minute found no room, they follow it."""
    pace = heat_of(row, look)
    said = f"  {pace} flags/min"
    if not pace or "↑" in _flags(row, cols, look)[:-1] or cell_len(said) > cols.what // 2:
        return fit(_what(row, look), cols.what)
    return fit(cut(_what(row, look), cols.what - cell_len(said)) + said, cols.what)


def _what(row: QueueRow, look: Look) -> str:
    if row.state is State.RESOLVED and row.resolved_by == ELSEWHERE and row.resolved_at:
        draft = ", your draft is kept" if row.has_draft else ""
        return f"(closed elsewhere {age(row.resolved_at, look.now)} ago{draft})"
    if row.state is State.RESOLVED and row.resolved_by and row.resolved_at:
        by = "you" if row.resolved_by == look.me else row.resolved_by
        return f"({by} closed it, {age(row.resolved_at, look.now)} ago)"
    draft = "[draft] " if row.has_draft else ""
    held = "[held] " if row.held and row.why != "held post" else ""
    # In the lane its reason says so already.
    route = "[help] " if row.help_route and row.now_at is None else ""
    return _stage(row) + route + draft + held + one_line(row.title)


def _stage(row: QueueRow) -> str:
    """Return how far a thread in the NOW lane is, which its time does not say."""
    if row.now_at is None:
        return ""
    if row.state is State.WAITING:
        return "[answered] "
    if row.state is State.SNOOZED:
        return "[snoozed] "
    return "" if row.flag_count else "[needs an outcome] "


def _where(row: QueueRow, width: int) -> str:
    place = one_line(row.channel)
    whole = f"{row.account}/{place}" if place else row.account
    return whole if cell_len(whole) <= width else whole.replace("/#", "/", 1)


def _who(row: QueueRow, look: Look) -> str:
    if row.state is State.RESOLVED and row.resolved_by:
        return "you" if row.resolved_by == look.me else row.resolved_by
    if row.claim is None or row.claim.until <= look.now:
        return "–"
    return "you" if row.claim.by == look.me else row.claim.by
