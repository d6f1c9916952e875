"""What was missed, by REST: the messages after the last one that was read, channel by channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec

from modtui.connectors import Batch, Rejected
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import Place, Reader, number, snowflake_at
from modtui.connectors.discord.intake import Intake
from modtui.connectors.discord.joining import Joining
from modtui.connectors.gathered import Gathered
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each

_PAGE = 100
_MOST_FOLLOWED = 10
_MOST_PAGES = 5
_BACK = timedelta(days=1)
"""How far back the first read goes: Discord does not say which reports were dealt with."""


class _Threads(msgspec.Struct):
    threads: list[Any] = []


class CatchUp:
    """Reads for one account what the gateway did not tell."""

    def __init__(self, api: Api, intake: Intake, joining: Joining | None) -> None:
        self._api = api
        self._joining = joining
        self._intake = intake
        self._sources = intake.sources

    async def read(self, reader: Reader) -> AsyncIterator[Batch]:
        """Yield a batch for each page; the last one is caught up."""
        state = self._intake.state
        for channel in self._sources.channels:
            state.last.setdefault(channel, snowflake_at(reader.now - _BACK))
            more = True
            while more:
                into = Gathered()
                more = await self._page(channel, reader, into)
                if more or not into.empty:
                    yield into.batch(state, caught_up=False)
        into = Gathered()
        if self._sources.forum:
            await self._forum(reader, into)
        for channel in self._intake.followed(_MOST_FOLLOWED):
            await self._followed(channel, reader, into)
        await self.door(reader, into)
        yield into.batch(state, caught_up=True)

    async def door(self, reader: Reader, into: Gathered) -> None:
        """Take in who asks to join, where anybody has to, and who does not any more."""
        if self._joining is None:
            return
        try:
            asking = await self._joining.asking()
        except RejectedByServer as error:
            if not lasting(error):
                raise
            # `identity` says what the bot lacks; everything else is read all the same.
            self._joining = None
            return
        self._intake.asking(asking, reader, into)

    async def _page(self, channel: str, reader: Reader, into: Gathered) -> bool:
        """Take in the messages after the last one that was read; return whether there are more."""
        last = self._intake.state.last
        before = last.get(channel, "")
        params: dict[str, str | int] = {"after": before, "limit": _PAGE}
        page = await self._list(channel, params)
        if not isinstance(page, list):
            raise Rejected(f"{self._api.origin} gave no list of messages: is it Discord?")
        for raw in sorted(page, key=_id):
            await self._intake.message(raw, reader, into)
        return len(page) >= _PAGE and last.get(channel) != before

    async def _list(self, channel: str, params: dict[str, str | int]) -> Any:
        try:
            return await self._api.get(f"/channels/{channel}/messages", params)
        except RejectedByServer as error:
            why = f"the bot cannot read channel {channel}: {error}"
            raise RejectedByServer(why, error.status, error.body) from error

    async def _followed(self, channel: str, reader: Reader, into: Gathered) -> None:
        """Take in what was said where a thread is followed, as far as it can be read."""
        try:
            for _ in range(_MOST_PAGES):
                if not await self._page(channel, reader, into):
                    return
        except RejectedByServer as error:
            if not lasting(error):
                raise

    async def _forum(self, reader: Reader, into: Gathered) -> None:
        """Take in the posts of the forum that are new, oldest first."""
        forum, last = self._sources.forum, self._intake.state.last
        last.setdefault(forum, snowflake_at(reader.now - _BACK))
        body = await self._api.get(f"/guilds/{self._sources.guild}/threads/active")
        try:
            listed = msgspec.convert(body, _Threads).threads
        except msgspec.ValidationError as error:
            raise Rejected(f"{self._api.origin} gave no list of threads: is it Discord?") from error
        places, bad = convert_each(listed, Place, "threads/active")
        into.broken += bad
        fresh = [one.id for one in places if one.parent_id == forum]
        for thread in sorted(fresh, key=number):
            if number(thread) > number(last[forum]):
                await self._intake.forum_post(thread, reader, into)


def _id(raw: Any) -> int:
    one = raw.get("id") if isinstance(raw, dict) else None
    return number(one) if isinstance(one, str) else 0
