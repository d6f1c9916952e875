"""A knock: a connection that is opened and closed, and nothing said on it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from modtui.connectors import Retryable
from modtui.connectors.knocking import knock


async def test_who_is_there_hears_a_connection_and_no_word() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.put_nowait(await reader.read())
        except ConnectionResetError:
            heard.put_nowait(b"")
        finally:
            writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await knock(f"http://127.0.0.1:{port}")
        assert await asyncio.wait_for(heard.get(), 10) == b""


async def test_nobody_there_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Retryable, match=f"cannot reach http://127.0.0.1:{port}: "):
            await knock(f"http://127.0.0.1:{port}")


async def test_where_a_proxy_is_named_it_is_the_proxy_that_is_knocked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visits: asyncio.Queue[int] = asyncio.Queue()

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.put_nowait(1)
        writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        await knock("https://nowhere.invalid")
        assert await asyncio.wait_for(visits.get(), 10) == 1
