"""Every fault of the proxy, on a real connection: what the client says, what the server did."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from modtui.connectors import ConnectorError, Retryable, Unknown
from modtui.connectors.http import Call, Http, Site
from tests.interop.faultproxy import Fault, FaultProxy, Plan

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id": "$1"}'


class Server:
    """A loopback server of ours that counts what it executed."""

    def __init__(self) -> None:
        self.executed = 0
        self.connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length")
                    ),
                    0,
                )
                await reader.readexactly(length)
                self.executed += 1
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def behind_proxy() -> AsyncIterator[tuple[Server, FaultProxy, Http]]:
    server = Server()
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    where = listening.sockets[0].getsockname()

    async def sleep(seconds: float) -> None:
        raise AssertionError("nothing here may sleep")

    async with FaultProxy((where[0], where[1]), seed=7) as proxy:
        http = Http(Site(proxy.url, lambda: datetime.now(UTC), sleep))
        try:
            yield server, proxy, http
        finally:
            await http.aclose()
            listening.close()


@pytest.mark.parametrize(
    ("fault", "executed"),
    [
        (Fault.BLACKHOLE, 0),
        (Fault.RESET, 0),
        (Fault.DROP_REPLIES, 1),
        (Fault.CUT_AFTER, 1),
    ],
)
async def test_a_fault_on_a_write_is_unknown_whatever_the_server_did(
    fault: Fault, executed: int
) -> None:
    async with behind_proxy() as (server, proxy, http):
        proxy.plan = Plan((fault,))
        call = Call("PUT", "/x", json={"a": 1}, write=True, read_timeout=0.2)
        with pytest.raises(Unknown):
            await http.send(call)
        assert server.executed == executed
        with pytest.raises(Retryable):
            await http.get("/x", read_timeout=0.2)


async def test_a_slow_line_changes_nothing() -> None:
    async with behind_proxy() as (server, proxy, http):
        proxy.plan = Plan((Fault.LATENCY,), latency=0.02)
        assert await http.write("PUT", "/x", {}) == {"id": "$1"}
        assert server.executed == 1


async def test_each_write_opens_its_own_connection_and_reads_share_one() -> None:
    async with behind_proxy() as (server, _, http):
        for _ in range(3):
            await http.get("/x")
        assert server.connections == 1
        for _ in range(3):
            await http.write("PUT", "/x", {})
        assert server.connections == 4


async def test_a_plan_is_the_same_for_the_same_seed() -> None:
    plan = Plan((Fault.RESET, Fault.CUT_AFTER), share=0.5)
    dealt = []
    for _ in range(2):
        async with behind_proxy() as (_, proxy, http):
            proxy.plan = plan
            for _ in range(8):
                try:
                    await http.write("PUT", "/x", {})
                except ConnectorError:
                    continue
            dealt.append(list(proxy.dealt))
    assert dealt[0] == dealt[1]
    assert len(set(dealt[0])) == 3
