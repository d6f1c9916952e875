"""Signs of spam at a thread; and what the configuration lets follow from them by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from modtui.domain.commands import Sanction
from modtui.domain.model import Post, Role, ThreadRecord
from modtui.domain.outbox import WAITING, Delivery, DeliveryState
from modtui.domain.settings import Desk
from modtui.domain.spam import MOST_TRACES, Suspicion, Trace, signs, suspicion
from modtui.engine import Refused
from modtui.engine.history import recount
from modtui.engine.parts import Parts
from modtui.store import ReadTx, Tx

AUTOMATIC = "automatic"
"""Who did what nobody did."""

SPARED = "who may need help is not sanctioned by itself"


async def suspected(
    tx: ReadTx, record: ThreadRecord, posts: Sequence[Post], desk: Desk
) -> Suspicion | None:
    """Return what points to spam around the author of a thread, or None; without a step of the
    ladder where a help route is open or that stands in the NOW lane: who asks for help thrice is
    first of all to be helped. Reads at most MOST_TRACES posts, by their time."""
    rules, author = desk.spam, record.thread.author
    if rules is None:
        return None
    own = [
        Trace(
            record.id,
            record.account,
            record.realm,
            author.remote_id,
            author.name,
            p.text,
            p.created_at,
        )
        for p in posts
        if p.role is Role.AUTHOR and p.author.remote_id == author.remote_id and not p.deleted_at
    ]
    if not own:
        return None
    around: Sequence[Trace] = ()
    if rules.times:
        at = own[-1].at
        around = await tx.traces(at - rules.within, at + rules.within, MOST_TRACES)
    found = signs(own, around, rules)
    prior = await tx.prior_sanctions(record.realm, author.remote_id) if found else 0
    sensitive = record.help_route is not None or record.now_at is not None
    return suspicion(found, prior, replace(rules, ladder=()) if sensitive else rules)


async def act_by_itself(tx: Tx, threads: Iterable[int], parts: Parts) -> bool:
    """Write the sanctions that the configuration lets follow from a sign: rows of the outbox like
    any other, by `automatic`, once a thread, and never one for good. Return whether there was one.
    """
    rules = parts.desk.spam
    if rules is None or not rules.automatic or not rules.ladder:
        return False
    done = [await _act(tx, number, parts) for number in threads]
    return any(done)


async def spare(tx: Tx, record: ThreadRecord, parts: Parts) -> ThreadRecord:
    """Cancel what `automatic` has not sent yet in a thread whose author may need help, and return
    the record as it is pending then, not stored yet. What may have been executed is left."""
    from modtui.engine.landing import AuditNote, audit

    for row in await tx.deliveries(thread=record.id, states=WAITING):
        if _is_automatic(row):
            ended = replace(row, error=SPARED, next_at=None)
            await tx.move_delivery(ended, DeliveryState.CANCELLED, SPARED)
            note = AuditNote(AUTOMATIC, DeliveryState.CANCELLED.value, SPARED)
            await audit(tx, parts, ended, note)
    return await recount(tx, record)


async def spare_elsewhere(tx: Tx, threads: Iterable[int], parts: Parts) -> frozenset[int]:
    """Cancel what `automatic` has not sent yet against the authors of `threads` who may need help,
    in their other threads. Return those in which that was so."""
    changed = set()
    for number in threads:
        record = await tx.thread(number)
        if record is None or not await _in_need(tx, record):
            continue
        for other in await tx.pending_threads(record.realm, record.thread.author.remote_id):
            before = await tx.thread(other)
            after = await spare(tx, before, parts) if before is not None else None
            if after is not None and after != before:
                await tx.update_thread(after)
                changed.add(other)
    return frozenset(changed)


async def is_spared(tx: ReadTx, row: Delivery, record: ThreadRecord) -> bool:
    """Return whether `row` is against who may need help, by a thread of theirs, whichever."""
    return _is_automatic(row) and await _in_need(tx, record)


def _is_automatic(row: Delivery) -> bool:
    """Whether `row` is a sanction by itself that cannot have been executed; never what ends one."""
    return row.by == AUTOMATIC and isinstance(row.command, Sanction) and row.unknown_at is None


async def _in_need(tx: ReadTx, record: ThreadRecord) -> bool:
    return await tx.is_in_need(record.realm, record.thread.author.remote_id)


async def _act(tx: Tx, number: int, parts: Parts) -> bool:
    from modtui.engine.submit import Terms, take

    record, rules = await tx.thread(number), parts.desk.spam
    if record is None or rules is None or record.backlog:
        return False
    rows = await tx.deliveries(thread=number)
    if any(row.by == AUTOMATIC for row in rows):
        return False
    author = record.thread.author.remote_id
    if await _in_need(tx, record):
        return False
    found = await suspected(tx, record, await tx.posts(number), parts.desk)
    if found is None or found.step is None or found.step.for_good:
        return False
    acts = [sign for sign in found.signs if sign.kind in rules.automatic]
    if not acts:
        return False
    sanction = Sanction(
        thread=number,
        revision=record.revision,
        sanction=found.step.kind,
        author=author,
        seconds=found.step.seconds,
        reason=f"automatic: {acts[0].line}",
    )
    moderator = replace(parts.desk.moderator, name=AUTOMATIC)
    itself = replace(parts, desk=replace(parts.desk, moderator=moderator))
    terms = Terms(f"{parts.runtime.rng.getrandbits(64):016x}", hold=True, force=True)
    # What the platform cannot do, or a check blocks, is left to the moderators.
    with suppress(Refused):
        await take(tx, itself, (sanction,), terms)
        return True
    return False
