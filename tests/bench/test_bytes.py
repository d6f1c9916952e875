"""The steady figures of `make bench`, gated: bytes hold from run to run, times do not."""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Iterator

import pytest

from tests.bench import cases, measure
from tests.pty.terminal import Terminal

# The rows of the queue at 120 by 40; a step over the edge brings a third of them.
ROWS = 31
PAGE = ROWS // 3
START, FLOW = 5_600, 50
# A move to its end: two rows of the list, the thread, its quick replies, the authors' records.
MOVE, SCROLL = 570, 800
MOVES = 21


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terminal, int]]:
    """modtui at rest on a stored queue, and the bytes up to there."""
    folder = tmp_path_factory.mktemp("bytes") / "home"
    cases.configure(folder, 300)
    argv = cases.modtui("sync", "--once")
    subprocess.run(argv, env=cases.environment(folder), check=True, timeout=120)
    with cases.all_of(folder)[0].open() as terminal:
        terminal.wait(lambda text: measure.is_over(terminal, None), 30)
        terminal.settle(measure.QUIET, 3)
        yield terminal, len(terminal.written)


def test_a_start_is_few_bytes(begun: tuple[Terminal, int]) -> None:
    assert begun[1] <= START


def test_waiting_is_few_bytes(begun: tuple[Terminal, int]) -> None:
    flow, _ = measure.idle(begun[0], 6)
    assert flow <= FLOW


def test_moving_and_scrolling_are_few_bytes(begun: tuple[Terminal, int]) -> None:
    terminal, _ = begun
    moves = measure.whole_moves(terminal, "j", MOVES).bytes
    assert statistics.median(moves) <= MOVE
    for _ in range(ROWS - MOVES):
        terminal.send("j")
        terminal.settle(0.1, 2)
    scrolls = measure.whole_moves(terminal, "j", 2 * PAGE).bytes
    assert sum(scrolls) / len(scrolls) <= SCROLL
