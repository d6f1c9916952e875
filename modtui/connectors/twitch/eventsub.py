"""EventSub over a WebSocket: what Twitch pushes, on a connection that is replaced while it lives.

Source: Twitch's documentation of EventSub (handling-websocket-events, websocket-reference). Nothing
is ever sent on the socket. Subscriptions belong to a connection and end with it, but for one that
Twitch asks to move: that takes them along. What is pushed while there is none is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from modtui.connectors import (
    ConnectorError,
    Dial,
    Rejected,
    Retryable,
    Socket,
    SocketClosed,
    Unauthorized,
)
from modtui.connectors.decoding import decode_json
from modtui.connectors.socket import in_time, may_go_to
from modtui.connectors.watch import Watch
from modtui.domain.address import in_the_clear
from modtui.domain.text import clean_line

KEEPALIVE = 15
"""Seconds of silence after which Twitch says that the line stands: four messages a quiet minute."""
_SLACK = 10.0
_WELCOME_WAIT = 10.0
_SUBSCRIBE_WAIT = 10.0
"""A connection without a subscription is closed after so many seconds."""
_OVERLAP = 5.0
_FAMILY = ".twitch.tv"
CLOSED = {
    4000: "Twitch closed the line: it has a fault of its own",
    4001: "Twitch closed the line: something wrote into it, and it is for reading only",
    4002: "Twitch closed the line: its ping was not answered",
    4003: "Twitch closed the line: no subscription was made in time",
    4004: "Twitch closed the line: it asked for another one, which was not there in time",
    4005: "Twitch closed the line: it did not get through in time",
    4006: "Twitch closed the line: its network broke",
    4007: "Twitch closed the line: it does not know the address that it named itself",
}
_REVOKED: dict[str, tuple[type[ConnectorError], str]] = {
    "authorization_revoked": (
        Unauthorized, "Twitch ended it: the account took the rights back, or changed its password",
    ),
    "user_removed": (Rejected, "Twitch ended it: the channel or the account is gone"),
    "moderator_removed": (Rejected, "Twitch ended it: the account is no moderator there any more"),
    "version_removed": (Rejected, "Twitch ended it, and offers a newer one: update modtui"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One notification: `type` is that of its subscription, `at` as Twitch wrote it. Without a
    type it is what cannot be read, and `data` its text."""

    id: str
    type: str
    at: str
    data: Any


class _Metadata(msgspec.Struct):
    message_type: str
    message_id: str = ""
    message_timestamp: str = ""


class _Frame(msgspec.Struct):
    metadata: _Metadata
    payload: dict[str, Any] = {}


class _Welcome(msgspec.Struct):
    id: str
    keepalive_timeout_seconds: float | None = None


class _Subscription(msgspec.Struct):
    type: str = "a subscription"
    status: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What EventSub is reached with. `subscribe` makes the subscriptions of a session's id."""

    url: str
    dial: Dial
    sleep: Callable[[float], Awaitable[None]]
    subscribe: Callable[[str], Awaitable[None]]
    watch: Watch = field(default_factory=Watch)


