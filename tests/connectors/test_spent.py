"""Rate limits are obeyed before they bite: a platform that counts, and says in its headers what is
left, never has to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx
import pytest

from modtui.connectors import RateLimited
from tests.connectors.platform import START
from tests.connectors.test_budgets import Door, Talk, reading
from tests.connectors.test_github_wire import Issues
from tests.connectors.test_mastodon import Server
from tests.connectors.test_ozone import Labeler
from tests.connectors.test_reddit_wire import Site
from tests.connectors.wire import REPLY, Stage, WriteContract

WINDOW = timedelta(minutes=10)
HOURS = timedelta(hours=2)

Headers = Callable[[int, datetime, datetime], Mapping[str, str]]
"""What is told of so many that are left, of when there are new ones, and of the time now."""


def epoch(name: str) -> Headers:
    return lambda left, reset, now: {
        f"{name}-Remaining": str(left), f"{name}-Reset": str(int(reset.timestamp())),
    }  # fmt: skip


def iso(left: int, reset: datetime, now: datetime) -> Mapping[str, str]:
    return {"X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset.isoformat()}


def seconds(left: int, reset: datetime, now: datetime) -> Mapping[str, str]:
    told = str((reset - now).total_seconds())
    return {
        "X-RateLimit-Remaining": f"{left}.0", "X-RateLimit-Reset": told,
        "X-RateLimit-Reset-After": told,
    }  # fmt: skip


@dataclass
class Strict:
    """Lets `most` requests of a kind through in ten minutes, and refuses the rest. `kind` names
    those that are counted together; None: those are not. `spent`: the ends of the times in which
    none was left."""

    stage: Stage
    headers: Headers
    kind: Callable[[httpx.Request], str | None]
    most: int
    refused: int = 0
    spent: set[datetime] = field(default_factory=set)
    used: Counter[str] = field(default_factory=Counter)
    reset: datetime = START

    def __post_init__(self) -> None:
        self._answer = self.stage.platform._handle
        self.stage.platform._handle = self.handle  # type: ignore[method-assign]

    def handle(self, request: httpx.Request) -> httpx.Response:
        kind, now = self.kind(request), self.stage.platform.now
        if kind is None:
            return self._answer(request)
        if now >= self.reset:
            # Some tell whole seconds alone.
            self.reset = now.replace(microsecond=0) + WINDOW
            self.used.clear()
        self.used[kind] += 1
        left = self.most - self.used[kind]
        if left < 0:
            self.refused += 1
            return httpx.Response(429, json={}, headers={"Retry-After": "5"})
        if left == 0:
            self.spent.add(self.reset)
        answer = self._answer(request)
        answer.headers.update(self.headers(left, self.reset, now))
        return answer


def of_the_api(request: httpx.Request) -> str | None:
    """Tokens are limited for themselves, and a stream is one request for long."""
    apart = ("access_token", "streaming", "atproto.server")
    return None if any(part in request.url.path for part in apart) else "all"


def of_graph_or_rest(request: httpx.Request) -> str:
    return "graph" if request.url.path.endswith("/graphql") else "rest"


def of_the_route(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"


PLATFORMS: dict[str, Callable[[], Strict]] = {
    "github": lambda: Strict(Issues(), epoch("X-RateLimit"), of_graph_or_rest, 6),
    "github, discussions": lambda: Strict(Talk(), epoch("X-RateLimit"), of_graph_or_rest, 5),
    "mastodon": lambda: Strict(Server(), iso, of_the_api, 6),
    "reddit": lambda: Strict(Site(), seconds, of_the_api, 8),
    "ozone": lambda: Strict(Labeler(), epoch("RateLimit"), of_the_api, 8),
    "discord": lambda: Strict(Door(), seconds, of_the_route, 4),
}


@pytest.mark.parametrize("name", PLATFORMS)
async def test_a_reading_never_has_to_be_refused(name: str) -> None:
    strict = PLATFORMS[name]()
    stage = strict.stage
    stage.flag(3)
    async with reading(stage) as updates:
        while stage.platform.now - START < HOURS:
            await anext(updates)
    assert strict.refused == 0
    assert len(strict.spent) > 3, "the limit was never near"


@pytest.mark.parametrize("name", [name for name in PLATFORMS if "disc" not in name])
async def test_replies_wait_before_they_would_be_refused(name: str) -> None:
    strict = PLATFORMS[name]()
    strict.most = 1000
    platform = strict.stage.platform
    connector, ref = await WriteContract().ready(strict.stage)
    strict.most, waited = 20, 0
    for number in range(30):
        while True:
            try:
                await connector.perform(ref, replace(REPLY, text=f"Reply {number}."), f"{number}")
                break
            except RateLimited as error:
                platform.now += error.retry_after or WINDOW
                waited += 1
    assert strict.refused == 0
    assert platform.asked(strict.stage.posting) == 30
    assert waited or platform.now - START > WINDOW
    await connector.aclose()
