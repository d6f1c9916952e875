"""The SQLite store: one writer thread, one reader thread, one connection for peeks.

`open_store` returns it. A unit of work over SQLite never suspends, so it runs to its end on one
thread; the commit has reached the disk when `write` returns (WAL, synchronous=FULL).

Who reads once and is done, as a command does, reads on the calling thread: importing asyncio and
what makes threads would be a tenth of its time.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from modtui.domain.trouble import NO_MEMORY, Trouble
from modtui.store import (
    Corrupt,
    Full,
    NoMemory,
    OpenStore,
    ReadTx,
    StoreClock,
    StoreError,
    Tx,
    Unwritable,
)
from modtui.store.alarms import AlarmQueries
from modtui.store.arrivals import Arrivals
from modtui.store.batches import BatchQueries
from modtui.store.care import Care
from modtui.store.choices import ChoiceRecords
from modtui.store.connection import (
    BUSY_MS,
    Place,
    connect,
    explained,
    explaining,
    make_private,
    primary,
    use_no_other_disk,
)
from modtui.store.emptied import check_emptied
from modtui.store.first_reply import FirstReply
from modtui.store.flags import FlagWrites
from modtui.store.leases import LeaseWrites
from modtui.store.listing import ListingReads
from modtui.store.migrate import migrate, newer, schema
from modtui.store.named_views import NamedViews
from modtui.store.outbox import OutboxWrites
from modtui.store.outcomes import Outcomes
from modtui.store.people import PeopleTables
from modtui.store.personal import PersonalRecords
from modtui.store.posts import PostWrites
from modtui.store.session import Way
from modtui.store.shift import ShiftQueries
from modtui.store.status import StatusQueries
from modtui.store.traces import Traces

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")

LOOK_EVERY = 0.5
STILL_SECONDS = 0.1
"""A file's time moves in steps of some milliseconds."""
MEND_BUSY_MS = 200
REST_SECONDS = 1.0


class SqliteTx(
    PostWrites,
    FlagWrites,
    OutboxWrites,
    LeaseWrites,
    ListingReads,
    PeopleTables,
    BatchQueries,
    ChoiceRecords,
    FirstReply,
    Outcomes,
    NamedViews,
    PersonalRecords,
    ShiftQueries,
    StatusQueries,
    AlarmQueries,
    Arrivals,
    Traces,
):
    """Every query, on one connection, for one transaction."""


def open_store(
    path: Path, clock: StoreClock, sleep: Callable[[float], Awaitable[None]]
) -> OpenStore:
    """Open the queue at `path`, making or migrating it where needed.

    Raises NewerSchema, Corrupt, Emptied, Unwritable or another StoreError. `sleep` is how
    `wait_changed` waits between two looks.
    """
    check_emptied(path)
    make_private(path)
    with explaining(path):
        writer = connect(path)
        try:
            migrate(writer, path)
            # Only now: what a migration sorts may be too much for the memory.
            use_no_other_disk(writer)
        except BaseException:
            writer.close()
            raise
        return SqliteStore(path, writer, clock, sleep)


