"""The store as the engine sees it: what it refuses is a refusal, or is waited out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from modtui.domain.trouble import Trouble
from modtui.engine import NotStored
from modtui.store import Corrupt, Gone, NewerSchema, ReadTx, Store, StoreError, Tx

T = TypeVar("T")

LOOK_AGAIN = 1.0


def lasting(error: StoreError) -> bool:
    """Return whether `error` can not end while this process runs."""
    if isinstance(error, NotStored):
        return not error.passes
    return isinstance(error, Corrupt | Gone | NewerSchema)


class Guarded:
    """A store whose errors are refusals as well: whoever asked is told in one line."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, work: Callable[[Tx], Awaitable[T]], *, vital: bool = False) -> T:
        try:
            return await self._store.write(work, vital=vital)
        except StoreError as error:
            raise _refusal(error) from error

    async def read(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        try:
            return await self._store.read(work)
        except StoreError as error:
            raise _refusal(error) from error

    def peek(self, work: Callable[[ReadTx], Awaitable[T]]) -> T | None:
        try:
            return self._store.peek(work)
        except StoreError as error:
            raise _refusal(error) from error

    def trouble(self) -> Trouble | None:
        return self._store.trouble()

    async def mend(self) -> bool:
        return await self._store.mend()

    def give_way(self, seconds: float) -> None:
        self._store.give_way(seconds)

    async def wait_changed(self, timeout: timedelta) -> bool:
        return await self._store.wait_changed(timeout)

    async def close(self) -> None:
        await self._store.close()


class Patient(Guarded):
    """A store for work that no person waits for: it goes on when the store takes things again, and
    what it writes gives way to keys.

    Nothing that was acknowledged is lost meanwhile, and nothing is done that is not written: a
    batch is in memory and its cursor has not moved, a row is not sent, a receipt waits here.
    """

    def __init__(self, store: Store, sleep: Callable[[float], Awaitable[None]]) -> None:
        super().__init__(store)
        self._sleep = sleep

    async def write(self, work: Callable[[Tx], Awaitable[T]], *, vital: bool = False) -> T:
        async def behind(tx: Tx) -> T:
            tx.give_way()
            return await work(tx)

        return await self._till_taken(lambda: super(Patient, self).write(behind, vital=vital))

    async def read(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        return await self._till_taken(lambda: super(Patient, self).read(work))

    async def _till_taken(self, attempt: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await attempt()
            except StoreError as error:
                if lasting(error):
                    raise
            await self._sleep(LOOK_AGAIN)


def _refusal(error: StoreError) -> NotStored:
    if isinstance(error, NotStored):
        return error
    return NotStored(str(error), passes=not lasting(error))
