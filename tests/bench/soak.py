"""A busy community for minutes or hours: does modtui stay as small, as quick and as complete?

The pretend community is a function of its seed and of when it began, and its cursor says how far
modtui has read it: so it can be laid out again beside the store, and every flag asked for.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from json import loads
from pathlib import Path

from modtui.connectors.demo.cursor import load
from modtui.connectors.demo.facts import Plan
from modtui.connectors.demo.world import World
from tests.bench import cases, measure
from tests.pty import community
from tests.pty.terminal import Terminal

SEED, THREADS, RATE = 7, 300, 600
PROBE = Path(__file__).with_name("probe.py")
CONFIG = f"""
[moderator]
name = "mod-a"
timezone = "Europe/Warsaw"

[[account]]
name = "forum"
connector = "demo"
profile = "forum"
seed = {SEED}
threads = {THREADS}
rate = {RATE}
"""
# Reading only: what a moderator did would change what the community does.
KEYS = ("j", "j", "j", "k", "l", "j", "h", "ctrl+d", "ctrl+u", "?", "esc", "g", "s", "g", "q")
BLOCKED_MS = 50
KEY_EVERY = 0.7
LOOK_EVERY = 2.0
# So long everything is read for the first time and caches fill.
WARM_UP = 0.25
WARM_UP_AT_MOST = 120.0


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak found. `late` and `busy` are the maxima of each second, in ms: how late the
    loop came to a tick, and the CPU that its callbacks used in a row."""

    seconds: float
    flags: int
    missed: int
    strange: int
    growth: float
    descriptors: tuple[int, int]
    late: tuple[float, ...]
    busy: tuple[float, ...]

    @property
    def words(self) -> str:
        """The findings in one line."""
        fewest, most = self.descriptors
        return (
            f"{self.seconds:.0f} s, {self.flags * 60 / self.seconds:.0f} flags a minute: "
            f"{self.missed} missed, {self.growth:+.1f} MB, {fewest} to {most} descriptors, "
            f"loop blocked {max(self.late):.0f} ms at most, {max(self.busy):.0f} ms of CPU"
        )


def soak(folder: Path, seconds: float) -> Soak:
    """Let modtui watch a community of 600 happenings a minute for so long, keys pressed now and
    then; return what was found."""
    home, log = folder / "home", folder / "loop.log"
    home.mkdir()
    (home / "config.toml").write_text(CONFIG, encoding="utf-8")
    argv = (sys.executable, PROBE, log)
    with Terminal(argv, cases.environment(home)) as terminal:
        terminal.wait("live 1/1", 60)
        looks = list(_watched(terminal, seconds))
        community.leave(terminal)
    warm = [look for look in looks if look[0] >= min(seconds * WARM_UP, WARM_UP_AT_MOST)]
    database = home / "state" / "modtui.db"
    stored, emitted = kept(database), told(database)
    # The start imports what it needs on the loop, before anything can be pressed.
    late, busy = (each[-max(len(warm), 1) * int(LOOK_EVERY) : -1] for each in lags(log))
    return Soak(
        seconds,
        len(emitted - told(database, at_start=True)),
        len(emitted - stored),
        len(stored - emitted),
        warm[-1][1] - warm[0][1],
        (min(look[2] for look in warm), max(look[2] for look in warm)),
        late,
        busy,
    )


def lags(log: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return what the probe wrote, a figure a second: how late the loop was, how busy; in ms."""
    found = [loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return tuple(each["late"] for each in found), tuple(each["busy"] for each in found)


def _watched(terminal: Terminal, seconds: float) -> Iterator[tuple[float, float, int]]:
    """Press keys for so long; yield now and then the seconds, the memory in MB, the descriptors."""
    keys, begun = cycle(KEYS), time.monotonic()
    key_at = look_at = 0.0
    while (passed := time.monotonic() - begun) < seconds:
        if passed >= key_at:
            terminal.send(next(keys))
            key_at += KEY_EVERY
        if passed >= look_at:
            yield passed, *_size(terminal.pid)
            look_at += LOOK_EVERY
            # Hours of output are not kept, only the screen.
            terminal.written.clear()
        terminal.pump(0.05)
    yield passed, *_size(terminal.pid)


def _size(pid: int) -> tuple[float, int]:
    """Return memory in MB and how many files are open."""
    return measure.resident_megabytes(pid), len(os.listdir(f"/proc/{pid}/fd"))


def kept(database: Path) -> frozenset[tuple[str, str]]:
    """(subject, key) of every flag in the store."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT subject, key FROM flag JOIN thread ON thread.id = flag.thread"
        )
        return frozenset((subject, key) for subject, key in rows)


def told(database: Path, *, at_start: bool = False) -> frozenset[tuple[str, str]]:
    """(subject, key) of every flag that the community raised up to where it was read, or of those
    it began with."""
    with closing(sqlite3.connect(database)) as connection:
        text = connection.execute("SELECT cursor FROM account WHERE name = 'forum'").fetchone()[0]
    cursor = load(text, datetime.now(UTC))
    assert cursor is not None
    assert cursor.at is not None
    plan = Plan(SEED, "forum", cursor.start, THREADS, RATE, cursor.woke_at)
    flags = [flag for number in range(THREADS) for flag in plan.backlog(number).flags]
    if not at_start:
        world = World(plan)
        world.run(cursor.at)
        flags += [flag for news in world.take() for flag in news.flags]
    return frozenset((flag.thread, flag.key) for flag in flags)
