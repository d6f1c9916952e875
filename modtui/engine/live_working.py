"""The part of the engine that works for the accounts: keepers, outbox, the watch over deadlines.

`start` loads it, after the first paint. What is asked before that, and in a process that never
starts, goes without it: a third of the modules of the engine.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from modtui.connectors import Capabilities
from modtui.domain.model import Health
from modtui.domain.settings import Desk
from modtui.domain.views import AccountStatus
from modtui.engine import Refused
from modtui.engine.accounts import Plan
from modtui.engine.parts import Parts

if TYPE_CHECKING:
    from modtui.engine.clock import Watch
    from modtui.engine.context import Surroundings
    from modtui.engine.keeper import Keeper
    from modtui.engine.outbox import Outbox
    from modtui.engine.supervise import Supervisor


class Working:
    """What keeps the accounts of a plan going, made when it is first used."""

    _parts: Parts
    _plan: Plan
    _starting: tuple[AccountStatus, ...]
    _heard_by: Desk | None = None

    @cached_property
    def _outbox(self) -> Outbox:
        from modtui.engine.outbox import Outbox

        return Outbox(self._parts)

    @cached_property
    def _supervisor(self) -> Supervisor:
        from modtui.engine.keeper import Duty
        from modtui.engine.supervise import Supervisor

        plan = self._plan
        specs = () if plan.read_only else plan.accounts
        rank = {spec.name: place for place, spec in enumerate(plan.accounts)}
        return Supervisor(specs, self._parts, Duty(self._outbox, rank, plan.intake))

    @cached_property
    def _watch(self) -> Watch:
        from modtui.engine.clock import Watch

        return Watch(self._parts)

    @cached_property
    def _surroundings(self) -> Surroundings:
        from modtui.engine.context import Surroundings

        return Surroundings(self._parts, self._supervisor)

    async def _refile(self) -> None:
        from modtui.engine.promises import refile

        await refile(self._parts)

    async def _hear_again(self) -> None:
        """Hear by the help routes of now what is in the queue, unless that was done."""
        desk = self._parts.ruled
        if desk is self._heard_by:
            return
        from modtui.engine.hearing import hear_again

        if await hear_again(self._parts):
            self._heard_by = desk

    async def connected(self) -> None:
        """Wait until every account's connector was built, or could not be."""
        await self._supervisor.connected()

    async def retry_account(self, account: str) -> None:
        keeper = self._supervisor.keeper(account)
        if keeper is None:
            raise Refused("invalid", f"there is no account {account}")
        keeper.nudge()

    async def load_context(self, thread_id: int) -> None:
        await self._surroundings.load(thread_id)

    def _keeper(self, account: str) -> Keeper | None:
        return self._supervisor.keeper(account) if "_supervisor" in self.__dict__ else None

    def _capabilities(self, account: str) -> Capabilities | None:
        keeper = self._keeper(account)
        return keeper.capabilities if keeper is not None else None

    def _starting_accounts(self) -> tuple[AccountStatus, ...]:
        specs, now = () if self._plan.read_only else self._plan.accounts, self._parts.now()
        return tuple(
            AccountStatus(spec.name, spec.connector, Health.STARTING, now, None) for spec in specs
        )

    def _stands(self) -> tuple[AccountStatus, ...]:
        """Return how the accounts stand that this process reads."""
        if "_supervisor" not in self.__dict__:
            return self._starting
        return tuple(keeper.standing.now() for keeper in self._supervisor.keepers())

    def _around(self, thread_id: int) -> str:
        """Return why the posts around a thread could not be read, "" if they could."""
        loaded = "_surroundings" in self.__dict__
        return self._surroundings.error(thread_id) if loaded else ""
