"""What a terminal can show, by its environment."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from modtui.terminal.ability import (
    Ability,
    Colours,
    ability_of,
    charset_of,
    colours_of,
    has_light_background,
    is_bare,
)
from modtui.terminal.strings import harmless, unknown_to_bare

COLOURS: tuple[tuple[Mapping[str, str], Colours], ...] = (
    ({"TERM": "xterm"}, Colours.SIXTEEN),
    ({"TERM": "xterm-256color"}, Colours.MANY),
    ({"TERM": "xterm-direct"}, Colours.TRUE),
    ({"TERM": "xterm", "COLORTERM": "truecolor"}, Colours.TRUE),
    ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, Colours.TRUE),
    ({"TERM": "xterm-256color", "COLORTERM": "1"}, Colours.MANY),
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Colours.NONE),
    ({"TERM": "xterm-256color", "NO_COLOR": "", "TEXTUAL_COLOR_SYSTEM": "256"}, Colours.NONE),
    ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, Colours.TRUE),
    ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, Colours.SIXTEEN),
    ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "auto"}, Colours.SIXTEEN),
    ({"TERM": "xterm-kitty"}, Colours.MANY),
    ({"TERM": "alacritty"}, Colours.MANY),
    ({"TERM": "linux"}, Colours.SIXTEEN),
    ({"TERM": "linux", "COLORTERM": "truecolor"}, Colours.SIXTEEN),
    ({"TERM": "vt100"}, Colours.NONE),
    ({"TERM": "vte-256color"}, Colours.MANY),
    ({"TERM": "xterm-mono"}, Colours.NONE),
    ({"TERM": "dumb", "COLORTERM": "truecolor"}, Colours.NONE),
    ({}, Colours.NONE),
    ({"TERM": "screen"}, Colours.SIXTEEN),
    ({"TERM": "screen-256color", "COLORTERM": "truecolor"}, Colours.MANY),
    ({"TERM": "xterm-256color", "STY": "1.a", "COLORTERM": "truecolor"}, Colours.MANY),
    ({"TERM": "tmux-256color"}, Colours.MANY),
    ({"TERM": "screen-256color", "TMUX": "/a,1,0", "COLORTERM": "truecolor"}, Colours.TRUE),
)
CHARSETS: tuple[tuple[Mapping[str, str], str], ...] = (
    ({"LANG": "C.UTF-8"}, "utf-8"),
    ({"LANG": "en_GB.utf8"}, "utf-8"),
    ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, "ascii"),
    ({"LANG": "en_GB.UTF-8", "LC_CTYPE": "POSIX"}, "ascii"),
    ({"LANG": "C", "LC_ALL": "", "LC_CTYPE": "ru_RU.UTF-8"}, "utf-8"),
    ({"LC_ALL": "ru_RU.KOI8-R"}, "koi8-r"),
    ({"LC_ALL": "de_DE"}, "iso8859-1"),
    ({"LC_ALL": "de_DE@euro"}, "iso8859-15"),
    ({"LC_ALL": "xx_XX.nonsense"}, "ascii"),
    ({"LC_ALL": "xx_XX.UTF-16"}, "ascii"),
    ({"LC_ALL": "xx_XX.IBM037"}, "ascii"),
    ({"LC_ALL": "xx_XX.hex"}, "ascii"),
    ({"LC_ALL": "C", "PYTHONUTF8": "1"}, "utf-8"),
    ({"LC_ALL": "C", "PYTHONUTF8": "0"}, "ascii"),
    ({}, "ascii"),
)


@pytest.mark.parametrize(("env", "colours"), COLOURS)
def test_colours(env: Mapping[str, str], colours: Colours) -> None:
    assert colours_of(env) is colours


@pytest.mark.parametrize(("env", "charset"), CHARSETS)
def test_charset(env: Mapping[str, str], charset: str) -> None:
    assert charset_of(env, coerced=False) == charset


def test_a_locale_that_python_set_itself_says_nothing_of_the_terminal() -> None:
    assert charset_of({"LC_CTYPE": "C.UTF-8"}, coerced=True) == "ascii"
    assert charset_of({"LC_CTYPE": "C.UTF-8"}, coerced=False) == "utf-8"
    assert charset_of({"LC_CTYPE": "C.UTF-8", "LANG": "pl_PL.UTF-8"}, coerced=True) == "utf-8"


def test_marks_follow_the_charset_the_terminal_and_the_setting() -> None:
    utf, plain = {"TERM": "xterm", "LANG": "C.UTF-8"}, {"TERM": "xterm", "LANG": "C"}
    console = {"TERM": "linux", "LANG": "C.UTF-8"}
    sixteen = Colours.SIXTEEN
    assert ability_of(utf, "auto", coerced=False) == Ability(sixteen)
    assert ability_of(utf, "ascii", coerced=False) == Ability(sixteen, plain=True)
    assert ability_of(plain, "auto", coerced=False) == Ability(sixteen, True, "utf-8")
    other = {"TERM": "xterm", "LANG": "ru_RU.KOI8-R"}
    assert ability_of(other, "auto", coerced=False) == Ability(sixteen, True, "koi8-r")
    assert ability_of(plain, "unicode", coerced=False) == Ability(sixteen)
    assert ability_of(console, "auto", coerced=False) == Ability(sixteen, plain=True)
    assert ability_of(console, "unicode", coerced=False) == Ability(sixteen)


@pytest.mark.parametrize(
    ("said", "light"), [("15;0", False), ("0;15", True), ("0;default;7", True), ("", False)]
)
def test_a_light_background_is_said_by_the_terminal(said: str, light: bool) -> None:
    assert has_light_background({"COLORFGBG": said}) is light


def test_old_terminals_are_not_asked_what_they_would_print() -> None:
    assert [term for term in ("linux", "vt220", "dumb", "", "ansi") if not is_bare(term)] == []
    assert [term for term in ("xterm", "vte", "tmux", "screen") if is_bare(term)] == []
    for data in ("\x1b[>25u", "\x1b[<u", "\x1b[?2026$p", "\x1b[?1003h", "\x1b]22;default\x1b\\"):
        assert unknown_to_bare(data)
        assert harmless(data)
    for data in ("\x1b[?1003l", "\x1b[?25h", "\x1b[?1049h", "\x1b[6n", "\x1b[1m", "text"):
        assert not unknown_to_bare(data)
