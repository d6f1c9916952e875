"""A store under test, its clock, and plain records to put into it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modtui.domain.commands import Command, Reply
from modtui.domain.model import (
    Author,
    ClockKind,
    Flag,
    Post,
    Role,
    Severity,
    Standing,
    State,
    Thread,
    ThreadRecord,
)
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.text import literal
from modtui.store import Store, StoreClock
from modtui.store.sqlite import open_store

T0 = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
REALM = "demo:forum"
ENGINES = ("sqlite",)


@dataclass
class HandClock:
    """Wall and boot-time seconds that move only when told."""

    now: datetime = T0
    lease: float = 1000.0
    boot: str = "boot-1"

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.lease += seconds

    def store_clock(self) -> StoreClock:
        return StoreClock(lambda: self.now, lambda: self.lease, self.boot)


@dataclass
class Shelf:
    """Opens stores of one engine on one database; each call is another connection."""

    engine: str
    folder: Path
    clock: HandClock
    opened: list[Store] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / "queue" / "queue.db"

    def open(self, clock: HandClock | None = None) -> Store:
        store = open_store(self.path, (clock or self.clock).store_clock(), no_wait)
        self.opened.append(store)
        return store

    async def close(self) -> None:
        for store in self.opened:
            await store.close()
        self.opened.clear()


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def record(subject: str = "s1", **changes: object) -> ThreadRecord:
    """An open thread; `due`, `resumes` are minutes, `title` and `author` plain words."""
    due = changes.pop("due", None)
    resumes = changes.pop("resumes", None)
    title = str(changes.pop("title", f"title of {subject}"))
    author = str(changes.pop("author", "Nina"))
    channel = str(changes.pop("channel", "general"))
    url = changes.pop("url", f"https://forum.example.org/t/{subject}")
    conversation = changes.pop("conversation", None)
    thread = Thread(
        subject,
        channel,
        literal(title),
        Author("u1", literal(author), literal("new here")),
        T0,
        url=url,
        conversation=conversation,
        tags=(literal("cards"), literal("ქართული")),
        severity=Severity.LOW,
    )
    standing = Standing(
        ClockKind.FIRST_RESPONSE if due is not None else None,
        due_at=None if due is None else at(due),
        soon_at=None if due is None else at(due - 30),
        resumes_at=None if resumes is None else at(resumes),
        policy="social",
    )
    plain = ThreadRecord(
        id=0,
        account="forum",
        realm=REALM,
        thread=thread,
        state=State.OPEN,
        revision=1,
        first_flag_at=T0,
        severity=Severity.NORMAL,
        flag_count=1,
        reasons=("spam",),
        language="en",
        standing=standing,
    )
    return replace(plain, **changes)


def post(remote_id: str = "p1", raw: str = "hello", **changes: object) -> Post:
    author = Author("u1", literal("Nina"))
    plain = Post(remote_id, "s1", author, Role.AUTHOR, literal(raw), raw, T0)
    return replace(plain, **changes)


def flag(remote_id: str | None = "f1", **changes: object) -> Flag:
    return replace(Flag("s1", "spam", T0, remote_id=remote_id, by=literal("Igor")), **changes)


def reply(thread: int, text: str = "Hello") -> Reply:
    return Reply(thread=thread, revision=1, text=text, quick="greet")


def delivery(thread: int, key: str = "k1", **changes: object) -> Delivery:
    command: Command = reply(thread)
    plain = Delivery(0, key, "batch-1", thread, "forum", command, DeliveryState.QUEUED, "mod-a", T0)
    return replace(plain, **changes)


async def add(store: Store, *records: ThreadRecord) -> list[int]:
    """Insert threads and return their numbers."""

    async def work(tx: object) -> list[int]:
        return [await tx.insert_thread(r) for r in records]

    return await store.write(work)


async def one(store: Store, name: str, *args: object, **kwargs: object) -> object:
    """Call one method of a transaction, in a write of its own."""
    return await store.write(lambda tx: getattr(tx, name)(*args, **kwargs))


async def ask(store: Store, name: str, *args: object, **kwargs: object) -> object:
    """Call one method of a snapshot."""
    return await store.read(lambda tx: getattr(tx, name)(*args, **kwargs))
