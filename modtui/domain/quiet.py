"""The threads of a report that nobody touched yet and that are in time, counted and let go.

In a flood they are nearly all, and all there is to say of them is how many wait where.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from modtui.domain.lateness import stamp
from modtui.domain.metrics import HOUR, USUAL_DAYS, Arrivals, Narrow, Period
from modtui.domain.model import State
from modtui.domain.scene import Filed
from modtui.domain.stories import Cycle
from modtui.domain.text import Clean

_MICROSECOND = timedelta(microseconds=1)
_HOUR = HOUR // _MICROSECOND
_DAY = timedelta(days=1) // _MICROSECOND


class Untouched(NamedTuple):
    """A thread of which all that happened is that it was flagged, and which is in time; its moments
    as `stamp` says, the flags in no order."""

    id: int
    account: str
    realm: str
    channel: Clean
    language: str | None
    first_flag_at: int
    due_at: int | None
    flags: Sequence[int]


class Coming:
    """Counts when threads came in, up to `now`."""

    def __init__(self, now: datetime) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        self._now, self._hour, self._began = stamp(now), stamp(hour), hour - 23 * HOUR
        self._counts = [0] * 24
        self._usual = 0
        self._ids: list[int] = []

    def add(self, thread: int, at: datetime) -> None:
        """Count a thread that was first flagged at `at`."""
        self.add_stamp(thread, stamp(at))

    def add_stamp(self, thread: int, at: int) -> None:
        """As `add`, of a moment as `stamp` says."""
        starts_at, past = self._hour - 23 * _HOUR, self._now - self._hour
        days, since = divmod(at - self._hour, _DAY)
        self._usual += -USUAL_DAYS <= days < 0 and since <= past
        if starts_at <= at <= self._now:
            self._counts[(at - starts_at) // _HOUR] += 1
            self._ids.append(thread)

    def arrivals(self, other: Coming) -> Arrivals:
        """Return what was counted here and in `other`."""
        hours = tuple(one + more for one, more in zip(self._counts, other._counts, strict=True))
        usual = (self._usual + other._usual) / USUAL_DAYS
        return Arrivals(self._began, hours, usual, in_order(self._ids, other._ids))


class Quiet:
    """What a report on `period` through `narrow` counts of quiet threads.

    `minded` are threads that are spoken of for another reason: they are never quiet. Of the
    counted ones `accounts` has how many are open, `due` how many come due within the hour, by
    account; `due_ids` and `began` which come due, and began in the period; `first` is the one with
    the earliest deadline. `languages` and `flags` are of all, counted or not: when the flags came,
    as `stamp` says, by account and channel.
    """

    def __init__(
        self, period: Period, narrow: Narrow, minded: frozenset[int] = frozenset()
    ) -> None:
        self._period, self._narrow, self._minded = period, narrow, minded
        self.accounts: Counter[str] = Counter()
        self.due: Counter[str] = Counter()
        # A report keeps the numbers: those of one thread are the same object.
        self.due_ids: list[int] = []
        self.began: list[int] = []
        self.coming = Coming(period.end)
        self.first: Filed | None = None
        self._soonest: tuple[int, int] | None = None
        self._span = stamp(period.start), stamp(period.end)
        self.languages: set[str] = set()
        self.flags: dict[tuple[str, str], array[int]] = {}

    def take(self, one: Untouched) -> bool:
        """As `takes`, of a thread that nobody has to look at, which come by number: nothing is made
        of it but numbers. The one with the earliest deadline is `wanted` afterwards."""
        if one.id in self._minded:
            return False
        self.flags.setdefault((one.account, one.channel), array("q")).extend(one.flags)
        if one.language:
            self.languages.add(one.language)
        narrow = self._narrow
        if narrow.person is not None or narrow.account not in (None, one.account):
            return True
        if narrow.language not in (None, one.language):
            return True
        self.accounts[one.account] += 1
        start, now = self._span
        if one.due_at is not None:
            if now <= one.due_at <= now + _HOUR:
                self.due[one.account] += 1
                self.due_ids.append(one.id)
            if self._soonest is None or one.due_at < self._soonest[0]:
                self._soonest = one.due_at, one.id
        if start <= (one.flags[0] if len(one.flags) == 1 else min(one.flags)) <= now:
            self.began.append(one.id)
        self.coming.add_stamp(one.id, one.first_flag_at)
        return True

    @property
    def wanted(self) -> int | None:
        """The number of the thread that `keep_first` is to be told of, None for none."""
        soonest, first = self._soonest, self.first
        if soonest is None:
            return None
        due = first.standing.due_at if first is not None else None
        before = first is not None and due is not None and (stamp(due), first.id) < soonest
        return None if before else soonest[1]

    def keep_first(self, thread: Filed) -> None:
        """Keep what is known of the thread that was `wanted`."""
        self.first = thread

    def takes(self, thread: Filed) -> bool:
        """Count `thread` and return True if it is quiet: nothing else need be known of it."""
        now = self._period.end
        if thread.id in self._minded or not _untouched(thread) or thread.late(now):
            return False
        times = self.flags.setdefault((thread.account, thread.channel), array("q"))
        times.extend(stamp(at) for at in thread.story.flags)
        if thread.language:
            self.languages.add(thread.language)
        if self._meant(thread):
            self._count(thread, now)
        return True

    def _meant(self, thread: Filed) -> bool:
        one = self._narrow
        here = one.account in (None, thread.account) and one.language in (None, thread.language)
        return here and one.person is None

    def _count(self, thread: Filed, now: datetime) -> None:
        self.accounts[thread.account] += 1
        if thread.due_hour(now):
            self.due[thread.account] += 1
            self.due_ids.append(thread.id)
        if self._period.holds(thread.story.cycles[0].started_at):
            self.began.append(thread.id)
        self.coming.add(thread.id, thread.first_flag_at)
        due, first = thread.standing.due_at, self.first
        if due is not None and (first is None or due < (first.standing.due_at or due)):
            self.first = thread


def in_order(loud: Sequence[int], quiet: Sequence[int]) -> tuple[int, ...]:
    """Return the numbers of loud threads, and with those of quiet ones in order."""
    return tuple(sorted((*loud, *quiet))) if quiet else tuple(loud)


def _untouched(thread: Filed) -> bool:
    """Whether all that happened to `thread` is that it was flagged, or written in by its author."""
    story = thread.story
    if thread.state is not State.OPEN or thread.holder or thread.now_at is not None:
        return False
    if story.present or story.holds or story.undone or story.restricted or story.urgent:
        return False
    return len(story.cycles) == 1 and story.cycles[0] == Cycle(
        story.cycles[0].started_at, story.cycles[0].outcome
    )
