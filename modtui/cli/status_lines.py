"""The report of Status as plain lines, one thing a line, for a shell or a screen reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from modtui.cli.plain import at, span
from modtui.domain.metrics import Blind, Doing, PileOn, Report, Running, Share, Why
from modtui.domain.timeleft import Left, left_text, left_words

_NEEDS = {
    "needs_delivery": "deliveries of unknown outcome",
    "needs_escalation": "escalations without ack",
    "needs_now": "NOW threads that nobody holds",
}
_NOW_THREADS = 20
"""So many threads of the NOW lane have a line of their own."""
_COLUMNS = ("up to 15 minutes", "up to 1 hour", "up to 2 hours", "over 2 hours")


def lines(one: Report, health: Mapping[str, str], zone: str) -> Iterator[str]:
    """Yield the report in the order of the screen; times of day are in `zone`."""
    start, end = at(one.period.start, zone), at(one.period.end, zone)
    yield f"status from {start} to {end}"
    only = (one.narrow.account, one.narrow.person, one.narrow.language)
    if any(only):
        yield f"only {', '.join(name for name in only if name)}"
    yield from _now(one, zone)
    yield from _past(one, zone)
    yield from _tables(one, health, zone)
    yield from _flow(one, zone)
    for running in one.running:
        yield _running(running, zone)
    yield "on call next: no roster is configured"
    for blind in one.blind:
        yield f"blind: {_blind(blind, zone)}, {blind.kind}"


def _now(one: Report, zone: str) -> Iterator[str]:
    yield f"needs you: {sum(need.number for need in one.needs)}"
    for need in one.needs:
        since = f", since {at(need.since, zone)}" if need.since else ""
        yield f"needs you: {need.number} {_NEEDS[need.key]}{since}: {need.first}"
    oldest = f", the oldest {_left(one.oldest_late, zone)}" if one.oldest_late else ""
    yield f"late now: {one.late_now.number}, {one.late_now.unowned} unowned{oldest}"
    for place in one.late_places:
        held = ", ".join(f"{who or 'nobody'} {count}" for who, count in place.holders)
        yield f"late now in {place.account}/{place.channel}: {len(place.ids)}, held by {held}"
    yield f"due within the hour: {one.due_hour.number}, {one.due_hour.unowned} unowned"


def _past(one: Report, zone: str) -> Iterator[str]:
    night, settled = one.night, one.settled
    yield (
        f"came in: {night.arrived} = answered {night.answered} + kept {night.kept}"
        f" + removed {night.removed} + closed {night.closed} + elsewhere {night.elsewhere}"
        f" + open {night.open}"
    )
    for thread in one.now_threads[:_NOW_THREADS]:
        human = f"first human after {_span(thread.first_human)}" if thread.first_human else ""
        yield f"NOW thread {thread.id}: {human or 'nobody yet'}, {thread.outcome}: {thread.title}"
    if len(one.now_threads) > _NOW_THREADS:
        alone = sum(thread.first_human is None for thread in one.now_threads)
        yield f"NOW threads: {len(one.now_threads)}, nobody yet in {alone}: modtui queue --now"
    yield f"undone actions: {night.undone}"
    yield f"slow mode used: {night.slowed}, read-only used: {night.closed_channels}"
    late = settled.of - settled.inside
    yield f"late in the period: {late} of {settled.of} first responses, in time {_share(settled)}"
    for why in one.late_why:
        yield f"late in the period, {why.cause.value}: {why.number}{_details(why, zone)}"


def _tables(one: Report, health: Mapping[str, str], zone: str) -> Iterator[str]:
    for each in one.platforms:
        yield (
            f"platform {each.account}: {each.open} open, {each.late} late,"
            f" {each.due_hour} due within the hour, {each.unowned} unowned,"
            f" first response p50 {_span(each.p50)} p90 {_span(each.p90)},"
            f" in time today {_share(each.today)}, 7 days {_share(each.week)},"
            f" same day last week {_share(each.last_week)}, {health.get(each.account, 'unknown')}"
        )
    for person in one.people:
        handled = f", handled {person.handled}, p50 {_span(person.p50)}" if person.name else ""
        oldest = f", the oldest {_left(person.oldest, zone)}" if person.oldest else ""
        yield (
            f"person {person.name or 'nobody'}: holds {person.holds}, {person.late} late"
            f"{oldest}{handled}{_doing(person.doing, zone)}"
        )


def _flow(one: Report, zone: str) -> Iterator[str]:
    first, hours = one.responses, one.arrivals
    columns = zip(_COLUMNS, first.columns, strict=True)
    yield "first responses: " + ", ".join(f"{count} {name}" for name, count in columns)
    yield f"first response p50 {_span(first.p50)}, p90 {_span(first.p90)}"
    most, peak = hours.peak
    yield f"arrivals in 24 hours: {sum(hours.hours)}, peak {most} at {at(peak, zone)}"
    yield f"arrivals this hour: {hours.hours[-1]}, usual here {hours.usual:.1f}"
    yield (
        f"closed without escalation: {_share(one.unescalated)}"
        f", 7 days {_share(one.unescalated_week)}"
    )


def _share(one: Share) -> str:
    part = one.fraction
    return "-" if part is None else f"{part * 100:.1f} %"


def _span(value: timedelta | None) -> str:
    return "-" if value is None else span(value)


def _left(value: Left, zone: str) -> str:
    text = left_text(value, zone)
    if value.lane and text.startswith("NOW!"):
        return text.replace("!", " late ")
    if text.startswith("@"):
        return left_words(value, zone)
    return f"{text.removeprefix('!-')} over" if text.startswith("!-") else f"{text} left"


def _details(why: Why, zone: str) -> str:
    parts = []
    for what, count in why.details:
        if isinstance(what, Blind):
            parts.append(_blind(what, zone))
        elif isinstance(what, PileOn):
            parts.append(f"{at(what.start, zone)} to {at(what.end, zone)}")
        else:
            parts.append(f"{what} {count}")
    return f": {', '.join(parts)}" if parts else ""


def _blind(one: Blind, zone: str) -> str:
    end = at(one.end, zone) if one.end else "now"
    return f"{one.account} from {at(one.start, zone)} to {end}"


def _doing(doing: Doing | None, zone: str) -> str:
    if doing is None:
        return ""
    match doing.verb:
        case "writing":
            return f", writing in {doing.what}"
        case "holds":
            return f", holds {doing.what}"
    return f", acted {at(doing.at, zone)}" if doing.at else ""


def _running(one: Running, zone: str) -> str:
    until = f" until {at(one.until, zone)}" if one.until else ""
    match one.ends:
        case "platform":
            who = "the platform ends it"
        case "nobody":
            who = "it has no end"
        case _:
            late = ": overdue" if one.overdue else ""
            who = f"modtui ends it: {one.by}" if one.by else f"no modtui serves it{late}"
    return f"running: {one.what} in {one.where}{until}, {who}"
