"""The line to a labeler: the moderator's session at their own server, which passes requests on.

Source: the lexicons com.atproto.server.createSession and refreshSession; "Service proxying" of the
AT Protocol's XRPC page: the header atproto-proxy names the service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from modtui.connectors import Environment, Rejected, Retryable, Unauthorized
from modtui.connectors.http import Call, Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.domain.secret import Secret
from modtui.domain.text import clean_line

Params = Mapping[str, str | int | Sequence[str]]
_JUST_GOT = timedelta(minutes=1)
_OLD_TOKEN = ("ExpiredToken", "InvalidToken")
_NO_METHOD = ("MethodNotImplemented", "XRPCNotSupported")


class Account(msgspec.Struct):
    """Who is logged in."""

    did: str
    handle: str = ""


class _Tokens(Account, rename="camel"):
    access_jwt: str = ""
    refresh_jwt: str = ""


def error_name(error: RejectedByServer) -> str:
    """Return the name of an XRPC error, "" where there is none."""
    name = error.body.get("error") if isinstance(error.body, dict) else None
    return name if isinstance(name, str) else ""


def in_words(error: RejectedByServer) -> RejectedByServer:
    """Return the refusal with what the server says beside the name of its error."""
    said = error.body.get("message") if isinstance(error.body, dict) else None
    if not isinstance(said, str) or not said.strip():
        return error
    return RejectedByServer(clean_line(said, limit=200), error.status, error.body)


def is_unknown(error: RejectedByServer) -> bool:
    """Whether the server does not have the method at all."""
    return error.status == 501 or error_name(error) in _NO_METHOD


class Session:
    """Sends XRPC requests; its tokens live in memory alone and are renewed when they are old."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._access: dict[str, tuple[str, Secret]] = {}
        self._refresh: dict[str, tuple[str, Secret]] = {}
        dialect = DIALECTS["atproto"]
        self.http = Http(site_of(env, self._access, dialect))
        self._logins = Http(site_of(env, self._refresh, dialect))
        labeler = str(env.settings["labeler"]).strip().partition("#")[0]
        if not labeler.startswith("did:"):
            raise Rejected(f'labeler: "{labeler}" is no DID, such as did:plc:abc123')
        self.labeler = labeler
        self._proxy = {"atproto-proxy": f"{labeler}#atproto_labeler"}
        self._who: Account | None = None
        self._got_at: datetime | None = None
        self._renewing = asyncio.Lock()

    async def who(self) -> Account:
        """Return whose session it is. Raises Unauthorized."""
        if self._who is None:
            await self._renew(None)
        assert self._who is not None
        return self._who

    async def log_in(self) -> Account:
        """Return who the handle and the password belong to, asked anew."""
        self._refresh.clear()
        await self._renew(self._got_at)
        return await self.who()

    async def ask(self, method: str, params: Params | None = None, *, labeler: bool = True) -> Any:
        """Return the answer of a query, of the labeler or of the moderator's own server."""
        told = {k: v if isinstance(v, str | int) else list(v) for k, v in (params or {}).items()}
        query = f"?{urlencode(told, doseq=True)}" if told else ""
        headers = self._proxy if labeler else {}
        return await self._send(Call("GET", f"/xrpc/{method}{query}", headers=headers))

    async def tell(self, method: str, body: Mapping[str, Any], *, labeler: bool = True) -> Any:
        """Do something there; return the answer. Raises Unknown where nobody can tell."""
        headers = self._proxy if labeler else {}
        return await self._send(
            Call("POST", f"/xrpc/{method}", json=dict(body), headers=headers, write=True)
        )

    async def _send(self, call: Call) -> Any:
        await self.who()
        got_at = self._got_at
        try:
            return (await self.http.send(call)).body
        except Unauthorized:
            if self._just_got():
                raise
        except RejectedByServer as error:
            if error_name(error) not in _OLD_TOKEN or self._just_got():
                raise in_words(error) from error
        await self._renew(got_at)
        if call.write:
            # It was surely not executed, and writes are repeated by the outbox alone.
            raise Retryable("the session had run out; it is renewed")
        return (await self.http.send(call)).body

    def _just_got(self) -> bool:
        return self._got_at is None or abs(self._env.now() - self._got_at) < _JUST_GOT

    async def _renew(self, seen: datetime | None) -> None:
        """Get new tokens, unless another did so since `seen`."""
        async with self._renewing:
            if self._got_at != seen:
                return
            tokens = await self._refreshed() if self._refresh else None
            tokens = tokens or await self._created()
            old = [held for _, held in (*self._access.values(), *self._refresh.values())]
            self._access["Authorization"] = ("Bearer ", Secret(tokens.access_jwt))
            self._refresh["Authorization"] = ("Bearer ", Secret(tokens.refresh_jwt))
            for client in (self.http, self._logins):
                new = [held for _, held in (*self._access.values(), *self._refresh.values())]
                client.redact_also((*self._env.secrets.values(), *old, *new))
            self._who = Account(tokens.did, tokens.handle)
            self._got_at = self._env.now()

    async def _refreshed(self) -> _Tokens | None:
        # Tokens that are lost on the way do no harm: neither is a write.
        call = Call("POST", "/xrpc/com.atproto.server.refreshSession")
        try:
            return self._tokens((await self._logins.send(call)).body)
        except (Unauthorized, RejectedByServer):
            self._refresh.clear()
            return None

    async def _created(self) -> _Tokens:
        password = self._env.secrets["password"].reveal().strip()
        told = {"identifier": str(self._env.settings["handle"]).strip(), "password": password}
        call = Call("POST", "/xrpc/com.atproto.server.createSession", json=told)
        return self._tokens((await self._logins.send(call)).body)

    def _tokens(self, body: Any) -> _Tokens:
        try:
            tokens = msgspec.convert(body, _Tokens)
        except msgspec.ValidationError as error:
            raise Rejected(f"{self.http.origin} gave no session: check the url") from error
        if not tokens.access_jwt or not tokens.refresh_jwt:
            raise Rejected(f"{self.http.origin} gave no session: check the url")
        return tokens

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()
        await self._logins.aclose()
