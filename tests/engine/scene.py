"""An engine's parts on a real store, a hand-driven clock, and plain things to merge."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from modtui.connectors import Batch, Capabilities
from modtui.domain.hours import always
from modtui.domain.model import (
    Author,
    Channel,
    Event,
    Flag,
    Post,
    Role,
    Severity,
    Thread,
    ThreadRecord,
)
from modtui.domain.settings import Desk, Moderator, SeverityRule
from modtui.domain.sla import Policy
from modtui.domain.text import literal
from modtui.domain.views import Change
from modtui.engine.accounts import Runtime
from modtui.engine.intake import Intake, Taken
from modtui.engine.parts import Parts
from modtui.engine.pieces import Source
from modtui.engine.rulebook import Books
from modtui.store import Lease, Store
from modtui.store.sqlite import open_store
from tests.store.stage import HandClock, no_wait

REALM = "demo:forum"
RANK = {"forum": 0, "forum-2": 1}
POLICY = Policy("social", always(), timedelta(hours=2), timedelta(hours=4), timedelta(hours=24))
DESK = Desk(
    Moderator("mod-a", "Europe/Warsaw"),
    severity_rules=(
        SeverityRule(Severity.URGENT, reasons=("threat",)),
        SeverityRule(Severity.HIGH, flags_at_least=5),
    ),
    help_reasons=("self-harm",),
)
NINA = Author("u1", literal("Nina"))
IGOR = Author("u2", literal("Igor"))
STAFF = Author("s1", literal("mod-b"))
US = Author("bot", literal("forum-bot"))


@dataclass
class Scene:
    """Parts over one store. `told` holds every change that was published."""

    store: Store
    clock: HandClock
    desk: Desk = DESK
    policies: tuple[Policy, ...] = (POLICY,)
    told: list[Change] = field(default_factory=list)
    able: dict[str, Capabilities] = field(default_factory=dict)
    books: Books | None = None

    @property
    def parts(self) -> Parts:
        runtime = Runtime(lambda: self.clock.now, no_wait, random.Random(1), "here:1:a")
        return Parts(
            self.store,
            runtime,
            self.desk,
            self.policies,
            capabilities=self.able.get,
            changed=self.told.append,
            wake=lambda: None,
            limited=lambda account, until: None,
            books=self.books,
        )

    def at(self, minutes: float) -> datetime:
        return self.clock.now + timedelta(minutes=minutes)

    async def lease(self, account: str = "forum") -> Lease:
        taken = await self.store.write(lambda tx: tx.take_lease(f"account:{account}", "here", 30))
        assert taken is not None
        return taken

    async def take(self, account: str = "forum", **batch: object) -> Taken:
        """Take one batch as `account`; its words are those of `Batch`."""
        source = Source(account, REALM, RANK, own=US.remote_id)
        intake = Intake(self.parts, source, await self.lease(account))
        return await intake.take(Batch(**{"cursor": "c", **batch}))

    async def record(self, subject: str = "s1") -> ThreadRecord:
        found = await self.store.read(lambda tx: tx.threads_by_subject(REALM, [subject]))
        return found[subject]

    async def events(self, subject: str = "s1") -> list[tuple[str, str]]:
        """(kind, actor) of each event, in time order."""
        return [(event.kind.value, event.actor) for event in await self.history(subject)]

    async def history(self, subject: str = "s1") -> tuple[Event, ...]:
        number = (await self.record(subject)).id
        return await self.store.read(lambda tx: tx.events(number))


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """A scene on an empty store, closed afterwards."""
    clock = HandClock()
    store = open_store(folder / "queue.db", clock.store_clock(), no_wait)
    try:
        yield Scene(store, clock)
    finally:
        await store.close()


def thread(at: datetime, subject: str = "s1", **changes: object) -> Thread:
    plain = Thread(subject, "general", literal(f"title of {subject}"), NINA, at)
    return replace(plain, **changes)


def flag(at: datetime, remote_id: str = "f1", **changes: object) -> Flag:
    return replace(Flag("s1", "spam", at, remote_id=remote_id, by=literal("Igor")), **changes)


def post(at: datetime, remote_id: str = "p1", **changes: object) -> Post:
    text = str(changes.pop("raw", "hello there"))
    plain = Post(remote_id, "s1", NINA, Role.AUTHOR, literal(text), text, at)
    return replace(plain, **changes)


GENERAL = Channel("general", literal("General"))
