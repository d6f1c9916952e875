"""The files of rules are read again while modtui runs, whatever is written into them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modtui.cli.changed import ChangedRules
from modtui.cli.compose import set_up
from modtui.domain.help_routes import HelpBook
from modtui.domain.wording import CheckBook

CONFIG = '[moderator]\nname = "mod-a"\ntimezone = "UTC"\n'
ROUTES = '[[route]]\nid = "gambling"\n[route.patterns]\nen = ["sausage"]\n'


class Ruled:
    """Counts the help routes that it is given."""

    def __init__(self) -> None:
        self.taken: list[HelpBook | None] = []

    def take(self, checks: CheckBook | None, routes: HelpBook | None) -> None:
        self.taken.append(routes)


class Files:
    """The configuration in a folder, and what follows it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ruled = folder, Ruled()
        self.write(CONFIG)
        environ = {**os.environ, "MODTUI_HOME": str(folder)}
        self.rules = ChangedRules(set_up(environ), lambda: self.ruled, environ)

    def write(self, text: str, name: str = "config.toml") -> None:
        file = self.folder / name
        before = file.stat().st_mtime_ns if file.exists() else 0
        file.write_text(text, encoding="utf-8")
        # Two writes within one tick of the file system's clock would bear the same time.
        os.utime(file, ns=(before + 1_000_000_000, before + 1_000_000_000))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    tmp_path.chmod(0o700)
    return Files(tmp_path)


def test_a_name_that_no_file_can_have_is_told_and_looked_past(files: Files) -> None:
    files.write(f'{CONFIG}[help_routes]\nfile = "r\\u0000.toml"\n')
    assert files.rules.look() == (
        "old settings kept: config.toml:5: help_routes.file:"
        " has a character that no name of a file can have"
    )
    assert files.rules.look() == ""
    files.write(CONFIG)
    assert files.rules.look() == "the settings can be read again: nothing changed"


def test_new_routes_are_taken_with_the_file_they_are_in(files: Files) -> None:
    files.write(ROUTES, "mine.toml")
    files.write(f'{CONFIG}[help_routes]\nfile = "mine.toml"\n')
    assert files.rules.look() == "settings taken: help routes"
    assert files.rules.look() == ""
    files.write(f'{ROUTES}ru = ["sosiska"]\n', "mine.toml")
    assert files.rules.look() == "settings taken: help routes"
    assert len(files.ruled.taken) == 2


def test_a_configuration_that_was_emptied_is_not_taken(files: Files) -> None:
    files.write(f'{CONFIG}[help_routes]\nfile = "routes.toml"\n')
    files.write(ROUTES, "routes.toml")
    assert files.rules.look() == "settings taken: help routes"
    files.write("")
    assert files.rules.look() == "old settings kept: config.toml is empty: put it back"
    assert len(files.ruled.taken) == 1
    files.write(f'{CONFIG}[help_routes]\nfile = "routes.toml"\n')
    assert files.rules.look() == "the settings can be read again: nothing changed"


def test_one_that_was_empty_from_the_beginning_may_stay_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "config.toml").touch()
    environ = {**os.environ, "MODTUI_HOME": str(tmp_path)}
    rules = ChangedRules(set_up(environ), Ruled, environ)
    os.utime(tmp_path / "config.toml", ns=(1, 1))
    assert "put it back" not in rules.look()
