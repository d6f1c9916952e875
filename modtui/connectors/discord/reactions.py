"""Report reactions that nobody told of, found on messages that are read.

Source: the object Reaction and the path of a message's reactions of Discord's API 10. Discord lists
reactions with their message alone: those on a message that is not read cannot be found.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import Reader, User, number
from modtui.connectors.discord.intake import Intake
from modtui.connectors.gathered import Gathered
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each

_PAGE = 100


class _Emoji(msgspec.Struct):
    id: str | None = None
    name: str | None = None

    @property
    def path(self) -> str:
        """What it is called in a path: a server's own emoji by name and id."""
        return quote(f"{self.name}:{self.id}" if self.id else self.name or "", safe="")


class _Reaction(msgspec.Struct):
    emoji: _Emoji
    count: int = 0


class _Reacted(msgspec.Struct):
    id: str
    channel_id: str
    reactions: list[Any] = []


class Reactions:
    """Looks for one account who put the emoji that reports on a message."""

    def __init__(self, api: Api, intake: Intake) -> None:
        self._api = api
        self._intake = intake

    async def on(self, raw: Any, reader: Reader, into: Gathered) -> None:
        """Take in the reactions of a message that report it."""
        wanted = self._intake.sources.reaction
        if not (wanted and isinstance(raw, dict) and raw.get("reactions")):
            return
        try:
            message = msgspec.convert(raw, _Reacted)
        except msgspec.ValidationError:
            return
        for one in convert_each(message.reactions, _Reaction, "reactions")[0]:
            if wanted in (one.emoji.name, one.emoji.id) and one.count > 0:
                await self._take(message, one.emoji, reader, into)

    async def _take(self, message: _Reacted, emoji: _Emoji, reader: Reader, into: Gathered) -> None:
        told = {
            "guild_id": self._intake.sources.guild,
            "channel_id": message.channel_id,
            "message_id": message.id,
            "emoji": {"name": emoji.name, "id": emoji.id},
        }
        path = f"/channels/{message.channel_id}/messages/{message.id}/reactions/{emoji.path}"
        params: dict[str, str | int] = {"limit": _PAGE}
        while True:
            try:
                page = await self._api.get(path, params)
            except RejectedByServer as error:
                if not lasting(error):
                    raise
                return
            rows = page if isinstance(page, list) else []
            users = convert_each(rows, User, "reactions")[0]
            for user in users:
                await self._intake.reaction({**told, "user_id": user.id}, reader, into)
            last = max((user.id for user in users), key=number, default="")
            if len(rows) < _PAGE or not last or last == params.get("after"):
                return
            params["after"] = last
