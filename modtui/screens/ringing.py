"""The one place that rings the bell, whatever screen is shown."""

from __future__ import annotations

from collections.abc import Callable

from modtui.domain.bells import Heard, listen
from modtui.engine import Engine

LOOK_EVERY = 5.0
"""Seconds between two looks where nothing changed: a claim that ran out is no change."""


class Ringer:
    """Looks at what there is to ring for, and calls `ring` once for all of it."""

    def __init__(self, engine: Engine, ring: Callable[[], None]) -> None:
        self._engine = engine
        self._ring = ring
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
                if rings:
                    self._ring()
        finally:
            self._looking = False
