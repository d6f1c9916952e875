"""Started by a shell that leads something elsewhere, or says nonsense about the window."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.pty.community import environment, leave, settle_in
from tests.pty.terminal import Terminal

MODTUI = f"exec {sys.executable} -m modtui"


def started(home: Path, how: str, **more: str) -> Terminal:
    """A shell in 80 by 24 that starts modtui, as `how` says."""
    settle_in(home)
    return Terminal(["/bin/sh", "-c", how], environment(home, **more), (80, 24), cwd=home)


@pytest.mark.parametrize("to", ["2>errors", "2>&-", "2>/dev/full"])
def test_the_screen_is_painted_wherever_errors_go(tmp_path: Path, to: str) -> None:
    with started(tmp_path, f"{MODTUI} {to}") as terminal:
        terminal.wait("post 1")
        assert leave(terminal) == 0
    errors = tmp_path / "errors"
    assert not errors.exists() or errors.read_bytes() == b""


@pytest.mark.parametrize("no_diff", ["0", "1"])
def test_the_window_counts_and_not_what_is_left_of_another(tmp_path: Path, no_diff: str) -> None:
    more = {"COLUMNS": "50", "LINES": "10", "MODTUI_NO_DIFF": no_diff}
    with started(tmp_path, MODTUI, **more) as terminal:
        terminal.wait("post 1")
        terminal.resize((100, 30))
        # From here on the thread stands beside the list.
        terminal.wait(lambda text: any("│" in line for line in text.splitlines()[2:]))
        assert leave(terminal) == 0


def test_a_window_that_says_it_is_endless_is_painted_and_left(tmp_path: Path) -> None:
    with started(tmp_path, f"stty cols 65000 rows 65000; {MODTUI}") as terminal:
        terminal.wait(lambda _: b"post 1" in terminal.written, 60)
        assert leave(terminal) == 0
