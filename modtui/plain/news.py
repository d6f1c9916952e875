"""What is new since it was last said: deliveries, accounts, what is late, the NOW lane."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from modtui.domain.bells import Heard, listen
from modtui.domain.commands import Reply
from modtui.domain.model import Health
from modtui.domain.outbox import BESIDE_NEWER, FINAL, Delivery, DeliveryState
from modtui.domain.trouble import TroubleKind, trouble_line
from modtui.domain.views import Alarms, Change
from modtui.engine.persevere import rest
from modtui.plain.seat import Seat
from modtui.plain.speech import counted, delivery_line, health, sentence, thread_line
from modtui.plain.talk import Leave

MOST = 5
LOOK_EVERY = 5.0
UNUSABLE = 4
"""The exit code of a queue that cannot be used."""

_S = DeliveryState
_TOLD = frozenset(
    {*FINAL, _S.BLOCKED, _S.UNKNOWN, _S.RECONCILING, _S.NEEDS_HUMAN}
)  # fmt: skip


class News:
    """What happened between two questions. What is there at the start is not news."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._states: dict[int, DeliveryState] | None = None
        self._healths: dict[str, Health] | None = None
        self._late: int | None = None
        self._trouble: TroubleKind | None = None
        self._changed = True

    def change(self, change: Change) -> None:
        """Something changed in the engine."""
        self._changed = True

    async def gather(self) -> Sequence[str]:
        """Return what is new, a line each; deliveries first, the most of a kind in one line.

        Raises Leave where the queue cannot be used any more.
        """
        engine = self._seat.engine
        lines = [*self._machine(), *self._accounts(), *self._lateness()]
        if self._changed or self._states is None:
            self._changed = False
            lines = [*await self._deliveries(await engine.my_deliveries()), *lines]
        return lines

    async def _deliveries(self, rows: Sequence[Delivery]) -> list[str]:
        before, self._states = self._states, {row.id: row.state for row in rows}
        if before is None:
            return []
        seat = self._seat
        moved = [
            row
            for row in rows
            if row.state in _TOLD and before.get(row.id) is not row.state
            and not (row.state is _S.CANCELLED and row.batch in seat.taken_back)
        ]  # fmt: skip
        lines = []
        for row in moved[:MOST]:
            detail = await seat.engine.thread(row.thread) if row.thread else None
            back = isinstance(row.command, Reply) and row.state in (_S.REJECTED, _S.STALE)
            back = back and BESIDE_NEWER not in (row.error or "")
            line = sentence(delivery_line(row, detail.row.title if detail else ""))
            lines.append(f"{line} Your text is a draft again." if back else line)
        if len(moved) > MOST:
            lines.append(f"And {counted(len(moved) - MOST, 'other delivery', 'other deliveries')}.")
        return lines

    def _machine(self) -> list[str]:
        """Return what keeps the queue from taking anything, when that begins and when it ends, and
        what clocks or sleep did."""
        engine = self._seat.engine
        notice, trouble = engine.notice(), engine.trouble()
        lines = [sentence(notice)] if notice else []
        before, self._trouble = self._trouble, trouble.kind if trouble else None
        if trouble is not None and trouble.kind is not before:
            lines.append(sentence(trouble_line(trouble, engine.now(), len(engine.unsaved()))))
        elif trouble is None and before is not None:
            lines.append("The queue is stored again.")
        if trouble is not None and not trouble.passes:
            self._seat.talk.say(*lines)
            raise Leave(UNUSABLE)
        return lines

    def _accounts(self) -> list[str]:
        stand = self._seat.engine.accounts()
        before, self._healths = self._healths, {each.name: each.health for each in stand}
        if before is None:
            return []
        now = self._seat.engine.now()
        return [
            f"{each.name} {health(each, now) or 'is live'}."
            for each in stand
            if before.get(each.name) not in (each.health, None)
            and Health.STARTING not in (each.health, before.get(each.name))
        ]

    def _lateness(self) -> list[str]:
        late = self._seat.engine.counts().late
        before, self._late = self._late, late
        if before is None or late <= before:
            return []
        return [f"{counted(late - before, 'more thread')} late, {late} in all."]


class Watcher:
    """Rings for the NOW lane and for what is late or about to be, one bell for a burst; says what
    came into the lane at once where that breaks no text."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._heard = Heard()
        self._look = asyncio.Event()
        self._begun = asyncio.Event()

    def begin(self) -> None:
        """The first page is about to be said: what comes from now on is new."""
        self._begun.set()

    def change(self, change: Change) -> None:
        """Something changed in the engine: look."""
        self._look.set()

    async def run(self) -> None:
        """Look with every change, and every few seconds: a claim that ran out is no change."""
        await self._begun.wait()
        while True:
            await self.look()
            await rest(self._seat.sleep(LOOK_EVERY), self._look)
            self._look.clear()

    async def look(self) -> None:
        """Ring if there is something to ring for now."""
        seat = self._seat
        alarms = await seat.engine.alarms.read()
        before = self._heard
        self._heard, rings = listen(before, alarms, seat.engine.now())
        if not rings:
            return
        soon = alarms.soon - before.soon
        if soon and before.began:
            due = counted(len(soon), "thread")
            seat.talk.later([f"{due} due within 10 minutes that nobody holds."])
        fresh = alarms.now - before.lane.keys()
        seat.talk.ring(await self._lane(fresh, alarms) if before.began else ())

    async def _lane(self, fresh: frozenset[int], alarms: Alarms) -> list[str]:
        """Return a line for each thread that came into the lane, else how many wait in it."""
        seat = self._seat
        if not fresh:
            waiting = counted(len(alarms.now), "thread")
            return [f"NOW: {waiting} that nobody holds."] if alarms.now else []
        lines = []
        for thread in sorted(fresh)[-MOST:]:
            detail = await seat.engine.thread(thread)
            if detail is not None:
                left = seat.engine.left(detail.row)
                lines.append(thread_line(detail.row, left, seat.hearer))
        more = len(fresh) - MOST
        return [*lines, f"and {more} more in the NOW lane"] if more > 0 else lines
