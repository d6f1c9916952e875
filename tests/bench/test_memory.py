"""What a session of ten thousand threads takes of memory, gated beside F in the same run. It is
steady: the code that is loaded, and what is made of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench import cases, measure
from tests.bench.cases import Case

THREADS = 10_000
MOVES = 12
# It is 1.38, and room for what else Python does.
TIMES_F = 1.45


def own_memory(case: Case, moves: int) -> float:
    """Return the memory in MB that is the process's own, after some moves."""
    with case.open() as terminal:
        terminal.settle(1, 5)
        measure.whole_moves(terminal, "j", moves)
        return measure.pss_megabytes(terminal.pid, "Pss_Anon")


def test_ten_thousand_threads_take_little_more_than_the_smallest_app(tmp_path: Path) -> None:
    home = tmp_path / "home"
    cases.configure(home, THREADS, "questions")
    argv = cases.modtui("sync", "--once")
    subprocess.run(argv, env=cases.environment(home), check=True, timeout=120)
    app, _, smallest, _ = cases.all_of(home)
    # The first session counts the library, and keeps what it counted.
    with app.open() as terminal:
        terminal.wait(lambda text: (home / "cache" / "ranking.bin").exists(), 30)
    assert own_memory(app, MOVES) <= TIMES_F * own_memory(smallest, 1)
