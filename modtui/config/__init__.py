"""The configuration: read whole, checked whole, every problem with its file and line.

`load` returns a frozen `Config`; what a connector asks of its account is checked by the
connector's own schema, in `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from modtui.config import books, sections
from modtui.config.authorities import read_ca_file
from modtui.config.calendars import known_zone, read_calendar
from modtui.config.keys import KeyWish, read_wishes
from modtui.config.leaks import find_leaks, without_echo
from modtui.config.paths import Paths, find_paths
from modtui.config.reader import (
    Cell,
    ConfigError,
    Problem,
    Source,
    Table,
    Where,
    nearest,
    parse_duration,
    read_source,
    shown,
)
from modtui.config.secrets import command_flaw, read_command
from modtui.config.sections import COMMON_KEYS, AccountTable, default_policy
from modtui.domain.frozen import dataclass
from modtui.domain.hours import Calendar, always
from modtui.domain.settings import Desk, Moderator
from modtui.domain.sla import Policy
from modtui.private import private_folder, write_private

__all__ = [
    "COMMON_KEYS",
    "GLYPHS",
    "AccountTable",
    "Config",
    "ConfigError",
    "KeyWish",
    "Paths",
    "Problem",
    "Where",
    "command_flaw",
    "default_policy",
    "find_paths",
    "known_zone",
    "load",
    "nearest",
    "parse_duration",
    "private_folder",
    "shown",
    "write_private",
]

HELP_REASONS = ("self-harm", "threat", "doxxing", "gambling", "minors", "self-exclusion")
NOW_REASONS = ("self-harm", "threat", "doxxing", "minors", "self-exclusion")
FOLD_REASONS = ("self-harm", "minors", "gore", "violence")
LISTS = ("account", "calendar", "sla", "severity", "rule", "team")
TABLES = (
    "moderator", "now", "help_routes", "library", "handover", "care", "checks", "spam",
    "translate",
)  # fmt: skip
SETTINGS = ("undo_window", "theme", "keymap", "secret_command", "ca_file", "notify", "glyphs")
GLYPHS = ("auto", "unicode", "ascii")
"""Marks and rules: as the terminal has them, with all of Unicode, or in ASCII."""
LONGEST_WINDOW = timedelta(minutes=5)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that was configured. `files` are those that were read, in order.
    `theme` is a name that only the app can check; `theme_at` is where it stands. `keys` are as
    they were written: the screens know which actions there are. `ca_file`: whom accounts trust
    that do not say so themselves. `glyphs` is one of GLYPHS. `rule_files` are those of checks and
    help routes that the team named."""

    desk: Desk
    policies: tuple[Policy, ...]
    calendars: Mapping[str, Calendar]
    accounts: tuple[AccountTable, ...]
    files: tuple[str, ...] = ()
    theme: str = ""
    theme_at: Where | None = None
    keys: tuple[KeyWish, ...] = ()
    ca_file: str = ""
    glyphs: str = "auto"
    rule_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """The files that were read, and the problems found on the way."""

    sources: tuple[Source, ...]
    problems: list[Problem]

    def table(self, name: str) -> Table:
        """The table `name` over all files, a later file's key winning; "" is the top level."""
        cells: dict[str, Cell] = {}
        where = Where(self.sources[-1].file if self.sources else "config.toml")
        for source in self.sources:
            data = source.data.get(name, {}) if name else source.data
            path = (name,) if name else ()
            if not isinstance(data, dict):
                self._wrong(source, name, f"is not a table: write [{name}]")
                continue
            if data:
                where = source.where(*path) if name else Where(source.file)
            cells |= source.cells(data, *path)
        return Table(name, where, cells, self.problems)

    def has(self, name: str) -> bool:
        """Whether any file has the table `name`, be it empty."""
        return any(name in source.data for source in self.sources)

    def tables(self, name: str) -> list[Table]:
        """Every entry of the list `name`, in the order of the files."""
        found: list[Table] = []
        for source in self.sources:
            entries = source.data.get(name, [])
            if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
                self._wrong(source, name, f"is not a list of tables: write [[{name}]]")
                continue
            for index, entry in enumerate(entries):
                cells = source.cells(entry, name, index)
                found.append(Table(name, source.where(name, index), cells, self.problems))
        return found

    def names(self, name: str) -> tuple[str, ...]:
        """The name of every entry of the list `name`, also of those with other problems."""
        cells = (table.cells.get("name") for table in self.tables(name))
        return tuple(dict.fromkeys(c.value for c in cells if c and isinstance(c.value, str)))

    def _wrong(self, source: Source, name: str, what: str) -> None:
        self.problems.append(Problem(source.where(name), name, what))


def _nothing(accounts: tuple[AccountTable, ...]) -> Iterable[Problem]:
    return ()


def load(
    paths: Paths,
    default: Moderator,
    inspect: Callable[[tuple[AccountTable, ...]], Iterable[Problem]] = _nothing,
) -> Config:
    """Return the configuration in `paths`; a missing file is an empty one.

    `default` says who the moderator is where the configuration does not; `inspect` returns what
    the connectors find wrong with the accounts, which may have other problems already. Raises
    ConfigError with every problem there is.
    """
    problems: list[Problem] = []
    reading = _Reading(_sources(paths, problems), problems)
    config = _read(reading, default)
    problems.extend(inspect(_accounts(reading)))
    keys, files = read_wishes(paths, reading.sources, problems)
    config = replace(config, keys=keys, files=(*config.files, *files))
    leaks = (leak for source in reading.sources for leak in find_leaks(source))
    if problems := without_echo(problems, leaks):
        order = [*(source.file for source in reading.sources), *files]
        raise ConfigError(sorted(set(problems), key=lambda problem: _rank(problem, order)))
    return config


