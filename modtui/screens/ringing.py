"""The one place that rings the bell, whatever screen is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from modtui.domain.bells import Heard, listen
from modtui.engine import Engine

LOOK_EVERY = 5.0
"""Seconds between two looks where nothing changed: a claim that ran out is no change."""

SOON_SECONDS = 2.0
"""Seconds to a look after a change that moved no thread: in a long queue deadlines pass each
second, and one look serves several of them."""


class Bell(Protocol):
    """What wakes the moderator. It is told numbers, never what a thread says."""

    def stand(self, now: int, late: int) -> None:
        """So many threads are in the NOW lane and so many late; nothing rings for it."""
        ...

    def ring(self, now: int, late: int, soon: int) -> None:
        """Ring, once; `soon` threads are about to be late and nobody holds them."""
        ...


class Ringer:
    """Looks at what there is to ring for, and rings once for all of it."""

    def __init__(self, engine: Engine, bell: Bell) -> None:
        self._engine = engine
        self._bell = bell
        self._heard = Heard()
        self._wanted = False
        self._looking = False

    async def look(self) -> None:
        """Ring if there is something to ring for now; one look at a time, and none is lost."""
        self._wanted = True
        if self._looking:
            return
        self._looking = True
        try:
            while self._wanted:
                self._wanted = False
                alarms = await self._engine.alarms.read()
                self._heard, rings = listen(self._heard, alarms, self._engine.now())
                counts = self._engine.counts()
                if rings:
                    self._bell.ring(counts.now, counts.late, len(alarms.soon))
                else:
                    self._bell.stand(counts.now, counts.late)
        finally:
            self._looking = False


class Looks:
    """When the ringer looks: as soon as something changed, soon after a deadline passed, and some
    seconds after the last look.

    A look is no worker: it comes with each change, and to start and end one costs as much again.
    `broke` is told what a look raised.
    """

    def __init__(self, ringer: Ringer, broke: Callable[[Exception], None]) -> None:
        self._ringer = ringer
        self._broke = broke
        self._next: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    def now(self) -> None:
        """Look now."""
        self.later()
        look = asyncio.get_running_loop().create_task(self._ringer.look())
        self._running.add(look)
        look.add_done_callback(self._over)

    def soon(self) -> None:
        """Look within two seconds, if nothing else changes sooner."""
        by = asyncio.get_running_loop().time() + SOON_SECONDS
        if self._next is None or self._next.cancelled() or self._next.when() > by:
            self._in(SOON_SECONDS)

    def later(self) -> None:
        """Look in a while, if nothing changes sooner."""
        self._in(LOOK_EVERY)

    def _in(self, seconds: float) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = asyncio.get_running_loop().call_later(seconds, self.now)

    def end(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()
        for look in self._running:
            look.cancel()

    def _over(self, look: asyncio.Task[None]) -> None:
        self._running.discard(look)
        error = None if look.cancelled() else look.exception()
        if isinstance(error, Exception):
            self._broke(error)
