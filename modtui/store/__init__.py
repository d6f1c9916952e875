"""The store: every query of modtui, behind one interface.

A unit of work is an `async def work(tx)`. `Store.write` runs it in one transaction that is
durable when it returns; `Store.read` in one snapshot. The work awaits nothing but `tx`, so an
embedded database can run it to its end on one thread and a server can await it on the loop.

`modtui.store.sqlite.open_store(path, clock, sleep) -> Store` opens the embedded one at once (a few
milliseconds when nothing has to be migrated) and raises StoreError. A unit of work runs on another
thread there: it must not touch the event loop, and what it changes outside of `tx` is not undone
when the transaction is. A cancelled `write` that had begun may still commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from modtui.domain.frozen import dataclass
from modtui.domain.model import (
    Channel,
    Claim,
    Draft,
    Event,
    Flag,
    Health,
    Post,
    ThreadRecord,
)
from modtui.domain.trouble import Trouble
from modtui.domain.views import Counts, QueueFilter, QueueRow

if TYPE_CHECKING:
    from modtui.store.areas import AreaReads, AreaWrites
else:
    # Interfaces of many modules, for type checking alone: a start need not read them.
    class AreaReads(Protocol):
        """Stands for `AreaReads` of `modtui.store.areas`."""

    class AreaWrites(Protocol):
        """Stands for `AreaWrites` of `modtui.store.areas`."""


T = TypeVar("T")


class StoreError(Exception):
    """The store cannot be used: one line saying what, where and what to do (exit code 4)."""


class NewerSchema(StoreError):
    """Written by a newer modtui."""


class Corrupt(StoreError):
    """The file is damaged; it is left as it is."""


class Emptied(StoreError):
    """The file is empty or gone, and there was a queue in it; what is left is as it was."""


class Gone(StoreError):
    """The file was moved, deleted or replaced while it was open; a copy of all in it is kept."""


class Unwritable(StoreError):
    """The folder or file cannot be written, or the disk is full."""


class Full(Unwritable):
    """The disk is full."""


class Locked(StoreError):
    """Another program keeps the file locked."""


class NoMemory(StoreError):
    """The machine gave no memory, or no thread, for what was asked: nothing was changed."""


class Fenced(Exception):
    """The lease was taken over: the write was refused and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was granted; every write under it carries its epoch."""

    name: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class StoredPost:
    """What `put_post` did: new, edited, deleted, or same."""

    post: Post
    outcome: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the log of who did what; `detail` is in words."""

    at: datetime
    who: str
    action: str
    thread: int | None
    delivery: int | None
    detail: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An item of a platform that could not be read, kept as it first came.

    What is of the same `subject` in the same place is the same item, however it looks by now; ""
    where it does not say of what it is.
    """

    account: str
    at: datetime
    where: str
    why: str
    raw: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How the process that reads an account says it stands, for those that do not; `until` when,
    as far as that is known."""

    health: Health
    since: datetime
    detail: str
    until: datetime | None = None


