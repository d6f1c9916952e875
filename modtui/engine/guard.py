"""The boundary to a connector: nothing that it says about an error has our secrets in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    Connector,
    ConnectorError,
    Context,
    Found,
    Identity,
    ThreadRef,
)
from modtui.domain.commands import Command
from modtui.domain.outbox import Receipt
from modtui.engine.intake import reading

Redact = Callable[[str], str]


class Guarded:
    """`connector`, whose errors and those they came from have been through `redact`."""

    def __init__(self, connector: Connector, redact: Redact) -> None:
        self._connector = connector
        self._redact = redact

    @property
    def realm(self) -> str:
        return self._connector.realm

    @property
    def capabilities(self) -> Capabilities:
        return self._connector.capabilities

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        with redacting(self._redact):
            async with reading(self._connector, cursor) as batches:
                async for batch in batches:
                    yield batch

    async def context(self, ref: ThreadRef) -> Context:
        with redacting(self._redact):
            return await self._connector.context(ref)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        with redacting(self._redact):
            return await self._connector.perform(ref, command, key)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        with redacting(self._redact):
            return await self._connector.find(ref, command, since, taken)

    async def identity(self) -> Identity:
        with redacting(self._redact):
            return await self._connector.identity()

    async def aclose(self) -> None:
        with redacting(self._redact):
            await self._connector.aclose()


@contextmanager
def redacting(redact: Redact) -> Iterator[None]:
    """Take what `redact` knows out of any error of the block, and out of those behind it."""
    try:
        yield
    except Exception as error:
        for each in _chain(error):
            each.args = tuple(_argument(value, redact) for value in each.args)
            if notes := getattr(each, "__notes__", None):
                each.__notes__ = [redact(note) for note in notes]
        if redact(shown := f"{error} {error!r}") == shown:
            raise
        # It makes its words of something else than its arguments, which cannot be reached.
        words = redact(f"{type(error).__name__}: {error}")
        plain = ConnectorError if isinstance(error, ConnectorError) else RuntimeError
        raise plain(words) from None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        at = waiting.pop()
        if at is None or id(at) in seen:
            continue
        seen.add(id(at))
        yield at
        waiting += [at.__cause__, at.__context__]
        if isinstance(at, BaseExceptionGroup):
            waiting += at.exceptions


def _argument(value: object, redact: Redact) -> object:
    if isinstance(value, str):
        return redact(value)
    # Bytes and containers show what is in them; a number or None stays what code may read.
    return value if redact(repr(value)) == repr(value) else redact(repr(value))
