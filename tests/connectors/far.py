"""The far end of a line: what stands there, and how it fails."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, fields
from typing import Protocol

import httpx

from tests.connectors.platform import Answer, Platform

Fault = Callable[[httpx.Request], Answer]
_FRAME = {one.name for one in fields(Platform)}


class Endless(httpx.AsyncByteStream):
    """A body of 50 MB, and how many of them were asked for."""

    served = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(50):
            self.served += 1
            yield b" " * 2**20


class Far(Protocol):
    """A far end. `acts` counts what it was asked to do since the last `lose` or `heal`. `lose`
    answers the act `number` (from 0) no more, which was done or was not."""

    @property
    def acts(self) -> int: ...
    def state(self) -> object: ...
    def lose(self, number: int, *, done: bool) -> None: ...
    def heal(self) -> None: ...


@dataclass
class OverHttp:
    """A far end that is asked by HTTP."""

    platform: Platform
    acts: int = 0

    def state(self) -> object:
        """All that it holds, but for what it was asked."""
        told = _FRAME | self.platform.logs
        return copy.deepcopy({n: v for n, v in vars(self.platform).items() if n not in told})

    def lose(self, number: int, *, done: bool) -> None:
        def lost(request: httpx.Request) -> Answer:
            if done:
                self._plain(request)
            raise (httpx.ReadTimeout if done else httpx.ReadError)("lost", request=request)

        self.strike(number, lost)

    def strike(self, number: int, fault: Fault) -> None:
        """Let `fault` answer the act `number`."""
        self.acts = 0

        def answer(request: httpx.Request) -> Answer:
            if not self.platform.acts(request, httpx.URL(request.url).path):
                return self._plain(request)
            self.acts += 1
            return fault(request) if self.acts == number + 1 else self._plain(request)

        self.platform.override = {"": answer}

    def garble(self, number: int, answer: httpx.Response) -> None:
        """Let the act `number` be done, and answered by this."""

        def garbled(request: httpx.Request) -> Answer:
            self._plain(request)
            return answer

        self.strike(number, garbled)

    def heal(self) -> None:
        """Answer everything from now on, and count anew."""
        self.strike(-1, self._plain)

    def _plain(self, request: httpx.Request) -> Answer:
        return self.platform.answer(request, httpx.URL(request.url).path)