class ReadTx(AreaReads, Protocol):
    """What can be asked within a snapshot."""

    def give_way(self) -> None:
        """From here on rest between two statements for as long as somebody asks for it: nobody
        waits for this transaction."""
        ...

    def rest(self) -> None:
        """Rest now, as before a statement: said between two parts of a longer computation."""
        ...

    async def thread(self, thread_id: int) -> ThreadRecord | None: ...
    async def threads_by_subject(
        self, realm: str, subjects: Iterable[str]
    ) -> Mapping[str, ThreadRecord]: ...
    async def thread_by_url(self, url: str) -> ThreadRecord | None: ...
    async def related(self, thread_id: int) -> int:
        """How many other unresolved threads share the conversation, counted to a thousand."""
        ...

    async def events(self, thread_id: int) -> tuple[Event, ...]: ...
    async def posts(self, thread_id: int) -> tuple[Post, ...]: ...
    async def versions(self, thread_id: int, remote_id: str) -> tuple[Post, ...]:
        """Every version of one post, oldest first."""
        ...

    async def flags(self, thread_id: int, *, closed: bool = False) -> tuple[Flag, ...]:
        """The open flags; with `closed`, all of them."""
        ...

    async def open_flag_keys(self, realm: str) -> frozenset[tuple[str, str]]:
        """(subject, flag key) of every open flag of a realm."""
        ...

    async def channel(self, realm: str, remote_id: str) -> Channel | None: ...
    async def restrictions(self) -> tuple[tuple[str, Channel], ...]:
        """(realm, channel) of every restricted channel."""
        ...

    async def cursor(self, account: str) -> str | None: ...
    async def complete_at(self, account: str) -> datetime | None:
        """When the account was first read to the present end."""
        ...

    async def identity(self, account: str) -> str:
        """As whom the account posts, as it was last told; "" before it was."""
        ...

    async def health(self, account: str) -> AccountHealth | None:
        """How the account stood when a process that reads it last said so."""
        ...

    async def queue_ids(self, view: QueueFilter, now: datetime, me: str) -> tuple[int, ...]:
        """Ids in queue order: the NOW lane, then due_at (nulls last, by resumes_at), severity,
        first flag, id.

        After them what was closed elsewhere while `me` held it or had a draft on it.
        """
        ...

    async def queue_top(
        self, view: QueueFilter, now: datetime, me: str, most: int
    ) -> tuple[tuple[int, ...], int]:
        """The first of `queue_ids`, `most` at most, and how many it would list."""
        ...

    async def queue_rows(self, ids: Sequence[int], me: str) -> Mapping[int, QueueRow]: ...
    async def counts(self, now: datetime, me: str) -> Counts:
        """`open` and `unowned` count the state open, `late` and `mine` all unresolved threads;
        `next_due_at` is the first deadline from `now` on, `late` those before it, but for a
        deadline at closing time: that is late from `resumes_at` on."""
        ...

    async def next_due(self, now: datetime) -> tuple[datetime | None, str]:
        """`next_due_at` and `next_policy` of `counts`, without counting."""
        ...

    async def due_between(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """Threads one of whose moments (due_at, now_due_at, soon_at, resumes_at, snoozed_until)
        lies in (start, end]."""
        ...

    async def unsettled_between(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """Those of `due_between` that may have to be written: a snooze or a pause that ended, a
        deadline whose breach is not recorded."""
        ...

    async def draft(self, thread_id: int, by: str) -> Draft | None: ...
    async def drafts(self, by: str) -> tuple[Draft, ...]: ...
    async def claim(self, thread_id: int) -> Claim | None:
        """The live claim, or None."""
        ...

    async def lease(self, name: str) -> Lease | None:
        """Who holds lease `name` now, or None."""
        ...

    async def audit(self, *, thread: int | None = None, limit: int = 200) -> tuple[AuditLine, ...]:
        """Newest first."""
        ...

    async def quarantined(self, account: str | None = None) -> tuple[Quarantined, ...]: ...
    async def changed_since(self, token: str | None) -> tuple[tuple[int, ...], str]:
        """Thread ids changed since `token`, and the next token. None: no ids, the token of now."""
        ...


class Tx(ReadTx, AreaWrites, Protocol):
    """What can be changed within a transaction."""

    async def insert_thread(self, record: ThreadRecord) -> int:
        """Store a new thread (its `id` is ignored) and return its number."""
        ...

    async def update_thread(self, record: ThreadRecord) -> None:
        """Replace everything about the thread but realm and subject; marks it changed.

        Raises KeyError for a thread that is not there.
        """
        ...

    async def touch(self, thread_id: int) -> None:
        """Mark the thread changed for `changed_since`.

        Whatever writes to a thread marks it: events, posts, flags, deliveries, drafts, claims.
        """
        ...

    async def add_event(self, thread_id: int, event: Event) -> None: ...
    async def put_post(self, thread_id: int, post: Post) -> StoredPost:
        """Insert or update; an edit keeps the older version, a deletion keeps the text.

        An older version that comes again (by `edited_at`) changes nothing.
        """
        ...

    async def put_flag(self, thread_id: int, flag: Flag) -> bool:
        """Store a flag; return whether it is new (or open again).

        A closed flag opens again if it was closed by "elsewhere", or raised after the closing.
        """
        ...

    async def close_flags(self, thread_id: int, keys: Iterable[str], by: str, at: datetime) -> int:
        """Close these open flags; return how many were."""
        ...

    async def note_missing(
        self, realm: str, missing: frozenset[tuple[str, str]], account: str | None = None
    ) -> frozenset[tuple[str, str]]:
        """Record the flags missing from this full read; return those missing twice in a row.

        With `account` the read speaks for the threads of that account only.
        """
        ...

    async def put_channel(self, realm: str, channel: Channel) -> None: ...
    async def set_cursor(self, account: str, cursor: str, lease: Lease) -> None:
        """Raises Fenced when `lease` is no longer ours."""
        ...

    async def set_health(self, account: str, health: AccountHealth) -> None: ...
    async def set_identity(self, account: str, name: str) -> None: ...
    async def set_complete(self, account: str, at: datetime) -> None:
        """Record the first complete sync; later calls change nothing."""
        ...

    async def quarantine(self, item: Quarantined) -> None: ...
    async def put_draft(self, draft: Draft, *, only_if_absent: bool = False) -> bool: ...
    async def drop_draft(self, thread_id: int, by: str) -> None: ...
    async def take_claim(
        self, thread_id: int, by: str, session: str, seconds: float, *, force: bool = False
    ) -> Claim:
        """Take (epoch + 1) or renew; the claim returned is another's when it is live and not
        forced. A claim belongs to `by`, whatever session renews it."""
        ...

    async def drop_claim(self, thread_id: int, by: str) -> bool: ...
    async def take_lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        """Take a free or another's expired lease (epoch + 1), renew one's own; None if another's.

        One's own that ran out and was taken by nobody is renewed under its epoch.
        """
        ...

    async def drop_lease(self, lease: Lease) -> None: ...
    async def check_lease(self, lease: Lease) -> None:
        """Raises Fenced when the lease is no longer ours."""
        ...

    async def add_audit(self, line: AuditLine) -> None: ...


class Store(Protocol):
    """One database."""

    async def write(self, work: Callable[[Tx], Awaitable[T]], *, vital: bool = False) -> T:
        """Run `work` in one durable transaction.

        Once the file was found full, locked, closed or damaged, every write is refused at once
        with the StoreError it was found by, until `mend` finds it well. What is `vital` finds
        room on a full disk: the reserve is given up for it.
        """
        ...

    async def read(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        """Run `work` in one snapshot."""
        ...

    def peek(self, work: Callable[[ReadTx], Awaitable[T]]) -> T | None:
        """Run `work` at once on the calling thread, or return None where that would block."""
        ...

    def trouble(self) -> Trouble | None:
        """What keeps the file from taking writes, as far as it was seen; None: nothing."""
        ...

    async def mend(self) -> bool:
        """Look whether the file takes writes, by writing to it, and keep a reserve on the disk
        for the day that is full; return whether it does."""
        ...

    def give_way(self, seconds: float) -> None:
        """Let transactions that give way rest for `seconds` from now: a key is to be answered.
        May be called from any thread."""
        ...

    async def wait_changed(self, timeout: timedelta) -> bool:
        """Return True as soon as another process committed, False after `timeout`."""
        ...

    async def close(self) -> None: ...


class OpenStore(Store, Protocol):
    """One database, for who opened it, and may read it without an event loop."""

    def read_here(self, work: Callable[[ReadTx], Awaitable[T]]) -> T:
        """Run `work` in one snapshot on the calling thread, waiting where the file is locked."""
        ...

    def at_rest(self) -> AbstractContextManager[None]:
        """Return the time in which nothing is written, once what is being written is, or has taken
        a second: a process that is stopped within a write keeps the file locked for everybody."""
        ...

    def close_here(self) -> None:
        """`close` on the calling thread."""
        ...


@dataclass(frozen=True, slots=True)
class StoreClock:
    """Time for the store: `wall` for stamps, `lease` a boot-time second count, `boot` its id."""

    wall: Callable[[], datetime]
    lease: Callable[[], float]
    boot: str
