"""What was missed, by REST: the messages after the last one that was read, channel by channel.

The channels that work comes from are read to their end at once. Those of threads that are followed
may be many, and a gap long: they are read some pages at a time, between what the gateway tells.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from modtui.connectors import Batch, Rejected
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.door import Doorkeeper
from modtui.connectors.discord.facts import Reader, number, snowflake_at, stamp
from modtui.connectors.discord.intake import Intake
from modtui.connectors.discord.joining import Joining
from modtui.connectors.discord.reactions import Reactions
from modtui.connectors.gathered import Gathered
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each, iso_moment

_PAGE = 100
_ROUND = 5
"""Discord lets a channel be read about so often in five seconds."""
_POSTS = 25
_BACK = timedelta(days=1)
"""How far back the first read goes: Discord does not say which reports were dealt with."""


class _Archive(msgspec.Struct):
    archive_timestamp: str | None = None


class _Place(msgspec.Struct):
    """A channel or thread, and the last that was said in it."""

    id: str
    parent_id: str | None = None
    last_message_id: str | None = None
    thread_metadata: _Archive | None = None


class _Threads(msgspec.Struct):
    threads: list[Any] = []
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """The last message of each channel and each open thread, and the open posts of the forum."""

    last: dict[str, str] = field(default_factory=dict)
    posts: set[str] = field(default_factory=set)


class CatchUp:
    """Reads for one account what the gateway did not tell."""

    def __init__(self, api: Api, intake: Intake, joining: Joining | None) -> None:
        self._api = api
        self._doorkeeper = Doorkeeper(intake.state, joining) if joining is not None else None
        self._intake = intake
        self._sources = intake.sources
        self._reactions = Reactions(api, intake)
        self._seen: dict[str, str] = {}
        self._archive_due = True

    @property
    def done(self) -> bool:
        """Whether every gap was read to its end."""
        return not self._intake.state.behind

    def missed(self) -> None:
        """What happened may not have been told: look everywhere again."""
        self._seen.clear()
        self._archive_due = True

    async def read(self, reader: Reader) -> AsyncIterator[Batch]:
        """Yield a batch for each page of where work comes from; the last one begins with the rest,
        and is caught up where that is all. `go_on` reads on."""
        state, into = self._intake.state, Gathered()
        said = await self._said(into)
        for channel in self._sources.channels:
            state.last.setdefault(channel, snowflake_at(reader.now - _BACK))
            more = not (channel in said.last and self._seen.get(channel) == said.last[channel])
            while more:
                more = await self._page(channel, reader, into)
                if more or not into.empty:
                    yield into.batch(state, caught_up=False)
                    into = Gathered()
            self._seen[channel] = said.last.get(channel, "")
        async for posts in self._posts(said, reader):
            yield posts.batch(state, caught_up=False)
        await self.door(reader, into)
        self._fall_behind(said)
        await self.go_on(reader, into)
        yield into.batch(state, caught_up=self.done)

    async def go_on(self, reader: Reader, into: Gathered) -> None:
        """Take in some pages more of what is behind."""
        behind = self._intake.state.behind
        for _ in range(_ROUND):
            if not behind:
                return
            channel = behind[0]
            try:
                more = await self._page(channel, reader, into)
            except RejectedByServer as error:
                if not lasting(error):
                    raise
                self._intake.leave(channel)
                more = False
            # Each channel has a limit of its own: the next page is of another one.
            behind.remove(channel)
            if more:
                behind.append(channel)

    async def door(self, reader: Reader, into: Gathered) -> None:
        """Take in who asks to join, where anybody has to, and who does not any more."""
        if self._doorkeeper is None:
            return
        try:
            await self._doorkeeper.look(reader, into)
        except RejectedByServer as error:
            if not lasting(error):
                raise
            # `identity` says what the bot lacks; everything else is read all the same.
            self._doorkeeper = None

    # messages
    def _fall_behind(self, said: _Said) -> None:
        """Note the followed channels in which something was said since they were read, or which no
        list has, such as a thread that was closed meanwhile."""
        state = self._intake.state
        for channel in self._intake.followed():
            newest = said.last.get(channel, "")
            if self._seen.get(channel) == newest:
                continue
            self._seen[channel] = newest
            unread = not number(newest) or number(newest) > number(state.last.get(channel, ""))
            if unread and channel not in state.behind:
                state.behind.append(channel)

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
            await self._reactions.on(raw, reader, into)
            self._intake.reached(raw, reader.now)
        return len(page) >= _PAGE and last.get(channel) != before

    async def _list(self, channel: str, params: dict[str, str | int]) -> Any:
        try:
            return await self._api.get(f"/channels/{channel}/messages", params)
        except RejectedByServer as error:
            why = f"the bot cannot read channel {channel}: {error}"
            raise RejectedByServer(why, error.status, error.body) from error

    # where something was said, and new posts
    async def _said(self, into: Gathered) -> _Said:
        """Return where something was said last, as far as that is of use."""
        said = _Said()
        if not (self._sources.forum or self._intake.followed()):
            return said
        guild = f"/guilds/{self._sources.guild}"
        places: list[_Place] = []
        if self._intake.followed():
            listed = await self._api.get(f"{guild}/channels")
            if not isinstance(listed, list):
                raise Rejected(f"{self._api.origin} gave no list of channels: is it Discord?")
            places += convert_each(listed, _Place, "channels")[0]
        threads = await self._threads(f"{guild}/threads/active", {}, into)
        for place in (*places, *threads[0]):
            if place.last_message_id:
                said.last[place.id] = place.last_message_id
        said.posts.update(p.id for p in threads[0] if p.parent_id == self._sources.forum)
        return said

    async def _threads(
        self, path: str, params: dict[str, str | int], into: Gathered
    ) -> tuple[tuple[_Place, ...], bool]:
        """Return a page of threads, and whether there are more."""
        body = await self._api.get(path, params)
        try:
            told = msgspec.convert(body, _Threads)
        except msgspec.ValidationError as error:
            raise Rejected(f"{self._api.origin} gave no list of threads: is it Discord?") from error
        places, bad = convert_each(told.threads, _Place, path.rpartition("/")[2])
        into.broken += bad
        return places, told.has_more

    async def _posts(self, said: _Said, reader: Reader) -> AsyncIterator[Gathered]:
        """Yield the posts of the forum that are new, oldest first."""
        forum, last = self._sources.forum, self._intake.state.last
        if not forum:
            return
        last.setdefault(forum, snowflake_at(reader.now - _BACK))
        into = Gathered()
        closed = await self._closed_posts(reader, into) if self._archive_due else set()
        fresh = {one for one in said.posts | closed if number(one) > number(last[forum])}
        for count, thread in enumerate(sorted(fresh, key=number), 1):
            await self._intake.forum_post(thread, reader, into)
            if count % _POSTS == 0:
                yield into
                into = Gathered()
        self._archive_due = False
        if not into.empty:
            yield into

    async def _closed_posts(self, reader: Reader, into: Gathered) -> set[str]:
        """Return posts that were closed since the last new one: a long gap may hold some. The list
        has those first that were closed last."""
        forum = self._sources.forum
        since = stamp(self._intake.state.last[forum], reader.now)
        found: set[str] = set()
        params: dict[str, str | int] = {"limit": _PAGE}
        while True:
            try:
                path = f"/channels/{forum}/threads/archived/public"
                places, more = await self._threads(path, params, into)
            except RejectedByServer as error:
                if not lasting(error):
                    raise
                return found
            known = len(found)
            found |= {place.id for place in places}
            ends = [p.thread_metadata.archive_timestamp for p in places if p.thread_metadata]
            oldest = min((one for one in ends if one), default="")
            over = not oldest or iso_moment(oldest, reader.now) <= since
            if not more or len(found) == known or over:
                return found
            params["before"] = oldest


def _id(raw: Any) -> int:
    one = raw.get("id") if isinstance(raw, dict) else None
    return number(one) if isinstance(one, str) else 0
