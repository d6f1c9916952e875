"""When an account could not be read: kept in the store, across restarts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from modtui.domain.model import Health
from modtui.engine.parts import Parts
from modtui.store import StoreError, Tx
from modtui.store.status_port import Heard

T = TypeVar("T")

LAG_AFTER = timedelta(seconds=90)
HEARD_EVERY = timedelta(seconds=15)
"""How often it is written down that a platform answered."""

_DISCONNECTED = "disconnected"
_KINDS = {Health.RATE_LIMITED: "rate-limited", Health.NEEDS_LOGIN: "unauthorised"}
_GAP_AT_MOST = timedelta(minutes=20)


class Sight:
    """Writes the times without sight of one account that this process reads.

    Each answer of the platform is written down, at most every 15 seconds, with the moment from
    which on silence is too long: 90 seconds later, or three times the last gap where that is
    more. An answer after that moment ends a time without sight that began with the last answer
    before it, whoever heard that one: so a process that was killed, or a queue that nobody
    served, is told by the first answer that comes again.
    """

    def __init__(self, name: str, parts: Parts) -> None:
        self._name = name
        self._parts = parts
        self._blind = False
        self._last: Heard | None = None
        self._kept_at: datetime | None = None

    async def heard(self, now: datetime) -> None:
        """The platform answered."""
        kept, before = self._kept_at, self._last
        fresh = kept is not None and now - kept < HEARD_EVERY
        if fresh and not self._blind and before is not None and now <= before.stale_at:
            self._last = _heard(before, now)
            return
        written = await self._write(lambda tx: self._hear(tx, now))
        if written is not None:
            self._last, self._kept_at, self._blind = written, now, False

    async def lost(self, health: Health, now: datetime) -> None:
        """The account cannot be read, as `health` says."""
        self._blind = True
        kind = _KINDS.get(health, _DISCONNECTED)

        async def work(tx: Tx) -> None:
            blind = any(
                b.account == self._name and b.end is None for b in await tx.blind_since(now)
            )
            known = self._last or await tx.heard(self._name)
            await tx.begin_blind(self._name, kind, now if blind or known is None else known.at)

        await self._write(work)

    async def regained(self, now: datetime) -> None:
        """It can be read again."""
        if self._blind:
            self._blind = False
            await self._write(lambda tx: tx.end_blind(self._name, now))

    def shift(self, moved: timedelta) -> None:
        """The wall clock was set by `moved`: the last answer is as old as it was."""
        last = self._last
        self._last = last and Heard(last.at + moved, last.stale_at + moved)
        self._kept_at = self._kept_at and self._kept_at + moved

    async def leave(self) -> None:
        """Nobody reads the account from now on: write down the last answer."""
        last = self._last
        if last is not None:
            await self._write(lambda tx: tx.set_heard(self._name, last))

    async def _hear(self, tx: Tx, now: datetime) -> Heard:
        before = self._last or await tx.heard(self._name)
        if not await tx.end_blind(self._name, now) and before and now > before.stale_at:
            await tx.begin_blind(self._name, _DISCONNECTED, before.at)
            await tx.end_blind(self._name, now)
        heard = _heard(before, now)
        await tx.set_heard(self._name, heard)
        return heard

    async def _write(self, work: Callable[[Tx], Awaitable[T]]) -> T | None:
        """Return what `work` did, or None where another process reads the account by now."""
        session = self._parts.runtime.session

        async def guarded(tx: Tx) -> T | None:
            lease = await tx.lease(f"account:{self._name}")
            return await work(tx) if lease is None or lease.owner == session else None

        # A store that takes nothing is told where it matters: by what else is written.
        with suppress(StoreError):
            return await self._parts.store.write(guarded)
        return None


def _heard(before: Heard | None, now: datetime) -> Heard:
    gap = min(now - before.at, _GAP_AT_MOST) if before else timedelta()
    return Heard(now, now + max(LAG_AFTER, gap * 3))
