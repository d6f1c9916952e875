"""The parts of a report, each by its definition in `metrics.WORDS`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from zoneinfo import ZoneInfo

from modtui.domain.hours import always
from modtui.domain.lateness import Late
from modtui.domain.metrics import (
    ACK_WITHIN,
    LIMITS,
    Arrivals,
    Doing,
    Narrow,
    Need,
    Night,
    NowThread,
    Period,
    Person,
    Place,
    Platform,
    Responses,
    Share,
    percentile,
)
from modtui.domain.model import ELSEWHERE, ClockKind, State
from modtui.domain.quiet import Coming, Quiet, in_order
from modtui.domain.scene import Filed, Scene
from modtui.domain.stories import Cycle, Outcome, Urgent
from modtui.domain.text import Clean
from modtui.domain.timeleft import Left, lane_left, left
from modtui.domain.words import act

_DAY = timedelta(days=1)
_ALWAYS = always()


@dataclass(frozen=True, slots=True)
class Settled:
    """A first-response clock that is settled for good, for the shares: when, and whether late."""

    thread: Filed
    cycle: Cycle
    at: datetime
    late: bool


class Tally:
    """One scene, looked at in one period through one narrowing."""

    def __init__(self, scene: Scene, period: Period, narrow: Narrow) -> None:
        self.scene, self.period, self.narrow = scene, period, narrow
        self.now = period.end
        self.quiet = scene.quiet or Quiet(period, narrow)
        self.threads = tuple(t for t in scene.threads if self._meant(t))

    def _meant(self, thread: Filed) -> bool:
        one = self.narrow
        if one.account is not None and thread.account != one.account:
            return False
        if one.language is not None and thread.language != one.language:
            return False
        if one.person is None or thread.holder == one.person:
            return True
        return any(d.by == one.person and self.period.holds(d.at) for d in thread.story.deeds)

    def midnight(self, days_ago: int = 0) -> datetime:
        """Return when the local day so many days ago began."""
        zone = ZoneInfo(self.scene.zone)
        day = self.now.astimezone(zone).date() - timedelta(days=days_ago)
        return datetime(day.year, day.month, day.day, tzinfo=zone)

    # the queue now
    def oldest(self, threads: Iterable[Filed]) -> Left | None:
        """Return the time left of the earliest deadline among `threads`, the NOW lane's or its
        own."""
        due = [(t.first_due_at, t) for t in threads]
        known = [(at, t) for at, t in due if at is not None]
        if not known:
            return None
        at, first = min(known, key=itemgetter(0))
        if at == first.now_due_at:
            return lane_left(at, self.now)
        calendar = self.scene.calendars.get(first.standing.policy, _ALWAYS)
        return left(first.standing, calendar, self.now)

    @cached_property
    def late_now(self) -> tuple[Filed, ...]:
        return tuple(t for t in self.threads if t.late(self.now))

    def late_places(self) -> tuple[Place, ...]:
        """Return where threads are late, most first."""
        grouped: dict[tuple[str, Clean], list[Filed]] = defaultdict(list)
        for thread in self.late_now:
            grouped[thread.account, thread.channel].append(thread)
        places = [
            Place(account, channel, tuple(t.id for t in some), _holders(some))
            for (account, channel), some in grouped.items()
        ]
        return tuple(sorted(places, key=lambda p: (-len(p.ids), p.account, p.channel)))

    def needs(self) -> tuple[Need, ...]:
        """Return what waits for a person, each kind that there is."""
        found = (self._unknown(), self._unacked(), self._unheld())
        return tuple(need for need in found if need.number)

    def _unknown(self) -> Need:
        known = {t.id: t for t in self.threads}
        rows = [
            row
            for row in self.scene.unknown
            if row.thread in known or (self.narrow.any and row.not_before is None)
        ]
        first = known.get(rows[0].thread) if rows else None
        place = f" in {first.account}/{first.channel}" if first else ""
        words = f"{act(rows[0].command)}{place}" if rows else ""
        return Need(
            "needs_delivery", len(rows), words, ids=tuple(r.thread for r in rows if r.thread)
        )

    def _unacked(self) -> Need:
        found = []
        for thread in self.threads:
            last = thread.story.cycles[-1].escalation if thread.story.cycles else None
            if thread.state is not State.ESCALATED or last is None or last.acked_at is not None:
                continue
            if self.now - last.at >= ACK_WITHIN:
                found.append((last.at, thread))
        found.sort(key=lambda pair: (pair[0], pair[1].id))
        if not found:
            return Need("needs_escalation", 0)
        at, first = found[0]
        words = f"{first.title} → {first.team}" if first.team else first.title
        return Need("needs_escalation", len(found), words, at, tuple(t.id for _, t in found))

    def _unheld(self) -> Need:
        found = [t for t in self.threads if t.now_at and t.unresolved and not t.holder]
        found.sort(key=lambda t: t.now_at or self.now)
        first = found[0] if found else None
        words = f"{first.now_reason or 'NOW'}: {first.title}" if first else ""
        since = first.now_at if first else None
        return Need("needs_now", len(found), words, since, tuple(t.id for t in found))

    # clocks
    @cached_property
    def settled(self) -> tuple[Settled, ...]:
        """Every first-response clock that counts in the shares, of all time that is known."""
        return tuple(self._settled())

    def _settled(self) -> Iterator[Settled]:
        for thread in self.threads:
            for cycle in thread.story.cycles:
                late_at = self.late_at(thread, cycle)
                if late_at is not None and not self._inherited(thread, late_at):
                    yield Settled(thread, cycle, late_at, late=True)
                elif late_at is None and cycle.response_at and cycle.responder != ELSEWHERE:
                    yield Settled(thread, cycle, cycle.response_at, late=False)

    def late_at(self, thread: Filed, cycle: Cycle) -> datetime | None:
        """Return when the first response of `cycle` fell late: as recorded, or as it is due."""
        if cycle.late_at is not None or cycle.response_at is not None:
            return cycle.late_at
        first = thread.standing.clock is ClockKind.FIRST_RESPONSE
        open_one = cycle is thread.story.cycles[-1] and thread.unresolved
        here = open_one and first and thread.overdue(self.now)
        return thread.standing.due_at if here else None

    def _inherited(self, thread: Filed, late_at: datetime) -> bool:
        complete = self.scene.complete.get(thread.account)
        return complete is None or late_at < complete

    def share(self, start: datetime, end: datetime, account: str | None = None) -> Share:
        """Return the share of clocks in time among those settled in [start, end)."""
        some = [
            s.late
            for s in self.settled
            if start <= s.at < end and (account is None or s.thread.account == account)
        ]
        return Share(some.count(False), len(some))

    def late_in_period(self) -> tuple[Late, ...]:
        """Return the clocks that fell late in the period."""
        return tuple(
            Late(s.thread.id, s.thread.account, s.thread.story, s.cycle, s.at)
            for s in self.settled
            if s.late and self.period.holds(s.at)
        )

    @cached_property
    def responses(self) -> tuple[tuple[Filed, Cycle, timedelta], ...]:
        """The first responses of the period that a person gave."""
        return tuple(
            (thread, cycle, cycle.response)
            for thread in self.threads
            for cycle in thread.story.cycles
            if cycle.response is not None
            and self.period.holds(cycle.response_at)
            and cycle.responder != ELSEWHERE
            and (cycle.late_at is None or not self._inherited(thread, cycle.late_at))
        )

    def histogram(self) -> Responses:
        """Return the first responses of the period in columns."""
        columns = [0] * (len(LIMITS) + 1)
        for _, _, took in self.responses:
            columns[sum(took > limit for limit in LIMITS)] += 1
        p50, p90 = _middle(took for _, _, took in self.responses)
        ids = tuple(dict.fromkeys(thread.id for thread, _, _ in self.responses))
        return Responses(tuple(columns), p50, p90, ids)

    # what came in
    def night(self) -> Night:
        """Return what came in and where each cycle of it is."""
        began = [
            (thread.id, cycle)
            for thread in self.threads
            for cycle in thread.story.cycles
            if self.period.holds(cycle.started_at)
        ]
        count = Counter(cycle.outcome for _, cycle in began)
        undone = [t.id for t in self.threads for at in t.story.undone if self.period.holds(at)]
        limits = Counter(
            kind for t in self.threads for at, kind in t.story.restricted if self.period.holds(at)
        )
        quiet = self.quiet.began
        return Night(
            arrived=len(began) + len(quiet),
            answered=count[Outcome.ANSWERED],
            kept=count[Outcome.KEPT],
            removed=count[Outcome.REMOVED],
            closed=count[Outcome.CLOSED],
            elsewhere=count[Outcome.ELSEWHERE],
            open=count[Outcome.OPEN] + len(quiet),
            ids=in_order(tuple(dict.fromkeys(number for number, _ in began)), quiet),
            undone=len(undone),
            undone_ids=tuple(dict.fromkeys(undone)),
            slowed=limits["slow"],
            closed_channels=limits["read_only"],
        )

    def now_threads(self) -> tuple[NowThread, ...]:
        """Return the stays in the NOW lane, the earliest first."""
        found = [
            (stay, thread)
            for thread in self.threads
            for stay in thread.story.urgent
            if stay.ended_at is None or self.period.holds(stay.since)
        ]
        found.sort(key=lambda pair: (pair[0].since, pair[1].id))
        return tuple(_now_thread(thread, stay) for stay, thread in found)

    def unescalated(self, start: datetime) -> Share:
        """Return the share of cycles resolved since `start` by a person without escalation."""
        free = [
            cycle.escalation is None
            for thread in self.threads
            for cycle in thread.story.cycles
            if cycle.resolved_at is not None
            and start <= cycle.resolved_at <= self.now
            and cycle.resolved_by != ELSEWHERE
        ]
        return Share(free.count(True), len(free))

    def arrivals(self) -> Arrivals:
        """Return the threads of the last 24 hours by hour, and what is usual in this hour."""
        coming = Coming(self.now)
        for thread in self.threads:
            coming.add(thread.id, thread.first_flag_at)
        return coming.arrivals(self.quiet.coming)

    # by platform, by person
    def platforms(self) -> tuple[Platform, ...]:
        """Return a line for each account, in config order; those that are gone come last."""
        seen = {thread.account for thread in self.threads} | self.quiet.accounts.keys()
        names = (*self.scene.accounts, *sorted(seen - set(self.scene.accounts)))
        wanted = [n for n in names if self.narrow.account in (None, n)]
        return tuple(self._platform(name) for name in wanted)

    def _platform(self, name: str) -> Platform:
        mine = [t for t in self.threads if t.account == name and t.unresolved]
        stands = [t for t in mine if t.state is State.OPEN]
        took = (took for thread, _, took in self.responses if thread.account == name)
        today, last = self.midnight(), self.midnight(7)
        p50, p90, quiet = *_middle(took), self.quiet
        return Platform(
            account=name,
            open=len(stands) + quiet.accounts[name],
            late=sum(t.late(self.now) for t in mine),
            due_hour=sum(t.due_hour(self.now) for t in mine) + quiet.due[name],
            unowned=sum(not t.holder for t in stands) + quiet.accounts[name],
            p50=p50,
            p90=p90,
            today=self.share(today, self.now + _DAY, name),
            week=self.share(self.midnight(6), self.now + _DAY, name),
            last_week=self.share(last, self.midnight(6), name),
        )

    def people(self) -> tuple[Person, ...]:
        """Return who holds something or acted in the period, by name; and nobody, last."""
        handled: dict[str, set[int]] = defaultdict(set)
        held: dict[str, list[Filed]] = defaultdict(list)
        took: dict[str, list[timedelta]] = defaultdict(list)
        for thread in self.threads:
            for deed in thread.story.deeds:
                if self.period.holds(deed.at):
                    handled[deed.by].add(thread.id)
            if thread.unresolved and (thread.holder or thread.state is State.OPEN):
                held[thread.holder].append(thread)
        for _, cycle, span in self.responses:
            took[cycle.responder].append(span)
        first = (self.quiet.first,) if self.quiet.first is not None else ()
        names = sorted((handled.keys() | held.keys()) - {""}, key=lambda n: (n.casefold(), n))
        return tuple(
            Person(
                name=name,
                holds=len(held[name]) + (0 if name else self.quiet.accounts.total()),
                late=sum(t.late(self.now) for t in held[name]),
                oldest=self.oldest(held[name] if name else [*held[name], *first]),
                handled=len(handled[name]),
                p50=_middle(took[name])[0],
                doing=self._doing(name),
            )
            for name in (*(n for n in names if self.narrow.person in (None, n)), "")
        )

    def _doing(self, name: str) -> Doing | None:
        if not name or name in self.scene.doing:
            return self.scene.doing.get(name)
        last = max(
            (d.at for t in self.threads for d in t.story.deeds if d.by == name), default=None
        )
        return Doing("acted", at=last) if last is not None else None


def _holders(threads: Iterable[Filed]) -> tuple[tuple[str, int], ...]:
    count = Counter(thread.holder for thread in threads)
    return tuple(sorted(count.items(), key=lambda pair: (-pair[1], pair[0])))


def _middle(took: Iterable[timedelta]) -> tuple[timedelta | None, timedelta | None]:
    ordered = sorted(took)
    return percentile(ordered, 50), percentile(ordered, 90)


def _now_thread(thread: Filed, stay: Urgent) -> NowThread:
    human = thread.story.first_present(stay.since)
    if human is not None and stay.ended_at is not None and human.at > stay.ended_at:
        human = None
    standing = f"escalated to {thread.team}" if thread.team else thread.state.value
    outcome = standing if stay.ended_at is None else stay.outcome or "done, no words"
    first = human.at - stay.since if human is not None else None
    return NowThread(thread.id, thread.title, stay.reason, first, outcome)
