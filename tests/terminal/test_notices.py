"""What wakes a person: counts and nothing else, one of each for all that comes at once."""

from __future__ import annotations

import base64

import pytest

from modtui.terminal.clipboard import MOST_BYTES, clip
from modtui.terminal.notices import Announcer, has_title, notice, notifications, title


@pytest.mark.parametrize(
    ("now", "late", "shown"),
    [
        (0, 0, "modtui"),
        (1, 0, "modtui · 1 NOW"),
        (0, 3, "modtui · 3 late"),
        (1, 3, "modtui · 1 NOW · 3 late"),
    ],
)
def test_the_title_is_numbers(now: int, late: int, shown: str) -> None:
    assert title(now, late) == shown


@pytest.mark.parametrize(
    ("now", "late", "soon", "said"),
    [
        (1, 3, 0, "modtui: 1 NOW, 3 late"),
        (0, 0, 2, "modtui: 2 due soon"),
        (0, 0, 0, "modtui"),
    ],
)
def test_a_notice_is_numbers(now: int, late: int, soon: int, said: str) -> None:
    assert notice(now, late, soon) == said


def test_each_way_is_its_own_sequence() -> None:
    assert notifications(["bell", "title"], "x") == ""
    assert notifications(["osc9"], "x") == "\x1b]9;x\x07"
    assert notifications(["osc777"], "x") == "\x1b]777;notify;modtui;x\x07"
    assert notifications(["osc99"], "x") == "\x1b]99;;x\x1b\\"
    assert notifications(["tmux", "osc9"], "x") == "\x1bPtmux;\x1b\x1b]9;x\x07\x1b\\"
    assert notifications(["tmux", "osc99"], "x") == "\x1bPtmux;\x1b\x1b]99;;x\x1b\x1b\\\x1b\\"


@pytest.mark.parametrize(
    ("env", "has"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "linux"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
        ({"TERM": "screen", "STY": "1.tty"}, False),
    ],
)
def test_where_there_is_no_title_to_give_back_none_is_set(env: dict[str, str], has: bool) -> None:
    assert has_title(env) is has


class Line:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.asides: list[str] = []
        self.titles: list[str] = []

    def aside(self, data: str) -> None:
        self.asides.append(data)

    def set_title(self, title: str) -> None:
        self.titles.append(title)


def test_the_title_follows_at_its_own_pace_and_at_once_when_it_rings() -> None:
    line, clock = Line(), [0.0]
    told = Announcer(frozenset(("bell", "title", "osc9")), lambda: line, lambda: clock[0], True)
    told.stand(0, 0)
    clock[0] = 3.0
    for late in (1, 2, 3):
        told.stand(0, late)
    assert line.titles == ["modtui"]
    assert line.asides == []
    told.ring(1, 3, 0)
    assert line.titles == ["modtui", "modtui · 1 NOW · 3 late"]
    assert line.asides == ["\x07\x1b]9;modtui: 1 NOW, 3 late\x07"]
    clock[0] = 14.0
    told.stand(0, 3)
    told.stand(0, 3)
    assert line.titles[2:] == ["modtui · 3 late"]


def test_none_is_none() -> None:
    line = Line()
    told = Announcer(frozenset(("none",)), lambda: line, lambda: 0.0, False)
    told.ring(1, 1, 1)
    told.stand(1, 1)
    assert line.asides == line.titles == []


def test_what_is_copied_is_bounded_and_whole() -> None:
    sequence, words = clip("привет")
    assert base64.b64decode(sequence.removeprefix("\x1b]52;c;").rstrip("\x07")).decode() == "привет"
    assert words == "12 bytes copied"
    sequence, words = clip("я" * MOST_BYTES + "x")
    copied = base64.b64decode(sequence.removeprefix("\x1b]52;c;").rstrip("\x07")).decode()
    assert copied == "я" * (MOST_BYTES // 2)
    assert words == "65,536 bytes copied, cut: there are 131,073"
