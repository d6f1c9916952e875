"""The start, gated: its CPU beside that of a minimal Textual app in the same run, and what it
loads. CPU holds from run to run, time does not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench import cases, measure
from tests.bench.cases import Case
from tests.pty.terminal import Terminal

ROUNDS = 4
# From spawn to a live queue with its thread beside it and at rest.
RATIO = 2.2
SECRETS_AND_NETWORK = {"httpx", "keyring", "cryptography", "websockets", "asyncpg"}
UNUSED = {"click", "msgspec", "tomli_w", "smtplib", "importlib.metadata"}
OWN_MODULES = 226
ROOMS = (
    "thread", "here", "status", "library", "deliveries", "accounts", "handover", "welcome",
    "palette", "help",
)  # fmt: skip
LATER = (
    "undo", "submit", "batching", "practice", "handover", "entry_files", "deliver", "landing",
    "effects", "reconcile", "onlooker", "spam", "wording",
)  # fmt: skip
AT_WORK = (
    "supervise", "outbox", "intake", "merge", "pieces", "clock", "context", "promises", "line",
)  # fmt: skip
COMMANDS = ("commands", "plain", "reading", "guide", "keeping", "places", "keymap")
LISTING = """
import contextlib, io, sys
from modtui.cli import run
with contextlib.redirect_stdout(io.StringIO()):
    run(["queue"])
print(" ".join(sys.modules))
"""
SESSION = """
import atexit, sys
from pathlib import Path
atexit.register(lambda: Path(sys.argv[1]).write_text(" ".join(sys.modules)))
from modtui.cli import run
run([])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored queue."""
    folder = tmp_path_factory.mktemp("start") / "home"
    cases.configure(folder, 1_000)
    argv = cases.modtui("sync", "--once")
    subprocess.run(argv, env=cases.environment(folder), check=True, timeout=120)
    return folder


def started(case: Case) -> float:
    """Return the CPU seconds of one start."""
    begun = time.perf_counter()
    with Terminal(case.argv, case.env) as terminal:
        return measure.start(terminal, case.ready, begun).cpu


def test_a_start_is_little_more_than_that_of_an_empty_app(home: Path) -> None:
    modtui, _, empty, _ = cases.all_of(home)
    pairs = [(started(modtui), started(empty)) for _ in range(ROUNDS)]
    ours, theirs = (min(spent) for spent in zip(*pairs, strict=True))
    assert ours <= RATIO * theirs, pairs


def test_a_session_loads_what_it_uses_alone(home: Path, tmp_path: Path) -> None:
    loaded = tmp_path / "loaded"
    argv = (sys.executable, "-c", SESSION, loaded)
    with Terminal(argv, cases.environment(home)) as terminal:
        terminal.wait("live 1/1", 60)
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    names = set(loaded.read_text().split())
    assert "modtui.screens.queue" in names
    rooms = {f"modtui.screens.{room}" for room in ROOMS} | {"modtui.screens.dialogs"}
    words = {f"modtui.cli.{module}" for module in COMMANDS}
    later = {f"modtui.engine.{module}" for module in LATER}
    others = {f"modtui.credentials.{module}" for module in ("vault", "ring", "command", "sealing")}
    others |= {"modtui.connectors.matrix", "modtui.widgets.ledger_rows", "modtui.store.areas"}
    figures = {
        f"modtui.domain.{module}" for module in ("metrics", "alike", "report", "wording", "spam")
    }
    assert not names & (SECRETS_AND_NETWORK | UNUSED | rooms | words | later | others | figures)
    own = sorted(name for name in names if name.partition(".")[0] == "modtui")
    assert len(own) <= OWN_MODULES, own


def test_a_listing_loads_no_event_loop(home: Path) -> None:
    argv = (sys.executable, "-c", LISTING)
    made = subprocess.run(
        argv, env=cases.environment(home), check=True, capture_output=True, text=True, timeout=60
    )
    assert "modtui.engine.seen" in made.stdout
    assert not set(made.stdout.split()) & {"asyncio", "ssl", "logging", "concurrent.futures"}


def test_the_engine_of_a_first_paint_loads_nothing_of_what_works_for_the_accounts() -> None:
    words = "import sys, modtui.engine.live; print(' '.join(sys.modules))"
    made = subprocess.run(
        (sys.executable, "-c", words), cwd=cases.ROOT, check=True, capture_output=True, text=True
    )
    assert not set(made.stdout.split()) & {f"modtui.engine.{module}" for module in AT_WORK}
