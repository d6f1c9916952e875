"""How an account stands, as who reads it has written down.

A command asks this as well as the app, so nothing here is for a loop: asyncio alone would be a
tenth of the time of a listing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from modtui.domain.model import Health
from modtui.domain.views import AccountStatus
from modtui.domain.words import span
from modtui.engine.sight import HEARD_EVERY
from modtui.store import ReadTx

SEEING = frozenset({Health.LIVE, Health.LAGGING})
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
        identity=await tx.identity(name),
        elsewhere=lease is not None,
        until=said.until if said else None,
    )
    over = status.health is Health.RATE_LIMITED and status.until and status.until <= now
    # A process that was killed had no time to say that nobody reads any more.
    if lease is None and (over or status.health in SEEING):
        return _standing(status, Health.OFFLINE, heard_at or status.since, "nobody reads it")
    if status.health is Health.LIVE and heard and now > heard.stale_at + HEARD_EVERY:
        return _standing(status, Health.LAGGING, heard.at, f"{span(now - heard.at)} behind")
    return status


def _standing(status: AccountStatus, health: Health, since: datetime, detail: str) -> AccountStatus:
    return replace(status, health=health, since=since, detail=detail, until=None)
