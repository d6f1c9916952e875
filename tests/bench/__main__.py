"""`make bench`: the budgets of modtui, measured from outside, beside a minimal Textual app."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import measure
from tests.pty.terminal import Terminal

ROOT = Path(__file__).parents[2]
ROUNDS = 3
CONFIG = """
[moderator]
name = "mod-a"
timezone = "Europe/Warsaw"

[[account]]
name = "forum"
connector = "demo"
profile = "forum"
seed = 7
threads = {threads}
rate = 0
"""


def environment(home: Path) -> dict[str, str]:
    """A terminal of 256 colours and a modtui that keeps everything under `home`.

    Byte code is written: a start that compiles is not the start of anybody's second day.
    """
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "MODTUI_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }


def modtui(*words: str) -> list[str | Path]:
    return [sys.executable, "-m", "modtui", *words]


def stored_queue(home: Path, threads: int) -> float:
    """Fill a store with a demo account; return threads a second."""
    home.mkdir()
    (home / "config.toml").write_text(CONFIG.format(threads=threads), encoding="utf-8")
    begun = time.perf_counter()
    subprocess.run(modtui("sync", "--once"), env=environment(home), check=True, timeout=600)
    return threads / (time.perf_counter() - begun)


def starts(
    argv: Sequence[str | Path], env: dict[str, str], ready: str
) -> tuple[measure.Start, Terminal]:
    """Start `argv` a few times; return the best start and the last terminal, still running."""
    best: measure.Start | None = None
    for round_ in range(ROUNDS):
        begun = time.perf_counter()
        terminal = Terminal(argv, env)
        one = measure.start(terminal, ready, begun)
        if best is None or one.cpu < best.cpu:
            best = one
        if round_ < ROUNDS - 1:
            terminal.close()
    assert best is not None
    return best, terminal


def table(say: Callable[[str], None]) -> None:
    """Measure, and say one Markdown row a figure."""
    with tempfile.TemporaryDirectory(prefix="modtui-bench-") as folder:
        homes = Path(folder)
        env = environment(homes / "10k")
        hello, f = starts([sys.executable, ROOT / "tests/bench/hello.py"], env, "READY")
        f_keys, f_bytes, _ = measure.keys(f, "j", 40)
        f.close()
        rate = stored_queue(homes / "10k", 10_000)
        queue, app = starts(modtui(), env, "1st")
        say(f"| 1 start, 10k threads | {queue.wall:.2f} s = {queue.wall / hello.wall:.2f} F, "
            f"CPU {queue.cpu / hello.cpu:.2f} F | ≤ 1.3 F, CPU ≤ 1.6 F |")  # fmt: skip
        took, sizes, cpu = measure.keys(app, "j", 60)
        say(f"| 2 key to paint | p50 {measure.percentile(took, 0.5) * 1000:.0f} ms = "
            f"{measure.percentile(took, 0.5) / measure.percentile(f_keys, 0.5):.1f} F, p99 "
            f"{measure.percentile(took, 0.99) / measure.percentile(f_keys, 0.99):.1f} F, "
            f"CPU {cpu * 1000:.1f} ms a key | p50 ≤ 2 F, p99 ≤ 5 F, CPU ≤ 8 ms |")  # fmt: skip
        move, f_move = (measure.percentile(b, 0.5) for b in (sizes, f_bytes))
        say(f"| 3 bytes | start {queue.bytes}, move p50 {move:.0f} B (F {f_move:.0f} B) "
            "| start ≤ 12 kB, move ≤ 500 B |")  # fmt: skip
        flow, share = measure.idle(app, 10)
        say(f"| 3, 7 idle | {flow:.0f} B/s, {share:.1%} of a core | ≤ 100 B/s, ≤ 1 % |")
        say(f"| 5 memory, 10k | {measure.pss_megabytes(app.pid):.0f} MB PSS | ≤ 40 MB |")
        app.close()
        say(f"| 6 intake, with process start | {rate:.0f} threads/s | ≥ 10,000 |")
        version = measure.command_cpu(modtui("--version"), env)
        listing = measure.command_cpu(modtui("queue", "--json"), env, 3)
        say(f"| 8 command line | --version {version * 1000:.0f} ms, queue --json "
            f"{listing * 1000:.0f} ms CPU | ≤ 80 ms, ≤ 500 ms |")  # fmt: skip


def main() -> None:
    print("| what | measured | budget |\n|---|---|---|")
    table(print)


if __name__ == "__main__":
    main()
