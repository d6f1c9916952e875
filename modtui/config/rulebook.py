"""The files of rules that a team owns, each checked key by key: help routes and checks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modtui.config.reader import Cell, Problem, Source, Table, nearest, read_source, shown
from modtui.domain.help_routes import EVERYWHERE, HelpBook, Pattern, by_head, pattern

if TYPE_CHECKING:
    from modtui.domain.wording import CheckBook, Level

SHIPPED = Path(__file__).resolve().parent.parent / "rulebook"
"""Where the files are that came with modtui."""

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_COUNTRY = re.compile(rf"[A-Z]{{2}}|{EVERYWHERE}")
_ROUTE = re.compile(r"[a-z][a-z0-9-]*")


def read_help_book(path: Path, problems: list[Problem]) -> HelpBook | None:
    """Return the help routes of the file at `path`; None with its problems noted."""
    # It is long, and only of a problem it is asked on which line it stands.
    book = _help_book(path, [], places=False)
    return _help_book(path, problems, places=True) if book is None else book


def _help_book(path: Path, problems: list[Problem], *, places: bool) -> HelpBook | None:
    source = read_source(path, problems, places=places)
    if source is None:
        return None
    before = len(problems)
    top(source, problems).only(("disclaimer", "emergency", "route"))
    patterns: list[Pattern] = []
    links: dict[str, Mapping[str, str]] = {}
    for index, table in tables(source, "route", problems):
        table.only(("id", "links", "patterns", "unless"))
        route = table.text("id", required=True)
        if route and not _ROUTE.fullmatch(route):
            table.problem("id", f'"{route}" is not a route: a to z, 0 to 9 and -')
        if route in links:
            table.problem("id", f'"{route}" is there twice')
        where, said, unless = (
            words(source, ("route", index, key), table.cells.get(key), problems)
            for key in ("links", "patterns", "unless")
        )
        links[route] = where.named(_COUNTRY, "a country such as PL")
        patterns += _patterns(said, route, opens=True)
        patterns += _patterns(unless, route, opens=False)
    book = HelpBook(
        by_head(patterns),
        links,
        inner(source, "disclaimer", problems).named(_LANGUAGE, "a language such as en"),
        inner(source, "emergency", problems).named(_COUNTRY, "a country such as PL"),
    )
    return book if len(problems) == before else None


def _patterns(table: Words, route: str, *, opens: bool) -> Iterator[Pattern]:
    for key, text in table.lists(_LANGUAGE, "a language such as en"):
        try:
            yield pattern(route, text, opens=opens)
        except ValueError as error:
            table.problem(key, str(error))


class Words(Table):
    """A table whose keys are not known beforehand: by language, by country, by account."""

    def named(self, keys: re.Pattern[str], what: str) -> Mapping[str, str]:
        """Return a text for each key that `keys` fits, which is called `what`."""
        return {key: self.text(key) for key in self._fitting(keys, what)}

    def lists(self, keys: re.Pattern[str], what: str) -> Iterator[tuple[str, str]]:
        """Yield each text of each list, with its key."""
        for key in self._fitting(keys, what):
            for text in self.texts(key):
                yield key, text

    def _fitting(self, keys: re.Pattern[str], what: str) -> Iterator[str]:
        for key in self.cells:
            if keys.fullmatch(key):
                yield key
            else:
                self.problem(key, f"is not {what}")


def top(source: Source, problems: list[Problem]) -> Table:
    """Return the top level of a file."""
    return Table("", source.where(), source.cells(source.data), problems)


def tables(source: Source, name: str, problems: list[Problem]) -> Iterator[tuple[int, Table]]:
    """Yield each table of the list `name`, with its place in it."""
    found = source.data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        problems.append(Problem(source.where(name), name, f"is no list: write [[{name}]]"))
        return
    for index, each in enumerate(found):
        cells = source.cells(each, name, index)
        yield index, Table(name, source.where(name, index), cells, problems)


def inner(source: Source, name: str, problems: list[Problem]) -> Words:
    """Return the table `name` of a file, empty where it is missing or none."""
    return words(source, (name,), top(source, problems).cells.get(name), problems)


def words(
    source: Source, path: tuple[str | int, ...], cell: Cell | None, problems: list[Problem]
) -> Words:
    """Return the table at `path`, whose `cell` is None where it is missing."""
    where, name = source.where(*path), ".".join(str(part) for part in path if isinstance(part, str))
    value = {} if cell is None else cell.value
    if not isinstance(value, dict):
        problems.append(Problem(where, name, f"{shown(value)} is not a table: write [{name}]"))
        value = {}
    return Words(name, where, source.cells(value, *path), problems)


def read_check_book(
    path: Path, problems: list[Problem], accounts: Collection[str] | None = None
) -> CheckBook | None:
    """Return the checks of the file at `path`; None with its problems noted. `accounts`: those
    that may have levels of their own."""
    from modtui.domain.wording import CheckBook

    source = read_source(path, problems)
    if source is None:
        return None
    before = len(problems)
    top(source, problems).only(
        ("levels", "accounts", "stop_words", "next_steps", "personal_data", "partner_links", "utm")
    )
    data, partners, utm = (
        inner(source, name, problems) for name in ("personal_data", "partner_links", "utm")
    )
    data.only(("allow",))
    partners.only(("hosts", "labels"))
    utm.only(("hosts", "tags"))
    tags = words(source, ("utm", "tags"), utm.cells.get("tags"), problems)
    book = CheckBook(
        _levels(inner(source, "levels", problems)),
        dict(_own_levels(source, problems, accounts)),
        by_head(_patterns(inner(source, "stop_words", problems), "", opens=True)),
        by_head(_patterns(inner(source, "next_steps", problems), "", opens=True)),
        data.texts("allow"),
        _hosts(partners),
        partners.texts("labels"),
        _hosts(utm),
        {tag: tags.text(tag) for tag in tags.cells},
    )
    return book if len(problems) == before else None


def _hosts(table: Table) -> tuple[str, ...]:
    """The hosts of a table. A link or a mark for "all below" would be found in no link."""
    hosts = table.texts("hosts")
    for host in hosts:
        if not _HOST.fullmatch(host):
            found = _HOST.search(host)
            such = found[0] if found else "example.org"
            table.problem("hosts", f'"{host}" is not a host, such as "{such}"')
    return hosts


def _levels(table: Table) -> Mapping[str, Level]:
    from modtui.domain.wording import RULES, Level

    table.only(tuple(RULES))
    allowed = [level.value for level in Level]
    return {
        rule: Level(table.choice(rule, allowed, Level.OFF)) for rule in RULES if rule in table.cells
    }


def _own_levels(
    source: Source, problems: list[Problem], accounts: Collection[str] | None
) -> Iterator[tuple[str, Mapping[str, Level]]]:
    table = inner(source, "accounts", problems)
    for name, cell in table.cells.items():
        if accounts is not None and name not in accounts:
            known = ", ".join(accounts) or "none yet"
            table.problem(name, f"there is no such account{nearest(name, accounts)}; {known}")
        yield name, _levels(words(source, ("accounts", name), cell, problems))
