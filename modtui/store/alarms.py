"""Which threads a bell may ring for."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.views import Alarms
from modtui.store.rows import stamp
from modtui.store.session import LIVE_CLAIM, Session

_UNHELD = (
    "thread.state <> 'resolved' AND NOT EXISTS (SELECT 1 FROM claim"
    " WHERE claim.thread = thread.id AND "
    f"{LIVE_CLAIM})"
)


class AlarmQueries(Session):
    async def unheld(self, now: datetime, soon: datetime) -> Alarms:
        live = (self._clock.boot, self._clock.lease())
        lane = await self._all(
            f"SELECT id FROM thread WHERE now_at IS NOT NULL AND {_UNHELD}", *live
        )
        span = (stamp(now), stamp(soon))
        due = await self._all(
            f"SELECT id FROM thread WHERE place BETWEEN ? AND ? AND {_UNHELD}", *span, *live
        )
        return Alarms(frozenset(i for (i,) in lane), frozenset(i for (i,) in due))
