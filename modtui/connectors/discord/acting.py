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
from modtui.connectors.discord.facts import Member, Place, number
from modtui.connectors.discord.joining import APPROVED, JOIN, REJECTED, Joining
from modtui.connectors.discord.offers import LONGEST_TIMEOUT, SLOWEST
from modtui.connectors.discord.sending import Sender
from modtui.connectors.discord.state import Sources
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import because, iso_moment, iso_text, says
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

T = TypeVar("T")

_CHECK = quote("✅")
_NEAR = timedelta(minutes=5)


class Acting:
    """Performs commands for one account."""

    def __init__(
        self, api: Api, sender: Sender, sources: Sources, now: Callable[[], datetime]
    ) -> None:
        self.joining = Joining(api, sources.guild, now)
        self._api = api
        self._sender = sender
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
            case Lock(reason=reason):
                return await self._lock(ref, closed=True, reason=reason)
            case Unlock(reason=reason):
                return await self._lock(ref, closed=False, reason=reason)
            case SetSlowMode():
                return await self._slow(ref, command)
            case Sanction():
                return await self._sanction(command, key)
            case LiftSanction(sanction=SanctionKind.MUTE):
                return await self._end_timeout(command)
            case LiftSanction(sanction=SanctionKind.BAN):
                return await self._unban(command)
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
                await self._gone(f"/channels/{_place(ref)}/messages/{post}", reason)
            else:
                evidence = "it was kept out of the chat: there is no message to delete"
        return self._done(evidence)

    async def _let_in(self, posts: tuple[str, ...]) -> Receipt:
        evidence = ""
        for post in posts:
            if post.startswith(JOIN):
                evidence = await self.joining.answer(post, APPROVED, "")
        return self._done(evidence)

    async def _gone(self, path: str, reason: str, body: Any = None) -> bool:
        """Delete; return whether it was there."""
        try:
            await self._api.act("DELETE", path, body, reason)
        except RejectedByServer as error:
            if error.status != 404:
                raise
            return False
        return True

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

    async def _lock(self, ref: ThreadRef, *, closed: bool, reason: str) -> Receipt:
        place = await self._channel(_place(ref))
        if not place.is_thread:
            raise Rejected("Discord locks threads alone: slow mode is the nearest here")
        data = place.thread_metadata
        # An archived thread that is not locked is opened by whoever writes in it.
        if data is not None and data.locked is closed and (data.archived or not closed):
            return self._done(SO_ALREADY)
        after = await self._change(place.id, {"locked": closed, "archived": closed}, reason)
        if after.thread_metadata is None or after.thread_metadata.locked is not closed:
            raise Rejected("Discord answered, and the thread is as it was")
        return self._done()

    async def _slow(self, ref: ThreadRef, command: SetSlowMode) -> Receipt:
        seconds = command.seconds
        if not 0 <= seconds <= SLOWEST:
            raise Rejected(f"Discord's slow mode is 0 to {SLOWEST} seconds")
        place = await self._channel(_place(ref))
        current = place.rate_limit_per_user or 0
        if command.expect is not None and current != command.expect:
            return self._done(LEFT_ALONE)
        if current == seconds:
            return self._done(str(seconds or ""))
        body = {"rate_limit_per_user": seconds}
        after = await self._change(place.id, body, command.reason)
        if (after.rate_limit_per_user or 0) != seconds:
            raise Rejected("Discord answered, and the slow mode is as it was")
        return self._done(str(seconds or ""))

    # people
    async def _sanction(self, command: Sanction, key: str) -> Receipt:
        if not command.author:
            raise Rejected("nobody knows who wrote it: there is no one to act on")
        match command.sanction:
            case SanctionKind.WARN:
                text = command.text or command.reason
                if not text.strip():
                    raise Rejected("a warning needs words")
                return await self._sender.say(await self._sender.direct(command.author), text, key)
            case SanctionKind.MUTE:
                return await self._timeout(command)
            case SanctionKind.KICK:
                reason = because(command.rule, command.reason)
                was = await self._gone(self._member(command.author), reason)
                return self._done("" if was else "they had left already")
            case SanctionKind.BAN:
                return await self._ban(command)

    def _member(self, user_id: str) -> str:
        return f"/guilds/{self._sources.guild}/members/{user_id}"

    async def _silent_until(self, user_id: str) -> datetime | None:
        """Return when the member's timeout ends; None where there is none now."""
        body = await self._api.find(self._member(user_id))
        if body is None:
            return None
        text = _as(body, Member).communication_disabled_until
        if not text:
            return None
        until = iso_moment(text, datetime.max.replace(tzinfo=UTC) - timedelta(days=1))
        return until if until > self._now() else None

    async def _timeout(self, command: Sanction) -> Receipt:
        seconds = command.seconds
        if seconds is None or not 0 < seconds <= LONGEST_TIMEOUT:
            raise Rejected("Discord's timeout lasts 28 days at most: choose a time, or ban")
        until = self._now() + timedelta(seconds=seconds)
        stands = await self._silent_until(command.author)
        if stands is not None and abs(stands - until) < min(_NEAR, timedelta(seconds=seconds) / 2):
            return self._done(SO_ALREADY)
        if stands is not None and stands > until and not command.renews:
            return self._done(SO_ALREADY)
        reason = because(command.rule, command.reason)
        body = {"communication_disabled_until": iso_text(until)}
        told = await self._api.act("PATCH", self._member(command.author), body, reason)
        if not (isinstance(told, dict) and told.get("communication_disabled_until")):
            raise Unknown("Discord answered, and showed no timeout")
        return self._done(iso_text(until))

    async def _end_timeout(self, command: LiftSanction) -> Receipt:
        stands = await self._silent_until(command.author)
        if stands is None:
            return self._done("it was over already")
        if command.expect and iso_text(stands) != command.expect:
            return self._done(LEFT_ALONE)
        body = {"communication_disabled_until": None}
        told = await self._api.act("PATCH", self._member(command.author), body)
        if not isinstance(told, dict):
            raise Unknown("Discord answered, and showed no member")
        if told.get("communication_disabled_until"):
            raise Rejected("Discord answered, and the timeout is as it was")
        return self._done()

    def _banned(self, user_id: str) -> str:
        return f"/guilds/{self._sources.guild}/bans/{user_id}"

    async def _ban(self, command: Sanction) -> Receipt:
        path = self._banned(command.author)
        reason = because(command.rule, command.reason)
        stands = await self._api.find(path)
        if stands is not None:
            said = stands.get("reason") if isinstance(stands, dict) else None
            # The try before this one may have been ours, though its answer was lost.
            return self._done("" if reason and says(said, reason) else SO_ALREADY)
        await self._api.act("PUT", path, {"delete_message_seconds": 0}, reason)
        return self._done()

    async def _unban(self, command: LiftSanction) -> Receipt:
        path = self._banned(command.author)
        if command.expect == SO_ALREADY:
            return self._done(LEFT_ALONE)
        # Discord describes an empty body here.
        there = await self._gone(path, "the ban is over", {})
        return self._done("" if there else "it was over already")

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
