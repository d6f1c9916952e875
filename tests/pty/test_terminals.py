"""What is written to terminals that lack something, byte by byte."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pty.community import environment, leave, settle_in
from tests.pty.terminal import Terminal

PATIENCE = 60.0
SGR = re.compile(r"\x1b\[([\d;]*)m")
TRUE = re.compile(r"[34]8;2;\d+;\d+;\d+")
MANY = re.compile(r"[34]8;5;\d+")
MARKS = frozenset(("", "0", "1", "2", "3", "4", "7", "22", "23", "24", "27"))
DEFAULTS = frozenset(("39", "49"))
SIXTEEN = frozenset(str(base + n) for base in (30, 40, 90, 100) for n in range(8))
# Private sequences, and OSC, that a Linux console before 5.6 prints the end of.
PRINTED = re.compile(
    r"\x1b\[[<>=][\d;]*[A-Za-z]|\x1b\[[?\d;]*\$p|\x1b\]|\x1b\[\?10(?:00|03|06|15)h"
)


@contextmanager
def opened(home: Path, more: Mapping[str, str], *without: str) -> Iterator[Terminal]:
    """modtui at its queue, in 80 by 24, with `more` in its environment and `without` some of it.

    Its theme has a colour that no terminal knows by number.
    """
    settle_in(home)
    ours = (Path(__file__).parents[2] / "themes" / "night.toml").read_text("utf-8")
    folder = home / "modtui" / "themes"
    folder.mkdir(mode=0o700)
    (folder / "night.toml").write_text(ours.replace("#d0d0d0", "#d1d2d3"), "utf-8")
    env = {key: word for key, word in environment(home, **more).items() if key not in without}
    with Terminal([sys.executable, "-m", "modtui"], env, (80, 24)) as terminal:
        terminal.wait("post 1", PATIENCE)
        yield terminal


def looked_around(terminal: Terminal) -> str:
    """Move, open a sheet and a dialog, leave; return all that was written."""
    for keys, shows in (("j", "row 2 of"), ("?", "THE DEADLINE"), ("esc", ""), ("r", "Ctrl+S")):
        terminal.settle(0.6)
        terminal.send(keys)
        if shows:
            terminal.wait(shows, PATIENCE)
    terminal.settle(0.6)
    terminal.send("esc")
    assert leave(terminal) == 0
    return bytes(terminal.written).decode()


def parts(written: str) -> set[str]:
    """Every parameter of SGR that was written; a colour of many is one."""
    found: set[str] = set()
    for said in SGR.findall(written):
        short = MANY.sub("many", TRUE.sub("true", said))
        found.update(short.split(";"))
    return found


def no_colour(found: set[str]) -> bool:
    return found <= MARKS and "7" in found


def sixteen(found: set[str]) -> bool:
    return found <= MARKS | DEFAULTS | SIXTEEN and bool(found & SIXTEEN)


def many(found: set[str]) -> bool:
    return found <= MARKS | DEFAULTS | {"many"} and "many" in found


def true(found: set[str]) -> bool:
    return "true" in found


CASES: tuple[tuple[Mapping[str, str], Callable[[set[str]], bool]], ...] = (
    ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, no_colour),
    ({"NO_COLOR": "1", "MODTUI_NO_DIFF": "1"}, no_colour),
    ({"TERM": "xterm"}, sixteen),
    ({"TERM": "screen"}, sixteen),
    ({"TERM": "xterm-256color"}, many),
    ({"TERM": "screen-256color", "COLORTERM": "truecolor"}, many),
    ({"COLORTERM": "truecolor"}, true),
    ({"TERM": "dumb"}, no_colour),
)


@pytest.mark.parametrize(
    ("more", "fits"), CASES, ids=["-".join((*more, *more.values())) for more, _ in CASES]
)
def test_no_other_colours_are_written_than_the_terminal_has(
    tmp_path: Path, more: Mapping[str, str], fits: Callable[[set[str]], bool]
) -> None:
    with opened(tmp_path, more) as terminal:
        found = parts(looked_around(terminal))
    assert fits(found), found


@pytest.mark.parametrize(("term", "fits"), [("linux", sixteen), ("vt100", no_colour)])
def test_a_console_gets_nothing_that_it_would_print(
    tmp_path: Path, term: str, fits: Callable[[set[str]], bool]
) -> None:
    with opened(tmp_path, {"TERM": term}) as terminal:
        terminal.wait("\n>", PATIENCE)
        written = looked_around(terminal)
    assert fits(parts(written))
    assert PRINTED.findall(written) == []
    drawn = {letter for letter in written if not letter.isascii() and not letter.isalpha()}
    assert drawn == set()


@pytest.mark.parametrize(
    ("more", "without"), [({"LC_ALL": "C"}, ()), ({}, ("LANG", "LC_ALL"))], ids=["C", "unset"]
)
def test_a_locale_without_a_charset_gets_plain_marks_and_whole_texts(
    tmp_path: Path, more: Mapping[str, str], without: tuple[str, ...]
) -> None:
    with opened(tmp_path, more, "PYTHONUTF8", *without) as terminal:
        terminal.wait("\n>", PATIENCE)
        written = looked_around(terminal)
    drawn = {letter for letter in written if not letter.isascii() and not letter.isalpha()}
    assert drawn == set()
    assert "????" not in written
    assert any(not letter.isascii() for letter in written)


def test_a_terminal_of_another_charset_is_written_and_read_in_it(tmp_path: Path) -> None:
    with opened(tmp_path, {"LC_ALL": "ru_RU.KOI8-R"}, "PYTHONUTF8") as terminal:
        terminal.settle(0.6)
        terminal.send("/")
        terminal.wait("search titles", PATIENCE)
        typed = "Привет".encode("koi8-r")
        before = len(terminal.written)
        terminal.put(typed)
        for _ in range(100):
            if typed in terminal.written[before:]:
                break
            terminal.pump(0.2)
        assert typed in terminal.written[before:]
        terminal.send("esc")
        assert leave(terminal) == 0
    assert terminal.written.decode("koi8-r")
    assert not any(0x80 <= byte < 0xA0 for byte in terminal.written)


def test_the_setting_and_the_variable_choose_the_marks(tmp_path: Path) -> None:
    settle_in(tmp_path)
    argv = [sys.executable, "-m", "modtui", "demo", "--rate", "0"]
    with Terminal(argv, environment(tmp_path, MODTUI_GLYPHS="ascii"), (80, 24)) as terminal:
        terminal.wait("\n>", PATIENCE)
    with Terminal(argv, environment(tmp_path, MODTUI_GLYPHS="asci"), (80, 24)) as terminal:
        assert terminal.ended(PATIENCE) == 2
        assert 'MODTUI_GLYPHS: "asci" is not one of auto, unicode, ascii' in terminal.text
    file = tmp_path / "modtui" / "config.toml"
    file.write_text('glyphs = "unicode"\n' + file.read_text("utf-8"), encoding="utf-8")
    env = environment(tmp_path, TERM="linux")
    with Terminal([sys.executable, "-m", "modtui"], env, (80, 24)) as terminal:
        terminal.wait("\n▌", PATIENCE)
