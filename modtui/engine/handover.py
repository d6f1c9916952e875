"""Handing a shift over: what is left, read at once, and what was decided, done at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from modtui.domain.commands import Capability, HandOver
from modtui.domain.frozen import dataclass
from modtui.domain.model import Event, EventKind, State
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.settings import Reach
from modtui.domain.shift import Decision, Fate, HandedOver, Item, Leaving, Part, Sitting
from modtui.engine import Refused
from modtui.engine.history import happen
from modtui.engine.landing import AuditNote, audit, new_key
from modtui.engine.leftovers import (
    Snapshot,
    drafts,
    escalated,
    held,
    on_the_way,
    running,
    snoozed,
    urgent,
)
from modtui.engine.parts import Parts
from modtui.engine.words import name_of
from modtui.store import AuditLine, ReadTx, Tx

LONGEST_SHIFT = timedelta(hours=14)

Words = tuple[tuple[str, str | int | None], ...]


async def leaving(tx: ReadTx, parts: Parts, own: Sitting | None) -> Leaving:
    """Return what would be left if the shift ended now. `own` is the sitting that goes on."""
    seen = Snapshot(tx, parts)
    since = await _since(tx, parts, own)
    reach, unsent = _reach(parts)
    people = (*await tx.colleagues(parts.me), *(team.name for team in parts.desk.teams))
    return Leaving(
        by=parts.me,
        at=parts.now(),
        since=since,
        zone=parts.desk.moderator.timezone,
        items=(
            *await held(seen),
            *await drafts(seen),
            *await on_the_way(seen),
            *await running(seen),
            *await snoozed(seen),
            *await urgent(seen, since),
            *await escalated(seen),
        ),
        reach=reach,
        unsent=unsent,
        people=tuple(dict.fromkeys(people)),
        exposed=await tx.exposures(parts.me, since),
    )


async def _since(tx: ReadTx, parts: Parts, own: Sitting | None) -> datetime:
    """Return when my shift began: at my last hand-over, else when I first sat down, as long ago
    as a shift can be."""
    longest = parts.now() - LONGEST_SHIFT
    last = await tx.last_sitting(parts.me, parts.runtime.session)
    handed = [sitting.handed_at for sitting in (last, own) if sitting and sitting.handed_at]
    if handed and max(handed) > longest:
        return max(handed)
    return await tx.sat_down(parts.me, longest) or longest


def _reach(parts: Parts) -> tuple[Reach | None, str]:
    """Return where the text goes, or None and why it goes nowhere."""
    reach = parts.desk.handover
    if reach is None:
        return None, "no [handover] channel is configured: the text stays in modtui"
    able = parts.capabilities(reach.account)
    if able is not None and Capability.NOTIFY not in able.offers:
        why = able.missing.get(Capability.NOTIFY, f"{reach.account} cannot tell a channel")
        return None, f"{why}: the text stays in modtui"
    return reach, ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: what was left, what becomes of it, the text and who takes over."""

    leaving: Leaving
    decisions: Mapping[str, Decision]
    text: str
    to: str = ""


def check(order: Order) -> None:
    """Raise Refused for an order that cannot mean anything."""
    if not order.text.strip():
        raise Refused("invalid", "the text of the hand-over is empty")
    for item in order.leaving.items:
        decision = order.decisions[item.id]
        if decision.fate is Fate.TRANSFER and not decision.to.strip():
            raise Refused("invalid", f"{item.title}: say who it is handed to")
        if decision.fate is Fate.NOTE and not decision.note.strip():
            raise Refused("invalid", f"{item.title}: the note is empty")


async def hand_over(tx: Tx, parts: Parts, order: Order) -> HandedOver:
    """Do all of it within `tx`."""
    for item in order.leaving.items:
        await _DOES[order.decisions[item.id].fate](tx, parts, item, order.decisions[item.id])
    delivery = await _send(tx, parts, order)
    done = HandedOver(parts.me, parts.now(), order.to, order.text, delivery)
    await tx.add_handover(done, parts.runtime.session)
    await tx.add_audit(AuditLine(done.at, parts.me, "handed over", None, delivery, _summary(order)))
    return done


def _summary(order: Order) -> str:
    fates = [order.decisions[item.id].fate for item in order.leaving.items]
    words = {
        Fate.TRANSFER: "transferred", Fate.RELEASE: "released", Fate.NOTE: "noted",
        Fate.KEEP: "kept",
    }  # fmt: skip
    counted = [f"{fates.count(fate)} {word}" for fate, word in words.items() if fate in fates]
    to = f"to {order.to}: " if order.to else ""
    return f"{to}{', '.join(counted) or 'nothing was left'}"


async def _send(tx: Tx, parts: Parts, order: Order) -> int | None:
    reach = order.leaving.reach
    if reach is None:
        return None
    row = Delivery(
        id=0,
        key=new_key(parts),
        batch=f"{parts.runtime.rng.getrandbits(64):016x}",
        thread=0,
        account=reach.account,
        command=HandOver(account=reach.account, to=reach.channel, text=order.text),
        state=DeliveryState.QUEUED,
        by=parts.me,
        created_at=parts.now(),
    )
    number = await tx.add_delivery(row)
    await audit(tx, parts, row, AuditNote(parts.me, "submitted", name_of(row.command)))
    return number


async def _keep(tx: Tx, parts: Parts, item: Item, decision: Decision) -> None:
    """It goes on as it is."""


async def _release(tx: Tx, parts: Parts, item: Item, decision: Decision) -> None:
    if item.part is Part.SNOOZE:
        record = await tx.thread(item.thread)
        if record is not None and record.state is State.SNOOZED:
            await happen(tx, record, [Event(EventKind.WOKEN, parts.now(), parts.me)], parts)
    elif await tx.drop_claim(item.thread, parts.me):
        await tx.add_event(item.thread, Event(EventKind.RELEASED, parts.now(), parts.me))


async def _transfer(tx: Tx, parts: Parts, item: Item, decision: Decision) -> None:
    said = f"handed to {decision.to}"
    if item.part is Part.CLAIM:
        await _release(tx, parts, item, decision)
    elif item.part is Part.DRAFT:
        draft = await tx.draft(item.thread, parts.me)
        if draft is None:
            return
        said = f"draft handed to {decision.to}:\n{draft.text}"
        await tx.drop_draft(item.thread, parts.me)
    await _say(tx, parts, item, (("text", said), ("to", decision.to)))


async def _note(tx: Tx, parts: Parts, item: Item, decision: Decision) -> None:
    await _say(tx, parts, item, (("text", decision.note),))


async def _say(tx: Tx, parts: Parts, item: Item, words: Words) -> None:
    """Leave a note for the team on the item's thread; without one it is in the text alone."""
    record = await tx.thread(item.thread)
    if record is not None:
        note = Event(EventKind.STAFF_NOTE, parts.now(), parts.me, words)
        await happen(tx, record, [note], parts)


_DOES = {
    Fate.KEEP: _keep,
    Fate.RELEASE: _release,
    Fate.TRANSFER: _transfer,
    Fate.NOTE: _note,
}
