"""What is promised may change: another policy fits a thread, or the configuration was edited.

The NOW lane is promised too: by its reasons and its target.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from modtui.domain.digest import sha256
from modtui.domain.lane import placed
from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.sla import standing
from modtui.domain.views import Change, QueueFilter
from modtui.engine.history import happen, policy_of
from modtui.engine.parts import Parts
from modtui.store import ReadTx, Tx

# No account can have this name, so its cursor is free to hold what was promised last.
_NAME = "~policies"
_LEASE_SECONDS = 60.0
_SLICE = 100


async def moved(
    tx: ReadTx, before: ThreadRecord, record: ThreadRecord, parts: Parts
) -> tuple[Event, ...]:
    """Return the event of another policy fitting `record` than the one it stood under."""
    name = (await policy_of(tx, record, parts)).name
    if before.standing.policy in ("", name):
        return ()
    return (_changed(before, name, parts),)


async def refile(parts: Parts) -> None:
    """Put every open thread under the policies and the NOW lane of today, where they were edited.

    Does nothing while another process does it.
    """
    desk = parts.desk
    promised = repr((parts.policies, desk.now_reasons, desk.now_target))
    print_of = sha256(promised.encode())
    session, store = parts.runtime.session, parts.store
    if await store.read(lambda tx: tx.cursor(_NAME)) == print_of:
        return
    lease = await store.write(lambda tx: tx.take_lease(_NAME, session, _LEASE_SECONDS))
    if lease is None:
        return
    now = parts.now()
    ids = await store.read(lambda tx: tx.queue_ids(QueueFilter(), now, parts.me))
    for at in range(0, len(ids), _SLICE):
        some = ids[at : at + _SLICE]
        changed = await store.write(partial(_refile, ids=some, parts=parts))
        if changed:
            parts.changed(Change(threads=changed))

    async def done(tx: Tx) -> None:
        await tx.set_cursor(_NAME, print_of, lease)
        await tx.drop_lease(lease)

    await store.write(done)


async def _refile(tx: Tx, ids: Sequence[int], parts: Parts) -> frozenset[int]:
    changed = set()
    for thread_id in ids:
        record = await tx.thread(thread_id)
        if record is None:
            continue
        policy = await policy_of(tx, record, parts)
        known = await tx.events(thread_id)
        complete = await tx.complete_at(record.account)
        promised = standing(known, policy, parts.now(), complete)
        stood = record.standing
        events = await _entering(tx, record, known, parts)
        if (promised.policy, promised.due_at) != (stood.policy, stood.due_at):
            events = (*events, _changed(record, policy.name, parts))
        if events or placed(record, known, parts.desk.now_target) != record:
            await happen(tx, record, events, parts)
            changed.add(thread_id)
    return frozenset(changed)


async def _entering(
    tx: ReadTx, record: ThreadRecord, known: Sequence[Event], parts: Parts
) -> tuple[Event, ...]:
    """Return the event of a thread whose open flags name a reason that is in the lane today."""
    if record.now_at is not None or record.state is State.RESOLVED:
        return ()
    from modtui.engine.lane import alarm

    still_open = {flag.key for flag in await tx.flags(record.id)}
    flagged = [e for e in known if e.kind is EventKind.FLAGGED and e.get("flag") in still_open]
    return alarm(flagged, parts.desk, record.account)


def _changed(record: ThreadRecord, name: str, parts: Parts) -> Event:
    detail = (("from", record.standing.policy), ("to", name))
    return Event(EventKind.TARGET_CHANGED, parts.now(), "clock", detail)
