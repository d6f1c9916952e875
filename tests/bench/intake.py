"""How fast threads come into store and queue, and what the moderator feels of it."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from modtui.cli.demo import desk, policies
from modtui.connectors import Batch
from modtui.connectors.demo.facts import Facts, Plan
from modtui.domain.model import Channel, State
from modtui.domain.settings import Moderator
from modtui.domain.text import literal
from modtui.domain.views import QueueFilter
from modtui.engine.accounts import Runtime
from modtui.engine.intake import Intake
from modtui.engine.parts import Parts
from modtui.engine.pieces import Source
from modtui.store import Store, StoreClock, Tx
from modtui.store.sqlite import open_store
from tests.bench import cases, measure
from tests.bench.soak import PROBE, lags
from tests.pty.terminal import Terminal

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOCK = StoreClock(lambda: NOW, lambda: 0.0, "bench")
BATCH = 1_000
KEYS = 200
# As many new threads a minute as the flood tells.
FLOOD = 60_000
ACCOUNT = f"""
[[account]]
name = "flood"
connector = "demo"
profile = "chat"
scene = "questions"
threads = 0
rate = {FLOOD}
"""


@dataclass(frozen=True, slots=True)
class Burst:
    """Threads a second from the first row to the last commit, with the order of the queue read:
    by the wall, and by the CPU that was used; and how many bytes were read for each."""

    wall: float
    cpu: float
    read: float


def burst(threads: int) -> Burst:
    """Let a process of its own take in what a connector has told."""
    argv = (sys.executable, "-m", "tests.bench.intake", str(threads))
    env = cases.environment(Path("/nonexistent"))
    done = subprocess.run(argv, env=env, check=True, capture_output=True, timeout=300)
    return Burst(**json.loads(done.stdout))


def batches(threads: int) -> list[Batch]:
    """Return the opening queue of the pretend forum as its connector tells it."""
    plan = Plan(7, "forum", NOW, threads, 0, NOW)
    channels = tuple(Channel(place.remote_id, literal(place.name)) for place in plan.places)
    facts = [plan.backlog(number) for number in range(threads)]
    return [
        _batch(facts[at : at + BATCH], channels, last=at + BATCH >= threads)
        for at in range(0, threads, BATCH)
    ]


def _batch(part: Sequence[Facts], channels: tuple[Channel, ...], *, last: bool) -> Batch:
    return Batch(
        cursor="c",
        channels=channels,
        threads=tuple(each.thread for each in part),
        posts=tuple(post for each in part for post in each.posts),
        flags=tuple(flag for each in part for flag in each.flags),
        caught_up=last,
    )


async def _take(store: Store, told: Sequence[Batch]) -> Burst:
    parts = Parts(
        store,
        Runtime(lambda: NOW, asyncio.sleep, random.Random(1), "bench"),
        desk(Moderator("mod-a", "Europe/Warsaw")),
        policies(),
        capabilities=lambda account: None,
        changed=lambda change: None,
        wake=lambda: None,
        limited=lambda account, until: None,
    )
    lease = await store.write(lambda tx: tx.take_lease("account:forum", "bench", 1e6))
    assert lease is not None
    intake = Intake(parts, Source("forum", "demo:forum", {"forum": 0}, "us"), lease)
    wall, cpu, read = time.perf_counter(), time.process_time(), _bytes_read()
    for batch in told:
        await intake.take(batch)
    ids = await store.read(lambda tx: tx.queue_ids(QueueFilter(), NOW, "mod-a"))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Burst(len(ids) / wall, len(ids) / cpu, (_bytes_read() - read) / len(ids))


def _bytes_read() -> int:
    """How many bytes this process has read, from whatever file."""
    first = Path("/proc/self/io").read_text(encoding="ascii").splitlines()[0]
    return int(first.removeprefix("rchar: "))


async def removal(database: Path, times: int = 20) -> float:
    """Median milliseconds in which one thread of a stored queue is resolved, durably."""
    store = open_store(database, CLOCK, asyncio.sleep)
    ids = await store.read(lambda tx: tx.queue_ids(QueueFilter(), NOW, "mod-a"))
    spent = []
    try:
        for number in ids[:: len(ids) // times][:times]:
            begun = time.perf_counter()
            await store.write(lambda tx, number=number: _resolve(tx, number))  # type: ignore[misc]
            spent.append(time.perf_counter() - begun)
    finally:
        await store.close()
    return measure.percentile(spent, 0.5) * 1000


async def _resolve(tx: Tx, number: int) -> None:
    record = await tx.thread(number)
    assert record is not None
    await tx.update_thread(replace(record, state=State.RESOLVED, resolved_at=NOW))


@dataclass(frozen=True, slots=True)
class Felt:
    """What a key needs until the cursor has moved, in ms, while nothing comes in and while much
    does; threads that came in a second; how long the loop was blocked, in ms of CPU."""

    quiet: tuple[float, float]
    flooded: tuple[float, float]
    rate: float
    busy: float


def felt(home: Path) -> Felt:
    """Move the cursor in a stored queue, first in peace, then while a thousand threads a second
    come in. What came in stays in `home`."""
    env = cases.environment(home)
    with Terminal((*cases.modtui(),), env) as terminal:
        terminal.wait("live 1/1", 90)
        quiet = _moves(terminal)
    config = home / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + ACCOUNT, encoding="utf-8")
    log = home / "loop.log"
    with Terminal((sys.executable, PROBE, log), env) as terminal:
        terminal.wait("live 2/2", 90)
        terminal.settle(0.3, 5)
        before, begun = _stored(home), time.monotonic()
        flooded = _moves(terminal)
        rate = (_stored(home) - before) / (time.monotonic() - begun)
    return Felt(quiet, flooded, rate, max(lags(log)[1][-10:]))


def _moves(terminal: Terminal) -> tuple[float, float]:
    """Median and 99th percentile of ms from a key to the cursor on the next line."""
    spent = []
    for number in range(KEYS):
        for _ in range(6):
            terminal.pump(0.05)
        at, begun = cursor_line(terminal), time.perf_counter()
        terminal.send("j" if number // 15 % 2 == 0 else "k")
        while cursor_line(terminal) == at and time.perf_counter() - begun < 5:
            terminal.pump(0.01)
        spent.append((time.perf_counter() - begun) * 1000)
    return measure.percentile(spent, 0.5), measure.percentile(spent, 0.99)


def cursor_line(terminal: Terminal) -> int:
    """Return the line of the screen that the cursor of the list is on; -1: none."""
    rows = (y for y in range(terminal.screen.lines) if terminal.screen.buffer[y][0].data == "▌")
    return next(rows, -1)


def _stored(home: Path) -> int:
    with closing(sqlite3.connect(home / "state" / "modtui.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM thread").fetchone()[0])


def main() -> None:
    """Print a burst as JSON."""
    told = batches(int(sys.argv[1]))
    # What a connector has told is no garbage of the intake.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="modtui-burst-") as folder:
        store = open_store(Path(folder) / "queue.db", CLOCK, asyncio.sleep)

        async def taken() -> Burst:
            try:
                return await _take(store, told)
            finally:
                await store.close()

        print(json.dumps(asdict(asyncio.run(taken()))))


if __name__ == "__main__":
    main()