class SqliteStore:
    """One database file. Made by `open_store`."""

    def __init__(
        self,
        path: Path,
        writer: sqlite3.Connection,
        clock: StoreClock,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._writer = writer
        self._reader: sqlite3.Connection | None = None
        self._peeker: sqlite3.Connection | None = None
        self._closed = False
        self._care = Care(path, clock.wall)
        self._schema = schema(writer)
        self._seen = self._data_version()
        self._place = Place(path)
        self._turn = Lock()
        self._way = Way()
        self._often: dict[tuple[str, str], float] = {}

    @cached_property
    def _writing(self) -> ThreadPoolExecutor:
        return _thread("store-write")

    @cached_property
    def _reading(self) -> ThreadPoolExecutor:
        return _thread("store-read")

    async def write(self, work: Callable[[Tx], Awaitable[T]], *, vital: bool = False) -> T:
        loop = _loop()
        return await loop.run_in_executor(self._writing, self._write, work, vital)

    def trouble(self) -> Trouble | None:
        return self._care.trouble

    async def mend(self) -> bool:
        loop = _loop()
        return await loop.run_in_executor(self._writing, self._mend)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        resting = self._turn.acquire(timeout=REST_SECONDS)
        try:
            yield
        finally:
            if resting:
                self._turn.release()

    async def read(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        loop = _loop()
        return await loop.run_in_executor(self._reading, self._read, work)

    def read_here(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        return self._read(work)

    def peek(self, work: Callable[[ReadTx], Awaitable[T]]) -> T | None:
        if self._closed:
            return None
        try:
            if self._peeker is None:
                self._peeker = connect(self._path, query_only=True, busy_ms=0)
            return self._transact(self._peeker, "BEGIN", work)
        except MemoryError as error:
            raise NoMemory(NO_MEMORY) from error
        except sqlite3.Error as error:
            if primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return None
            clear = explained(error, self._path)
            if isinstance(clear, Corrupt):
                self._care.failed(clear)
            raise clear or error from error

    def give_way(self, seconds: float) -> None:
        self._way.ask(seconds)

    async def wait_changed(self, timeout: timedelta) -> bool:
        loop = _loop()
        left = timeout.total_seconds()
        settled, before = False, None
        while True:
            # Every commit is written to the log. To ask for its size and time costs a hundredth of
            # asking SQLite; two commits may bear one time, so only what stood still is relied on.
            log = self._log()
            if not settled or log is None or log != before:
                version = await loop.run_in_executor(self._writing, self._data_version)
                if version != self._seen:
                    self._seen = version
                    return True
                settled = log == before or self._stands_still(log)
            before = log
            if left <= 0:
                return False
            await self._sleep(min(LOOK_EVERY, left))
            left -= LOOK_EVERY

    async def close(self) -> None:
        self.close_here()

    def close_here(self) -> None:
        self._closed = True
        for name in ("_writing", "_reading"):
            if name in self.__dict__:
                self.__dict__[name].shutdown()
        for connection in (self._reader, self._peeker, self._writer):
            if connection is not None:
                connection.close()

    def _log(self) -> tuple[int, int, int] | None:
        """Return which file the write-ahead log is, how large, and when it was written; None if it
        cannot be known."""
        try:
            found = os.stat(f"{self._path}-wal")
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _stands_still(self, log: tuple[int, int, int] | None) -> bool:
        """Return whether a commit of now would bear another time than the latest of `log`."""
        return log is not None and self._clock.wall().timestamp() - log[2] / 1e9 > STILL_SECONDS

    def _data_version(self) -> int:
        # On the writer's own connection: this number moves with commits of others only.
        with explaining(self._path):
            return int(self._writer.execute("PRAGMA data_version").fetchone()[0])

    def _write(self, work: Callable[[Tx], Awaitable[T]], vital: bool) -> T:
        self._care.admit(vital=vital)
        try:
            with self._turn:
                self._check_place()
                return self._written(work, vital)
        except StoreError as error:
            self._care.failed(error)
            raise

    def _check_place(self) -> None:
        """Raise Gone where the queue is not the file at its path any more."""
        if self._place.is_left():
            from modtui.store.gone import keep_all

            raise keep_all(self._path, self._writer, self._clock.wall())

    def _written(self, work: Callable[[Tx], Awaitable[T]], vital: bool) -> T:
        try:
            return self._commit(work)
        except Full as error:
            self._care.failed(error)
            if not vital:
                raise
            # Not only where a reserve was there: what is in the log may free room as well.
            self._care.give_up()
            self._empty_log()
            return self._commit(work)

    def _commit(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        with explaining(self._path):
            return self._transact(self._writer, "BEGIN IMMEDIATE", work)

    def _empty_log(self) -> None:
        """Let the next write begin the log anew, in the room that it has."""
        with suppress(sqlite3.Error):
            self._writer.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def _mend(self) -> bool:
        was = self._care.trouble
        if was is not None and not was.passes:
            return False
        try:
            with self._turn, explaining(self._path):
                self._check_place()
                if was is not None:
                    self._writer.execute(f"PRAGMA busy_timeout = {MEND_BUSY_MS}")
                    self._empty_log()
                    self._try_writing()
                self._care.keep()
        except StoreError as error:
            # At a quiet moment a reserve that finds no room is no trouble yet, but a full disk is.
            self._care.failed(error)
            return False
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        self._care.over()
        return True

    def _try_writing(self) -> None:
        """Write one page: the schema's number, which stays what it is."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            self._writer.execute(f"PRAGMA user_version = {schema(self._writer)}")
            self._writer.execute("COMMIT")
        finally:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _read(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        try:
            with explaining(self._path):
                if self._reader is None:
                    self._reader = connect(self._path, query_only=True)
                return self._transact(self._reader, "BEGIN", work)
        except Corrupt as error:
            self._care.failed(error)
            raise

    def _transact(
        self, connection: sqlite3.Connection, begin: str, work: Callable[[SqliteTx], Awaitable[T]]
    ) -> T:
        connection.execute(begin)
        try:
            found = schema(connection)
            if found != self._schema:
                raise newer(found, self._schema)
            # What a transaction has written may be rolled back, and then it counted what is not so.
            often = {} if connection is self._writer else self._often
            result = _driven(work(SqliteTx(connection, self._clock, self._way, often)))
            if not connection.in_transaction:
                raise Unwritable(f"{self._path} took nothing: the transaction had been rolled back")
            connection.execute("COMMIT")
            return result
        finally:
            # A full disk rolls back by itself, and a ROLLBACK would then raise.
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _thread(name: str) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1, thread_name_prefix=name)
    try:
        # What is given to a pool that can start no thread stays in it, and would be done by the
        # first that starts, though it was refused.
        pool.submit(lambda: None)
    except RuntimeError as error:
        raise NoMemory(NO_MEMORY) from error
    return pool


def _loop() -> AbstractEventLoop:
    from asyncio import get_running_loop

    return get_running_loop()


def _driven(work: Awaitable[T]) -> T:
    """Run a unit of work to its end. Raises RuntimeError if it awaits anything but its tx."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise RuntimeError("a unit of work may await nothing but its transaction")
