"""How an account stands that another process holds: as that one says in the store."""

from __future__ import annotations

from modtui.domain.views import AccountStatus
from modtui.engine.health import Standing
from modtui.engine.parts import Parts
from modtui.engine.seen import account_status
from modtui.store import ReadTx


async def follow(standing: Standing, parts: Parts) -> None:
    """Let `standing` be what the store tells, where another process holds the account."""
    status = standing.now()
    if not status.elsewhere:
        return

    async def work(tx: ReadTx) -> AccountStatus:
        return await account_status(tx, status.name, status.connector, parts.now())

    standing.follow(await parts.store.read(work))
