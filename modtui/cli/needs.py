"""What an account's settings and secrets have to be together, by what its connector declares."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from modtui.config import Problem, Where
from modtui.connectors import Given, Need, Rejected, Unauthorized

if TYPE_CHECKING:
    from modtui.cli.schema import Account


class Lack(NamedTuple):
    """A need that is not met; `secret`: by a secret that is missing."""

    problem: Problem
    secret: bool


def check_needs(account: Account, secrets: Collection[str]) -> None:
    """Raise what a need that is not met with these secret fields means: Unauthorized where a
    secret is missing, else Rejected. The message has the file, the line and what to do."""
    for lack in lacking(account, secrets):
        raise (Unauthorized if lack.secret else Rejected)(str(lack.problem))


def lacking(account: Account, secrets: Collection[str] | None) -> tuple[Lack, ...]:
    """Return the needs that are not met; without `secrets` those alone that no secret can meet."""
    needs = account.kind.schema.needs
    found = (_lack(account, need, secrets) for need in needs)
    return tuple(lack for lack in found if lack is not None)


def _lack(account: Account, need: Need, secrets: Collection[str] | None) -> Lack | None:
    def holds(given: Given) -> bool | None:
        if given.name in account.wanted.fields:
            return None if secrets is None else given.name in secrets
        value = account.settings.get(given.name)
        said = value.strip() if isinstance(value, str) else value
        return bool(said) and re.fullmatch(given.pattern or ".*", str(said), re.DOTALL) is not None

    ways = [[holds(given) for given in way] for way in need.ways]
    if not all(holds(given) for given in need.where) or any(False not in way for way in ways):
        return None
    _, missing = max(map(_nearness, need.ways, ways), key=lambda found: found[0])
    secret = missing.name in account.wanted.fields
    key = (*need.where, missing)[0].name
    what = f"{need.say}: modtui login {account.name}" if secret else need.say
    where = account.table.place(key) if account.table else Where("config.toml")
    return Lack(Problem(where, f"account.{key}", what), secret)


def _nearness(way: tuple[Given, ...], holds: list[bool | None]) -> tuple[int, Given]:
    """Return how much of a way is given, less what is not, and the first that is not."""
    missing = next(given for given, so in zip(way, holds, strict=True) if so is False)
    return holds.count(True) - holds.count(False), missing
