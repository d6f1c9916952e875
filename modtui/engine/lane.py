"""How a thread comes into the NOW lane, and what cannot be done with it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from modtui.domain.commands import (
    Command,
    Dismiss,
    Hide,
    MarkSensitive,
    NotSensitive,
    Reply,
    Resolve,
    Snooze,
    Then,
)
from modtui.domain.lane import LONGEST_SNOOZE, NEEDS_OUTCOME, SENSITIVE
from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.settings import Desk
from modtui.domain.words import length
from modtui.engine import Refused
from modtui.engine.folding import called
from modtui.engine.parts import Parts
from modtui.engine.weigh import named

FLAG_STAYS = "which closes with an outcome in words alone"


def alarm(flagged: Sequence[Event], desk: Desk, account: str) -> tuple[Event, ...]:
    """Return the event that the earliest of `flagged` with a now reason is worth, or none."""
    for event in sorted(flagged, key=attrgetter("at")):
        reason = named((str(event.get("reason")),), desk.now_reasons)
        if reason is not None:
            detail = (("reason", reason), ("flag", event.get("flag")), ("post", event.get("post")))
            return (Event(EventKind.SENSITIVE, event.at, account, detail),)
    return ()


def sensitive_detail(record: ThreadRecord) -> tuple[tuple[str, str | None], ...]:
    """Return what a moderator's `!` says of itself: its reason, and the help route it opens."""
    route = SENSITIVE if record.help_route is None else None
    return (("reason", SENSITIVE), ("route", route))


def over_detail(why: str, record: ThreadRecord) -> tuple[tuple[str, str | None], ...]:
    """Return what the words that close the help route of `record` say of themselves."""
    return (("over", why.strip()), ("closed", record.help_route))


def flagged_as(record: ThreadRecord, desk: Desk) -> str | None:
    """Return the sensitive reason that flags of the platform give, which no words take back."""
    return named(record.reasons, (*desk.now_reasons, *desk.help_reasons))


def unfinished(command: Command, record: ThreadRecord) -> Command:
    """Return `command` as it counts in the lane, where it does what it does and closes nothing."""
    if record.now_at is not None:
        match command:
            case Hide() | Dismiss():
                return replace(command, finishes=False)
            case Reply(then=Then.DONE):
                return replace(command, then=Then.WAIT)
    return command


def check_lane(command: Command, record: ThreadRecord, parts: Parts) -> None:
    """Raise Refused("invalid") for what the NOW lane does not allow."""
    title, inside = called(record, parts.desk), record.now_at is not None
    match command:
        case MarkSensitive() if inside:
            raise Refused("invalid", f"{title} is in the NOW lane: {record.now_reason}")
        case MarkSensitive() if record.state is State.RESOLVED:
            raise Refused("invalid", "a resolved thread is done: reopen it first")
        case NotSensitive(why=why):
            _check_over(why, record, parts)
        case Resolve(outcome=outcome) if inside and not outcome.strip():
            raise Refused("invalid", f"{title}: {NEEDS_OUTCOME}")
        case Reply(then=Then.DONE) if inside:
            raise Refused("invalid", f"{title}: {NEEDS_OUTCOME}, a reply does not close it")
        case Snooze(until=until) if inside and until > parts.now() + LONGEST_SNOOZE:
            most = length(int(LONGEST_SNOOZE.total_seconds()))
            raise Refused("invalid", f"{title} is in the NOW lane: snoozed for {most} at most")


def _check_over(why: str, record: ThreadRecord, parts: Parts) -> None:
    title, flagged = called(record, parts.desk), flagged_as(record, parts.desk)
    if record.now_at is None and record.help_route is None:
        raise Refused("invalid", f"{title} is not in the NOW lane and has no help route open")
    if record.state is State.RESOLVED:
        raise Refused("invalid", "a resolved thread is done: reopen it first")
    if flagged is not None:
        raise Refused("invalid", f"{title}: a flag says {flagged}, {FLAG_STAYS}")
    if not why.strip():
        raise Refused("invalid", f"{title}: say in words why it is not sensitive")
