"""The HTTP client that connectors share: the only place that knows httpx.

An account has a client for reads and one for writes. The secret goes to the account's own
origin and nowhere else; no redirect is followed; an answer is read up to a limit; and every way
to fail becomes one of the port's errors, which differ by one question: may the platform have
executed the request?
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import msgspec

from modtui.connectors import (
    ConnectorError,
    RateLimited,
    Rejected,
    Retryable,
    Stale,
    Unauthorized,
    Unknown,
)
from modtui.connectors.calls import READ_TIMEOUT
from modtui.connectors.calls import UNCHANGED as UNCHANGED
from modtui.connectors.calls import Answer as Answer
from modtui.connectors.calls import Call as Call
from modtui.connectors.calls import RejectedByServer as RejectedByServer
from modtui.connectors.calls import Site as Site
from modtui.connectors.calls import segment as segment
from modtui.connectors.calls import site_of as site_of
from modtui.connectors.decoding import decode_json, reason_of
from modtui.connectors.ratelimit import Buckets, Limit, read_limit
from modtui.connectors.trust import context_for, flaw, proxy_context, proxy_for
from modtui.domain.address import CLEAR, in_the_clear
from modtui.domain.secret import Redactor, Secret
from modtui.domain.text import clean_line

# httpx brings in its command line, and with it rich, where that is installed; it asks for it in
# a `try`, and a None in sys.modules is the documented way to say that there is none.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

_SPENT = "no requests are left for now"
_LINE_LIMIT = 256 * 1024
_PORTS = {"http": 80, "https": 443}
_SURELY_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def origin_of(url: str | httpx.URL) -> str:
    """Return scheme://host:port of `url` as it would be connected to: lower case, the host in
    punycode, the default port left out. Raises RejectedByServer for what is no address."""
    try:
        # The parser that decides where a request goes: another one may read an address otherwise.
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise RejectedByServer(f"not an address: {clean_line(str(url), limit=120)}") from error
    host = parts.raw_host.decode("ascii")
    host = f"[{host}]" if ":" in host else host
    port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
    return f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")


class _OriginAuth(httpx.Auth):
    """Adds the credentials, and raises rather than let them go to another origin."""

    def __init__(self, origin: str, credentials: Mapping[str, tuple[str, Secret]]) -> None:
        self._origin = origin
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        target = origin_of(request.url)
        if target != self._origin:
            raise RejectedByServer(f"refused to send the secret to {clean_line(target)}")
        for name, (prefix, secret) in self._credentials.items():
            value = secret.reveal().strip()
            # The error of the HTTP library for such a value would show it.
            if not (value.isascii() and value.isprintable()):
                raise Unauthorized("the secret holds characters that cannot be sent")
            request.headers[name] = prefix + value
        yield request


class Http:
    """One account's client."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.origin = origin_of(site.url)
        if in_the_clear(self.origin):
            raise Rejected(f"{clean_line(self.origin)} is refused: {CLEAR}")
        self._base = site.url.rstrip("/")
        self._budgets = Buckets(site.now, self._pause)
        self._redact = Redactor(secret for _, secret in site.credentials.values())
        # A transport that is handed in trusts whom it will: loading the authorities takes 30 ms.
        checks = site.ca_file is not None or site.transport is None
        self._trust = context_for(self.origin, site.ca_file) if checks else None
        self._reading = self._client(httpx.Limits(max_connections=4, keepalive_expiry=5))

    @cached_property
    def _writing(self) -> httpx.AsyncClient:
        """A kept connection that the server just dropped would make a write's outcome unknown:
        each write opens its own."""
        return self._client(httpx.Limits(max_connections=4, max_keepalive_connections=0))

    def _client(self, limits: httpx.Limits) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            auth=_OriginAuth(self.origin, self._site.credentials),
            headers={"User-Agent": self._site.agent, "Accept-Encoding": "identity"},
            follow_redirects=False,
            # Else .netrc would add credentials of its own, and any variable a proxy.
            trust_env=False,
            proxy=None if self._site.transport else self._proxy(),
            verify=self._trust or True,
            limits=limits,
            transport=self._site.transport,
            event_hooks={"response": [self._no_redirect]},
        )

    def _proxy(self) -> httpx.Proxy | None:
        url = proxy_for(self.origin)
        # Left to httpx, a proxy's own TLS would listen to SSL_CERT_FILE and SSLKEYLOGFILE.
        trust = proxy_context(self._site.ca_file) if url and url.startswith("https:") else None
        return httpx.Proxy(url, ssl_context=trust) if url else None

    def redact_also(self, secrets: Iterable[Secret]) -> None:
        """Take these secrets, too, out of whatever the platform answers, in place of those that
        the call before named."""
        own = (secret for _, secret in self._site.credentials.values())
        self._redact = Redactor((*own, *secrets))

    def masked(self, text: str) -> str:
        """Return `text`, which the platform said elsewhere than here, without the secrets."""
        return self._redact(text)

    async def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        read_timeout: float = READ_TIMEOUT,
    ) -> Any:
        """Return the decoded JSON of a read. Whatever may pass by itself is Retryable."""
        call = Call("GET", path, params or {}, read_timeout=read_timeout)
        return (await self.send(call)).body

    async def write(self, method: str, path: str, json: Any = None) -> Any:
        """Send something that changes the platform; return the decoded JSON.

        Raises Unknown when it cannot be told whether it was executed.
        """
        return (await self.send(Call(method, path, json=json, write=True))).body

    async def send(self, call: Call) -> Answer:
        """Send one request. Raises the port's errors; waits (a read) or raises RateLimited
        (a write, so that its delivery is given back) while the rate limit is spent. What is not
        patient is not waited with either."""
        if call.write or not call.patient:
            left = self._budgets.left(call.bucket)
            if left:
                raise RateLimited("the platform asks us to wait", left)
        else:
            await self._budgets.wait(call.bucket)
        with nullcontext() if call.write else self._site.watch.asked():
            return await self._exchange(call)

    async def _exchange(self, call: Call) -> Answer:
        async with self._begun(call) as response:
            content = await self._content(response)
        return self._judge(call, response, content)

    @asynccontextmanager
    async def _begun(self, call: Call) -> AsyncIterator[httpx.Response]:
        """Give an answer whose body is still to be read. Raises the port's errors, for the body
        too."""
        client = self._writing if call.write else self._reading
        request = self._request(client, call)
        try:
            response = await client.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self._lost(error, call) from error

    def hold(self, wait: timedelta) -> None:
        """Send nothing for `wait`, as a limit demands that no header tells."""
        self._budgets.learn("", Limit(wait=wait), {})

    async def _pause(self, seconds: float) -> None:
        await self._site.watch.pause(seconds, f"{self.origin}: {_SPENT}", self._site.sleep)

    async def lines(self, call: Call) -> AsyncIterator[str]:
        """Yield the lines of an answer that does not end, such as one of server-sent events.

        Raises Retryable when it breaks or nothing comes for the read timeout of `call`.
        """
        async with self._begun(call) as response:
            if not response.is_success:
                self._judge(call, response, await self._content(response))
            async for line in response.aiter_lines():
                # Cut first, it could end in half a secret, which nothing would know.
                yield self._redact(line)[:_LINE_LIMIT]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._reading.aclose()
        if "_writing" in self.__dict__:
            await self._writing.aclose()

    def _request(self, client: httpx.AsyncClient, call: Call) -> httpx.Request:
        headers = dict(call.headers)
        content = None
        if call.json is not None:
            content = msgspec.json.encode(call.json)
            headers["Content-Type"] = "application/json"
        elif call.form is not None:
            content = urlencode(call.form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if call.write:
            headers["Connection"] = "close"
        try:
            return client.build_request(
                call.method,
                self._url(call.path),
                params={k: str(v) for k, v in call.params.items()} or None,
                content=content,
                headers=headers,
                timeout=httpx.Timeout(connect=5, read=call.read_timeout, write=15, pool=5),
            )
        except httpx.InvalidURL as error:
            raise RejectedByServer(f"not an address: {clean_line(call.path)}") from error

    def _url(self, path: str) -> str:
        """Return the full URL of a path under the base, or of a next link of our origin."""
        if "://" not in path:
            return self._base + path
        target = origin_of(path)
        if target != self.origin or httpx.URL(path).userinfo:
            at = clean_line(target if target != self.origin else f"{target} with a login in it")
            raise RejectedByServer(f"{self.origin} named a next page at {at}: not followed")
        return path

    async def _no_redirect(self, response: httpx.Response) -> None:
        """Refuse any 3xx before httpx parses where it leads to; 304 leads nowhere."""
        if 300 <= response.status_code < 400 and response.status_code != UNCHANGED:
            target = clean_line(
                self._redact(response.headers.get("location", "nowhere")), limit=120
            )
            message = f"{self.origin} redirects to {target}: not followed, check the account's url"
            raise RejectedByServer(message, response.status_code)

    async def _content(self, response: httpx.Response) -> bytes | None:
        """Return the body, or None when it is longer than we read or packed."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return None
        parts: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._site.body_limit:
                return None
            parts.append(chunk)
        return self._redact.of_bytes(b"".join(parts))

    def _judge(self, call: Call, response: httpx.Response, content: bytes | None) -> Answer:
        body, readable = decode_json(content)
        headers = {name.lower(): self._redact(v) for name, v in response.headers.items()}
        limit = read_limit(self._site.dialect, headers, body, self._site.now())
        if response.status_code == 429 and limit.wait is None:
            limit = replace(limit, wait=limit.reset_in)
        self._budgets.learn(call.bucket, limit, headers)
        if response.status_code == UNCHANGED and "If-None-Match" in call.headers:
            return Answer(UNCHANGED, None, headers)
        if not response.is_success:
            raise self._refusal(call, response, body, limit)
        if readable or call.any_answer:
            return Answer(response.status_code, body, headers)
        told = "an answer we cannot read" if content is not None else "an answer too large to read"
        raise self._unclear(call, f"{self.origin} gave {told}")

    def _refusal(
        self, call: Call, response: httpx.Response, body: Any, limit: Limit
    ) -> ConnectorError:
        status = response.status_code
        phrase = response.reason_phrase
        reason = reason_of(body, phrase) or f"{status} {clean_line(self._redact(phrase))}".strip()
        if status == 401:
            return Unauthorized(f"{self.origin} does not accept the secret: {reason}")
        if status == 429 or (status == 403 and self._site.dialect.spent_403 and limit.spent):
            return RateLimited(f"{self.origin}: {reason}", limit.wait or limit.reset_in)
        if status == 503 and "retry-after" in response.headers:
            return Retryable(f"{self.origin}: {reason}", limit.wait)
        if status in (409, 412):
            return Stale(reason)
        # 501 is the server's word that it has no such method: it did nothing.
        if status == 501 or (400 <= status < 500 and status not in (408, 425)):
            return RejectedByServer(reason, status, body)
        return self._unclear(call, f"{self.origin}: {reason}")

    def _lost(self, error: httpx.HTTPError, call: Call) -> ConnectorError:
        if isinstance(error, httpx.UnsupportedProtocol):
            return RejectedByServer(f"{clean_line(self.origin)} is not an http(s) address")
        if isinstance(error, httpx.LocalProtocolError):
            return RejectedByServer("the request cannot be put into HTTP")
        if isinstance(error, _SURELY_NOT_SENT):
            full = isinstance(error, httpx.PoolTimeout)
            words = "no free connection" if full else self._why(error)
            refused = flaw(error, httpx.URL(self.origin).host)
            return Retryable(refused or f"cannot reach {self.origin}: {words}")
        if isinstance(error, httpx.ReadTimeout):
            return self._unclear(call, f"{self.origin} did not answer in time")
        return self._unclear(call, f"the connection to {self.origin} broke: {self._why(error)}")

    def _why(self, error: Exception) -> str:
        return clean_line(self._redact(str(error)), limit=120) or type(error).__name__

    @staticmethod
    def _unclear(call: Call, message: str) -> ConnectorError:
        return Unknown(message) if call.write else Retryable(message)
