"""The NOW lane: which threads stand above every deadline, since when and why; a fold over events.

A thread enters by `sensitive` (detail `reason`; `flag`: the flag that says so; `route`: the help
route that a moderator opened with it), and leaves when it is resolved, or by a `sensitive` with
`over`, in words why it is not (`closed`: the help route that was open). Reopened, it enters again
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
_SENSITIVE = EventKind.SENSITIVE
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
        if is_over(event):
            here, reason = None, ""
        elif event.kind is EventKind.SENSITIVE:
            reason = str(event.get("reason") or SENSITIVE)
            here = here or Stay(event.at, reason)
        elif state is State.RESOLVED:
            here = None
        elif before is State.RESOLVED and reason:
            here = here or Stay(event.at, reason)
    return here


def is_over(event: Event) -> bool:
    """Return whether `event` says that a thread is not sensitive."""
    return event.kind is EventKind.SENSITIVE and event.get("over") is not None


def closing(events: Sequence[Event]) -> Event | None:
    """Return what closed the help route of the thread of `events` last, or None."""
    return max(filter(is_over, counted(events)), key=attrgetter("at"), default=None)


def placed(record: ThreadRecord, events: Sequence[Event], target: timedelta) -> ThreadRecord:
    """Return `record` as `events` place it in the lane, with the help route that `!` opened; what
    is in the lane is not put aside."""
    for event in events:
        if event.kind is _SENSITIVE:
            break
    else:
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
    """Return the help route once those that `!` opened and `u` or words closed again are left out,
    and with what `u` gives back."""
    ordered = sorted(events, key=attrgetter("at"))
    standing = counted(ordered)
    last = closing(standing)
    opened = _routes(standing if last is None else standing[standing.index(last) :])
    if route in _routes(ordered) and route not in opened:
        return None
    closed = next(filter(is_over, reversed(ordered)), None)
    if route is None and closed is not None and closed not in standing:
        route = str(closed.get("closed") or "") or None
    return route or next(iter(opened), None)


def _routes(events: Sequence[Event]) -> tuple[str, ...]:
    found = (event.get("route") for event in events if event.kind is EventKind.SENSITIVE)
    return tuple(str(route) for route in found if route)
