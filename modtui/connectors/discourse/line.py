"""Requests to one forum, within what it allows a minute and a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from modtui.connectors import Environment, RateLimited, Rejected, Unauthorized
from modtui.connectors.http import Call, Http, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.secret import Secret

T = TypeVar("T")

_DAY = timedelta(days=1).total_seconds()
_MINUTE = 60.0
_SPENT = "the requests that the forum allows are used up for now"
_NUMBER = re.compile(r"(?<=/)\d+")


class Bucket:
    """Holds `size` requests and gains `gain` of them in `seconds`."""

    def __init__(self, size: float, gain: float, seconds: float) -> None:
        self._size = size
        self._rate = gain / seconds
        self._left = size
        self._at: datetime | None = None

    def wait(self, now: datetime, spare: float = 0) -> float:
        """Return the seconds until a request may go that leaves `spare` more."""
        self._fill(now)
        return max(0.0, (1 + spare - self._left) / self._rate)

    def take(self, now: datetime) -> None:
        """Count a request."""
        self._fill(now)
        self._left -= 1

    def _fill(self, now: datetime) -> None:
        past = 0.0 if self._at is None else max(0.0, (now - self._at).total_seconds())
        self._left = min(self._size, self._left + past * self._rate)
        self._at = now


def allowance(*, personal: bool) -> tuple[Bucket, ...]:
    """Return what a key may spend: a user API key 20 requests a minute and 2,880 a day, all admin
    keys of a forum together 60 a minute.

    Source: Discourse's settings max_user_api_reqs_per_minute, max_user_api_reqs_per_day and
    max_admin_api_reqs_per_minute. A full bucket and what it gains stay below them.
    """
    if personal:
        return Bucket(10, 10, _MINUTE), Bucket(300, 2500, _DAY)
    return (Bucket(25, 30, _MINUTE),)


class Line:
    """One account's requests. `personal`: by a user API key. Raises Unauthorized without a key."""

    def __init__(self, env: Environment) -> None:
        user_key, key = env.secrets.get("user_api_key"), env.secrets.get("api_key")
        self._env = env
        self.username = str(env.settings.get("api_username") or "").strip()
        if user_key is None and key is None:
            raise Unauthorized("a forum needs an api_key or a user_api_key")
        if user_key is None and not self.username:
            raise Rejected("say in api_username which account the api_key acts as")
        if not self.username.isascii():
            raise Rejected("api_username holds letters that cannot be sent: use a user API key")
        self.personal = user_key is not None
        named = {} if user_key is not None else {"Api-Username": self.username}
        self._headers: Mapping[str, str] = named
        self.http = Http(site_of(env, _credentials(user_key, key), DIALECTS["discourse"]))
        self._buckets = allowance(personal=self.personal)

    async def read(
        self, path: str, params: Mapping[str, str | int] | None = None, *, spare: float = 0
    ) -> Any:
        """Return the decoded JSON of a read; waits until it may go, and `spare` more after it."""
        now = self._env.now
        for bucket in self._buckets:
            if (seconds := bucket.wait(now(), spare)) > 0:
                await self._env.watch.pause(seconds, _SPENT, self._env.sleep)
            bucket.take(now())
        call = Call("GET", path, params or {}, headers=self._headers)
        return (await self.http.send(call)).body

    async def write(
        self, method: str, path: str, json: Any = None, form: Mapping[str, str] | None = None
    ) -> Any:
        """Return the decoded JSON of a write. Raises RateLimited where none is left, so that its
        delivery is given back. A forum that limits one kind of write is waited for with that."""
        now = self._env.now()
        waits = max(bucket.wait(now) for bucket in self._buckets)
        if waits > 0:
            raise RateLimited(_SPENT, timedelta(seconds=waits))
        for bucket in self._buckets:
            bucket.take(now)
        call = Call(
            method,
            path,
            json=json,
            form=form,
            headers=self._headers,
            write=True,
            any_answer=True,
            bucket=f"{method} {_NUMBER.sub('0', path)}",
        )
        return (await self.http.send(call)).body


def _credentials(user_key: Secret | None, key: Secret | None) -> dict[str, tuple[str, Secret]]:
    if user_key is not None:
        return {"User-Api-Key": ("", user_key)}
    return {"Api-Key": ("", key)} if key is not None else {}


def understood(body: object, kind: type[T], what: str) -> T:
    """Return `body` as `kind`. Raises Rejected, naming what it should have been."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise Rejected(f"the forum gave no {what} that can be read: is it a Discourse?") from error
