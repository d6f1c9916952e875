"""modtui is killed while it sends to a real Synapse, over a line that breaks: once is once."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.interop.desk import Desk, command
from tests.interop.faultproxy import Fault, FaultProxy, Plan
from tests.interop.synapse import ROOT, Scene, Synapse

pytestmark = pytest.mark.interop
KILLS = 50
SEED = 20261121
LONGEST = 0.15
FAULTS = (Fault.DROP_REPLIES, Fault.CUT_AFTER, Fault.RESET, Fault.LATENCY)


@dataclass(frozen=True, slots=True)
class Life:
    """One moderator's machine and the reply that it was killed over."""

    desk: Desk
    text: str


async def test_fifty_kills_lose_nothing_and_double_nothing(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    rng = random.Random(SEED)
    upstream = ("127.0.0.1", urlsplit(synapse.url).port or 0)
    async with FaultProxy(upstream, seed=SEED) as proxy:
        first = Desk(tmp_path / "first", synapse.users["admin"].token)
        first.configure(proxy.url, scene.room_id)
        await _run(first, "sync", "--once")
        thread = (await asyncio.to_thread(first.threads))[scene.insult]
        proxy.plan = Plan(FAULTS, share=0.3)
        lives = []
        for number in range(KILLS):
            life = Life(replace(first, home=tmp_path / f"life{number}"), f"answer {number}")
            shutil.copytree(first.home, life.desk.home)
            await _killed(life, thread, proxy, rng.random() * LONGEST)
            lives.append(life)
        proxy.plan = Plan()
        few = asyncio.Semaphore(4)
        tries = await asyncio.gather(*(_finish(life, few) for life in lives))
    taken = [life for life, tried in zip(lives, tries, strict=True) if tried is not None]
    said = [event["content"].get("body") for event in _all_messages(synapse, scene.room_id)]
    assert len(taken) > KILLS // 2
    assert sum(bool(tried) for tried in tries) >= KILLS // 10, "too few were killed while sending"
    assert {text: said.count(text) for text in (life.text for life in taken)} == {
        life.text: 1 for life in taken
    }
    assert all(said.count(life.text) <= 1 for life in lives)


async def _killed(life: Life, thread: int, proxy: FaultProxy, after: float) -> None:
    """Start the reply, wait until it reaches for the platform, and kill it `after` seconds."""
    text = life.desk.home / "reply.txt"
    text.write_text(life.text)
    reached = len(proxy.dealt)
    process = await asyncio.create_subprocess_exec(
        *command("reply", thread, "--text-file", text),
        cwd=ROOT,
        env=life.desk.environ(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    while process.returncode is None and len(proxy.dealt) == reached:
        await asyncio.sleep(0.005)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), after)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _finish(life: Life, few: asyncio.Semaphore) -> int | None:
    """Deliver what is left, which ends sent; return how many drains that took.

    None: the reply had not been taken when modtui was killed.
    """
    for tried in range(40):
        async with few:
            states = [row["state"] for row in await _deliveries(life.desk)]
            if all(state == "sent" for state in states):
                return tried if states else None
            # While the lease of the dead sender lasts (30 s), drain says so and ends.
            await _run(life.desk, "drain")
        await asyncio.sleep(2)
    raise AssertionError(f"{life.text} ended in {states}")


async def _deliveries(desk: Desk) -> list[dict[str, Any]]:
    document = (await asyncio.to_thread(desk, "deliveries", "--json")).json
    return document["deliveries"] if isinstance(document, dict) else document


async def _run(desk: Desk, *args: str) -> int:
    return (await asyncio.to_thread(desk, *args)).code


def _all_messages(synapse: Synapse, room_id: str) -> list[dict[str, Any]]:
    path = f"/_matrix/client/v3/rooms/{room_id}/messages?dir=b&limit=1000"
    return list(synapse.call("GET", path, "admin")["chunk"])
