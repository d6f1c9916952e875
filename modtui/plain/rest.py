"""What is beside the queue: my last twenty, what was left, deliveries that need me, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from modtui.domain.outbox import DeliveryState
from modtui.domain.people import Deed
from modtui.domain.shift import Item, Part, Return
from modtui.domain.text import clean_line
from modtui.engine import Refused
from modtui.plain.seat import READ_ONLY, Seat
from modtui.plain.speech import delivery_line, duration, health, said, sentence
from modtui.plain.talk import Back, Choice


class Opens(Protocol):
    """What shows threads."""

    async def open(self, thread: int) -> None:
        """Open a thread."""
        ...

    async def write(self, thread: int) -> None:
        """Go on writing in a thread."""
        ...


async def deeds(seat: Seat) -> None:
    """Say my last twenty and take back what is chosen."""
    mine = await seat.engine.deeds.mine()
    if not mine:
        seat.talk.say("You have done nothing here yet.")
        return
    off = READ_ONLY if seat.engine.lead.read_only else ""
    choices = [
        Choice(
            f"{seat.time(deed.at)}, {said(deed.state)}, {deed.account}: "
            f"{said(clean_line(deed.words))}",
            deed,
            off or said(clean_line(deed.why_not)),
        )
        for deed in mine
    ]
    title = "My last twenty, newest first; a number takes one back:"
    await _take_back(seat, await seat.talk.pick(title, choices))


async def latest(seat: Seat, thread: int | None = None) -> None:
    """Name my latest act, of `thread` if one is given, and take it back if that is meant."""
    mine = [d for d in await seat.engine.deeds.mine() if thread in (None, d.thread)]
    deed = next((deed for deed in mine if not deed.why_not), None)
    if deed is None:
        why = f": {said(clean_line(mine[0].why_not))}" if mine else ""
        seat.talk.say(f"There is nothing of yours to take back here{why}.")
    elif seat.engine.lead.read_only:
        seat.talk.say(f"Not possible: {READ_ONLY}.")
    else:
        await _take_back(seat, deed)


async def _take_back(seat: Seat, deed: Deed) -> None:
    how = f" {deed.account} is told to do the opposite." if deed.inverse else ""
    if deed.doubt:
        how += f" {sentence(said(clean_line(deed.doubt)))}"
    question = f"Take back {said(clean_line(deed.words))}.{how}"
    if not await seat.talk.confirm(question, "takes it back"):
        return
    before = seat.changes
    try:
        seat.taken_back.add(deed.batch)
        undone = await seat.engine.deeds.undo(deed)
    except Refused as refusal:
        seat.talk.say(f"It stays: {said(str(refusal))}.")
    else:
        seat.tell_undone(undone)
        await seat.settled(before)


# what was left
async def welcome(seat: Seat, opens: Opens) -> None:
    """Say what the last sitting left, and go on with what is chosen."""
    back = await seat.engine.shift.back()
    await _go_through(seat, greeting(back, seat.engine.now()), opens)


def greeting(back: Return, now: datetime) -> str:
    """Return what is said first to who comes back at `now`."""
    if back.left_at is None:
        return "Welcome. No earlier session of yours is known here."
    seconds = (now - back.left_at).total_seconds()
    when = f"{duration(seconds)} ago" if seconds >= 1 else "just now"
    return f"Welcome back. Your last session {'was cut short' if back.cut else 'ended'} {when}."


async def left(seat: Seat, opens: Opens) -> None:
    """Say what is left of mine: drafts, and what became of deliveries."""
    if not (await seat.engine.shift.back()).items and not await seat.engine.drafts():
        seat.talk.say("Nothing was left.")
        return
    await _go_through(seat, "What was left:", opens)


async def _go_through(seat: Seat, title: str, opens: Opens) -> None:
    while True:
        choices = await _left(seat)
        if not choices:
            return
        try:
            item = await seat.talk.pick(title, choices)
            if item.part is Part.DRAFT:
                await opens.write(item.thread)
            elif item.asks:
                await _answer(seat, item)
            else:
                await opens.open(item.thread)
        except Back:
            return
        title = "What was left:"


async def _left(seat: Seat) -> list[Choice[Item]]:
    items: dict[str, Item] = {item.id: item for item in (await seat.engine.shift.back()).items}
    drafted = {item.thread for item in items.values() if item.part is Part.DRAFT}
    for draft in await seat.engine.drafts():
        if draft.thread in drafted:
            continue
        detail = await seat.engine.thread(draft.thread)
        if detail is not None:
            row = detail.row
            items[f"draft-{row.id}"] = Item(
                f"draft-{row.id}", Part.DRAFT, row.id, row.title, detail.channel.name, "draft",
                text=draft.text,
            )  # fmt: skip
    return [Choice(_item_words(item), item, _item_off(seat, item)) for item in items.values()]


def _item_words(item: Item) -> str:
    does = "send it or drop it" if item.asks else "open"
    if item.part is Part.DRAFT:
        does = "go on writing"
    begins = clean_line(item.text)[:80]
    parts = (does, said(clean_line(item.title)), clean_line(item.place), said(item.says), begins)
    return ", ".join(part for part in parts if part)


def _item_off(seat: Seat, item: Item) -> str:
    if not item.thread and not item.asks:
        return "a hand-over has no thread"
    acts = item.part is Part.DRAFT or item.asks
    return READ_ONLY if acts and seat.engine.lead.read_only else ""


async def _answer(seat: Seat, item: Item) -> None:
    if item.delivery is None:
        return
    choices = [Choice("send it now, after all", True), Choice("drop it, its text stays", False)]
    try:
        if await seat.talk.pick(f"{said(clean_line(item.title))} waits for your word:", choices):
            await seat.engine.shift.send(item.delivery)
        else:
            await seat.engine.cancel(item.delivery)
    except Refused as refusal:
        seat.talk.say(f"Not done: {said(str(refusal))}.")


# deliveries and accounts
async def deliveries(seat: Seat) -> None:
    """Go through the deliveries whose outcome only a human can tell."""
    rows = [row for row in await seat.engine.deliveries() if row.state is DeliveryState.NEEDS_HUMAN]
    if not rows:
        seat.talk.say("No delivery needs you.")
        return
    choices = []
    for row in rows:
        detail = await seat.engine.thread(row.thread) if row.thread else None
        choices.append(Choice(delivery_line(row, detail.row.title if detail else ""), row))
    row = await seat.talk.pick("Look on the platform, then answer:", choices)
    verdicts = [
        Choice("it is there", "there"),
        Choice("it is not there, send it again", "again"),
        Choice("drop it, its text stays as a draft, or here beside a newer one", "drop"),
    ]
    verdict = await seat.talk.pick("What is so?", _unless(seat, verdicts))
    try:
        await seat.engine.settle(row.id, verdict)
    except Refused as refusal:
        seat.talk.say(f"Not done: {said(str(refusal))}.")
    else:
        seat.talk.say("Answered.")


async def accounts(seat: Seat) -> None:
    """Say how each account stands; a number tries its connection again."""
    now = seat.engine.now()
    choices = []
    for each in seat.engine.accounts():
        backlog = f"{each.backlog} not delivered" if each.backlog else ""
        detail = said(clean_line(each.detail))
        words = (each.name, each.connector, health(each, now) or "live", detail, backlog)
        choices.append(Choice(", ".join(word for word in words if word), each.name))
    name = await seat.talk.pick("Accounts; a number tries its connection again:",
                                _unless(seat, choices))  # fmt: skip
    await seat.engine.retry_account(name)
    seat.talk.say(sentence(f"{name} is tried again"))


def _unless(seat: Seat, choices: Sequence[Choice[str]]) -> Sequence[Choice[str]]:
    """Return `choices`, none of them possible in a read-only session."""
    if not seat.engine.lead.read_only:
        return choices
    return [Choice(choice.words, choice.value, READ_ONLY) for choice in choices]
