"""A small stand-in for Discord's gateway, ours: sockets on which a test plays the other side, and
a clock whose sleepers it wakes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from modtui.connectors import Socket, SocketClosed
from tests.connectors.platform import START

HELLO = {"op": 10, "d": {"heartbeat_interval": 40_000}}
RESUME_URL = "wss://resume.discord.gg"


async def until(condition: Any) -> Any:
    """Return what `condition` returns once it is true, letting everything else run."""
    async with asyncio.timeout(5):
        while not (value := condition()):
            await asyncio.sleep(0)
        return value


@dataclass
class Clock:
    """`sleep` lasts until `move` has gone so far."""

    now: datetime = START
    sleepers: list[tuple[datetime, asyncio.Event]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        entry = (self.now + timedelta(seconds=seconds), asyncio.Event())
        self.sleepers.append(entry)
        try:
            await entry[1].wait()
        finally:
            self.sleepers.remove(entry)

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for at, woken in self.sleepers:
            if at <= self.now:
                woken.set()


@dataclass
class FakeSocket:
    """One connection: `say` is Discord speaking, `sent` what the bot said."""

    url: str
    sent: list[dict[str, Any]] = field(default_factory=list)
    closed: int | None = None
    _heard: asyncio.Queue[str | int] = field(default_factory=asyncio.Queue)

    def say(self, *frames: dict[str, Any]) -> None:
        for frame in frames:
            self._heard.put_nowait(json.dumps(frame))

    def break_off(self, code: int) -> None:
        self._heard.put_nowait(code)

    async def send(self, text: str) -> None:
        if self.closed is not None:
            raise SocketClosed(self.closed, "")
        self.sent.append(json.loads(text))

    async def receive(self) -> str:
        heard = await self._heard.get()
        if isinstance(heard, int):
            self.closed = heard
            raise SocketClosed(heard, "")
        return heard

    async def aclose(self, code: int = 1000) -> None:
        if self.closed is None:
            self.closed = code
            self._heard.put_nowait(code)

    def ops(self) -> list[int]:
        return [frame["op"] for frame in self.sent]


@dataclass
class FakeGateway:
    """Takes connections; each says hello."""

    sockets: list[FakeSocket] = field(default_factory=list)

    async def dial(self, url: str) -> Socket:
        socket = FakeSocket(url)
        socket.say(HELLO)
        self.sockets.append(socket)
        return socket

    async def socket(self, number: int) -> FakeSocket:
        """Return a connection once the bot has said on it who it is."""
        await until(lambda: len(self.sockets) > number)
        socket = self.sockets[number]
        await until(lambda: {2, 6} & set(socket.ops()))
        return socket


def ready(seq: int = 1, session: str = "s1", url: str = RESUME_URL) -> dict[str, Any]:
    return event("READY", seq, {"session_id": session, "resume_gateway_url": url})


def event(name: str, seq: int, data: Any = None) -> dict[str, Any]:
    return {"op": 0, "t": name, "s": seq, "d": data or {}}
