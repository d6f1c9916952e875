"""What a report is made of: the threads with their stories, and what runs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from modtui.domain.hours import Calendar
from modtui.domain.metrics import Blind, Doing, Running
from modtui.domain.model import Standing, State
from modtui.domain.outbox import Delivery
from modtui.domain.stories import Story
from modtui.domain.text import Clean


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


@dataclass(frozen=True)
class Scene:
    """What a report is made of. `accounts` in config order; `complete`: when each was first read
    to its end; `calendars` by policy; `running`: settings that hold now."""

    zone: str
    threads: Sequence[Filed]
    accounts: Sequence[str] = ()
    complete: Mapping[str, datetime] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    blind: Sequence[Blind] = ()
    unknown: Sequence[Delivery] = ()
    doing: Mapping[str, Doing] = field(default_factory=dict)
    running: Sequence[Running] = ()
