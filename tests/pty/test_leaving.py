"""Leaving the app from outside: exit codes, and a terminal that is as it was."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.pty.community import Community, modtui, settle_in, told
from tests.pty.terminal import Terminal


def environment(folder: Path) -> dict[str, str]:
    """Return a clean environment with everything of modtui under `folder`."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "MODTUI_HOME": str(folder / "m"),
        "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)], ids=["hup", "term"]
)
def test_hang_up_and_terminate_restore_the_terminal(tmp_path: Path, number: int, code: int) -> None:
    argv = [sys.executable, "-m", "modtui", "demo"]
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("flagged")
        terminal.kill(number)
        assert terminal.ended() == code
        assert b"\x1b[?1049l" in terminal.written
        assert b"\x1b[?25h" in terminal.written


def test_ctrl_q_leaves_and_ctrl_c_does_not(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "modtui", "demo"]
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("flagged")
        terminal.settle(1.0)
        terminal.send("ctrl+c")
        terminal.wait("Ctrl+Q leaves modtui")
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
        assert b"\x1b[?1049l" in terminal.written


def begun(terminal: Terminal) -> None:
    """Answer the thread under the cursor; the reply is held for its undo window."""
    terminal.settle(0.6)
    terminal.send("1")
    terminal.wait("Enter sends")
    terminal.settle(0.6)
    terminal.send("enter")
    terminal.wait("pending")


def sent(home: Path) -> bool:
    """Whether every delivery of the home is sent; False after a minute and a half."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        rows = told(home, "deliveries")["deliveries"]
        if rows and all(row["state"] == "sent" for row in rows):
            return True
        time.sleep(0.2)
    return False


def test_quit_names_what_would_stop_and_a_drain_goes_on_with_it(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="5m"))
    with modtui(tmp_path, (80, 24)) as terminal:
        begun(terminal)
        terminal.settle()
        terminal.send("ctrl+q")
        terminal.wait("Leaving now would stop")
        terminal.send("esc")
        terminal.wait(lambda text: "Leaving now would stop" not in text)
        terminal.settle()
        terminal.send("ctrl+q")
        terminal.wait("Leaving now would stop")
        terminal.settle()
        terminal.send("enter")
        assert terminal.ended() == 0
    assert sent(tmp_path)


def test_a_hang_up_asks_nothing_and_a_drain_goes_on(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(scene="questions", seed=11, threads=6, undo="5m"))
    with modtui(tmp_path, (80, 24)) as terminal:
        begun(terminal)
        terminal.settle()
        assert terminal.hang_up() == 129
    assert sent(tmp_path)
