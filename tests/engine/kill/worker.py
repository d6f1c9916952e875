"""A moderator's process, to be killed at any moment: the real store and the real outbox.

Run as `python -m tests.engine.kill.worker`: it imports once, then forks one child for each line
of JSON on stdin (a `Life`), prints the child's pid, waits for it and prints its exit status.
A child submits replies, notes each one in `acks` after `submit` returned, carries them, and
settles as a human would what asks for one. With `drain` it submits nothing and ends when all
rows have.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from modtui.connectors import (
    Absent,
    Capabilities,
    Dedupe,
    Found,
    Key,
    Limits,
    Nothing,
    ReadBack,
    Retryable,
    ThreadRef,
    Unknown,
)
from modtui.domain.commands import Capability, Command, Reply
from modtui.domain.hours import always
from modtui.domain.outbox import UNFINISHED, DeliveryState, Receipt
from modtui.domain.settings import Desk, Moderator
from modtui.domain.sla import Policy
from modtui.engine import Refused
from modtui.engine.accounts import Runtime
from modtui.engine.line import Pace
from modtui.engine.outbox import Outbox
from modtui.engine.parts import Parts
from modtui.engine.submit import submit
from modtui.store import Lease, Store, StoreClock
from modtui.store.sqlite import open_store

SETTLE = timedelta(seconds=0.05)
PACE = Pace(lease=0.25, tries_for=0.2, settle=0.05, idle=0.05, most_backoff=0.2)
ACCOUNT_LEASE = 0.2
TIMEOUT = 0.12
THREADS = 8
ASKING = (DeliveryState.NEEDS_HUMAN,)
DEDUPE: dict[str, Dedupe] = {
    "key": Key(timedelta(hours=1)),
    "read-back": ReadBack(SETTLE, strong=True),
    "nothing": Nothing(),
}


@dataclass(frozen=True)
class Life:
    """One life of a worker. `boot` names the machine's start: another one ends all leases."""

    db: str
    port: int
    mode: str
    boot: str
    seed: int
    acks: str
    drain: bool = False


class LineConnector:
    """The platform's connector, as far as an outbox needs one."""

    realm = "line:test"

    def __init__(self, port: int, dedupe: Dedupe) -> None:
        self.port = port
        self.capabilities = Capabilities({Capability.REPLY: Limits("reply", dedupe)})

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        assert isinstance(command, Reply)
        asked = {"op": "post", "key": key, "thread": ref.subject, "text": command.text}
        answer = await self.ask(asked)
        assert isinstance(answer, dict)
        return Receipt(str(answer["id"]), now())

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent:
        number = await self.seen(ref.subject, command, taken)
        return Found(Receipt(number, now())) if number else Absent(strong=True)

    async def seen(self, subject: str, command: Command, taken: frozenset[str]) -> str | None:
        assert isinstance(command, Reply)
        for post in await self.ask({"op": "list", "thread": subject}):
            if post["text"] == command.text and post["id"] not in taken:
                return str(post["id"])
        return None

    async def ask(self, asked: dict[str, str]) -> object:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        except OSError as error:
            raise Retryable(str(error)) from error
        try:
            async with asyncio.timeout(TIMEOUT):
                writer.write(json.dumps(asked).encode() + b"\n")
                line = await reader.readline()
        except (OSError, TimeoutError) as error:
            raise Unknown(str(error)) from error
        finally:
            writer.close()
        if not line:
            raise Unknown("cut")
        return json.loads(line)


def now() -> datetime:
    return datetime.now(UTC)


def boot_seconds() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def build(life: Life, store: Store, connector: LineConnector) -> Parts:
    """The parts of one life; its keys are never drawn twice."""
    session = f"host:{os.getpid()}:{life.seed}"
    policy = Policy("social", always(), timedelta(hours=2), timedelta(hours=4), None)
    return Parts(
        store=store,
        runtime=Runtime(now, asyncio.sleep, random.SystemRandom(), session),
        desk=Desk(Moderator("mod-a", "UTC"), undo_window=timedelta(seconds=0.1)),
        policies=(policy,),
        capabilities=lambda account: connector.capabilities,
        changed=lambda change: None,
        wake=lambda: None,
        limited=lambda account, until: None,
    )


async def live(life: Life) -> None:
    clock = StoreClock(now, boot_seconds, life.boot)
    store = open_store(Path(life.db), clock, asyncio.sleep)
    connector = LineConnector(life.port, DEDUPE[life.mode])
    parts = build(life, store, connector)
    outbox = Outbox(parts, PACE)
    lease = await take_account(parts)
    tasks = [
        asyncio.create_task(outbox.run("forum", connector, lease)),
        asyncio.create_task(renew(parts)),
        asyncio.create_task(settle(parts, outbox, connector)),
    ]
    if life.drain:
        tasks.append(asyncio.create_task(drained(parts)))
    else:
        tasks.append(asyncio.create_task(write(parts, life, outbox.wake)))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def take_account(parts: Parts) -> Lease:
    session = parts.runtime.session
    while True:
        lease = await parts.store.write(
            lambda tx: tx.take_lease("account:forum", session, ACCOUNT_LEASE)
        )
        if lease is not None:
            return lease
        await asyncio.sleep(0.01)


async def renew(parts: Parts) -> None:
    while True:
        await asyncio.sleep(ACCOUNT_LEASE / 3)
        await take_account(parts)


async def write(parts: Parts, life: Life, wake: Callable[[], None]) -> None:
    """Submit replies of unique text; what was taken is noted beside the database."""
    rng = random.Random(life.seed)
    acks = os.open(life.acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for count in range(1_000):
        open_rows = await parts.store.read(lambda tx: tx.deliveries(states=UNFINISHED))
        if len(open_rows) < THREADS * 3:
            text = f"reply {life.seed}-{count}"
            command = Reply(thread=rng.randint(1, THREADS), revision=1, text=text)
            await submit(parts, [command], hold=rng.random() < 0.3, force=True)
            os.write(acks, f"{text}\n".encode())
            wake()
        await asyncio.sleep(rng.random() * 0.03)


async def settle(parts: Parts, outbox: Outbox, connector: LineConnector) -> None:
    """Look at the platform, as a human would, once it has settled."""
    while True:
        for row in await parts.store.read(lambda tx: tx.deliveries(states=ASKING)):
            if row.unknown_at is None or now() < row.unknown_at + SETTLE * 4:
                continue
            try:
                there = await connector.seen(f"s{row.thread}", row.command, frozenset())
                await outbox.settle(row.id, "there" if there else "again")
            except (Unknown, Retryable, Refused):
                continue
        await asyncio.sleep(0.02)


async def drained(parts: Parts) -> None:
    while await parts.store.read(lambda tx: tx.deliveries(states=UNFINISHED, limit=1)):
        await asyncio.sleep(0.02)


def main() -> None:
    # What a life would load when it first delivers: lives are short, and are to be spent acting.
    for name in ("deliver", "landing", "reconcile", "undo"):
        import_module(f"modtui.engine.{name}")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(0)
            asyncio.run(live(Life(**json.loads(line))))
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
