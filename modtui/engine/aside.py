"""What was there long before its account was first read: put aside, and brought in again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from modtui.domain.model import Event, EventKind, Severity, ThreadRecord
from modtui.domain.settings import Desk
from modtui.store import Tx

if TYPE_CHECKING:
    from modtui.engine.pieces import Source

_CALLS = frozenset({EventKind.FLAGGED, EventKind.AUTHOR_POST})


def bound(source: Source, complete_at: datetime | None, now: datetime) -> datetime | None:
    """Return before which moment a thread is old, or None where nothing is put aside: after the
    account's first complete sync at `complete_at`, and where the account wants everything."""
    return None if complete_at is not None or not source.backlog else now - source.backlog


def entered(
    record: ThreadRecord, events: Iterable[Event], before: datetime | None, desk: Desk
) -> ThreadRecord:
    """Return a new thread as it enters: put aside if nobody called since `before`."""
    if before is None or any(e.kind in _CALLS and e.at >= before for e in events):
        return record
    return replace(record, backlog=not pressing(record, desk))


def called_again(
    record: ThreadRecord, events: Iterable[Event], before: datetime | None, desk: Desk
) -> ThreadRecord:
    """Return a known thread, in the queue if a flag or its author called since `before`, or ever
    where that is None. A thread in the queue stays there."""
    if not record.backlog:
        return record
    calls = [event for event in events if event.kind in _CALLS]
    quiet = all(before is not None and event.at < before for event in calls)
    return replace(record, backlog=quiet and not pressing(record, desk))


def pressing(record: ThreadRecord, desk: Desk) -> bool:
    """Whether the thread cannot wait, however old it is."""
    now = {reason.casefold() for reason in desk.now_reasons}
    named = any(reason.casefold() in now for reason in record.reasons)
    return named or record.now_at is not None or record.severity is Severity.URGENT


async def take_up(tx: Tx, thread_id: int) -> None:
    """Bring the thread into the queue if it was put aside: somebody works on it."""
    record = await tx.thread(thread_id)
    if record is not None and record.backlog:
        await tx.update_thread(replace(record, backlog=False))
