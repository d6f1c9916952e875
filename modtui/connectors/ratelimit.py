"""What a platform says about its rate limit, in every dialect of the headers we know.

Source: the API documentation of each platform. The same header name means seconds left on one
platform, epoch seconds on another and ISO 8601 on a third: a connector names its dialect.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

LONGEST = timedelta(hours=1)
_MOST_BUCKETS = 1000


class Unit(StrEnum):
    """What a platform counts its waiting times in."""

    SECONDS = "seconds left"
    MILLISECONDS = "milliseconds left"
    EPOCH = "epoch seconds"
    ISO = "ISO 8601"
    HTTP_DATE = "HTTP date"


@dataclass(frozen=True, slots=True)
class Field:
    """One place that holds a number or a time: a header, or a path into the JSON body."""

    path: tuple[str, ...]
    unit: Unit
    in_body: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where one platform says what. `resets` and `waits` are tried in order. `spent_403`: a 403
    with nothing left, or with a wait, refuses for the rate as a 429 does."""

    remaining: str | None = None
    resets: tuple[Field, ...] = ()
    waits: tuple[Field, ...] = ()
    spent_403: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """What an answer said: requests `remaining`, new ones after `reset_in`, refused for `wait`."""

    remaining: float | None = None
    reset_in: timedelta | None = None
    wait: timedelta | None = None

    @property
    def spent(self) -> bool:
        """Whether it says that nothing is left, or how long to wait."""
        return self.wait is not None or (self.remaining is not None and self.remaining < 1)


def _header(name: str, unit: Unit) -> Field:
    return Field((name,), unit)


def _body(*path: str, unit: Unit = Unit.SECONDS) -> Field:
    return Field(path, unit, in_body=True)


_RETRY = (
    _header("retry-after", Unit.SECONDS),
    _header("retry-after", Unit.HTTP_DATE),
)
PLAIN = Dialect(waits=_RETRY)
DIALECTS: Mapping[str, Dialect] = {
    "atproto": Dialect("ratelimit-remaining", (_header("ratelimit-reset", Unit.EPOCH),), _RETRY),
    "discord": Dialect(
        "x-ratelimit-remaining",
        (
            _header("x-ratelimit-reset-after", Unit.SECONDS),
            _header("x-ratelimit-reset", Unit.EPOCH),
        ),
        (_body("retry_after"), *_RETRY),
    ),
    "discourse": Dialect(waits=(_body("extras", "wait_seconds"), *_RETRY)),
    "github": Dialect(
        "x-ratelimit-remaining",
        (_header("x-ratelimit-reset", Unit.EPOCH),),
        _RETRY,
        spent_403=True,
    ),
    "mastodon": Dialect("x-ratelimit-remaining", (_header("x-ratelimit-reset", Unit.ISO),), _RETRY),
    "matrix": Dialect(waits=(_body("retry_after_ms", unit=Unit.MILLISECONDS), *_RETRY)),
    "reddit": Dialect(
        "x-ratelimit-remaining", (_header("x-ratelimit-reset", Unit.SECONDS),), _RETRY
    ),
    "telegram": Dialect(waits=(_body("parameters", "retry_after"), *_RETRY)),
    "twitch": Dialect("ratelimit-remaining", (_header("ratelimit-reset", Unit.EPOCH),), _RETRY),
    "zulip": Dialect(
        "x-ratelimit-remaining",
        (_header("x-ratelimit-reset", Unit.EPOCH),),
        (_body("retry-after"), *_RETRY),
    ),
}


def read_limit(dialect: Dialect, headers: Mapping[str, str], body: Any, now: datetime) -> Limit:
    """Return what an answer says about the rate limit; nonsense reads as nothing.

    `headers` has lower-case names (or ignores case), `body` is decoded JSON or None. Every
    time is clamped to 0 … 1 h.
    """
    remaining = _number(headers.get(dialect.remaining)) if dialect.remaining else None
    return Limit(
        remaining=None if remaining is None else max(0.0, remaining),
        reset_in=_first(dialect.resets, headers, body, now),
        wait=_first(dialect.waits, headers, body, now),
    )


