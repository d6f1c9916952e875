"""What a report is made of: the threads with their stories, and what runs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar
from modtui.domain.metrics import HOUR, Blind, Doing, Running
from modtui.domain.model import Standing, State
from modtui.domain.outbox import Delivery
from modtui.domain.stories import Story
from modtui.domain.text import Clean

if TYPE_CHECKING:
    from modtui.domain.quiet import Quiet


@dataclass(frozen=True, slots=True)
class Filed:
    """A thread as the report looks at it. `holder`: who has a live claim on it, or ""."""

    id: int
    account: str
    channel: Clean
    title: Clean
    language: str | None
    state: State
    standing: Standing
    first_flag_at: datetime
    snoozed_until: datetime | None
    team: str
    now_at: datetime | None
    now_due_at: datetime | None
    now_reason: str
    holder: str
    story: Story

    @property
    def unresolved(self) -> bool:
        """Whether there is something left to do."""
        return self.state is not State.RESOLVED

    @property
    def first_due_at(self) -> datetime | None:
        """The earlier of its deadlines, of the NOW lane's and its own; None without any."""
        return min((at for at in (self.now_due_at, self.standing.due_at) if at), default=None)

    def late(self, now: datetime) -> bool:
        """Return whether it is late at `now`: by the wall clock of the NOW lane, or by its own. A
        deadline at closing time is late from the opening on."""
        if not self.unresolved:
            return False
        urgent = self.now_due_at is not None and self.now_due_at < now
        return urgent or self.overdue(now)

    def overdue(self, now: datetime) -> bool:
        """Return whether it is late by its own clock."""
        standing = self.standing
        if standing.due_at is None or standing.due_at >= now:
            return False
        waits = standing.resumes_at is not None and standing.resumes_at > now
        asleep = standing.resumes_at == self.snoozed_until
        return not waits or standing.breached_at is not None or asleep

    def due_hour(self, now: datetime) -> bool:
        """Return whether it comes due within the hour."""
        if not self.unresolved:
            return False
        end, own, lane = now + HOUR, self.standing.due_at, self.now_due_at
        return (own is not None and now <= own <= end) or (lane is not None and now <= lane <= end)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a report is made of. `accounts` in config order; `complete`: when each was first read
    to its end; `calendars` by policy; `running`: settings that hold now. `quiet` has the counts of
    threads that are not among `threads`."""

    zone: str
    threads: Sequence[Filed]
    accounts: Sequence[str] = ()
    complete: Mapping[str, datetime] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    blind: Sequence[Blind] = ()
    unknown: Sequence[Delivery] = ()
    doing: Mapping[str, Doing] = field(default_factory=dict)
    running: Sequence[Running] = ()
    quiet: Quiet | None = None
