"""Answering: quick replies with a preview, a reply of one's own line by line, the library."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from modtui.domain.asking import FOLLOWS, HEATED, PERIODS, first_name
from modtui.domain.commands import (
    NO_ROUTE,
    Audience,
    Capability,
    Command,
    Lock,
    Note,
    Reply,
    SetSlowMode,
    Then,
)
from modtui.domain.edited import Start
from modtui.domain.gate import admitted, asks_twice
from modtui.domain.lane import NEEDS_OUTCOME
from modtui.domain.replies import Filled, Slot, Variant
from modtui.domain.text import clean_line
from modtui.domain.views import ThreadDetail, why_not
from modtui.engine import Refused
from modtui.engine.words import since
from modtui.plain.seat import Seat
from modtui.plain.speech import counted, does, language, length, said, sentence
from modtui.plain.talk import Back, Choice, Home, Leave
from modtui.plain.wording import agreed, goes_out, refused

END = "."
KEPT = "Not sent; the draft is kept."


# quick replies
async def quick(seat: Seat, detail: ThreadDetail) -> bool:
    """Let a quick reply be chosen, and send it; return whether the thread is finished by it."""
    await seat.engine.shelf.counted()
    found = {slot.digit: slot for slot in seat.engine.slots(detail)}
    choices: list[Choice[Slot | None]] = [
        Choice(_slot_words(seat, found[digit]), found[digit])
        if digit in found
        else Choice("empty", None, "no quick reply is on this number")
        for digit in range(1, max(found, default=0) + 1)
    ]
    if not choices:
        seat.talk.say("There is no quick reply here: find a reply looks through the library.")
        return False
    slot = await seat.talk.pick("Quick replies:", choices)
    return await preview(seat, detail, slot) if slot is not None else False


def _slot_words(seat: Seat, slot: Slot) -> str:
    title = slot.entry.title(slot.variant, seat.engine.desk.moderator.languages)
    parts = [clean_line(title), language(slot.variant.language)]
    parts += [f"sent {counted(slot.sent, 'time')}"] if slot.sent else []
    parts += [f"then {', '.join(slot.entry.then)}"] if slot.entry.then else []
    parts += ["pinned"] if slot.pinned else []
    parts += ["weak match"] if slot.weak else []
    return ", ".join(parts)


async def find(seat: Seat, detail: ThreadDetail) -> bool:
    """Look through the library for a reply, and send it."""
    words = await seat.talk.words("Words of its title, text, tags or keywords")
    wanted, reads = (detail.row.language or "en",), seat.engine.desk.moderator.languages
    route, every = detail.row.help_route, seat.engine.find_replies("", None)
    entries = admitted(route, seat.engine.find_replies(words, detail.row.language))
    for problem in seat.engine.library_problems()[:1]:
        seat.talk.say(f"Library: {said(problem)}")
    if not entries:
        seat.talk.say("Nothing in the library has these words.")
        return False
    choices = [
        Choice(
            f"{clean_line(entry.title(entry.variant(wanted), reads))}, "
            f"{', '.join(language(code) for code in entry.variants)}",
            Slot(0, entry, entry.variant(wanted), asks_twice(route, entry, every)),
        )
        for entry in entries
    ]
    title = f"{counted(len(entries), 'reply', 'replies')} found:"
    return await preview(seat, detail, await seat.talk.pick(title, choices))


@dataclass(slots=True)
class _Preview:
    """A quick reply as it would go out."""

    seat: Seat
    detail: ThreadDetail
    slot: Slot
    variant: Variant
    values: dict[str, str]
    then: Then | None = None

    def filled(self, variant: Variant) -> Filled:
        return self.seat.engine.fill(self.detail, self.slot.entry, variant, self.values)

    @property
    def missing(self) -> tuple[str, ...]:
        return self.filled(self.variant).missing

    @property
    def reply(self) -> Reply:
        row, filled = self.detail.row, self.filled(self.variant)
        return Reply(
            thread=row.id, revision=row.revision, text=filled.text, quotes=filled.quotes,
            language=self.variant.language, then=self.then or Then.WAIT, quick=self.slot.entry.id,
            route=row.help_route or NO_ROUTE,
        )  # fmt: skip

    @property
    def commands(self) -> tuple[Command, ...]:
        return self.seat.engine.follow_ups(self.detail, self.slot.entry, self.reply, self.then)

    @property
    def start(self) -> Start:
        """What an edit begins with."""
        then = next(c.then for c in self.commands if isinstance(c, Reply))
        return Start(self.slot.entry, self.reply, then)

    def say(self) -> None:
        """Say the text, in a language that is read here as well, and all that sending it does."""
        talk, reads = self.seat.talk, self.seat.engine.desk
        approved = self.variant.approval if self.variant.approved_by else "not approved by anyone"
        talk.say(f"The reply, {language(self.variant.language)}, {approved}:")
        talk.say(goes_out(self.seat, self.detail, self.commands))
        known = (c for c in reads.moderator.languages if c in self.slot.entry.variants)
        read = next(known, None) if not reads.reads(self.variant.language) else None
        if read is not None:
            text = self.filled(self.slot.entry.variants[read]).text
            talk.say(f"The same in {language(read)}:", text)
        wanted = self.detail.row.language
        if wanted and wanted != self.variant.language:
            here = language(self.variant.language)
            talk.say(f"The thread is in {language(wanted)}, this is {here}.")
        talk.say(consequences(self.seat, self.detail, self.commands))
        for each in self.seat.engine.left_out(self.detail, self.slot.entry, self.reply):
            talk.say(f"Left out: {said(each)}.")


def consequences(seat: Seat, detail: ThreadDetail, commands: tuple[Command, ...]) -> str:
    """Return as whom, where, who sees it, in which language, what follows and until when."""
    reply = next(command for command in commands if isinstance(command, Reply))
    public = reply.audience is Audience.EVERYONE
    where = clean_line(detail.channel.name) or detail.row.account
    seen = f"everyone in {where} sees it" if public else "the author alone sees it"
    first = first_name(detail) if public else ""
    more = "".join(f", {_follows(seat, c)}" for c in commands if c is not reply)
    us, then = clean_line(detail.our_name), FOLLOWS[reply.then]
    words = f"As {us}, {seen}, in {language(reply.language)}, then: {then}{more}"
    return f"{sentence(first)} {words}." if first else f"{words}."


def _follows(seat: Seat, command: Command) -> str:
    match command:
        case Note(text=text):
            return f"{does(command)} “{clean_line(text)}”"
        case Lock(until=until) | SetSlowMode(until=until) if until is not None:
            return f"{does(command)} until {seat.time(until)}"
    return does(command)


async def preview(seat: Seat, detail: ThreadDetail, slot: Slot) -> bool:
    """Say a quick reply whole, and send it once that is confirmed."""
    shown = _Preview(seat, detail, slot, slot.variant, {})
    while True:
        for name in shown.missing:
            shown.values[name] = await seat.talk.words(f"{name.replace('_', ' ')} is not filled")
        shown.say()
        choices = [
            Choice("send it", "send", refused(seat, detail, shown.commands)),
            Choice("what follows", "then"),
            Choice("another language", "language", _alone(slot)),
            Choice("edit it first", "edit"),
        ]
        match await seat.talk.pick("What now?", choices):
            case "send":
                if slot.weak and not await seat.talk.confirm(
                    "It is a weak match. Send it all the same?", "sends it"
                ):
                    raise Back
                if await agreed(seat, detail, shown.commands):
                    return await seat.act(detail, shown.commands)
            case "then":
                with suppress(Back):
                    shown.then = await _follow(seat, detail)
            case "language":
                codes = [Choice(language(code), code) for code in slot.entry.variants]
                with suppress(Back):
                    shown.variant = slot.entry.variants[await seat.talk.pick("Language:", codes)]
            case "edit":
                return await write(seat, detail, shown.start)


def _alone(slot: Slot) -> str:
    return "" if len(slot.entry.variants) > 1 else "there is no other"


async def _follow(seat: Seat, detail: ThreadDetail) -> Then:
    why = said(NEEDS_OUTCOME) if detail.row.now_at is not None else ""
    choices = [
        Choice(words, then, why if then is Then.DONE else "") for then, words in FOLLOWS.items()
    ]
    return await seat.talk.pick("After it:", choices)


# a reply of one's own
async def write(seat: Seat, detail: ThreadDetail, start: Start | None = None) -> bool:
    """Write a reply line by line and send it. The draft is kept at every line. A quick reply that
    is edited (`start`) keeps what follows it."""
    thread = detail.row.id
    await _claim(seat, thread)
    begun = start.reply.text if start is not None else ""
    if begun:
        await _replace(seat, detail, begun)
    public = detail.offers.get(Capability.REPLY)
    audience = Audience.EVERYONE if public is None or public.able else Audience.AUTHOR
    then = start.then if start is not None else Then.WAIT
    try:
        text = begun or await _begin(seat, detail)
        if text and start is None and (start := seat.engine.again(detail)) is not None:
            audience, then = start.reply.audience, start.then
        text = text or await _lines(seat, thread, "")
        return await _Box(seat, detail, text, audience, then, start=start).run()
    except (Home, Leave):
        if any(draft.thread == thread for draft in await seat.engine.drafts()):
            seat.talk.say(KEPT)
        raise


async def _replace(seat: Seat, detail: ThreadDetail, text: str) -> None:
    """Keep `text` as the draft, over another one only if that is meant. Raises Back."""
    draft = detail.draft.text if detail.draft is not None else ""
    if draft not in ("", text):
        seat.talk.say("Your draft here:", draft)
        if not await seat.talk.confirm("The quick reply takes its place.", "replaces it"):
            raise Back
    await _keep(seat, detail.row.id, text)


async def _claim(seat: Seat, thread: int) -> None:
    """Claim the thread; say who else holds it, or why it could not be claimed."""
    try:
        claim = await seat.engine.claim(thread)
    except Refused as refusal:
        seat.talk.say(f"Not claimed: {said(str(refusal))}.")
    else:
        if claim.by != seat.me:
            seat.talk.say(f"{claim.by} holds this thread: sending asks to take it over.")


async def _keep(seat: Seat, thread: int, text: str) -> None:
    """Keep what is written so far as the draft; where that fails the text goes on all the same."""
    try:
        await seat.engine.save_draft(thread, text)
    except Refused as refusal:
        seat.talk.say(f"Not saved yet, kept in memory: {said(str(refusal))}.")


async def _begin(seat: Seat, detail: ThreadDetail) -> str:
    """Return the draft to go on with, "" to begin anew."""
    if detail.draft is None or not detail.draft.text.strip():
        return ""
    seat.talk.say("Your draft:", detail.draft.text)
    choices = [Choice("go on with it", detail.draft.text), Choice("begin anew", "")]
    return await seat.talk.pick("What now?", choices)


async def _lines(seat: Seat, thread: int, text: str) -> str:
    """Take lines until one that holds only a full stop; each is kept before the next is read."""
    more = ", which goes on at its end" if text else ""
    seat.talk.say(f"Write the text{more}. A line with only a full stop ends it.")
    while (line := await seat.talk.ask("", text=True)).strip() != END:
        text = f"{text}\n{line}" if text else line
        await _keep(seat, thread, text)
    return text


@dataclass(slots=True)
class _Box:
    """A text that is to be sent, and what goes with it."""

    seat: Seat
    detail: ThreadDetail
    text: str
    audience: Audience
    then: Then = Then.WAIT
    also: str = ""
    start: Start | None = None

    async def run(self) -> bool:
        """Check, change, send; Back keeps the draft."""
        seat, thread = self.seat, self.detail.row.id
        while True:
            if not self.text.strip():
                seat.talk.say("There is nothing to send.")
                raise Back
            seen, self.detail = self.detail, await seat.engine.thread(thread) or self.detail
            news = since(seen, self.detail, seat.me, seat.engine.now())
            seat.talk.say("The text:", goes_out(seat, self.detail, self.commands))
            seat.talk.say(sentence(said(news)) if news else "Nothing changed since you began.")
            seat.talk.say(consequences(seat, self.detail, self.commands))
            try:
                what = await seat.talk.pick("What now?", self._choices())
            except Back:
                seat.talk.say(KEPT)
                raise
            if what == "send":
                if await agreed(seat, self.detail, self.commands):
                    return await seat.act(self.detail, self.commands)
                continue
            with suppress(Back):
                await self._change(what, thread)

    async def _change(self, what: str, thread: int) -> None:
        seat = self.seat
        match what:
            case "more":
                self.text = await _lines(seat, thread, self.text)
            case "anew":
                self.text = await _lines(seat, thread, "")
            case "who":
                self.audience = await seat.talk.pick("Who sees it:", self._audiences())
            case "then":
                self.then = await _follow(seat, self.detail)
            case "also":
                self.also = await seat.talk.pick("Also:", self._also())

    def _choices(self) -> list[Choice[str]]:
        return [
            Choice("send it", "send", refused(self.seat, self.detail, self.commands)),
            Choice("write more", "more"),
            Choice("begin anew", "anew"),
            Choice("who sees it", "who"),
            Choice("what follows", "then"),
            Choice("slow mode or lock with it", "also"),
        ]

    def _audiences(self) -> list[Choice[Audience]]:
        offers = self.detail.offers
        return [
            Choice("everyone", Audience.EVERYONE, why_not(offers.get(Capability.REPLY))),
            Choice(
                "the author alone", Audience.AUTHOR, why_not(offers.get(Capability.REPLY_PRIVATE))
            ),
        ]

    def _also(self) -> list[Choice[str]]:
        slow, lock = (self.detail.offers.get(c) for c in (Capability.SLOW_MODE, Capability.LOCK))
        slowed = f"{slow.name if slow else 'slow mode'} {length(self._seconds)}"
        return [
            Choice("nothing", ""),
            Choice(f"{slowed} for {length(PERIODS[0])}", "slow", why_not(slow)),
            Choice(lock.name if lock else "lock", "lock", why_not(lock)),
        ]

    @property
    def _seconds(self) -> int:
        slow = self.detail.offers.get(Capability.SLOW_MODE)
        return slow.presets[min(1, len(slow.presets) - 1)] if slow and slow.presets else 60

    @property
    def commands(self) -> tuple[Command, ...]:
        row, start = self.detail.row, self.start
        reply = Reply(
            thread=row.id, revision=row.revision, text=self.text, audience=self.audience,
            language=row.language, then=self.then, route=row.help_route or NO_ROUTE,
            quotes=start.reply.quotes if start is not None else (),
        )  # fmt: skip
        if start is None:
            return (reply, *self._also_follows)
        follow_ups = self.seat.engine.follow_ups
        batch = follow_ups(self.detail, start.entry, start.begun(reply), self.then)
        kinds = {type(command) for command in batch}
        return (*start.ended(batch), *(c for c in self._also_follows if type(c) not in kinds))

    @property
    def _also_follows(self) -> tuple[Command, ...]:
        row = self.detail.row
        if self.also == "lock":
            return (Lock(thread=row.id, revision=row.revision, reason="answered"),)
        if self.also == "slow":
            until = self.seat.engine.now() + timedelta(seconds=PERIODS[0])
            slow = SetSlowMode(
                thread=row.id, revision=row.revision, seconds=self._seconds, until=until,
                reason=HEATED,
            )  # fmt: skip
            return (slow,)
        return ()
