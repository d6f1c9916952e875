"""What a moderator can have done on Discord, and whether it was done.

Source: the resources Channel, Message, Guild and User of Discord's API 10.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from modtui.connectors import (
    Absent,
    CannotTell,
    Found,
    Rejected,
    ThreadRef,
    Unknown,
    Unsupported,
)
from modtui.connectors.discord.api import Api
from modtui.connectors.discord.facts import Place, number
from modtui.connectors.discord.joining import APPROVED, JOIN, REJECTED, Joining
from modtui.connectors.discord.offers import SLOWEST
from modtui.connectors.discord.restraining import Restraining
from modtui.connectors.discord.sending import Sender
from modtui.connectors.discord.state import Sources
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import because, iso_moment
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    Escalate,
    HandOver,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Sanction,
    SanctionKind,
    SetSlowMode,
    Unlock,
)
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean_line

T = TypeVar("T")

_CHECK = quote("✅")
_FAR = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


class Acting:
    """Performs commands for one account."""

    def __init__(
        self,
        api: Api,
        sender: Sender,
        restraining: Restraining,
        sources: Sources,
        now: Callable[[], datetime],
    ) -> None:
        self.joining = Joining(api, sources.guild, now)
        self._api = api
        self._sender = sender
        self._restraining = restraining
        self._sources = sources
        self._now = now

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply(audience=Audience.AUTHOR, text=text):
                return await self._sender.say(await self._sender.direct(ref.author), text, key)
            case Reply(text=text):
                answers = ref.subject if number(ref.subject) else None
                return await self._sender.say(_place(ref), text, key, answers)
            case Escalate(to=to, text=text) | HandOver(to=to, text=text):
                return await self._sender.say(await self._sender.channel_of(to), text, key)
            case Hide():
                return await self._delete(ref, command)
            case Dismiss(approve=True, posts=posts) if any(p.startswith(JOIN) for p in posts):
                return await self._let_in(posts)
            case Dismiss(flags=flags):
                return await self._mark(flags)
            case Lock() | Unlock():
                return await self._lock(ref, command)
            case SetSlowMode():
                return await self._slow(ref, command)
            case Sanction():
                return await self._sanction(command, key)
            case LiftSanction(sanction=SanctionKind.MUTE | SanctionKind.BAN):
                return self._done(await self._restraining.lift(command))
        raise Unsupported(f"Discord cannot do this: {command.kind}")

    def _done(self, evidence: str = "") -> Receipt:
        return Receipt(None, self._now(), evidence)

    async def _delete(self, ref: ThreadRef, command: Hide) -> Receipt:
        reason = because(command.rule, command.reason)
        evidence = ""
        for post in command.posts:
            if post.startswith(JOIN):
                evidence = await self.joining.answer(post, REJECTED, reason)
            elif number(post):
                await self._api.gone(f"/channels/{_place(ref)}/messages/{post}", reason)
            else:
                evidence = "it was kept out of the chat: there is no message to delete"
        return self._done(evidence)

    async def _let_in(self, posts: tuple[str, ...]) -> Receipt:
        evidence = ""
        for post in posts:
            if post.startswith(JOIN):
                evidence = await self.joining.answer(post, APPROVED, "")
        return self._done(evidence)

    async def _mark(self, flags: tuple[str, ...]) -> Receipt:
        """Put our check mark on the reports, so that other moderators see that they are done."""
        for flag in flags:
            kind, _, message = flag.partition("/")
            channel = self._sources.alert if kind == "alert" else kind
            if not number(channel) or not number(message):
                continue
            path = f"/channels/{channel}/messages/{message}/reactions/{_CHECK}/@me"
            try:
                await self._api.act("PUT", path)
            except RejectedByServer as error:
                if error.status != 404:
                    raise
        return self._done()

    async def _channel(self, channel: str) -> Place:
        return _as(await self._api.get(f"/channels/{channel}"), Place)

    async def _change(self, channel: str, body: dict[str, Any], reason: str) -> Place:
        told = await self._api.act("PATCH", f"/channels/{channel}", body, reason)
        try:
            return msgspec.convert(told, Place)
        except msgspec.ValidationError as error:
            raise Unknown("Discord took it and showed no channel") from error

    async def _lock(self, ref: ThreadRef, command: Lock | Unlock) -> Receipt:
        closed = isinstance(command, Lock)
        expect = command.expect if isinstance(command, Unlock) else None
        place = await self._channel(_place(ref))
        if not place.is_thread:
            raise Rejected("Discord locks threads alone: slow mode is the nearest here")
        data = place.thread_metadata
        # An archived thread that is not locked is opened by whoever writes in it.
        if data is not None and data.locked is closed and (data.archived or not closed):
            return self._done(SO_ALREADY)
        since = data.archive_timestamp if data is not None else None
        if expect and since and iso_moment(since, _FAR) != iso_moment(expect, _FAR):
            return self._done(LEFT_ALONE)
        body = {"locked": closed, "archived": closed}
        after = await self._change(place.id, body, command.reason)
        if after.thread_metadata is None or after.thread_metadata.locked is not closed:
            raise Rejected("Discord answered, and the thread is as it was")
        left = after.thread_metadata.archive_timestamp if closed else None
        return self._done(str(clean_line(left or "", limit=60)))

    async def _slow(self, ref: ThreadRef, command: SetSlowMode) -> Receipt:
        seconds = command.seconds
        if not 0 <= seconds <= SLOWEST:
            raise Rejected(f"Discord's slow mode is 0 to {SLOWEST} seconds")
        place = await self._channel(_place(ref))
        current = place.rate_limit_per_user or 0
        if current == seconds:
            return self._done(SO_ALREADY)
        if command.expect is not None and current != command.expect:
            return self._done(LEFT_ALONE)
        body = {"rate_limit_per_user": seconds}
        after = await self._change(place.id, body, command.reason)
        if (after.rate_limit_per_user or 0) != seconds:
            raise Rejected("Discord answered, and the slow mode is as it was")
        return self._done(str(seconds or ""))

    # people
    async def _sanction(self, command: Sanction, key: str) -> Receipt:
        if not command.author:
            raise Rejected("nobody knows who wrote it: there is no one to act on")
        if command.sanction is not SanctionKind.WARN:
            return self._done(await self._restraining.restrain(command))
        text = command.text or command.reason
        if not text.strip():
            raise Rejected("a warning needs words")
        return await self._sender.say(await self._sender.direct(command.author), text, key)

    # whether it was done
    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        match command:
            case Reply(audience=Audience.AUTHOR, text=text):
                channel = await self._sender.direct(ref.author)
                return await self._sender.find(channel, text, since, taken)
            case Sanction(sanction=SanctionKind.WARN, author=author):
                text = command.text or command.reason
                channel = await self._sender.direct(author)
                return await self._sender.find(channel, text, since, taken)
            case Reply(text=text):
                return await self._sender.find(_place(ref), text, since, taken)
            case Escalate(to=to, text=text) | HandOver(to=to, text=text):
                channel = await self._sender.channel_of(to)
                return await self._sender.find(channel, text, since, taken)
        return CannotTell("it sets a state: doing it again is harmless")


def _place(ref: ThreadRef) -> str:
    if not number(ref.channel):
        raise Unsupported("this is about a person: there is no channel to act in")
    return ref.channel


def _as(body: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise Rejected("Discord gave an answer that cannot be read") from error
