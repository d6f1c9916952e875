"""The configuration changed while the app runs: what can be taken at once is, the rest is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modtui.cli.compose import Setup, set_up
from modtui.cli.exits import Failure
from modtui.config import Config, ConfigError, Where
from modtui.domain.settings import Desk
from modtui.keymap import Keymap
from modtui.widgets.host import News

if TYPE_CHECKING:
    from modtui.app import ModTui
    from modtui.engine.library import Library
    from modtui.terminal.app import TerminalApp

_SECTIONS = {
    "moderator": "[moderator]",
    "rules": "[[rule]]",
    "teams": "[[team]]",
    "severity_rules": "[[severity]]",
    "help_reasons": "[help_routes]",
    "help_book": "[help_routes]",
    "spam": "[spam]",
    "country": "[help_routes]",
    "countries": "[help_routes]",
    "now_reasons": "[now]",
    "now_target": "[now]",
    "undo_window": "undo_window",
    "fold_reasons": "[care]",
    "fold_media": "[care]",
    "handover": "[handover]",
    "translate": "[translate]",
}

Stamps = Mapping[str, tuple[int, int]]


class Reloader:
    """Watches the files of the configuration by their stamps. `look` runs on another thread; what
    it returns is run on the loop of the app."""

    def __init__(
        self,
        app: ModTui,
        setup: Setup,
        library: Library,
        paint: Callable[[TerminalApp[Any], Setup], tuple[str, ...]],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._app = app
        self._setup = setup
        self._library = library
        self._paint = paint
        self._environ = environ
        self._flawed = False
        self._broken: frozenset[str] = frozenset()
        self._stamps = self._look_at_files()
        self._running = setup.config

    def look(self) -> Callable[[], News] | None:
        """Return what is to be done about a change, None where nothing changed."""
        stamps = self._look_at_files()
        if stamps == self._stamps:
            return None
        self._stamps = stamps
        from modtui.cli.keys import keymap_of

        try:
            fresh = set_up(self._environ)
            keymap = keymap_of(fresh.config)
            self._broken = frozenset()
        except ConfigError as error:
            self._flawed = True
            self._broken = frozenset(problem.where.file for problem in error.problems)
            self._stamps = {**self._look_at_files(), **stamps}
            first, rest = error.problems[0], len(error.problems) - 1
            more = f" (and {rest} more: modtui doctor)" if rest else ""
            flaw = _short(str(first)) + more
            return lambda: _kept(flaw)
        except OSError as error:
            flaw = f"{error.filename}: {error.strerror}"
            return lambda: _kept(flaw)

        def take() -> News:
            return self._take(fresh, keymap)

        return take

    def _take(self, fresh: Setup, keymap: Keymap) -> News:
        before, after, app = self._setup.config, fresh.config, self._app
        taken: list[str] = []
        name, worn = app.theme, app.get_theme(app.theme)
        theme = after.theme if after.theme != before.theme else name
        try:
            names = self._paint(app, _with_theme(fresh, theme))
        except Failure as failure:
            self._flawed = True
            return _kept(_short(str(failure).splitlines()[0]))
        app.themes = replace(app.themes, names=names)
        if app.theme != name:
            taken.append(f"theme {app.theme}")
        elif app.get_theme(name) != worn:
            self._wear_again(name)
            taken.append(f"the colours of {name}")
        if keymap.moved != app.keymap.moved:
            app.change_keys(keymap)
            taken.append("keys")
        if after.desk.library_folders != before.desk.library_folders:
            self._library.folders = tuple(Path(each) for each in after.desk.library_folders)
            taken.append("library folders")
        if after.desk.check_book != before.desk.check_book:
            app.engine.wording.take(after.desk.check_book)
            taken.append("checks")
        self._setup = fresh
        later = _later(self._running, after)
        was_flawed, self._flawed = self._flawed, False
        return News(said=_said(taken, later, was_flawed))

    def _wear_again(self, theme: str) -> None:
        """Paint with a theme that has its name from before, and other colours."""
        self._app.theme = next(name for name in self._app.available_themes if name != theme)
        self._app.theme = theme

    def _look_at_files(self) -> Stamps:
        paths = self._setup.paths
        named = {wish.where.file for wish in self._setup.config.keys}
        files = [paths.config_file, paths.keymap_file, *(paths.config / name for name in named)]
        files += map(Path, (*self._setup.config.rule_files, *self._broken))
        for folder in (paths.config_more, paths.themes):
            try:
                files += [each for each in folder.iterdir() if each.suffix == ".toml"]
            except OSError:
                continue
        return {str(file): stamp for file in files if (stamp := _stamp(file)) is not None}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _with_theme(setup: Setup, name: str) -> Setup:
    return replace(setup, config=replace(setup.config, theme=name))


def _later(running: Config, after: Config) -> tuple[str, ...]:
    """Return the sections that differ from those that the engine runs on."""
    found = [
        _SECTIONS[each.name]
        for each in fields(Desk)
        if each.name in _SECTIONS
        and getattr(running.desk, each.name) != getattr(after.desk, each.name)
    ]
    if running.glyphs != after.glyphs:
        found.append("glyphs")
    if _as_written(running) != _as_written(after):
        found.append("[[account]]")
    if running.policies != after.policies or running.calendars != after.calendars:
        found.append("[[sla]] and [[calendar]]")
    return tuple(dict.fromkeys(found))


def _as_written(config: Config) -> tuple[object, ...]:
    """Return the accounts wherever they stand in their files."""
    return tuple(replace(each, cells={}, where=Where("")) for each in config.accounts)


def _said(taken: list[str], later: tuple[str, ...], was_flawed: bool) -> str:
    parts = []
    if taken:
        parts.append(f"settings taken: {', '.join(taken)}")
    elif was_flawed and not later:
        parts.append("the settings can be read again: nothing changed")
    if later:
        parts.append(f"{', '.join(later)} changed: counts when modtui is started again")
    return "; ".join(parts)


def _kept(flaw: str) -> News:
    return News(flaw=f"old settings kept: {flaw}")


def _short(problem: str) -> str:
    """Return a problem with the file's name alone: the folder is the one of the configuration."""
    path, colon, rest = problem.partition(":")
    return f"{Path(path).name}{colon}{rest}" if colon else problem
