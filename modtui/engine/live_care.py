"""The care that runs: sets in memory for this session, a count in the store."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import datetime

from modtui.domain.care import Folding
from modtui.domain.views import Change, ThreadDetail
from modtui.engine.detail import Snapshot
from modtui.engine.folding import folds
from modtui.engine.parts import Parts
from modtui.store import StoreError


class LiveCare:
    """The `Care` of `modtui.engine.care`. `counting` False: nothing is written."""

    def __init__(self, parts: Parts, *, counting: bool) -> None:
        self._parts = parts
        self._counting = counting
        self._opened: defaultdict[int, set[str]] = defaultdict(set)
        self._addresses: defaultdict[int, set[str]] = defaultdict(set)

    def folding(self, found: Snapshot) -> Folding:
        """Return how the thread of `found` is shown now."""
        record = found.record
        return Folding(
            folds(record, found.posts, found.flags, self._parts.desk),
            frozenset(self._opened.get(record.id, ())),
            frozenset(self._addresses.get(record.id, ())),
        )

    async def unfold(self, detail: ThreadDetail, post: str) -> None:
        thread, fold = detail.row.id, detail.folding.rules.get(post)
        parts = self._parts
        if self._counting and fold is not None and fold.text:
            # What cannot be counted can be read all the same.
            with suppress(StoreError):
                at = parts.now()
                await parts.store.write(lambda tx: tx.add_exposure(parts.me, thread, post, at))
        self._opened[thread].add(post)
        self._tell(thread)

    def fold(self, thread: int, post: str) -> None:
        self._opened[thread].discard(post)
        self._tell(thread)

    def address_opened(self, thread: int, post: str) -> None:
        self._addresses[thread].add(post)
        self._tell(thread)

    async def exposure(self, since: datetime) -> int:
        me = self._parts.me
        return await self._parts.store.read(lambda tx: tx.exposures(me, since))

    def _tell(self, thread: int) -> None:
        self._parts.changed(Change(threads=frozenset((thread,)), order=False))
