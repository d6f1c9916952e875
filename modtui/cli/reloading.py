"""The configuration changed while the app runs: what can be taken at once is, the rest is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modtui.cli.changed import Changed, kept, later_on, rules_taken, said_of, shortened
from modtui.cli.compose import Setup, set_up
from modtui.cli.exits import Failure
from modtui.keymap import Keymap
from modtui.widgets.host import News

if TYPE_CHECKING:
    from modtui.app import ModTui
    from modtui.engine.library import Library
    from modtui.terminal.app import TerminalApp


class Reloader:
    """Watches the files of the configuration by their stamps. `look` runs on another thread; what
    it returns is run on the loop of the app."""

    def __init__(
        self,
        app: ModTui,
        setup: Setup,
        library: Library,
        paint: Callable[[TerminalApp[Any], Setup], Callable[[], tuple[str, ...]]],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._app = app
        self._setup = setup
        self._library = library
        self._paint = paint
        self._environ = environ
        self._flawed = False
        self._changed = Changed(setup, self._read)
        self._running = setup.config

    def look(self) -> Callable[[], News] | None:
        """Return what is to be done about a change, None where nothing changed."""
        fresh = self._changed.look()
        if fresh is None:
            return None
        if isinstance(fresh, str):
            flaw = fresh
            self._flawed = True
            return lambda: News(flaw=kept(flaw))
        setup, keymap = fresh
        return lambda: self._take(setup, keymap)

    def _read(self) -> tuple[Setup, Keymap]:
        from modtui.cli.keys import keymap_of

        fresh = set_up(self._environ)
        return fresh, keymap_of(fresh.config)

    def _take(self, fresh: Setup, keymap: Keymap) -> News:
        before, after, app = self._setup.config, fresh.config, self._app
        taken: list[str] = []
        name, worn = app.theme, app.get_theme(app.theme)
        theme = after.theme if after.theme != before.theme else name
        try:
            names = self._paint(app, _with_theme(fresh, theme))
        except Failure as failure:
            self._flawed = True
            return News(flaw=kept(shortened(str(failure).splitlines()[0])))
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
        taken += rules_taken(lambda: app.engine.wording, before, after)
        self._setup = fresh
        self._changed.took(fresh)
        was_flawed, self._flawed = self._flawed, False
        return News(said=said_of(taken, later_on(self._running, after), was_flawed=was_flawed))

    def _wear_again(self, theme: str) -> None:
        """Paint with a theme that has its name from before, and other colours."""
        self._app.theme = next(name for name in self._app.available_themes if name != theme)
        self._app.theme = theme


def _with_theme(setup: Setup, name: str) -> Setup:
    return replace(setup, config=replace(setup.config, theme=name))
