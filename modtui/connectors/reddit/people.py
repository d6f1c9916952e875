"""People on Reddit: banned, muted in modmail, and let in again.

Source: /api/friend, /api/unfriend, about/banned and about/muted of Reddit's API.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from modtui.connectors import ConnectorError, Rejected, ThreadRef, Unknown
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import segment
from modtui.connectors.reading import because, convert_each
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import members
from modtui.connectors.reddit.offers import DAY, LONGEST_BAN, MUTES, has_scope
from modtui.connectors.reddit.session import Session
from modtui.connectors.reddit.writing import Writing, bounded, reachable
from modtui.domain.commands import LiftSanction, Sanction, SanctionKind
from modtui.domain.outbox import Receipt

_REASON, _NOTE, _MESSAGE = 100, 300, 1000
_JUST_GIVEN = 300
_KINDS = {SanctionKind.BAN: "banned", SanctionKind.MUTE: "muted"}


class _Restrained(msgspec.Struct):
    """Somebody who is banned or muted. `date` is an epoch second; `days_left` None: for good."""

    name: str
    date: float = 0
    days_left: int | None = None


class People:
    """Restrains people for one account."""

    def __init__(self, session: Session, writing: Writing, now: Callable[[], datetime]) -> None:
        self._session = session
        self._writing = writing
        self._now = now
        # What tries of ours gave, also those whose answer was lost, with its note yet to be made.
        self._untold: set[str] = set()

    def _done(self, evidence: str = "") -> Receipt:
        return Receipt(None, self._now(), evidence)

    async def _try(self, what: str, path: str, form: Mapping[str, str]) -> None:
        """Send what gives `what`, and note that its words are yet to be given."""
        try:
            await self._session.post(path, form)
        except Unknown:
            self._untold.add(what)
            raise
        self._untold.add(what)

    async def _standing(self, channel: str, kind: SanctionKind, name: str) -> _Restrained | None:
        """Return how somebody is banned or muted now; None where they are not."""
        path = f"/r/{segment(channel)}/about/{_KINDS[kind]}"
        page = members(await self._session.get(path, {"user": name}))
        if page is None:
            raise Rejected(f"Reddit gave no list of who is {_KINDS[kind]}")
        listed = convert_each(page[0], _Restrained, _KINDS[kind])[0]
        return next((one for one in listed if one.name.lower() == name.lower()), None)

    async def ban(self, ref: ThreadRef, command: Sanction) -> Receipt:
        name = reachable(command.author)
        days = None if command.seconds is None else _whole_days(command.seconds)
        form = {"type": "banned", "name": name}
        form["ban_reason"] = bounded(command.rule or command.reason, _REASON, "the ban reason")
        form["note"] = bounded(because(command.rule, command.reason), _NOTE, "the ban note")
        if command.text.strip():
            form["ban_message"] = bounded(command.text, _MESSAGE, "the ban message")
        if days is not None:
            form["duration"] = str(days)
        stands = await self._standing(ref.channel, SanctionKind.BAN, name)
        what = f"ban {name} in {ref.channel}"
        if stands is None or _is_to_change(stands, days, renews=command.renews):
            await self._try(what, f"/r/{segment(ref.channel)}/api/friend", form)
        elif what not in self._untold:
            return self._done(SO_ALREADY)
        self._untold.discard(what)
        label = "PERMA_BAN" if days is None else "BAN"
        return await self._noted(ref, command, label)

    async def mute(self, ref: ThreadRef, command: Sanction) -> Receipt:
        name = reachable(command.author)
        days = _mute_days(command.seconds)
        conversation = modmail.id_of(ref.subject)
        if conversation is None and days > MUTES[0]:
            raise Rejected(f"outside of modmail Reddit mutes for {MUTES[0]} days at most")
        stands = await self._standing(ref.channel, SanctionKind.MUTE, name)
        what = f"mute {name} in {ref.channel}"
        if stands is not None and what not in self._untold:
            # A try whose answer was lost gave it: the end that follows must know it as ours.
            fresh = abs(self._now().timestamp() - stands.date) < _JUST_GIVEN
            return self._done(f"{stands.date:.0f}" if fresh else SO_ALREADY)
        if conversation is not None:
            path = f"{modmail.API}/{segment(conversation)}/mute"
            form = {"num_hours": str(days * 24)}
        else:
            path = f"/r/{segment(ref.channel)}/api/friend"
            note = bounded(because(command.rule, command.reason), _NOTE, "the mute note")
            form = {"type": "muted", "name": name, "note": note}
        if stands is None:
            await self._try(what, path, form)
        self._untold.discard(what)
        return await self._noted(ref, command)

    async def _noted(self, ref: ThreadRef, command: Sanction, label: str = "") -> Receipt:
        """Return the proof of a ban or mute, after a mod note with its reason, where it has one."""
        receipt = await self._given(ref.channel, command.sanction, command.author)
        text = command.reason.strip()
        if not text or not has_scope(self._session.scopes, "modnote"):
            return receipt
        try:
            await self._writing.notes.write(ref, text, label, command.author)
        except ConnectorError as error:
            # They are banned or muted: that must not be done again for want of the note.
            return self._done(f"{receipt.evidence}; without a mod note: {error}")
        return receipt

    async def _given(self, channel: str, kind: SanctionKind, name: str) -> Receipt:
        stands = await self._standing(channel, kind, name)
        if stands is None:
            raise Rejected(f"Reddit took it, but {name} is not {_KINDS[kind]}")
        return self._done(f"{stands.date:.0f}")

    async def lift(self, ref: ThreadRef, command: LiftSanction) -> Receipt:
        name, kind = reachable(command.author), command.sanction
        stands = await self._standing(ref.channel, kind, name)
        if stands is None:
            return self._done("it was over already")
        ours = (command.expect or "").partition(";")[0]
        if ours and (not ours.isdigit() or f"{stands.date:.0f}" != ours):
            return self._done(LEFT_ALONE)
        form = {"type": _KINDS[kind], "name": name}
        await self._session.post(f"/r/{segment(ref.channel)}/api/unfriend", form)
        if await self._standing(ref.channel, kind, name) is not None:
            raise Rejected(f"Reddit took it, but {name} is still {_KINDS[kind]}")
        return self._done()


def _is_to_change(stands: _Restrained, days: int | None, *, renews: bool) -> bool:
    """Whether a ban that stands becomes one of `days`: a longer one only where it was ours."""
    left = math.inf if stands.days_left is None else stands.days_left
    wanted = math.inf if days is None else days
    return left < wanted or (left > wanted and renews)


def _whole_days(seconds: int) -> int:
    days, rest = divmod(seconds, DAY)
    if rest or not 1 <= days <= LONGEST_BAN:
        raise Rejected(f"Reddit bans for 1 to {LONGEST_BAN} whole days, or for good")
    return days


def _mute_days(seconds: int | None) -> int:
    """Return the shortest mute of Reddit's that lasts `seconds`."""
    wanted = math.inf if seconds is None else seconds / DAY
    fitting = [days for days in MUTES if days >= wanted]
    if not fitting:
        raise Rejected(f"Reddit mutes for {MUTES[-1]} days at most")
    return fitting[0]
