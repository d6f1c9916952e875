"""GitHub's two interfaces, REST and GraphQL, each with a rate limit of its own.

Source: docs.github.com, REST "Best practices", "Rate limits for the REST API", GraphQL "Rate
limits and query limits". A 304 counts as a request of ours, and not against the rate limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from modtui.connectors import (
    ConnectorError,
    Environment,
    RateLimited,
    Rejected,
    Retryable,
    Unknown,
)
from modtui.connectors.http import UNCHANGED, Answer, Call, Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.text import clean_line

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_SECONDARY = ("secondary rate limit", "abuse detection")
_SECONDARY_WAIT = timedelta(minutes=1)
_REFUSALS = {"NOT_FOUND", "FORBIDDEN", "UNPROCESSABLE", "INSUFFICIENT_SCOPES", "UNAUTHENTICATED"}
_LIMITED = {"RATE_LIMITED", "RATE_LIMIT"}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a read; `changed` False: it is as it was when its ETag was given."""

    body: Any
    headers: Mapping[str, str]
    changed: bool = True


def graph_url(base: str) -> str:
    """Return where GraphQL is: /graphql beside the REST of github.com, /api/graphql beside the
    /api/v3 of an enterprise server."""
    return base.rstrip("/").removesuffix("/v3")


class Api:
    """One account's line to GitHub."""

    def __init__(self, env: Environment) -> None:
        secret = env.secrets.get("token")
        credentials = {"Authorization": ("Bearer ", secret)} if secret is not None else {}
        site = site_of(env, credentials, DIALECTS["github"])
        self._rest = Http(site)
        self._graph = Http(replace(site, url=graph_url(site.url)))
        self.origin = self._rest.origin

    async def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        etag: str | None = None,
    ) -> Page:
        """Return an answer, or that nothing changed since `etag`. Raises the port's errors."""
        known = {"If-None-Match": etag} if etag else {}
        answer = await self._send(
            self._rest, Call("GET", path, params or {}, headers={**HEADERS, **known})
        )
        return Page(answer.body, answer.headers, changed=answer.status != UNCHANGED)

    async def there(self, path: str) -> bool:
        """Return whether a path exists: 204 or 404."""
        try:
            await self.get(path)
        except RejectedByServer as error:
            if error.status != 404:
                raise
            return False
        return True

    async def write(self, method: str, path: str, json: Any = None) -> Any:
        """Change something; return the decoded answer. Raises the port's errors."""
        call = Call(method, path, json=json, headers=HEADERS, write=True)
        return (await self._send(self._rest, call)).body

    async def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data of a GraphQL query, also of one that was answered in part."""
        return await self._ask(document, variables, write=False)

    async def mutate(self, document: str, **variables: Any) -> dict[str, Any]:
        """Do a GraphQL mutation; return its data. Raises Unknown where it cannot be told."""
        return await self._ask(document, variables, write=True)

    async def _ask(self, document: str, variables: Any, *, write: bool) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        call = Call("POST", "/graphql", json=body, headers=HEADERS, write=write)
        told = (await self._send(self._graph, call)).body
        told = told if isinstance(told, dict) else {}
        data, errors = told.get("data"), told.get("errors")
        some = isinstance(data, dict) and any(value is not None for value in data.values())
        if errors and not some:
            raise _refusal(errors, write=write)
        if errors and write:
            # It was executed, and what became of it cannot be told: to do it again may double it.
            raise Unknown(str(_refusal(errors, write=True)))
        if not isinstance(data, dict):
            message = f"{self.origin} gave no GraphQL answer"
            raise Unknown(message) if write else Retryable(message)
        return data

    async def _send(self, http: Http, call: Call) -> Answer:
        try:
            return await http.send(call)
        except RateLimited as error:
            if _is_secondary(error):
                self._hold(error.retry_after or _SECONDARY_WAIT)
            raise
        except RejectedByServer as error:
            if error.status == 403 and _is_secondary(error):
                self._hold(_SECONDARY_WAIT)
                raise RateLimited(str(error), _SECONDARY_WAIT) from error
            raise

    def _hold(self, wait: timedelta) -> None:
        """Ask nothing for `wait`: this limit is of both interfaces together."""
        for http in (self._rest, self._graph):
            http.hold(wait)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rest.aclose()
        await self._graph.aclose()


def _is_secondary(error: ConnectorError) -> bool:
    return any(word in str(error).lower() for word in _SECONDARY)


def _refusal(errors: Any, *, write: bool) -> ConnectorError:
    """Return what the first error of a GraphQL answer is to the outbox. One with a type, or with
    a code of its validation, was not executed."""
    first = errors[0] if isinstance(errors, list) and errors else {}
    first = first if isinstance(first, dict) else {}
    kind, extensions = first.get("type"), first.get("extensions")
    said = first.get("message")
    words = clean_line(said if isinstance(said, str) else "GitHub gave no reason", limit=200)
    if kind in _LIMITED:
        return RateLimited(words)
    if kind in _REFUSALS or (isinstance(extensions, dict) and extensions.get("code")):
        return Rejected(words)
    return Unknown(words) if write else Retryable(words)
