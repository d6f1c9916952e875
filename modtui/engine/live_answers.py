"""The part of the engine that answers from the library: nine keys, filled, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from operator import is_
from types import MappingProxyType
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from modtui.domain.edited import Start

NOTHING: Mapping[str, str] = MappingProxyType({})

REMEMBERED = 40
"""Of so many threads the quick replies are remembered."""


class Remembered:
    """The quick replies of the threads that were looked at last, as long as what they are made of
    is the same: to go back to a thread, or to open it, is no reason to rank again."""

    def __init__(self) -> None:
        self._made_of: tuple[object, ...] = ()
        self._slots: dict[Hashable, tuple[Slot, ...]] = {}

    def get(
        self, key: Hashable, made_of: tuple[object, ...], make: Callable[[], tuple[Slot, ...]]
    ) -> tuple[Slot, ...]:
        """Return what is remembered for `key`, if `made_of` are the very objects it was made of
        then; else what `make` returns, and remember it."""
        same = self._made_of and all(map(is_, self._made_of, made_of))
        if not same or len(self._slots) >= REMEMBERED:
            self._slots.clear()
        self._made_of = made_of
        if key not in self._slots:
            self._slots[key] = make()
        return self._slots[key]


class Answering(Working):
    """Quick replies, as `modtui.engine.Engine` has them."""

    shelf: LiveShelf
    ranked: Ranked
    _figures: Figures

    @property
    def desk(self) -> Desk:
        raise NotImplementedError

    def now(self) -> datetime:
        raise NotImplementedError

    @cached_property
    def _remembered(self) -> Remembered:
        return Remembered()

    def slots(self, detail: ThreadDetail) -> tuple[Slot, ...]:
        thread, (index, learned) = asked(detail), self.ranked.known
        entries, sent, pins = self.shelf.entries(), self._figures.sent, self.shelf.pins

        def made() -> tuple[Slot, ...]:
            return slots(entries, thread, sent, pins, self.ranked.scores(thread.text))

        key = thread, learned, tuple(pins.items())
        return self._remembered.get(key, (entries, sent, index), made)

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

    def again(self, detail: ThreadDetail) -> Start | None:
        from modtui.domain.edited import again

        found = again(detail.draft, detail.deliveries, self.shelf.entries())
        if found is None or detail.row.now_at is None or found.then is not Then.DONE:
            return found
        return replace(found, then=Then.WAIT)

    def library_problems(self) -> tuple[str, ...]:
        return self.shelf.problems()
