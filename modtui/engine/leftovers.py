"""What a moderator leaves: each kind read from one snapshot, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from modtui.domain.commands import (
    NO_THREAD,
    Command,
    LiftSanction,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.cycles import counted
from modtui.domain.frozen import dataclass
from modtui.domain.hours import always
from modtui.domain.lane import closing, is_over
from modtui.domain.model import Channel, Event, EventKind, State, ThreadRecord
from modtui.domain.outbox import UNFINISHED, Delivery, DeliveryState
from modtui.domain.shift import Item, Part
from modtui.domain.text import BLANK, Clean, clean_line
from modtui.domain.timeleft import lane_left, left, left_text, left_words
from modtui.domain.views import QueueRow
from modtui.domain.words import length, so_many, titled
from modtui.engine.folding import dressed
from modtui.engine.parts import Parts
from modtui.engine.words import name, name_of
from modtui.store import ReadTx

MOST = 10_000
_ON_THE_WAY = {
    DeliveryState.HELD: "held, not sent yet",
    DeliveryState.QUEUED: "queued",
    DeliveryState.SENDING: "sending",
    DeliveryState.BLOCKED: "waits for login",
    DeliveryState.UNKNOWN: "outcome unknown",
    DeliveryState.RECONCILING: "looking whether it is there",
    DeliveryState.NEEDS_HUMAN: "outcome unknown, needs a human",
}
_STANDS_STILL = (DeliveryState.BLOCKED, DeliveryState.NEEDS_HUMAN)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where it is read: one snapshot, for one moderator. `gone` is a session that has ended,
    whose leases do not count."""

    tx: ReadTx
    parts: Parts
    gone: str = ""

    def clock(self, at: datetime) -> str:
        """Return `at` in the moderator's zone, with the day when it is another one."""
        zone = ZoneInfo(self.parts.desk.moderator.timezone)
        local, now = at.astimezone(zone), self.parts.now().astimezone(zone)
        return local.strftime("%H:%M" if local.date() == now.date() else "%d %b %H:%M")

    async def server(self, account: str) -> str | None:
        """Return the other process that serves `account`, or None."""
        lease = await self.tx.lease(f"account:{account}")
        if lease is None or lease.owner in (self.parts.runtime.session, self.gone):
            return None
        return lease.owner

    async def rows(self, ids: Sequence[int]) -> tuple[QueueRow, ...]:
        """Return the rows of these threads, in this order; a distressing title is folded."""
        found, desk = await self.tx.queue_rows(ids, self.parts.me), self.parts.desk
        return tuple(dressed(found[number], desk) for number in ids if number in found)


def place(row: QueueRow) -> Clean:
    """Return where a thread stands: account and channel."""
    return clean_line(f"{row.account}/{row.channel}" if row.channel else row.account)


def of_thread(id: str, part: Part, row: QueueRow, says: str) -> Item:
    """Return an item about a thread."""
    return Item(id, part, row.id, row.title, place(row), says, row.url)


async def of_row(seen: Snapshot, part: Part, row: Delivery, says: str, what: str = "") -> Item:
    """Return an item about a delivery, named with its thread; `says` is how it stands, `what` is
    what it is where that is not its command."""
    record = await seen.tx.thread(row.thread)
    id = f"{part.value}-{row.id}"
    if record is None:
        title = clean_line(name_of(row.command))
        return Item(id, part, NO_THREAD, title, BLANK, says, delivery=row.id, asks=row.asks)
    (about,) = await seen.rows((record.id,))
    words = titled(what, about.title) if what else name(row.command, record, seen.parts.desk)
    title = clean_line(words)
    return Item(
        id, part, record.id, title, place(about), says, about.url, delivery=row.id, asks=row.asks
    )


async def held(seen: Snapshot) -> tuple[Item, ...]:
    """Return the threads that I hold now."""
    live = [claim.thread for claim, lives in await seen.tx.claims_of(seen.parts.me) if lives]
    rows = [row for row in await seen.rows(live) if row.state is not State.RESOLVED]
    return tuple(
        of_thread(f"claim-{row.id}", Part.CLAIM, row, time_left(seen, row)) for row in rows
    )


def time_left(seen: Snapshot, row: QueueRow) -> str:
    """Return why a thread is here and how its deadline stands."""
    now, zone = seen.parts.now(), seen.parts.desk.moderator.timezone
    if row.now_due_at is not None:
        return f"{left_text(lane_left(row.now_due_at, now), zone)}, {row.now_reason}"
    calendars = {policy.name: policy.calendar for policy in seen.parts.policies}
    calendar = calendars.get(row.standing.policy) or always()
    stands = left_words(left(row.standing, calendar, now), zone)
    return " · ".join(word for word in (row.why, stands) if word)


async def drafts(seen: Snapshot) -> tuple[Item, ...]:
    """Return my texts that were not sent."""
    mine = await seen.tx.drafts(seen.parts.me)
    about = {row.id: row for row in await seen.rows([draft.thread for draft in mine])}
    return tuple(
        Item(
            f"draft-{draft.thread}", Part.DRAFT, draft.thread,
            about[draft.thread].title, place(about[draft.thread]),
            f"{so_many(len(draft.text), 'character')}, saved {seen.clock(draft.saved_at)}",
            about[draft.thread].url, draft.text,
        )
        for draft in mine
        if draft.thread in about
    )  # fmt: skip


async def on_the_way(seen: Snapshot) -> tuple[Item, ...]:
    """Return my deliveries without a receipt, and which process will send each."""
    rows = await seen.tx.deliveries(states=UNFINISHED, limit=MOST)
    mine = [row for row in rows if row.by == seen.parts.me and row.not_before is None]
    items = []
    for row in mine:
        says = f"{stands(row)}, {await _sender(seen, row)}".removesuffix(", ")
        items.append(await of_row(seen, Part.DELIVERY, row, says))
    return tuple(items)


