"""The three clocks of a thread, folded from its events; and the ledger that explains them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from modtui.domain.cycles import Course, Run, Span, follow
from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar
from modtui.domain.model import ClockKind, Event, EventKind, Severity, Standing, State

_FLAG = EventKind.FLAGGED
_FIRST, _LAST = ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION
_BEGINNING = frozenset({EventKind.FLAGGED, EventKind.SENSITIVE, EventKind.AUTHOR_POST})


@dataclass(frozen=True, slots=True)
class Matter:
    """The facts of a thread that choose its policy. `channel` holds every name of its channel."""

    account: str
    channel: tuple[str, ...]
    severity: Severity
    language: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised. Empty match tuples match everything; the first policy that fits wins."""

    name: str
    calendar: Calendar
    first_response: timedelta | None
    next_response: timedelta | None
    resolution: timedelta | None
    warn_at: tuple[float, ...] = (0.5, 0.8)
    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def target(self, kind: ClockKind) -> timedelta | None:
        """The working time promised for `kind`, or None where nothing is promised."""
        if kind is ClockKind.FIRST_RESPONSE:
            return self.first_response
        return self.next_response if kind is ClockKind.NEXT_RESPONSE else self.resolution

    def fits(self, matter: Matter) -> bool:
        """Return whether `matter` meets every condition of this policy."""
        return (
            (not self.accounts or matter.account in self.accounts)
            and (not self.channels or meets(self.channels, matter.channel))
            and (not self.severities or matter.severity in self.severities)
            and (not self.languages or matter.language in self.languages)
            and (not self.tags or any(tag in self.tags for tag in matter.tags))
        )


