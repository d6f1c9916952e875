"""The posts around a thread, read from its platform when it is opened."""

from __future__ import annotations

import asyncio

from modtui.connectors import ConnectorError, Context
from modtui.domain.model import Health
from modtui.domain.views import Change
from modtui.engine.intake import put_channels
from modtui.engine.merge import put_context
from modtui.engine.parts import Parts
from modtui.engine.supervise import Supervisor
from modtui.engine.words import unexpected
from modtui.store import Tx

PATIENCE_SECONDS = 20.0


class Surroundings:
    """Loads context into the store, and remembers why it could not."""

    def __init__(self, parts: Parts, supervisor: Supervisor) -> None:
        self._parts = parts
        self._supervisor = supervisor
        self._errors: dict[int, str] = {}

    def error(self, thread_id: int) -> str:
        """Return why the posts around the thread could not be read; "" if they could."""
        return self._errors.get(thread_id, "")

    async def load(self, thread_id: int) -> None:
        """Read the posts around the thread; a change follows either way."""
        record = await self._parts.store.read(lambda tx: tx.thread(thread_id))
        if record is None:
            return
        keeper = self._supervisor.keeper(record.account)
        connector = keeper.connector if keeper else None
        if keeper is None or connector is None:
            self._failed(thread_id, f"{record.account} is not connected")
            return
        from modtui.engine.deliver import ref_of

        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                context = await connector.context(ref_of(record))
        except ConnectorError as error:
            self._failed(thread_id, str(error))
            return
        except TimeoutError:
            stands = keeper.standing.now()
            limited = stands.detail if stands.health is Health.RATE_LIMITED else ""
            self._failed(thread_id, limited or "the platform did not answer")
            return
        except Exception as error:
            # Whatever breaks in a connector stays in that account, here too.
            self._failed(thread_id, unexpected(error))
            return
        self._errors.pop(thread_id, None)
        source = keeper.source(connector)

        async def work(tx: Tx) -> None:
            now = await tx.thread(thread_id)
            if now is not None:
                await _put(tx, context, now.realm)
                await put_context(tx, now, context.posts, source, self._parts)

        await self._parts.store.write(work)
        self._parts.changed(Change(threads=frozenset({thread_id})))

    def _failed(self, thread_id: int, why: str) -> None:
        self._errors[thread_id] = why
        self._parts.changed(Change(threads=frozenset({thread_id})))


async def _put(tx: Tx, context: Context, realm: str) -> None:
    if context.channel is not None:
        await put_channels(tx, (context.channel,), realm)
