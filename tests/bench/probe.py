"""modtui with a watch on its event loop: `probe.py LOG [words of modtui …]`.

A tick every 10 ms says how late it came, and how much CPU the loop's thread used since the tick
before: the first is what a key waits, and depends on what else the machine does; the second is
what our own callbacks took, in a row, at most. Each second both maxima are written to LOG as one
line of JSON. The watch is put around modtui from outside.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TextIO

TICK = 0.01


class Watch:
    """The worst of each second, in milliseconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, log: TextIO) -> None:
        self._loop = loop
        self._log = log
        self._due = self._flush_at = loop.time()
        self._used: float | None = None
        self._late = self._busy = 0.0

    def tick(self) -> None:
        """Note how late this tick is, and call the next one."""
        now, used = self._loop.time(), time.thread_time()
        if self._used is not None:
            self._late = max(self._late, now - self._due)
            self._busy = max(self._busy, used - self._used)
        if now >= self._flush_at:
            worst = {"late": round(self._late * 1000, 1), "busy": round(self._busy * 1000, 1)}
            self._log.write(json.dumps(worst) + "\n")
            self._log.flush()
            self._late, self._busy, self._flush_at = 0.0, 0.0, now + 1
        # What the watch itself took is not counted.
        self._used, self._due = time.thread_time(), self._loop.time() + TICK
        self._loop.call_at(self._due, self.tick)


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes loops that are watched from their first turn on."""

    def __init__(self, log: TextIO) -> None:
        super().__init__()
        self._file = log

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        loop.call_soon(Watch(loop, self._file).tick)
        return loop


def main() -> None:
    log, sys.argv[1:] = sys.argv[1], sys.argv[2:]
    from modtui.cli import main as modtui

    with Path(log).open("a", encoding="utf-8") as file:
        asyncio.set_event_loop_policy(Policy(file))
        modtui()


if __name__ == "__main__":
    main()
