"""What a moderator can have done on Reddit, and whether it was done.

Source: /api/remove, approve, lock, ignore_reports, friend and modactions of Reddit's API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors import (
    Absent,
    CannotTell,
    ConnectorError,
    Found,
    Rejected,
    Stale,
    ThreadRef,
    Unknown,
    Unsupported,
)
from modtui.connectors.evidence import SO_ALREADY, removed
from modtui.connectors.http import Call, segment
from modtui.connectors.reading import because, convert_each
from modtui.connectors.reddit import modmail
from modtui.connectors.reddit.facts import Item, reports
from modtui.connectors.reddit.intake import Intake
from modtui.connectors.reddit.people import People
from modtui.connectors.reddit.session import Session, refuse
from modtui.connectors.reddit.writing import Writing, bounded
from modtui.domain.commands import (
    Command,
    Comment,
    Dismiss,
    Escalate,
    HandOver,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Restore,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    Unlock,
)
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean_line

_REASON = 100
_TITLE = 50
ACTIONS = "/api/v1/modactions"


class _Reason(msgspec.Struct):
    id: str
    title: str = ""
    message: str = ""


class Acting:
    """Performs commands for one account. `reasons` maps a rule to a removal reason's id; `tell`
    is how the author hears of it: none, public, private."""

    def __init__(
        self,
        session: Session,
        intake: Intake,
        writing: Writing,
        now: Callable[[], datetime],
        settings: Mapping[str, Any],
    ) -> None:
        self._session = session
        self._intake = intake
        self._now = now
        self._reasons = _pairs(settings.get("removal_reasons") or ())
        self._tell = str(settings.get("removal_message") or "none")
        # What tries of ours took off, also those whose answer was lost, its words yet to be given.
        self._untold: set[str] = set()
        # What a filter of Reddit's held back when we removed it.
        self._held: set[str] = set()
        self._notes = settings.get("notes") == "reddit"
        self.writing = writing
        self._people = People(session, writing, now)

    async def perform(self, ref: ThreadRef, command: Command) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply():
                return await self.writing.reply(ref, command)
            case Escalate(to=to, text=text) | HandOver(to=to, text=text):
                return await self.writing.discuss(to, text)
            case Sanction(sanction=SanctionKind.WARN):
                return await self.writing.warn(ref, command)
            case Sanction(sanction=SanctionKind.BAN):
                return await self._people.ban(ref, command)
            case Sanction(sanction=SanctionKind.MUTE):
                return await self._people.mute(ref, command)
            case LiftSanction(sanction=SanctionKind.BAN | SanctionKind.MUTE):
                return await self._people.lift(ref, command)
            case Comment(text=text) if self._notes:
                return await self.writing.notes.write(ref, text)
            case Dismiss():
                return await self._keep(ref, command)
            case SetCrowdControl(level=level):
                return await self._crowd(ref, level)
            case Hide() | Restore() | Lock() | Unlock():
                return await self._set(ref, command)
        raise Unsupported(f"Reddit cannot do this: {command.kind}")

    def _done(self, evidence: str = "") -> Receipt:
        return Receipt(None, self._now(), evidence)

    async def _set(self, ref: ThreadRef, command: Command) -> Receipt:
        if modmail.id_of(ref.subject) is not None:
            raise Rejected("modmail cannot be removed or locked: archive it by keeping it")
        match command:
            case Hide():
                return await self._remove(ref, command)
            case Restore(posts=posts):
                return await self._restore(await self._items(posts or (ref.subject,)))
        return await self._lock(ref.subject, on=isinstance(command, Lock))

    # posts and comments
    async def _items(self, names: Iterable[str]) -> tuple[Item, ...]:
        """Return the items as they stand now. Raises Rejected where one is not there."""
        wanted = list(dict.fromkeys(names))
        there = {item.name: item for item in await self._intake.info(wanted)}
        lacking = [name for name in wanted if name not in there]
        if lacking:
            raise Rejected(f"Reddit has {', '.join(lacking[:3])} no longer")
        return tuple(there[name] for name in wanted)

    async def _verify(self, items: Iterable[Item], so: Callable[[Item], bool], what: str) -> None:
        """Look whether it was done. Raises Rejected where Reddit took it and shows otherwise."""
        for item in await self._items(item.name for item in items):
            if not so(item):
                raise Rejected(f"Reddit took it, but {item.name} is still not {what}")

    async def _remove(self, ref: ThreadRef, command: Hide) -> Receipt:
        items = await self._items(command.posts or (ref.subject,))
        bounded(because(command.rule, command.reason), _REASON, "the mod note of the removal")
        reason = await self._reason(ref.channel, command)
        todo = [item for item in items if not item.removed_by_hand]
        self._held -= {item.name for item in items if not item.out}
        self._held |= {item.name for item in todo if item.out}
        for item in todo:
            await self._take_off(item.name)
        # What a filter held was out before: that a moderator removed it is what is new.
        await self._verify(
            todo,
            lambda item: item.removed_by_hand or (item.out and item.name not in self._held),
            "removed",
        )
        ours = [item for item in items if item.name in self._untold]
        names = [item.name for item in items]
        stood = set(names) - {item.name for item in ours}
        if not ours:
            return self._done(SO_ALREADY)
        self._untold -= {item.name for item in ours}
        held = self._held & set(names)
        self._held -= held
        try:
            await self._explain(ours, reason, command)
        except ConnectorError as error:
            # They are removed: doing it all again would only tell the author twice.
            said = f"removed, but without its reason: {error}"
            return self._done(removed(names, stood, said, held))
        said = f"reason: {reason.title}" if reason else ""
        return self._done(removed(names, stood, said, held))

    async def _take_off(self, name: str) -> None:
        """Remove an item, and note that the words for it are yet to be given."""
        try:
            await self._session.post("/api/remove", {"id": name, "spam": "false"})
        except Unknown:
            self._untold.add(name)
            raise
        self._untold.add(name)

    async def _reason(self, channel: str, command: Hide) -> _Reason | None:
        """Return the removal reason that the rule stands for, by the settings or its title."""
        if not command.rule:
            return None
        body = await self._session.get(f"/api/v1/{segment(channel)}/removal_reasons")
        data = body.get("data") if isinstance(body, dict) else None
        raws = list(data.values()) if isinstance(data, dict) else []
        there = convert_each(raws, _Reason, "removal reasons")[0]
        wanted = self._reasons.get(command.rule)
        if wanted is not None:
            found = next((one for one in there if one.id == wanted), None)
            if found is None:
                raise Rejected(f"removal_reasons: r/{channel} has no reason {wanted}")
            return found
        rule = command.rule.strip().casefold()
        return next((one for one in there if one.title.strip().casefold() == rule), None)

    async def _explain(self, items: list[Item], reason: _Reason | None, command: Hide) -> None:
        note = because(command.rule, command.reason)
        if reason is None and not note:
            return
        told = {"item_ids": [item.name for item in items], "mod_note": note}
        told["reason_id"] = reason.id if reason else ""
        form = {"json": msgspec.json.encode(told).decode()}
        await self._session.post(f"{ACTIONS}/removal_reasons", form)
        text = reason.message if reason else ""
        if self._tell == "none" or reason is None or not text.strip():
            return
        for item in items:
            kind = "comment" if item.name.startswith("t1_") else "link"
            said = {"item_id": [item.name], "message": text, "type": self._tell}
            said["title"] = reason.title[:_TITLE]
            path = f"{ACTIONS}/removal_{kind}_message"
            refuse((await self._session.send(Call("POST", path, json=said, write=True))).body)

    async def _restore(self, items: tuple[Item, ...]) -> Receipt:
        """Approve what was removed. Raises Stale where another moderator has removed it since."""
        for item in items:
            by = item.banned_by if isinstance(item.banned_by, str) and item.out else ""
            if by and not await self.writing.is_us(by):
                raise Stale(f"u/{clean_line(by, limit=60)} has removed it since: it stays removed")
        return await self._approve(items)

    async def _approve(self, items: tuple[Item, ...]) -> Receipt:
        for item in items:
            await self._session.post("/api/approve", {"id": item.name})
        await self._verify(items, lambda item: not item.out, "approved")
        return self._done()

    async def _keep(self, ref: ThreadRef, command: Dismiss) -> Receipt:
        conversation = modmail.id_of(ref.subject)
        if conversation is not None:
            return await self._archive(conversation)
        items = await self._items(command.posts or (ref.subject,))
        known = frozenset(command.flags)
        for item in items:
            if item.name == ref.subject:
                _same_reports(item, known)
            if item.held and not command.approve:
                # Its reports may be ignored: it stays in the queue until it is decided on.
                raise Stale("a filter of Reddit's holds it now: look again, approve or remove it")
        ignored = [i for i in items if command.further or (i.out and not command.approve)]
        shown = tuple(i for i in items if command.approve or not i.out)
        receipt = await self._approve(shown) if shown else self._done("it stays removed")
        for item in ignored:
            if not item.ignore_reports:
                await self._session.post("/api/ignore_reports", {"id": item.name})
        await self._verify(
            ignored, lambda item: item.ignore_reports is not False, "free of later reports"
        )
        return receipt

    async def _archive(self, conversation_id: str) -> Receipt:
        one, *_ = await self._intake.conversation(conversation_id)
        if one.state == modmail.ARCHIVED:
            return self._done("archived already")
        await self._session.post(f"{modmail.API}/{segment(conversation_id)}/archive", {})
        if (await self._intake.conversation(conversation_id))[0].state != modmail.ARCHIVED:
            raise Rejected("Reddit took it, but the conversation is not archived")
        return self._done()

    async def _lock(self, subject: str, *, on: bool) -> Receipt:
        items = await self._items([subject])
        if items[0].locked is not None and items[0].locked == on:
            return self._done(SO_ALREADY)
        await self._session.post("/api/lock" if on else "/api/unlock", {"id": subject})
        so, what = (bool, "locked") if on else (lambda locked: not locked, "open")
        await self._verify(items, lambda i: i.locked is None or so(i.locked), what)
        return self._done()

    async def _crowd(self, ref: ThreadRef, level: int) -> Receipt:
        """Set it for the post, or for the one that the comment stands under. Reddit does not tell
        how it stood before."""
        if modmail.id_of(ref.subject) is not None:
            raise Rejected("modmail has no crowd control: it is for what is said under a post")
        (item,) = await self._items([ref.subject])
        form = {"id": item.link_id or item.name, "level": str(level)}
        await self._session.post("/api/update_crowd_control_level", form)
        return self._done()

    # whether it was done
    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        match command:
            case Reply():
                return await self.writing.find_reply(ref, command, since, taken)
            case Sanction(sanction=SanctionKind.WARN):
                text = command.text or command.reason
                found = await self.writing.find_mail(text, since, taken)
                if isinstance(found, Found):
                    # Its note comes after the answer that was lost.
                    unnoted = replace(found.receipt, evidence="sent, without a mod note")
                    return Found(unnoted)
                return found
            case Comment(text=text):
                return await self.writing.find_note(ref, text, since, taken)
            case Escalate(text=text) | HandOver(text=text):
                return await self.writing.find_mail(text, since, taken, "mod")
        return CannotTell("it sets a state: doing it again is harmless")


def _same_reports(item: Item, known: frozenset[str]) -> None:
    """Raises Stale where somebody reported the item for a reason that was not on screen."""
    there = {row.key for row in reports(item, frozenset()) if not row.key.startswith("source:")}
    if known and there - known:
        raise Stale("it was reported again since: look at it once more")


def _pairs(pairs: Iterable[Any]) -> dict[str, str]:
    """Return which removal reason each rule stands for. Raises Rejected for what is no pair."""
    found = {}
    for pair in pairs:
        rule, equals, reason = str(pair).partition("=")
        if not equals or not reason.strip():
            raise Rejected(f'removal_reasons: "{pair}" is not a rule and an id, as "spam=1a2b"')
        found[rule.strip()] = reason.strip()
    return found
