"""What became of a thread, cycle by cycle: a fold over its events, whatever the time is now.

`domain/cycles.py` says when the clocks ran; here is who stopped them and what came of it.
`domain/metrics.py` counts stories and says in words how.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from modtui.domain.cycles import Course, Run, counted, follow
from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar
from modtui.domain.lane import SENSITIVE, is_over
from modtui.domain.model import ELSEWHERE, ClockKind, Event, EventKind, State
from modtui.domain.states import after, public

_KIND = EventKind
DEEDS = frozenset(
    {_KIND.STAFF_REPLY, _KIND.HIDDEN, _KIND.DISMISSED, _KIND.RESOLVED, _KIND.ESCALATED,
     _KIND.SANCTIONED}
)  # fmt: skip
"""What a person does to a thread so that it counts as handled."""

_PRESENT = DEEDS | {
    _KIND.CLAIMED,
    _KIND.TAKEN_OVER,
    _KIND.STAFF_NOTE,
    _KIND.SNOOZED,
    _KIND.SENSITIVE,
}
_TAKES = frozenset({_KIND.CLAIMED, _KIND.TAKEN_OVER})
_GIVES = frozenset({_KIND.RELEASED, _KIND.RESOLVED})
_NOBODY = frozenset({ELSEWHERE, "clock"})
_UNMOVED = frozenset({_KIND.FLAGGED, _KIND.BREACHED})


class Outcome(StrEnum):
    """What became of a cycle; of several the first in this order."""

    REMOVED = "removed"
    KEPT = "kept"
    ANSWERED = "answered"
    CLOSED = "closed"
    ELSEWHERE = "elsewhere"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person did."""

    at: datetime
    by: str
    kind: EventKind


@dataclass(frozen=True, slots=True)
class Escalation:
    """A cycle was handed to a team, first and last. `acked_at`: when, after the last time, somebody
    other than who escalated first did something to it."""

    first_at: datetime
    at: datetime
    by: str
    team: str
    acked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Urgent:
    """A stay in the NOW lane; `ended_at` None: it lasts. `outcome` is how it ended, in words."""

    since: datetime
    reason: str
    ended_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle. `response` is the working time to the first response, which `responder` gave;
    `late_at` the recorded breach of the first-response clock."""

    started_at: datetime
    outcome: Outcome
    response_at: datetime | None = None
    response: timedelta | None = None
    responder: str = ""
    late_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is counted of one thread.

    `deeds` are what people did, in time order; `present` also counts looking: claims, notes.
    `holds` tells who held it from when on, "" for nobody; `restricted` each setting that slowed
    or closed the channel, by kind; `urgent` its stays in the NOW lane.
    """

    cycles: tuple[Cycle, ...] = ()
    deeds: tuple[Deed, ...] = ()
    present: tuple[Deed, ...] = ()
    holds: tuple[tuple[datetime, str], ...] = ()
    flags: tuple[datetime, ...] = ()
    undone: tuple[datetime, ...] = ()
    restricted: tuple[tuple[datetime, str], ...] = ()
    urgent: tuple[Urgent, ...] = ()

    def holder(self, at: datetime) -> str:
        """Return who held the thread at `at` by its events, or ""."""
        held = ""
        for since, who in self.holds:
            if since > at:
                break
            held = who
        return held

    def first_present(self, since: datetime) -> Deed | None:
        """Return the first thing that a person did from `since` on, or None."""
        return next((deed for deed in self.present if deed.at >= since), None)


def tell(events: Sequence[Event], calendar: Calendar) -> Story:
    """Return the story of a thread from its events; `calendar` is that of its policy.

    What was undone is told as undone and counts nowhere else.
    """
    ordered = sorted(events, key=attrgetter("at"))
    if not ordered:
        return Story()
    if ordered[0].kind is _KIND.FLAGGED and all(event.kind in _UNMOVED for event in ordered):
        return _flagged(ordered)
    told = counted(ordered)
    course = follow(ordered, ordered[-1].at)
    present = tuple(Deed(e.at, e.actor, e.kind) for e in told if _by_a_person(e, _PRESENT))
    return Story(
        cycles=tuple(_cycles(told, course, calendar)),
        deeds=tuple(deed for deed in present if deed.kind in DEEDS),
        present=present,
        holds=tuple(_holds(told)),
        flags=tuple(e.at for e in told if e.kind is _KIND.FLAGGED),
        undone=tuple(e.at for e in ordered if e.kind is _KIND.UNDONE),
        restricted=tuple((e.at, _restricts(e)) for e in told if _restricts(e)),
        urgent=tuple(_urgent(told)),
    )


