"""Reports for a lead, and since when he looks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from modtui.engine.accounts import Plan
from modtui.engine.parts import Parts
from modtui.store import ReadTx, StoreError
from modtui.store.status_port import Look

if TYPE_CHECKING:
    from modtui.domain.metrics import Narrow, Period, Report, Span
    from modtui.engine.gather import Known

FIRST_LOOK = timedelta(hours=14)
SAME_LOOK = timedelta(minutes=30)
"""Coming back within this time goes on with the look that was left."""


class Began(NamedTuple):
    """Since when somebody looks; `first`: there was no look before, so it is 14 hours ago."""

    at: datetime
    first: bool = False


async def look_began(tx: ReadTx, who: str, now: datetime) -> Began:
    """Return since when the look of `who` at `now` is: the end of the last one, or its start
    when that was left less than half an hour ago."""
    last = await tx.look(who)
    if last is None:
        return Began(now - FIRST_LOOK, first=True)
    return Began(last.began_at if now - last.ended_at <= SAME_LOOK else last.ended_at)


class LiveLead:
    """The `Lead` over the engine's parts.

    While somebody looks, stories of threads that did not change are kept, of some.
    """

    def __init__(self, parts: Parts, plan: Plan) -> None:
        self.read_only = plan.read_only
        self._parts = parts
        self._plan = plan
        self._known: Mapping[int, Known] = {}
        self._began: Began | None = None
        self._left: datetime | None = None

    async def report(self, span: Span, narrow: Narrow) -> Report:
        # Not before the first look: nobody else needs it, and the first paint waits for nothing.
        from modtui.domain.report import period_of, summarise
        from modtui.engine.gather import Asked, Gathered, gather, ground_of, scene

        now, known, ground = self._parts.now(), self._known, ground_of(self._plan)
        began = self._began
        if self._left is not None and now - self._left > SAME_LOOK:
            began = None

        async def work(tx: ReadTx) -> tuple[Period, Began, Gathered]:
            since = began or await look_began(tx, self._parts.me, now)
            period = period_of(span, now, ground.zone, since.at, first=since.first)
            return period, since, await gather(tx, ground, Asked(period, narrow, known))

        period, since, gathered = await self._parts.store.read(work)
        self._began, self._left, self._known = since, None, gathered.told
        return await asyncio.to_thread(lambda: summarise(scene(gathered, ground), period, narrow))

    async def left(self) -> None:
        now = self._parts.now()
        self._known = {}
        if self._began is None or self._left is not None:
            return
        self._left = now
        look = Look(self._began.at, now)
        # The next visit then tells of a little more than is new.
        with suppress(StoreError):
            await self._parts.store.write(lambda tx: tx.set_look(self._parts.me, look))
