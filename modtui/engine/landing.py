"""How a delivery ends, each way in one transaction: done, or back with the moderator."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from modtui.connectors import Limits
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.domain.commands import (
    NO_THREAD,
    Assign,
    Command,
    Dismiss,
    Hide,
    LiftSanction,
    Reply,
    SetReadOnly,
    SetSlowMode,
    Unlock,
    needs,
)
from modtui.domain.frozen import dataclass
from modtui.domain.gate import teaches
from modtui.domain.model import Channel, Draft, Event, EventKind, State, ThreadRecord
from modtui.domain.outbox import BESIDE_NEWER, WAITING, Delivery, DeliveryState, Receipt
from modtui.engine.choices import learned
from modtui.engine.effects import (
    Place,
    end_of,
    events,
    locked,
    restriction,
    restricts,
    subject,
)
from modtui.engine.history import happen, recount
from modtui.engine.kept import begin, is_further
from modtui.engine.mirror import leave_note
from modtui.engine.parts import Parts
from modtui.engine.standing import standing
from modtui.engine.words import name, name_of
from modtui.store import AuditLine, ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Return:
    """Why a row comes back: the state it ends in, the reason, and who or what decided it."""

    state: DeliveryState
    why: str
    who: str


async def done(tx: Tx, parts: Parts, row: Delivery, receipt: Receipt) -> None:
    """Write `receipt` with everything that it means. Raises Fenced, ValueError as the store."""
    sent = replace(row, receipt=receipt, error=None, unknown_at=None, next_at=None)
    await tx.move_delivery(sent, DeliveryState.SENT, receipt.evidence)
    if row.thread == NO_THREAD:
        await audit(tx, parts, sent, AuditNote(row.by, "sent", name_of(row.command)))
        return
    record = await _record(tx, row.thread)
    await audit(tx, parts, sent, AuditNote(row.by, "sent", name(row.command, record, parts.desk)))
    if receipt.evidence == LEFT_ALONE or is_further(row):
        await tx.update_thread(await recount(tx, record))
        return
    limits = limits_of(parts, row)
    record = await _flags(tx, sent, record, limits)
    place = await _settings(tx, parts, replace(row, receipt=receipt), record, limits)
    record = await recount(tx, locked(place.record, row.command))
    record = await happen(tx, record, events(sent, receipt, place), parts)
    await begin(tx, sent)
    if record.state is State.RESOLVED:
        await tx.drop_claim(row.thread, row.by)
    reply = row.command
    for note in reply.notes if isinstance(reply, Reply) else ():
        await leave_note(tx, parts, record, note, row.by)
    if isinstance(reply, Reply) and reply.quick and teaches(reply.route, helps=reply.helps):
        said = await learned(tx, row.thread)
        await tx.count_sent(reply.quick, row.thread, row.by, receipt.at, said)


async def come_back(tx: Tx, parts: Parts, row: Delivery, end: Return) -> bool:
    """End `row` undone, and with it what in its batch followed from it; return whether a draft
    came back.

    A reply's text becomes a draft again, never over a newer one; the row keeps it in any case.
    """
    said = await with_text(tx, row, end.why)
    await tx.move_delivery(replace(row, error=said, next_at=None), end.state, said)
    await audit(tx, parts, row, AuditNote(end.who, end.state.value, said))
    if row.thread == NO_THREAD:
        return False
    record = await _record(tx, row.thread)
    if isinstance(row.command, Assign) and row.command.on and end.state is DeliveryState.STALE:
        # Somebody there was faster: it is not ours here either.
        await tx.set_mirrored(row.thread, False)
        if await tx.drop_claim(row.thread, row.by):
            await tx.add_event(row.thread, Event(EventKind.RELEASED, parts.now(), row.by))
    draft = await redraft(tx, parts, row, end.why)
    for later in await tx.deliveries(thread=row.thread, batch=row.batch, states=WAITING):
        if later.id > row.id and not _stands_alone(later.command, row.command):
            why = (
                f"not done: {name(row.command, record, parts.desk)} was {end.state.value} before it"
            )
            await tx.move_delivery(
                replace(later, error=why, next_at=None), DeliveryState.CANCELLED, why
            )
            draft = await redraft(tx, parts, later, why) or draft
    await tx.update_thread(await recount(tx, record))
    return draft


@dataclass(frozen=True, slots=True)
class AuditNote:
    """Who did what to a delivery, in words."""

    who: str
    action: str
    detail: str


async def audit(tx: Tx, parts: Parts, row: Delivery, note: AuditNote) -> None:
    """Write one line of the audit log about `row`."""
    await tx.add_audit(
        AuditLine(parts.now(), note.who, note.action, row.thread or None, row.id, note.detail)
    )


def limits_of(parts: Parts, row: Delivery) -> Limits | None:
    """Return the limits under which the row's account does its command, if it is known."""
    able = parts.capabilities(row.account)
    capability = needs(row.command)
    return able.offers.get(capability) if able and capability else None


async def _record(tx: Tx, thread_id: int) -> ThreadRecord:
    record = await tx.thread(thread_id)
    if record is None:
        raise LookupError(f"thread {thread_id} is not in the store")
    return record


async def redraft(tx: Tx, parts: Parts, row: Delivery, why: str) -> bool:
    """Make a reply's text a draft again, unless there is a newer one; return whether it is."""
    if not isinstance(row.command, Reply):
        return False
    draft = Draft(row.thread, row.by, row.command.text, parts.now(), why)
    return await tx.put_draft(draft, only_if_absent=True)