def _flagged(ordered: Sequence[Event]) -> Story:
    """Return the story of a thread that was flagged, perhaps in vain for too long. In a flood they
    are nearly all, and what else could be told of them takes ten times as long to be looked for."""
    start = ordered[0].at
    times = tuple([event.at for event in ordered if event.kind is _KIND.FLAGGED])
    late_at = None
    if len(times) < len(ordered):
        late = [event for event in ordered if event.kind is _KIND.BREACHED]
        first = (ClockKind.FIRST_RESPONSE.value, 1)
        late_at = next((e.at for e in late if (e.get("clock"), e.get("cycle")) == first), None)
    return Story(cycles=(Cycle(start, Outcome.OPEN, late_at=late_at),), flags=times)


def _cycles(told: Sequence[Event], course: Course, calendar: Calendar) -> Iterator[Cycle]:
    first = [run for run in course.runs if run.kind is ClockKind.FIRST_RESPONSE]
    resolution = [run for run in course.runs if run.kind is ClockKind.RESOLUTION]
    for part, run, whole in zip(split(told), first, resolution, strict=True):
        closed_at, stopped_at = whole.stopped_at, run.stopped_at
        yield Cycle(
            started_at=run.started_at,
            outcome=_outcome(part),
            response_at=stopped_at,
            response=calendar.working(run.started_at, stopped_at) if stopped_at else None,
            responder=_stopper(part, run),
            late_at=course.recorded_breach(run),
            resolved_at=closed_at,
            resolved_by=_stopper(part, whole),
            escalation=_escalation(part),
        )


def split(told: Sequence[Event]) -> list[list[Event]]:
    """Return the counted events of each cycle; what came before the first flag is left out."""
    parts: list[list[Event]] = []
    state = State.OPEN
    for event in told:
        if not parts:
            if event.kind is _KIND.FLAGGED:
                parts.append([event])
            continue
        before, state = state, after(state, event)
        if before is State.RESOLVED and state is not State.RESOLVED:
            parts.append([])
        parts[-1].append(event)
    return parts


def _outcome(part: Sequence[Event]) -> Outcome:
    kinds = {event.kind for event in part if event.actor != ELSEWHERE}
    if _KIND.HIDDEN in kinds:
        return Outcome.REMOVED
    if _KIND.DISMISSED in kinds:
        return Outcome.KEPT
    if any(event.kind is _KIND.STAFF_REPLY and public(event) for event in part):
        return Outcome.ANSWERED
    closers = {event.actor for event in part if event.kind is _KIND.RESOLVED}
    if closers - {ELSEWHERE}:
        return Outcome.CLOSED
    return Outcome.ELSEWHERE if closers else Outcome.OPEN


def _stopper(part: Sequence[Event], run: Run) -> str:
    """Return who stopped `run`, or "" while it runs."""
    if run.stopped_at is None:
        return ""
    return next((e.actor for e in part if e.at == run.stopped_at and e.kind in DEEDS), "")


def _escalation(part: Sequence[Event]) -> Escalation | None:
    """Return the escalation of a cycle, or None."""
    places = [n for n, event in enumerate(part) if event.kind is _KIND.ESCALATED]
    if not places:
        return None
    place, event = places[-1], part[places[-1]]
    acked = (
        e.at for e in part[place + 1 :] if _by_a_person(e, _PRESENT) and e.actor != event.actor
    )
    team, first_at = str(event.get("team") or ""), part[places[0]].at
    return Escalation(first_at, event.at, event.actor, team, next(acked, None))


def _holds(told: Sequence[Event]) -> Iterator[tuple[datetime, str]]:
    for event in told:
        if event.kind in _TAKES:
            yield event.at, event.actor
        elif event.kind in _GIVES:
            yield event.at, ""


def _by_a_person(event: Event, kinds: frozenset[EventKind]) -> bool:
    if event.kind is _KIND.SENSITIVE and event.get("flag"):
        return False
    return event.kind in kinds and event.actor not in _NOBODY


def _restricts(event: Event) -> str:
    """Return which restriction a person set with `event`, or "": a lifting, or a timed end."""
    if event.kind is not _KIND.RESTRICTED or str(event.get("batch") or "").endswith(":end"):
        return ""
    sets = event.get("seconds") if event.get("kind") == "slow" else event.get("on")
    return str(event.get("kind")) if sets else ""


def _urgent(told: Sequence[Event]) -> list[Urgent]:
    """Return the stays in the NOW lane, as `domain/lane.py` says when it is entered and left."""
    stays: list[Urgent] = []
    state, reason = State.OPEN, ""
    for event in told:
        before, state = state, after(state, event)
        here = bool(stays) and stays[-1].ended_at is None
        if is_over(event):
            if here:
                words = f"not sensitive: {event.get('over')}"
                stays[-1] = replace(stays[-1], ended_at=event.at, outcome=words)
            reason = ""
        elif event.kind is _KIND.SENSITIVE:
            reason = str(event.get("reason") or SENSITIVE)
            if not here:
                stays.append(Urgent(event.at, reason))
        elif here and state is State.RESOLVED:
            words = str(event.get("outcome") or "")
            stays[-1] = replace(stays[-1], ended_at=event.at, outcome=words)
        elif reason and before is State.RESOLVED and state is not before:
            stays.append(Urgent(event.at, reason))
    return stays
