"""My last twenty: what I submitted, how it stands, and taking any of it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modtui.domain.lane import is_over
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.people import Deed
from modtui.domain.words import titled
from modtui.engine import Undone
from modtui.engine.folding import called
from modtui.engine.outbox import Outbox
from modtui.engine.parts import Parts
from modtui.engine.undo import prospect
from modtui.engine.words import name, told
from modtui.store import ReadTx
from modtui.store.people_port import OwnBatch

SHOWN = 20
ROWS_OF_A_BATCH = 5_000
_S = DeliveryState
_STANDS = (
    _S.NEEDS_HUMAN, _S.UNKNOWN, _S.RECONCILING, _S.BLOCKED, _S.SENDING, _S.QUEUED, _S.HELD,
    _S.REJECTED, _S.STALE, _S.SENT, _S.CANCELLED,
)  # fmt: skip
_WORDS = {
    _S.NEEDS_HUMAN: "needs you", _S.UNKNOWN: "outcome unknown",
    _S.RECONCILING: "outcome unknown", _S.HELD: "pending", _S.REJECTED: "refused",
    _S.STALE: "not sent: it changed", _S.CANCELLED: "taken back", _S.BLOCKED: "waits for login",
}  # fmt: skip
_DONE = {
    EventKind.RESOLVED: "done", EventKind.SNOOZED: "snooze", EventKind.REOPENED: "reopen",
    EventKind.ESCALATED: "escalate", EventKind.STAFF_NOTE: "note",
    EventKind.SENSITIVE: "into the NOW lane",
}  # fmt: skip


class OwnDeeds:
    """The `Deeds` of this moderator. `may_act` raises Refused where nothing may be written."""

    def __init__(self, parts: Parts, outbox: Outbox, may_act: Callable[[], None]) -> None:
        self._parts = parts
        self._outbox = outbox
        self._may_act = may_act

    async def mine(self) -> tuple[Deed, ...]:
        """Return my last twenty, newest first."""
        parts = self._parts

        async def work(tx: ReadTx) -> tuple[Deed, ...]:
            own = await tx.own_batches(parts.me, SHOWN)
            return tuple([await _deed(tx, parts, each) for each in own])

        return await parts.store.read(work)

    async def undo(self, deed: Deed) -> Undone:
        """Take one back. Raises Refused."""
        self._may_act()
        return await self._outbox.undo(deed.thread, deed.batch, force=bool(deed.doubt))


async def _deed(tx: ReadTx, parts: Parts, own: OwnBatch) -> Deed:
    found = await tx.deliveries(batch=own.batch, limit=ROWS_OF_A_BATCH)
    rows = [row for row in found if row.by == parts.me]
    what = [await _named(tx, parts, row) for row in rows]
    local: list[Event] = []
    back = False
    for thread in await tx.batch_threads(own.batch) or (own.thread,):
        events = await tx.batch_events(thread, own.batch)
        done = [event for event in events if event.kind in _DONE]
        back = back or any(event.kind is EventKind.UNDONE for event in events)
        what += await _said(tx, parts, thread, done)
        local += done
    record = await tx.thread(own.thread)
    seen = await prospect(tx, parts, own.batch, own.thread)
    return Deed(
        batch=own.batch,
        thread=own.thread,
        at=own.at,
        account=rows[0].account if rows else record.account if record else "",
        what=tuple(what),
        state=_state(rows, local, back=back),
        why_not=seen.why_not,
        inverse=seen.inverse,
        doubt=seen.doubt,
    )


async def _said(tx: ReadTx, parts: Parts, thread: int, done: Sequence[Event]) -> list[str]:
    """What was done at once in a thread, each with the thread's title."""
    record = await tx.thread(thread) if done else None
    title = called(record, parts.desk) if record else ""
    return [titled(_did(event), title) for event in done]


def _did(event: Event) -> str:
    return told(event) if is_over(event) else _DONE[event.kind]


async def _named(tx: ReadTx, parts: Parts, row: Delivery) -> str:
    record = await tx.thread(row.thread)
    return name(row.command, record, parts.desk) if record else row.command.kind


def _state(rows: Sequence[Delivery], local: Sequence[Event], *, back: bool) -> str:
    """Return how a batch stands: its least finished row, or what was done at once."""
    states = {row.state for row in rows}
    if not states or (back and states <= {_S.CANCELLED}):
        return "taken back" if back else "noted" if _notes(local) else "done"
    worst = next(state for state in _STANDS if state in states)
    if worst is _S.SENT and any(row.practised for row in rows):
        return "practised, not sent"
    return _WORDS.get(worst, worst.value)


def _notes(local: Sequence[Event]) -> bool:
    return all(event.kind is EventKind.STAFF_NOTE for event in local)
