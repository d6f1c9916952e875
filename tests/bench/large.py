"""A queue of a hundred thousand threads: start, keys while it ticks, memory."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.bench import measure
from tests.bench.cases import Case
from tests.pty.terminal import Terminal

KEYS, MOVES = 60, 20
# The pieces of a frame come closer together than this.
OF_ONE_FRAME = 0.02


@dataclass(frozen=True, slots=True)
class Large:
    """Times of a key in ms, to the first bytes and to the last ones; CPU in ms of a whole move;
    memory in MB."""

    p50: float
    p99: float
    settled: float
    key_cpu: float
    memory: float


def large(case: Case) -> Large:
    """Measure one program."""
    with case.open() as terminal:
        terminal.settle(0.6, 10)
        pairs = [key(terminal, "j") for _ in range(KEYS)]
        spent = measure.whole_moves(terminal, "j", MOVES).cpu
        memory = measure.pss_megabytes(terminal.pid)
    first, last = ([pair[at] * 1000 for pair in pairs] for at in (0, 1))
    return Large(
        measure.percentile(first, 0.5),
        measure.percentile(first, 0.99),
        measure.percentile(last, 0.99),
        spent * 1000,
        memory,
    )


def key(terminal: Terminal, name: str) -> tuple[float, float]:
    """Seconds from a key to the first bytes after it, and to the last of what it causes: until all
    of the move is shown, however late that comes. A second that goes by meanwhile is none of it."""
    terminal.settle(measure.QUIET, 3)
    line = measure.cursor_line(terminal)
    before, begun = len(terminal.written), time.perf_counter()
    terminal.send(name)
    while len(terminal.written) == before and time.perf_counter() - begun < 5:
        terminal.pump(0.5)
    first = last = time.perf_counter() - begun
    while not measure.is_over(terminal, line) and last < 3:
        terminal.pump(0.05)
        last = time.perf_counter() - begun
    while terminal.pump(OF_ONE_FRAME):
        last = time.perf_counter() - begun
    return first, last
