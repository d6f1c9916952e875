"""Flags that were closed on the platform: told by it, or missing from two full reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from modtui.connectors import Batch
from modtui.domain.commands import Dismiss, Hide
from modtui.domain.model import ELSEWHERE, Event, EventKind, State, ThreadRecord
from modtui.domain.outbox import FLYING
from modtui.engine.history import happen
from modtui.engine.nameless import follow, nameless, tells_of
from modtui.engine.parts import Parts
from modtui.engine.pieces import Beside, Source
from modtui.store import Tx

Keys = frozenset[tuple[str, str]]


async def close_elsewhere(
    tx: Tx, batch: Batch, source: Source, parts: Parts, beside: Beside
) -> frozenset[int]:
    """Close what `batch` says is closed; return the threads that changed. `beside` is what the
    account's lists told so far, and is brought forward."""
    gone = set(batch.closed)
    if batch.open_now is not None:
        note_unread(batch, batch.open_now, beside)
        doubtful = may_be_unread(batch, beside)
        missing = await _missing(tx, batch.open_now, source)
        await _doubt(tx, {subject for subject, _ in missing}, batch, source, beside)
        kept = frozenset(filter(doubtful, missing))
        beside.hidden = len({each for each, _ in kept} - {one.subject for one in batch.unread})
        sure = missing - kept
        gone |= await tx.note_missing(source.realm, sure, source.account)
    by_subject: dict[str, list[str]] = defaultdict(list)
    for subject, key in gone:
        by_subject[subject].append(key)
    records = await tx.threads_by_subject(source.realm, by_subject)
    changed = set()
    for subject, record in records.items():
        if await _close(tx, record, by_subject[subject], parts):
            changed.add(record.id)
    return frozenset(changed)


def note_unread(batch: Batch, open_now: Keys, beside: Beside) -> None:
    """Note what stands beside the rows of `batch` that name no thread, from the second list on
    that has them all: a flag that could not be read any more in the first is not beside them."""
    rows = nameless(batch.unread)
    known, same = follow(rows, beside.rows)
    if rows and same:
        beside.lists.append(open_now)
    else:
        beside.lists.clear()
    beside.rows = known


def may_be_unread(batch: Batch, beside: Beside) -> Callable[[tuple[str, str]], bool]:
    """Return what tells whether a row that could not be read may be of a flag: it is then not
    missing. One that names a thread is of no other. That another flag of its thread is listed says
    nothing: some platforms list each report."""
    named = {one.subject for one in batch.unread}

    def may_be(flag: tuple[str, str]) -> bool:
        beside_them = not beside.rows or any(flag in listed for listed in beside.lists)
        return flag[0] in named or not beside_them

    return may_be


async def _doubt(tx: Tx, missing: set[str], batch: Batch, source: Source, beside: Beside) -> None:
    """Let what is missing, and a row tells of that was another before, be that row from now on."""
    changed = [raw for name, raw in nameless(batch.unread).items() if beside.rows[name].changes]
    records = await tx.threads_by_subject(source.realm, missing) if changed else {}
    for subject, record in records.items():
        if any(tells_of(raw, record.thread) for raw in changed):
            beside.doubt(subject)


async def _missing(tx: Tx, open_now: Keys, source: Source) -> Keys:
    """Return the open flags that a full read lacks. One of another account's threads says nothing
    of those that this one owns."""
    missing = await tx.open_flag_keys(source.realm) - open_now
    records = await tx.threads_by_subject(source.realm, {subject for subject, _ in missing})
    return frozenset(
        (subject, key)
        for subject, key in missing
        if subject in records and records[subject].account == source.account
    )


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
