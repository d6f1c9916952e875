"""Practice: a connector that reads, and to which nothing that is done gets through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    Connector,
    Context,
    Found,
    Identity,
    ThreadRef,
)
from modtui.domain.commands import Command
from modtui.domain.outbox import PRACTICE, Receipt


class Practising:
    """`connector` as far as it reads. What is performed has a receipt that says so."""

    def __init__(self, connector: Connector, now: Callable[[], datetime]) -> None:
        self._connector = connector
        self._now = now
        self.realm = connector.realm
        self.capabilities: Capabilities = connector.capabilities

    def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        return self._connector.updates(cursor)

    async def context(self, ref: ThreadRef) -> Context:
        return await self._connector.context(ref)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do nothing, and say so."""
        return Receipt(None, self._now(), PRACTICE)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look for nothing: what was sent before belongs to the queue that was copied."""
        return CannotTell(PRACTICE)

    async def identity(self) -> Identity:
        identity = await self._connector.identity()
        # What a role lacks is known only now.
        self.capabilities = self._connector.capabilities
        return identity

    async def aclose(self) -> None:
        await self._connector.aclose()
