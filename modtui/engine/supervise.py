"""One supervised task per account: a failing connector never stops the others or the app."""

from __future__ import annotations

import asyncio
from datetime import datetime

from modtui.connectors import Capabilities
from modtui.engine.accounts import AccountSpec
from modtui.engine.jumps import Odd
from modtui.engine.keeper import Duty, Errand, Keeper
from modtui.engine.parts import Parts


class Supervisor:
    """All keepers, in config order."""

    def __init__(self, specs: tuple[AccountSpec, ...], parts: Parts, duty: Duty) -> None:
        self._parts = parts
        self._keepers = {spec.name: Keeper(spec, parts, duty) for spec in specs}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to keep every account."""
        self._tasks = [asyncio.create_task(k.run()) for k in self._keepers.values()]

    async def stop(self, patience: float) -> None:
        """Let deliveries on their way end, for `patience` seconds; then stop and give the leases
        back."""
        sending = [k.delivering for k in self._keepers.values() if k.delivering is not None]
        if sending:
            await asyncio.wait(sending, timeout=patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connected(self) -> None:
        """Wait until every connector was built or has failed to."""
        for keeper in self._keepers.values():
            await keeper.tried.wait()

    async def once(self, errand: Errand | None) -> tuple[tuple[str, Exception | None], ...]:
        """Serve every account to its present end; return what stopped each, in config order."""
        errand = errand or Errand()

        async def serve(name: str, keeper: Keeper) -> Exception | None:
            end = await keeper.once(errand)
            errand.ended(name)
            return end

        ends = await asyncio.gather(*(serve(*each) for each in self._keepers.items()))
        return tuple(zip(self._keepers, ends, strict=True))

    async def read(self) -> None:
        """Wait until `once` has no account left to read."""
        for keeper in self._keepers.values():
            await keeper.read.wait()

    def keeper(self, account: str) -> Keeper | None:
        """Return the keeper of `account`, or None for an account that is not configured."""
        return self._keepers.get(account)

    def keepers(self) -> tuple[Keeper, ...]:
        """Return all of them, in config order."""
        return tuple(self._keepers.values())

    def capabilities(self, account: str) -> Capabilities | None:
        """Return what `account` can do, or None while its connector has not been built."""
        keeper = self._keepers.get(account)
        return keeper.capabilities if keeper else None

    def odd(self, odd: Odd) -> None:
        """Tell every keeper what the clocks did."""
        for keeper in self._keepers.values():
            keeper.odd(odd)

    async def follow(self) -> None:
        """See how the accounts stand that other processes hold."""
        for keeper in self._keepers.values():
            await keeper.standing.follow_holder()

    def nudge(self) -> None:
        """Let every account that rests try again now."""
        for keeper in self._keepers.values():
            keeper.nudge()

    def limited(self, account: str, until: datetime) -> None:
        """A delivery of `account` was told to wait until then."""
        keeper = self._keepers.get(account)
        if keeper is not None:
            keeper.standing.limit(until)
