"""The part of the engine that answers from the library: nine keys, filled, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from modtui.domain.commands import Command, Then
from modtui.domain.replies import Entry, Filled, Slot, Variant, fill, find, slots
from modtui.domain.settings import Desk
from modtui.domain.views import ThreadDetail
from modtui.engine.answers import Ground, asked, follow, values
from modtui.engine.figures import Figures
from modtui.engine.gate import help_values
from modtui.engine.live_shelf import LiveShelf
from modtui.engine.live_working import Working
from modtui.engine.ranked import Ranked

NOTHING: Mapping[str, str] = MappingProxyType({})


class Answering(Working):
    """Quick replies, as `modtui.engine.Engine` has them."""

    desk: Desk
    shelf: LiveShelf
    ranked: Ranked
    _figures: Figures

    def now(self) -> datetime:
        raise NotImplementedError

    def slots(self, detail: ThreadDetail) -> tuple[Slot, ...]:
        entries, sent = self.shelf.entries(), self._figures.sent
        thread = asked(detail)
        return slots(entries, thread, sent, self.shelf.pins, self.ranked.scores(thread.text))

    def find_replies(self, text: str, language: str | None) -> tuple[Entry, ...]:
        return find(self.shelf.entries(), text, language)

    def fill(
        self,
        detail: ThreadDetail,
        entry: Entry,
        variant: Variant,
        typed: Mapping[str, str] = NOTHING,
    ) -> Filled:
        known = values(detail, self.desk, variant.language)
        helping = help_values(entry, detail.record, self.desk)
        return fill(entry, variant, {**known, **helping, **typed})

    def follow_ups(
        self, detail: ThreadDetail, entry: Entry, reply: Command, then: Then | None = None
    ) -> tuple[Command, ...]:
        return follow(self._ground(detail), entry, reply, then).commands

    def left_out(self, detail: ThreadDetail, entry: Entry, reply: Command) -> tuple[str, ...]:
        return follow(self._ground(detail), entry, reply).left_out

    def _ground(self, detail: ThreadDetail) -> Ground:
        return Ground(detail, self.desk, self._capabilities, self.now())

    def library_problems(self) -> tuple[str, ...]:
        return self.shelf.problems()
