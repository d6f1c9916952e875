"""`make bench`: the budgets of modtui, measured from outside, beside a minimal Textual app, modtui
without its terminal layer, and a list in curses. Prints the table and keeps it in docs/."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import cases, measure
from tests.bench.cases import Case
from tests.bench.figures import Figures, figures

ROOT = Path(__file__).parents[2]
TOLD = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench`: 120×40 cells, a stored queue of {threads} threads of the `demo` connector.
F is a minimal Textual app, *curses* a list in curses that ticks, *whole* is `modtui --no-diff`:
stock Textual output. Bytes and CPU hold from run to run; times are those of one machine, and
loaded by {load:.1f} processes here: read them as ratios.

| what | modtui | whole | F | curses | budget |
|---|---|---|---|---|---|
"""


def stored_queue(home: Path, threads: int, scene: str = "mixed") -> float:
    """Fill a store with a demo account; return threads a second."""
    cases.configure(home, threads, scene)
    begun = time.perf_counter()
    argv = cases.modtui("sync", "--once")
    subprocess.run(argv, env=cases.environment(home), check=True, timeout=600)
    return threads / (time.perf_counter() - begun)


def row(what: str, cells: tuple[str, str, str, str], budget: str) -> str:
    return f"| {' | '.join((what, *cells, budget))} |"


def each(all_: dict[str, Figures], form: str) -> tuple[str, str, str, str]:
    """Return one cell a program: `form` with the figures of the program as `x` and of F as `f`."""
    f = all_["F"]
    made = [form.format(x=all_[name], f=f, r=all_[name].over(f)) for name in cases.NAMES]
    return made[0], made[1], made[2], made[3]


def table(home: Path, rate: float) -> Iterator[str]:
    """Measure, and return one Markdown row a figure."""
    found = {case.name: figures(case) for case in cases.all_of(home)}
    yield row("1 start", each(found, "{x.start.wall:.2f} s, {r.start:.2f} F"), "≤ 1.3 F")
    yield row("1 start, CPU", each(found, "{x.start.cpu:.2f} s, {r.cpu:.2f} F"), "≤ 1.6 F")
    form = "p50 {x.p50:.0f} ms, {r.p50:.1f} F; p99 {r.p99:.1f} F"
    yield row("2 key to paint", each(found, form), "p50 ≤ 2 F, p99 ≤ 5 F")
    form = "{x.key_cpu:.1f} ms, {r.key_cpu:.1f} F"
    yield row("2 a key, CPU", each(found, form), "≤ 8 ms")
    yield row("3 start", each(found, "{x.start.bytes} B"), "≤ 12 kB")
    yield row("3 cursor move", each(found, "{x.move:.0f} B"), "≤ 500 B, with the thread")
    yield row("3 scroll a row", each(found, "{x.scroll:.0f} B"), "≤ 900 B")
    yield row("3 a normal screen", each(found, "{x.flow:.0f} B/s"), "≤ 100 B/s")
    yield row("4 slow line, lag", each(found, "{x.lag}"), "≤ 1.0 s, ahead of curses")
    yield row("4 slow line, backlog", each(found, "{x.slow.backlog} B"), "≤ 5 kB")
    yield row("4 slow line, a key", each(found, "{x.slow.bytes:.0f} B"), "")
    yield row("5 memory", each(found, "{x.memory:.0f} MB"), "≤ 40 MB")
    yield row("7 idle, CPU", each(found, "{x.share:.1%} of a core"), "≤ 1 %")
    yield from alone(home, rate)


def alone(home: Path, rate: float) -> Iterator[str]:
    """Measure what only modtui has."""
    none = ("", "", "")
    app = cases.all_of(home)[0]
    yield row("3 all rows ticking", (f"{ticking(app):.0f} B/s", *none), "≤ 250 B/s")
    one = home.with_name("one")
    stored_queue(one, 1, "questions")
    yield row("3 nothing ticking", (f"{quiet(one):.0f} B/s", *none), "0 B/s")
    yield row("6 intake, with process start", (f"{rate:.0f} threads/s", *none), "≥ 10,000")
    version = measure.command_cpu(cases.modtui("--version"), app.env) * 1000
    listing = measure.command_cpu(cases.modtui("queue", "--json"), app.env, 3) * 1000
    yield row("8 `modtui --version`, CPU", (f"{version:.0f} ms", *none), "≤ 80 ms")
    yield row("8 `modtui queue --json`, CPU", (f"{listing:.0f} ms", *none), "≤ 500 ms")


def ticking(app: Case) -> float:
    """Return the bytes a second where every visible row counts seconds."""
    with app.open() as terminal:
        cases.go_where_seconds_count(terminal)
        return measure.idle(terminal, 10)[0]


def quiet(home: Path) -> float:
    """Return the bytes a second over some seconds in which no minute ends."""
    with cases.all_of(home)[0].open() as terminal:
        terminal.settle(1, 10)
        time.sleep(max(0.0, time.time() // 60 * 60 + 62 - time.time()) % 60)
        terminal.settle(1, 10)
        return measure.idle(terminal, 10)[0]


def main() -> None:
    threads = 10_000
    with tempfile.TemporaryDirectory(prefix="modtui-bench-") as folder:
        home = Path(folder) / "many"
        rate = stored_queue(home, threads)
        text = HEAD.format(threads=threads, load=cases.load())
        print(text, end="")
        for line in table(home, rate):
            print(line, flush=True)
            text += line + "\n"
    TOLD.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
