"""The shared WebSocket, against real ones on loopback."""

from __future__ import annotations

import asyncio
import http
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from modtui.connectors import (
    ConnectorError,
    RateLimited,
    Rejected,
    Retryable,
    SocketClosed,
    Unauthorized,
)
from modtui.connectors.socket import MESSAGE_LIMIT, dial, in_time, may_go_to


@asynccontextmanager
async def serving(
    talk: Callable[[ServerConnection], Awaitable[None]], **more: Any
) -> AsyncIterator[str]:
    async with serve(talk, "127.0.0.1", 0, **more) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}/gateway"


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_what_is_sent_comes_back() -> None:
    async with serving(echo) as url:
        socket = await dial(url)
        await socket.send('{"op": 1, "d": "ж"}')
        assert await socket.receive() == '{"op": 1, "d": "ж"}'
        await socket.aclose()
        with pytest.raises(SocketClosed):
            await socket.send("late")


async def test_a_close_tells_its_code_and_a_clean_reason() -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(4004, "bad token\x1b[2J")

    async with serving(close) as url:
        socket = await dial(url)
        with pytest.raises(SocketClosed, match=r"4004: bad token") as told:
            await socket.receive()
    assert told.value.code == 4004
    assert "\x1b" not in str(told.value)


async def test_a_line_that_breaks_is_1006() -> None:
    async def drop(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with serving(drop) as url:
        socket = await dial(url)
        with pytest.raises(SocketClosed) as told:
            await socket.receive()
    assert told.value.code == 1006


async def test_a_message_beyond_the_limit_closes_it() -> None:
    async def flood(connection: ServerConnection) -> None:
        await connection.send("x" * (MESSAGE_LIMIT + 1))

    async with serving(flood) as url:
        socket = await dial(url)
        with pytest.raises(SocketClosed):
            await socket.receive()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthorized), (403, Rejected), (404, Rejected), (429, RateLimited), (503, Retryable)],
)
async def test_a_refused_handshake_is_what_its_status_says(
    status: int, kind: type[ConnectorError]
) -> None:
    def refuse(connection: ServerConnection, request: object) -> Any:
        return connection.respond(http.HTTPStatus(status), "no\n")

    async with serving(echo, process_request=refuse) as url:
        with pytest.raises(kind, match="127"):
            await dial(url)


@pytest.mark.parametrize(("asked", "seconds"), [("40", 40), ("soon", None), ("9" * 20, None)])
async def test_a_handshake_that_is_one_too_many_says_for_how_long(
    asked: str, seconds: int | None
) -> None:
    def refuse(connection: ServerConnection, request: object) -> Any:
        answer = connection.respond(http.HTTPStatus(429), "no\n")
        answer.headers["Retry-After"] = asked
        return answer

    async with serving(echo, process_request=refuse) as url:
        with pytest.raises(RateLimited) as raised:
            await dial(url)
    wait = raised.value.retry_after
    assert (wait and wait.total_seconds()) == seconds


async def test_a_redirect_is_not_followed() -> None:
    asked = []

    async def elsewhere(connection: ServerConnection) -> None:
        asked.append(connection)

    async with serving(elsewhere) as other:

        def move(connection: ServerConnection, request: object) -> Any:
            response = connection.respond(http.HTTPStatus.FOUND, "")
            response.headers["Location"] = other
            return response

        async with serving(echo, process_request=move) as url:
            with pytest.raises(Rejected, match="redirects"):
                await dial(url)
    assert not asked


async def test_nobody_there_is_retried_and_no_address_is_not() -> None:
    async with serving(echo) as url:
        pass
    with pytest.raises(Retryable, match="cannot reach"):
        await dial(url)
    with pytest.raises(Rejected, match="not a WebSocket address"):
        await dial("ftp://127.0.0.1/x")
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("url", "home", "may"),
    [
        ("wss://api.ours.test/x", "https://api.ours.test/v1", True),
        ("wss://a.b.ours.test/x", "https://api.ours.test", True),
        ("ws://127.0.0.1:9/x", "http://127.0.0.1:8", True),
        ("ws://api.ours.test", "https://api.ours.test", False),
        ("ws://a.ours.test", "http://127.0.0.1", False),
        ("https://api.ours.test", "https://api.ours.test", False),
        ("wss://evilours.test", "https://api.ours.test", False),
        ("wss://me@api.ours.test", "https://api.ours.test", False),
        ("wss://[", "https://api.ours.test", False),
        (None, "https://api.ours.test", False),
    ],
)
def test_a_socket_is_only_opened_to_the_platform_itself(url: Any, home: str, may: bool) -> None:
    assert may_go_to(url, home, ".ours.test") is may


async def test_what_takes_too_long_is_given_up_and_said() -> None:
    async def work() -> str:
        return "done"

    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    assert await in_time(work(), 1, never, "late") == "done"
    with pytest.raises(Retryable, match="late"):
        await in_time(asyncio.Event().wait(), 0, asyncio.sleep, "late")
