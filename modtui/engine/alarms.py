"""What a bell may ring for, as the store has it now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from modtui.domain.views import Alarms, Counts
from modtui.engine.parts import Parts

SOON = timedelta(minutes=10)


class LiveAlarms:
    """The `AlarmBook` over the store; `counts` are the latest."""

    def __init__(self, parts: Parts, counts: Callable[[], Counts], *, read_only: bool) -> None:
        self._parts = parts
        self._counts = counts
        self._read_only = read_only

    async def read(self) -> Alarms:
        now = self._parts.now()
        found = await self._parts.store.read(lambda tx: tx.unheld(now, now + SOON))
        if self._read_only:
            return Alarms(now=found.now)
        return replace(found, late=self._counts().late)
