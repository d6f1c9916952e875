"""What the engine is built with: accounts that can be connected, and the world around it."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from modtui.connectors import Connector, Schema


class CredentialsMissing(Exception):
    """The account's secret cannot be had: one line saying why and what to do."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account, in config order. `build` imports the connector, reads the secret and
    returns it; it raises CredentialsMissing, or ImportError for a missing extra."""

    name: str
    connector: str
    schema: Schema
    build: Callable[[], Awaitable[Connector]]


@dataclass(frozen=True, slots=True)
class Runtime:
    """Time, chance and identity, handed in. `session` names this process (host:pid:random)."""

    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    rng: random.Random
    session: str
