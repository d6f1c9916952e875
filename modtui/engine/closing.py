"""Flags that were closed on the platform: told by it, or missing from two full reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from modtui.connectors import Batch
from modtui.domain.commands import Dismiss, Hide
from modtui.domain.model import ELSEWHERE, Event, EventKind, State, ThreadRecord
from modtui.engine.history import happen
from modtui.engine.merge import FLYING
from modtui.engine.parts import Parts
from modtui.engine.pieces import Source
from modtui.store import Tx

Keys = frozenset[tuple[str, str]]


async def close_elsewhere(tx: Tx, batch: Batch, source: Source, parts: Parts) -> frozenset[int]:
    """Close what `batch` says is closed; return the threads that changed."""
    gone = set(batch.closed)
    if batch.open_now is not None:
        gone |= await _missing_twice(tx, batch.open_now, source)
    by_subject: dict[str, list[str]] = defaultdict(list)
    for subject, key in gone:
        by_subject[subject].append(key)
    records = await tx.threads_by_subject(source.realm, by_subject)
    changed = set()
    for subject, record in records.items():
        if await _close(tx, record, by_subject[subject], parts):
            changed.add(record.id)
    return frozenset(changed)


async def _missing_twice(tx: Tx, open_now: Keys, source: Source) -> Keys:
    """A full read of one account says nothing of the threads another one of the realm owns."""
    missing = await tx.open_flag_keys(source.realm) - open_now
    records = await tx.threads_by_subject(source.realm, {subject for subject, _ in missing})
    mine = {
        (subject, key)
        for subject, key in missing
        if subject in records and records[subject].account == source.account
    }
    return await tx.note_missing(source.realm, frozenset(mine), source.account)


async def _close(tx: Tx, record: ThreadRecord, keys: Iterable[str], parts: Parts) -> bool:
    now = parts.now()
    if not await tx.close_flags(record.id, keys, ELSEWHERE, now):
        return False
    left = await tx.flags(record.id)
    if left:
        reasons = tuple(dict.fromkeys(flag.reason for flag in left))
        await tx.update_thread(replace(record, flag_count=len(left), reasons=reasons))
        return True
    rows = await tx.deliveries(thread=record.id, states=FLYING)
    if record.state is State.RESOLVED or any(isinstance(r.command, Hide | Dismiss) for r in rows):
        # Our own removal on its way closed them: its receipt says so, or a human will.
        await tx.update_thread(replace(record, flag_count=0))
        return True
    event = Event(EventKind.RESOLVED, now, ELSEWHERE, (("outcome", ELSEWHERE),))
    if record.now_at is not None:
        record = replace(record, flag_count=0)
        event = Event(EventKind.DISMISSED, now, ELSEWHERE, (("finishes", 0),))
    await happen(tx, record, (event,), parts)
    return True
