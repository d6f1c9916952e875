"""Which threads a bell may ring for."""

from __future__ import annotations

import json
from datetime import datetime

from modtui.domain.views import Alarms
from modtui.store.rows import stamp
from modtui.store.session import LIVE_CLAIM, Session

# Both spans are read from the index of the queue alone, where the NOW lane stands below 0. As one
# value: each second a thousand rows of one number each would take three times as long.
_UNHELD = (
    "SELECT json_group_array(id) FROM thread WHERE thread.state <> 'resolved'"
    f" AND thread.id NOT IN (SELECT thread FROM claim WHERE {LIVE_CLAIM}) AND place"
)


class AlarmQueries(Session):
    async def unheld(self, now: datetime, soon: datetime) -> Alarms:
        span = (stamp(now), stamp(soon))
        return Alarms(await self._unheld("< 0"), await self._unheld("BETWEEN ? AND ?", *span))

    async def _unheld(self, where: str, *span: int) -> frozenset[int]:
        live = (self._clock.boot, self._clock.lease())
        row = await self._one(f"{_UNHELD} {where}", *live, *span)
        return frozenset(json.loads(row[0])) if row else frozenset()
