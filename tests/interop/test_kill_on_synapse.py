"""kill -9 while replies are sent to a real Synapse over a bad line: each is there once."""

from __future__ import annotations

import asyncio
import random
import secrets
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.interop.desk import Desk, Done, Options
from tests.interop.faultproxy import Fault, FaultProxy, Plan
from tests.interop.synapse import ROOT, Scene, Synapse

pytestmark = pytest.mark.interop
KILLS = 50
MOST_LIVES = 120
RESTARTED = ("tests.interop.restarted",)
FAULTS = Plan(
    (Fault.LATENCY, Fault.LATENCY, Fault.LATENCY, Fault.DROP_REPLIES, Fault.RESET, Fault.CUT_AFTER),
    share=0.85,
    latency=0.4,
)


class Machine:
    """A machine that loses power: each life sends one more reply, and what lies in the outbox."""

    def __init__(self, desk: Desk, threads: list[int], seed: int) -> None:
        self.desk = desk
        self.threads = threads
        self.rng = random.Random(seed)
        self.store = next((desk.home / "modtui").rglob("*.db"))
        self.lives = 0
        self.kills = Counter({True: 0, False: 0})
        self.told: list[str] = []

    def text(self, number: int) -> str:
        return f"Answer number {number} of this night."

    async def live(self) -> None:
        """Start to reply in the next thread, and lose power at a random moment."""
        number = self.lives
        self.lives += 1
        file = self.desk.home / "answer.txt"
        file.write_text(self.text(number), encoding="utf-8")
        words = ("reply", str(self.threads[number]), "--text-file", str(file))
        process = await begin(self.desk, *RESTARTED, f"boot-{number}", *words)
        ending = asyncio.create_task(process.wait())
        power = asyncio.create_task(self.moment(process.pid))
        await asyncio.wait((ending, power), return_when=asyncio.FIRST_COMPLETED)
        power.cancel()
        if ending.done() and process.returncode == 0:
            self.told.append(self.text(number))
        if not ending.done():
            self.kills[sends(self.store, process.pid)] += 1
            process.kill()
            await ending

    async def finish(self) -> Done:
        """Come up a last time and let everything queued be delivered."""
        process = await begin(self.desk, *RESTARTED, "boot-last", "drain")
        out, err = await asyncio.wait_for(process.communicate(), 90)
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def moment(self, pid: int) -> None:
        """Wait for the moment to die: mostly while something is on its way to the server."""
        if self.rng.random() < 0.1:
            await asyncio.sleep(self.rng.uniform(0.2, 1.0))
            return
        while not sends(self.store, pid):
            await asyncio.sleep(0.005)
        await asyncio.sleep(self.rng.uniform(0, 0.05))


async def begin(desk: Desk, *words: str) -> asyncio.subprocess.Process:
    """Start `python -m` with those words at the desk."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        cwd=ROOT,
        env=desk.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def sends(store: Path, pid: int) -> bool:
    """Whether that process has a row on its way, as the store knows it."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        query = "SELECT count(*) FROM delivery WHERE state = 'sending' AND owner LIKE ?"
        (found,) = connection.execute(query, (f"%:{pid}:%",)).fetchone()
        return bool(found)


async def test_fifty_kills_lose_nothing_and_double_nothing(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    for number in range(MOST_LIVES):
        event = synapse.send("mallory", scene.room_id, f"insult {number}")
        synapse.report("bob", scene.room_id, event, "insult")
    upstream = ("127.0.0.1", int(synapse.url.rpartition(":")[2]))
    async with FaultProxy(upstream, seed=seed) as proxy:
        desk = Desk(tmp_path, synapse, scene, Options(url=proxy.url))
        numbers = await asyncio.to_thread(desk.threads)
        machine = Machine(desk, sorted(numbers.values()), seed)
        proxy.plan = FAULTS
        while machine.kills[True] < KILLS and machine.lives < MOST_LIVES:
            await machine.live()
        proxy.plan = Plan()
        ended = await machine.finish()
        asked = [
            row
            for row in (await asyncio.to_thread(desk.told, "deliveries"))["deliveries"]
            if row["state"] != "sent"
        ]
        assert {row["state"] for row in asked} <= {"needs_human"}
        for row in asked:
            # A row that was not there after two tries asks: a human looks, and answers truly.
            seen = row["command"]["text"] in [body for body, _ in answers(synapse, scene)]
            verdict = "--there" if seen else "--again"
            settled = await asyncio.to_thread(desk, "delivery", str(row["id"]), verdict)
            assert settled.code == 0, settled
    assert machine.kills[True] == KILLS, "too few lives ended while something was sent"
    assert (ended.code, ended.err) == (0, ""), ended
    rows = desk.told("deliveries")["deliveries"]
    assert Counter(row["state"] for row in rows) == {"sent": len(rows)}
    there = answers(synapse, scene)
    assert Counter(row["command"]["text"] for row in rows) == Counter(body for body, _ in there)
    receipts = {row["command"]["text"]: row["receipt"]["remote_id"] for row in rows}
    assert all(receipts[body] in (event, None) for body, event in there), "another's receipt"
    assert set(machine.told) <= set(receipts), "told as sent, and not there"
    with closing(sqlite3.connect(machine.store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(machine.lives, machine.kills, Counter(proxy.dealt), Counter(r["attempts"] for r in rows))


def answers(synapse: Synapse, scene: Scene) -> list[tuple[str, str]]:
    """Return text and id of every answer that is in the room."""
    return [
        (event["content"]["body"], event["event_id"])
        for event in synapse.history(scene.room_id)
        if "of this night" in event["content"].get("body", "")
    ]


async def test_drain_waits_for_the_leases_of_the_dead(
    synapse: Synapse, scene: Scene, tmp_path: Path
) -> None:
    upstream = ("127.0.0.1", int(synapse.url.rpartition(":")[2]))
    async with FaultProxy(upstream) as proxy:
        desk = Desk(tmp_path, synapse, scene, Options(url=proxy.url))
        number = (await asyncio.to_thread(desk.threads))[scene.insult]
        store = next((desk.home / "modtui").rglob("*.db"))
        answer = desk.home / "answer.txt"
        answer.write_text("Somebody may have heard this.", encoding="utf-8")
        # The server acts, its answer never comes, and nobody is left to wait for it.
        proxy.plan = Plan((Fault.BLACKHOLE_REPLIES,))
        process = await begin(desk, "modtui", "reply", str(number), "--text-file", str(answer))
        while not sends(store, process.pid) or not heard(synapse, scene):
            await asyncio.sleep(0.02)
        process.kill()
        await process.wait()
        proxy.plan = Plan()
        drained = await asyncio.to_thread(desk, "drain")
    assert drained.code == 0
    # It may take its turn from the dead once their lease has run out, and says whose it waits for.
    (told,) = drained.err.splitlines()
    assert f":{process.pid}:" in told
    assert "waiting up to 60 s for it, not delivered yet: 1" in told
    (row,) = desk.told("deliveries")["deliveries"]
    assert (row["state"], row["attempts"]) == ("sent", 1)
    assert heard(synapse, scene) == [row["receipt"]["remote_id"]]


def heard(synapse: Synapse, scene: Scene) -> list[str]:
    """Return the events of the answer that are in the room."""
    events = synapse.history(scene.room_id)
    return [e["event_id"] for e in events if "have heard" in e["content"].get("body", "")]
