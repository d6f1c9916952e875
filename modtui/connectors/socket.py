"""The WebSocket that connectors share: the only place that knows the websockets library.

No redirect is followed, no proxy and no compression are used, and a message is read up to a limit.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)
from websockets.http11 import Response

from modtui.connectors import (
    Dial,
    RateLimited,
    Rejected,
    Retryable,
    Socket,
    SocketClosed,
    Unauthorized,
)
from modtui.connectors.trust import context_for
from modtui.domain.text import clean_line

T = TypeVar("T")

MESSAGE_LIMIT = 4 * 1024 * 1024
OPEN_TIMEOUT = 10.0
_SILENT = logging.getLogger("modtui.socket")
_SILENT.setLevel(logging.CRITICAL)
_LOST = 1006
_SECONDS = re.compile(r"[0-9]{1,6}")


class _Direct(connect):
    """The library follows redirects, to other origins too."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def dial(url: str, trust: ssl.SSLContext | None = None) -> WebSocket:
    """Return an open socket to `url` (ws or wss); `trust` is what a wss certificate is checked by.

    Raises Unauthorized or Rejected where the other side refuses, Retryable where none answers.
    """
    where = clean_line(url.partition("?")[0], limit=100)
    try:
        connection = await _Direct(
            url,
            ssl=trust if url.startswith("wss:") else None,
            open_timeout=OPEN_TIMEOUT,
            ping_interval=None,
            max_size=MESSAGE_LIMIT,
            compression=None,
            proxy=None,
            user_agent_header="modtui",
            # At its debug level the library logs what is sent, credentials too.
            logger=_SILENT,
        )
    except InvalidURI as error:
        raise Rejected(f"not a WebSocket address: {where}") from error
    except InvalidStatus as error:
        raise _refusal(error.response, where) from error
    except (OSError, TimeoutError, InvalidHandshake) as error:
        why = clean_line(str(error), limit=120) or type(error).__name__
        raise Retryable(f"cannot reach {where}: {why}") from error
    return WebSocket(connection)


def dialer(ca_file: str | None) -> Dial:
    """Return what opens sockets, certificates checked by `ca_file` or the usual authorities."""

    async def opened(url: str) -> Socket:
        return await dial(url, context_for(url.replace("ws", "http", 1), ca_file))

    return opened


def masking(opened: Dial, masked: Callable[[str], str]) -> Dial:
    """Return what opens sockets as `opened` does; what comes on them has been through `masked`."""

    async def dialled(url: str) -> Socket:
        return _Masked(await opened(url), masked)

    return dialled


def may_go_to(url: object, home: str, family: str) -> bool:
    """Return whether `url`, named by the platform, is a socket of it: on the host of `home`, or on
    one that ends in `family`; unencrypted only where `home` is so as well."""
    try:
        parts, own = urlsplit(url if isinstance(url, str) else ""), urlsplit(home)
        host, plain = parts.hostname or "", own.scheme in ("http", "ws")
        same = host == own.hostname
    except ValueError:
        return False
    secure = parts.scheme == "wss" or (parts.scheme == "ws" and plain and same)
    return secure and (same or host.endswith(family)) and parts.username is None


async def in_time(
    work: Awaitable[T], seconds: float, sleep: Callable[[float], Awaitable[None]], late: str
) -> T:
    """Return what `work` returns. Raises Retryable, saying `late`, when it takes longer."""
    waiting = asyncio.ensure_future(work)
    patience = asyncio.ensure_future(sleep(seconds))
    try:
        await asyncio.wait({waiting, patience}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        raise Retryable(late)
    finally:
        for task in (waiting, patience):
            task.cancel()
        await asyncio.gather(waiting, patience, return_exceptions=True)


def _refusal(response: Response, where: str) -> Rejected | Unauthorized | Retryable:
    status = response.status_code
    if status == 401:
        return Unauthorized(f"{where} does not accept the secret")
    if 300 <= status < 400:
        return Rejected(f"{where} redirects: not followed, check the account's url")
    if status == 429:
        asked = next(iter(response.headers.get_all("Retry-After")), "")
        wait = timedelta(seconds=int(asked)) if _SECONDS.fullmatch(asked) else None
        return RateLimited(f"{where} lets nobody in for now ({status})", wait)
    if status >= 500:
        return Retryable(f"{where} answers {status}")
    return Rejected(f"{where} refuses the connection ({status})")


class WebSocket:
    """An open socket; see `modtui.connectors.Socket`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str:
        try:
            message = await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error
        return message if isinstance(message, str) else message.decode("utf-8", "replace")

    async def aclose(self, code: int = 1000) -> None:
        await self._connection.close(code)


class _Masked:
    """A socket on which a secret that the platform says back is not heard."""

    def __init__(self, socket: Socket, masked: Callable[[str], str]) -> None:
        self._socket = socket
        self._masked = masked
        self.send, self.aclose = socket.send, socket.aclose

    async def receive(self) -> str:
        return self._masked(await self._socket.receive())


def _closed(error: ConnectionClosed) -> SocketClosed:
    frame = error.rcvd
    if frame is None:
        return SocketClosed(_LOST, "")
    return SocketClosed(frame.code, str(clean_line(frame.reason, limit=120)))
