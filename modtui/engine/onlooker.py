"""How accounts stand, for a process that reads none of them: as who reads them says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from modtui.domain.views import AccountStatus, Change
from modtui.engine.accounts import AccountSpec
from modtui.engine.parts import Parts
from modtui.engine.seen import account_status
from modtui.store import ReadTx

LOOK_SECONDS = 5.0


class Onlooker:
    """Keeps the standing of every account at hand, as the store tells it.

    `next_due` says when the next deadline comes: it passes even if nobody serves the queue.
    """

    def __init__(
        self,
        specs: Sequence[AccountSpec],
        parts: Parts,
        next_due: Callable[[], datetime | None],
    ) -> None:
        self._specs = tuple(specs)
        self._parts = parts
        self._next_due = next_due
        self.statuses: tuple[AccountStatus, ...] = ()

    async def look(self) -> bool:
        """Read how the accounts stand; return whether that is news."""

        async def work(tx: ReadTx) -> tuple[AccountStatus, ...]:
            now = self._parts.now()
            return tuple([await account_status(tx, s.name, s.connector, now) for s in self._specs])

        before, self.statuses = self.statuses, await self._parts.store.read(work)
        return before != self.statuses

    async def run(self) -> None:
        """Look again and again: a lease that runs out, a silence and a deadline tell nobody."""
        while True:
            due = self._next_due()
            if await self.look() or (due is not None and due <= self._parts.now()):
                self._parts.changed(Change(accounts=True))
            await self._parts.runtime.sleep(LOOK_SECONDS)
