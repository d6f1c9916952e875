"""Practice in a terminal: every screen says so, and nothing is left of it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.pty.community import environment, leave, settle_in, told
from tests.pty.terminal import Terminal


def test_practice_is_written_on_every_screen_and_nothing_is_left(tmp_path: Path) -> None:
    settle_in(tmp_path)
    argv = [sys.executable, "-m", "modtui", "--practice"]
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("post 1", 30)
        terminal.settle(0.6)
        for keys, shows in (
            (["g", "a"], "try again"),
            (["g", "d"], "take back"),
            (["g", "q"], "post 1"),
        ):
            terminal.send(*keys)
            terminal.wait(shows)
            terminal.wait(lambda _: terminal.lines[0].startswith(" PRACTICE "))
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("who sees it")
        terminal.wait(lambda _: terminal.lines[0].startswith(" PRACTICE "))
        terminal.send("Hello, we look into it")
        terminal.wait("draft saved")
        terminal.send("ctrl+s")
        terminal.wait("Enter sends: as")
        terminal.send("enter")
        terminal.wait("practised, not sent", 30)
        terminal.settle(0.6)
        terminal.send("g", "d")
        terminal.wait("practised, not sent  reply")
        assert leave(terminal) == 0
    assert told(tmp_path, "deliveries")["deliveries"] == []
    assert not list((tmp_path / "modtui" / "state").glob("practice*"))
