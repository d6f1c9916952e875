"""What the engine is built with: accounts that can be connected, the plan, the world around it."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from modtui.connectors import Connector, Schema
from modtui.connectors.watch import Watch
from modtui.domain.frozen import dataclass
from modtui.domain.replies import Entry
from modtui.domain.settings import Desk
from modtui.domain.sla import Policy

if TYPE_CHECKING:
    from modtui.engine.translating import Translator


class CredentialsMissing(Exception):
    """The account's secret cannot be had: one line saying why and what to do."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account, in config order. `build` imports the connector, reads the secret and
    returns it; it raises CredentialsMissing, or ImportError for a missing extra. `backlog`: what
    is older than that when the account is first read is put aside; zero: nothing is. `watch` is the
    one that what is built tells what it waits for."""

    name: str
    connector: str
    schema: Schema
    build: Callable[[], Awaitable[Connector]]
    backlog: timedelta = timedelta()
    watch: Watch = field(default_factory=Watch)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Time, chance and identity, handed in. `session` names this process (host:pid:random).

    `alive` says of another session whether its process still runs, True where that is not known.
    `boot` counts seconds through sleep and `awake` only those awake; without them nobody notices
    that a clock was set or that the machine slept.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    rng: random.Random
    session: str
    alive: Callable[[str], bool] = lambda session: True
    boot: Callable[[], float] | None = None
    awake: Callable[[], float] | None = None


class Replies(Protocol):
    """The quick replies as they are now: of the team's `folders`, and of the read-only `starter`
    folder."""

    @property
    def folders(self) -> tuple[Path, ...]: ...
    @property
    def starter(self) -> Path: ...
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, the starter library included."""
        ...

    def problems(self) -> tuple[str, ...]:
        """One line for each file that could not be read."""
        ...

    def ready(self, patience: float) -> bool:
        """Whether they were read once: until then `entries` and `problems` wait. If not that is
        begun beside, and waited for at most `patience` seconds."""
        ...

    def reload_if_changed(self) -> bool:
        """Read what is new or changed; return whether anything was. May block on files."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine is to serve, composed by `cli`.

    `policies`: the last one matches everything. `library` None: no quick replies. `read_only`:
    nothing is connected and every command is refused. `intake` False: deliver only (a command
    from a shell, `drain`); health is then that of the last try to deliver. `practice`: the
    connectors let nothing through, and the screens say so. `ranking`: the file that
    keeps the index of the library; None keeps none.
    """

    desk: Desk
    policies: tuple[Policy, ...]
    accounts: tuple[AccountSpec, ...]
    library: Replies | None = None
    read_only: bool = False
    intake: bool = True
    practice: bool = False
    translator: Translator | None = None
    ranking: Path | None = None
