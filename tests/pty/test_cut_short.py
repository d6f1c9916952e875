"""Cut short where nothing of modtui itself can be asked any more."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.pty.community import environment, leave, modtui, settle_in
from tests.pty.modes import CLEAN, attributes, modes
from tests.pty.terminal import Terminal
from tests.pty.test_lost_lines import SIGNALS, drafts, launched, quickly, until, writing, written

HUNG = """
import asyncio, os
from modtui.cli import running
began = running._heed_keys
def hang_when_told():
    while os.path.exists('hang'):
        open('hangs', 'w').close()
    asyncio.get_running_loop().call_later(0.02, hang_when_told)
def begin():
    began()
    hang_when_told()
running._heed_keys = begin
"""


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_heard_also_while_the_program_itself_hangs(tmp_path: Path, name: str) -> None:
    settle_in(tmp_path)
    number, code = SIGNALS[name]
    argv = launched("waits", HUNG)
    with Terminal(argv, environment(tmp_path), (80, 24), cwd=tmp_path) as terminal:
        before = attributes(terminal.fd)
        terminal.wait("post 1", 30)
        writing(terminal)
        terminal.send("half a sent")
        terminal.wait("draft saved")
        (tmp_path / "hang").touch()
        until((tmp_path / "hangs").exists, "it does not hang")
        terminal.send("ence")
        assert "half a sentence" not in terminal.settle(1.0)
        with quickly():
            terminal.kill(number)
            assert terminal.ended() == code
        while terminal.pump(0.1):
            pass
        assert modes(terminal.written) == CLEAN
        assert attributes(terminal.fd) == before
    assert drafts(tmp_path) == ["half a sent"]


KILLED_WHEN_DONE = """
import os
from modtui.screens.keeping import Keeping
Keeping.forget = lambda self: os.kill(os.getpid(), 9)
"""


def test_killed_before_its_words_are_forgotten_nothing_says_it_was_not_done(
    tmp_path: Path,
) -> None:
    settle_in(tmp_path)
    shelf = tmp_path / "modtui" / "state" / "editing"
    argv = launched("waits", KILLED_WHEN_DONE)
    with Terminal(argv, environment(tmp_path), (80, 24)) as terminal:
        terminal.wait("post 1", 30)
        terminal.settle(0.6)
        terminal.send("m")
        terminal.wait("Enter keeps the note")
        terminal.send("asked him twice")
        until(lambda: "asked him twice" in written(shelf), "it is not written down")
        terminal.send("enter")
        assert terminal.ended() == 137
    with sqlite3.connect(tmp_path / "modtui" / "state" / "modtui.db") as db:
        [(note,)] = db.execute("SELECT detail FROM event WHERE kind = 'staff_note'")
    assert "asked him twice" in note
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.wait("perhaps not done, its key shows it again: Note for the team on")
        assert leave(terminal) == 0
