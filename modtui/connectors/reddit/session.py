"""The line to Reddit: access tokens, and answers that are refusals though their status is 200.

Source: Reddit's OAuth2 page and the `api_type=json` answers of its API.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from modtui import __version__
from modtui.connectors import Environment, RateLimited, Rejected, Retryable, Unauthorized
from modtui.connectors.http import Answer, Call, Http, RejectedByServer, Site, site_of
from modtui.connectors.ratelimit import DIALECTS, LONGEST
from modtui.domain.secret import Secret
from modtui.domain.text import clean_line

_EARLY = timedelta(minutes=2)
_MINUTE = timedelta(minutes=1)
_JUST_GOT = timedelta(minutes=1)
_SPELLED = re.compile(r"(\d+)\s*(millisecond|second|minute|hour)")
_UNITS = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600}


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 3600
    scope: str = ""


class Session:
    """Sends requests with an access token that is renewed in time and lives in memory alone."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._bearer: dict[str, tuple[str, Secret]] = {}
        self.http = Http(_site(env, str(env.settings["url"]), self._bearer))
        token_url = str(env.settings["token_url"])
        parts = urlsplit(token_url)
        self._token_path = parts.path + (f"?{parts.query}" if parts.query else "")
        base = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        secret = env.secrets["client_secret"]
        pair = f"{env.settings['client_id']}:{secret.reveal().strip()}".encode()
        basic = Secret(b64encode(pair).decode())
        self._tokens = Http(_site(env, base, {"Authorization": ("Basic ", basic)}))
        self._grant = _grant(env)
        for client in (self.http, self._tokens):
            client.redact_also(env.secrets.values())
        self._got_at: datetime | None = None
        self._until: datetime | None = None
        self._renewing = asyncio.Lock()
        self.scopes: tuple[str, ...] | None = None

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the decoded JSON of a read, its text as it was written."""
        call = Call("GET", path, {**(params or {}), "raw_json": 1})
        return (await self.send(call)).body

    async def post(self, path: str, form: Mapping[str, str]) -> Any:
        """Do something there; return the decoded JSON. Raises also for a refusal within a 200."""
        said = {"api_type": "json", "raw_json": "1", **form}
        body = (await self.send(Call("POST", path, form=said, write=True))).body
        refuse(body)
        return body

    async def send(self, call: Call) -> Answer:
        """Send one request with a token that is accepted, as far as one can be had."""
        await self._hold()
        try:
            return await self.http.send(call)
        except Unauthorized:
            if self._just_got():
                raise
            self._until = None
            if call.write:
                # It was surely not executed, and writes are repeated by the outbox alone.
                raise Retryable("Reddit let the access token go; a new one is asked for") from None
        await self._hold()
        return await self.http.send(call)

    async def renew(self) -> None:
        """Ask for a new token now, so that `scopes` are those of today."""
        self._until = None
        await self._hold()

    @property
    def renews(self) -> bool:
        """Whether a request of the next minute asks for a new token first."""
        return self._until is None or self._env.now() >= self._until - _EARLY - _MINUTE

    def _just_got(self) -> bool:
        return self._got_at is None or abs(self._env.now() - self._got_at) < _JUST_GOT

    async def _hold(self) -> None:
        async with self._renewing:
            if self._until is None or self._env.now() >= self._until - _EARLY:
                await self._ask()

    async def _ask(self) -> None:
        # A token that is lost on the way does no harm: it is no write.
        call = Call("POST", self._token_path, form=self._grant())
        try:
            body = (await self._tokens.send(call)).body
        except RejectedByServer as error:
            if error.status not in (400, 403):
                raise
            raise Unauthorized(f"Reddit gave no access token: {error}") from error
        if isinstance(body, dict) and isinstance(body.get("error"), str | int):
            why = clean_line(str(body["error"]), limit=100)
            raise Unauthorized(f"Reddit gave no access token: {why}")
        try:
            token = msgspec.convert(body, _Token)
        except msgspec.ValidationError as error:
            where = self._tokens.origin
            raise Rejected(f"{where} gave no access token: check token_url") from error
        secret, now = Secret(token.access_token), self._env.now()
        old = [held for _, held in self._bearer.values()]
        self._bearer["Authorization"] = ("Bearer ", secret)
        self.http.redact_also((*self._env.secrets.values(), *old))
        lives = min(max(token.expires_in, 0.0), 24 * 3600)
        self._got_at, self._until = now, now + max(timedelta(seconds=lives), 2 * _EARLY)
        self.scopes = tuple(re.split(r"[\s,]+", token.scope.strip())) if token.scope else None

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()
        await self._tokens.aclose()


def _site(env: Environment, url: str, credentials: Mapping[str, tuple[str, Secret]]) -> Site:
    name = str(env.settings.get("username") or "unknown")
    agent = clean_line(f"python:modtui:{__version__} (by /u/{name})", limit=120)
    site = site_of(env, credentials, DIALECTS["reddit"], url)
    return replace(site, agent=agent.encode("ascii", "ignore").decode())


def _grant(env: Environment) -> Any:
    """Return what makes the form of a token request. Raises Rejected where a part is missing."""
    refresh, password = env.secrets.get("refresh_token"), env.secrets.get("password")
    name = str(env.settings.get("username") or "")
    if refresh is not None:
        return lambda: {"grant_type": "refresh_token", "refresh_token": refresh.reveal().strip()}
    if password is None:
        raise Rejected("reddit needs a password or a refresh_token: modtui login asks for one")
    if not name:
        raise Rejected("username is missing: the password grant needs it")
    return lambda: {"grant_type": "password", "username": name, "password": password.reveal()}


def refuse(body: Any) -> None:
    """Raise Rejected or RateLimited where the answer of a write holds errors; else nothing."""
    told = body.get("json") if isinstance(body, dict) else None
    errors = told.get("errors") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not errors:
        return
    first = errors[0] if isinstance(errors, list) else errors
    parts = [str(one) for one in first if one] if isinstance(first, list) else [str(first)]
    code, why = parts[0] if parts else "", clean_line(": ".join(parts[:2]), limit=200)
    if code == "RATELIMIT":
        raise RateLimited(f"Reddit: {why}", _wait(told.get("ratelimit"), why))
    raise Rejected(f"Reddit refused: {why}")


def _wait(seconds: Any, why: str) -> timedelta | None:
    """Return how long to wait, by the number beside the errors or else by their words."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        spelled = _SPELLED.search(why)
        if spelled is None:
            return None
        seconds = int(spelled[1][:9]) * _UNITS[spelled[2]]
    return timedelta(seconds=min(max(seconds, 0), LONGEST.total_seconds()))
