"""Windows that are pulled at: in storms, and to sizes that show nothing."""

from __future__ import annotations

import random
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pty.community import Community, environment, leave, modtui, settle_in
from tests.pty.terminal import Terminal, Timeout

SIZES = ((20, 5), (40, 12), (59, 19), (60, 20), (80, 24), (100, 30), (120, 40), (300, 100))


def storm(terminal: Terminal, letters: str, seed: int) -> None:
    """Two hundred other sizes within a second, and `letters` typed among them."""
    dice, left = random.Random(seed), list(letters)
    began = time.monotonic()
    for number in range(200):
        terminal.resize(dice.choice(SIZES))
        if left and number % 5 == 0:
            terminal.send(left.pop(0))
        due = began + (number + 1) / 200
        while (wait := due - time.monotonic()) > 0:
            terminal.pump(wait)
    assert not left


CLOCK = re.compile(r"[\s!-]*\d+(?::\d\d|m\b)?")


def whole(terminal: Terminal) -> list[str]:
    """The rows above the messages, when all is painted; clocks and arrivals go on."""
    return [CLOCK.sub("0", line) for line in terminal.lines[3:-3]]


def equals_a_fresh_paint(terminal: Terminal) -> None:
    """What is shown is what Ctrl+L paints onto an empty screen."""
    for _ in range(5):
        terminal.settle(0.5)
        before = whole(terminal)
        assert "".join(before).strip()
        terminal.screen.reset()
        terminal.send("ctrl+l")
        with suppress(Timeout):
            terminal.wait(lambda _, before=before: whole(terminal) == before, 10)
            return
    assert whole(terminal) == before


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
def test_a_storm_loses_no_letter_and_no_cell(tmp_path: Path, more: dict[str, str]) -> None:
    settle_in(tmp_path, Community(rate=120))
    text = "the quick brown fox jumps over a dog"
    with modtui(tmp_path, (120, 40), **more) as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        storm(terminal, text, 7)
        terminal.resize((120, 40))
        terminal.wait(text, 30)
        terminal.wait("reply to the thread")
        terminal.send("esc")
        terminal.wait(lambda shown: "reply to the thread" not in shown)
        equals_a_fresh_paint(terminal)
        assert leave(terminal) == 0


def test_a_storm_over_the_queue_moves_as_far_as_was_pressed(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (120, 40)) as terminal:
        terminal.settle(0.6)
        storm(terminal, "jjjjjjjjjjkkkk", 11)
        terminal.resize((120, 40))
        terminal.wait(lambda _: terminal.lines[2 + 7].startswith("▌"), 30)
        equals_a_fresh_paint(terminal)
        assert leave(terminal) == 0


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
def test_a_window_that_is_back_at_once_is_painted_whole(
    tmp_path: Path, more: dict[str, str]
) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (120, 40), **more) as terminal:

        def shown() -> list[str]:
            # Without the clocks of the list and the news, of which wide windows have two rows.
            return [line[10:] for line in whole(terminal)[:-1]]

        terminal.wait("1 Withdrawal times")  # by words: the library has been read
        terminal.settle(1.0)
        before = shown()
        for pause in (0.0, 0.001, 0.002, 0.004, 0.006, 0.009) * 3:
            terminal.resize((60, 20))
            time.sleep(pause)
            terminal.resize((120, 40))
            terminal.screen.reset()  # a terminal keeps nothing that a small window did not show
            terminal.wait(lambda _: shown() == before)
        assert leave(terminal) == 0


@pytest.mark.parametrize("size", [(59, 24), (80, 19), (20, 5), (10, 2), (1, 1)])
def test_a_window_too_small_says_so_in_one_line_and_comes_back(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.wait("1 Withdrawal times")  # by words: the library has been read
        before = whole(terminal)
        terminal.resize(size)
        terminal.kill(signal.SIGWINCH)
        terminal.wait(lambda _: len([line for line in terminal.lines if line.strip()]) <= 1)
        if size[0] >= 20:
            terminal.wait("60×20")
            terminal.wait(f"{size[0]}×{size[1]}")
        terminal.settle(0.6)
        assert len([line for line in terminal.lines if line.strip()]) <= 1
        terminal.send("x", "enter")
        terminal.settle()
        terminal.resize((80, 24))
        terminal.wait(lambda _: whole(terminal) == before)
        assert leave(terminal) == 0


class Reporting(Terminal):
    """A terminal that reports its size itself when it is asked to, as kitty and foot do."""

    def take(self, data: bytes) -> None:
        super().take(data)
        if b"\x1b[?2048$p" in data:
            self.put(b"\x1b[?2048;2$y")
        if b"\x1b[?2048h" in data:
            self.report((self.screen.columns, self.screen.lines))

    def report(self, size: tuple[int, int]) -> None:
        """Say that the window is of this size, its cells 10 by 20 pixels."""
        columns, rows = size
        self.put(f"\x1b[48;{rows};{columns};{rows * 20};{columns * 10}t".encode())


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
@pytest.mark.parametrize("order", ["before", "after", "never"])
def test_a_size_that_is_reported_before_or_after_the_window_has_it_is_painted(
    tmp_path: Path, order: str, more: dict[str, str]
) -> None:
    settle_in(tmp_path)
    argv = [sys.executable, "-m", "modtui"]
    with Reporting(argv, environment(tmp_path, **more), (80, 24)) as terminal:
        terminal.wait("post 1")
        for size in ((120, 40), (80, 24)):
            if order == "before":
                terminal.report(size)
                terminal.settle(0.5)
            terminal.screen.reset()
            terminal.resize(size)
            if order == "after":
                terminal.settle(0.5)
                terminal.report(size)
            terminal.wait(lambda text: "post 1" in text and "? all" in text.splitlines()[-1])
            assert ("unowned" in terminal.lines[0]) is (size == (120, 40))
            equals_a_fresh_paint(terminal)
        terminal.put(b"\x1b[<0;105;85M\x1b[<0;105;85m")
        terminal.wait(lambda _: terminal.lines[4].startswith("▌"))
        assert leave(terminal) == 0


@pytest.mark.parametrize(("key", "shows"), [("r", "reply to the thread"), ("m", "Enter keeps")])
def test_a_dialog_in_a_window_too_small_is_covered_too(
    tmp_path: Path, key: str, shows: str
) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.settle(0.6)
        terminal.send(key)
        terminal.wait(shows)
        terminal.settle(0.6)
        terminal.resize((59, 24))
        terminal.wait("60×20; this one is 59×24")
        terminal.wait(lambda text: len([line for line in text.splitlines() if line]) == 1)
        terminal.send("kept")
        terminal.settle()
        terminal.resize((80, 24))
        terminal.wait(lambda text: shows in text and "kept" in text)


def test_a_window_too_small_at_the_start_says_so(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        assert leave(terminal) == 0
    import sys

    from tests.pty.community import environment

    argv = [sys.executable, "-m", "modtui"]
    with Terminal(argv, environment(tmp_path), (40, 10)) as terminal:
        terminal.wait("40×10: needs 60×20")
        assert len([line for line in terminal.lines if line.strip()]) == 1
        terminal.resize((80, 24))
        terminal.wait("post 1")
        assert "needs" not in terminal.text
        assert leave(terminal) == 0
