"""A shift on the outbox's stage: a sitting, threads held, snoozed, escalated, and a channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from modtui.domain.commands import Command, HandOver
from modtui.domain.model import Draft, Event, EventKind
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.settings import Reach
from modtui.domain.shift import Decision, HandedOver, Item, Part, decided, write
from modtui.engine.history import happen
from modtui.engine.sitting import Sittings
from tests.engine.outbox_stage import ME, Scripted, Stage, add_thread, make_stage, say
from tests.store.stage import HandClock

REACH = Reach("ops", "#shift")


@dataclass
class Night:
    """One moderator's process with a channel for hand-overs, and what happened in it."""

    stage: Stage
    shift: Sittings
    others: list[Stage] = field(default_factory=list)

    async def close(self) -> None:
        """Close the store, and those of the sittings that followed."""
        for stage in (self.stage, *self.others):
            await stage.store.close()

    @property
    def clock(self) -> HandClock:
        return self.stage.clock

    async def thread(self, subject: str = "s1") -> int:
        return await add_thread(self.stage, subject)

    async def claim(self, thread: int, by: str = ME, seconds: float = 120) -> None:
        session = self.stage.session if by == ME else "host:other"
        await self.stage.store.write(lambda tx: tx.take_claim(thread, by, session, seconds))

    async def draft(self, thread: int, text: str = "half a sent") -> None:
        kept = Draft(thread, ME, text, self.clock.now)
        await self.stage.store.write(lambda tx: tx.put_draft(kept))

    async def say(self, thread: int, text: str = "Hello", hold: bool = False) -> int:
        taken = await self.stage.submit(say(thread, text), hold=hold, force=True)
        return taken.deliveries[0].id

    async def put(self, command: Command, account: str = "forum", **changes: object) -> int:
        """Write a row of the outbox as it is."""
        row = Delivery(
            0, f"key-{command}", "b", command.thread, account, command, DeliveryState.QUEUED, ME,
            self.clock.now,
        )  # fmt: skip
        return await self.stage.store.write(lambda tx: tx.add_delivery(replace(row, **changes)))

    async def happens(self, thread: int, *events: Event) -> None:
        async def work(tx: object) -> None:
            for event in events:
                found = await tx.thread(thread)
                await happen(tx, found, [event], self.stage.parts)

        await self.stage.store.write(work)

    async def items(self, part: Part) -> tuple[Item, ...]:
        return (await self.shift.leaving()).of(part)

    async def hand_over(
        self, made: Mapping[str, Decision] | None = None, to: str = ""
    ) -> HandedOver:
        """Hand over as the screen does: the defaults but for what was `made`."""
        leaving = await self.shift.leaving()
        decisions = decided(leaving, made or {}, to)
        text = write(leaving, decisions, to)
        return await self.shift.hand_over(leaving, decisions, text, to)

    async def serve(self, account: str, session: str) -> None:
        await self.stage.store.write(lambda tx: tx.take_lease(f"account:{account}", session, 3600))

    async def notes(self, thread: int) -> list[str]:
        events = await self.stage.store.read(lambda tx: tx.events(thread))
        return [str(e.get("text")) for e in events if e.kind is EventKind.STAFF_NOTE]

    async def told(self) -> list[Delivery]:
        """The hand-overs in the outbox."""
        return [row for row in await self.stage.rows() if isinstance(row.command, HandOver)]


def make_night(
    path: Path,
    clock: HandClock | None = None,
    session: str = "host:1:a",
    *,
    reach: Reach | None = REACH,
    alive: Callable[[str], bool] = lambda session: True,
    read_only: bool = False,
) -> Night:
    """Open the store at `path` for a process that hands over to `reach`."""
    stage = make_stage(path, clock or HandClock(), Scripted(), session)
    runtime = replace(stage.parts.runtime, alive=alive)
    desk = replace(stage.parts.desk, handover=reach)
    stage.parts = replace(stage.parts, desk=desk, runtime=runtime)
    return Night(stage, Sittings(stage.parts, read_only=read_only))


def next_sitting(night: Night, session: str = "host:2:b", **how: object) -> Night:
    """The next process on the same store; `night` closes it."""
    made = make_night(night.stage.path, night.clock, session, **how)
    night.others.append(made.stage)
    return made


def ids(items: Sequence[Item]) -> list[str]:
    """The ids of items."""
    return [each.id for each in items]
