"""How accounts stand, for a process that reads none of them: as who reads them says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from modtui.domain.model import Health
from modtui.domain.views import AccountStatus, Change
from modtui.domain.words import span
from modtui.engine.accounts import AccountSpec
from modtui.engine.health import SEEING
from modtui.engine.parts import Parts
from modtui.engine.sight import HEARD_EVERY
from modtui.store import ReadTx

LOOK_SECONDS = 5.0
NEVER_READ = "never read"


async def account_status(tx: ReadTx, name: str, connector: str, now: datetime) -> AccountStatus:
    """Return how an account stands: offline when no process reads it, lagging when it is quiet."""
    lease, said = await tx.lease(f"account:{name}"), await tx.health(name)
    heard = await tx.heard(name)
    heard_at = heard.at if heard else None
    status = AccountStatus(
        name=name,
        connector=connector,
        health=said.health if said else Health.STARTING if lease else Health.OFFLINE,
        since=said.since if said else now,
        last_ok_at=heard_at,
        detail=said.detail if said else NEVER_READ,
        elsewhere=lease is not None,
    )
    # A process that was killed had no time to say that nobody reads any more.
    if status.health in SEEING and lease is None:
        return _standing(status, Health.OFFLINE, heard_at or status.since, "nobody reads it")
    if status.health is Health.LIVE and heard and now > heard.stale_at + HEARD_EVERY:
        return _standing(status, Health.LAGGING, heard.at, f"{span(now - heard.at)} behind")
    return status


def _standing(status: AccountStatus, health: Health, since: datetime, detail: str) -> AccountStatus:
    return replace(status, health=health, since=since, detail=detail)


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
