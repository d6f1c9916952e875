"""The report of Status as JSON: every number of the screen, under stable keys."""

from __future__ import annotations

from datetime import timedelta

from modtui.cli.shapes import Doc
from modtui.domain.metrics import (
    HOUR,
    Blind,
    NowThread,
    Person,
    PileOn,
    Platform,
    Report,
    Running,
    Share,
    Why,
)


def report(one: Report) -> Doc:
    """Return the numbers of `one`; docs/status.md says how each is counted."""
    period, narrow = one.period, one.narrow
    return {
        "period": {
            "span": period.span,
            "start": period.start,
            "end": period.end,
            "first_look": period.first,
        },
        "narrow": {
            "account": narrow.account, "person": narrow.person, "language": narrow.language,
        },
        "needs_you": _needs(one),
        "late_now": _late_now(one),
        "due_within_hour": {
            "total": one.due_hour.number,
            "unowned": one.due_hour.unowned,
            "threads": one.due_hour.ids,
        },
        "late_in_period": {
            **share(one.settled),
            "late": one.settled.of - one.settled.inside,
            "causes": [_why(why) for why in one.late_why],
        },
        "night": _night(one),
        "now_threads": [_now(thread) for thread in one.now_threads],
        "platforms": [_platform(each) for each in one.platforms],
        "people": [_person(each) for each in one.people],
        "first_response": _responses(one),
        "arrivals": _arrivals(one),
        "closed_without_escalation": {
            "period": share(one.unescalated), "last_7_days": share(one.unescalated_week),
        },
        "running": [_running(each) for each in one.running],
        "roster": None,
        "blind": [blind(each) for each in one.blind],
    }  # fmt: skip


def share(one: Share) -> Doc:
    """Return a share: so many of so many, and as a fraction."""
    return {"inside": one.inside, "of": one.of, "share": one.fraction}


def seconds(span: timedelta | None) -> int | None:
    """Return whole seconds, or None."""
    return None if span is None else int(span.total_seconds())


def blind(one: Blind) -> Doc:
    """Return a time without sight; `end` null: it lasts."""
    return {"account": one.account, "kind": one.kind, "start": one.start, "end": one.end}


def _needs(one: Report) -> Doc:
    items = [
        {
            "kind": need.key.removeprefix("needs_"),
            "number": need.number,
            "first": need.first,
            "since": need.since,
            "threads": need.ids,
        }
        for need in one.needs
    ]
    return {"total": sum(need.number for need in one.needs), "items": items}


def _late_now(one: Report) -> Doc:
    places = [
        {
            "account": place.account,
            "channel": place.channel,
            "number": len(place.ids),
            "holders": [{"name": who or None, "number": n} for who, n in place.holders],
            "threads": place.ids,
        }
        for place in one.late_places
    ]
    return {
        "total": one.late_now.number,
        "unowned": one.late_now.unowned,
        "oldest_seconds_left": one.oldest_late.seconds if one.oldest_late else None,
        "places": places,
        "threads": one.late_now.ids,
    }


def _why(why: Why) -> Doc:
    return {
        "cause": why.cause,
        "number": why.number,
        "details": [{"what": _detail(what), "number": n} for what, n in why.details],
        "threads": why.ids,
    }


def _detail(what: str | Blind | PileOn) -> str | Doc:
    if isinstance(what, Blind):
        return blind(what)
    return {"start": what.start, "end": what.end} if isinstance(what, PileOn) else what


def _night(one: Report) -> Doc:
    night = one.night
    return {
        "arrived": night.arrived,
        "answered": night.answered,
        "kept": night.kept,
        "removed": night.removed,
        "closed": night.closed,
        "elsewhere": night.elsewhere,
        "open": night.open,
        "undone_actions": night.undone,
        "slow_mode_used": night.slowed,
        "read_only_used": night.closed_channels,
    }


def _now(one: NowThread) -> Doc:
    return {
        "id": one.id,
        "title": one.title,
        "reason": one.reason,
        "first_human_seconds": seconds(one.first_human),
        "outcome": one.outcome,
    }


def _platform(one: Platform) -> Doc:
    return {
        "account": one.account,
        "open": one.open,
        "late": one.late,
        "due_within_hour": one.due_hour,
        "unowned": one.unowned,
        "first_response_p50_seconds": seconds(one.p50),
        "first_response_p90_seconds": seconds(one.p90),
        "in_time_today": share(one.today),
        "in_time_last_7_days": share(one.week),
        "in_time_same_day_last_week": share(one.last_week),
    }


def _person(one: Person) -> Doc:
    doing = one.doing and {"verb": one.doing.verb, "what": one.doing.what, "at": one.doing.at}
    return {
        "name": one.name or None,
        "holds": one.holds,
        "late": one.late,
        "oldest_seconds_left": one.oldest.seconds if one.oldest else None,
        "handled": one.handled,
        "first_response_p50_seconds": seconds(one.p50),
        "doing": doing,
    }


def _responses(one: Report) -> Doc:
    names = ("up_to_15m", "up_to_1h", "up_to_2h", "over_2h")
    first = one.responses
    return {
        **dict(zip(names, first.columns, strict=True)),
        "p50_seconds": seconds(first.p50),
        "p90_seconds": seconds(first.p90),
    }


def _arrivals(one: Report) -> Doc:
    hours = one.arrivals
    most, at = hours.peak
    return {
        "hours": [
            {"at": hours.starts_at + n * HOUR, "number": count}
            for n, count in enumerate(hours.hours)
        ],
        "now": hours.hours[-1],
        "usual": hours.usual,
        "peak": {"number": most, "at": at},
    }


def _running(one: Running) -> Doc:
    return {
        "what": one.what,
        "where": one.where,
        "until": one.until,
        "ends": one.ends,
        "by": one.by or None,
        "overdue": one.overdue,
        "thread": one.thread,
    }
