"""Leaving the app from outside: exit codes, and a terminal that is as it was."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

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
        terminal.send("ctrl+c")
        terminal.wait("Ctrl+Q leaves modtui")
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
        assert b"\x1b[?1049l" in terminal.written
