"""The lower half of Status in lines: by platform, by person, responses, arrivals, what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from modtui.domain.metrics import Blind, Doing, Person, Platform, Running
from modtui.domain.model import Health, State
from modtui.domain.views import AccountStatus
from modtui.domain.words import number
from modtui.widgets.cells import Row, clock, cut, fit, one_line
from modtui.widgets.lines import health_words
from modtui.widgets.status_cells import (
    Behind,
    Block,
    Entry,
    Look,
    bar,
    brief,
    heading,
    share,
    sparkline,
    standing,
)
from modtui.widgets.status_rows import SPANS

BLIND_SHOWN = 4

# the title and the width of each column; at 80 columns with the narrow ones
_PLATFORM = (
    (" open", 6), ("  late", 6), ("  due 1h", 8), ("  unowned", 9), ("  1st p50", 9),
    ("   p90", 6), ("   ≤ SLA today", 14), ("  7 days", 8), ("  same day last week", 20),
)  # fmt: skip
_PLATFORM_NARROW = (
    (" open", 5), (" late", 5), (" 1h", 4), (" unown", 6), ("   p50", 6), ("   p90", 6),
    ("  today", 7), ("    7 d", 7), (" wk ago", 7),
)  # fmt: skip
_PERSON = (("  holds", 7), ("  late", 6), ("  oldest", 8), ("  handled", 9), ("  1st p50", 9))


def platforms(look: Look) -> Block:
    """Return one line for each account."""
    wide = look.moment.wide
    columns, name = (_PLATFORM, 15) if wide else (_PLATFORM_NARROW, 12)
    titles = "".join(_cell(title, width) for title, width in columns)
    status = {account.name: account for account in look.accounts}
    head = heading(fit("BY PLATFORM", name + 1), ((f"{titles}   health", "muted"),))
    return (head, *(_platform(p, look, columns, status.get(p.account), name)
                    for p in look.report.platforms))  # fmt: skip


def _platform(
    one: Platform,
    look: Look,
    columns: Sequence[tuple[str, int]],
    account: AccountStatus | None,
    name: int,
) -> Entry:
    cells = (
        str(one.open), str(one.late), str(one.due_hour), str(one.unowned), brief(one.p50),
        brief(one.p90), share(one.today), share(one.week), share(one.last_week),
    )  # fmt: skip
    styles = ["late" if one.late and place == 1 else "text" for place in range(len(cells))]
    row: Row = tuple(
        (_cell(cell, width), style)
        for cell, (_, width), style in zip(cells, columns, styles, strict=True)
    )
    words = "unknown"
    if account is not None:
        now, room = look.moment.now, look.room - name - sum(len(text) for text, _ in row) - 4
        words = health_words(account, now, why=True)
        words = words if len(words) <= room else health_words(account, now)
    well = account is not None and account.health is Health.LIVE
    health: Row = ((f"   {words or 'live'}", "ok" if well else "late"),)
    behind = Behind(one.account, replace(look.narrowed(), accounts=(one.account,)))
    line: Row = ((fit(one.account, name), "text"), *row, *health)
    return Entry(line, f"platform:{one.account}", "platforms", behind)


def _cell(text: str, width: int) -> str:
    return f"{text:>{width}}"


def people(look: Look) -> Block:
    """Return one line for each person, by name, and one for nobody."""
    name = 20 if look.moment.wide else 15
    titles = "".join(_cell(title, width) for title, width in _PERSON)
    head = heading(fit("BY PERSON", name + 1), ((f"{titles}   now", "muted"),))
    return (head, *(_person(person, look, name) for person in look.report.people))


def _person(one: Person, look: Look, name: int) -> Entry:
    zone = look.moment.zone
    handled = (str(one.handled), brief(one.p50)) if one.name else ("", "")
    cells = (str(one.holds), str(one.late), standing(one.oldest, zone), *handled)
    text = "".join(_cell(cell, width) for cell, (_, width) in zip(cells, _PERSON, strict=True))
    row = f"{fit(one_line(one.name) or 'nobody', name)}{text}   {_doing(one.doing, zone)}".rstrip()
    only = look.narrowed()
    view = (
        replace(only, claimed_by=one.name)
        if one.name
        else replace(only, unowned=True, states=(State.OPEN,))
    )
    behind = Behind(f"held by {one.name}" if one.name else "unowned", view)
    line: Row = ((cut(row, look.room - 2), "text"),)
    return Entry(line, f"person:{one.name}", "people", behind)


def _doing(doing: Doing | None, zone: str) -> str:
    if doing is None:
        return ""
    match doing.verb:
        case "writing":
            return f"writing in {one_line(doing.what)}"
        case "holds":
            return f'holds "{one_line(doing.what)}"'
    return f"acted {clock(doing.at, zone)}" if doing.at else ""


def responses(look: Look) -> Block:
    """Return the first responses of the period in columns."""
    first = look.report.responses
    span = SPANS[look.report.period.span].removeprefix("since your ")
    title: Row = ((fit(f" {span}", 16), "text"), (f"p50 {brief(first.p50)}   ", "text"),
                  (f"p90 {brief(first.p90)}", "text"))  # fmt: skip
    most = max(first.columns)
    drawn = [_column(label, count, most) for label, count in
             zip(("≤15m", "≤1h", "≤2h ", ">2h"), first.columns, strict=True)]  # fmt: skip
    behind = look.threads("first responses", first.ids)
    return (
        heading("FIRST RESPONSE", title, "first_response", behind),
        Entry(((fit(drawn[0], 30) + drawn[1], "text"),)),
        Entry(((fit(drawn[2], 30) + drawn[3], "text"),)),
    )


def _column(label: str, count: int, most: int) -> str:
    drawn = bar(count, most, 18)
    return f"{label} {drawn}{' ' if drawn else ''}{count}"


def arrivals(look: Look) -> Block:
    """Return the arrivals by the hour, and how much was closed without escalation."""
    report, zone = look.report, look.moment.zone
    hours = report.arrivals
    now = f"now {hours.hours[-1]}, usual here {number(hours.usual)}"
    most, at = hours.peak
    peak = f"   peak {most} at {clock(at, zone)}" if most else "   none"
    closed = f"closed without escalation {share(report.unescalated)}"
    closed += f"  (7 days {share(report.unescalated_week)})"
    behind = look.threads("arrived in 24 hours", hours.ids)
    return (
        heading(fit("ARRIVALS / HOUR, 24 h", 31), ((now, "text"),), "arrivals", behind),
        Entry(((sparkline(hours.hours), "soon"), (peak, "text"))),
        Entry(((cut(closed, look.room - 3), "text"),), "without_escalation", "without_escalation"),
    )


def running(look: Look) -> Block:
    """Return the settings that hold now, each with who ends it."""
    found = look.report.running
    head = heading("RUNNING", (("  (ends by itself?)", "muted"),))
    if not found:
        return (head, Entry((("nothing is slowed, closed or muted", "muted"),)))
    return (head, *(_running(one, look, place) for place, one in enumerate(found)))


def _running(one: Running, look: Look, place: int) -> Entry:
    until = f" → {clock(one.until, look.moment.zone, look.moment.now)}" if one.until else ""
    spare = max(look.room - 59, 0)
    where = cut(one_line(one.where), max(21 + spare - len(until), 8)) + until
    text = f"{fit(one.what, 13)} {fit(where, 21 + spare)}  {ends(one, 20)}"
    behind = look.threads(one.what, (one.thread,) if one.thread else ())
    style = "late" if one.overdue and not one.by else "text"
    return Entry(((cut(text, look.room - 2), style),), f"running:{place}", "running", behind)


def ends(one: Running, room: int) -> str:
    """Return who ends a setting, in at most `room` cells where that can be said."""
    match one.ends:
        case "platform":
            return "the platform ends it"
        case "nobody":
            return "no end: lift it"
    if one.by:
        host, _, rest = one.by.partition(":")
        return cut(f"modtui: {host}:{rest.partition(':')[0]}", max(room, 12))
    if one.overdue:
        long, short = "no modtui serves it: overdue", "OVERDUE: no modtui"
    else:
        long, short = "modtui, but none serves it", "no modtui serves it"
    return long if len(long) <= room else short


def coming(look: Look) -> Block:
    """Return who is next, and the times without sight of the period."""
    lines: list[Entry] = [
        heading("NEXT", id="next"),
        Entry((("no roster is configured", "muted"),)),
    ]
    blind = look.report.blind
    if blind:
        lost = sum((_lost(each, look) for each in blind), timedelta())
        more: Row = ((f"  {len(blind)}×, {brief(lost)} in all", "text"),)
        lines.append(heading("BLIND", more, "blind"))
    hidden = len(blind) - BLIND_SHOWN
    lines += [_blind(each, look, place) for place, each in enumerate(blind[-BLIND_SHOWN:])]
    if hidden > 0:
        lines.append(Entry(((f"and {hidden} before", "muted"),)))
    return tuple(lines)


def _lost(one: Blind, look: Look) -> timedelta:
    period = look.report.period
    return (one.end or period.end) - max(one.start, period.start)


def _blind(one: Blind, look: Look, place: int) -> Entry:
    zone, now = look.moment.zone, look.moment.now
    end = clock(one.end, zone) if one.end else "now"
    text = f"{fit(one.account, 15)} {clock(one.start, zone, now)} → {end}   {one.kind}"
    behind = Behind("accounts", room="accounts")
    style = "text" if one.end else "late"
    return Entry(((cut(text, look.room - 3), style),), f"blind:{place}", "blind", behind)
