"""A connector that listens to a stand-in of ours, and what it told: the frame of each `Show`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from modtui.connectors import Batch, Connector, Dial, Environment
from modtui.connectors.watch import Watch
from tests.connectors.fakegateway import Clock, FakeSocket
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.platform import Platform

Self = TypeVar("Self", bound="Listening")


class Listening:
    """Runs the updates of one connector and keeps what they tell; `alive` is a frame by which a
    line that is quiet shows that it stands."""

    alive: ClassVar[dict[str, Any]]

    def __init__(
        self, platform: Platform, dial: Dial, create: Callable[[Environment], Connector]
    ) -> None:
        self.clock, self.watch = Clock(), Watch()
        self.batches: list[Batch] = []
        self.cursor: str | None = None
        self.settings: dict[str, Any] = {}
        self._platform = platform
        self._dial = dial
        self._create = create
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self: Self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *told: object) -> None:
        await self.stop()

    def start(self) -> None:
        clock = self.clock
        env = replace(
            self._platform.environment(self.settings),
            dial=self._dial, now=lambda: clock.now, sleep=clock.sleep,
            watch=self.watch,
        )  # fmt: skip
        self._task = asyncio.create_task(self._run(self._create(env)))

    async def _run(self, connector: Connector) -> None:
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

    def told(self) -> list[str]:
        return [post.text for batch in self.batches for post in batch.posts]

    async def tells(self, *texts: str) -> None:
        """Wait until just these were told, in this order and each once."""
        await wait_for(lambda: len(self.told()) >= len(texts))
        assert self.told() == list(texts)
        keys = [(f.thread, f.key) for batch in self.batches for f in batch.flags]
        assert len(keys) == len(set(keys)) == len(texts)

    async def move(self, seconds: float, *lines: FakeSocket) -> None:
        """Let time go by, `lines` being said to stand meanwhile, in steps."""
        while seconds > 0:
            await settle()
            step = min(seconds, 5.0)
            for line in lines:
                line.say(self.alive)
            await settle()
            self.clock.move(step)
            self._platform.now = self.clock.now
            seconds -= step


async def settle() -> None:
    """Let everything else run until it waits."""
    for _ in range(60):
        await asyncio.sleep(0)
