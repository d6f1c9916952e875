"""All that is measured of one program, and how it compares to another."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench import measure
from tests.bench.cases import Case
from tests.pty.terminal import Terminal

ROUNDS = 7
KEYS = 20
# From the end of the measured moves to the last row of a screen.
TO_THE_EDGE = 25
AHEAD = 60
# The column after the time of a row; and lines of the pane that tell how long there is, and who
# we are there, which is not known in a first session.
TIME_ENDS = 13
DEADLINE = re.compile(r"│ .*\b(?:left|late)\b.*|you post as \w+")


@dataclass(frozen=True, slots=True)
class Ratios:
    """How often more than the reference: times and CPU."""

    start: float
    cpu: float
    p50: float
    p99: float
    key_cpu: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one program needs. Times in ms a key, bytes and CPU to the end of a
    move: of a cursor move the median, of a row that scrolls the mean; memory in MB."""

    start: measure.Start
    p50: float
    p99: float
    key_cpu: float
    move: float
    scroll: float
    flow: float
    share: float
    memory: float
    slow: measure.Typed

    @property
    def lag(self) -> str:
        """The lag on a slow line in words."""
        return "never" if self.slow.lag is None else f"{self.slow.lag:.2f} s"

    def over(self, other: Figures) -> Ratios:
        """Return the ratios to `other`."""
        return Ratios(
            self.start.wall / other.start.wall, self.start.cpu / max(other.start.cpu, 0.01),
            self.p50 / other.p50, self.p99 / other.p99, self.key_cpu / max(other.key_cpu, 0.01),
        )  # fmt: skip


def figures(case: Case, start: measure.Start) -> Figures:
    """Measure one program, of which `start` is known."""
    with case.open() as terminal:
        quick = measure.keys(terminal, "j", KEYS)
        for _ in range(KEYS):
            terminal.send("k")
            terminal.settle(0.05, 1)
        moves = measure.whole_moves(terminal, "j", KEYS)
        for _ in range(TO_THE_EDGE):
            terminal.send("j")
            terminal.settle(0.05, 1)
        quick_scrolls = measure.keys(terminal, "j", KEYS)
        scrolls = measure.whole_moves(terminal, "j", KEYS)
        flow, share = measure.idle(terminal, 10)
        memory = measure.pss_megabytes(terminal.pid)
    seconds = quick.seconds + quick_scrolls.seconds
    return Figures(
        start,
        measure.percentile(seconds, 0.5) * 1000,
        measure.percentile(seconds, 0.99) * 1000,
        (moves.cpu + scrolls.cpu) / 2 * 1000,
        measure.percentile(moves.bytes, 0.5),
        sum(scrolls.bytes) / KEYS,
        flow,
        share,
        memory,
        on_a_slow_line(case),
    )


def starts(programs: Sequence[Case], rounds: int = ROUNDS) -> list[measure.Start]:
    """Start each a few times, in turn: a machine that is slower for a while is so for all. Return
    the least time and CPU of each, and the bytes."""
    found: list[list[measure.Start]] = [[] for _ in programs]
    for _ in range(rounds):
        for case, times in zip(programs, found, strict=True):
            begun = time.perf_counter()
            with Terminal(case.argv, case.env) as terminal:
                times.append(measure.start(terminal, case.ready, begun))
    return [
        measure.Start(min(x.wall for x in each), min(x.cpu for x in each), each[-1].bytes)
        for each in found
    ]


def on_a_slow_line(case: Case) -> measure.Typed:
    """Type ahead on a slow line, until the screen is that of the same keys on a fast one."""
    with case.open() as terminal:
        for _ in range(AHEAD):
            terminal.send("j")
            terminal.settle(0.05, 1)
        terminal.settle(1, 5)
        wanted = kept(terminal)
    with case.far() as far:
        return measure.typed(far, "j", AHEAD, lambda seen: kept(seen) == wanted)


def kept(terminal: Terminal) -> str:
    """Return the screen without what the time changes: times, deadlines, the first line."""
    row = re.search(r"row (\d+)", terminal.lines[0])
    lines = (line[:1] + line[TIME_ENDS:] for line in terminal.lines[1:])
    text = "\n".join(DEADLINE.sub("", line) for line in lines)
    return (row[1] if row else "") + re.sub(r"[\d:\s]|h(?=\d)", "", text)