async def with_text(tx: ReadTx, row: Delivery, why: str) -> str:
    """Return why `row` comes back, and where its text stays if a newer draft stands."""
    if not isinstance(row.command, Reply):
        return why
    draft = await tx.draft(row.thread, row.by)
    newer = draft is not None and draft.text.strip() != row.command.text.strip()
    return f"{why}: {BESIDE_NEWER}" if newer else why


async def _flags(
    tx: Tx, row: Delivery, record: ThreadRecord, limits: Limits | None
) -> ThreadRecord:
    """Close the flags that the receipt closes: those named, or those on what was hidden."""
    at = row.receipt.at if row.receipt else row.created_at
    match row.command:
        case Dismiss(flags=keys):
            closed = set(keys)
        case Hide(posts=posts) if limits is None or not limits.leaves_flag:
            flags = await tx.flags(record.id)
            closed = {flag.key for flag in flags if flag.post is None or flag.post in posts}
        case _:
            return record
    await tx.close_flags(record.id, closed, row.by, at)
    return replace(record, flag_count=len(await tx.flags(record.id)))


async def _settings(
    tx: Tx, parts: Parts, row: Delivery, record: ThreadRecord, limits: Limits | None
) -> Place:
    """Show the channel's new restriction, drop the older end, plan the new one.

    What was so already is somebody else's and gets no end, unless our older end waited for it, an
    earlier try of `row` may have made it so, or we had set it for good.
    """
    channel = await tx.channel(record.realm, record.thread.channel)
    place = Place(record, channel, len(await tx.flags(record.id)))
    receipt = row.receipt
    if receipt is None:
        return place
    older = await _drop_older_ends(tx, row, record)
    end = end_of(row.command, receipt, channel)
    if end is None or limits is None or limits.supports_until:
        end, foreign = None, False
    else:
        stood = receipt.evidence == SO_ALREADY
        ours = None
        if stood and older is None and row.unknown_at is None:
            ours = await standing(tx, row.command, record, parts.now(), before=row.id)
        foreign = stood and older is None and ours is None and row.unknown_at is None
        foreign = foreign and not _is_ours(channel, row.command)
        if stood and older is not None:
            end = replace(end, command=_as_expected(end.command, older))
        elif ours is not None and ours.receipt is not None:
            end = replace(end, command=_expecting(end.command, ours.receipt.evidence or None))
    if channel and restricts(row.command):
        there = restriction(row, receipt)
        if there and foreign:
            there = replace(there, until=None, ours=False)
        await tx.put_channel(record.realm, replace(channel, restriction=there))
    if foreign:
        await audit(tx, parts, row, AuditNote(row.by, "no end", f"{SO_ALREADY}: it stays"))
    elif end:
        await tx.add_delivery(_end_row(parts, row, end.command, end.at))
    return place


def _is_ours(channel: Channel | None, command: Command) -> bool:
    """Whether the slow mode that stands is one of ours, from whichever thread of the channel."""
    stands = channel.restriction if channel and isinstance(command, SetSlowMode) else None
    return stands is not None and stands.ours and stands.kind == "slow"


def _expecting(command: Command, left: str | None) -> Command:
    """Return an end that expects what our earlier setting left behind."""
    match command:
        case Unlock() | SetReadOnly() | LiftSanction():
            return replace(command, expect=left)
    return command


def _as_expected(command: Command, older: Command) -> Command:
    """Return an end that expects what the older end of the same setting expected."""
    match command, older:
        case (Unlock(), Unlock(expect=left)):
            return replace(command, expect=left)
        case (SetReadOnly(), SetReadOnly(expect=left)):
            return replace(command, expect=left)
        case (LiftSanction(), LiftSanction(expect=left)):
            return replace(command, expect=left)
    return command


def _end_row(parts: Parts, row: Delivery, command: Command, at: datetime) -> Delivery:
    return Delivery(
        id=0,
        key=new_key(parts),
        batch=f"{row.batch}:end",
        thread=row.thread,
        account=row.account,
        command=command,
        state=DeliveryState.QUEUED,
        by=row.by,
        created_at=parts.now(),
        not_before=at,
    )


async def _drop_older_ends(tx: Tx, row: Delivery, record: ThreadRecord) -> Command | None:
    """Cancel the ends that still wait for what `row` has set anew; return the latest of them."""
    about = subject(row.command, record)
    latest = None
    if about is None:
        return None
    for other in await tx.deliveries(account=row.account, states=WAITING):
        if other.not_before is None or other.id >= row.id:
            continue
        where = await _record(tx, other.thread)
        if subject(other.command, where) == about:
            why = "a newer setting took its place"
            await tx.move_delivery(replace(other, error=why), DeliveryState.CANCELLED, why)
            latest = other.command
    return latest


def new_key(parts: Parts) -> str:
    """Return a key for one delivery: 24 characters, within every platform's limit."""
    return f"{parts.runtime.rng.getrandbits(96):024x}"


def _stands_alone(later: Command, earlier: Command) -> bool:
    """Return whether `later` can be done though `earlier` of its batch came back: it decides
    about other posts."""
    mine, others = (
        frozenset(c.posts) if isinstance(c, Hide | Dismiss) else frozenset()
        for c in (later, earlier)
    )
    return bool(mine and others) and not mine & others
