"""A connector of ours that breaks with its secret in hand, where and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

import httpx

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Connector,
    Context,
    Environment,
    Factory,
    Found,
    Identity,
    Kind,
    Rejected,
    Retryable,
    SecretField,
    ThreadRef,
    Unauthorized,
    Unknown,
)
from modtui.connectors.demo import SCHEMA
from modtui.connectors.demo.connector import create
from modtui.domain.commands import Command
from modtui.domain.outbox import Receipt

PLACES = ("build", "identity", "updates", "later", "context", "perform", "find", "aclose")


class Stubborn(Exception):
    """Makes its words of what it holds, not of its arguments."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    def __str__(self) -> str:
        return f"stubborn about {self.token}"


def chained(token: str) -> NoReturn:
    """An error of the HTTP library behind an error of another behind one of ours."""
    headers = {"Authorization": f"Bearer {token}", "Api-Key": token}
    request = httpx.Request("GET", f"https://x/?access_token={token}", headers=headers)
    try:
        try:
            raise httpx.ReadError(f"broken: {dict(request.headers)}", request=request)
        except httpx.ReadError as error:
            error.add_note(f"with {token}")
            raise KeyError({"token": token}) from error
    except KeyError:
        raise Retryable(f"cannot go on with {token}")  # noqa: B904


def thrown(error: Callable[[str], Exception]) -> Callable[[str], NoReturn]:
    def throw(token: str) -> NoReturn:
        raise error(token)

    return throw


WAYS: dict[str, Callable[[str], NoReturn]] = {
    "runtime": thrown(lambda token: RuntimeError(f"broken with {token}")),
    "bytes": thrown(lambda token: ValueError(token.encode(), [token], {"t": token})),
    "key": thrown(lambda token: KeyError(token)),
    "file": thrown(lambda token: OSError(2, f"no {token}", f"/x/{token}")),
    "stubborn": thrown(Stubborn),
    "group": thrown(lambda token: ExceptionGroup(f"many {token}", [RuntimeError(token)])),
    "unauthorized": thrown(lambda token: Unauthorized(f"bad: Bearer {token}")),
    "rejected": thrown(lambda token: Rejected(f"no: {token}")),
    "unknown": thrown(lambda token: Unknown(f"lost: {token}")),
    "chained": chained,
}


class Breaking:
    """The demo community, but for one place."""

    def __init__(self, env: Environment, place: str, way: str) -> None:
        self._token = env.secrets["token"].reveal()
        self._place = place
        self._way = WAYS[way]
        self._inner: Connector = create(env)
        self.realm = self._inner.realm
        self.capabilities = self._inner.capabilities
        self.broke = 0
        self._at("build")

    def _at(self, place: str) -> None:
        token = self._token
        if place == self._place:
            self.broke += 1
            self._way(token)

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        self._at("updates")
        async for batch in self._inner.updates(cursor):
            yield batch
            self._at("later")

    async def context(self, ref: ThreadRef) -> Context:
        self._at("context")
        return await self._inner.context(ref)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        self._at("perform")
        if self._place == "find":
            raise Unknown("lost")
        return await self._inner.perform(ref, command, key)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        self._at("find")
        return await self._inner.find(ref, command, since, taken)

    async def identity(self) -> Identity:
        self._at("identity")
        return await self._inner.identity()

    async def aclose(self) -> None:
        self._at("aclose")
        asyncio.get_running_loop().call_exception_handler({"message": f"lost {self._token}"})
        await self._inner.aclose()


def kind(place: str, way: str) -> Kind:
    """Return a kind of connector that breaks so."""

    def load() -> Factory:
        return lambda env: Breaking(env, place, way)

    schema = replace(SCHEMA, connector="breaking", secrets=(SecretField("token", "any"),))
    return Kind(schema, load)
