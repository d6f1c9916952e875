"""A draft outlives a killed modtui, and is found again."""

from __future__ import annotations

from pathlib import Path

from tests.pty.community import leave, modtui, settle_in


def test_a_draft_outlives_a_kill_and_is_gone_on_with(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("half a sent")
        terminal.wait("draft saved")
        terminal.kill()
        assert terminal.ended() == 137
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.wait("Welcome back")
        terminal.wait("1 draft: g d")
        terminal.settle()
        terminal.send("g", "d")
        terminal.wait("draft: Enter, then r")
        terminal.send("enter")
        terminal.wait("── post 1 of")
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("half a sent")
        terminal.settle()
        terminal.send("ence")
        terminal.wait("half a sentence")
        terminal.send("esc")
        assert leave(terminal) == 0
