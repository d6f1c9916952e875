"""The theme that was chosen in the app, written beside the user's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.cli.compose import Setup, set_up
from modtui.cli.theming import keep_theme

PLAIN = '[moderator]\nname = "mod-a"\ntimezone = "UTC"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(PLAIN, encoding="utf-8")
    return tmp_path


def setup(home: Path) -> Setup:
    return set_up({"MODTUI_HOME": str(home)})


def test_it_is_written_beside_the_users_file_and_read_at_the_next_start(home: Path) -> None:
    said = keep_theme(setup(home), "paper")
    assert said == f"theme paper, written to {home / 'config.d' / 'theme.toml'}"
    assert (home / "config.toml").read_text(encoding="utf-8") == PLAIN
    assert setup(home).config.theme == "paper"
    keep_theme(setup(home), "night")
    assert setup(home).config.theme == "night"


def test_it_wins_over_the_users_file_and_says_what_wins_over_it(home: Path) -> None:
    (home / "config.toml").write_text(f'theme = "mono"\n{PLAIN}', encoding="utf-8")
    keep_theme(setup(home), "paper")
    assert setup(home).config.theme == "paper"
    later = home / "config.d" / "zz.toml"
    later.write_text('theme = "mono"\n', encoding="utf-8")
    assert keep_theme(setup(home), "night").endswith(f'but {later}:1 says "mono" and wins')


def test_a_file_that_holds_something_else_is_left_alone(home: Path) -> None:
    folder = home / "config.d"
    folder.mkdir()
    other = '[[account]]\nname = "theme"\nconnector = "demo"\n'
    (folder / "theme.toml").write_text(other, encoding="utf-8")
    with pytest.raises(FileExistsError, match="something else than a theme"):
        keep_theme(setup(home), "paper")
    assert (folder / "theme.toml").read_text(encoding="utf-8") == other