def stands(row: Delivery) -> str:
    """Return how an unfinished delivery stands."""
    return "waits for your word" if row.asks else _ON_THE_WAY[row.state]


async def _sender(seen: Snapshot, row: Delivery) -> str:
    if row.asks or row.state in _STANDS_STILL:
        return ""
    server = await seen.server(row.account)
    return f"{server} sends it" if server else "the next modtui, sync or drain sends it"


async def running(seen: Snapshot) -> tuple[Item, ...]:
    """Return what we slowed, closed, locked or silenced that still stands, and who ends it."""
    rows = await seen.tx.deliveries(states=UNFINISHED, limit=MOST)
    items: list[Item] = []
    ended: set[tuple[str, str]] = set()
    for row in (row for row in rows if row.not_before is not None and _standing(row.command)):
        record = await seen.tx.thread(row.thread)
        if record is not None and isinstance(row.command, SetSlowMode | SetReadOnly):
            ended.add((record.realm, record.thread.channel))
        says = await _timed(seen, row)
        items.append(await of_row(seen, Part.RUNNING, row, says, _standing(row.command)))
    for realm, channel in await seen.tx.restrictions():
        if (realm, channel.remote_id) not in ended and (item := await _set(seen, realm, channel)):
            items.append(item)
    return tuple(items)


def _standing(command: Command) -> str:
    """Return what stands until its end, which is `command`, is done; "" for what names itself."""
    match command:
        case SetSlowMode(expect=seconds):
            return f"slow mode {length(seconds)}" if seconds else "slow mode"
        case SetReadOnly():
            return "read-only"
        case Unlock():
            return "lock"
        case LiftSanction(sanction=kind):
            return kind.value
    return ""


async def _timed(seen: Snapshot, row: Delivery) -> str:
    at = seen.clock(row.not_before or row.created_at)
    server = await seen.server(row.account)
    return f"until {at}, {server or 'modtui'} ends it{'' if server else ' if one runs then'}"


async def _set(seen: Snapshot, realm: str, channel: Channel) -> Item | None:
    """Return what slows or closes a channel, if it is ours; the platform ends it, or nobody."""
    now = channel.restriction
    if now is None or not now.ours or (now.until is not None and now.until <= seen.parts.now()):
        return None
    record = await _origin(seen, now.delivery)
    what = f"slow mode {length(now.seconds)}" if now.seconds else now.kind.replace("_", "-")
    ends = f"until {seen.clock(now.until)}, the platform ends it" if now.until else ""
    says = ends or "nobody ends it: it stays until somebody lifts it"
    number, url = (record.id, record.thread.url) if record else (NO_THREAD, None)
    where = f"{record.account}/{channel.name}" if record else channel.name
    id = f"running-{realm}-{channel.remote_id}"
    return Item(id, Part.RUNNING, number, clean_line(what), clean_line(where), says, url)


async def _origin(seen: Snapshot, delivery: int | None) -> ThreadRecord | None:
    row = await seen.tx.delivery(delivery) if delivery is not None else None
    return await seen.tx.thread(row.thread) if row is not None else None


async def snoozed(seen: Snapshot) -> tuple[Item, ...]:
    """Return what I snoozed and is still asleep."""
    items = []
    for number in await seen.tx.put_by(seen.parts.me, State.SNOOZED, EventKind.SNOOZED):
        record = await seen.tx.thread(number)
        until = record.snoozed_until if record else None
        says = f"until {seen.clock(until)}" if until else "asleep"
        items += [
            of_thread(f"snooze-{row.id}", Part.SNOOZE, row, says)
            for row in await seen.rows((number,))
        ]
    return tuple(items)


async def urgent(seen: Snapshot, since: datetime) -> tuple[Item, ...]:
    """Return the NOW threads since then, each with how it ended in words."""
    items = []
    for row in await seen.rows(await seen.tx.now_since(since)):
        events = await seen.tx.events(row.id)
        entered = [e for e in counted(events) if e.kind is EventKind.SENSITIVE and not is_over(e)]
        if entered:
            first = seen.clock(row.now_at or entered[0].at)
            why = row.now_reason or entered[-1].get("reason")
            says = f"{why}, since {first} · {_outcome(row, events)}"
            items.append(of_thread(f"now-{row.id}", Part.NOW, row, says))
    return tuple(items)


def _outcome(row: QueueRow, events: Sequence[Event]) -> str:
    over = closing(events)
    if over is not None and row.now_at is None and row.state is not State.RESOLVED:
        return clean_line(f"not sensitive: {over.get('over')}")
    if row.state is not State.RESOLVED:
        return "no outcome yet"
    ends = [event for event in events if event.kind is EventKind.RESOLVED]
    words = clean_line(str(ends[-1].get("outcome") or "")) if ends else ""
    return words or f"done by {row.resolved_by or 'somebody'}, no words"


async def escalated(seen: Snapshot) -> tuple[Item, ...]:
    """Return what I escalated and nobody has ended yet."""
    items = []
    for number in await seen.tx.put_by(seen.parts.me, State.ESCALATED, EventKind.ESCALATED):
        events = await seen.tx.events(number)
        last = [event for event in events if event.kind is EventKind.ESCALATED][-1]
        says = f"to {last.get('team') or 'a team'}, since {seen.clock(last.at)}"
        items += [
            of_thread(f"escalation-{row.id}", Part.ESCALATION, row, says)
            for row in await seen.rows((number,))
        ]
    return tuple(items)
