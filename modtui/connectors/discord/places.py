"""What the bot may do in the channels that work comes from.

Source: Discord's documentation of permission overwrites. Those of everyone come first, then those
of all roles that are held, then those of the member; without View Channels nothing is left. A
thread has those of its channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import THREADS as THREAD_TYPES
from modtui.connectors.discord.facts import number
from modtui.connectors.discord.people import (
    ADMINISTRATOR,
    CHANNELS,
    HISTORY,
    MESSAGES,
    REACT,
    SEND,
    SEND_IN_THREADS,
    THREADS,
    VIEW,
    People,
)
from modtui.connectors.discord.state import Sources
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each
from modtui.domain.text import clean_line

IN_CHANNELS = VIEW | HISTORY | SEND | SEND_IN_THREADS | REACT | MESSAGES | CHANNELS | THREADS
"""The permissions that a channel may give or take: the others are the server's alone."""
_REPORTS = VIEW | HISTORY | SEND | REACT | MESSAGES | CHANNELS
_ALERTS = VIEW | HISTORY | REACT
_FORUM = VIEW | HISTORY | SEND_IN_THREADS | REACT | MESSAGES | CHANNELS | THREADS


class Overwrite(msgspec.Struct):
    """What a channel changes for a role or a member; the numbers are strings."""

    id: str
    allow: str = "0"
    deny: str = "0"


class _Channel(msgspec.Struct):
    id: str
    type: int = 0
    name: str | None = None
    parent_id: str | None = None
    permission_overwrites: list[Overwrite] | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Whose permissions are asked for: their id, the roles they hold, and what these give them in
    the server `guild`."""

    id: str
    roles: frozenset[str]
    bits: int
    guild: str


@dataclass(frozen=True, slots=True)
class Granted:
    """A channel that work comes from: what is wanted there, and what of it the bot has; None where
    there is no such channel on the server."""

    name: str
    wanted: int
    bits: int | None

    @property
    def lacks(self) -> int:
        """What is wanted and not there; where nothing can be seen, that alone."""
        missing = self.wanted & ~(self.bits or 0)
        return VIEW if missing & VIEW else missing


def in_channel(member: Member, overwrites: Iterable[Overwrite]) -> int:
    """Return what a member may do in a channel with these overwrites."""
    if member.bits & ADMINISTRATOR:
        return member.bits | IN_CHANNELS
    found = {one.id: one for one in overwrites}
    bits = _changed(member.bits, [found[member.guild]] if member.guild in found else [])
    bits = _changed(bits, [found[role] for role in member.roles if role in found])
    bits = _changed(bits, [found[member.id]] if member.id in found else [])
    return bits if bits & VIEW else 0


def _changed(bits: int, overwrites: list[Overwrite]) -> int:
    for one in overwrites:
        bits &= ~number(one.deny)
    for one in overwrites:
        bits |= number(one.allow)
    return bits


async def granted(api: Api, people: People, sources: Sources) -> tuple[Granted, ...]:
    """Return what the bot may do in each channel that work comes from; none where Discord does not
    tell."""
    wanted = {sources.report: _REPORTS}
    # The alerts may come to the channel where members report.
    wanted.setdefault(sources.alert, _ALERTS)
    wanted.setdefault(sources.forum, _FORUM)
    wanted.pop("", None)
    me = (await people.me()).id
    member = Member(me, await people.roles(me), await people.permissions(me), sources.guild)
    try:
        listed = await api.get(f"/guilds/{sources.guild}/channels")
    except RejectedByServer as error:
        if not lasting(error):
            raise
        return ()
    rows = listed if isinstance(listed, list) else []
    there = {one.id: one for one in convert_each(rows, _Channel, "channels")[0]}
    if not there:
        return ()
    found = []
    for channel, bits in wanted.items():
        place = there.get(channel) or await _thread(api, channel)
        name = clean_line(f"#{place.name or channel}" if place else f"channel {channel}", limit=100)
        if place is not None and place.type in THREAD_TYPES and bits & SEND:
            # In a thread another permission takes the place of the one to write.
            bits = (bits & ~SEND) | SEND_IN_THREADS
        found.append(Granted(name, bits, _bits(member, place, there)))
    return tuple(found)


async def _thread(api: Api, channel: str) -> _Channel | None:
    """Return a thread, which no list of channels has; None where it is none or not for us."""
    try:
        return msgspec.convert(await api.find(f"/channels/{channel}"), _Channel)
    except (RejectedByServer, msgspec.ValidationError) as error:
        if isinstance(error, RejectedByServer) and not lasting(error):
            raise
        return None


def _bits(member: Member, place: _Channel | None, there: dict[str, _Channel]) -> int | None:
    if place is None:
        return None
    of = there.get(place.parent_id or "", place) if place.type in THREAD_TYPES else place
    return in_channel(member, of.permission_overwrites or ())
