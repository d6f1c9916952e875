"""The line to Helix: access tokens that are checked hourly, and renewed where that is possible.

Source: Twitch's documentation of authentication (validate-tokens, refresh-tokens) and the guide of
its API. A program that keeps a session must validate its token at start and every hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from modtui.connectors import Environment, Rejected, Retryable, Unauthorized
from modtui.connectors.http import Answer, Call, Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.secret import MASK, Secret

DEFAULT_URL = "https://api.twitch.tv/helix"
DEFAULT_TOKEN_URL = "https://id.twitch.tv/oauth2/token"
_HOUR = timedelta(hours=1)
_EARLY = timedelta(minutes=5)
_JUST_GOT = timedelta(minutes=1)
_LONGEST = 90 * 24 * 3600.0


class Holder(msgspec.Struct):
    """Whose token it is, what it may do and for how many seconds: the answer of /validate."""

    client_id: str
    user_id: str = ""
    login: str = ""
    scopes: list[str] | None = None
    expires_in: float = 0


class _Token(msgspec.Struct):
    access_token: str
    refresh_token: str = ""


class Session:
    """Sends requests with a token that is known to be accepted, as far as one can be had."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._client_id = str(env.settings["client_id"]).strip()
        if not (self._client_id.isascii() and self._client_id.isalnum()):
            raise Rejected("client_id is not one: letters and digits, from dev.twitch.tv/console")
        self._bearer: dict[str, tuple[str, Secret]] = {}
        self._oauth: dict[str, tuple[str, Secret]] = {}
        url = str(env.settings.get("url") or DEFAULT_URL)
        self.http = Http(site_of(env, self._bearer, DIALECTS["twitch"], url))
        parts = urlsplit(str(env.settings.get("token_url") or DEFAULT_TOKEN_URL))
        base = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        self._token_path = parts.path
        self._validate_path = f"{parts.path.rpartition('/')[0]}/validate"
        self._id = Http(site_of(env, self._oauth, DIALECTS["twitch"], base))
        self._refresh, self._client_secret = (
            _given(env, name) for name in ("refresh_token", "client_secret")
        )
        token = _given(env, "token")
        if token is None and not self.renews:
            raise Rejected(
                "twitch needs a token, or a refresh_token with the client_secret:"
                " modtui login asks for them"
            )
        self._holder: Holder | None = None
        self._checked_at: datetime | None = None
        self._renewed_at: datetime | None = None
        self._until: datetime | None = None
        self._working = asyncio.Lock()
        if token is not None:
            self._take(token)

    @property
    def renews(self) -> bool:
        """Whether a new token can be had without a login."""
        return self._refresh is not None and self._client_secret is not None

    async def holder(self, *, anew: bool = False) -> Holder:
        """Return whose token it is, asked at start, every hour, and `anew` when that is said.
        Raises Unauthorized."""
        async with self._working:
            if anew:
                self._checked_at = None
            return await self._ready()

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the decoded JSON of a read."""
        return (await self.send(Call("GET", path, params or {}))).body

    async def act(
        self, method: str, path: str, params: Mapping[str, str | int], json: Any = None
    ) -> Any:
        """Change something there; return the decoded JSON."""
        return (await self.send(Call(method, path, params, json=json, write=True))).body

    async def send(self, call: Call) -> Answer:
        """Send one request. A scope that is missing is Rejected, though Twitch answers 401."""
        call = replace(call, headers={**call.headers, "Client-Id": self._client_id})
        await self.holder()
        try:
            return await self._try(call)
        except Unauthorized:
            if not self.renews or self._just_renewed():
                raise
            self._lost()
            if call.write:
                # It was surely not executed, and writes are repeated by the outbox alone.
                raise Retryable("Twitch let the access token go; a new one is asked for") from None
        await self.holder()
        return await self._try(call)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()
        await self._id.aclose()

    async def _try(self, call: Call) -> Answer:
        try:
            return await self.http.send(call)
        except Unauthorized as error:
            if "scope" in str(error).lower():
                why = str(error).rpartition("secret: ")[2]
                raise RejectedByServer(f"the token lacks a right: {why}", 401) from error
            raise

    def _just_renewed(self) -> bool:
        renewed = self._renewed_at
        return renewed is not None and abs(self._env.now() - renewed) < _JUST_GOT

    def _lost(self) -> None:
        self._checked_at = None
        self._bearer.clear()

    # asked of the authorisation server
    async def _ready(self) -> Holder:
        try:
            return await self._looked()
        except Retryable:
            if self._holder is None or not self._bearer:
                raise
            # What is known still holds: that nobody can be asked now must not cost the events.
            self._checked_at = self._env.now() - _HOUR + _EARLY
            return self._holder

    async def _looked(self) -> Holder:
        now = self._env.now()
        if self.renews and (not self._bearer or (self._until and now >= self._until - _EARLY)):
            await self._renew()
        checked = self._checked_at
        if self._holder is None or checked is None or abs(now - checked) >= _HOUR:
            try:
                self._holder = await self._validate()
            except Unauthorized:
                if not self.renews or self._just_renewed():
                    raise
                await self._renew()
                self._holder = await self._validate()
            self._checked_at = now
            lives = min(max(self._holder.expires_in, 0.0), _LONGEST)
            # 0 is said of a token that does not end.
            self._until = now + max(timedelta(seconds=lives), 2 * _EARLY) if lives else None
        return self._holder

    async def _validate(self) -> Holder:
        try:
            body = (await self._id.send(Call("GET", self._validate_path))).body
        except Unauthorized as error:
            why = "a token ends, is revoked, and dies with a changed password"
            raise Unauthorized(f"{error}; {why}") from error
        try:
            holder = msgspec.convert(body, Holder)
        except msgspec.ValidationError as error:
            where = self._id.origin
            raise Rejected(f"{where} does not say whose token it is: check token_url") from error
        if not holder.user_id.isdigit():
            raise Rejected("the token is not a user's: get one by the authorization code grant")
        if holder.client_id != self._client_id:
            raise Rejected("the token was given to another application than client_id names")
        return holder

    async def _renew(self) -> None:
        assert self._refresh is not None
        assert self._client_secret is not None
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh.reveal().strip(),
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal().strip(),
        }
        self._oauth.clear()
        # The answer is to hold a token: of what is taken out of it, only the refresh token may be
        # in it, and then it is the one that is known.
        self._id.redact_also((self._refresh, self._client_secret))
        try:
            # A token that is lost on the way does no harm: it is no write.
            body = (await self._id.send(Call("POST", self._token_path, form=form))).body
        except (Unauthorized, RejectedByServer) as error:
            if isinstance(error, RejectedByServer) and error.status not in (400, 403):
                raise
            raise Unauthorized(f"Twitch renews no token: {error}") from error
        try:
            token = msgspec.convert(body, _Token)
        except msgspec.ValidationError as error:
            raise Rejected(f"{self._id.origin} gave no token: check token_url") from error
        if token.refresh_token and MASK not in token.refresh_token:
            self._refresh = Secret(token.refresh_token)
        self._take(Secret(token.access_token))
        self._renewed_at = self._env.now()
        self._checked_at = None

    def _take(self, token: Secret) -> None:
        self._bearer["Authorization"] = ("Bearer ", token)
        self._oauth["Authorization"] = ("OAuth ", token)
        renewing = (self._refresh,) if self._refresh is not None else ()
        for client in (self.http, self._id):
            client.redact_also((*self._env.secrets.values(), *renewing, token))


def _given(env: Environment, name: str) -> Secret | None:
    secret = env.secrets.get(name)
    return secret if secret is not None and secret.reveal().strip() else None


def has_scope(holder: Holder, *scopes: str) -> bool:
    """Return whether the token has one of the scopes."""
    return bool(set(scopes) & set(holder.scopes or ()))
