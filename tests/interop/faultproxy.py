"""A loopback proxy that breaks connections on purpose, by a seeded plan or by hand."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType


class Fault(StrEnum):
    """What can go wrong with one connection."""

    NONE = "none"
    LATENCY = "latency"
    BLACKHOLE = "blackhole"
    BLACKHOLE_REPLIES = "blackhole_replies"
    DROP_REPLIES = "drop_replies"
    RESET = "reset"
    CUT_AFTER = "cut_after"


@dataclass(frozen=True, slots=True)
class Plan:
    """How each new connection fares: one of `faults`, for the `share` that is unlucky.

    LATENCY delays each piece by `latency` seconds at most. BLACKHOLE passes nothing on,
    BLACKHOLE_REPLIES nothing back. DROP_REPLIES lets the server act and cuts then. RESET cuts
    at the first byte sent. CUT_AFTER passes `cut_after` bytes of the answer and cuts.
    """

    faults: Sequence[Fault] = ()
    share: float = 1.0
    latency: float = 0.05
    cut_after: int = 20


class FaultProxy:
    """Listens on 127.0.0.1:`port` and forwards to `upstream` (host, port)."""

    def __init__(self, upstream: tuple[str, int], *, seed: int = 0) -> None:
        self._upstream = upstream
        self._rng = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.plan = Plan()
        self.dealt: list[Fault] = []
        self.port = 0

    @property
    def url(self) -> str:
        """The address to use instead of the server's."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _deal(self) -> Fault:
        fault = Fault.NONE
        if self.plan.faults and self._rng.random() < self.plan.share:
            fault = self._rng.choice(list(self.plan.faults))
        self.dealt.append(fault)
        return fault

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carry(reader, writer, self._deal(), self.plan)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        fault: Fault,
        plan: Plan,
    ) -> None:
        if fault is Fault.RESET:
            await reader.read(1)
            writer.transport.abort()
            return
        if fault is Fault.BLACKHOLE:
            await asyncio.Event().wait()
        there, back = await asyncio.open_connection(*self._upstream)
        up = asyncio.create_task(self._pump(reader, back, self._pace(fault, plan)))
        try:
            if fault is Fault.DROP_REPLIES:
                # The answer shows that the server acted; only then is the line cut.
                await there.read(1)
                writer.transport.abort()
            elif fault is Fault.CUT_AFTER:
                with contextlib.suppress(asyncio.IncompleteReadError):
                    writer.write(await there.readexactly(plan.cut_after))
                    await writer.drain()
                writer.transport.abort()
            elif fault is Fault.BLACKHOLE_REPLIES:
                await up
            else:
                await self._pump(there, writer, self._pace(fault, plan))
        finally:
            up.cancel()
            back.close()
            await asyncio.gather(up, return_exceptions=True)

    def _pace(self, fault: Fault, plan: Plan) -> float:
        return plan.latency if fault is Fault.LATENCY else 0.0

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, latency: float
    ) -> None:
        while data := await reader.read(65536):
            if latency:
                await asyncio.sleep(self._rng.random() * latency)
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
