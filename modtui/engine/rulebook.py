"""The files of rules that came with modtui, read when they are first needed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from modtui.domain.settings import Desk

if TYPE_CHECKING:
    from modtui.domain.help_routes import HelpBook
    from modtui.domain.wording import CheckBook


class Books:
    """A desk with the team's checks and help routes as they are now: a changed file of them is
    taken at once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def take(self, checks: CheckBook | None, routes: HelpBook | None) -> None:
        """Let them hold from now on; None: what came with modtui."""
        self.desk = replace(self.desk, check_book=checks, help_book=routes)


def help_book(desk: Desk) -> HelpBook:
    """Return the team's own help routes, else those that came with modtui."""
    return desk.help_book if desk.help_book is not None else _help_book()


def check_book(desk: Desk) -> CheckBook:
    """Return the team's own checks, else those that came with modtui."""
    return desk.check_book if desk.check_book is not None else _check_book()


@lru_cache(maxsize=1)
def _check_book() -> CheckBook:
    from modtui.config.reader import Problem
    from modtui.config.rulebook import SHIPPED, read_check_book

    problems: list[Problem] = []
    book = read_check_book(SHIPPED / "checks.toml", problems)
    if book is None:
        raise ValueError("; ".join(map(str, problems)))
    return book


@lru_cache(maxsize=1)
def _help_book() -> HelpBook:
    # To parse it takes some milliseconds, which a start does not have.
    from modtui.config.reader import Problem
    from modtui.config.rulebook import SHIPPED, read_help_book

    problems: list[Problem] = []
    book = read_help_book(SHIPPED / "help_routes.toml", problems)
    if book is None:
        raise ValueError("; ".join(map(str, problems)))
    return book