class EventSub:
    """Connects, watches the line, moves when asked to, and hands on events in their order."""

    def __init__(self, line: Line) -> None:
        parts = urlsplit(line.url)
        if not may_go_to(line.url, line.url, _FAMILY) or in_the_clear(f"http{line.url[2:]}"):
            raise Rejected("eventsub_url is not wss://..., such as wss://eventsub.wss.twitch.tv/ws")
        asked = f"keepalive_timeout_seconds={KEEPALIVE}"
        query = f"{parts.query}&{asked}" if parts.query else asked
        self._url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
        self._line = line
        self.live = False
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()
        """None: the line was lost."""
        self.lost = Retryable("EventSub was not connected yet")
        """Why there is no line."""
        self._socket: Socket | None = None
        self._silence = KEEPALIVE + _SLACK
        self._tasks: set[asyncio.Task[None]] = set()
        self._old: list[Socket] = []
        self._broke: ConnectorError | None = None

    async def connect(self) -> None:
        """Open a new connection and subscribe on it. Raises the port's errors."""
        await self.aclose()
        try:
            socket, welcome = await self._greeted(self._url)
            self._take(socket, welcome)
            late = "Twitch took longer than ten seconds to make the subscriptions"
            subscribing = self._line.subscribe(welcome.id)
            await in_time(subscribing, _SUBSCRIBE_WAIT, self._line.sleep, late)
        except SocketClosed as closed:
            await self.aclose()
            raise _said(closed) from closed
        except BaseException:
            await self.aclose()
            raise
        self.live = True
        self._start(self._listen(socket))

    def check(self) -> None:
        """Raise what ended the line for good, if something did."""
        if self._broke is not None:
            broke, self._broke = self._broke, None
            raise broke

    async def aclose(self) -> None:
        """Close what is open."""
        self.live = False
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        sockets, self._old = self._old, []
        if self._socket is not None:
            sockets.append(self._socket)
            self._socket = None
        for socket in sockets:
            await _shut(socket)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # opening
    async def _greeted(self, url: str) -> tuple[Socket, _Welcome]:
        socket = await self._line.dial(url)
        try:
            late = "Twitch's EventSub took the connection and did not say welcome"
            frame = _frame(await in_time(socket.receive(), _WELCOME_WAIT, self._line.sleep, late))
            if frame is None or frame.metadata.message_type != "session_welcome":
                raise Retryable("Twitch's EventSub did not say welcome")
            return socket, msgspec.convert(frame.payload.get("session"), _Welcome)
        except msgspec.ValidationError as error:
            await _shut(socket)
            raise Retryable("Twitch's EventSub named no session") from error
        except BaseException:
            await _shut(socket)
            raise

    def _take(self, socket: Socket, welcome: _Welcome) -> None:
        self._socket = socket
        told = welcome.keepalive_timeout_seconds or KEEPALIVE
        self._silence = min(max(told, 10.0), 600.0) + _SLACK

    # listening
    async def _listen(self, socket: Socket) -> None:
        """Hand on what comes on `socket`; when that ends and it is still the line, that is lost."""
        late = "nothing came from Twitch for too long: the line is dead"
        try:
            while True:
                text = await in_time(socket.receive(), self._silence, self._line.sleep, late)
                frame = _frame(text)
                if frame is None:
                    self.events.put_nowait(Event("", "", "", text))
                else:
                    self._heed(frame, socket)
        except SocketClosed as closed:
            self._end(socket, _said(closed))
        except ConnectorError as error:
            if socket is self._socket:
                self._line.watch.lost(str(error))
            await _shut(socket)
            self._end(socket, error)

    def _heed(self, frame: _Frame, socket: Socket) -> None:
        told, payload = frame.metadata, frame.payload
        match told.message_type:
            case "notification":
                kind = _subscription(payload).type
                self.events.put_nowait(
                    Event(told.message_id, kind, told.message_timestamp, payload.get("event"))
                )
            case "session_reconnect" if socket is self._socket:
                session = payload.get("session")
                named = session.get("reconnect_url") if isinstance(session, dict) else None
                if not may_go_to(named, self._url, _FAMILY):
                    # Twitch closes this line then, and a new session begins where it is known.
                    self.events.put_nowait(Event("", "", "", f"refused to move to {named}"))
                else:
                    self._start(self._move(str(named), socket))
            case "revocation":
                raise _revoked(_subscription(payload))

    async def _move(self, url: str, old: Socket) -> None:
        """Go over to `url`. The old line is read until the new one says welcome and a little
        longer; where that does not come, until Twitch closes it."""
        try:
            socket, welcome = await self._greeted(url)
        except ConnectorError:
            # The old line still tells what happens; when it ends, a new session begins.
            return
        if self._socket is not old:
            await _shut(socket)
            return
        self._take(socket, welcome)
        self._old.append(old)
        self._start(self._listen(socket))
        await self._line.sleep(_OVERLAP)
        await _shut(old)

    def _end(self, socket: Socket, error: ConnectorError) -> None:
        if isinstance(error, Retryable):
            if socket is not self._socket:
                return
            self.lost = error
        else:
            self._broke = error
        self.live = False
        self.events.put_nowait(None)


def _frame(text: str) -> _Frame | None:
    try:
        return msgspec.convert(decode_json(text.encode("utf-8", "replace"))[0], _Frame)
    except msgspec.ValidationError:
        return None


async def _shut(socket: Socket) -> None:
    with contextlib.suppress(SocketClosed):
        await socket.aclose()


def _subscription(payload: dict[str, Any]) -> _Subscription:
    try:
        return msgspec.convert(payload.get("subscription"), _Subscription)
    except msgspec.ValidationError:
        return _Subscription()


def _revoked(subscription: _Subscription) -> ConnectorError:
    what = clean_line(subscription.type, limit=60)
    kind, words = _REVOKED.get(
        subscription.status,
        (Rejected, f"Twitch ended it ({clean_line(subscription.status, limit=40) or 'no reason'})"),
    )
    return kind(f"{words} ({what})")


def _said(closed: SocketClosed) -> Retryable:
    words = CLOSED.get(closed.code)
    return Retryable(f"{words} ({closed.code})") if words else closed
