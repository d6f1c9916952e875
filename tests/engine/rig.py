"""A whole engine on a real store, time moved by hand, and connectors fed from a queue."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modtui.connectors import (
    Batch,
    CannotTell,
    Capabilities,
    Connector,
    Context,
    Idempotent,
    Identity,
    Limits,
    Schema,
    ThreadRef,
)
from modtui.domain.commands import Capability, Command
from modtui.domain.outbox import Receipt
from modtui.domain.settings import Desk
from modtui.domain.sla import Policy
from modtui.domain.views import AccountStatus
from modtui.engine.accounts import AccountSpec, Plan, Replies, Runtime
from modtui.engine.live import LiveEngine
from modtui.store import Store, StoreClock
from modtui.store.sqlite import open_store
from tests.engine.scene import DESK, POLICY, REALM

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Time:
    """Moves only by `pass_by`; who sleeps is woken when its moment has come. The wall clock may be
    set (`jump`), and the machine may be suspended: then no sleeper's time goes on."""

    def __init__(self) -> None:
        self.at = NOON
        self._set = self._suspended = timedelta()
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.at + self._set + self._suspended

    def lease(self) -> float:
        return (self.at + self._suspended).timestamp()

    def awake(self) -> float:
        return self.at.timestamp()

    def jump(self, seconds: float) -> None:
        """Set the wall clock."""
        self._set += timedelta(seconds=seconds)

    def suspend(self, seconds: float) -> None:
        """Put the machine to sleep, and wake it up."""
        self._suspended += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.at + timedelta(seconds=seconds), future))
        await future

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        due = [future for moment, future in self._sleepers if moment <= self.at]
        self._sleepers = [each for each in self._sleepers if each[0] > self.at]
        for future in due:
            if not future.done():
                future.set_result(None)

    def asleep(self, low: float, high: float) -> bool:
        """Whether somebody sleeps on for between `low` and `high` seconds."""
        first, last = (self.at + timedelta(seconds=seconds) for seconds in (low, high))
        return any(first <= moment <= last and not f.done() for moment, f in self._sleepers)


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until `condition` holds; a test that waits for ten seconds has failed."""
    async with asyncio.timeout(10):
        while True:
            holds = condition()
            if holds if isinstance(holds, bool) else await holds:
                return
            await asyncio.sleep(0.002)


@dataclass
class Feed:
    """A connector that tells what is put into it; an exception in the feed is raised."""

    realm: str = REALM
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(
            {c: Limits(c.value, Idempotent()) for c in (Capability.REPLY, Capability.HIDE)},
            {Capability.BAN: "nobody is banned here"},
        )
    )
    news: asyncio.Queue[Batch | Exception] = field(default_factory=asyncio.Queue)
    context_answer: Context | Exception = field(default_factory=lambda: Context(()))
    cursors: list[str | None] = field(default_factory=list)
    done: list[Command] = field(default_factory=list)
    closed: int = 0
    fails_with: Exception | None = None
    who: Identity | Exception = field(
        default_factory=lambda: Identity("bot", "forum-bot", "moderator")
    )

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        self.cursors.append(cursor)
        while True:
            item = await self.news.get()
            if isinstance(item, Exception):
                raise item
            yield item

    async def context(self, ref: ThreadRef) -> Context:
        if isinstance(self.context_answer, Exception):
            raise self.context_answer
        return self.context_answer

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        if self.fails_with is not None:
            raise self.fails_with
        self.done.append(command)
        return Receipt(f"r{len(self.done)}", NOON)

    async def find(self, *_: object) -> CannotTell:
        return CannotTell("it does not say")

    async def identity(self) -> Identity:
        if isinstance(self.who, Exception):
            raise self.who
        return self.who

    async def aclose(self) -> None:
        self.closed += 1


def spec(name: str, connector: Connector | Exception | list[Connector | Exception]) -> AccountSpec:
    """An account whose connector is `connector`, or one after the other of a list."""
    line = connector if isinstance(connector, list) else [connector]

    async def build() -> Connector:
        built = line.pop(0) if len(line) > 1 else line[0]
        if isinstance(built, Exception):
            raise built
        return built

    return AccountSpec(name, "feed", Schema("feed"), build)


@dataclass
class Rig:
    folder: Path
    time: Time = field(default_factory=Time)

    @asynccontextmanager
    async def running(
        self, *specs: AccountSpec, session: str = "here:1:a", desk: Desk = DESK, **plan: object
    ) -> AsyncIterator[LiveEngine]:
        """An engine that was started, on the rig's database."""
        store = self.store()
        engine = self.engine(store, *specs, session=session, desk=desk, **plan)
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop()
            await store.close()

    def store(self) -> Store:
        clock = StoreClock(self.time.now, self.time.lease, "boot")
        return open_store(self.folder / "queue.db", clock, asyncio.sleep)

    def engine(
        self,
        store: Store,
        *specs: AccountSpec,
        session: str = "here:1:a",
        desk: Desk = DESK,
        library: Replies | None = None,
        read_only: bool = False,
        intake: bool = True,
        policy: Policy = POLICY,
        ranking: Path | None = None,
    ) -> LiveEngine:
        clocks = self.time.lease, self.time.awake
        runtime = Runtime(
            self.time.now, self.time.sleep, random.Random(session), session, lambda _: True, *clocks
        )
        plan = Plan(desk, (policy,), specs, library, read_only, intake, ranking=ranking)
        return LiveEngine(store, plan, runtime)


def status(engine: LiveEngine, account: str) -> AccountStatus:
    return next(each for each in engine.accounts() if each.name == account)
