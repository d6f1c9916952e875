"""`make bench`: the budgets of modtui, measured from outside, beside a minimal Textual app, modtui
without its terminal layer, and a list in curses. Prints the table and keeps it in docs/."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.bench import cases, ends, measure
from tests.bench.cases import Case
from tests.bench.figures import Figures, figures, starts
from tests.bench.intake import burst, felt, removal
from tests.bench.large import large
from tests.bench.ranking import measured
from tests.bench.soak import soak

ROOT = Path(__file__).parents[2]
TOLD = ROOT / "docs" / "benchmarks.md"
THREADS, MANY = 10_000, 100_000
SOAK_SECONDS = 300
QUIET_SECONDS = 10
HEAD = """# Benchmarks

Made by `make bench`: 120×40 cells, a stored queue of {threads} threads of the `demo` connector, or
of {many} where a line says so.
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
    programs = cases.all_of(home)
    # What the first session counts of the library is kept for all others.
    first = zip(programs, starts(programs, 1), strict=True)
    found = {case.name: figures(case, start) for case, start in first}
    # Starts come last: the longer a queue stands, the more of its deadlines pass meanwhile.
    begun = dict(zip(found, starts(programs), strict=True))
    found = {name: replace(each, start=begun[name]) for name, each in found.items()}
    yield row("1 start", each(found, "{x.start.wall:.2f} s, {r.start:.2f} F"), "≤ 1.3 F")
    yield row("1 start, CPU", each(found, "{x.start.cpu:.2f} s, {r.cpu:.2f} F"), "≤ 1.6 F")
    form = "p50 {x.p50:.0f} ms, {r.p50:.1f} F; p99 {r.p99:.1f} F"
    yield row("2 key to paint", each(found, form), "p50 ≤ 2 F, p99 ≤ 5 F")
    form = "{x.key_cpu:.1f} ms, {r.key_cpu:.1f} F"
    yield row("2 a key, CPU, to its end", each(found, form), "≤ 8 ms")
    yield row("3 start", each(found, "{x.start.bytes} B"), "≤ 12 kB")
    moved = each(found, "{x.move:.0f} B")
    yield row("3 cursor move with detail, to its end", moved, "≤ 500 B")
    yield row("3 scroll a row", each(found, "{x.scroll:.0f} B"), "≤ 900 B")
    yield row("3 a normal screen", each(found, "{x.flow:.0f} B/s"), "≤ 100 B/s")
    yield row("4 slow line, lag", each(found, "{x.lag}"), "≤ 1.0 s, ahead of curses")
    yield row("4 slow line, backlog", each(found, "{x.slow.backlog} B"), "≤ 5 kB")
    yield row("4 slow line, a key", each(found, "{x.slow.bytes:.0f} B"), "")
    yield row("5 memory", each(found, "{x.memory:.0f} MB"), "≤ 40 MB")
    yield row("7 idle, CPU", each(found, "{x.share:.1%} of a core"), "≤ 1 %")
    yield from ended(home)
    yield from at_many(home, found)
    yield from taken_in(home, rate)
    yield from alone(home)


def ended(home: Path) -> Iterator[str]:
    """Measure how the programs end."""
    all_of = cases.all_of(home)
    gone = {case.name: ends.leaves(case) for case in all_of if case.name != "curses"}
    f = gone["F"].seconds
    cells = [f"{end.words}, {end.seconds / f:.2f} F" for end in gone.values()]
    yield row("7 exit", (cells[0], cells[1], cells[2], ""), "≤ 1.3 F")
    yield alone_row("7 exit by SIGTERM", ends.terminated(all_of[0]).words, "≤ 2 s, modes restored")
    yield alone_row("7 exit by a hang-up", f"{ends.hung_up(all_of[0]).seconds:.2f} s", "≤ 2 s")


def at_many(home: Path, found: dict[str, Figures]) -> Iterator[str]:
    """Measure modtui with and without its terminal layer on a queue of very many threads."""
    many = home.with_name("very-many")
    stored_queue(many, MANY)
    programs = cases.all_of(many)[:3]
    # As above: the first session counts, and starts come last.
    starts(programs, 1)
    figures_ = [large(case) for case in programs[:2]]
    *begun, hello = starts(programs)
    f, small = found["F"], (found["modtui"].memory, found["whole"].memory)

    def two(form: str) -> tuple[str, str, str, str]:
        made = [
            form.format(
                x=x,
                begun=start,
                start=start.wall / hello.wall,
                p50=x.p50 / f.p50,
                p99=x.p99 / f.p99,
                further=(x.memory - less) * 2**20 / (MANY - THREADS),
            )
            for x, start, less in zip(figures_, begun, small, strict=True)
        ]
        return made[0], made[1], "", ""

    yield row(f"1 start, {MANY}", two("{begun.wall:.2f} s, {start:.2f} F"), "≤ 1.4 F")
    form = "p50 {x.p50:.0f} ms, {p50:.1f} F; p99 {p99:.1f} F; settled p99 {x.settled:.0f} ms"
    yield row(f"2 key to paint, {MANY}", two(form), "p50 ≤ 2 F, p99 ≤ 5 F, settled ≤ 60 ms")
    yield row(f"2 a key, CPU, to its end, {MANY}", two("{x.key_cpu:.1f} ms"), "≤ 8 ms")
    yield row(f"5 memory, {MANY}", two("{x.memory:.0f} MB"), "≤ 60 MB")
    yield row("5 a further thread", two("{further:.0f} B"), "≤ 200 B")


