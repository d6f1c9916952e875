"""What a key costs in CPU, gated as a ratio to F in the same run, slow or fast."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench import cases, measure
from tests.bench.cases import Case

KEYS = 60
# Longer than the gap that makes a key one that repeats, so that each shows all of its thread.
GAP = 0.13
# 8 ms where F needs 2.8 would be 2.9; it is 3.6 to 3.7, and room for what else the machine does.
TIMES_F = 4.0


def cpu_of_a_key(case: Case) -> float:
    """Return the CPU seconds of a key, each pressed when its thread is shown."""
    with case.open() as terminal:
        terminal.settle(1, 5)
        before = measure.cpu_seconds(terminal.pid)
        for _ in range(KEYS):
            terminal.send("j")
            terminal.settle(GAP, 1)
        return (measure.cpu_seconds(terminal.pid) - before) / KEYS


def test_a_key_costs_a_few_times_what_it_costs_the_smallest_app(tmp_path: Path) -> None:
    home = tmp_path / "home"
    cases.configure(home, 300)
    argv = cases.modtui("sync", "--once")
    subprocess.run(argv, env=cases.environment(home), check=True, timeout=120)
    app, _, smallest, _ = cases.all_of(home)
    assert cpu_of_a_key(app) <= TIMES_F * cpu_of_a_key(smallest)
