"""People on Discord: timeouts, kicks and bans, and the end of those that are ours.

Source: the resources Guild and Audit Log of Discord's API 10.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import Rejected, Unknown
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import Member, number
from modtui.connectors.discord.offers import LONGEST_TIMEOUT
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import because, convert_each, iso_moment, iso_text, says
from modtui.domain.commands import LiftSanction, Sanction, SanctionKind

_NEAR = timedelta(minutes=5)
_SAME = timedelta(seconds=1)
"""By how much what Discord shows of an end may differ from what it was told."""
_BAN_ADD = 22
"""The audit log's number of a ban."""
_FAR = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


class _Entry(msgspec.Struct):
    id: str
    user_id: str | None = None
    target_id: str | None = None


class Restraining:
    """Restrains members of the server `guild`; `me` tells the bot's id."""

    def __init__(
        self, api: Api, guild: str, now: Callable[[], datetime], me: Callable[[], Awaitable[str]]
    ) -> None:
        self._api = api
        self._guild = f"/guilds/{guild}"
        self._now = now
        self._me = me

    async def restrain(self, command: Sanction) -> str:
        """Mute, kick or ban; return what there is to say about that."""
        match command.sanction:
            case SanctionKind.MUTE:
                return await self._timeout(command)
            case SanctionKind.KICK:
                reason = because(command.rule, command.reason)
                was = await self._api.gone(self._member(command.author), reason)
                return "" if was else "they had left already"
        return await self._ban(command)

    async def lift(self, command: LiftSanction) -> str:
        """End a timeout or a ban that is ours; return what there is to say about that."""
        if command.sanction is SanctionKind.MUTE:
            return await self._end_timeout(command)
        return await self._unban(command)

    # timeouts
    def _member(self, user_id: str) -> str:
        return f"{self._guild}/members/{user_id}"

    async def _silent_until(self, user_id: str) -> datetime | None:
        """Return when the member's timeout ends; None where there is none now."""
        body = await self._api.find(self._member(user_id))
        if body is None:
            return None
        try:
            text = msgspec.convert(body, Member).communication_disabled_until
        except msgspec.ValidationError as error:
            raise Rejected("Discord gave an answer that cannot be read") from error
        until = iso_moment(text, _FAR) if text else None
        return until if until is not None and until > self._now() else None

    async def _timeout(self, command: Sanction) -> str:
        seconds = command.seconds
        if seconds is None or not 0 < seconds <= LONGEST_TIMEOUT:
            raise Rejected("Discord's timeout lasts 28 days at most: choose a time, or ban")
        until = self._now() + timedelta(seconds=seconds)
        stands = await self._silent_until(command.author)
        if stands is not None and abs(stands - until) < min(_NEAR, timedelta(seconds=seconds) / 2):
            return SO_ALREADY
        if stands is not None and stands > until and not command.renews:
            return SO_ALREADY
        reason = because(command.rule, command.reason)
        body = {"communication_disabled_until": iso_text(until)}
        told = await self._api.act("PATCH", self._member(command.author), body, reason)
        if not (isinstance(told, dict) and told.get("communication_disabled_until")):
            raise Unknown("Discord answered, and showed no timeout")
        return iso_text(until)

    async def _end_timeout(self, command: LiftSanction) -> str:
        stands = await self._silent_until(command.author)
        if stands is None:
            return "it was over already"
        if command.expect and abs(stands - iso_moment(command.expect, _FAR)) > _SAME:
            return LEFT_ALONE
        body = {"communication_disabled_until": None}
        told = await self._api.act("PATCH", self._member(command.author), body)
        if not isinstance(told, dict):
            raise Unknown("Discord answered, and showed no member")
        if told.get("communication_disabled_until"):
            raise Rejected("Discord answered, and the timeout is as it was")
        return ""

    # bans
    def _banned(self, user_id: str) -> str:
        return f"{self._guild}/bans/{user_id}"

    async def _ban(self, command: Sanction) -> str:
        path = self._banned(command.author)
        reason = because(command.rule, command.reason)
        stands = await self._api.find(path)
        if stands is not None:
            said = stands.get("reason") if isinstance(stands, dict) else None
            # The try before this one may have been ours, though its answer was lost.
            return "" if reason and says(said, reason) else SO_ALREADY
        await self._api.act("PUT", path, {"delete_message_seconds": 0}, reason)
        return ""

    async def _unban(self, command: LiftSanction) -> str:
        if command.expect == SO_ALREADY or await self._anothers(command.author):
            return LEFT_ALONE
        # Discord describes an empty body here.
        there = await self._api.gone(self._banned(command.author), "the ban is over", {})
        return "" if there else "it was over already"

    async def _anothers(self, user_id: str) -> bool:
        """Whether the audit log says that another gave the latest ban. It goes back 45 days; who
        may not read it was told so before."""
        params: dict[str, str | int] = {
            "action_type": _BAN_ADD, "target_id": user_id, "limit": 100,
        }  # fmt: skip
        try:
            body: Any = await self._api.get(f"{self._guild}/audit-logs", params)
        except RejectedByServer as error:
            if not lasting(error):
                raise
            return False
        told = body.get("audit_log_entries") if isinstance(body, dict) else None
        entries = convert_each(told if isinstance(told, list) else [], _Entry, "audit log")[0]
        bans = [one for one in entries if one.target_id == user_id]
        latest = max(bans, key=lambda one: number(one.id), default=None)
        return latest is not None and latest.user_id != await self._me()
