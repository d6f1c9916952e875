"""The start, gated: its CPU beside that of a minimal Textual app in the same run, and what it
loads. CPU holds from run to run, time does not."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.bench import cases, measure
from tests.bench.cases import Case
from tests.pty.terminal import Terminal

ROUNDS = 6
# From spawn to a live queue with its thread beside it and at rest.
RATIO = 1.8
SECRETS_AND_NETWORK = {
    "urllib.request", "http.client", "email", "certifi", "httpx", "keyring", "cryptography",
    "websockets", "asyncpg", "ssl", "hashlib", "asyncio.sslproto",
}  # fmt: skip
UNUSED = {
    "click", "msgspec", "tomli_w", "smtplib", "importlib.metadata", "textual.widgets._select",
    "textual.widgets._tree", "textual.widgets._placeholder", "ipaddress", "locale", "platform",
    "textwrap", "rich.table", "ast", "_ast", "sysconfig", "typing_extensions", "difflib",
    "mimetypes", "platformdirs",
}  # fmt: skip
OWN_MODULES = 213
ROOMS = (
    "thread", "here", "status", "library", "deliveries", "accounts", "handover", "welcome",
    "palette", "help", "marked", "plan",
)  # fmt: skip
LATER = (
    "undo", "submit", "batching", "practice", "handover", "entry_files", "deliver", "landing",
    "effects", "reconcile", "onlooker", "spam", "wording", "merge", "newcomers", "remarks",
    "closing", "mirror", "aside", "shelf",
)  # fmt: skip
FIGURES = (
    "metrics", "alike", "report", "wording", "spam", "outcomes", "help_routes",
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
from modtui.lean import Later

def write() -> None:
    loaded = (name for name, module in sys.modules.items() if not isinstance(module, Later))
    with open(sys.argv[1], "w") as file:
        print(*loaded, file=file)

atexit.register(write)
from modtui.cli import run
run([])
"""

TURNS = """
import atexit, sys
from pathlib import Path
atexit.register(lambda: Path(sys.argv[1]).write_text(str(sys.getswitchinterval())))
from modtui.cli import run
run([])
"""

COUNTS = """
import atexit, json, sys
from collections import Counter
from textual._compositor import Compositor
from textual.app import App
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widgets._toast import ToastRack
from textual.widgets._tooltip import Tooltip
from modtui.cli import run

made = Counter()
def count(cls, name):
    inner = getattr(cls, name)
    def counted(self, *args, **named):
        made[f"{cls.__name__}.{name}"] += 1
        return inner(self, *args, **named)
    setattr(cls, name, counted)
count(Screen, "_refresh_layout")
count(Compositor, "render_full_update")
count(App, "_display")
for cls in (ScrollBar, ToastRack, Tooltip):
    count(cls, "__init__")
atexit.register(lambda: open(sys.argv[1], "w").write(json.dumps(made)))
run([])
"""
LAYOUTS, FRAMES = 2, 7


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored queue."""
    return stored(tmp_path_factory.mktemp("start") / "home", "mixed")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored queue of a community in which nothing happens meanwhile."""
    return stored(tmp_path_factory.mktemp("calm") / "home", "questions")


def stored(folder: Path, scene: str) -> Path:
    """Return `folder`, with a queue in it that was read to its end."""
    cases.configure(folder, 1_000, scene)
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
    pairs: list[tuple[float, float]] = []
    ours, theirs = math.inf, 0.0
    # A busy machine stretches most starts for a while: the least of more says what one takes.
    while ours > RATIO * theirs and len(pairs) < 4 * ROUNDS:
        pairs += [(started(modtui), started(empty)) for _ in range(ROUNDS)]
        ours, theirs = (min(spent) for spent in zip(*pairs, strict=True))
    assert ours <= RATIO * theirs, pairs


def told_by(program: str, calm: Path, folder: Path) -> str:
    """Run a session by `program` until it is live; return what that wrote of it."""
    told = folder / "told"
    with Terminal((sys.executable, "-c", program, told), cases.environment(calm)) as terminal:
        terminal.wait("live 1/1", 60)
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    return told.read_text()


def test_a_session_loads_what_it_uses_alone(calm: Path, tmp_path: Path) -> None:
    names = set(told_by(SESSION, calm, tmp_path).split())
    assert "modtui.screens.queue" in names
    rooms = {f"modtui.screens.{room}" for room in ROOMS} | {"modtui.screens.dialogs"}
    words = {f"modtui.cli.{module}" for module in COMMANDS}
    later = {f"modtui.engine.{module}" for module in LATER}
    others = {f"modtui.credentials.{module}" for module in ("vault", "ring", "command", "sealing")}
    others |= {"modtui.connectors.matrix", "modtui.widgets.ledger_rows", "modtui.store.areas"}
    figures = {f"modtui.domain.{module}" for module in FIGURES}
    unused = SECRETS_AND_NETWORK | UNUSED | rooms | words | later | others | figures
    assert sorted(names & unused) == []
    own = sorted(name for name in names if name.partition(".")[0] == "modtui")
    assert len(own) <= OWN_MODULES, own


def test_a_start_is_laid_out_and_painted_as_often_as_it_must_be(calm: Path, tmp_path: Path) -> None:
    told = tmp_path / "counts"
    argv = (sys.executable, "-c", COUNTS, told)
    with Terminal(argv, cases.environment(calm)) as terminal:
        terminal.wait("live 1/1", 60)
        terminal.settle(0.3, 5)
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    made = Counter(json.loads(told.read_text()))
    assert made["Screen._refresh_layout"] <= LAYOUTS, made
    assert made["Compositor.render_full_update"] == 1, made
    assert made["App._display"] <= FRAMES, made
    assert not made["ScrollBar.__init__"] + made["ToastRack.__init__"] + made["Tooltip.__init__"]


def test_a_key_gets_its_turn_soon_beside_threads_that_compute(calm: Path, tmp_path: Path) -> None:
    assert float(told_by(TURNS, calm, tmp_path)) <= 0.001


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
