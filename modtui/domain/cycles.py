"""When the clocks of a thread ran, stood still and stopped: a fold over its events alone.

Nothing here knows a calendar or a target; `domain/sla.py` measures what this finds. Details that
are read, beside those of `domain/states.py`: `until` (ISO 8601) of snoozed; `sanction` of
sanctioned; `clock` and `cycle` of breached; `undoes` of undone (the `delivery` that was taken
back), or else `batch` (what was done at once in it never counted).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter

from modtui.domain.frozen import dataclass
from modtui.domain.model import ClockKind, Event, EventKind, State
from modtui.domain.states import after, public

_CAUSES = {State.WAITING: "waiting on author", State.SNOOZED: "snoozed"}
_KIND = EventKind
_MOVING = frozenset(
    {
        _KIND.FLAGGED, _KIND.AUTHOR_POST, _KIND.STAFF_REPLY, _KIND.ESCALATED, _KIND.SNOOZED,
        _KIND.WOKEN, _KIND.WAITING, _KIND.HIDDEN, _KIND.DISMISSED, _KIND.RESOLVED, _KIND.REOPENED,
        _KIND.SANCTIONED, _KIND.SENSITIVE, _KIND.UNDONE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a run; `cause` says why it did not count, "" that it ran."""

    start: datetime
    end: datetime | None
    cause: str


class Run:
    """One clock from its start to its stop. The last span is open while it has no end."""

    __slots__ = ("cycle", "kind", "spans", "started_at", "stopped_at")

    def __init__(self, kind: ClockKind, cycle: int, started_at: datetime) -> None:
        self.kind = kind
        self.cycle = cycle
        self.started_at = started_at
        self.spans = [Span(started_at, None, "")]
        self.stopped_at: datetime | None = None

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now, to go on later."""
        return self.stopped_at is None and self.spans[-1].cause != ""

    def turn(self, at: datetime, cause: str) -> None:
        """End the open span at `at` and begin one with `cause`."""
        self._close(at)
        self.spans.append(Span(at, None, cause))

    def stop(self, at: datetime) -> None:
        """Stop the clock for good."""
        self._close(at)
        self.stopped_at = at

    def _close(self, at: datetime) -> None:
        last = self.spans.pop()
        self.spans.append(Span(last.start, at, last.cause))


class Course:
    """What the fold found. `recorded` holds the breaches that the events already tell."""

    __slots__ = ("changed_at", "cycle", "recorded", "runs", "state", "wakes_at")

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.cycle = 0
        self.state = State.OPEN
        self.wakes_at: datetime | None = None
        self.changed_at: datetime | None = None
        self.recorded: list[tuple[ClockKind, int, datetime]] = []

    def open_runs(self) -> list[Run]:
        """The clocks of the newest cycle that have not stopped."""
        return [r for r in self.runs if r.stopped_at is None]

    def settled(self, run: Run) -> bool:
        """Whether the result of `run` is history, which today's policy cannot change."""
        if run.stopped_at is None:
            return False
        changed = self.changed_at is not None and run.stopped_at <= self.changed_at
        return changed or run.cycle < self.cycle

    def recorded_breach(self, run: Run) -> datetime | None:
        """The breach of `run` that the events tell, or None."""
        for kind, cycle, at in self.recorded:
            same = kind is run.kind and cycle == run.cycle and run.started_at <= at
            if same and (run.stopped_at is None or at <= run.stopped_at):
                return at
        return None


def follow(events: Iterable[Event], now: datetime) -> Course:
    """Return the course of a thread's clocks up to `now`. Events before the first flag are
    not counted; a snooze ends at its time even if nobody wrote that down."""
    fold = _Fold()
    for event in counted(sorted(events, key=attrgetter("at"))):
        fold.take(event)
    fold.wake(now)
    return fold.course


def counted(events: Sequence[Event]) -> Sequence[Event]:
    """Return `events` without those that an `undone` took back: they never counted."""
    undone = [e for e in events if e.kind is _KIND.UNDONE]
    if not undone:
        return events
    deliveries = {e.get("undoes") for e in undone} - {None}
    batches = {e.get("batch") for e in undone if e.get("undoes") is None} - {None}

    def gone(event: Event) -> bool:
        delivery = event.get("delivery")
        if delivery is None and event.kind is not _KIND.UNDONE:
            return event.get("batch") in batches
        return delivery in deliveries

    return [event for event in events if not gone(event)]


class _Fold:
    """The state of the fold: which run each kind of clock has now."""

    def __init__(self) -> None:
        self.course = Course()
        self.cause = ""
        self.first: Run | None = None
        self.next: Run | None = None
        self.resolution: Run | None = None

    def take(self, event: Event) -> None:
        """Let one event do what it does."""
        course = self.course
        if event.kind not in _MOVING:
            self._note(event)
            return
        if not course.cycle:
            if event.kind is _KIND.FLAGGED:
                self._begin(event.at)
            return
        self.wake(event.at)
        before, course.state = course.state, after(course.state, event)
        if course.state is State.RESOLVED:
            self._answer(event.at)
            self._stop_resolution(event.at)
        elif before is State.RESOLVED:
            self._begin(event.at)
        elif event.kind is _KIND.STAFF_REPLY:
            if public(event):
                self._answer(event.at)
        elif event.kind is _KIND.SANCTIONED:
            if event.get("sanction") == "ban":
                self._answer(event.at)
        elif event.kind is _KIND.AUTHOR_POST and self.first is None and self.next is None:
            self.next = self._run(ClockKind.NEXT_RESPONSE, event.at)
        if event.kind is _KIND.SNOOZED and course.state is State.SNOOZED:
            course.wakes_at = _time(event.get("until"))
        self._pause(event.at)

    def wake(self, at: datetime) -> None:
        """End a snooze whose time is over at `at`, at its time."""
        course = self.course
        if course.state is State.SNOOZED and course.wakes_at and course.wakes_at <= at:
            course.state = State.OPEN
            self._pause(course.wakes_at)

    def _note(self, event: Event) -> None:
        if event.kind is _KIND.BREACHED:
            clock, cycle = event.get("clock"), event.get("cycle")
            if isinstance(clock, str) and isinstance(cycle, int):
                self.course.recorded.append((ClockKind(clock), cycle, event.at))
        elif event.kind is _KIND.TARGET_CHANGED:
            self.course.changed_at = event.at

    def _begin(self, at: datetime) -> None:
        self.course.cycle += 1
        self.cause = ""
        self.first = self._run(ClockKind.FIRST_RESPONSE, at)
        self.resolution = self._run(ClockKind.RESOLUTION, at)

    def _run(self, kind: ClockKind, at: datetime) -> Run:
        run = Run(kind, self.course.cycle, at)
        self.course.runs.append(run)
        return run

    def _answer(self, at: datetime) -> None:
        """Stop the reply clocks."""
        for run in (self.first, self.next):
            if run is not None:
                run.stop(at)
        self.first = self.next = None

    def _stop_resolution(self, at: datetime) -> None:
        if self.resolution is not None:
            self.resolution.stop(at)
        self.resolution = None

    def _pause(self, at: datetime) -> None:
        """Let next response and resolution stand still or go on, as the state now says."""
        if self.course.state is not State.SNOOZED:
            self.course.wakes_at = None
        cause = _CAUSES.get(self.course.state, "")
        if cause == self.cause:
            return
        self.cause = cause
        for run in (self.next, self.resolution):
            if run is not None:
                run.turn(at, cause)


def _time(value: str | int | None) -> datetime | None:
    if not isinstance(value, str):
        return None
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
