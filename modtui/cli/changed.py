"""The files of the configuration as they change while modtui runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from modtui.cli.compose import Setup, set_up
from modtui.config import Config, ConfigError, Where
from modtui.domain.settings import Desk

if TYPE_CHECKING:
    from modtui.domain.help_routes import HelpBook
    from modtui.domain.wording import CheckBook

LOOK_EVERY = 2.0
_T = TypeVar("_T")
_SECTIONS = {
    "moderator": "[moderator]",
    "rules": "[[rule]]",
    "teams": "[[team]]",
    "severity_rules": "[[severity]]",
    "help_reasons": "[help_routes]",
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


class Changed(Generic[_T]):
    """Tells by their stamps that the files of a setup changed, and reads them anew."""

    def __init__(self, setup: Setup, read: Callable[[], _T]) -> None:
        self._setup = setup
        self._read = read
        self._broken: frozenset[str] = frozenset()
        self._stamps = self._look_at_files()
        self._written = not self._how(self._stamps)

    def look(self) -> _T | str | None:
        """Return what was read anew, what is wrong with it, or None where nothing changed."""
        stamps = self._look_at_files()
        if stamps == self._stamps:
            return None
        self._stamps = stamps
        is_so = self._how(stamps)
        if self._written and is_so:
            # An editor may write it anew; without it there would be no account and no reply.
            return f"{self._setup.paths.config_file.name} is {is_so}: put it back"
        self._written = not is_so
        try:
            fresh = self._read()
        except ConfigError as error:
            self._broken = frozenset(problem.where.file for problem in error.problems)
            self._stamps = {**self._look_at_files(), **stamps}
            first, rest = error.problems[0], len(error.problems) - 1
            more = f" (and {rest} more: modtui doctor)" if rest else ""
            return shortened(str(first)) + more
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
        self._broken = frozenset()
        return fresh

    def took(self, setup: Setup) -> None:
        """Look at the files that `setup` names from now on."""
        self._setup = setup

    def _how(self, stamps: Stamps) -> str:
        """Return how there is nothing in the configuration file, "" where there is something."""
        _, size = stamps.get(str(self._setup.paths.config_file), (0, None))
        return "gone" if size is None else "" if size else "empty"

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


class Ruled(Protocol):
    """What takes the team's own files of rules: `modtui.engine.wording.Wording`."""

    def take(self, checks: CheckBook | None, routes: HelpBook | None) -> None: ...


class ChangedRules:
    """Takes changed files of checks and help routes where there is no screen."""

    def __init__(
        self, setup: Setup, ruled: Callable[[], Ruled], environ: Mapping[str, str] = os.environ
    ) -> None:
        self._ruled = ruled
        self._setup, self._running = setup, setup.config
        self._changed = Changed(setup, lambda: set_up(environ))
        self._flawed = False

    def look(self) -> str:
        """Take what changed; return a line about it, "" where nothing did. Reads files."""
        fresh = self._changed.look()
        if fresh is None:
            return ""
        if isinstance(fresh, str):
            self._flawed = True
            return kept(fresh)
        taken = rules_taken(self._ruled, self._setup.config, fresh.config)
        self._changed.took(fresh)
        self._setup = fresh
        was_flawed, self._flawed = self._flawed, False
        later = later_on(self._running, fresh.config)
        if fresh.config.desk.library_folders != self._running.desk.library_folders:
            later += ("[library]",)
        return said_of(taken, later, was_flawed=was_flawed)

    async def follow(self, say: Callable[[str], None]) -> None:
        """Look every few seconds, for ever; `say` gets each line."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            line = await asyncio.to_thread(self.look)
            if line:
                say(line)


def rules_taken(ruled: Callable[[], Ruled], before: Config, after: Config) -> list[str]:
    """Let changed checks and help routes hold; return what they are called."""
    old, new = before.desk, after.desk
    taken = ["checks"] if new.check_book != old.check_book else []
    taken += ["help routes"] if new.help_book != old.help_book else []
    if taken:
        ruled().take(new.check_book, new.help_book)
    return taken


def later_on(running: Config, after: Config) -> tuple[str, ...]:
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


def said_of(taken: list[str], later: tuple[str, ...], *, was_flawed: bool) -> str:
    """Return what is told of a change; "" where it makes no difference."""
    parts = []
    if taken:
        parts.append(f"settings taken: {', '.join(taken)}")
    elif was_flawed and not later:
        parts.append("the settings can be read again: nothing changed")
    if later:
        parts.append(f"{', '.join(later)} changed: counts when modtui is started again")
    return "; ".join(parts)


def kept(flaw: str) -> str:
    """Return what is told where the files cannot be read."""
    return f"old settings kept: {flaw}"


def shortened(problem: str) -> str:
    """Return a problem with the file's name alone: the folder is the one of the configuration."""
    path, colon, rest = problem.partition(":")
    return f"{Path(path).name}{colon}{rest}" if colon else problem


def _as_written(config: Config) -> tuple[object, ...]:
    """Return the accounts wherever they stand in their files."""
    return tuple(replace(each, cells={}, where=Where("")) for each in config.accounts)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except (OSError, ValueError):
        # A name may have been written that no file can have.
        return None
    return found.st_mtime_ns, found.st_size
