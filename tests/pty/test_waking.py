"""Waking a tired person, and copying: what of it reaches the terminal, byte by byte."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from tests.pty.community import Community, leave, modtui, settle_in
from tests.pty.modes import CLEAN, modes

OSC = re.compile(rb"\x1b\](\d+)([^\x07\x1b]*)(?:\x07|\x1b\\)")
TITLE = re.compile(rb";modtui( \xc2\xb7 \d+ NOW)?( \xc2\xb7 \d+ late)?")
NOTICE = re.compile(rb"modtui(: \d+ NOW)?(: |, )?(\d+ late)?(, |: )?(\d+ due soon)?")
LANE = Community(now=("spam", "insult", "threat"))


def commands(written: bytes, number: bytes) -> list[bytes]:
    """The texts of the OSC sequences with this number."""
    return [text for found, text in OSC.findall(written) if found == number]


def bells(written: bytes) -> int:
    return OSC.sub(b"", written).count(b"\x07")


def test_a_burst_is_one_bell_and_one_title_with_numbers_alone(tmp_path: Path) -> None:
    settle_in(tmp_path, LANE)
    with modtui(tmp_path) as terminal:
        terminal.wait(lambda _: bells(terminal.written) > 0)
        terminal.wait(lambda text: re.search(r"[1-9]\d* NOW", text) is not None)
        terminal.wait(lambda _: b"NOW" in b"".join(commands(terminal.written, b"2")))
        terminal.settle(1.0)
        titles = commands(terminal.written, b"2")
        assert bells(terminal.written) == 1
        assert len(titles) <= 2
        assert b"NOW" in titles[-1]
        assert all(TITLE.fullmatch(each) for each in titles)
        assert terminal.written.count(b"\x1b[22;0t") == 1
        assert leave(terminal) == 0
        terminal.pump(0)
        assert modes(terminal.written) == CLEAN
        assert not commands(terminal.written, b"52")
        assert {number for number, _ in OSC.findall(terminal.written)} <= {b"2", b"22"}


def test_notifications_are_sent_where_they_are_asked_for(tmp_path: Path) -> None:
    ways = ("osc9", "osc777", "osc99")
    settle_in(tmp_path, Community(now=LANE.now, notify=ways))
    with modtui(tmp_path) as terminal:
        terminal.wait(lambda _: bool(commands(terminal.written, b"99")))
        terminal.settle(1.0)
        written = bytes(terminal.written)
    assert bells(written) == 0
    assert not commands(written, b"2")
    (nine,), (triple,), (kitty,) = (commands(written, n) for n in (b"9", b"777", b"99"))
    assert NOTICE.fullmatch(nine.removeprefix(b";"))
    assert b"NOW" in nine
    assert triple == b";notify;modtui" + nine
    assert kitty == b";" + nine


def test_a_console_is_sent_no_sequence_that_it_would_print(tmp_path: Path) -> None:
    settle_in(tmp_path, Community(now=LANE.now, notify=("bell", "osc9", "osc777", "osc99")))
    with modtui(tmp_path, (80, 24), TERM="linux") as terminal:
        terminal.wait(lambda _: bells(terminal.written) > 0)
        terminal.settle(0.6)
        terminal.send("o")
        terminal.wait("copy the link")
        terminal.settle(0.6)
        terminal.send("c")
        terminal.wait("this terminal has no clipboard")
        assert leave(terminal) == 0
        terminal.pump(0)
        assert OSC.findall(terminal.written) == []


@pytest.mark.parametrize("more", [{"TERM": "linux"}, {"STY": "1.pts"}], ids=["linux", "screen"])
def test_no_title_where_it_could_not_be_given_back(tmp_path: Path, more: dict[str, str]) -> None:
    settle_in(tmp_path, LANE)
    with modtui(tmp_path, **more) as terminal:
        terminal.wait(lambda _: bells(terminal.written) > 0)
        assert leave(terminal) == 0
        assert not commands(terminal.written, b"2")
        assert b"\x1b[22;0t" not in terminal.written


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "1"}], ids=["diff", "plain"])
def test_copying_takes_a_key_that_says_so(tmp_path: Path, more: dict[str, str]) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path, **more) as terminal:
        terminal.send("o")
        terminal.wait("copy the link")
        terminal.settle()
        assert not commands(terminal.written, b"52")
        terminal.send("c")
        terminal.wait("the link:")
        (link,) = commands(terminal.written, b"52")
        text = base64.b64decode(link.removeprefix(b";c;")).decode()
        assert text.startswith("https://")
        terminal.send("t")
        terminal.wait("the text:")
        _, post = commands(terminal.written, b"52")
        words = base64.b64decode(post.removeprefix(b";c;")).decode().split()
        terminal.send("q")
        terminal.settle()
        assert words[0] in terminal.text
        assert leave(terminal) == 0
        assert len(commands(terminal.written, b"52")) == 2


def test_a_text_box_copies_nothing_to_the_outside(tmp_path: Path) -> None:
    settle_in(tmp_path)
    with modtui(tmp_path) as terminal:
        terminal.settle(0.6)
        terminal.send("r")
        terminal.wait("reply to the thread")
        terminal.settle()
        terminal.send("half a sent")
        terminal.wait("half a sent")
        terminal.send("\x1b[1;2H")
        terminal.settle()
        terminal.send("\x18")
        terminal.wait(lambda text: "half a sent" not in text)
        terminal.send("\x16")
        terminal.wait("half a sent")
        assert not commands(terminal.written, b"52")
