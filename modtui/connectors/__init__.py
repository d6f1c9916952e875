"""The connector port: what modtui asks of a platform, and what it may answer.

A connector is handed its settings, its secret fields and its transport; it reads no clock, no
keyring and no configuration file. It turns the platform's words into domain values and back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from modtui.connectors.schema import SETTING_KINDS as SETTING_KINDS
from modtui.connectors.schema import Given as Given
from modtui.connectors.schema import Need as Need
from modtui.connectors.schema import Schema as Schema
from modtui.connectors.schema import SecretField as SecretField
from modtui.connectors.schema import Setting as Setting
from modtui.connectors.watch import Watch
from modtui.domain.commands import Capability, Command
from modtui.domain.frozen import dataclass
from modtui.domain.model import Channel, Flag, Post, Remark, Thread
from modtui.domain.outbox import Receipt
from modtui.domain.secret import Secret
from modtui.domain.text import Clean


class ConnectorError(Exception):
    """What a connector may raise. The message is one line for a moderator."""


class Retryable(ConnectorError):
    """Surely not executed; try again later (connect error, pool timeout, 503 + Retry-After)."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(Retryable):
    """429: surely not executed; `retry_after` says when."""


class Unauthorized(ConnectorError):
    """401: the secret is not accepted. Resumes after login."""


class Rejected(ConnectorError):
    """The platform refused for good; the message is its reason. Also missing rights."""


class Stale(ConnectorError):
    """409, 412: it changed under the moderator."""


class Unsupported(ConnectorError):
    """This platform or this role cannot do it."""


class Unusable(ConnectorError):
    """This kind of connector cannot be loaded: the package that brings it is broken."""


class Unknown(ConnectorError):
    """Nobody can tell whether it was executed: read timeout, cut connection, other 5xx."""


@dataclass(frozen=True, slots=True)
class Key:
    """The platform drops a repeat of the same key within `ttl`."""

    ttl: timedelta
    per_credential: bool = False


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Read the thread back after `settle`; `strong`: not found means not executed."""

    settle: timedelta
    strong: bool


@dataclass(frozen=True, slots=True)
class StateSetting:
    """Sets a state: read, compare, set. A repeat is harmless."""


@dataclass(frozen=True, slots=True)
class Idempotent:
    """A repeat is harmless. Whether one that finds nothing any more is done, the connector says."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No way to tell: an unknown outcome needs a human."""


Dedupe = Key | ReadBack | StateSetting | Idempotent | Nothing


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one capability.

    `name` is the platform's own word ("read-only until", "slow mode"); `presets` are seconds;
    `supports_until` says whether the platform itself ends it; `for_good` whether it cannot be
    taken back; `leaves_flag` whether the flag stays open after it, so a Dismiss must follow;
    `detail` what else there is to know before it is done, in a few words; `texts` are the names of
    texts that the platform keeps for telling an author of it; `untold` says what the platform does
    not tell of one that stands, where nobody can know whose it is: who ends it is asked first.
    """

    name: str
    dedupe: Dedupe
    min_seconds: int = 0
    max_seconds: int | None = None
    presets: tuple[int, ...] = ()
    supports_until: bool = False
    for_good: bool = False
    leaves_flag: bool = False
    detail: str = ""
    texts: tuple[str, ...] = ()
    untold: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this connector can do. `missing` maps what it cannot to the reason, in words; `withheld`
    is that of it which the platform can, with more rights or other settings than this account's."""

    offers: Mapping[Capability, Limits]
    missing: Mapping[Capability, str] = field(default_factory=dict)
    withheld: Collection[Capability] = ()


def offered(offers: Mapping[Capability, Limits], missing: Mapping[Capability, str]) -> Capabilities:
    """Return what can be done of all that the platform `offers`, where some is `missing` because
    this account lacks the right, and the rest because the platform has nothing of the kind."""
    able = {each: limits for each, limits in offers.items() if each not in missing}
    return Capabilities(able, missing, withheld=missing.keys() & offers.keys())


_EXTRAS = {
    Capability.REOPEN: "reopen a report that was resolved",
    Capability.SENSITIVE_MEDIA: "mark the media of an account as sensitive",
    Capability.FREEZE: "freeze an account so that nobody logs in",
    Capability.MUTE_REPORTER: "mute who reports",
    Capability.PRIORITY: "put a priority on what is reported",
    Capability.TAG: "put tags on what is reported",
    Capability.DIVERT: "divert media to another service",
}


def no_extras(platform: str, but: Collection[Capability] = ()) -> dict[Capability, str]:
    """Return, for all that few platforms can do `but` some, that this one cannot."""
    return {each: f"{platform} cannot {what}" for each, what in _EXTRAS.items() if each not in but}


