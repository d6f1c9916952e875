"""A far end that stops answering, on every platform: it shows, and it is a time without sight."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from modtui.connectors import Connector, Environment, Schema, Socket
from modtui.connectors.watch import Watch
from modtui.domain.model import Health
from modtui.engine.accounts import AccountSpec
from modtui.engine.live import LiveEngine
from modtui.store import Store, Tx
from tests.connectors.fakegateway import HELLO, FakeSocket, event, ready
from tests.connectors.faketwitch import keepalive, welcome
from tests.connectors.listening import settle
from tests.connectors.platform import START
from tests.connectors.test_discord import Server as Guild
from tests.connectors.test_discourse_wire import Forum
from tests.connectors.test_github_wire import Issues
from tests.connectors.test_mastodon import Server
from tests.connectors.test_matrix_wire import Synapse
from tests.connectors.test_ozone import Labeler
from tests.connectors.test_reddit_wire import Site
from tests.connectors.test_twitch import Channel
from tests.connectors.wire import Stage
from tests.engine.rig import Rig, Time, status, until

ACCOUNT = "ours"
HALF_A_MINUTE = timedelta(seconds=30)
_WRITES = 6
"""One after the other at most, for one batch."""


class FarEnd:
    """Carries what is said to a platform, and keeps it without a word while it is `silent`."""

    def __init__(self, stage: Stage, time: Time) -> None:
        self.time, self.watch = time, Watch()
        self.unanswered: datetime | None = None
        self.lines: list[FakeSocket] = []
        self._answers = asyncio.Event()
        self._answers.set()
        self._gone = False
        self._platform = stage.platform
        self._made = stage.platform.environment
        stage.platform.environment = self._environment  # type: ignore[method-assign]

    @property
    def silent(self) -> bool:
        return not self._answers.is_set()

    def fall_silent(self, *, gone: bool = False) -> None:
        """Answer no more; `gone`: no connection is there either."""
        self._answers.clear()
        self._gone = gone

    def speak(self) -> None:
        self._answers.set()

    async def asked(self, request: httpx.Request) -> None:
        """Somebody asks for something: wait until it is answered."""
        await self.reached()

    async def reached(self) -> None:
        """Something was asked: wait until there is an answer."""
        if self.silent:
            self.unanswered = self.unanswered or self.time.now()
            await self._answers.wait()

    def _environment(self, settings: Mapping[str, Any] | None = None) -> Environment:
        async def handle(request: httpx.Request) -> httpx.Response:
            await self.asked(request)
            if wait := int(request.url.params.get("timeout", 0)):
                await self.time.sleep(wait / 1000)
                await self.reached()
            return self.answer(request)

        return replace(
            self._made(settings), now=self.time.now, sleep=self.time.sleep, watch=self.watch,
            transport=httpx.MockTransport(handle), dial=self.dial, knock=self.knock,
        )  # fmt: skip

    def answer(self, request: httpx.Request) -> httpx.Response:
        self._platform.now = self.time.now()
        return self._platform._handle(request)

    async def knock(self, origin: str) -> None:
        if self._gone:
            await self._answers.wait()

    async def dial(self, url: str) -> Socket:
        await self.reached()
        line = Gatewayed(self, url) if "discord" in url else Pushed(self, url)
        self.lines.append(line)
        return line


class Gatewayed(FakeSocket):
    """A line of Discord's that answers what is said on it."""

    def __init__(self, far: FarEnd, url: str) -> None:
        super().__init__(url)
        self._far = far
        self.say(HELLO)

    async def send(self, text: str) -> None:
        await super().send(text)
        if self._far.silent:
            self._far.unanswered = self._far.unanswered or self._far.time.now()
            return
        answers = {1: {"op": 11, "d": None}, 2: ready(), 6: event("RESUMED", 2)}
        self.say(answers[json.loads(text)["op"]])


class Pushed(FakeSocket):
    """A line of Twitch's: it says every 15 seconds that it stands."""

    def __init__(self, far: FarEnd, url: str) -> None:
        super().__init__(url)
        self._far = far
        self.say(welcome("s1"))

    async def receive(self) -> str:
        if self._heard.empty():
            await self._far.time.sleep(15)
            await self._far.reached()
            self.say(keepalive())
        return await super().receive()


