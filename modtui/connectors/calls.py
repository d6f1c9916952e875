"""What connectors and their HTTP client say to each other: where an account lives, a request, its
answer, a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from modtui.connectors import Environment, Rejected
from modtui.connectors.ratelimit import PLAIN, Dialect
from modtui.connectors.watch import Watch
from modtui.domain.secret import Secret

BODY_LIMIT = 5 * 1024 * 1024
"""Bytes of an answer that are read at the most."""
READ_TIMEOUT = 15.0
"""Seconds without a byte of the answer before a request is given up."""
UNCHANGED = 304


class RejectedByServer(Rejected):
    """A refusal with its status (0 if there was none) and decoded body (or None)."""

    def __init__(self, message: str, status: int = 0, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Site:
    """Where an account lives and how it is spoken to. `url` may carry a path.

    `credentials` are headers with secrets: name to (prefix, secret), read at each request.
    `agent` is the User-Agent, for a platform that demands more than a name.
    """

    url: str
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    credentials: Mapping[str, tuple[str, Secret]] = field(default_factory=dict)
    dialect: Dialect = PLAIN
    ca_file: str | None = None
    transport: Any = None
    body_limit: int = BODY_LIMIT
    agent: str = "modtui"
    watch: Watch = field(default_factory=Watch)


def site_of(
    env: Environment,
    credentials: Mapping[str, tuple[str, Secret]],
    dialect: Dialect = PLAIN,
    url: str = "",
) -> Site:
    """Return the site of an account, from its settings `url` (else at `url`) and `ca_file`."""
    return Site(
        url=url or str(env.settings["url"]),
        now=env.now,
        sleep=env.sleep,
        credentials=credentials,
        dialect=dialect,
        ca_file=env.settings.get("ca_file") or None,
        transport=env.transport,
        watch=env.watch,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: status, decoded JSON (None if empty), headers with lower-case names. Or a 304
    to a request with If-None-Match: nothing changed."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `write`: it may change something there, so a lost answer is Unknown.

    `json` or `form` is its body. `any_answer`: a 2xx is enough, whatever its body holds.
    `bucket` names a rate limit that it shares with some requests only (see `Buckets`). `patient`:
    it may wait for a rate limit.
    """

    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    read_timeout: float = READ_TIMEOUT
    write: bool = False
    any_answer: bool = False
    bucket: str = ""
    patient: bool = True


def segment(text: str) -> str:
    """Return `text` quoted as one segment of a path."""
    return quote(text, safe="")