@dataclass(frozen=True, slots=True)
class Broken:
    """An item of the platform that could not be read: kept aside and shown, hides nothing.

    `subject` is the thread it is of, where that can be told.
    """

    where: str
    why: str
    raw: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """One step of intake. `open_now` is the full set of (subject, flag key) still open, or None:
    all that was listed but the rows of `unread`, which could not be read and may be open too. They
    are there as long as they are listed, and their `raw` tells those of no subject apart.

    `closed` names flags that the platform says were closed there; `remarks` on threads that are
    not known are dropped. `cursor` is opaque text; `caught_up` says the connector has read to the
    present end.
    """

    cursor: str
    channels: tuple[Channel, ...] = ()
    threads: tuple[Thread, ...] = ()
    posts: tuple[Post, ...] = ()
    flags: tuple[Flag, ...] = ()
    remarks: tuple[Remark, ...] = ()
    closed: tuple[tuple[str, str], ...] = ()
    open_now: frozenset[tuple[str, str]] | None = None
    unread: tuple[Broken, ...] = ()
    broken: tuple[Broken, ...] = ()
    caught_up: bool = False


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """A thread as the platform knows it; empty for a HandOver, which belongs to none. For it and
    for Escalate the connector sees only the command."""

    subject: str
    channel: str
    author: str
    conversation: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are there. `can` and `cannot` are words for login and doctor; `ask` is what to send to
    whoever runs the platform where a right is missing without which nothing can be read."""

    remote_id: str
    name: str
    role: str
    can: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The posts around a subject, oldest first, and its channel's present state."""

    posts: tuple[Post, ...]
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """It is there; `receipt` proves it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Absent:
    """It is not there; only a `strong` answer rules out that it is yet to show."""

    strong: bool


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The platform cannot be asked, or does not say; `why` is one line for the moderator."""

    why: str


class Connector(Protocol):
    """One account's line to its platform. `realm` names whose threads these are; `capabilities`
    are known better after `identity`."""

    @property
    def realm(self) -> str: ...
    @property
    def capabilities(self) -> Capabilities: ...

    def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield batches as long as the account lives, at the connector's own pace.

        Raises a ConnectorError; the engine's supervisor backs off and calls again with the
        last stored cursor.
        """
        ...

    async def context(self, ref: ThreadRef) -> Context:
        """Return the posts around the subject. Raises a ConnectorError."""
        ...

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it and return the proof. `key` is the same for every try of one delivery. Raises
        Unknown where it may have been done, another ConnectorError where it surely was not."""
        ...

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command`, first tried at `since`, was done. Raises a ConnectorError where
        the look failed, which says nothing of the command.

        `taken` holds remote ids that are already other deliveries' receipts: pass them over.
        """
        ...

    async def identity(self) -> Identity:
        """Return who the secret belongs to and what it may do. Raises Unauthorized."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class SocketClosed(Retryable):
    """The other side closed the socket, or the line broke (code 1006)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the connection was closed ({code}{f': {reason}' if reason else ''})")
        self.code = code


class Socket(Protocol):
    """A WebSocket on which a platform pushes."""

    async def send(self, text: str) -> None:
        """Send one message. Raises SocketClosed."""
        ...

    async def receive(self) -> str:
        """Return the next message. Raises SocketClosed."""
        ...

    async def aclose(self, code: int = 1000) -> None:
        """Close it with `code`."""
        ...


Dial = Callable[[str], Awaitable[Socket]]
"""Opens a socket to a ws or wss address. Raises the port's errors."""

Knock = Callable[[str], Awaitable[None]]
"""Opens a connection to an origin and closes it, without a request. Raises the port's errors."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What a connector is built with, beside its settings.

    `now` is the wall clock, `sleep` waits (tests hand in their own), `transport` is an httpx
    transport and `dial` opens sockets, None for the real ones; `staff` are the remote ids that
    count as staff; `watch` is told what is waited for, and by `knocked` that `knock` (None: nothing
    does) shows whether the platform is to be reached while nothing is asked.
    """

    account: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Secret]
    now: Callable[[], datetime]
    sleep: Callable[[float], Any]
    transport: Any = None
    dial: Dial | None = None
    staff: frozenset[str] = frozenset()
    watch: Watch = field(default_factory=Watch)
    knock: Knock | None = None

    def knocked(self, origin: str) -> None:
        """Between two looks of this account, knock at `origin`."""
        if self.knock is not None:
            self.watch.knock = partial(self.knock, origin)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is at an address, as far as it tells without a secret: "Synapse 1.163 at ours.test".

    `url` is where the account should point; `notes` are worth knowing before a secret goes there.
    """

    what: Clean
    url: str
    notes: tuple[Clean, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """A secret that the platform makes once its owner has approved it in a browser.

    `field` is the secret it becomes, `url` the address to open; `take` returns the secret in what
    the platform then shows and raises Rejected for anything else.
    """

    field: str
    url: str
    take: Callable[[str], Secret]


Factory = Callable[[Environment], Connector]
Approve = Callable[[str, Callable[[], str]], Approval]
"""Begins an approval at an account's address; the second gives text that nobody can guess."""
Look = Callable[[Environment], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connector: its schema, and how to load the code when an account needs it.

    `look` loads what tells, from an environment without secrets, what is at the account's
    address, raising a ConnectorError; None where nothing can be told. `approve` loads what begins
    the approval of a secret in a browser; None where secrets are only typed.
    """

    schema: Schema
    load: Callable[[], Factory]
    look: Callable[[], Look] | None = None
    approve: Callable[[], Approve] | None = None
