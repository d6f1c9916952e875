"""The part of the façade that bells are rung from."""

from __future__ import annotations

from typing import Protocol

from modtui.domain.views import Alarms


class AlarmBook(Protocol):
    """What a bell may ring for."""

    async def read(self) -> Alarms:
        """What there is to ring for now; in a session that only reads, the NOW lane alone."""
        ...
