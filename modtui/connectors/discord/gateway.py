"""The gateway of Discord: one WebSocket session that outlives its connections.

Source: Discord's documentation of the gateway, its opcodes and its close codes. A session that is
resumed gets every event it missed; a new one does not, and what it missed is to be read by REST.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from modtui.connectors import (
    ConnectorError,
    Dial,
    RateLimited,
    Rejected,
    Retryable,
    Socket,
    SocketClosed,
    Unauthorized,
)
from modtui.connectors.decoding import decode_json
from modtui.connectors.discord.api import Api
from modtui.connectors.socket import in_time, may_go_to
from modtui.connectors.watch import Watch
from modtui.domain.secret import Secret
from modtui.domain.text import clean_line

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
"""Opcodes."""
GUILDS, MESSAGES, REACTIONS = 1 << 0, 1 << 9, 1 << 10
CONTENT, AUTOMOD = 1 << 15, 1 << 21
"""Intents."""
KEPT = 4000
"""We close with this code: after 1000 or 1001 the session could not be resumed."""
_TOO_FAST = 4008
_MINUTE = timedelta(minutes=1)
"""In which Discord takes so many messages on a connection."""
_SESSION_OVER = frozenset({4003, 4007, 4009})
_FATAL = {
    4010: "Discord does not know this shard",
    4011: "the bot is on too many servers for one connection: use a bot of your own",
    4012: "Discord no longer speaks version 10 of its gateway: update modtui",
    4013: "Discord does not know an intent that was asked for",
    4014: "the bot lacks the privileged Message Content Intent: switch it on in the developer"
    " portal, under Bot",
}
_HELLO_WAIT = 20.0
_QUIET = 15.0
"""After so many seconds without a word a heartbeat is sent, however early: 4 in a quiet minute of
the 120 messages that Discord takes."""
_ACK_WAIT = 10.0
_TRIES = 3


@dataclass(slots=True)
class Session:
    """What it takes to resume. `seq` is the last event that was received."""

    id: str = ""
    url: str = ""
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched event, and where the session stood with it."""

    name: str
    data: Any
    seq: int


class _Frame(msgspec.Struct):
    op: int
    d: Any = None
    s: int | None = None
    t: str | None = None


class _Ended(Exception):
    """The connection is over; `wait` seconds before the next one."""

    def __init__(self, wait: float = 0.0) -> None:
        super().__init__("the connection is over")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Line:
    """What the gateway is reached with. `sleep`, `now` and `watch` as in Environment."""

    dial: Dial
    token: Secret
    intents: int
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    watch: Watch = field(default_factory=Watch)