STAGES: dict[str, Callable[[], Stage]] = {
    "matrix": Synapse,
    "discourse": Forum,
    "discord": Guild,
    "mastodon": Server,
    "github": Issues,
    "ozone": Labeler,
    "reddit": Site,
    "twitch": Channel,
}


async def pass_by(store: Store, far: FarEnd, seconds: float) -> None:
    """Let time go by; return when what it set off is done, so far as it is written."""

    async def nothing(tx: Tx) -> None:
        return None

    far.time.pass_by(seconds)
    for _ in range(_WRITES):
        await settle()
        await store.write(nothing)
    await settle()


@asynccontextmanager
async def served(name: str, home: Path) -> AsyncIterator[tuple[LiveEngine, Store, FarEnd]]:
    """An engine of one account of the platform, its store, and what lies between the two."""
    rig, stage = Rig(home), STAGES[name]()
    rig.time.at = START
    stage.flag(2)
    far = FarEnd(stage, rig.time)

    async def build() -> Connector:
        return stage.connect()

    account = AccountSpec(ACCOUNT, name, Schema(name), build, watch=far.watch)
    store = rig.store()
    engine = rig.engine(store, account)
    await engine.start()
    try:
        yield engine, store, far
    finally:
        await engine.stop()
        await store.close()


@pytest.mark.parametrize("name", STAGES)
async def test_a_far_end_that_stops_answering_shows_within_half_a_minute(
    name: str, tmp_path: Path
) -> None:
    async with served(name, tmp_path) as (engine, store, far):
        await until(lambda: status(engine, ACCOUNT).health is Health.LIVE)
        for _ in range(40):
            await pass_by(store, far, 5)
            assert status(engine, ACCOUNT).health is Health.LIVE
        far.fall_silent()
        for _ in range(120):
            await pass_by(store, far, 1)
            if status(engine, ACCOUNT).health is not Health.LIVE:
                break
        assert status(engine, ACCOUNT).health is Health.OFFLINE
        assert far.unanswered is not None
        assert far.time.now() - far.unanswered <= HALF_A_MINUTE
        await until(lambda: _noted(engine, "blind"))
        await until(lambda: _blind(store, lasts=True))

        # What it was asked was not cut short: once it answers, the account is seen again.
        far.speak()
        for _ in range(60):
            await pass_by(store, far, 1)
            if status(engine, ACCOUNT).health is Health.LIVE:
                break
        assert status(engine, ACCOUNT).health is Health.LIVE
        await until(lambda: _noted(engine, "sighted"))
        await until(lambda: _blind(store, lasts=False))


@pytest.mark.parametrize("name", STAGES)
async def test_a_line_that_dies_in_silence_shows_within_half_a_minute(
    name: str, tmp_path: Path
) -> None:
    async with served(name, tmp_path) as (engine, store, far):
        for moment in (1, 13, 26, 44):
            await until(lambda: _live_again(store, far, engine))
            for _ in range(moment):
                await pass_by(store, far, 1)
            assert status(engine, ACCOUNT).stale_since is None
            far.fall_silent(gone=True)
            waited = 0
            while status(engine, ACCOUNT).stale_since is None:
                await pass_by(store, far, 1)
                waited += 1
                assert waited <= HALF_A_MINUTE.total_seconds()
            far.speak()


async def _live_again(store: Store, far: FarEnd, engine: LiveEngine) -> bool:
    await pass_by(store, far, 1)
    return status(engine, ACCOUNT).health is Health.LIVE


async def _noted(engine: LiveEngine, action: str) -> bool:
    """Whether the audit log has one such line of the account."""
    lines = [line.detail for line in await engine.audit() if line.action == action]
    return [line.partition(": ")[0] for line in lines] == [ACCOUNT]


async def _blind(store: Store, *, lasts: bool) -> bool:
    """Whether one time without sight is kept."""
    times = await store.read(lambda tx: tx.blind_since(START))
    kept = [(one.account, one.kind, one.end is None) for one in times]
    return kept == [(ACCOUNT, "disconnected", lasts)]
