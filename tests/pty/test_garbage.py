"""What is typed by no moderator: noise on the line, keys of another encoding, a double Enter."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.pty.community import leave, modtui, settle_in, told
from tests.pty.terminal import Terminal, Timeout
from tests.pty.test_lost_lines import drafts


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


UNFINISHED = {
    "escape": b"\x1b",
    "csi": b"\x1b[",
    "csi of 8 bits": b"\x9b",
    "csi of 8 bits in UTF-8": b"\xc2\x9b",
    "string": b"\x1b]52;c;ZZ",
    "letter": b"\xe2\x82",
    "mouse": b"\x1b[<0;",
    "paste": b"\x1b[200~",
    "end of a paste": b"\x1b[200~j\x1b[20",
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_what_noise_began_and_did_not_end_takes_no_key_for_long(tmp_path: Path, name: str) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        os.write(terminal.fd, UNFINISHED[name])
        terminal.settle(0.6)
        for _ in range(3):
            # A key that a paste takes may keep it open for as long again.
            terminal.send("?")
            with suppress(Timeout):
                terminal.wait("ON THIS THREAD", 5)
                break
        terminal.wait("ON THIS THREAD", 0)
        terminal.send("ctrl+q")
        assert terminal.ended() == 0


@pytest.mark.parametrize("key", ["r", "m", "1", "f", "?"])
def test_ctrl_q_leaves_over_a_dialog_too_and_keeps_what_is_written(
    tmp_path: Path, key: str
) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, (80, 24)) as terminal:
        terminal.settle(0.6)
        terminal.send(key)
        terminal.wait(lambda text: "Esc" in text.splitlines()[-1] or "q close" in text)
        terminal.send("ctrl+l")
        terminal.settle()
        if key == "r":
            terminal.send("half a sent")
            terminal.wait("half a sent")
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    assert drafts(tmp_path) == (["half a sent"] if key == "r" else [])


def paste(terminal: Terminal, text: str) -> None:
    """Paste, as a terminal does that was asked to say so."""
    data = f"\x1b[200~{text}\x1b[201~".encode()
    while data:
        # A line that is full takes a part of it.
        data = data[os.write(terminal.fd, data[:1024]) :]
        terminal.pump(0)


def test_a_paste_of_a_megabyte_acts_on_nothing_and_is_kept_whole(tmp_path: Path) -> None:
    settle_in(tmp_path)
    line = "a line of somebody's {}log{}, 12 words, xdaeb!\n"
    text = line.format("\x1b[31m", "\x1b[0m") * 20_000
    meant = line.format("[31m", "[0m") * 20_000
    with modtui(tmp_path, (80, 24)) as terminal:
        # No terminal answers in the middle of a paste.
        terminal.answers = False
        terminal.settle(0.6)
        paste(terminal, text)
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle(0.6)
        paste(terminal, text)
        terminal.wait(lambda _: [len(each) for each in drafts(tmp_path)] == [len(meant)])
        terminal.send("esc")
        terminal.wait("d done  a keep")
        terminal.send("?")
        terminal.wait("ON THIS THREAD")
        terminal.send("ctrl+q")
        assert terminal.ended() == 0
    assert drafts(tmp_path) == [meant]
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