def _first(
    fields: tuple[Field, ...], headers: Mapping[str, str], body: Any, now: datetime
) -> timedelta | None:
    for field in fields:
        raw = _dig(body, field.path) if field.in_body else headers.get(field.path[0])
        seconds = None if raw is None else _seconds(raw, field.unit, now)
        if seconds is not None:
            return timedelta(seconds=min(max(seconds, 0.0), LONGEST.total_seconds()))
    return None


def _dig(body: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def _seconds(raw: Any, unit: Unit, now: datetime) -> float | None:
    if unit is Unit.ISO:
        return _until(raw, now, datetime.fromisoformat)
    if unit is Unit.HTTP_DATE:
        return _until(raw, now, parsedate_to_datetime)
    number = _number(raw)
    if number is None:
        return None
    if unit is Unit.EPOCH:
        return number - now.timestamp()
    return number / 1000 if unit is Unit.MILLISECONDS else number


def _until(raw: Any, now: datetime, parse: Callable[[str], datetime]) -> float | None:
    try:
        at = parse(str(raw).strip()[:64])
        return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, OverflowError):
        return None


def _number(raw: Any) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        number = float(str(raw)[:32])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Budget:
    """Spends what the platform's headers leave, and waits before the platform has to refuse."""

    def __init__(
        self, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._free_at: datetime | None = None

    def learn(self, limit: Limit) -> None:
        """Take in what an answer said: spent, or refused, means none before the reset. One that
        was on its way when another asked for a longer wait does not shorten that."""
        wait = limit.wait
        if wait is None and limit.remaining is not None and limit.remaining < 1:
            wait = limit.reset_in
        if wait is not None:
            self._free_at = self._now() + max(wait, self.left())

    def left(self) -> timedelta:
        """Return how long to wait before the next request; zero when it may go."""
        if self._free_at is None:
            return timedelta(0)
        # A wall clock that was set back must not stretch a wait beyond what was ever asked.
        wait = min(self._free_at - self._now(), LONGEST)
        if wait <= timedelta(0):
            self._free_at = None
            return timedelta(0)
        return wait

    async def wait(self) -> None:
        """Wait until the next request may go."""
        wait = self.left()
        if wait:
            await self._sleep(wait.total_seconds())
            self._free_at = None


class Buckets:
    """Budgets by bucket, for a platform that limits some requests apart from the others.

    A bucket is named as "what|whose": the platform may answer with a name of its own for
    "what" (`x-ratelimit-bucket`), which several share. "" is the budget of every request.
    """

    def __init__(
        self, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._budgets: dict[str, Budget] = {"": Budget(now, sleep)}
        self._names: dict[str, str] = {}

    def left(self, bucket: str) -> timedelta:
        """Return how long to wait before the next request in `bucket`; zero when it may go."""
        return max(budget.left() for budget in self._of(bucket))

    async def wait(self, bucket: str) -> None:
        """Wait until the next request in `bucket` may go."""
        for budget in self._of(bucket):
            await budget.wait()

    def learn(self, bucket: str, limit: Limit, headers: Mapping[str, str]) -> None:
        """Take in what an answer said of its bucket, or of all: `x-ratelimit-global`, or
        Discourse's `discourse-rate-limit-error-code`, left out where one action is limited."""
        name = headers.get("x-ratelimit-bucket")
        if bucket and name:
            self._names[bucket] = f"{name[:64]}|{bucket.partition('|')[2]}"
        everyone = (
            not bucket
            or headers.get("x-ratelimit-global", "").lower() == "true"
            or "discourse-rate-limit-error-code" in headers
        )
        self._of("" if everyone else bucket)[-1].learn(limit)

    def _of(self, bucket: str) -> tuple[Budget, ...]:
        name = self._names.get(bucket, bucket)
        if len(self._budgets) >= _MOST_BUCKETS and name not in self._budgets:
            self._budgets = {n: b for n, b in self._budgets.items() if not n or b.left()}
        own = self._budgets.setdefault(name, Budget(self._now, self._sleep))
        return (self._budgets[""], own) if name else (own,)
