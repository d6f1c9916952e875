"""How an account stands, in words, and when it could not be seen."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.domain.model import Health
from modtui.domain.views import AccountStatus, Change
from modtui.domain.words import span
from modtui.engine.parts import Parts
from modtui.engine.seen import SEEING, account_status
from modtui.engine.sight import LAG_AFTER, Sight
from modtui.store import AccountHealth, AuditLine, ReadTx, StoreError, Tx


class Standing:
    """The health of one account. Times without sight are kept, and written to the audit log.

    `kept`: changes are written to the store, for processes that do not read the account.
    """

    def __init__(self, name: str, connector: str, parts: Parts, *, kept: bool = True) -> None:
        self._parts = parts
        self._kept = kept
        self._sight = Sight(name, parts)
        self._telling = asyncio.Lock()
        self._status = AccountStatus(name, connector, Health.STARTING, parts.now(), None)
        self._served = ""
        self._blind_from: datetime | None = None
        self._gap = timedelta()
        self._limited_at = self._limited_until = parts.now()
        self._slowed = ""

    def now(self) -> AccountStatus:
        """Return the status as it is now: limited until a moment, or lagging when it is quiet."""
        status = self._status
        if status.health in SEEING and self._limited_until > self._parts.now():
            return replace(
                status,
                health=Health.RATE_LIMITED,
                since=self._limited_at,
                until=self._limited_until,
                detail=self._slowed or status.detail,
            )
        ok_at = status.last_ok_at
        if status.health is not Health.LIVE or status.elsewhere or ok_at is None:
            return status
        silent = self._parts.now() - ok_at
        if silent <= max(LAG_AFTER, self._gap * 3):
            return status
        return replace(status, health=Health.LAGGING, since=ok_at, detail=f"{span(silent)} behind")

    async def heard(self, *, caught_up: bool, hidden: int = 0) -> None:
        """A batch came; of `hidden` threads it cannot be told whether they are still listed."""
        now = self._parts.now()
        if self._status.last_ok_at is not None:
            self._gap = now - self._status.last_ok_at
        self._status = replace(self._status, last_ok_at=now)
        if self._kept:
            await self._sight.heard(now)
        if caught_up:
            await self.stand(Health.LIVE, _kept_open(hidden))
        else:
            await self.stand(Health.LAGGING, "reading what came before")

    def shift(self, moved: timedelta) -> None:
        """The wall clock was set by `moved`: what is remembered of it moves along."""
        status = self._status
        if not moved:
            return
        ok_at = status.last_ok_at and status.last_ok_at + moved
        until = status.until and status.until + moved
        self._status = replace(status, since=status.since + moved, last_ok_at=ok_at, until=until)
        self._limited_at, self._limited_until = (
            self._limited_at + moved,
            self._limited_until + moved,
        )
        self._blind_from = self._blind_from and self._blind_from + moved
        self._sight.shift(moved)

    def reading(self, threads: int) -> None:
        """The first read has found so many threads so far."""
        self._status = replace(self._status, reading=threads)
        self._parts.changed(Change(accounts=True))

    def read_first(self, told: str) -> None:
        """The first read is over; `told` says in one line what it found."""
        self._status = replace(self._status, reading=0, news=told)
        self._parts.changed(Change(accounts=True))

    def known_as(self, identity: str) -> None:
        """The platform told who we are there."""
        self._status = replace(self._status, identity=identity)

    async def stand(
        self, health: Health, detail: str = "", *, until: datetime | None = None
    ) -> None:
        """The account stands so from now on."""
        await self._tell(health, detail, until)

    async def hold_off(self, wait: timedelta, why: str) -> None:
        """The account is not read before `wait` is over: its rate limit is spent."""
        await self.stand(Health.RATE_LIMITED, why, until=self._parts.now() + wait)

    @property
    def held_off(self) -> timedelta:
        """How long it is not read yet; zero when it may be."""
        status = self._status
        if status.health is not Health.RATE_LIMITED or status.until is None:
            return timedelta()
        return max(status.until - self._parts.now(), timedelta())

    async def served_elsewhere(self, who: str) -> None:
        """Another process holds the account; what it sees, we see in the store."""
        served, self._served = self._served, f"served by {who}"
        if not self._status.elsewhere or served != self._served:
            await self._tell(Health.LIVE, self._served, elsewhere=True)

    async def follow_holder(self) -> None:
        """Be what the store tells, where another process holds the account."""
        status = self.now()
        if not status.elsewhere:
            return

        async def work(tx: ReadTx) -> AccountStatus:
            return await account_status(tx, status.name, status.connector, self._parts.now())

        self.follow(await self._parts.store.read(work))

    def follow(self, seen: AccountStatus) -> None:
        """Stand as `seen`: as the process that holds the account says in the store."""
        before = self._status
        if not (before.elsewhere and seen.elsewhere):
            return
        begins = seen.health is Health.STARTING
        self._status = replace(
            before,
            health=Health.LIVE if begins else seen.health,
            since=seen.since,
            last_ok_at=seen.last_ok_at,
            until=seen.until,
            identity=seen.identity,
            detail=self._served + (f": {seen.detail}" if seen.detail and not begins else ""),
        )
        if before != replace(self._status, last_ok_at=before.last_ok_at):
            self._parts.changed(Change(accounts=True))

    async def taken_over(self, who: str) -> None:
        """Another process took the account from this one, which stood still for too long."""
        self._status = replace(self._status, news=f"taken over by {who}")
        await self.served_elsewhere(who)
        self._parts.changed(Change(accounts=True))

    def limit(self, until: datetime) -> None:
        """A delivery was told to wait: reading may go on meanwhile."""
        self._limited_at, self._limited_until = self._parts.now(), until
        self._parts.changed(Change(accounts=True))

    async def slow(self, wait: timedelta, why: str) -> None:
        """What pushes is away for `wait`, as its rate limit is spent: reading goes on meanwhile."""
        now = self._parts.now()
        was, self._slowed = self._slowed, why if wait else ""
        if self._slowed:
            self._limited_at, self._limited_until = now, now + wait
        elif was:
            self._limited_until = now
        if self._slowed or was:
            await self._keep_as_it_is()
        self._parts.changed(Change(accounts=True))

    async def slow_is_over(self) -> None:
        """What pushes need not wait any more, unless it was told to anew."""
        if self._slowed and self._limited_until <= self._parts.now():
            self._slowed = ""
            await self._keep_as_it_is()
            self._parts.changed(Change(accounts=True))

    async def _keep_as_it_is(self) -> None:
        status, until = self._status, self._limited_until
        kept = AccountHealth(status.health, status.since, status.detail, status.until)
        if self._slowed and status.health in SEEING:
            kept = AccountHealth(Health.RATE_LIMITED, self._limited_at, self._slowed, until)
        await self._keep(kept)

    async def _tell(
        self,
        health: Health,
        detail: str,
        until: datetime | None = None,
        *,
        elsewhere: bool = False,
    ) -> None:
        # What reads the account and what watches its line both tell: one is written, then the next.
        async with self._telling:
            before, now = self._status, self._parts.now()
            since = before.since if before.health is health else now
            self._status = replace(
                before,
                health=health,
                since=since,
                detail=detail,
                until=until,
                elsewhere=elsewhere,
            )
            await self._told(before, health, detail)

    async def _told(self, before: AccountStatus, health: Health, detail: str) -> None:
        await self._mind_sight(before, health, detail)
        if self._kept and not self._status.elsewhere and before.health is not health:
            await self._keep_sight(health)
        until = self._status.until
        other = (before.health, before.detail, before.until) != (health, detail, until)
        if self._slowed and self._limited_until <= self._parts.now():
            self._slowed, other = "", True
        if other and not (self._slowed and before.health in SEEING and health in SEEING):
            await self._keep_as_it_is()
        if replace(before, last_ok_at=None) != replace(self._status, last_ok_at=None):
            self._parts.changed(Change(accounts=True))

    async def unread(self) -> None:
        """Nobody reads the account from now on: what was seen of it grows old."""
        if self._status.health in SEEING:
            if self._kept:
                await self._sight.leave()
            await self._keep(AccountHealth(Health.OFFLINE, self._parts.now(), "nobody reads it"))

    async def _keep(self, health: AccountHealth) -> None:
        name, session = self._status.name, self._parts.runtime.session

        async def work(tx: Tx) -> None:
            lease = await tx.lease(f"account:{name}")
            if lease is None or lease.owner == session:
                await tx.set_health(name, health)

        if self._kept:
            # A store that takes nothing is told where it matters: by what else is written.
            with suppress(StoreError):
                await self._parts.store.write(work)

    async def _keep_sight(self, health: Health) -> None:
        if health in SEEING:
            await self._sight.regained(self._parts.now())
        else:
            await self._sight.lost(health, self._parts.now())

    async def _mind_sight(self, before: AccountStatus, health: Health, detail: str) -> None:
        now = self._parts.now()
        if before.health in SEEING and health not in SEEING:
            self._blind_from = before.last_ok_at or now
            await self.note("blind", f"{health.value}: {detail}".rstrip(": "))
        elif self._blind_from is not None and health in SEEING:
            start, self._blind_from = self._blind_from, None
            told = f"saw nothing for {span(now - start)}, since {start:%Y-%m-%d %H:%M:%S} UTC"
            await self.note("sighted", told)

    async def note(self, action: str, detail: str) -> None:
        """Write a line about this account into the audit log, if the store takes it."""
        name = self._status.name
        line = AuditLine(self._parts.now(), name, action, None, None, f"{name}: {detail}")
        try:
            await self._parts.store.write(lambda tx: tx.add_audit(line))
        except StoreError as error:
            self._status = replace(self._status, detail=str(error))


def _kept_open(threads: int) -> str:
    """Return what there is to say of threads that a row which names none may hide."""
    if not threads:
        return ""
    stay, them = ("1 thread stays", "it") if threads == 1 else (f"{threads} threads stay", "them")
    return f"{stay} open here: a row of the list that cannot be read may be of {them}"
