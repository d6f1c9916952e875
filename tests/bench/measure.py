"""Measures a program from outside, in a pty: time, CPU, bytes, memory."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.link import Remote
from tests.pty.terminal import Terminal

QUIET = 0.15
# Longer than a cursor waits before it is at rest, for programs that do not show when it was.
REST = 0.5
RATE = 20
PATIENCE = 90
# What modtui shows at its cursor, over quick replies that are still to come, and last of all: what
# is known of the author, after the time of the post.
CURSOR, FOLLOWS, KNOWN = "▌", "replies to come", re.compile(r"[a-z…] w$", re.M)
SCHED = 2


@dataclass(frozen=True, slots=True)
class Start:
    """From spawn to the wanted text: wall and CPU seconds, bytes written."""

    wall: float
    cpu: float
    bytes: int


def cpu_seconds(pid: int) -> float:
    """CPU of a process so far, user and system, of all its threads, in nanoseconds' steps: the
    clock that clock_getcpuclockid(3) names on Linux."""
    return time.clock_gettime((~pid << 3) | SCHED)


def pss_megabytes(pid: int, part: str = "Pss") -> float:
    """Proportional set size in MB, or a part of it (proc(5), smaps_rollup). `Pss_Anon` is what no
    file and no other process has, however many run."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{part}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no {part} line")


def resident_megabytes(pid: int) -> float:
    """Resident set size in MB (proc(5), status)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmRSS line")


def start(terminal: Terminal, ready: str, begun: float) -> Start:
    """Wait until `ready` shows and the screen is quiet."""
    terminal.wait(ready, 60)
    wall = time.perf_counter() - begun
    terminal.settle(0.6, 10)
    return Start(wall, cpu_seconds(terminal.pid), len(terminal.written))


def key(terminal: Terminal, name: str) -> tuple[float, int]:
    """Seconds from a key to the first bytes after it, and the bytes until quiet."""
    terminal.settle(QUIET, 3)
    before, begun = len(terminal.written), time.perf_counter()
    terminal.send(name)
    while len(terminal.written) == before and time.perf_counter() - begun < 5:
        terminal.pump(0.5)
    took = time.perf_counter() - begun
    terminal.settle(QUIET, 3)
    return took, len(terminal.written) - before


@dataclass(frozen=True, slots=True)
class Keys:
    """What some key presses cost: seconds to the first bytes, bytes, CPU seconds a key."""

    seconds: list[float]
    bytes: list[int]
    cpu: float


def keys(terminal: Terminal, name: str, times: int) -> Keys:
    """Press `name` `times` times, each when it is quiet."""
    cpu = cpu_seconds(terminal.pid)
    pairs = [key(terminal, name) for _ in range(times)]
    spent = (cpu_seconds(terminal.pid) - cpu) / times
    return Keys([p[0] for p in pairs], [p[1] for p in pairs], spent)


def whole_moves(terminal: Terminal, name: str, times: int) -> Keys:
    """Press `name` `times` times, each when the one before has come to its real end: to what is
    shown at once, and to what follows when the cursor rests."""
    terminal.settle(REST, 3)
    cpu = cpu_seconds(terminal.pid)
    seconds, sizes = [], []
    for _ in range(times):
        before, line, begun = len(terminal.written), cursor_line(terminal), time.perf_counter()
        terminal.send(name)
        terminal.pump(5)
        seconds.append(time.perf_counter() - begun)
        end(terminal, line)
        sizes.append(len(terminal.written) - before)
    return Keys(seconds, sizes, (cpu_seconds(terminal.pid) - cpu) / times)


def cursor_line(terminal: Terminal) -> int | None:
    """The line of modtui's cursor; None in a program without it."""
    return next((y for y, line in enumerate(terminal.lines) if line.startswith(CURSOR)), None)


def end(terminal: Terminal, line: int | None) -> None:
    """Read to the end of a move from `line`. Where the screen shows that it came, no slow machine
    makes it look as if it had."""
    if line is None:
        terminal.settle(REST, 3)
        return
    wait_over(terminal, line)
    while terminal.settle(QUIET, 3) and not is_over(terminal, line):
        wait_over(terminal, line)


def wait_over(terminal: Terminal, line: int | None) -> None:
    """Read until the screen shows the end of a move from `line`."""
    terminal.wait(lambda text: is_over(terminal, line), 20)


def is_over(terminal: Terminal, line: int | None) -> bool:
    """Whether the screen shows all that a move from `line` leads to."""
    text = terminal.text
    return cursor_line(terminal) != line and FOLLOWS not in text and KNOWN.search(text) is not None


def idle(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Bytes a second and share of a core over `seconds` without a key."""
    terminal.settle(0.3, 3)
    before, cpu, begun = len(terminal.written), cpu_seconds(terminal.pid), time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        terminal.pump(0.5)
    return (len(terminal.written) - before) / passed, (cpu_seconds(terminal.pid) - cpu) / passed


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys typed ahead: seconds from the last to the right screen (None: it never came), the
    most bytes that were under way, bytes a key."""

    lag: float | None
    backlog: int
    bytes: float


def typed(terminal: Remote, name: str, times: int, right: Callable[[Terminal], bool]) -> Typed:
    """Type `name` `times` times at RATE a second, waiting for nothing; then wait to the end."""
    terminal.settle(0.6, 10)
    before, begun = len(terminal.written), time.monotonic()
    terminal.down.most = terminal.down.backlog
    for number in range(times):
        while (rest := begun + number / RATE - time.monotonic()) > 0:
            terminal.pump(rest)
        terminal.send(name)
    last = time.monotonic()
    while not (there := right(terminal)) and time.monotonic() - last < PATIENCE:
        terminal.pump(0.5)
    lag = terminal.heard_at - last if there else None
    return Typed(lag, terminal.down.most, (len(terminal.written) - before) / times)


def command_cpu(argv: Sequence[str | Path], env: Mapping[str, str], times: int = 5) -> float:
    """Smallest CPU seconds of a whole command over `times` runs."""
    spent = []
    for _ in range(times):
        before = os.times()
        subprocess.run(argv, env=dict(env), check=True, stdout=subprocess.DEVNULL, timeout=60)
        after = os.times()
        spent.append(
            after.children_user + after.children_system
            - before.children_user - before.children_system
        )  # fmt: skip
    return min(spent)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]
