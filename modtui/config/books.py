"""The team's own files and what goes with them: help routes, checks, signs of spam, countries."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modtui.config.reader import Table, expanded, nearest, shown

if TYPE_CHECKING:
    from modtui.domain.help_routes import HelpBook
    from modtui.domain.spam import SpamRules
    from modtui.domain.wording import CheckBook

_COUNTRY = r"[A-Z]{2}"


def read_help_file(table: Table) -> HelpBook | None:
    """Return the team's own help routes; None without `file`, or with its problems noted."""
    path = _beside(table, "file")
    if path is None:
        return None
    # Costs some milliseconds, so only who names a file pays for it.
    from modtui.config.rulebook import read_help_book

    return read_help_book(path, table.problems)


def read_check_file(table: Table, accounts: Collection[str]) -> CheckBook | None:
    """Return the team's own checks; None without `file`, or with its problems noted."""
    path = _beside(table, "file")
    if path is None:
        return None
    from modtui.config.rulebook import read_check_book

    return read_check_book(path, table.problems, accounts)


def read_spam(table: Table) -> SpamRules:
    """Return what the team calls spam."""
    from modtui.config.spam import read_rules

    return read_rules(table)


def file_of(table: Table) -> tuple[str, ...]:
    """Return the path under `file`, none where there is none."""
    path = _beside(table, "file")
    return (str(path),) if path is not None else ()


def _beside(table: Table, key: str) -> Path | None:
    """Return the path under `key`, a relative one being beside the file that names it."""
    written, cell = table.text(key).strip(), table.cells.get(key)
    if not written or cell is None:
        return None
    if "\0" in written:
        table.problem(key, "has a character that no name of a file can have")
        return None
    return Path(cell.where.file).parent / expanded(written)


def read_folders(table: Table) -> tuple[str, ...]:
    """Return the library's folders; a relative one lies beside the file that names it."""
    cell = table.cells.get("folders")
    if cell is None:
        return ()
    beside = Path(cell.where.file).parent
    return tuple(str(beside / expanded(each)) for each in table.texts("folders"))


def read_country(table: Table) -> str:
    """Return the country of the community, "" where it is not written."""
    country = table.text("country")
    if country and not re.fullmatch(_COUNTRY, country):
        table.problem("country", f'{shown(country)} is not a country: two letters, such as "PL"')
    return country


def read_countries(table: Table, accounts: Collection[str]) -> Mapping[str, str]:
    """Return the country of each account that has one of its own."""
    cell = table.cells.get("countries")
    if cell is None:
        return {}
    if not isinstance(cell.value, dict):
        table.problem("countries", 'is not a table, such as { forum = "PL", chat = "KZ" }')
        return {}
    for name, country in cell.value.items():
        if name not in accounts:
            known = ", ".join(accounts) or "none yet"
            table.problem(
                "countries", f'there is no account "{name}"{nearest(name, accounts)}; {known}'
            )
        elif not isinstance(country, str) or not re.fullmatch(_COUNTRY, country):
            table.problem("countries", f"{name}: {shown(country)} is not a country such as PL")
    return dict(cell.value)
