"""The part of the engine that acts: commands into the outbox, claims and drafts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from modtui.domain.commands import Command
from modtui.domain.model import Claim, Draft
from modtui.engine import NotStored, Refused, Submitted, Undone
from modtui.engine.held import Held
from modtui.engine.live_working import Working


class Acting(Working):
    """What a moderator does and holds, as `modtui.engine.Engine` has it."""

    _held: Held

    async def submit(
        self, commands: Sequence[Command], *, hold: bool = True, force: bool = False
    ) -> Submitted:
        from modtui.engine.submit import submit

        self._may_act()
        taken = await submit(self._parts, commands, hold=hold, force=force)
        self._outbox.began(taken.batch)
        self._held.sent(commands)
        return taken

    async def painted(self, batch: str) -> None:
        # Where the store takes nothing the window counts from the submit, as it did so far.
        with suppress(NotStored):
            await self._outbox.painted(batch)

    async def undo(self, thread_id: int | None = None, *, force: bool = False) -> Undone:
        self._may_act()
        return await self._outbox.undo(thread_id, force=force)

    async def settle(self, delivery_id: int, verdict: str) -> None:
        self._may_act()
        await self._outbox.settle(delivery_id, verdict)

    async def cancel(self, delivery_id: int) -> None:
        self._may_act()
        await self._outbox.cancel(delivery_id)

    async def claim(self, thread_id: int) -> Claim:
        self._may_act()
        return await self._held.claim(thread_id)

    async def take_over(self, thread_id: int) -> Claim:
        self._may_act()
        return await self._held.take_over(thread_id)

    async def release(self, thread_id: int) -> None:
        self._may_act()
        await self._held.release(thread_id)

    async def save_draft(self, thread_id: int, text: str) -> None:
        self._may_act()
        await self._held.save_draft(thread_id, text)

    async def drafts(self) -> tuple[Draft, ...]:
        return await self._held.drafts()

    def _may_act(self) -> None:
        if self._plan.read_only:
            raise Refused("read_only", "this queue is open for reading only")
