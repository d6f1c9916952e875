"""How an event enters a thread: history, state, revision and clocks in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from modtui.domain.cycles import follow
from modtui.domain.lane import placed
from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.outbox import DOUBTFUL, UNFINISHED
from modtui.domain.sla import Matter, Policy, choose, new_breaches, standing
from modtui.domain.states import after, raises_revision
from modtui.engine.parts import Parts
from modtui.store import ReadTx, Tx


def matter(record: ThreadRecord, channel: str) -> Matter:
    """Return the facts of `record` that choose its policy; `channel` is its channel's name."""
    return Matter(
        account=record.account,
        channel=(record.thread.channel, channel),
        severity=record.severity,
        language=record.language,
        tags=tuple(record.thread.tags),
    )


async def policy_of(tx: ReadTx, record: ThreadRecord, parts: Parts) -> Policy:
    """Return the policy that fits `record` now."""
    name = record.thread.channel
    if any(policy.channels for policy in parts.policies):
        channel = await tx.channel(record.realm, name)
        name = channel.name if channel is not None else name
    return choose(parts.policies, matter(record, name))


async def happen(
    tx: Tx, record: ThreadRecord, events: Sequence[Event], parts: Parts
) -> ThreadRecord:
    """Write `events` and what they change; return the record as it is stored now."""
    known = list(await tx.events(record.id))
    fresh: list[Event] = []
    for event in events:
        if raises_revision(event):
            record = replace(record, revision=record.revision + 1)
            event = replace(event, detail=(*event.detail, ("revision", record.revision)))
        await tx.add_event(record.id, event)
        record = _moved(record, event, known)
        known.append(event)
        fresh.append(event)
    for breach in _overtaken(known, fresh, await policy_of(tx, record, parts)):
        await tx.add_event(record.id, breach)
        known.append(breach)
    return await restand(tx, record, known, parts)


def _overtaken(known: Sequence[Event], fresh: Sequence[Event], policy: Policy) -> tuple[Event, ...]:
    """Return the breaches of cycles that one of `fresh` ended and a later event follows at once.

    Asked afterwards they would be history, which nothing breaches any more.
    """
    state, ended = State.OPEN, False
    found: list[Event] = []
    ordered = sorted(known, key=lambda event: event.at)
    for place, event in enumerate(ordered):
        before, state = state, after(state, event)
        if state is State.RESOLVED and before is not state:
            ended = event in fresh
        elif before is State.RESOLVED and before is not state and ended:
            told = sorted((*ordered[:place], *found), key=lambda each: each.at)
            found += new_breaches(told, policy, event.at)
    return tuple(found)


async def restand(
    tx: Tx, record: ThreadRecord, events: Sequence[Event], parts: Parts
) -> ThreadRecord:
    """Store `record` as `events` make it stand, in the lane too, and any breach that came due."""
    policy = await policy_of(tx, record, parts)
    now = parts.now()
    ordered = sorted(events, key=lambda event: event.at)
    breaches = new_breaches(ordered, policy, now)
    for breach in breaches:
        await tx.add_event(record.id, breach)
    if breaches:
        ordered = sorted([*ordered, *breaches], key=lambda event: event.at)
    complete = await tx.complete_at(record.account)
    record = placed(record, ordered, parts.desk.now_target)
    record = replace(record, standing=standing(ordered, policy, now, complete))
    if record.pending and (record.help_route is not None or record.now_at is not None):
        from modtui.engine.spam import spare

        record = await spare(tx, record, parts)
    await tx.update_thread(record)
    return record


async def recount(tx: Tx, record: ThreadRecord) -> ThreadRecord:
    """Return `record` with its pending marks counted from the outbox; not stored yet.

    The timed end of a setting is not pending: it waits for its time, not for an answer. Nor is a
    claim: it decides nothing.
    """
    all_rows = await tx.deliveries(thread=record.id, states=UNFINISHED)
    rows = [row for row in all_rows if row.command.decides]
    return replace(
        record,
        pending=sum(row.not_before is None for row in rows),
        unknown=sum(row.state in DOUBTFUL for row in rows),
    )


async def recount_thread(tx: Tx, thread_id: int) -> None:
    """Store the pending marks of a thread as its rows now say."""
    record = await tx.thread(thread_id)
    if record is not None:
        await tx.update_thread(await recount(tx, record))


def _moved(record: ThreadRecord, event: Event, known: Sequence[Event]) -> ThreadRecord:
    state, wakes_at = after(record.state, event), record.snoozed_until
    if event.kind is EventKind.UNDONE or any(later.at > event.at for later in known):
        # A receipt may be older than what came in while nobody knew of it.
        everything = sorted((*known, event), key=lambda each: each.at)
        course = follow(everything, everything[-1].at)
        state, wakes_at = course.state, course.wakes_at
    elif event.kind is EventKind.SNOOZED:
        wakes_at = datetime.fromisoformat(str(event.get("until")))
    if event.kind is EventKind.ESCALATED:
        team = event.get("team")
        record = replace(record, team=str(team) if team else None)
    elif event.kind is EventKind.UNDONE and state is not State.ESCALATED:
        record = replace(record, team=None)
    record = replace(record, snoozed_until=wakes_at if state is State.SNOOZED else None)
    if state is State.RESOLVED and record.state is not State.RESOLVED:
        record = replace(record, resolved_at=event.at, resolved_by=event.actor)
    elif state is not State.RESOLVED:
        record = replace(record, resolved_at=None, resolved_by=None)
    return replace(record, state=state)
