"""What can be asked for a bell."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from modtui.domain.views import Alarms


class AlarmReads(Protocol):
    """What can be asked within a snapshot."""

    async def unheld(self, now: datetime, soon: datetime) -> Alarms:
        """What nobody holds: the NOW lane, and what is due from `now` to `soon`. `late` is 0."""
        ...
