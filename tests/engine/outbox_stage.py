"""An outbox on a real store, a connector that answers as told, and a clock moved by hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    Context,
    Dedupe,
    Found,
    Idempotent,
    Identity,
    Key,
    Limits,
    ReadBack,
    StateSetting,
    ThreadRef,
)
from modtui.domain.commands import Capability, Command, Reply
from modtui.domain.hours import always
from modtui.domain.model import Channel, Event, EventKind, Flag, ThreadRecord
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.domain.settings import Desk, Moderator, Reach, Team
from modtui.domain.sla import Policy
from modtui.domain.text import literal
from modtui.domain.views import Change
from modtui.engine import Submitted
from modtui.engine.accounts import Runtime
from modtui.engine.history import happen
from modtui.engine.line import Line, Pace
from modtui.engine.outbox import Outbox
from modtui.engine.parts import Parts
from modtui.engine.submit import submit
from modtui.store import Store, Tx
from modtui.store.sqlite import open_store
from tests.store.stage import T0, HandClock, flag, no_wait, post, record

T = TypeVar("T")
Answer = Receipt | BaseException | Callable[[], Receipt]
Sight = Found | Absent | CannotTell | BaseException

ME = "mod-a"
POLICY = Policy("social", always(), timedelta(hours=2), timedelta(hours=4), timedelta(hours=24))
TEAMS = (
    Team("payments", ("mod-d",), "lead", ("legal",), reach=Reach("ops", "#payments")),
    Team("legal", ("mod-e",), "lead"),
)
_DEDUPE: Mapping[Capability, Dedupe] = {
    Capability.REPLY: ReadBack(timedelta(seconds=3), strong=True),
    Capability.REPLY_PRIVATE: ReadBack(timedelta(seconds=3), strong=True),
    Capability.HIDE: Idempotent(),
    Capability.RESTORE: Idempotent(),
    Capability.DISMISS: Idempotent(),
    Capability.LOCK: StateSetting(),
    Capability.SLOW_MODE: StateSetting(),
    Capability.READ_ONLY: StateSetting(),
    Capability.CROWD_CONTROL: StateSetting(),
    Capability.MUTE: StateSetting(),
    Capability.BAN: StateSetting(),
    Capability.NOTIFY: Key(timedelta(hours=1)),
}


def abilities(**changes: Limits) -> Capabilities:
    """Everything but approve, kick and warn; `changes` by capability value replace one."""
    offers = {c: Limits(c.value.replace("_", " "), dedupe) for c, dedupe in _DEDUPE.items()}
    slow = Limits("slow mode", StateSetting(), min_seconds=5, max_seconds=3600)
    offers[Capability.SLOW_MODE] = slow
    offers |= {Capability(name): limits for name, limits in changes.items()}
    return Capabilities(offers, {Capability.KICK: "demo has no kick"})


def replies_by(dedupe: Dedupe) -> Capabilities:
    """The same with replies deduplicated in another way."""
    return abilities(reply=Limits("reply", dedupe))


@dataclass
class Scripted:
    """A connector that does what its lists say, then succeeds; it counts what it was asked."""

    realm: str = "demo:forum"
    capabilities: Capabilities = field(default_factory=abilities)
    answers: list[Answer] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    performed: list[tuple[Command, str]] = field(default_factory=list)
    looked: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    travelling: int = 0
    most: int = 0
    gate: asyncio.Event | None = None
    now: Callable[[], datetime] = lambda: T0

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        self.performed.append((command, key))
        self.travelling += 1
        self.most = max(self.most, self.travelling)
        try:
            if self.gate is not None:
                await self.gate.wait()
            answer = self.answers.pop(0) if self.answers else None
        finally:
            self.travelling -= 1
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            return answer()
        return answer or Receipt(f"r{len(self.performed)}", self.now())

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        self.looked.append((since, taken))
        sight = self.sights.pop(0) if self.sights else Absent(strong=True)
        if isinstance(sight, BaseException):
            raise sight
        return sight

    def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        raise AssertionError("the outbox reads no updates")

    async def context(self, ref: ThreadRef) -> Context:
        raise AssertionError("the outbox reads no context")

    async def identity(self) -> Identity:
        raise AssertionError("the outbox asks for no identity")

    async def aclose(self) -> None:
        return None


@dataclass
class Stage:
    """One moderator's process: `drive` runs everything that is due and waits for its end."""

    path: Path
    clock: HandClock
    store: Store
    parts: Parts
    outbox: Outbox
    connector: Scripted
    session: str
    changes: list[Change]
    limited: list[tuple[str, datetime]]
    line: Line | None = None

    async def begin(self, account: str = "forum") -> Line:
        """Take the account and put its rows in order, as `run` does first."""
        name = f"account:{account}"
        lease = await self.store.write(lambda tx: tx.take_lease(name, self.session, 30))
        assert lease is not None
        self.line = Line(account, self.connector, lease)
        await self.outbox.begin(self.line)
        return self.line

    async def drive(self, line: Line | None = None) -> None:
        """Carry rows until nothing more is due at this moment."""
        line = line or self.line or await self.begin()
        while True:
            waits = await self.outbox.start_round(line)
            if line.tasks:
                await asyncio.wait(tuple(line.tasks.values()))
            elif waits > 0 or line.lost or line.refused:
                return

    async def submit(self, *commands: Command, hold: bool = False, **how: bool) -> Submitted:
        taken = await submit(self.parts, commands, hold=hold, force=how.get("force", False))
        self.outbox.began(taken.batch)
        return taken

    async def thread(self, number: int) -> ThreadRecord:
        found = await self.store.read(lambda tx: tx.thread(number))
        assert found is not None
        return found

    async def row(self, number: int) -> Delivery:
        found = await self.store.read(lambda tx: tx.delivery(number))
        assert found is not None
        return found

    async def states(self, *numbers: int) -> list[DeliveryState]:
        return [(await self.row(number)).state for number in numbers]

    async def rows(self) -> tuple[Delivery, ...]:
        return await self.store.read(lambda tx: tx.deliveries())

    async def events(self, thread: int) -> list[EventKind]:
        return [e.kind for e in await self.store.read(lambda tx: tx.events(thread))]

    async def draft(self, thread: int) -> str | None:
        found = await self.store.read(lambda tx: tx.draft(thread, ME))
        return found.text if found else None

    async def author_posts(self, thread: int) -> None:
        """The author writes again: the revision rises."""

        async def work(tx: Tx) -> None:
            found = await tx.thread(thread)
            assert found is not None
            event = Event(EventKind.AUTHOR_POST, self.clock.now, "u1")
            await happen(tx, found, [event], self.parts)

        await self.store.write(work)


