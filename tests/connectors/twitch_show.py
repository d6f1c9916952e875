"""A connector to Twitch that listens to a stand-in of ours, and what it told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from modtui.connectors import Batch
from modtui.connectors.twitch.connector import create
from tests.connectors.fakegateway import Clock, FakeSocket
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.faketwitch import (
    FakeEventSub,
    FakeTwitch,
    keepalive,
)

HOLD, UPDATE = "automod.message.hold", "automod.message.update"
SUSPECT, TREATED = "channel.suspicious_user.message", "channel.suspicious_user.update"
ASK, ANSWER = "channel.unban_request.create", "channel.unban_request.resolve"
TYPES = 10
MOVE = "wss://cell-b.eventsub.wss.twitch.tv/ws?challenge=1"


class Show:
    """A connector that listens, the platform and the EventSub it listens to, and what it told."""

    def __init__(self, cursor: str | None = None, fake: FakeTwitch | None = None) -> None:
        self.fake = fake or FakeTwitch()
        self.hub = FakeEventSub()
        self.clock = Clock()
        self.batches: list[Batch] = []
        self.cursor = cursor
        self.settings: dict[str, Any] = {}
        self.wait: timedelta | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Show:
        self.start()
        return self

    async def __aexit__(self, *told: object) -> None:
        await self.stop()

    def start(self) -> None:
        clock = self.clock
        env = replace(
            self.fake.environment(self.settings),
            dial=self.hub.dial, now=lambda: clock.now, sleep=clock.sleep,
        )  # fmt: skip
        self._task = asyncio.create_task(self._run(create(env)))

    async def _run(self, connector: Any) -> None:
        steps: AsyncIterator[Batch] = connector.updates(self.cursor)
        try:
            async for batch in steps:
                self.batches.append(batch)
                self.cursor = batch.cursor
        finally:
            await steps.aclose()  # type: ignore[attr-defined]
            await connector.aclose()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def ended(self) -> BaseException | None:
        """What the updates ended with."""
        assert self._task is not None
        task = self._task
        await wait_for(task.done)
        return task.exception()

    async def live(self, number: int = 0) -> FakeSocket:
        """A connection once all is subscribed on it and what was missed is listed."""
        socket = await self.hub.socket(number)
        session = f"s{number + 1}"
        await wait_for(lambda: len(self.on(session)) == TYPES)
        await wait_for(self._listed)
        await _settle()
        return socket

    def _listed(self) -> bool:
        """Whether the unban requests were listed after the last subscription."""
        paths = [call.path.rpartition("/")[2] for call in self.fake.calls]
        return "unban_requests" in paths[len(paths) - paths[::-1].index("subscriptions") :]

    def on(self, session: str) -> list[str]:
        """The types that were subscribed on a session."""
        all_of_them = self.fake.subscribed
        return [s["type"] for s in all_of_them if s["transport"]["session_id"] == session]

    def lists(self) -> int:
        return self.fake.asked("GET .*/moderation/unban_requests$")

    def hold(self, text: str) -> dict[str, Any]:
        return self.fake.told(HOLD, self.fake.hold(text))

    def told(self) -> list[str]:
        return [post.text for batch in self.batches for post in batch.posts]

    def closed(self) -> list[str]:
        return [key for batch in self.batches for _, key in batch.closed]

    def aside(self) -> list[str]:
        return [broken.why for batch in self.batches for broken in batch.broken]

    async def tells(self, *texts: str) -> None:
        """Wait until just these were told, in this order and each once."""
        await wait_for(lambda: len(self.told()) >= len(texts))
        assert self.told() == list(texts)
        keys = [(f.thread, f.key) for batch in self.batches for f in batch.flags]
        assert len(keys) == len(set(keys)) == len(texts)

    async def move(self, seconds: float, *lines: FakeSocket) -> None:
        """Let time go by, `lines` being said to stand meanwhile, in steps."""
        while seconds > 0:
            await _settle()
            step = min(seconds, 20.0)
            for line in lines:
                line.say(keepalive())
            await _settle()
            self.clock.move(step)
            self.fake.now = self.clock.now
            seconds -= step


async def _settle() -> None:
    """Let everything else run until it waits."""
    for _ in range(60):
        await asyncio.sleep(0)
