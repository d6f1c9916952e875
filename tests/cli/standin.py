"""A connector whose token decides how the platform answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from modtui.connectors import (
    Absent,
    Batch,
    Capabilities,
    Connector,
    Context,
    Environment,
    Factory,
    Identity,
    Kind,
    Rejected,
    Retryable,
    Schema,
    SecretField,
    ThreadRef,
    Unauthorized,
)
from modtui.credentials import Answer, KeyringState
from modtui.domain.commands import Command
from modtui.domain.outbox import Receipt

SCHEMA = Schema("standin", secrets=(SecretField("token", "any of: good, wrong, weak, far, spent"),))


class Standin:
    """Reads nothing; everything it is asked first asks who we are."""

    realm = "standin:here"
    capabilities = Capabilities(offers={})

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._token = env.secrets["token"].reveal()

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        await self.identity()
        yield Batch(cursor="1", caught_up=True)

    async def context(self, ref: ThreadRef) -> Context:
        return Context(())

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        raise Rejected("not here")

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Absent:
        return Absent(strong=True)

    async def identity(self) -> Identity:
        match self._token:
            case "wrong":
                raise Unauthorized("the token is not accepted: modtui login hub")
            case "weak":
                raise Rejected("this token may not read reports: use an admin's")
            case "far":
                raise Retryable("standin.example.org cannot be reached")
            case "spent":
                await self._env.watch.pause(1800, "no requests are left", self._env.sleep)
        return Identity("u1", "mod-bot", "admin", can=("reply",), cannot=("ban",))

    async def aclose(self) -> None:
        return None


def _load() -> Factory:
    def create(env: Environment) -> Connector:
        return Standin(env)

    return create


KIND = Kind(SCHEMA, _load)
CONFIG = '[[account]]\nname = "hub"\nconnector = "standin"\nurl = "https://hub.example.org"\n'


class Ring:
    """A keyring that works, shared by every process of a test; `empty` begins anew."""

    kept: dict[str, str] = {}

    @classmethod
    def empty(cls) -> type[Ring]:
        cls.kept = {}
        return cls

    def ask(self, question: dict[str, Any]) -> Answer:
        match question["do"]:
            case "set":
                self.kept.update(question["values"])
            case "get" | "probe":
                values = {name: self.kept.get(name) for name in question["names"]}
                return Answer(KeyringState.OK, "test.Keyring", values=values)
            case "delete":
                gone = {name: None for name in question["names"] if self.kept.pop(name, None)}
                return Answer(KeyringState.OK, "test.Keyring", values=gone)
        return Answer(KeyringState.OK, "test.Keyring")


class NoRing:
    """A machine without a keyring."""

    def ask(self, question: dict[str, Any]) -> Answer:
        return Answer(KeyringState.NONE)
