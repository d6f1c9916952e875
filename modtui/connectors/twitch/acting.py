"""What a moderator can have done on Twitch.

Source: Twitch's API reference: Manage Held AutoMod Messages, Resolve Unban Requests, Delete Chat
Messages, Send Chat Message, Update Chat Settings, Update Shield Mode Status, Ban User, Unban User,
Warn Chat User, Get Banned Users. A moderator cannot read who is banned: only the broadcaster's own
token may.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import Rejected, Stale, ThreadRef, Unknown, Unsupported
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import because, iso_moment
from modtui.connectors.twitch.facts import HELD, UNBAN, Banned, Shield, SlowMode, UnbanRequest
from modtui.connectors.twitch.helix import Helix
from modtui.connectors.twitch.offers import LONGEST_TIMEOUT, SLOW
from modtui.connectors.twitch.state import DELETED, Decisions
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    Hide,
    LiftSanction,
    Reply,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
)
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean_line

LONGEST_TEXT = 500
_JUST_NOW = timedelta(minutes=5)
_DELETABLE = timedelta(hours=6)
_NEAR = 60.0
"""Seconds by which two ends may differ and be the same."""
_STATUSES = ("pending", "approved", "denied", "canceled", "acknowledged")


class _Drop(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Sent(msgspec.Struct):
    is_sent: bool
    message_id: str = ""
    drop_reason: _Drop | None = None


class _Banned(msgspec.Struct):
    end_time: str | None = None


class Acting:
    """Performs commands for one account."""

    def __init__(self, helix: Helix, decisions: Decisions, now: Callable[[], datetime]) -> None:
        self._helix = helix
        self._decisions = decisions
        self._now = now

    async def perform(self, ref: ThreadRef, command: Command) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply(audience=Audience.EVERYONE, text=text):
                return await self._say(ref, text)
            case Hide(posts=posts):
                reason = because(command.rule, command.reason)
                return await self._decide(ref, posts, "denied", reason)
            case Dismiss(approve=True, posts=posts):
                return await self._decide(ref, posts, "approved", "")
            case Dismiss():
                return self._done("closed here: Twitch was told nothing")
            case SetSlowMode():
                return await self._slow(command)
            case SetReadOnly():
                return await self._shield(command)
            case Sanction(sanction=SanctionKind.WARN):
                return await self._warn(command)
            case Sanction(sanction=SanctionKind.MUTE | SanctionKind.BAN):
                return await self._ban(command)
            case LiftSanction(sanction=SanctionKind.MUTE | SanctionKind.BAN):
                return await self._unban(command)
        raise Unsupported(f"Twitch cannot do this: {command.kind}")

    def _done(self, evidence: str = "", remote_id: str | None = None) -> Receipt:
        return Receipt(remote_id, self._now(), evidence)

    # words
    async def _say(self, ref: ThreadRef, text: str) -> Receipt:
        ids = await self._helix.ids()
        body: dict[str, Any] = {
            "broadcaster_id": ids["broadcaster_id"],
            "sender_id": ids["moderator_id"],
            "message": _bounded(text, "the message"),
        }
        # What is held, and an unban request, is no message of the chat that could be answered.
        if not ref.subject.startswith((HELD, UNBAN)):
            body["reply_parent_message_id"] = ref.subject
        told = await self._helix.session.act("POST", "/chat/messages", {}, body)
        try:
            sent = msgspec.convert(self._helix.rows(told)[0], _Sent)
        except (Rejected, IndexError, msgspec.ValidationError) as error:
            raise Unknown("Twitch took the message and did not name it") from error
        if not sent.is_sent:
            drop = sent.drop_reason or _Drop()
            why = ": ".join(part for part in (drop.code, drop.message) if part) or "no reason given"
            raise Rejected(f"Twitch did not send it: {clean_line(why, limit=200)}")
        if not sent.message_id or not sent.message_id.isprintable():
            raise Unknown("Twitch took the message and did not name it")
        return self._done(remote_id=sent.message_id)

    async def _warn(self, command: Sanction) -> Receipt:
        words = command.text.strip() or because(command.rule, command.reason)
        if not words:
            raise Rejected("a warning needs words")
        data = {"user_id": _user(command.author), "reason": _bounded(words, "the warning")}
        await self._act("POST", "/moderation/warnings", {"data": data})
        return self._done()

    # messages and requests
    async def _decide(
        self, ref: ThreadRef, posts: tuple[str, ...], status: str, reason: str
    ) -> Receipt:
        evidence = ""
        for post in posts:
            if post.startswith(HELD):
                evidence = await self._judge(post, status)
            elif post.startswith(UNBAN):
                evidence = await self._answer(ref, post, status, reason)
            elif status == "denied":
                evidence = await self._delete(post)
            else:
                evidence = "it is in the chat already"
        return self._done(evidence)

    async def _judge(self, post: str, status: str) -> str:
        """Allow or deny a held message. Raises Stale where it is not held any more."""
        ids = await self._helix.ids()
        body = {
            "user_id": ids["moderator_id"],
            "msg_id": post.removeprefix(HELD),
            "action": "ALLOW" if status == "approved" else "DENY",
        }
        try:
            await self._helix.session.act("POST", "/moderation/automod/message", {}, body)
        except Unknown:
            self._decisions.unsure[post] = status
            raise
        except RejectedByServer as error:
            if error.status not in (400, 404):
                raise
            became, by = self._decisions.became.get(post, ("", ""))
            if became == status:
                return SO_ALREADY
            if became:
                who = clean_line(by, limit=60) or "somebody"
                said = "it expired" if became == "expired" else f"{who} {became} it"
                raise Stale(f"{said} already: {error}") from error
            lost = self._decisions.unsure.get(post) == status
            how = "the try whose answer was lost may have done it" if lost else "decided by another"
            raise Stale(f"it is not held any more, {how} or expired: {error}") from error
        self._decisions.note(post, status, ours=True)
        return ""

    async def _answer(self, ref: ThreadRef, post: str, status: str, reason: str) -> str:
        """Approve or deny an unban request. Raises Stale where it was answered otherwise."""
        request = post.removeprefix(UNBAN)
        stands = await self._asked(request, ref.author)
        if stands == status:
            return SO_ALREADY
        if stands != "pending":
            raise Stale(f"the unban request is {stands}" if stands else "the unban request is gone")
        params = {**await self._helix.ids(), "unban_request_id": request, "status": status}
        if reason:
            params["resolution_text"] = _bounded(reason, "the reason")
        told = await self._helix.session.act("PATCH", "/moderation/unban_requests", params)
        try:
            after = msgspec.convert(self._helix.rows(told)[0], UnbanRequest)
        except (Rejected, IndexError, msgspec.ValidationError) as error:
            raise Unknown("Twitch answered, and showed no unban request") from error
        if after.status != status:
            raise Rejected("Twitch answered, and the unban request is as it was")
        self._decisions.note(post, status, ours=True)
        return ""

    async def _asked(self, request: str, user: str) -> str:
        for status in _STATUSES:
            async for page in self._helix.unban_requests(status, user):
                for row in page:
                    if isinstance(row, dict) and row.get("id") == request:
                        return status
        return ""

    async def _delete(self, message: str) -> str:
        params = {**await self._helix.ids(), "message_id": message}
        try:
            await self._helix.session.act("DELETE", "/moderation/chat", params)
        except Unknown:
            self._decisions.unsure[message] = DELETED
            raise
        except RejectedByServer as error:
            if error.status != 404:
                raise
            return self._gone(message, error)
        self._decisions.note(message, DELETED, ours=True)
        return ""

    def _gone(self, message: str, error: RejectedByServer) -> str:
        """Return that a message which Twitch does not find was gone. Raises Rejected where it is
        only too old to be deleted: that has the same status."""
        known = self._decisions
        if known.became.get(message, ("", ""))[0] == DELETED:
            return SO_ALREADY
        if known.unsure.get(message) == DELETED:
            known.note(message, DELETED, ours=True)
            return "gone: the try whose answer was lost did it, or somebody else"
        written = known.written.get(message)
        old = written is not None and self._now() - written >= _DELETABLE
        if old or "hours" in str(error).lower():
            why = (
                "Twitch deletes what was written in the last six hours alone: it stays in the chat"
            )
            raise Rejected(why) from error
        return "it was gone already"

    # the channel
    async def _slow(self, command: SetSlowMode) -> Receipt:
        seconds, (least, most) = command.seconds, SLOW
        if seconds and not least <= seconds <= most:
            raise Rejected(f"Twitch's slow mode is {least} to {most} seconds")
        current = (await self._helix.slow_mode()).seconds
        if current == seconds:
            return self._done(SO_ALREADY)
        if command.expect is not None and current != command.expect:
            return self._done(LEFT_ALONE)
        body: dict[str, Any] = {"slow_mode": bool(seconds)}
        if seconds:
            body["slow_mode_wait_time"] = seconds
        told = await self._act("PATCH", "/chat/settings", body)
        if self._first(told, SlowMode, "chat settings").seconds != seconds:
            raise Rejected("Twitch answered, and the slow mode is as it was")
        return self._done(str(seconds or ""))

    async def _shield(self, command: SetReadOnly) -> Receipt:
        stands = await self._helix.shield()
        if stands.is_active is command.on:
            return self._done(await self._already(stands))
        if not command.on and command.expect and command.expect != _line(stands.last_activated_at):
            return self._done(LEFT_ALONE)
        told = await self._act("PUT", "/moderation/shield_mode", {"is_active": command.on})
        after = self._first(told, Shield, "shield mode")
        if after.is_active is not command.on:
            raise Rejected("Twitch answered, and shield mode is as it was")
        return self._done(_line(after.last_activated_at) if command.on else "")

    async def _already(self, stands: Shield) -> str:
        """Return the evidence for what was so before. The try before this one may have been ours,
        though its answer was lost: the end that follows must know it."""
        me = (await self._helix.session.holder()).user_id
        fresh = self._now() - iso_moment(stands.last_activated_at, self._now()) < _JUST_NOW
        ours = stands.is_active and stands.moderator_id == me and fresh
        return _line(stands.last_activated_at) if ours else SO_ALREADY

    # people
    async def _ban(self, command: Sanction) -> Receipt:
        seconds = command.seconds
        if seconds is None and command.sanction is SanctionKind.MUTE:
            raise Rejected("a timeout needs a time, of 14 days at most: choose one, or ban")
        if seconds is not None and not 0 < seconds <= LONGEST_TIMEOUT:
            raise Rejected("Twitch's timeout lasts 14 days at most: choose a time, or ban for good")
        data: dict[str, Any] = {"user_id": _user(command.author)}
        stands = await self._helix.banned(command.author)
        if stands is not None and self._is_enough(stands, command):
            return self._done(SO_ALREADY)
        if seconds is not None:
            data["duration"] = seconds
        if reason := because(command.rule, command.reason):
            data["reason"] = _bounded(reason, "the reason")
        try:
            told = await self._act("POST", "/moderation/bans", {"data": data})
        except RejectedByServer as error:
            if seconds is None and error.status == 400 and "already banned" in str(error).lower():
                return self._done(SO_ALREADY)
            raise
        banned: _Banned = self._first(told, _Banned, "ban")
        return self._done(_line(banned.end_time))

    def _is_enough(self, stands: Banned, command: Sanction) -> bool:
        """Whether a ban or timeout of another lasts as long as the command's or longer: then it
        stays theirs. Twitch would put the shorter one in its place."""
        if not stands.expires_at:
            # In the place of one for good Twitch takes no timeout, and says so.
            return command.seconds is None
        if command.seconds is None:
            return False
        now = self._now()
        left = (_end(stands.expires_at, now) - now).total_seconds()
        near = abs(left - command.seconds) <= min(_NEAR, command.seconds / 2)
        return near or (left > command.seconds and not command.renews)

    async def _unban(self, command: LiftSanction) -> Receipt:
        stands = await self._helix.banned(command.author)
        if command.expect == SO_ALREADY or (stands and not await self._is_ours(stands, command)):
            return self._done(LEFT_ALONE)
        params = {**await self._helix.ids(), "user_id": _user(command.author)}
        try:
            await self._helix.session.act("DELETE", "/moderation/bans", params)
        except RejectedByServer as error:
            if error.status == 400 and "not banned" in str(error).lower():
                return self._done("it was over already")
            raise
        return self._done()

    async def _is_ours(self, stands: Banned, command: LiftSanction) -> bool:
        """Whether a ban or timeout is the one that we gave, by who gave it and by its end."""
        if stands.moderator_id not in ("", (await self._helix.ids())["moderator_id"]):
            return False
        if not (command.expect and stands.expires_at):
            return not command.expect
        now = self._now()
        apart = _end(stands.expires_at, now) - _end(command.expect, now)
        return abs(apart.total_seconds()) <= _NEAR

    async def _act(self, method: str, path: str, body: Any) -> Any:
        return await self._helix.session.act(method, path, await self._helix.ids(), body)

    def _first(self, told: Any, kind: type[Any], what: str) -> Any:
        try:
            return msgspec.convert(self._helix.rows(told)[0], kind)
        except (Rejected, IndexError, msgspec.ValidationError) as error:
            raise Unknown(f"Twitch took it and showed no {what}") from error


def _bounded(text: str, what: str) -> str:
    """Return `text`. Raises Rejected where it is longer than Twitch takes: nothing is cut."""
    if len(text) > LONGEST_TEXT:
        raise Rejected(f"{what} has {len(text)} characters: Twitch takes {LONGEST_TEXT} at most")
    return text


def _user(author: str) -> str:
    if not author:
        raise Rejected("nobody knows who wrote it: there is no one to act on")
    return author


def _end(text: str, now: datetime) -> datetime:
    """Return when a timeout ends; now, where that cannot be read."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _line(text: str | None) -> str:
    return str(clean_line(text or "", limit=60))