def taken_in(home: Path, rate: float) -> Iterator[str]:
    """Measure intake, in the end into the queue of very many threads."""
    many, one = home.with_name("very-many"), burst(THREADS)
    words = f"{one.wall:.0f} threads/s, {1e6 / one.cpu:.0f} µs of CPU a thread"
    yield alone_row("6 intake, burst", words, "≥ 10,000 threads/s")
    yield alone_row("6 intake, with process start and the making up", f"{rate:.0f} threads/s")
    removed = asyncio.run(removal(many / "state" / "modtui.db"))
    yield alone_row(f"6 a removal, {MANY}", f"{removed:.1f} ms", "≤ 5 ms")
    told = measure.command_cpu(cases.modtui("status"), cases.environment(many), 1)
    yield alone_row(f"8 `modtui status`, {MANY}, CPU", f"{told:.1f} s")
    key = felt(many)
    words = (
        f"{key.rate:.0f} threads/s: key p50 {key.flooded[0]:.0f} ms, p99 {key.flooded[1]:.0f} ms;"
        f" quiet p50 {key.quiet[0]:.0f} ms, p99 {key.quiet[1]:.0f} ms"
    )
    yield alone_row(f"6 keys while threads come in, {MANY}", words, "p99 ≤ 2 × quiet")
    words = f"{key.busy:.0f} ms of CPU in a row"
    yield alone_row(f"6 loop while threads come in, {MANY}", words, "≤ 50 ms")
    cost = measured()
    both = f"p95 {cost.ranking:.1f} ms of CPU, {cost.choosing:.1f} with the nine keys"
    words = f"{both}, {cost.ratio:.2f} × one query of SQLite FTS5"
    yield alone_row("8 ranking 1,000 replies, 300 words", words, "≤ 5 ms, ≤ 0.5 ×")
    words = f"{cost.learning:.1f} ms, {cost.loading:.0f} ms of CPU"
    yield alone_row("8 learning a choice; loading the index", words, "≤ 5 ms; ≤ 100 ms")
    with tempfile.TemporaryDirectory(prefix="modtui-soak-") as folder:
        found = soak(Path(folder), SOAK_SECONDS)
    yield alone_row("soak", found.words, "0 missed, ≤ 20 MB, ≤ 50 ms")


def alone_row(what: str, cell: str, budget: str = "") -> str:
    """Return a row of what only modtui has."""
    return row(what, (cell, "", "", ""), budget)


def alone(home: Path) -> Iterator[str]:
    """Measure what only modtui has."""
    app, fresh = cases.all_of(home)[0], home.with_name("fresh")
    # While the rest was measured, many deadlines passed.
    stored_queue(fresh, THREADS)
    ticks = ticking(cases.all_of(fresh)[0])
    yield alone_row("3 all rows ticking", f"{ticks:.0f} B/s", "≤ 250 B/s")
    one = home.with_name("one")
    stored_queue(one, 1, "questions")
    yield alone_row("3 nothing ticking", f"{quiet(one):.0f} B/s", "0 B/s")
    version = measure.command_cpu(cases.modtui("--version"), app.env) * 1000
    listing = measure.command_cpu(cases.modtui("queue", "--json"), app.env, 3) * 1000
    yield alone_row("8 `modtui --version`, CPU", f"{version:.0f} ms", "≤ 80 ms")
    yield alone_row("8 `modtui queue --json`, CPU", f"{listing:.0f} ms", "≤ 500 ms")


def ticking(app: Case) -> float:
    """Return the bytes a second where every visible row counts seconds."""
    with app.open() as terminal:
        cases.go_where_seconds_count(terminal)
        return measure.idle(terminal, 10)[0]


def quiet(home: Path) -> float:
    """Return the bytes a second over some seconds in which no minute ends, of the clock or of what
    is left of a deadline. When they end is seen in the minute before."""
    ends: list[float] = []
    with cases.all_of(home)[0].open() as terminal:
        terminal.settle(1, 10)
        until = time.monotonic() + 62
        while time.monotonic() < until:
            if terminal.pump(0.5):
                ends.append(time.monotonic())
        while any((end - time.monotonic()) % 60 < QUIET_SECONDS + 2 for end in ends):
            terminal.pump(0.5)
        return measure.idle(terminal, QUIET_SECONDS)[0]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="modtui-bench-") as folder:
        home = Path(folder) / "many"
        rate = stored_queue(home, THREADS)
        text = HEAD.format(threads=THREADS, many=MANY, load=cases.load())
        print(text, end="")
        for line in table(home, rate):
            print(line, flush=True)
            text += line + "\n"
    TOLD.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
