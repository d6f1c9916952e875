"""What keeps one account going: whatever fails in it, it goes on, and says how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from modtui.connectors import (
    Capabilities,
    Connector,
    ConnectorError,
    RateLimited,
    Rejected,
    Retryable,
    Unauthorized,
)
from modtui.domain.frozen import dataclass
from modtui.domain.model import Health
from modtui.domain.outbox import DeliveryState, backoff
from modtui.engine.accounts import AccountSpec, CredentialsMissing
from modtui.engine.first_read import FirstRead
from modtui.engine.health import Standing
from modtui.engine.intake import Intake, Taken, read_on, reading
from modtui.engine.jumps import Odd
from modtui.engine.outbox import Outbox
from modtui.engine.parts import Parts
from modtui.engine.persevere import rest
from modtui.engine.pieces import Source
from modtui.engine.watching import watching
from modtui.engine.words import unexpected
from modtui.store import Fenced, Lease, ReadTx, StoreError

LEASE_SECONDS = 30.0
RENEW_SECONDS = 10.0
LOGIN_SECONDS = 300.0
DRAIN_SECONDS = 60.0
CLOSE_SECONDS = 10.0
_DRAIN_LOOK = 0.1
_TURN_LOOK = 0.5
_TOLD_AFTER = 1.0
_STILL_LOOK = 1.0
_UNDER_WAY = (
    DeliveryState.HELD,
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.RECONCILING,
)


@dataclass(frozen=True, slots=True)
class Duty:
    """What every keeper shares: the outbox, the order of accounts, whether to read at all."""

    outbox: Outbox
    rank: Mapping[str, int]
    intake: bool


@dataclass(frozen=True, slots=True)
class Errand:
    """How an account is served to its present end alone. `silence`: the seconds in which nothing
    may come while it is read; `waits` is told the account and why, where another process has it
    and is waited for; `ended` the account that is served."""

    silence: float = 180.0
    waits: Callable[[str, str], None] = lambda account, why: None
    ended: Callable[[str], None] = lambda account: None


class Keeper:
    """Keeps one account going: lease, connector, intake, outbox, health."""

    def __init__(self, spec: AccountSpec, parts: Parts, duty: Duty) -> None:
        self._spec = spec
        self._hasty = parts
        self._parts = parts.patient()
        self._duty = duty
        self._nudged = asyncio.Event()
        self._woke: asyncio.Future[Odd] | None = None
        self._tries = 0
        self._came = 0
        self.standing = Standing(spec.name, spec.connector, parts, kept=duty.intake)
        self._first = FirstRead(parts, self.standing, spec.backlog)
        self.connector: Connector | None = None
        self.capabilities: Capabilities | None = None
        self.own = ""
        self.read = asyncio.Event()
        self.tried = asyncio.Event()
        self.delivering: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Try again now."""
        self._nudged.set()

    def source(self, connector: Connector) -> Source:
        """Return what this account's batches are signed with."""
        spec, rank = self._spec, self._duty.rank
        return Source(spec.name, connector.realm, rank, self.own, spec.backlog)

    def odd(self, odd: Odd) -> None:
        """The clocks did something: times that are kept move along; after a sleep the line to the
        platform is dead, so read anew."""
        self.standing.shift(odd.moved)
        if odd.slept and self._woke is not None and not self._woke.done():
            self._woke.set_result(odd)

    async def run(self) -> None:
        """Keep the account going until cancelled."""
        while True:
            await self._rest(await self._stint())

    async def _stint(self) -> float:
        """Serve the account until something ends it; return for how many seconds to rest then."""
        try:
            try:
                await self._serve()
            finally:
                self.tried.set()
                await self._close()
        except Fenced:
            return await self._fenced_off()
        except Exception as error:
            # The one place for this: whatever breaks in an account stays in that account.
            return await self._ended(error)
        return 0.0

    async def _fenced_off(self) -> float:
        """The lease ran out, as while this process was stopped; return how long to rest. Where
        nobody took it meanwhile it is ours again, under a new epoch."""
        name = f"account:{self._spec.name}"
        holder = await self._parts.store.read(lambda tx: tx.lease(name))
        if holder is None or holder.owner == self._parts.runtime.session:
            return 0.0
        await self.standing.taken_over(holder.owner)
        return RENEW_SECONDS

    async def _ended(self, error: Exception) -> float:
        """Stand as `error` means; return for how many seconds to rest."""
        if isinstance(error, CredentialsMissing | Unauthorized):
            await self.standing.stand(Health.NEEDS_LOGIN, str(error))
            return LOGIN_SECONDS
        if isinstance(error, ConnectorError):
            return await self._fell(error)
        if isinstance(error, ImportError):
            await self.standing.stand(Health.OFFLINE, str(error))
            return LOGIN_SECONDS
        if isinstance(error, StoreError):
            await self.standing.stand(Health.OFFLINE, str(error))
            return RENEW_SECONDS
        return await self._broke(error)

    async def once(self, errand: Errand) -> Exception | None:
        """Read to the present end and deliver what is queued; return what stopped it."""
        # Here somebody waits for the end: a store that takes nothing is told at once.
        self._parts = self._hasty
        try:
            lease = await self._connect() or await self._turn(errand)
            if lease is None:
                return None
            assert self.connector is not None
            work = self._once_under(self.connector, lease)
            await self._watched(work, lease, self._listen(errand.silence))
        except Fenced:
            return None
        except Exception as error:
            # Here too: what breaks in one account is told beside what the others did.
            await self._ended(error)
            return error
        finally:
            self.read.set()
            await self._close()
        return None

    async def _once_under(self, connector: Connector, lease: Lease) -> None:
        if self._reads():
            await self._identify(connector)
            await self._first.begin()
            cursor = await self._parts.store.read(lambda tx: tx.cursor(self._spec.name))
            intake = Intake(self._parts, self.source(connector), lease)
            await read_on(connector, intake, cursor, self._took)
            await self.standing.heard(caught_up=True)
        self.read.set()
        bound = self._parts.now() + timedelta(seconds=DRAIN_SECONDS)
        while left := await self._parts.store.read(self._under_way):
            if self._parts.now() >= bound:
                raise Retryable(f"not delivered yet: {left}; modtui deliveries shows them")
            await self._parts.runtime.sleep(_DRAIN_LOOK)

    async def _listen(self, silence: float) -> None:
        """Return once the account is read. Raises Retryable where nothing comes of it for `silence`
        seconds, but where its rate limit is spent."""
        came, still = self._came, 0.0
        while not self.read.is_set():
            await self._parts.runtime.sleep(_STILL_LOOK)
            heard = came != self._came or bool(self.standing.held_off)
            came, still = self._came, 0.0 if heard else still + _STILL_LOOK
            if still >= silence and not self.read.is_set():
                words = (
                    f"nothing came for {silence:g} s while it was read, so it is read no further"
                )
                raise Retryable(f"{words}; what came before is stored, the next sync goes on there")

    async def _took(self, taken: Taken) -> None:
        self._came += 1
        await self._first.took(taken)
        if taken.caught_up:
            self.read.set()

    async def _turn(self, errand: Errand) -> Lease | None:
        """Wait for the account while rows of it are on their way; None: its holder ended them.

        A holder that died in the middle of them keeps its lease to the end.
        """
        began, told = self._parts.now(), False
        bound = began + timedelta(seconds=DRAIN_SECONDS)
        while left := await self._parts.store.read(self._under_way):
            if self._parts.now() >= bound:
                raise Retryable(f"not delivered yet: {left}; {self.standing.now().detail}")
            await self._parts.runtime.sleep(_TURN_LOOK)
            if lease := await self._take_lease():
                return lease
            if not told and self._parts.now() - began >= timedelta(seconds=_TOLD_AFTER):
                told = True
                wait = f"waiting up to {DRAIN_SECONDS:g} s for it, not delivered yet: {left}"
                errand.waits(self._spec.name, f"{self.standing.now().detail}: {wait}")
        return None

    async def _under_way(self, tx: ReadTx) -> int:
        now = self._parts.now()
        rows = await tx.deliveries(account=self._spec.name, states=_UNDER_WAY)
        return sum(
            not row.asks and (row.not_before is None or row.not_before <= now) for row in rows
        )

    async def _serve(self) -> None:
        lease = await self._connect()
        while lease is None:
            await self.standing.follow_holder()
            await self._rest(RENEW_SECONDS)
            lease = await self._take_lease()
        assert self.connector is not None
        await self._watched(self._read(self.connector, lease), lease)

    async def _connect(self) -> Lease | None:
        """Build the connector; return the account's lease, or None while another has it."""
        self.connector = await self._spec.build()
        self.capabilities = self.connector.capabilities
        lease = await self._take_lease()
        self.tried.set()
        return lease

    async def _watched(
        self, work: Coroutine[Any, Any, None], lease: Lease, *others: Coroutine[Any, Any, None]
    ) -> None:
        async with watching(self._spec.watch, self.standing, self._parts.runtime.sleep):
            await self._beside(work, lease, *others)

    async def _beside(
        self, work: Coroutine[Any, Any, None], lease: Lease, *others: Coroutine[Any, Any, None]
    ) -> None:
        """Run `work` beside the outbox, the lease's renewal and `others`; the first error ends
        all."""
        assert self.connector is not None
        main = asyncio.create_task(self._spec.watch.reads(work))
        self.delivering = asyncio.create_task(
            self._duty.outbox.run(self._spec.name, self.connector, lease)
        )
        besides = (asyncio.create_task(other) for other in (self._renew(lease), *others))
        tasks = {main, self.delivering, *besides}
        waiting = tasks
        try:
            while main in waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            self.read.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._drop(lease)

    def _reads(self) -> bool:
        return self._duty.intake and not self._spec.schema.notify_only

    async def _read(self, connector: Connector, lease: Lease) -> None:
        """Take batches for as long as the account is ours; bad moments are waited out here."""
        if not self._reads():
            await self.standing.stand(Health.LIVE)
            await asyncio.Event().wait()
        while True:
            try:
                if not self.own:
                    await self._identify(connector)
                await self._till_woken(self._take_all(connector, lease))
                wait = RENEW_SECONDS
            except Unauthorized:
                raise
            except ConnectorError as error:
                wait = await self._fell(error)
            await self._rest(wait)

    async def _till_woken(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`. Raises Retryable when the machine woke up in the middle."""
        self._woke = asyncio.get_running_loop().create_future()
        reading = asyncio.create_task(work)
        try:
            await asyncio.wait((reading, self._woke), return_when=asyncio.FIRST_COMPLETED)
            if self._woke.done() and not reading.done():
                raise Retryable(self._woke.result().words)
            await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self._woke = None

    async def _take_all(self, connector: Connector, lease: Lease) -> None:
        await self._first.begin()
        cursor = await self._parts.store.read(lambda tx: tx.cursor(self._spec.name))
        intake = Intake(self._parts, self.source(connector), lease)
        async with reading(connector, cursor) as updates:
            async for batch in updates:
                taken = await intake.take(batch)
                self._tries = 0
                await self.standing.heard(caught_up=taken.caught_up, hidden=taken.hidden)
                await self._first.took(taken)

    async def _identify(self, connector: Connector) -> None:
        identity = await connector.identity()
        self.own = identity.remote_id
        # What an account may do is known only now: a role that lacks a right loses the offer.
        self.capabilities = connector.capabilities
        self.standing.known_as(identity.name)
        name = self._spec.name
        await self._parts.store.write(lambda tx: tx.set_identity(name, identity.name))

    async def _fell(self, error: ConnectorError) -> float:
        """Return for how many seconds to leave the platform alone after `error`."""
        self._tries += 1
        asked = error.retry_after if isinstance(error, Retryable) else None
        wait = backoff(self._tries, self._parts.runtime.rng.random(), asked).total_seconds()
        if isinstance(error, RateLimited):
            until = self._parts.now() + timedelta(seconds=wait)
            await self.standing.stand(Health.RATE_LIMITED, str(error), until=until)
        elif isinstance(error, Rejected):
            await self.standing.stand(Health.NEEDS_LOGIN, str(error))
            wait = LOGIN_SECONDS
        else:
            await self.standing.stand(Health.OFFLINE, str(error))
        return wait

    async def _broke(self, error: Exception) -> float:
        self._tries += 1
        what = unexpected(error)
        await self.standing.note("crashed", what)
        await self.standing.stand(Health.OFFLINE, what)
        return backoff(self._tries, self._parts.runtime.rng.random()).total_seconds()

    async def _take_lease(self) -> Lease | None:
        name, owner = f"account:{self._spec.name}", self._parts.runtime.session
        store = self._parts.store
        lease = await store.write(lambda tx: tx.take_lease(name, owner, LEASE_SECONDS))
        if lease is None:
            account = self._spec.name
            holder = await store.read(lambda tx: tx.lease(name))
            self.standing.known_as(await store.read(lambda tx: tx.identity(account)))
            await self.standing.served_elsewhere(holder.owner if holder else "another process")
        return lease

    async def _renew(self, lease: Lease) -> None:
        while True:
            await self._parts.runtime.sleep(RENEW_SECONDS)
            if await self._take_lease() != lease:
                raise Fenced(f"{lease.name} was taken over")

    async def _drop(self, lease: Lease) -> None:
        await self.standing.unread()
        # A store that takes nothing does not keep us here: the lease ends by itself.
        with suppress(StoreError):
            await self._hasty.store.write(lambda tx: tx.drop_lease(lease))

    async def _close(self) -> None:
        connector, self.connector = self.connector, None
        self.own = ""
        if connector is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await connector.aclose()
        except Exception as error:
            # Raised on, it would take the place of what ends the account, a cancellation too.
            await self.standing.note("crashed", unexpected(error))

    async def _rest(self, seconds: float) -> None:
        """Wait, or until nudged."""
        try:
            await rest(self._parts.runtime.sleep(seconds), self._nudged)
        finally:
            self._nudged.clear()
