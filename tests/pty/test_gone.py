"""The file of the queue goes away under a running modtui: it says so, and nothing is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from tests.pty.community import Community, environment, modtui, settle_in
from tests.pty.terminal import Terminal, Timeout

SYNC = [sys.executable, "-m", "modtui", "sync"]
BACK = "modtui doctor --recover puts that back"


def state_of(home: Path) -> Path:
    return home / "modtui" / "state"


def take_away(home: Path) -> None:
    for file in state_of(home).glob("modtui.db*"):
        file.unlink()


def in_a_line(terminal: Terminal) -> str:
    terminal.settle()
    return " ".join(terminal.written.decode("utf-8", "ignore").split())


def test_a_queue_that_is_taken_away_ends_it_with_where_everything_is(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(rate=240))
    with modtui(tmp_path) as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("half a sentence")
        terminal.wait("draft saved")
        take_away(tmp_path)
        assert terminal.ended(30) == 4
        said = in_a_line(terminal)
    assert "was moved, deleted or replaced while modtui had it open" in said
    assert BACK in said
    assert "can be read" not in said
    done = subprocess.run(
        [sys.executable, "-m", "modtui", "doctor", "--recover"],
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(state_of(tmp_path) / "modtui.db")) as raw:
        assert raw.execute("SELECT text FROM draft").fetchall() == [("half a sentence",)]


def test_a_sync_on_it_ends_too(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(rate=240))
    with Terminal(SYNC, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait(": live")
        take_away(tmp_path)
        assert terminal.ended(30) == 4
        said = in_a_line(terminal)
    assert BACK in said
    assert "Traceback" not in said


def test_so_does_a_conversation_in_lines(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(rate=240))
    plain = [sys.executable, "-m", "modtui", "--plain"]
    with Terminal(plain, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("other:")
        take_away(tmp_path)
        for _ in range(60):
            terminal.put(b"\n")
            with suppress(Timeout):
                terminal.ended(0.3)
                break
        assert terminal.ended(1) == 4
        said = in_a_line(terminal)
    assert BACK in said
    assert "can be read" not in said
