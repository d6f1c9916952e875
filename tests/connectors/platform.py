"""The frame of a pretend platform, ours: it answers one connector and remembers what was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx

from modtui.connectors import Environment
from modtui.domain.secret import Secret

START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECRET = "t0ken-of-ours"

Answer = httpx.Response | dict[str, Any] | list[Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `told` are the secrets that went along."""

    method: str
    url: httpx.URL
    path: str
    body: Any
    told: tuple[str, ...]


@dataclass
class Platform:
    """Answers requests by `answer`, but for those whose `METHOD /path` a pattern of `override`
    finds. `secrets` are the fields the connector is given; time moves when it sleeps."""

    override: dict[str, Callable[[httpx.Request], Answer]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    now: datetime = START
    url: str = "https://ours.test"
    secrets: dict[str, str] = field(default_factory=lambda: {"token": SECRET})
    logs: ClassVar[frozenset[str]] = frozenset()
    """The fields that keep what was asked, not what stands there."""

    def acts(self, request: httpx.Request, path: str) -> bool:
        """Return whether a request may change what stands there."""
        return request.method != "GET"

    def answer(self, request: httpx.Request, path: str) -> Answer:
        """Return what the platform would answer."""
        raise NotImplementedError

    def environment(self, settings: Mapping[str, Any] | None = None) -> Environment:
        """Return what a connector to this platform is built with."""

        async def sleep(seconds: float) -> None:
            self.now += timedelta(seconds=seconds)

        return Environment(
            account="ours",
            settings={"url": self.url, **(settings or {})},
            secrets={name: Secret(value) for name, value in self.secrets.items()},
            now=lambda: self.now,
            sleep=sleep,
            transport=httpx.MockTransport(self._handle),
        )

    def asked(self, pattern: str) -> int:
        """Return how many requests matched."""
        return sum(bool(re.search(pattern, f"{one.method} {one.path}")) for one in self.calls)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request and remember it."""
        path = unquote(request.url.raw_path.decode().partition("?")[0])
        sent = " ".join((str(request.url), *request.headers.values()))
        sent += request.content.decode("utf-8", "replace")
        told = tuple(name for name, value in self.secrets.items() if value in sent)
        body = _decoded(request)
        self.calls.append(Call(request.method, request.url, path, body, told))
        for pattern, answer in self.override.items():
            if re.search(pattern, f"{request.method} {path}"):
                return _as_response(answer(request))
        return _as_response(self.answer(request, path))


def _decoded(request: httpx.Request) -> Any:
    try:
        return json.loads(request.content) if request.content else None
    except ValueError:
        return dict(httpx.QueryParams(request.content.decode("utf-8", "replace")))


def _as_response(answer: Answer) -> httpx.Response:
    """Return `answer` as JSON; half a surrogate pair in it is said as an escape."""
    if isinstance(answer, httpx.Response):
        return answer
    told = {"Content-Type": "application/json"}
    return httpx.Response(200, content=_encoded(answer), headers=told)


def _encoded(answer: dict[str, Any] | list[Any]) -> bytes:
    try:
        return json.dumps(answer, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(answer).encode()
