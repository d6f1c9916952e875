"""Snooze: out of the way until a time. The first-response clock runs on."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from modtui.domain.asking import LANE_MINUTES, snooze_times
from modtui.domain.commands import Snooze
from modtui.screens.dialogs.panel import ThreadPanel
from modtui.widgets.choice import Choice, Pick


class SnoozeDialog(ThreadPanel):
    """Returns a Snooze."""

    def hints(self) -> str:
        return f"1-{len(self.untils())} or ←→ choose   Enter snoozes   Esc leave"

    BINDINGS = [
        Binding("enter", "confirm", "snooze", id="snooze.confirm", show=False, priority=True),
        *(
            Binding(str(n + 1), f"pick({n})", f"choice {n + 1}", id=f"snooze.{n + 1}", show=False)
            for n in range(5)
        ),
    ]

    def heading(self) -> Content:
        return Content.from_markup("Snooze [b]$title[/b] until", title=self.detail.row.title)

    @property
    def in_lane(self) -> bool:
        return self.detail.row.now_at is not None

    def untils(self) -> tuple[datetime, ...]:
        """The times offered: some minutes from now, and nine tomorrow morning; in the NOW lane
        a few minutes."""
        zone = self.engine.desk.moderator.timezone
        return snooze_times(self.engine.now(), zone, in_lane=self.in_lane)

    def panel(self) -> ComposeResult:
        lane = tuple(f"{minutes}m" for minutes in LANE_MINUTES)
        labels = lane if self.in_lane else ("30m", "1h", "2h", "4h", "")
        self.times = self.untils()
        picks = tuple(
            Pick(str(n), f"{n + 1} {label or 'tomorrow ' + self.local(at)}")
            for n, (label, at) in enumerate(zip(labels, self.times, strict=True))
        )
        yield Choice("until", picks, start=1, id="until")
        stays = " It stays in the NOW lane, whose clock runs on." if self.in_lane else ""
        yield Static(Content(f"An answer from the author wakes it before that.{stays}"))

    def action_pick(self, index: int) -> None:
        self.query_one(Choice).choose(index)

    def action_confirm(self) -> None:
        until = self.times[self.query_one(Choice).chosen]
        self.dismiss((Snooze(thread=self.thread, revision=self.revision, until=until),))
