"""A slow line between a program and its terminal: delay, bandwidth, and a buffer that fills."""

from __future__ import annotations

import math
import os
import select
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.pty.terminal import Terminal

PACKET = 1024
BUFFER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is like: round trip in seconds, bits a second, bytes around each packet."""

    round_trip: float = 0.15
    bits: int = 64_000
    overhead: int = 90


class Way:
    """One direction: bytes leave one after another and arrive half a round trip later."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._free_at = 0.0
        self._queue: deque[tuple[float, bytes]] = deque()
        self.backlog = self.most = 0

    def push(self, data: bytes, now: float) -> None:
        """Put `data` on the line."""
        for begin in range(0, len(data), PACKET):
            part = data[begin : begin + PACKET]
            size = len(part) + self._line.overhead
            self._free_at = max(now, self._free_at) + size * 8 / self._line.bits
            self._queue.append((self._free_at + self._line.round_trip / 2, part))
            self.backlog += len(part)
        self.most = max(self.most, self.backlog)

    def next_at(self) -> float:
        """Return when the next bytes arrive."""
        return self._queue[0][0] if self._queue else math.inf

    def arrived(self, now: float) -> Iterator[tuple[float, bytes]]:
        """Take off what has arrived, with the times."""
        while self._queue and self._queue[0][0] <= now:
            at, data = self._queue.popleft()
            self.backlog -= len(data)
            yield at, data


class Remote(Terminal):
    """A terminal at the far end of `line`. `heard_at` is when the last bytes came."""

    def __init__(self, argv: Sequence[str | Path], env: Mapping[str, str], line: Line) -> None:
        self.down, self.up = Way(line), Way(line)
        self.heard_at = 0.0
        super().__init__(argv, env)

    def put(self, data: bytes) -> None:
        self.up.push(data, time.monotonic())

    def pump(self, seconds: float) -> bool:
        """Move bytes for `seconds`, or until some arrived here; return whether some did."""
        until = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            for _, keys in self.up.arrived(now):
                os.write(self.fd, keys)
            came = False
            for at, data in self.down.arrived(now):
                self.heard_at, came = at, True
                self.take(data)
            if came or now >= until:
                return came
            wait = min(until, self.down.next_at(), self.up.next_at()) - time.monotonic()
            room = [self.fd] if self.down.backlog < BUFFER else []
            if select.select(room, [], [], max(wait, 0))[0]:
                try:
                    self.down.push(os.read(self.fd, 65536), time.monotonic())
                except OSError:
                    return False
