"""kill -9 at random moments: nothing is sent twice, nothing taken is lost, nothing is claimed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from modtui.domain.outbox import Delivery, DeliveryState
from tests.engine.kill.worker import THREADS, Life
from tests.engine.outbox_stage import Scripted, add_thread, make_stage
from tests.store.stage import HandClock

FAULTS = 0.3
LONGEST = 0.3
DRAIN_SECONDS = 60
MODES = ("key", "read-back", "nothing")


@dataclass
class Outcome:
    """What is left after the last kill and a quiet run to the end."""

    mode: str
    kills: int
    rows: tuple[Delivery, ...]
    acked: list[str]
    seen: Counter[str]
    integrity: str


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdin=PIPE, stdout=PIPE, limit=2**24
    )
    try:
        yield started
    finally:
        started.kill()
        await started.wait()


async def answer(talker: Process, line: str = "") -> str:
    """Write `line`, if any, and return the next line that the process prints."""
    assert talker.stdin is not None
    assert talker.stdout is not None
    if line:
        talker.stdin.write(f"{line}\n".encode())
        await talker.stdin.drain()
    return (await talker.stdout.readline()).decode().strip()


async def torment(mode: str, kills: int, folder: Path, seed: int) -> Outcome:
    """Kill `kills` workers, let a last one finish, and collect what everyone believes."""
    rng = random.Random(f"{mode}-{seed}")
    db = folder / mode / "queue.db"
    await furnish(db)
    platform = process("tests.engine.kill.platform", mode, str(FAULTS), str(seed))
    async with platform as there, process("tests.engine.kill.worker") as here:
        port = int(await answer(there))
        life = Life(str(db), port, mode, "boot", 0, str(folder / mode / "acks"))
        longest = LONGEST
        for number in range(kills):
            # Every other machine restarts as well, so that leases end at once.
            boot = f"boot-{number // 2}"
            born = replace(life, boot=boot, seed=seed * 100_000 + number)
            child = int(await answer(here, json.dumps(asdict(born))))
            if number:
                await asyncio.sleep(rng.uniform(0.005, longest))
            else:
                longest = max(longest, 3 * await first_taken(Path(life.acks)))
            os.kill(child, signal.SIGKILL)
            assert await answer(here) == "-9", "a worker ended by itself"
        last = replace(life, boot="boot-end", seed=seed, drain=True)
        child = int(await answer(here, json.dumps(asdict(last))))
        stuck = asyncio.get_running_loop().call_later(DRAIN_SECONDS, os.kill, child, signal.SIGKILL)
        await answer(here)
        stuck.cancel()
        return await collect(mode, kills, life)


async def first_taken(acks: Path) -> float:
    """Wait until a worker has its first reply taken; return how many seconds that was. A life on a
    slow machine is to be long enough for more."""
    begun = time.monotonic()
    while not acks.exists() or not acks.read_text():
        assert time.monotonic() - begun < DRAIN_SECONDS, "nothing was taken"
        await asyncio.sleep(0.005)
    return time.monotonic() - begun


async def furnish(db: Path) -> None:
    stage = make_stage(db, HandClock(), Scripted())
    for number in range(1, THREADS + 1):
        assert await add_thread(stage, f"s{number}") == number
    await stage.store.close()


async def collect(mode: str, kills: int, life: Life) -> Outcome:
    stage = make_stage(Path(life.db), HandClock(), Scripted())
    rows = await stage.store.read(lambda tx: tx.deliveries(limit=100_000))
    await stage.store.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", life.port, limit=2**24)
    writer.write(b'{"op": "dump"}\n')
    posts = json.loads(await reader.readline())
    writer.close()
    acked = Path(life.acks).read_text().splitlines()
    connection = sqlite3.connect(life.db)
    (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return Outcome(mode, kills, rows, acked, Counter(p["text"] for p in posts), integrity)


def judge(outcome: Outcome) -> None:
    texts = {getattr(row.command, "text", ""): row for row in outcome.rows}
    doubled = [text for text, times in outcome.seen.items() if times > 1]
    assert not doubled, f"visible twice: {doubled}"
    lost = [text for text in outcome.acked if text not in texts]
    assert not lost, f"taken and lost: {lost}"
    sent = [t for t, row in texts.items() if row.state is DeliveryState.SENT]
    assert not [text for text in sent if not outcome.seen[text]], "sent but not there"
    left = [row for row in outcome.rows if row.state is not DeliveryState.SENT]
    assert not left, f"{outcome.mode}: {len(left)} never ended, such as {left[:3]}"
    assert not set(outcome.seen) - set(texts), "there without a row"
    assert outcome.integrity == "ok"
    tried_again = sum(row.attempts > 1 for row in outcome.rows)
    assert tried_again, "no fault was ever met"


async def test_two_hundred_kills(tmp_path: Path) -> None:
    each = (67, 67, 66)
    runs = [torment(mode, kills, tmp_path, 1) for mode, kills in zip(MODES, each, strict=True)]
    for outcome in await asyncio.gather(*runs):
        judge(outcome)


@pytest.mark.nightly
async def test_a_thousand_kills(tmp_path: Path) -> None:
    each = (334, 333, 333)
    runs = [torment(mode, kills, tmp_path, 2) for mode, kills in zip(MODES, each, strict=True)]
    for outcome in await asyncio.gather(*runs):
        judge(outcome)
