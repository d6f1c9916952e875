"""The numbers that are read at once: counts, backlogs, what was kept aside, what was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import timedelta

from modtui.domain.frozen import dataclass
from modtui.domain.outbox import UNFINISHED
from modtui.domain.views import AccountStatus, Change, Counts
from modtui.engine.parts import Parts
from modtui.store import ReadTx

PEEK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Numbers:
    counts: Counts
    backlog: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[str, int] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)


class Figures:
    """Read again with each change, only as far as it says; answered from memory."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._numbers: _Numbers | None = None
        self._peeked: Counts | None = None
        self._peeked_at = parts.now()

    @property
    def counts(self) -> Counts:
        """The latest counts; before the first change they are read at once, where that works, and
        again only when they are a second old."""
        if self._numbers is not None:
            return self._numbers.counts
        now = self._parts.now()
        if self._peeked is None or abs(now - self._peeked_at) >= PEEK_AGAIN:
            self._peeked, self._peeked_at = self._parts.store.peek(self._counts), now
        return self._peeked or Counts()

    @property
    def sent(self) -> Mapping[str, int]:
        """How often each quick reply was sent."""
        return self._numbers.sent if self._numbers else {}

    async def read(self, change: Change) -> None:
        """Read what `change` made old."""
        known = self._numbers
        deliveries = known is None or change.deliveries or change.wide
        accounts = known is None or change.accounts or change.wide
        counts = known is None or change.of_threads
        if not (deliveries or accounts or counts):
            return

        async def work(tx: ReadTx) -> _Numbers:
            numbers = known or _Numbers(Counts())
            if counts:
                numbers = replace(numbers, counts=await self._counts(tx))
            if deliveries:
                rows = await tx.deliveries(states=UNFINISHED, limit=100_000)
                backlog = Counter(row.account for row in rows if row.not_before is None)
                numbers = replace(numbers, backlog=backlog, sent=await tx.sent_counts())
            if accounts:
                aside = Counter(item.account for item in await tx.quarantined())
                numbers = replace(numbers, aside=aside)
            return numbers

        self._numbers = await self._parts.store.read(work)

    def with_figures(self, status: AccountStatus) -> AccountStatus:
        """Return `status` with its backlog and what was kept aside."""
        if self._numbers is None:
            return status
        return replace(
            status,
            backlog=self._numbers.backlog.get(status.name, 0),
            quarantined=self._numbers.aside.get(status.name, 0),
        )

    async def _counts(self, tx: ReadTx) -> Counts:
        return await tx.counts(self._parts.now(), self._parts.me)