class Gateway:
    """Connects, keeps the line alive, and hands on events in their order."""

    def __init__(self, api: Api, line: Line, session: Session) -> None:
        self._api = api
        self._line = line
        self.session = session
        self.live = False
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()
        """None: the line was lost."""
        self._socket: Socket | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._acked = asyncio.Event()
        self._frames, self._heard_at = 0, line.now()
        self._pause = 0.0
        self._broke: ConnectorError | None = None

    async def connect(self) -> bool:
        """Return whether the session went on: then no event was missed. Raises the port's
        errors; Retryable when there is no line now."""
        await self._hang_up()
        for _ in range(_TRIES):
            pause, self._pause = self._pause, 0.0
            if pause:
                await self._line.sleep(pause)
            try:
                resumed = await self._open()
            except _Ended as ended:
                await self._hang_up()
                self._pause = ended.wait
                continue
            except SocketClosed as closed:
                await self._hang_up()
                if closed.code == _TOO_FAST:
                    why = "Discord's gateway was entered too often"
                    raise RateLimited(why, _MINUTE) from closed
                self._judge(closed)
                continue
            except BaseException:
                await self._hang_up()
                raise
            self.live = True
            self._tasks.append(asyncio.create_task(self._listen()))
            return resumed
        raise Retryable("Discord's gateway takes the connection and drops it")

    def check(self) -> None:
        """Raise what ended the line for good, if something did."""
        if self._broke is not None:
            broke, self._broke = self._broke, None
            raise broke

    async def aclose(self) -> None:
        """Close the connection; the session can be resumed for some minutes."""
        await self._hang_up()

    # opening
    async def _open(self) -> bool:
        self._socket = await self._dial()
        hello = await self._first()
        if hello.op != HELLO or not isinstance(hello.d, dict):
            raise Retryable("Discord's gateway did not say hello")
        interval = hello.d.get("heartbeat_interval")
        if not isinstance(interval, int | float) or not 1000 <= interval <= 600_000:
            raise Retryable("Discord's gateway named no heartbeat")
        self._tasks.append(asyncio.create_task(self._beat(interval / 1000)))
        await (self._resume() if self.session.id else self._identify())
        while True:
            frame = await self._receive()
            if frame.op == DISPATCH:
                self._take(frame)
                if frame.t in ("READY", "RESUMED"):
                    return frame.t == "RESUMED"
            else:
                await self._control(frame)

    async def _dial(self) -> Socket:
        resumed, self.session.url = self.session.url if self.session.id else "", ""
        address = self._allowed(resumed) if resumed else await self._address()
        socket = await self._line.dial(f"{address}/?v=10&encoding=json")
        # One that does not answer is not asked again: the session goes on at the usual address.
        self.session.url = resumed
        return socket

    async def _address(self) -> str:
        """Return where the gateway is, asked of Discord, which also says how often we may."""
        told = await self._api.get("/gateway/bot")
        told = told if isinstance(told, dict) else {}
        limit = told.get("session_start_limit")
        if isinstance(limit, dict) and limit.get("remaining") == 0:
            after = limit.get("reset_after")
            wait = min(after, 3_600_000) if isinstance(after, int) else 3_600_000
            message = "the bot used up its connections of the day"
            raise RateLimited(message, timedelta(milliseconds=wait))
        return self._allowed(told.get("url"))

    def _allowed(self, url: object) -> str:
        """Return `url` if the token may go there. Raises Rejected."""
        if not may_go_to(url, self._api.origin, ".discord.gg"):
            shown = clean_line(str(url), limit=100)
            raise Rejected(f"refused to send the token to a gateway at {shown}")
        parts = urlsplit(str(url))
        return f"{parts.scheme}://{parts.netloc}"

    async def _first(self) -> _Frame:
        late = "Discord's gateway did not say hello in time"
        return await in_time(self._receive(), _HELLO_WAIT, self._line.sleep, late)

    async def _identify(self) -> None:
        properties = {"os": "linux", "browser": "modtui", "device": "modtui"}
        token = self._line.token.reveal().strip()
        await self._send(
            IDENTIFY, {"token": token, "intents": self._line.intents, "properties": properties}
        )

    async def _resume(self) -> None:
        token, session = self._line.token.reveal().strip(), self.session
        await self._send(RESUME, {"token": token, "session_id": session.id, "seq": session.seq})

    # listening
    async def _listen(self) -> None:
        try:
            while True:
                frame = await self._receive()
                if frame.op == DISPATCH:
                    self._take(frame)
                else:
                    await self._control(frame)
        except SocketClosed as closed:
            try:
                self._judge(closed)
            except ConnectorError as error:
                self._broke = error
        except _Ended as ended:
            self._pause = ended.wait
        except ConnectorError as error:
            self._broke = error
        finally:
            self.live = False
            self.events.put_nowait(None)

    def _take(self, frame: _Frame) -> None:
        if frame.s is not None:
            self.session.seq = frame.s
        if frame.t == "READY" and isinstance(frame.d, dict):
            self.session.id = str(frame.d.get("session_id") or "")
            self.session.url = self._allowed(frame.d.get("resume_gateway_url"))
        elif frame.t not in (None, "RESUMED"):
            self.events.put_nowait(Event(str(frame.t), frame.d, self.session.seq or 0))

    async def _control(self, frame: _Frame) -> None:
        if frame.op == HEARTBEAT:
            await self._send(HEARTBEAT, self.session.seq)
        elif frame.op == ACK:
            self._acked.set()
        elif frame.op == RECONNECT:
            raise _Ended
        elif frame.op == INVALID:
            if frame.d is not True:
                self._forget()
            # Discord asks for a wait of one to five seconds here.
            raise _Ended(1.0 + 4.0 * self._jitter())

    async def _beat(self, interval: float) -> None:
        await self._till_due(interval * self._jitter())
        with contextlib.suppress(SocketClosed):
            # The reader is told of a closed socket as well, and with its code.
            while True:
                self._acked.clear()
                await self._send(HEARTBEAT, self.session.seq)
                if not await self._answered(interval):
                    break
                await self._till_due(interval)
            # Nothing came back: the connection is dead whatever the socket says.
            self._line.watch.lost("Discord did not answer the heartbeat: the line is dead")
            if self._socket is not None:
                await self._socket.aclose(KEPT)

    async def _till_due(self, seconds: float) -> None:
        """Wait for `seconds`, or until nothing was heard for a while."""
        while seconds > 0:
            silent = (self._line.now() - self._heard_at).total_seconds()
            if not 0 <= silent < _QUIET:
                return
            nap = min(seconds, _QUIET - silent)
            await self._line.sleep(nap)
            seconds -= nap

    async def _answered(self, seconds: float) -> bool:
        """Return whether the heartbeat was answered, in `seconds` or while other things came."""
        while seconds > 0:
            frames, wait = self._frames, min(seconds, _ACK_WAIT)
            with contextlib.suppress(Retryable):
                await in_time(self._acked.wait(), wait, self._line.sleep, "no answer yet")
                return True
            if self._frames == frames:
                return False
            seconds -= wait
        return False

    def _jitter(self) -> float:
        return self._line.now().microsecond / 1_000_000

    def _judge(self, closed: SocketClosed) -> None:
        """Take in a close code: the session goes on, or a new one is needed, or it is raised."""
        if closed.code == 4004:
            self._forget()
            raise Unauthorized("Discord does not accept the token")
        if closed.code in _FATAL:
            raise Rejected(_FATAL[closed.code])
        if closed.code in _SESSION_OVER:
            self._forget()

    def _forget(self) -> None:
        self.session.id, self.session.url, self.session.seq = "", "", None

    async def _receive(self) -> _Frame:
        assert self._socket is not None
        text = await self._socket.receive()
        self._frames, self._heard_at = self._frames + 1, self._line.now()
        try:
            return msgspec.convert(decode_json(text.encode("utf-8", "replace"))[0], _Frame)
        except msgspec.ValidationError as error:
            raise Retryable("Discord's gateway sent what is no message") from error

    async def _send(self, op: int, data: Any) -> None:
        assert self._socket is not None
        await self._socket.send(msgspec.json.encode({"op": op, "d": data}).decode())

    async def _hang_up(self) -> None:
        self.live = False
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        socket, self._socket = self._socket, None
        if socket is not None:
            with contextlib.suppress(SocketClosed):
                await socket.aclose(KEPT)