def meets(wanted: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether one of `names` is wanted; capitals do not matter."""
    known = {name.casefold() for name in names}
    return any(want.casefold() in known for want in wanted)


def choose(policies: Sequence[Policy], matter: Matter) -> Policy:
    """Return the first policy that matches; the last one must match everything (config).

    Raises LookupError when none does.
    """
    for policy in policies:
        if policy.fits(matter):
            return policy
    raise LookupError("no policy matches: the last one must match everything")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One stretch of a clock. `cause`: counted, closed, holiday, waiting on author, snoozed."""

    start: datetime
    end: datetime
    counted: timedelta
    cause: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one cycle. `elapsed` is working time; the ledger sums to it."""

    kind: ClockKind
    cycle: int
    started_at: datetime
    target: timedelta
    elapsed: timedelta
    stopped_at: datetime | None
    paused: bool
    resumes_at: datetime | None
    due_at: datetime | None
    soon_at: datetime | None
    breached_at: datetime | None
    ledger: tuple[LedgerLine, ...]


def clocks(events: Sequence[Event], policy: Policy, now: datetime) -> tuple[Clock, ...]:
    """Fold `events` (in time order) into every clock of every cycle, oldest cycle first.

    A finished cycle keeps the result that its events recorded (`breached`, detail "clock" and
    "cycle"); open cycles follow `policy`. Source of the definitions: docs/clocks.md.
    """
    course = follow(events, now)
    measured = [
        _clock(course, run, target, policy, now)
        for run in course.runs
        if (target := policy.target(run.kind)) is not None
    ]
    order = list(ClockKind)
    return tuple(sorted(measured, key=lambda c: (c.cycle, order.index(c.kind), c.started_at)))


def standing(
    events: Sequence[Event], policy: Policy, now: datetime, complete_at: datetime | None = None
) -> Standing:
    """Return the standing to store: the clock due next of the open cycle.

    `complete_at` is the account's first complete sync, None while there was none: a breach
    before it is inherited. While the thread waits for the author, `clock` is the next response.
    `resumes_at` beside a `due_at` is when to look again: the desk opens after a deadline that
    falls on closing time, not late before; else a snooze ends that pauses the other clocks.
    """
    start = _began(events)
    if start is not None:
        begun = _begun(start, policy, now, complete_at)
        if begun is not None:
            return begun
    course = follow(events, now)
    chosen: Run | None = None
    due_at: datetime | None = None
    for run in course.open_runs():
        target = policy.target(run.kind)
        if target is None or run.paused:
            continue
        due = _reach(run, target, policy.calendar)
        if due is not None and (due_at is None or due < due_at):
            chosen, due_at = run, due
    if chosen is None:
        return _still(course, policy, now)
    target = policy.target(chosen.kind) or timedelta(0)
    breached_at = course.recorded_breach(chosen)
    if breached_at is None and due_at is not None and due_at <= now:
        breached_at = _exceed(chosen, target, policy.calendar, now)
    look_again_at = course.wakes_at
    if breached_at is None and due_at is not None:
        look_again_at = policy.calendar.opens_at(due_at) or look_again_at
    return Standing(
        clock=chosen.kind,
        due_at=due_at,
        soon_at=_soon(chosen, target, policy),
        resumes_at=look_again_at,
        breached_at=breached_at,
        policy=policy.name,
        inherited=breached_at is not None and (complete_at is None or breached_at < complete_at),
    )


def _began(events: Sequence[Event]) -> datetime | None:
    """Return when the only cycle of `events` began, or None where a clock stopped or paused.

    So stands nearly all that comes in, and it needs no fold.
    """
    start: datetime | None = None
    for event in events:
        if event.kind is _FLAG:
            if start is None or event.at < start:
                start = event.at
        elif event.kind not in _BEGINNING:
            return None
    return start


def _begun(
    start: datetime, policy: Policy, now: datetime, complete_at: datetime | None
) -> Standing | None:
    """Return the standing of a cycle that only began, or None where nothing is promised."""
    clock, target, longer = _FIRST, policy.first_response, policy.resolution
    if target is None or (longer is not None and longer < target):
        clock, target = _LAST, longer
    if target is None:
        return None
    calendar = policy.calendar
    due_at = calendar.add(start, target)
    breached_at = _late_at(due_at, calendar, now)
    return Standing(
        clock=clock,
        due_at=due_at,
        soon_at=calendar.add(start, _warning(target, policy.warn_at)) if policy.warn_at else None,
        resumes_at=calendar.opens_at(due_at) if breached_at is None else None,
        breached_at=breached_at,
        policy=policy.name,
        inherited=breached_at is not None and (complete_at is None or breached_at < complete_at),
    )


def _late_at(due_at: datetime, calendar: Calendar, now: datetime) -> datetime | None:
    """Return when a clock that runs to `due_at` was late, or None if it is not by `now`."""
    if due_at > now:
        return None
    at = calendar.opens_at(due_at) or due_at
    return at if at <= now else None


def new_breaches(events: Sequence[Event], policy: Policy, now: datetime) -> tuple[Event, ...]:
    """Return the `breached` events that have come due and are not recorded yet (at most one per
    clock and start), each at its true moment, actor "clock".

    Ask after every event, and when a deadline passes: a cycle that is followed by another, and a
    clock that stopped before `target_changed`, are history and never breach afterwards.
    """
    start = _began(events)
    if start is not None:
        return _first_breaches(start, policy, now)
    course = follow(events, now)
    found = []
    for run in course.runs:
        target = policy.target(run.kind)
        if target is None or course.settled(run) or course.recorded_breach(run):
            continue
        at = _exceed(run, target, policy.calendar, now)
        if at is not None:
            found.append(_breach(at, run.kind, run.cycle))
    return tuple(sorted(found, key=lambda event: event.at))


def _first_breaches(start: datetime, policy: Policy, now: datetime) -> tuple[Event, ...]:
    """Return the breaches of a cycle that only began at `start`."""
    found = []
    for kind in (_FIRST, _LAST):
        target = policy.target(kind)
        at = (
            None
            if target is None
            else _late_at(policy.calendar.add(start, target), policy.calendar, now)
        )
        if at is not None:
            found.append(_breach(at, kind, 1))
    return tuple(sorted(found, key=lambda event: event.at))


def _breach(at: datetime, kind: ClockKind, cycle: int) -> Event:
    return Event(EventKind.BREACHED, at, "clock", (("clock", kind.value), ("cycle", cycle)))


def _still(course: Course, policy: Policy, now: datetime) -> Standing:
    """Return the standing of a thread with no clock running: waiting, snoozed or finished."""
    if course.state is State.WAITING:
        return Standing(clock=ClockKind.NEXT_RESPONSE, policy=policy.name)
    if course.state is not State.SNOOZED:
        return Standing(policy=policy.name)
    left = {
        run.kind: target - _elapsed(run, policy.calendar, now)
        for run in course.open_runs()
        if (target := policy.target(run.kind)) is not None
    }
    clock = min(left, key=lambda kind: left[kind]) if left else None
    return Standing(clock=clock, resumes_at=course.wakes_at, policy=policy.name)


def _clock(course: Course, run: Run, target: timedelta, policy: Policy, now: datetime) -> Clock:
    calendar = policy.calendar
    ledger = tuple(line for span in run.spans for line in _lines(span, calendar, now))
    breached_at = course.recorded_breach(run)
    if breached_at is None and not course.settled(run):
        breached_at = _exceed(run, target, calendar, now)
    running = run.stopped_at is None and not run.paused
    return Clock(
        kind=run.kind,
        cycle=run.cycle,
        started_at=run.started_at,
        target=target,
        elapsed=sum((line.counted for line in ledger), timedelta(0)),
        stopped_at=run.stopped_at,
        paused=run.paused,
        resumes_at=course.wakes_at if run.paused else None,
        due_at=_reach(run, target, calendar) if running else None,
        soon_at=_soon(run, target, policy) if running else None,
        breached_at=breached_at,
        ledger=ledger,
    )


def _elapsed(run: Run, calendar: Calendar, now: datetime) -> timedelta:
    counted = (s for s in run.spans if not s.cause)
    return sum((calendar.working(s.start, _end(s, now)) for s in counted), timedelta(0))


def _end(span: Span, now: datetime) -> datetime:
    """Where `span` ends; an open one now, or at its start if a platform's clock is ahead."""
    return max(span.start, now) if span.end is None else span.end


def _soon(run: Run, target: timedelta, policy: Policy) -> datetime | None:
    if not policy.warn_at:
        return None
    return _reach(run, _warning(target, policy.warn_at), policy.calendar)


@lru_cache(maxsize=256)
def _warning(target: timedelta, warn_at: tuple[float, ...]) -> timedelta:
    """Return after how much of `target` is warned last: the few promises of all threads."""
    return target * max(warn_at)


def _reach(run: Run, amount: timedelta, calendar: Calendar) -> datetime | None:
    """Return when `amount` of working time has passed on `run`, or None if it does not."""
    for span in run.spans:
        if span.cause:
            continue
        if span.end is None:
            return calendar.add(span.start, amount)
        worked = calendar.working(span.start, span.end)
        if worked >= amount:
            return calendar.add(span.start, amount)
        amount -= worked
    return None


def _exceed(run: Run, target: timedelta, calendar: Calendar, now: datetime) -> datetime | None:
    """Return the moment after which more than `target` has passed, or None if not by `now`.

    A target used up exactly at closing time is exceeded when the desk opens again.
    """
    rest = target
    for span in run.spans:
        if span.cause:
            continue
        worked = calendar.working(span.start, _end(span, now))
        if worked > rest or (span.end is None and worked == rest):
            at = calendar.add(span.start, rest)
            at = calendar.opens_at(at) or at
            return at if at <= now else None
        rest -= worked
    return None


def _lines(span: Span, calendar: Calendar, now: datetime) -> Iterator[LedgerLine]:
    """Yield the ledger of one span: each open interval counted, each gap with its cause."""
    end = _end(span, now)
    if span.cause:
        yield LedgerLine(span.start, end, timedelta(0), span.cause)
        return
    at = span.start
    for opened, closed in calendar.intervals(span.start, end):
        yield from _gap(at, opened, calendar)
        yield LedgerLine(opened, closed, closed - opened, "counted")
        at = closed
    yield from _gap(at, end, calendar)


def _gap(start: datetime, end: datetime, calendar: Calendar) -> Iterator[LedgerLine]:
    """Yield the lines of a closed stretch, cut where a holiday begins or ends."""
    while start < end:
        holiday = calendar.holiday(start)
        cut = calendar.midnight_after(start)
        while cut < end and calendar.holiday(cut) is holiday:
            cut = calendar.midnight_after(cut)
        stop = min(cut, end)
        yield LedgerLine(start, stop, timedelta(0), "holiday" if holiday else "closed")
        start = stop
