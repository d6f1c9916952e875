"""A connector that crashes with the secret in its hands: nobody is shown it."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import sqlite3
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from modtui.app import ModTui
from modtui.cli import compose
from modtui.cli.redacting import REDACT
from modtui.domain.model import Health
from modtui.domain.text import clean
from modtui.engine.live import LiveEngine
from modtui.widgets.host import Waits
from tests.cli.shell import ROOT, Shell
from tests.cli.standin import Ring
from tests.screens.grid import grid
from tests.security.breaking import PLACES, WAYS, kind

CANARY = "canary/tok+en_4f1d9c77"
CONFIG = '[[account]]\nname = "chat"\nconnector = "breaking"\nthreads = 6\nrate = 0\n'
FORMS = (CANARY, "canary%2Ftok%2Ben_4f1d9c77", "Y2FuYXJ5L3Rvaytlbl80ZjFkOWM3")


def clear(home: Path, *texts: str) -> None:
    """Every file under `home` as it is on the disk, write-ahead logs and free pages too."""
    looked = 0
    for path in home.rglob("*"):
        if path.is_file():
            looked += 1
            raw = path.read_bytes().decode("latin-1")
            assert all(form not in raw for form in FORMS), path
    assert looked > 1
    assert all(form not in text for form in FORMS for text in texts)


@pytest.fixture
def broken(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    # What stays unknown is waited for a minute; here nobody will ever tell.
    monkeypatch.setattr("modtui.engine.keeper.DRAIN_SECONDS", 1.0)
    monkeypatch.setattr("modtui.credentials.ring.Child", Ring.empty())
    monkeypatch.setenv("MODTUI_CHAT_TOKEN", CANARY)
    shell.config(CONFIG)
    return shell


def breaks(monkeypatch: pytest.MonkeyPatch, place: str, way: str) -> None:
    monkeypatch.setattr("modtui.cli.compose.KINDS", {"breaking": kind(place, way)})


# Every place and every way; each pair of them is for `test_the_boundary`, which is quick.
PAIRS = [(place, list(WAYS)[n % len(WAYS)]) for n, place in enumerate(PLACES)]
PAIRS += [("identity", "stubborn"), ("perform", "unknown"), ("perform", "chained")]


@pytest.mark.parametrize(("place", "way"), PAIRS)
def test_no_command_tells_what_a_connector_broke_with(
    broken: Shell,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    way: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    breaks(monkeypatch, "nowhere", "runtime")
    assert broken("sync", "--once").code == 0
    thread = broken("queue", "--json").json["threads"][0]["id"]
    breaks(monkeypatch, place, way)
    text = broken.home / "reply.txt"
    text.write_text("Please stay polite.")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY}\n"))
    shown: list[str] = []
    broke = 0
    commands = (
        "sync --once", f"reply {thread} --timeout 1 --text-file {text}", "login chat --stdin",
        "doctor --json", "accounts --json", "deliveries --json",
    )  # fmt: skip
    for command in commands:
        try:
            done = broken(*command.split())
        except Exception as error:
            # It ends with the traceback that Python prints, through the redactor.
            shown.append(REDACT("".join(traceback.format_exception(error))))
            broke += 1
            continue
        shown.append(done.out + done.err)
        broke += done.code != 0
    if place not in ("later", "context"):
        assert broke
    formatted = (REDACT(logging.Formatter().format(record)) for record in caplog.records)
    clear(broken.home, *shown, *capfd.readouterr(), *formatted)


@pytest.mark.parametrize("way", ["runtime", "stubborn", "chained"])
@pytest.mark.parametrize("place", ["build", "identity", "later", "context"])
async def test_no_screen_tells_what_a_connector_broke_with(
    broken: Shell, monkeypatch: pytest.MonkeyPatch, place: str, way: str
) -> None:
    breaks(monkeypatch, place, way)
    setup = compose.set_up()
    store = compose.open_store(setup.paths.store)
    engine = LiveEngine(store, compose.plan(setup), compose.runtime())
    app = ModTui(engine, crash_folder=setup.paths.state, waits=Waits(0, 0, 0))
    app.redact = REDACT
    seen: list[str] = []
    async with app.run_test(size=(120, 40)) as pilot:
        async with asyncio.timeout(20):
            while engine.accounts()[0].health is Health.STARTING:
                await pilot.pause(0.02)
        for key in ("enter", "f2", "f5", "f6", "g", "s", "escape", "question_mark"):
            await pilot.press(key)
            await pilot.pause()
            seen.extend(grid(app))
        seen.append(app.export_screenshot())
    await store.close()
    clear(broken.home, *seen)


def test_what_is_deleted_from_the_store_leaves_nothing_either(
    broken: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan would find it: a canary that is written and deleted stands in a free page."""
    breaks(monkeypatch, "nowhere", "runtime")
    assert broken("sync", "--once").code == 0
    with sqlite3.connect(broken.home / "state" / "modtui.db") as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE gone (x)")
        database.execute("INSERT INTO gone VALUES (?)", [CANARY * 50])
        database.execute("DROP TABLE gone")
    database.close()
    with pytest.raises(AssertionError):
        clear(broken.home)


