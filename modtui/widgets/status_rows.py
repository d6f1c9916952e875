"""The upper half of Status in lines: what needs you, the night, what is late and why."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from modtui.domain.metrics import (
    Blind,
    Need,
    Night,
    NowThread,
    Period,
    PileOn,
    Place,
    Report,
    Span,
    Why,
)
from modtui.widgets.cells import Row, age, cell_len, clock, cut, fit, one_line
from modtui.widgets.status_cells import (
    Behind,
    Block,
    Entry,
    Look,
    bar,
    brief,
    heading,
    share,
    standing,
)

PLACES = 3
_NEEDS = {
    "needs_delivery": ("delivery unknown", "deliveries unknown"),
    "needs_escalation": ("escalation without ack", "escalations without ack"),
    "needs_now": ("NOW thread that nobody holds", "NOW threads that nobody holds"),
}
SPANS = {
    Span.LOOK: "since your last look",
    Span.TODAY: "today",
    Span.WEEK: "last 7 days",
    Span.MONTH: "last 28 days",
}


def is_night(period: Period, zone: str) -> bool:
    """Return whether the period is one night: at most a day, with the small hours in it."""
    if period.span is not Span.LOOK or period.end - period.start > timedelta(hours=24):
        return False
    start, end = (at.astimezone(ZoneInfo(zone)) for at in (period.start, period.end))
    return start.date() != end.date() or start.hour < 4


def since(period: Period, zone: str) -> str:
    """Return the period in words: `since your last look Fri 18:10`."""
    words = "your first look, since" if period.first else SPANS[period.span]
    if period.span is not Span.LOOK:
        return words
    start = period.start.astimezone(ZoneInfo(zone))
    form = "%a %H:%M" if period.end - period.start < timedelta(days=6) else "%d %b %H:%M"
    return f"{words} {start.strftime(form)}"


def needs(look: Look) -> Block:
    """Return what waits for a person."""
    found = look.report.needs
    total = sum(need.number for need in found)
    ids = tuple(dict.fromkeys(number for need in found for number in need.ids))
    counted: Row = ((f"  {total}", "late" if total else "text"),)
    title = heading("NEEDS YOU", counted, "needs_you", look.threads("needs you", ids))
    if not found:
        return (title, Entry((("nothing waits for a person", "muted"),)))
    return (title, *(_need(need, look) for need in found))


def _need(need: Need, look: Look) -> Entry:
    one, many = _NEEDS[need.key]
    waited = f" {age(need.since, look.moment.now)}" if need.since else ""
    colon = ": " if need.first else ""
    words = f"{need.number} {one if need.number == 1 else many}{waited}{colon}"
    text = words + one_line(need.first)
    if need.key == "needs_delivery":
        behind = Behind("deliveries", room="deliveries")
    else:
        behind = look.threads(many, need.ids)
    return Entry(((cut(text, look.room - 2), "late"),), need.key, need.key, behind)


def night(look: Look) -> Block:
    """Return what came in and what became of it."""
    report, moment = look.report, look.moment
    zone = moment.zone
    title = "NIGHT" if is_night(report.period, zone) else "CAME IN"
    start = clock(report.period.start, zone, moment.now)
    span = f"  {start} → {clock(report.period.end, zone)}"
    first, *more = _sum(report.night, look.room - 3)
    behind = look.threads("came in", report.night.ids)
    return (
        heading(title, ((span, "text"),)),
        Entry(((first, "text"),), "night", "night", behind),
        *(Entry(((f"  {line}", "text"),)) for line in more),
        _now_line(look),
        _undone_line(look),
    )


def _sum(one: Night, room: int) -> list[str]:
    """Return the sum as lines of at most `room` cells."""
    named = {"answered": one.answered, "kept": one.kept, "removed": one.removed}
    named |= {name: n for name, n in (("closed", one.closed), ("elsewhere", one.elsewhere)) if n}
    named["open"] = one.open
    lines = [f"in {one.arrived} ="]
    for name, count in named.items():
        plus = "" if lines == [f"in {one.arrived} ="] else "+ "
        joined = f"{lines[-1]} {plus}{name} {count}"
        if len(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(f"{plus}{name} {count}")
    return lines


def _now_line(look: Look) -> Entry:
    threads = look.report.now_threads
    words = f"NOW threads {len(threads)}"
    if threads:
        words += f": first human {_came(threads)} · {_ended(threads)}"
    behind = look.threads("NOW threads", tuple(t.id for t in threads))
    style = "text" if threads else "muted"
    return Entry(((cut(words, look.room - 3), style),), "now_threads", "now_threads", behind)


def _came(threads: tuple[NowThread, ...]) -> str:
    took = [brief(t.first_human) for t in threads if t.first_human is not None]
    nobody = len(threads) - len(took)
    parts = took[:3] + (["…"] if took[3:] else [])
    parts += [f"nobody yet {nobody}" if nobody > 1 else "nobody yet"] if nobody else []
    return ", ".join(parts)


def _ended(threads: tuple[NowThread, ...]) -> str:
    count = Counter(one_line(t.outcome) for t in threads)
    if len(count) == 1 and len(threads) > 1:
        return f"{'both' if len(threads) == 2 else 'all'} {next(iter(count))}"
    return ", ".join(f"{words} {n}" if n > 1 else words for words, n in count.most_common())


def _undone_line(look: Look) -> Entry:
    one = look.report.night
    limits = f"slow mode used {one.slowed}×"
    if one.closed_channels:
        limits += f", read-only {one.closed_channels}×"
    row: Row = ((fit(f"undone actions {one.undone}", 36), "text"), (limits, "text"))
    return Entry(row, "undone", "undone", look.threads("undone", one.undone_ids))


def late_now(look: Look) -> Block:
    """Return what is late, by place, and what comes due within the hour."""
    report, zone = look.report, look.moment.zone
    total = report.late_now.number
    oldest = standing(report.oldest_late, zone)
    more: Row = ((f"  {total}", "late" if total else "text"),)
    if oldest:
        more = (*more, (" " * max(31 - len(str(total)), 2) + f"oldest {oldest}", "text"))
    shown = report.late_places[:PLACES]
    longest = max((len(_name(place)) for place in shown), default=0)
    places = tuple(_place(place, min(max(longest, 15), 26), look) for place in shown)
    hidden = len(report.late_places) - PLACES
    more_places = f"and {hidden} more place{'s' if hidden > 1 else ''}"
    rest = (Entry(((more_places, "muted"),)),) if hidden > 0 else ()
    due = report.due_hour
    counts: Row = ((f"  {due.number}   unowned {due.unowned}", "text"),)
    return (
        heading("LATE NOW", more, "late_now", look.threads("late now", report.late_now.ids)),
        *places,
        *rest,
        heading("DUE WITHIN THE HOUR", counts, "due_hour", look.threads("due", due.ids)),
    )


def _name(place: Place) -> str:
    return f"{place.account}/{one_line(place.channel)}"


def _place(place: Place, width: int, look: Look) -> Entry:
    name = _name(place)
    holders = [f"{who or 'nobody'} {count}" for who, count in place.holders]
    if len(place.holders) == 1:
        holders = [place.holders[0][0] or "nobody"]
    text = f"{fit(name, width)} {len(place.ids):>2}   {', '.join(holders)}"
    behind = look.threads(f"late in {name}", place.ids)
    return Entry(((cut(text, look.room - 2), "text"),), f"late:{name}", "late_now", behind)


def late_period(look: Look) -> Block:
    """Return how many first responses were late, and why."""
    report, zone = look.report, look.moment.zone
    settled = report.settled
    late = settled.of - settled.inside
    title = "LATE LAST NIGHT" if is_night(report.period, zone) else f"LATE {_title(report)}"
    within = f" ({share(settled, 1)} within target)" if settled.of else ""
    more: Row = ((f"  {late} of {settled.of}{within}", "text"),)
    ids = tuple(dict.fromkeys(i for why in report.late_why for i in why.ids))
    most = max((why.number for why in report.late_why), default=0)
    return (
        heading(title, more, "late_period", look.threads("late in the period", ids)),
        *(_why(why, most, look) for why in report.late_why),
    )


def _title(report: Report) -> str:
    if report.period.span is Span.LOOK:
        return "SINCE THEN"
    return SPANS[report.period.span].upper()


def _why(why: Why, most: int, look: Look) -> Entry:
    zone = look.moment.zone
    label, details = why.cause.value, [_detail(what, zone) for what, _ in why.details]
    if why.details and isinstance(why.details[0][0], PileOn):
        label, details = f"{label} {details[0]}", details[1:]
    elif len(why.details) > 1 or (why.details and isinstance(why.details[0][0], str)):
        details = [f"{_detail(what, zone)} {count}" for what, count in why.details]
    drawn = bar(why.number, most, 6)
    label = cut(label, 19)
    count = f"{why.number:>{20 - cell_len(label)}}"
    text = f"{label} {count}  {drawn:<5} {', '.join(details)}".rstrip()
    behind = look.threads(f"late: {why.cause.value}", why.ids)
    row: Row = ((cut(text, look.room - 3), "text"),)
    return Entry(row, f"cause:{why.cause.name.lower()}", "cause", behind)


def _detail(what: str | Blind | PileOn, zone: str) -> str:
    if isinstance(what, str):
        return one_line(what)
    start = clock(what.start, zone)
    end = clock(what.end, zone) if what.end else "now"
    name = f"{what.account} " if isinstance(what, Blind) else ""
    return f"{name}{start}–{end}"
