"""What a moderator holds: claims and drafts."""

from __future__ import annotations

from collections.abc import Sequence

from modtui.domain.commands import Command, Reply
from modtui.domain.model import Claim, Draft, Event, EventKind
from modtui.domain.views import Change
from modtui.engine import Refused
from modtui.engine.folding import called
from modtui.engine.history import happen
from modtui.engine.parts import Parts
from modtui.store import AuditLine, Tx

CLAIM_SECONDS = 120.0


class Held:
    """Claims and drafts of this moderator. Claims stop no clock."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._unsaved: dict[int, Draft] = {}

    def unsaved(self) -> tuple[Draft, ...]:
        """Return what the store has not taken yet, kept in memory."""
        return tuple(self._unsaved.values())

    def sent(self, commands: Sequence[Command]) -> None:
        """These were taken: what was written for a reply is in its delivery now."""
        for command in commands:
            if isinstance(command, Reply):
                self._unsaved.pop(command.thread, None)

    async def save_again(self) -> None:
        """Save what the store did not take before. Raises NotStored."""
        for draft in self.unsaved():
            await self.save_draft(draft.thread, draft.text)

    async def claim(self, thread_id: int) -> Claim:
        """Claim or renew; return the claim that stands, perhaps another's."""
        parts, me = self._parts, self._parts.me

        async def work(tx: Tx) -> Claim:
            before = await tx.claim(thread_id)
            claim = await tx.take_claim(thread_id, me, parts.runtime.session, CLAIM_SECONDS)
            fresh = claim.by == me and (before is None or before.by != me)
            if fresh:
                await tx.add_event(thread_id, Event(EventKind.CLAIMED, parts.now(), me))
                from modtui.engine.aside import take_up

                await take_up(tx, thread_id)
                await self._mirror(tx, thread_id, on=True)
            return claim

        claim = await parts.store.write(work)
        # A renewal moves only the row's time left, which the cached row would keep old.
        parts.changed(Change(threads=frozenset({thread_id})))
        parts.wake()
        return claim

    async def take_over(self, thread_id: int) -> Claim:
        """Take the claim from whoever has it; stale replies of theirs come back to them."""
        parts, me = self._parts, self._parts.me

        async def work(tx: Tx) -> Claim:
            record = await tx.thread(thread_id)
            if record is None:
                raise Refused("invalid", f"there is no thread {thread_id}")
            before = await tx.claim(thread_id)
            session = parts.runtime.session
            claim = await tx.take_claim(thread_id, me, session, CLAIM_SECONDS, force=True)
            if before is None or before.by == me:
                if before is None:
                    await self._mirror(tx, thread_id, on=True, over=True)
                return claim
            detail = (("from", before.by),)
            event = Event(EventKind.TAKEN_OVER, parts.now(), me, detail)
            await happen(tx, record, (event,), parts)
            from modtui.engine.aside import take_up

            await take_up(tx, thread_id)
            await self._mirror(tx, thread_id, on=True, over=True)
            what = f"took {called(record, parts.desk)} over from {before.by}"
            await tx.add_audit(AuditLine(parts.now(), me, "take over", thread_id, None, what))
            return claim

        claim = await parts.store.write(work)
        parts.changed(Change(threads=frozenset({thread_id})))
        parts.wake()
        return claim

    async def release(self, thread_id: int) -> None:
        """Give my claim back; another's stays as it is."""
        parts, me = self._parts, self._parts.me

        async def work(tx: Tx) -> None:
            if await tx.drop_claim(thread_id, me):
                await tx.add_event(thread_id, Event(EventKind.RELEASED, parts.now(), me))
                await self._mirror(tx, thread_id, on=False)

        await parts.store.write(work)
        parts.changed(Change(threads=frozenset({thread_id})))
        parts.wake()

    async def _mirror(self, tx: Tx, thread_id: int, *, on: bool, over: bool = False) -> None:
        from modtui.engine.mirror import mirror

        record = await tx.thread(thread_id)
        if record is not None:
            await mirror(tx, self._parts, record, on=on, over=over)

    async def drafts(self) -> tuple[Draft, ...]:
        """Return all my drafts, those too that the store has not taken yet."""
        kept = await self._parts.store.read(lambda tx: tx.drafts(self._parts.me))
        rest = tuple(draft for draft in kept if draft.thread not in self._unsaved)
        return (*rest, *(each for each in self.unsaved() if each.text.strip()))

    def draft(self, kept: Draft | None, thread_id: int) -> Draft | None:
        """Return the draft of a thread: what was written last, saved or not."""
        return self._unsaved.get(thread_id, kept)

    async def save_draft(self, thread_id: int, text: str) -> None:
        """Keep `text`; durable when it returns. An empty text drops the draft.

        Raises NotStored; the text is kept in memory then, until it could be saved.
        """
        parts, me = self._parts, self._parts.me

        async def work(tx: Tx) -> bool:
            before = await tx.draft(thread_id, me)
            if text.strip():
                await tx.put_draft(Draft(thread_id, me, text, parts.now()))
            elif before is not None:
                await tx.drop_draft(thread_id, me)
            return (before is None) == bool(text.strip())

        # Before the first await: what is typed meanwhile is newer.
        self._unsaved[thread_id] = latest = Draft(thread_id, me, text, parts.now())
        if await parts.store.write(work, vital=True):
            parts.changed(Change(threads=frozenset({thread_id})))
        if self._unsaved.get(thread_id) is latest:
            del self._unsaved[thread_id]
