"""The matrix connector on the real server, for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from modtui.connectors import Batch, Environment, ThreadRef
from modtui.connectors.matrix.connector import Matrix, create
from modtui.domain.secret import Secret
from tests.interop.synapse import Scene, Synapse

ON: dict[str, Any] = {"thread": 1, "revision": 1}


@asynccontextmanager
async def connected(synapse: Synapse, who: str = "admin", **settings: Any) -> AsyncIterator[Matrix]:
    made = create(
        Environment(
            account="chat",
            settings={"url": synapse.url, "poll": timedelta(milliseconds=200), **settings},
            secrets={"token": Secret(settings.pop("token", synapse.users[who].token))},
            now=lambda: datetime.now(UTC),
            sleep=asyncio.sleep,
        )
    )
    try:
        yield made
    finally:
        await made.aclose()


def ref(scene: Scene, subject: str, conversation: str | None = None) -> ThreadRef:
    return ThreadRef(subject, scene.room_id, "@mallory:modtui.test", conversation)


async def until(matrix: Matrix, cursor: str | None, done: Callable[[Batch], bool]) -> Batch:
    """Read on from `cursor` to the first batch that is `done`."""
    steps = matrix.updates(cursor)
    try:
        async with asyncio.timeout(20):
            async for batch in steps:
                if done(batch):
                    return batch
    finally:
        await steps.aclose()  # type: ignore[attr-defined]
    raise AssertionError("the updates ended")
