"""The gate before any ranking: what may be offered on a thread whose help route is open.

It knows no ranking and no choices: whatever order entries come in, what comes out holds the help
entries first and nothing light, so no ranking that goes through it can offer anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

ANY = "any"
"""The help tag of an entry that serves every route."""


class Offered(Protocol):
    """What the gate asks of an entry."""

    @property
    def light(self) -> bool: ...
    @property
    def help(self) -> str | None: ...
    def helps(self, route: str) -> bool: ...


E = TypeVar("E", bound=Offered)


def admitted(route: str | None, entries: Sequence[E]) -> tuple[E, ...]:
    """Return what of `entries` may be offered, help entries of `route` first, else as they came.

    `route` None: the gate is closed, and all of them may.
    """
    if route is None:
        return tuple(entries)
    heavy = [entry for entry in entries if not entry.light]
    first = leading(route, heavy)
    held = {id(entry) for entry in first}
    return (*first, *(entry for entry in heavy if id(entry) not in held))


def leading(route: str | None, entries: Sequence[E]) -> tuple[E, ...]:
    """Return the help entries that hold the first keys: those of `route`, then those of any; for
    a route that has none of its own, every other help entry after these."""
    if route is None:
        return ()
    heavy = [entry for entry in entries if not entry.light]
    own = [entry for entry in heavy if entry.helps(route)]
    general = [entry for entry in heavy if entry.helps(ANY) and not entry.helps(route)]
    if own or not general:
        return (*own, *general)
    return (*general, *(e for e in heavy if e.help is not None and not e.helps(ANY)))


def asks_twice(route: str | None, entry: E, entries: Sequence[E]) -> bool:
    """Return whether `entry` of the library `entries` is to be confirmed apart under `route`: all
    but the help entries that hold the first keys are."""
    return route is not None and entry not in leading(route, entries)


def teaches(route: str | None, *, helps: bool) -> bool:
    """Return whether a choice is to be learnt from; `route`: the one that was open when it was
    made, `helps`: a help entry was chosen."""
    return route is None or helps