REPORTS = """
import asyncio, faulthandler, gc, logging, sys, threading, warnings
from modtui.cli import keep_private
from modtui.cli.redacting import know
from modtui.domain.secret import Secret
from tests.security.breaking import chained
keep_private()
token = sys.argv[1]
know([Secret(token)])
warnings.warn(f"warned of {token}")
logging.getLogger("some.library").error("logged %s", token)
logging.getLogger("httpx").debug("never %s", token)
class Ugly:
    def __del__(self): raise RuntimeError(token)
Ugly(); gc.collect()
def lost(): raise RuntimeError(f"thread {token}")
thread = threading.Thread(target=lost); thread.start(); thread.join()
async def task():
    async def never(): raise RuntimeError(f"task {token}")
    it = asyncio.create_task(never()); await asyncio.sleep(0); del it; gc.collect()
    await asyncio.sleep(0)
asyncio.run(task(), debug=True)
faulthandler.dump_traceback()
sys.stdout.write("before the end")
sys.stdout.flush()
chained(token)
"""


def test_whatever_python_itself_reports_is_masked() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", REPORTS, CANARY], cwd=ROOT, timeout=60,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "before the end")
    for words in (
        "warned of ****", "logged ****", "thread ****", "task ****", "never retrieved",
        "go on with ****", "RuntimeError: ****", "with ****", "httpx.ReadError",
    ):  # fmt: skip
        assert words in done.stderr, words
    assert all(form not in done.stderr for form in FORMS)


STEERING = """
import asyncio, gc, logging, sys, threading, warnings
from modtui.cli import keep_private
from tests.security.poison import EVERYTHING
keep_private()
warnings.warn(f"warned of {EVERYTHING}")
logging.getLogger("some.library").error("logged %s", EVERYTHING)
def lost(): raise RuntimeError(f"thread {EVERYTHING}")
thread = threading.Thread(target=lost); thread.start(); thread.join()
async def task():
    async def never(): raise RuntimeError(f"task {EVERYTHING}")
    it = asyncio.create_task(never()); await asyncio.sleep(0); del it; gc.collect()
asyncio.run(task())
raise RuntimeError(f"the end {EVERYTHING}")
"""


def test_whatever_python_itself_reports_steers_no_terminal() -> None:
    """Also where no secret is known, as for a command that only lists."""
    done = subprocess.run(
        [sys.executable, "-c", STEERING], cwd=ROOT, timeout=60, capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    for words in ("warned of", "logged", "thread", "task", "the end"):
        assert words in done.stderr, words
    assert [line for line in done.stderr.splitlines() if clean(line).text != line] == []
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr)
