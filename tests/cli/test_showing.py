"""What is written to this terminal, by its environment and the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from modtui.cli.compose import set_up
from modtui.cli.exits import Failure
from modtui.cli.showing import ability, ability_words, standard_theme
from modtui.config import Config


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """No file, and nothing said of a terminal."""
    for name in ("NO_COLOR", "COLORTERM", "COLORFGBG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    home = str(tmp_path_factory.mktemp("home"))
    return set_up({"MODTUI_HOME": home, "HOME": home}).config


@pytest.mark.parametrize(
    ("env", "theme"),
    [
        ({"TERM": "xterm-256color"}, "night"),
        ({"TERM": "xterm"}, "terminal"),
        ({"TERM": "xterm", "COLORFGBG": "0;15"}, "terminal-light"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "terminal"),
    ],
)
def test_who_chose_no_theme_gets_one_that_the_terminal_can_show(
    env: Mapping[str, str], theme: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, word in env.items():
        monkeypatch.setenv(name, word)
    assert standard_theme() == theme


def test_the_variable_wins_over_the_setting(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert not ability(config).plain
    plain = replace(config, glyphs="ascii")
    assert ability(plain).plain
    monkeypatch.setenv("MODTUI_GLYPHS", "unicode")
    assert not ability(plain).plain
    monkeypatch.setenv("MODTUI_GLYPHS", "asci")
    with pytest.raises(Failure, match='MODTUI_GLYPHS: "asci" is not one of auto, unicode, ascii'):
        ability(config)


def test_doctor_says_what_is_written(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    said = "TERM is linux: 16 colours, marks in ASCII, texts in utf-8"
    assert ability_words(ability(config)) == said
