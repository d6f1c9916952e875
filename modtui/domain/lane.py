"""The NOW lane: which threads stand above every deadline, since when and why; a fold over events.

A thread enters by `sensitive` (detail `reason`; `flag`: the flag that says so; `route`: the help
route that a moderator opened with it), and leaves when it is resolved. Reopened, it enters again
for the same reason. What was taken back never counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from modtui.domain.cycles import counted
from modtui.domain.frozen import dataclass
from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.states import after

SENSITIVE = "sensitive"
"""The reason, and the help route, where a moderator says so and no flag names one."""

LONGEST_SNOOZE = timedelta(minutes=15)
NEEDS_OUTCOME = "it is in the NOW lane and needs an outcome in words"


@dataclass(frozen=True, slots=True)
class Stay:
    """A thread in the lane: since when on the wall clock, and why."""

    since: datetime
    reason: str


def stay(events: Sequence[Event]) -> Stay | None:
    """Return how the thread of `events` stands in the lane, or None when it is not in it."""
    state, reason = State.OPEN, ""
    here: Stay | None = None
    for event in counted(sorted(events, key=attrgetter("at"))):
        before, state = state, after(state, event)
        if event.kind is EventKind.SENSITIVE:
            reason = str(event.get("reason") or SENSITIVE)
            here = here or Stay(event.at, reason)
        elif state is State.RESOLVED:
            here = None
        elif before is State.RESOLVED and reason:
            here = here or Stay(event.at, reason)
    return here


def placed(record: ThreadRecord, events: Sequence[Event], target: timedelta) -> ThreadRecord:
    """Return `record` as `events` place it in the lane, with the help route that `!` opened; what
    is in the lane is not put aside."""
    if not any(event.kind is EventKind.SENSITIVE for event in events):
        return record
    here = stay(events)
    return replace(
        record,
        now_at=here.since if here else None,
        now_due_at=here.since + target if here else None,
        now_reason=here.reason if here else "",
        help_route=_route(record.help_route, events),
        backlog=record.backlog and here is None,
    )


def told_by_flag(record: ThreadRecord, events: Sequence[Event]) -> bool:
    """Return whether a flag holds the thread in the lane: a further one then says nothing new."""
    since = record.now_at
    return since is not None and any(
        event.kind is EventKind.SENSITIVE and event.get("flag") and event.at >= since
        for event in counted(events)
    )


def _route(route: str | None, events: Sequence[Event]) -> str | None:
    """Return the help route once those that `!` opened and `u` closed again are left out."""
    opened = _routes(events)
    standing = _routes(counted(events))
    if route in opened and route not in standing:
        return None
    return route or next(iter(standing), None)


def _routes(events: Sequence[Event]) -> tuple[str, ...]:
    found = (event.get("route") for event in events if event.kind is EventKind.SENSITIVE)
    return tuple(str(route) for route in found if route)
