"""Discord's REST as this connector asks it: buckets, reasons for the audit log, and when to stop.

Source: Discord's documentation of rate limits. A bucket is known by method, route and the
channel, server or webhook that stands first in it; 10,000 requests that are answered 401, 403 or
429 within ten minutes shut out the address they come from.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from modtui.connectors import ConnectorError, RateLimited, Retryable, Unauthorized
from modtui.connectors.http import Call, Http, RejectedByServer

_WINDOW = timedelta(minutes=10)
_MOST_REFUSALS = 200
_REASON_LIMIT = 512
_NOT_ALLOWED = 50013
_NUMBER = re.compile(r"/\d+")
_EMOJI = re.compile(r"(/reactions)/.*")


class Api:
    """Asks Discord for one account."""

    def __init__(self, http: Http, now: Callable[[], datetime]) -> None:
        self._http = http
        self._now = now
        self._refused: deque[datetime] = deque()
        self.origin = http.origin

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the decoded JSON of a read."""
        return await self._send(Call("GET", path, params or {}, bucket=bucket_of("GET", path)))

    async def find(self, path: str) -> Any:
        """Return the decoded JSON of a read; None where there is no such thing (404)."""
        try:
            return await self.get(path)
        except RejectedByServer as error:
            if error.status != 404:
                raise
            return None

    async def act(self, method: str, path: str, json: Any = None, reason: str = "") -> Any:
        """Change something there, `reason` for the server's audit log; return the decoded JSON."""
        headers = {"X-Audit-Log-Reason": audit_reason(reason)}
        bucket = bucket_of(method, path)
        return await self._send(
            Call(method, path, json=json, headers=headers, write=True, bucket=bucket)
        )

    async def gone(self, path: str, reason: str, json: Any = None) -> bool:
        """Delete something; return whether it was there."""
        try:
            await self.act("DELETE", path, json, reason)
        except RejectedByServer as error:
            if error.status != 404:
                raise
            return False
        return True

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _send(self, call: Call) -> Any:
        self._hold()
        try:
            return (await self._http.send(call)).body
        except (Unauthorized, RateLimited):
            self._refused.append(self._now())
            raise
        except RejectedByServer as error:
            if error.status == 403:
                self._refused.append(self._now())
            if code_of(error) == _NOT_ALLOWED:
                why = f"{error}: its roles lack the right there, or stand below theirs"
                raise RejectedByServer(why, error.status, error.body) from error
            raise

    def _hold(self) -> None:
        """Raise Retryable when so much was refused that Discord may shut this machine out."""
        now = self._now()
        while self._refused and not timedelta() <= now - self._refused[0] <= _WINDOW:
            self._refused.popleft()
        if len(self._refused) >= _MOST_REFUSALS:
            message = f"Discord refused {len(self._refused)} requests in ten minutes: pausing"
            raise Retryable(message, self._refused[0] + _WINDOW - now)


def bucket_of(method: str, path: str) -> str:
    """Return the bucket of a request: its route, and the channel or server it is about."""
    kind, _, rest = path.lstrip("/").partition("/")
    whose, _, rest = rest.partition("/")
    if kind not in ("channels", "guilds"):
        return f"{method} {_NUMBER.sub('/:id', path)}|"
    route = _EMOJI.sub(r"\1", _NUMBER.sub("/:id", f"/{rest}"))
    return f"{method} {kind}{route}|{whose}"


def audit_reason(reason: str) -> str:
    """Return a reason as the audit log takes it: percent-encoded, 1 to 512 characters."""
    words = " ".join(reason.split()) or "a moderator's decision"
    said = ""
    for character in words:
        piece = quote(character, safe=" ").replace(" ", "%20")
        if len(said) + len(piece) > _REASON_LIMIT:
            break
        said += piece
    return said


def code_of(error: RejectedByServer) -> int:
    """Return Discord's own number of an error, such as 50007; 0 if it named none."""
    code = error.body.get("code") if isinstance(error.body, dict) else None
    return code if isinstance(code, int) else 0


def lasting(error: ConnectorError) -> bool:
    """Return whether asking again would be answered the same: no such thing, or not for us."""
    return isinstance(error, RejectedByServer) and error.status in (403, 404)
