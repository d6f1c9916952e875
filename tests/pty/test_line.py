"""The line to the terminal: what it lost comes back, what it is asked it may leave unanswered."""

from __future__ import annotations

import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.pty.community import environment, leave, modtui, settle_in
from tests.pty.terminal import ASKED, Terminal

AFTER = """
import os, select, subprocess, sys, tty
subprocess.run([sys.executable, "-m", "modtui"])
tty.setcbreak(0)
ready, _, _ = select.select([0], [], [], 1.5)
print("typed into the shell:", os.read(0, 99) if ready else "nothing")
"""


def still(terminal: Terminal) -> list[str]:
    """The rows above the messages, without their numbers: clocks go on."""
    return [re.sub(r"\d", "0", line) for line in terminal.lines[:-2]]


def lose(terminal: Terminal) -> None:
    """The terminal forgets what it showed."""
    terminal.screen.reset()
    assert not terminal.text.strip()


def read(terminal: Terminal) -> None:
    """Wait until the library has been read: by words it has this on the key of the first thread,
    and what is shown changes no more."""
    terminal.wait("1 Withdrawal times")
    terminal.settle(0.6)


def on_row(terminal: Terminal, number: int) -> None:
    """Wait until the cursor of the list stands on this row."""
    terminal.wait(lambda _: terminal.lines[2 + number].startswith("▌"))


def state(pid: int) -> str:
    """The state of a process: T when it is stopped (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_stopped_program_comes_back_with_its_screen(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        read(terminal)
        terminal.send("jj")
        on_row(terminal, 3)
        terminal.settle(0.6)
        before = still(terminal)
        terminal.kill(signal.SIGTSTP)
        terminal.wait(lambda _: state(terminal.pid) == "T")
        lose(terminal)
        terminal.kill(signal.SIGCONT)
        terminal.wait(lambda _: still(terminal) == before)
        terminal.send("j")
        on_row(terminal, 4)
        assert leave(terminal) == 0


def test_a_window_that_came_back_in_its_old_size_is_painted(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        read(terminal)
        before = still(terminal)
        lose(terminal)
        terminal.kill(signal.SIGWINCH)
        terminal.wait(lambda _: still(terminal) == before)
        assert leave(terminal) == 0


def test_ctrl_l_paints_over_what_others_wrote(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        read(terminal)
        before = still(terminal)
        terminal.stream.feed(b"\x1b[5;1H\x1b[2JBroadcast message from root\r\n\x1b[31m")
        terminal.send("ctrl+l")
        terminal.wait(lambda _: still(terminal) == before)
        assert leave(terminal) == 0


class Slow(Terminal):
    """A terminal whose answers take a while: `seconds`."""

    seconds = 0.3

    def answer(self, times: int) -> None:
        if times:
            self.owed = [*getattr(self, "owed", []), *[time.monotonic() + self.seconds] * times]

    def pump(self, seconds: float) -> bool:
        came = super().pump(seconds)
        due = [at for at in getattr(self, "owed", []) if at <= time.monotonic()]
        if due:
            self.owed = self.owed[len(due) :]
            super().answer(len(due))
        return came


@pytest.mark.parametrize("seconds", [0.3, 0.8])
def test_no_answer_is_left_for_the_shell(tmp_path: Path, seconds: float) -> None:
    settle_in(tmp_path)
    with Slow([sys.executable, "-c", AFTER], environment(tmp_path)) as terminal:
        # Until it has answered once, an answer is given up after half a second.
        terminal.seconds = seconds
        terminal.wait("post 1", 30)
        terminal.settle(0.6)
        terminal.send("j", "j", "j", "ctrl+q")
        # Where on the screen it stands, and whether it is broken there, is left to chance.
        terminal.wait(lambda _: re.search(rb"typed into the shell: .*\n", terminal.written))
        assert b"typed into the shell: nothing" in terminal.written
        assert ASKED in terminal.written


def test_a_terminal_that_never_answers_is_asked_no_more(tmp_path: Path) -> None:
    settle_in(tmp_path)
    argv = [sys.executable, "-m", "modtui"]
    with Terminal(argv, environment(tmp_path), answers=False) as terminal:
        terminal.wait("post 1", 30)
        for row in range(2, 9):
            terminal.send("j")
            on_row(terminal, row)
        terminal.settle(0.6)
        asked = terminal.written.count(ASKED)
        terminal.send("kkk")
        on_row(terminal, 5)
        assert 0 < asked == terminal.written.count(ASKED)
        assert leave(terminal) == 0


def written_by_moves(terminal: Terminal) -> int:
    """Return how many bytes three moves take."""
    terminal.settle(0.6)
    before = len(terminal.written)
    terminal.send("jjj")
    on_row(terminal, 4)
    terminal.settle(0.6)
    return len(terminal.written) - before


@pytest.mark.parametrize("how", ["option", "variable"])
def test_without_it_whole_frames_are_written(tmp_path: Path, how: str) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        few = written_by_moves(terminal)
    argv = [sys.executable, "-m", "modtui", *(["--no-diff"] if how == "option" else [])]
    more = {"MODTUI_NO_DIFF": "1"} if how == "variable" else {}
    with Terminal(argv, environment(tmp_path, **more)) as terminal:
        terminal.wait("post 1", 30)
        assert written_by_moves(terminal) > 2 * few
        assert ASKED not in terminal.written
        assert leave(terminal) == 0


def test_inside_tmux_nothing_is_asked(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, TMUX="/tmp/tmux-1/default,1,0") as terminal:
        terminal.send("jj")
        on_row(terminal, 3)
        assert ASKED not in terminal.written
        assert leave(terminal) == 0