def _accounts(reading: _Reading) -> tuple[AccountTable, ...]:
    top = reading.table("")
    command, trusted = read_command(top), read_ca_file(top)
    found = (sections.read_account(table, command, trusted) for table in reading.tables("account"))
    return tuple(account for account in found if account is not None)


def _rank(problem: Problem, files: list[str]) -> tuple[int, int]:
    file = problem.where.file
    return (files.index(file) if file in files else -1, problem.where.line or 0)


def _sources(paths: Paths, problems: list[Problem]) -> tuple[Source, ...]:
    files: list[Path] = []
    try:
        if paths.config_file.exists():
            files.append(paths.config_file)
        if paths.config_more.exists():
            # Not glob: it takes a folder that may not be read for an empty one.
            entries = sorted(paths.config_more.iterdir())
            files += [file for file in entries if file.suffix == ".toml"]
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        problems.append(Problem(Where(error.filename or str(paths.config)), "", what))
    if paths.config.exists() and not paths.config.is_dir():
        what = "there is a file in place of the folder: move it away"
        problems.append(Problem(Where(str(paths.config)), "", what))
    found = (read_source(file, problems) for file in files)
    return tuple(source for source in found if source is not None)


def _read(reading: _Reading, default: Moderator) -> Config:
    top = reading.table("")
    top.only((*LISTS, *TABLES, *SETTINGS))
    moderator = sections.read_moderator(reading.table("moderator"), default)
    command, trusted = read_command(top), read_ca_file(top)
    accounts = _unique(
        reading, "account", lambda table: sections.read_account(table, command, trusted)
    )
    names = reading.names("account")
    calendars = {"always": always(), **_unique(reading, "calendar", read_calendar)}
    # A broken calendar has its own problem: naming it is not a second one.
    known = {**dict.fromkeys(reading.names("calendar"), always()), **calendars}
    policies = _unique(reading, "sla", lambda table: sections.read_policy(table, known, names))
    return Config(
        desk=_desk(reading, moderator, names),
        policies=(*policies.values(), default_policy()),
        calendars=calendars,
        accounts=tuple(accounts.values()),
        files=tuple(source.file for source in reading.sources),
        theme=top.text("theme"),
        theme_at=top.place("theme"),
        ca_file=trusted,
        glyphs=top.choice("glyphs", GLYPHS, "auto"),
        rule_files=tuple(
            path
            for name in ("checks", "help_routes")
            for path in books.file_of(reading.table(name))
        ),
    )


def _desk(reading: _Reading, moderator: Moderator, accounts: tuple[str, ...]) -> Desk:
    now = reading.table("now")
    now.only(("reasons", "target"))
    routes = reading.table("help_routes")
    routes.only(("reasons", "file", "country", "countries"))
    library = reading.table("library")
    library.only(("folders",))
    checks = reading.table("checks")
    checks.only(("file",))
    care = reading.table("care")
    care.only(("fold_reasons", "fold_media"))
    rules = _unique(reading, "rule", sections.read_rule, key="id")
    teams = _unique(reading, "team", lambda table: sections.read_team(table, accounts))
    severities = [sections.read_severity(table) for table in reading.tables("severity")]
    return Desk(
        moderator=moderator,
        rules=tuple(rules.values()),
        teams=tuple(teams.values()),
        severity_rules=tuple(severities),
        help_reasons=routes.texts("reasons", HELP_REASONS),
        help_book=books.read_help_file(routes),
        spam=books.read_spam(reading.table("spam")) if reading.has("spam") else None,
        check_book=books.read_check_file(checks, accounts),
        country=books.read_country(routes),
        countries=books.read_countries(routes, accounts),
        now_reasons=now.texts("reasons", NOW_REASONS),
        now_target=now.duration("target", timedelta(minutes=15)) or timedelta(minutes=15),
        undo_window=_undo_window(reading.table("")),
        library_folders=books.read_folders(library),
        handover=sections.read_handover(reading.table("handover"), accounts),
        fold_reasons=care.texts("fold_reasons", FOLD_REASONS),
        fold_media=care.flag("fold_media"),
        notify=sections.read_notify(reading.table("")),
        translate=sections.read_translate(reading.table("translate")),
    )


def _undo_window(top: Table) -> timedelta:
    standard = timedelta(seconds=10)
    window = top.duration("undo_window", standard, days=False, zero=True)
    if window is not None and window > LONGEST_WINDOW:
        top.problem("undo_window", 'is too long: "0s" to "5m", as nothing is sent meanwhile')
    return standard if window is None else window


def _unique(
    reading: _Reading, name: str, read: Callable[[Table], T | None], key: str = "name"
) -> dict[str, T]:
    """Return what `read` makes of each entry of the list `name`, by its name; none twice."""
    found: dict[str, T] = {}
    seen: dict[str, Where] = {}
    for table in reading.tables(name):
        result = read(table)
        own = table.text(key)
        if own and own in seen:
            table.problem(key, f'"{own}" is there twice: the other is at {seen[own]}')
        elif own and result is not None:
            found[own] = result
        seen.setdefault(own, table.place(key))
    return found
