"""The watch over the machine: its clocks, its disk, the file of the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from modtui.domain.trouble import Trouble
from modtui.domain.views import Change
from modtui.domain.words import span
from modtui.engine.jumps import Clocks, Odd
from modtui.engine.parts import Parts
from modtui.store import AuditLine, StoreError

LOOK_SECONDS = 1.0
RESERVE_SECONDS = 60.0
NOTICE = timedelta(seconds=15)
"""For how long it is said what happened."""

WHO = "machine"
"""Who the audit log names for what the machine did."""

_FIRST_LOOK_SECONDS = 2.0


class Vigil:
    """One look a second. `recovered` is awaited when the store takes things again, `odd` with what
    the clocks did."""

    def __init__(
        self,
        parts: Parts,
        recovered: Callable[[], Awaitable[None]],
        odd: Callable[[Odd], Awaitable[None]],
    ) -> None:
        self._parts = parts
        self._recovered = recovered
        self._odd = odd
        runtime = parts.runtime
        self._clocks: Clocks | None = None
        if runtime.boot is not None and runtime.awake is not None:
            self._clocks = Clocks(runtime.now, runtime.boot, runtime.awake)
        self._trouble: Trouble | None = None
        self._kept_at = float("-inf")
        self._looks = 0
        self._one = asyncio.Lock()
        self._said = ("", parts.now())

    def notice(self) -> str:
        """Return what just happened to the machine, "" if nothing did."""
        words, at = self._said
        return words if timedelta() <= self._parts.now() - at < NOTICE else ""

    async def watch_store(self) -> None:
        """Watch the store, for as long as the engine lives; the first paint comes first."""
        await self._parts.runtime.sleep(_FIRST_LOOK_SECONDS)
        while True:
            await self.mind_store()
            await self._parts.runtime.sleep(LOOK_SECONDS)

    async def watch_clocks(self) -> None:
        """Watch the clocks, on their own: what they moved may have to wait for the store."""
        while self._clocks is not None:
            await self._parts.runtime.sleep(LOOK_SECONDS)
            await self.mind_clocks()

    async def mind_clocks(self) -> None:
        """Look at the clocks now; what was odd is over when this returns."""
        async with self._one:
            odd = self._clocks.look() if self._clocks is not None else None
            if odd is None:
                return
            self._said = (odd.words, odd.at)
            await self._odd(odd)
            await self._note("clock" if odd.moved else "asleep", odd.words, odd.at)
            self._parts.changed(Change(wide=True))

    async def mind_store(self) -> None:
        """Look at the file of the queue, and mend what can be mended."""
        store, before = self._parts.store, self._trouble
        trouble = self._trouble = store.trouble()
        if trouble is None:
            self._looks += 1
            if before is None and self._looks % int(RESERVE_SECONDS / LOOK_SECONDS) != 1:
                return
        elif before is None:
            self._parts.changed(Change(accounts=True))
        if not await store.mend():
            return
        trouble = trouble or before
        if trouble is None:
            return
        self._trouble = None
        now = self._parts.now()
        lasted = span(now - trouble.since)
        since = f"{trouble.since:%Y-%m-%d %H:%M:%S} UTC"
        self._said = (f"{trouble.kind.value}: over after {lasted}, everything goes on", now)
        await self._note(
            "stored nothing", f"{trouble.kind.value}: for {lasted}, since {since}", now
        )
        await self._recovered()
        self._parts.changed(Change(wide=True))

    async def _note(self, action: str, what: str, at: datetime) -> None:
        line = AuditLine(at, WHO, action, None, None, what)
        try:
            await self._parts.store.write(lambda tx: tx.add_audit(line))
        except StoreError:
            # What happened is on the screen; that the store takes nothing is there as well.
            return
