"""What is typed by no moderator: noise on the line, keys of another encoding, a double Enter."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.pty.community import leave, modtui, settle_in, told


@pytest.mark.parametrize("seed", range(3))
def test_noise_acts_on_nothing_and_ends_nothing(tmp_path: Path, seed: int) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        os.write(terminal.fd, Random(seed).randbytes(3000))
        terminal.settle(0.6)
        terminal.send("esc")
        terminal.settle(0.6)
        terminal.send("ctrl+l")
        terminal.wait("mine 0")
        assert leave(terminal) == 0
    assert told(tmp_path, "deliveries")["deliveries"] == []


def test_a_key_that_is_not_utf8_is_no_end(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        os.write(terminal.fd, b"\xe9\xff")
        terminal.settle()
        terminal.send("?")
        terminal.wait("ON THIS THREAD")
        terminal.send("q")
        assert leave(terminal) == 0


def test_one_escape_too_many_stays_in_the_queue(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.send("enter")
        terminal.wait("q back to the list")
        terminal.settle(0.6)
        terminal.send("qqq")
        terminal.wait("Enter opens the thread")
        assert leave(terminal) == 0
