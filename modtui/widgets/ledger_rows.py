"""The ledger of a deadline in rows: what counted, what did not and why, and that it sums."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.domain.hours import always
from modtui.domain.model import ClockKind
from modtui.domain.sla import Clock, LedgerLine, Policy
from modtui.domain.timeleft import Left, left
from modtui.domain.views import ThreadDetail
from modtui.widgets.cells import Row, clock, coarse, one_line, right, wrap
from modtui.widgets.host import Moment

NAMES = {
    ClockKind.FIRST_RESPONSE: "first response",
    ClockKind.NEXT_RESPONSE: "next response",
    ClockKind.RESOLUTION: "resolution",
}
COUNTED = "counted"


def in_question(detail: ThreadDetail) -> Clock | None:
    """Return the clock whose deadline the queue shows, else the one that began last."""
    kind = detail.row.standing.clock
    clocks = sorted(detail.clocks(), key=lambda c: (c.cycle, c.started_at))
    same = [each for each in clocks if each.kind is kind]
    found = same or clocks
    return found[-1] if found else None


def deadline_rows(detail: ThreadDetail, moment: Moment) -> tuple[Row, ...]:
    """Return how the deadline stands: due when, late by how much, by which policy and why."""
    lines = _lane(detail, moment)
    found = in_question(detail)
    if found is None:
        lines.append("no clock runs: nothing is promised for this thread")
    else:
        calendar = detail.policy.calendar if detail.policy is not None else always()
        spent = left(detail.row.standing, calendar, moment.now)
        lines += [_due(found, spent, moment), *_policy(detail, found), _sums(found, moment)]
    return tuple(((f" {line}", "text"),) for text in lines for line in wrap(text, moment.width - 2))


def ledger_rows(detail: ThreadDetail, moment: Moment) -> tuple[Row, ...]:
    """Return every stretch of the clock in question, then those of the other clocks."""
    first = in_question(detail)
    others = [each for each in reversed(detail.clocks()) if each != first]
    rows: list[Row] = []
    for each in (first, *others):
        if each is not None:
            rows += _one_ledger(each, moment)
    return tuple(rows)


def _lane(detail: ThreadDetail, moment: Moment) -> list[str]:
    row = detail.row
    if row.now_at is None:
        return []
    since = clock(row.now_at, moment.zone, moment.now)
    due = ""
    if row.now_due_at is not None:
        ahead = (row.now_due_at - moment.now).total_seconds()
        stands = f"{coarse(ahead)} left" if ahead >= 0 else f"late {coarse(-ahead)}"
        due = f", due {clock(row.now_due_at, moment.zone, moment.now)}, {stands}"
    why = f" ({one_line(row.now_reason)})" if row.now_reason else ""
    return [f"NOW lane since {since}{why}{due}: wall clock, never paused"]


def _due(found: Clock, spent: Left, moment: Moment) -> str:
    name = NAMES[found.kind]
    if found.stopped_at is not None:
        return f"{name} stopped {clock(found.stopped_at, moment.zone, moment.now)}"
    if found.due_at is None:
        until = found.resumes_at
        goes_on = f" until {clock(until, moment.zone, moment.now)}" if until else ""
        return f"{name} stands still{goes_on}"
    due = f"{name} due {clock(found.due_at, moment.zone, moment.now)}"
    if spent.seconds is not None and spent.seconds < 0:
        over = coarse(spent.over.total_seconds()) if spent.over else "0s"
        return f"{due} · late {coarse(-spent.seconds)} working time, {over} by the calendar"
    ahead = coarse((found.due_at - moment.now).total_seconds())
    worked = coarse(spent.seconds) if spent.seconds is not None else "0s"
    return f"{due} · {worked} working time left, {ahead} by the calendar"


def _policy(detail: ThreadDetail, found: Clock) -> tuple[str, ...]:
    policy = detail.policy
    if policy is None:
        return (f"target {_span(found.target)}",)
    calendar = policy.calendar
    warns = ", ".join(_span(found.target * share) for share in policy.warn_at)
    return (
        f"policy {policy.name}: target {_span(found.target)}"
        f"{f', warns at {warns}' if warns else ''} · calendar {calendar.name} ({calendar.zone})",
        f"it fits because {_why(policy, detail)}",
    )


def _why(policy: Policy, detail: ThreadDetail) -> str:
    record = detail.record
    tags = ", ".join(tag for tag in record.thread.tags if tag in policy.tags)
    facts = (
        (policy.accounts, f"the account is {record.account}"),
        (policy.channels, f"the channel is {one_line(detail.channel.name)}"),
        (policy.severities, f"the severity is {record.severity.value}"),
        (policy.languages, f"the language is {record.language or 'unknown'}"),
        (policy.tags, f"it is tagged {tags}"),
    )
    said = [words for wanted, words in facts if wanted]
    return " and ".join(said) or "it takes every thread that none before it took"


def _sums(found: Clock, moment: Moment) -> str:
    """Return the sum of each cause, and that they make up the time since the start."""
    causes: dict[str, timedelta] = {COUNTED: timedelta()}
    for line in found.ledger:
        causes[line.cause] = causes.get(line.cause, timedelta()) + (line.end - line.start)
    parts = [f"{_span(time)} {cause}" for cause, time in causes.items()]
    whole = sum(causes.values(), timedelta())
    since = clock(found.started_at, moment.zone, moment.now)
    return f"{' + '.join(parts)} = {_span(whole)} since {since}"


def _one_ledger(found: Clock, moment: Moment) -> list[Row]:
    cycle = f", cycle {found.cycle}" if found.cycle > 1 else ""
    rows: list[Row] = [((f" {NAMES[found.kind]}{cycle}", "strong"),)]
    rows += [_line(line, moment) for line in found.ledger]
    breach = ""
    if found.breached_at is not None:
        breach = f", breached {_at(found.breached_at, moment)}"
    total = f"{_span(found.elapsed)} of {_span(found.target)} counted{breach}"
    rows.append(((f" {'':>16} {total}", "late" if breach else "ok"),))
    return rows


def _line(line: LedgerLine, moment: Moment) -> Row:
    span = f" {_at(line.start, moment):>14} → {_at(line.end, moment):<14}"
    time = right(_span(line.end - line.start), 9)
    if line.cause == COUNTED:
        return ((span, "text"), (f"{time} counted", "strong"))
    return ((span, "muted"), (f"{time} not counted: {line.cause}", "muted"))


def _at(at: datetime, moment: Moment) -> str:
    return clock(at, moment.zone, moment.now)


def _span(value: timedelta) -> str:
    return coarse(value.total_seconds())
