"""Slowing and closing: slow mode or what the platform has instead, locks, and sanctions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from modtui.domain.asking import (
    HEATED,
    ONE_WAY,
    PERIODS,
    SANCTION_LENGTHS,
    SETTLED,
    TIMED,
    able_extras,
    nearest,
    reporters,
    sanction,
    withheld_extras,
)
from modtui.domain.commands import (
    CROWD_LEVELS,
    Capability,
    Command,
    DoExtra,
    Extra,
    Lock,
    SanctionKind,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.settings import Rule
from modtui.domain.text import clean_line
from modtui.domain.views import Offer, ThreadDetail
from modtui.plain.deciding import for_rule, which_post, which_rule
from modtui.plain.posts import pace, quoted
from modtui.plain.seat import Seat
from modtui.plain.speech import does, length, sentence
from modtui.plain.talk import Back, Choice
from modtui.plain.wording import agreed


async def slow(seat: Seat, detail: ThreadDetail) -> bool:
    """Set slow mode, or what the platform has instead, by its own name."""
    detail = await seat.engine.measured(detail)
    offer, row = nearest(detail), detail.row
    if offer.capability is Capability.CROWD_CONTROL:
        return await _crowd(seat, detail, offer)
    title = f"{offer.name} in {_where(detail)}. The channel: {pace(detail)}."
    slows = offer.capability is Capability.SLOW_MODE
    seconds = await _setting(seat, detail, title)
    until = await _until(seat, "For how long?") if seconds else None
    reason = await _reason(seat, HEATED if seconds else SETTLED)
    command: Command = SetSlowMode(
        thread=row.id, revision=row.revision, seconds=seconds, until=until, reason=reason
    )
    if not slows:
        command = SetReadOnly(
            thread=row.id, revision=row.revision, on=bool(seconds), until=until, reason=reason
        )
    to = f" until {seat.time(until)}" if until else ""
    what = f"{does(command)} in {_where(detail)}{to}, reason {reason}"
    question = sentence(what) + (f" {_hits(offer)}" if seconds else "")
    if not await seat.talk.confirm(question):
        raise Back
    return await seat.act(detail, (command,))


async def _crowd(seat: Seat, detail: ThreadDetail, offer: Offer) -> bool:
    row, title = detail.row, clean_line(detail.row.title)
    levels = [Choice(name, level) for level, name in enumerate(CROWD_LEVELS)]
    question = f"{offer.name} of {title}. The channel: {pace(detail)}."
    level = await seat.talk.pick(question, levels[::-1])
    reason = await _reason(seat, HEATED if level else SETTLED)
    command = SetCrowdControl(thread=row.id, revision=row.revision, level=level, reason=reason)
    hits = f" {sentence(offer.detail)}" if level else ""
    if not await seat.talk.confirm(sentence(f"{does(command)}, reason {reason}") + hits):
        raise Back
    return await seat.act(detail, (command,))


def _where(detail: ThreadDetail) -> str:
    return clean_line(detail.channel.name) or detail.row.account


def _hits(offer: Offer) -> str:
    """Return whom it hits and who ends it."""
    slows = offer.capability is Capability.SLOW_MODE
    whom = "Everyone in the channel is slowed." if slows else "Nobody but staff can write."
    if offer.supports_until:
        return f"{whom} The platform ends it."
    return f"{whom} modtui ends it, if it or modtui sync runs then."


async def _setting(seat: Seat, detail: ThreadDetail, title: str) -> int:
    """Return the seconds between two posts, 0 for off; of read-only 1 for on."""
    offer = nearest(detail)
    if offer.capability is not Capability.SLOW_MODE:
        choices = [Choice(f"{offer.name} on", 1), Choice("open again", 0)]
        return await seat.talk.pick(title, choices)
    presets = offer.presets or (offer.min_seconds,)
    each = [Choice(f"one post in {length(seconds)}", seconds) for seconds in presets]
    return await seat.talk.pick(title, [*each, Choice("off", 0)])


async def _until(seat: Seat, title: str, *, open_end: str = "") -> datetime | None:
    choices: list[Choice[int]] = [Choice(open_end, 0)] if open_end else []
    choices += [Choice(length(seconds), seconds) for seconds in PERIODS]
    seconds = await seat.talk.pick(title, choices)
    return seat.engine.now() + timedelta(seconds=seconds) if seconds else None


async def _reason(seat: Seat, usual: str) -> str:
    choices = [Choice(usual, usual), Choice("another reason", "")]
    reason = await seat.talk.pick("The reason, kept with it:", choices)
    return reason or await seat.talk.words("The reason")


async def lock(seat: Seat, detail: ThreadDetail) -> bool:
    """Lock the thread, or unlock it."""
    row, title = detail.row, clean_line(detail.row.title)
    if detail.locked:
        reason = await _reason(seat, SETTLED)
        if not await seat.talk.confirm(f"Unlock {title}, reason {reason}.", "unlocks it"):
            raise Back
        unlock = Unlock(thread=row.id, revision=row.revision, reason=reason)
        return await seat.act(detail, (unlock,))
    until = await _until(seat, f"Lock {title} until when?", open_end="somebody unlocks it")
    reason = await _reason(seat, HEATED)
    to = f" until {seat.time(until)}" if until else " until somebody unlocks it"
    if not await seat.talk.confirm(f"Lock {title}{to}, reason {reason}.", "locks it"):
        raise Back
    command = Lock(thread=row.id, revision=row.revision, reason=reason, until=until)
    return await seat.act(detail, (command,))


async def extra(seat: Seat, detail: ThreadDetail) -> bool:
    """Do what few platforms can and this one can, by its own name."""
    row, offers = detail.row, detail.offers
    names = {each: offers[Capability(each.value)].name for each in able_extras(detail)}
    for line in withheld_extras(detail):
        seat.talk.say(line)
    what = await seat.talk.pick("What?", [Choice(name, each) for each, name in names.items()])
    on, value, seconds = True, "", 0
    if what not in ONE_WAY:
        on = await seat.talk.pick("How?", [Choice("do it", True), Choice("take it off", False)])
    if what in (Extra.PRIORITY, Extra.TAG):
        score = what is Extra.PRIORITY
        value = await seat.talk.words("The score, 0 to 100" if score else "The tag")
    if what is Extra.MUTE_REPORTER:
        by = [Choice(name, key) for key, name in reporters(detail).items()]
        value = await seat.talk.pick("Whose reports?", by or [Choice("nobody known", "")])
        seconds = await _length(seat) if on else 0
    command = DoExtra(
        thread=row.id, revision=row.revision, extra=what, on=on, value=value.strip(),
        seconds=seconds or None, reason=await seat.talk.words("The reason"),
    )  # fmt: skip
    offer = offers[Capability(what.value)]
    question = sentence(f"{does(command)}, reason {command.reason}")
    if on and offer.detail:
        question += f" {sentence(offer.detail)}"
    yes = seat.talk.for_good(question) if offer.for_good else seat.talk.confirm(question)
    if not await yes:
        raise Back
    return await seat.act(detail, (command,))


async def punish(seat: Seat, detail: ThreadDetail) -> bool:
    """Warn, mute, kick or ban the author of a post; the mildest stands first."""
    post = await which_post(seat, detail, "sanction")
    choices = [Choice(*_kind(detail, kind)) for kind in SanctionKind]
    kind = await seat.talk.pick(f"Sanction the author of {quoted(post)}:", choices)
    seconds = await _length(seat) if kind in TIMED else 0
    rule = await which_rule(seat, detail)
    preset = await _preset(seat, detail.offers[Capability(kind.value)])
    for_good = kind is SanctionKind.BAN and not seconds
    lasting = f" for {length(seconds)}" if seconds else " for good" if kind in TIMED else ""
    why = for_rule(seat, detail, rule)
    told = _told(detail, kind, rule, preset)
    question = f"{kind.value.capitalize()} {clean_line(post.author.name)}{lasting}{why}.{told}"
    end = detail.offers[Capability(kind.value)].at_its_end if seconds else ""
    question += f" {end}" if end else ""
    yes = seat.talk.for_good(question) if for_good else seat.talk.confirm(question)
    if not await yes:
        raise Back
    sanctioned = sanction(detail, post, kind, seconds or None, rule)
    commands = (replace(sanctioned, preset=preset),)
    return await agreed(seat, detail, commands) and await seat.act(detail, commands)


def _told(detail: ThreadDetail, kind: SanctionKind, rule: Rule | None, preset: str | None) -> str:
    """Return what the author is told, as a sentence after the question; "" of a timed one."""
    if preset:
        return f" The author is told the platform's text {preset}."
    if kind in TIMED:
        return ""
    if rule is None:
        return " No rule is named, so the author is told nothing."
    warns = kind is SanctionKind.WARN and detail.row.help_route is not None
    return f" The author is told the rule{' and the disclaimer' if warns else ''}."


async def _preset(seat: Seat, offer: Offer) -> str | None:
    """Return the name of the platform's own text that the author is told; None for the rule's."""
    if not offer.texts:
        return None
    choices = [Choice("of the rule", ""), *(Choice(name, name) for name in offer.texts)]
    return await seat.talk.pick("Which text is the author told?", choices) or None


def _kind(detail: ThreadDetail, kind: SanctionKind) -> tuple[str, SanctionKind, str]:
    offer = detail.offers[Capability(kind.value)]
    return offer.name or kind.value, kind, offer.why_not


async def _length(seat: Seat) -> int:
    """Return how many seconds, 0 for good."""
    choices = [Choice(length(seconds), seconds) for seconds in SANCTION_LENGTHS]
    return await seat.talk.pick("For how long?", [*choices, Choice("for good", 0)])