def restart(old: Stage, connector: Scripted | None = None) -> Stage:
    """The same database under a new process; whatever the old one held must run out first."""
    number = int(old.session.rpartition(":")[2]) + 1
    return make_stage(old.path, old.clock, connector or old.connector, f"host:{number}")


def make_stage(path: Path, clock: HandClock, connector: Scripted, session: str = "host:1") -> Stage:
    """Open the store at `path` and build an outbox over it."""
    store = open_store(path, clock.store_clock(), no_wait)
    changes: list[Change] = []
    limited: list[tuple[str, datetime]] = []
    runtime = Runtime(lambda: clock.now, no_wait, random.Random(session), session)
    parts = Parts(
        store=store,
        runtime=runtime,
        desk=Desk(Moderator(ME, "UTC"), teams=TEAMS),
        policies=(POLICY,),
        capabilities=lambda account: connector.capabilities,
        changed=changes.append,
        wake=lambda: None,
        limited=lambda account, until: limited.append((account, until)),
    )
    connector.now = lambda: clock.now
    outbox = Outbox(parts, Pace(settle=3.0))
    return Stage(path, clock, store, parts, outbox, connector, session, changes, limited)


async def add_thread(stage: Stage, subject: str = "s1", flags: Sequence[Flag] = ()) -> int:
    """Store a flagged thread with its subject post, and return its number."""
    said = replace(post(f"p-{subject}"), thread=subject, is_subject=True)
    flags = flags or (replace(flag(f"f-{subject}", post=f"p-{subject}"), thread=subject),)

    async def work(tx: Tx) -> int:
        number = await tx.insert_thread(replace(record(subject), first_flag_at=T0))
        await tx.put_channel("demo:forum", Channel("general", literal("general")))
        await tx.put_post(number, said)
        for each in flags:
            await tx.put_flag(number, each)
        found = await tx.thread(number)
        assert found is not None
        await happen(tx, found, [Event(EventKind.FLAGGED, T0, "Igor")], stage.parts)
        return number

    return await stage.store.write(work)


def say(thread: int, text: str = "Hello", revision: int = 1) -> Reply:
    """A public reply decided on revision 1."""
    return Reply(thread=thread, revision=revision, text=text)
