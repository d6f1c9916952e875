"""`engine.batches` of the stage: lines are taken as told, one delivery each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modtui.domain.alike import Alike
from modtui.domain.outbox import Delivery
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.views import ThreadDetail
from modtui.engine.batches import Commands, Found, Refusal, Taken

if TYPE_CHECKING:
    from tests.screens.stage import FakeEngine


@dataclass
class FakeBatches:
    """`refuse` says which lines are refused and why; `found` is what is alike."""

    engine: FakeEngine
    refuse: dict[int, tuple[str, str]] = field(default_factory=dict)
    found: Found | None = None
    faster: dict[int, str] = field(default_factory=dict)
    mistakes: bool = True

    async def submit(self, lines: Sequence[Commands]) -> Taken:
        engine = self.engine
        engine.log.append(("batch", tuple(lines)))
        batch = f"b{len(engine.log)}"
        refusals = tuple(
            Refusal(place, kind, why)
            for place, (kind, why) in self.refuse.items()
            if place < len(lines)
        )
        rows: list[tuple[Delivery, ...]] = []
        for place, commands in enumerate(lines):
            left = () if place in self.refuse else commands
            for command in left:
                engine._apply(command)
            rows.append(tuple(engine._deliver(c, batch) for c in left if not c.local))
        engine.tell(*{c.thread for line in lines for c in line})
        return Taken(batch, tuple(rows), refusals)

    async def results(self, batch: str) -> tuple[Delivery, ...]:
        return tuple(row for row in self.engine.outbox if row.batch == batch)

    async def details(self, threads: Sequence[int]) -> tuple[ThreadDetail, ...]:
        read = [await self.engine.thread(number) for number in threads]
        return tuple(detail for detail in read if detail is not None)

    async def claim(self, threads: Sequence[int]) -> tuple[str, ...]:
        self.engine.log.append(("claim all", tuple(threads)))
        return tuple(self.faster.get(number, "") for number in threads)

    async def alike(self, thread: int, how: Alike, within: Sequence[int]) -> Found:
        self.engine.log.append(("alike", (thread, how, tuple(within))))
        return self.found or Found((thread,))

    async def mistake(self, thread: int) -> tuple[ThreadDetail, Slot] | None:
        detail = await self.engine.thread(thread)
        entry = Entry("our-mistake", {"ru": Variant("ru", "Наша ошибка", "Мы ошиблись.")})
        if detail is None or not self.mistakes:
            return None
        return detail, Slot(0, entry, entry.variants["ru"])
