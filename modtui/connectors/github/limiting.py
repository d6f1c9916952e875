"""The interaction limit of a repository: who may write there for a while.

Source: REST "Interaction limits".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from modtui.connectors import Rejected, Unknown
from modtui.connectors.evidence import LEFT_ALONE
from modtui.connectors.github.api import Api
from modtui.connectors.github.offers import EXPIRIES
from modtui.connectors.http import segment
from modtui.domain.commands import SetReadOnly
from modtui.domain.text import clean_line

T = TypeVar("T")

_LATE = timedelta(minutes=5)


def repo_path(repository: str) -> str:
    """Return the path of "owner/name"."""
    owner, _, name = repository.partition("/")
    return f"/repos/{segment(owner)}/{segment(name)}"


class Interaction(msgspec.Struct):
    """The interaction limit of a repository; empty where there is none."""

    limit: str = ""
    origin: str = ""
    expires_at: str = ""

    @property
    def words(self) -> str:
        """Who may write and until when, by which one limit is told from another."""
        return str(clean_line(f"{self.limit} until {self.expires_at}", limit=80))


class Limiting:
    """Sets and lifts the limits of one account's repositories, to those who are `limit_to`."""

    def __init__(self, api: Api, now: Callable[[], Awaitable[datetime]], limit_to: str) -> None:
        self._api = api
        self._now = now
        self._limit_to = limit_to

    async def stands(self, repository: str) -> Interaction:
        """Return the interaction limit of a repository. Raises Rejected for who may not know."""
        page = await self._api.get(f"{repo_path(repository)}/interaction-limits")
        return as_kind(page.body or {}, Interaction, "interaction limit")

    async def set(self, repository: str, command: SetReadOnly) -> tuple[str, str | None]:
        """Set or lift it; return what there is to say about that, and when it ends."""
        path = f"{repo_path(repository)}/interaction-limits"
        stands = await self.stands(repository)
        if stands.limit and stands.origin not in ("", "repository"):
            raise Rejected(f"the {stands.origin} has set a limit: change it there")
        if not command.on:
            if not stands.limit:
                return "no limit stands any more", None
            if command.expect and command.expect != stands.words:
                return LEFT_ALONE, None
            await self._api.write("DELETE", path)
            return "", None
        expiry = _expiry(command.until, await self._now())
        given = {"limit": self._limit_to, "expiry": expiry}
        said = _limit_in(await self._api.write("PUT", path, given))
        if said.limit != self._limit_to:
            raise Rejected("GitHub did not set the interaction limit")
        return said.words, str(clean_line(said.expires_at, limit=40)) or None


def _limit_in(body: Any) -> Interaction:
    """Return the limit that stands after one was set. Raises Unknown where none is shown."""
    try:
        said = msgspec.convert(body, Interaction)
    except msgspec.ValidationError as error:
        raise Unknown("GitHub took it and showed no limit") from error
    if not said.limit:
        raise Unknown("GitHub took it and showed no limit")
    return said


def as_kind(body: Any, kind: type[T], what: str) -> T:
    """Return `body` as one of `kind`. Raises Rejected."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise Rejected(f"the server gave no {what} that can be read: is it GitHub?") from error


def _expiry(until: datetime | None, now: datetime) -> str:
    """Return the shortest span that lasts until `until`; the longest one where it has no end.
    Raises Rejected for more than that."""
    if until is None:
        return list(EXPIRIES)[-1]
    left = (until - now - _LATE).total_seconds()
    fitting = [name for name, seconds in EXPIRIES.items() if seconds >= left]
    if not fitting:
        raise Rejected("an interaction limit lasts six months at most")
    return fitting[0]
