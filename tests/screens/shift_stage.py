"""A shift for screens: what is left is given, and what is asked of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from modtui.domain.settings import Reach
from modtui.domain.shift import (
    Decision,
    Fate,
    HandedOver,
    Item,
    Leaving,
    Part,
    Return,
    Stop,
)
from modtui.domain.text import literal
from modtui.engine import Refused

AT = datetime(2026, 11, 20, 22, 12, tzinfo=UTC)


def left(part: Part, thread: int, title: str, says: str, **changes: object) -> Item:
    """Return an item about a thread."""
    id = f"{part.value}-{thread}"
    plain = Item(id, part, thread, literal(title), literal("disco/payments"), says)
    return replace(plain, **changes)


NIGHT = (
    left(Part.CLAIM, 1, "Withdrawal stuck for 3 days", "question · late 12m"),
    left(Part.CLAIM, 2, "Re: who moderates the moderators", "insult · time left 38m"),
    left(Part.DRAFT, 5, "Лимитті қалай қоямын?", "43 characters, saved 02:11",
         text="Сәлеметсіз бе! Лимитті қою үшін профильге"),
    left(Part.DELIVERY, 3, "reply → FREE SPINS t.me/…",
         "queued, the next modtui, sync or drain sends it", delivery=7),
    left(Part.RUNNING, 4, "slow mode 15 min", "until 08:14, the platform ends it"),
    left(Part.SNOOZE, 24, "Refund promised", "until 14:30"),
    left(Part.NOW, 9, "help needed, topic 4471", "self-harm, since 03:12 · no outcome yet"),
    left(Part.ESCALATION, 18, "Double charge → payments", "to payments, since 02:40"),
)  # fmt: skip


@dataclass
class FakeShift:
    """`items` are left; `returns` is what one comes back to, and `begins` whether it opens."""

    items: tuple[Item, ...] = NIGHT
    reach: Reach | None = field(default_factory=lambda: Reach("ops", "#shift"))
    people: tuple[str, ...] = ("mod-b", "mod-c", "payments")
    exposed: int = 0
    begins: bool = False
    returns: tuple[Item, ...] = ()
    cut: bool = False
    before: bool = True
    stopping: tuple[Stop, ...] = ()
    refuse: Refused | None = None
    log: list[tuple[str, object]] = field(default_factory=list)
    handed: tuple[Mapping[str, Decision], str, str] | None = None

    async def begin(self) -> bool:
        self.log.append(("begin", None))
        return self.begins

    async def end(self) -> None:
        self.log.append(("end", None))

    async def back(self) -> Return:
        left_at = AT - timedelta(hours=3) if self.before else None
        return Return(left_at, cut=self.cut, items=self.returns)

    async def send(self, delivery_id: int) -> None:
        self.log.append(("send", delivery_id))
        self.returns = tuple(item for item in self.returns if item.delivery != delivery_id)

    async def leaving(self) -> Leaving:
        unsent = "" if self.reach else "no [handover] channel is configured: the text stays here"
        return Leaving(
            "mod-a", AT, AT - timedelta(hours=8), "Asia/Almaty", self.items, self.reach, unsent,
            self.people, self.exposed,
        )  # fmt: skip

    async def hand_over(
        self, leaving: Leaving, decisions: Mapping[str, Decision], text: str, to: str = ""
    ) -> HandedOver:
        if self.refuse is not None:
            raise self.refuse
        self.handed = (decisions, text, to)
        away = (Fate.RELEASE, Fate.TRANSFER)
        self.items = tuple(i for i in self.items if decisions[i.id].fate not in away)
        return HandedOver("mod-a", AT, to, text, 9 if self.reach else None)

    async def last(self) -> HandedOver | None:
        return None

    async def stops(self) -> tuple[Stop, ...]:
        return self.stopping
