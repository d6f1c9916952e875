"""What we know of rooms: their names and power levels, read once and kept current by /sync."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors import Rejected
from modtui.connectors.http import Http, RejectedByServer, segment
from modtui.connectors.matrix.events import WireEvent, read_event
from modtui.connectors.matrix.power import STAFF, Power
from modtui.connectors.matrix.shapes import keyed, listed
from modtui.domain.model import Channel, Role
from modtui.domain.text import Clean, clean_line

CLIENT = "/_matrix/client/v3"
ADMIN = "/_synapse/admin/v1"
POWER = "m.room.power_levels"
STATE = ("m.room.create", "m.room.name", "m.room.canonical_alias", POWER)


@dataclass(frozen=True, slots=True)
class Me:
    """Who the token belongs to."""

    user_id: str
    server: str


@dataclass(frozen=True, slots=True)
class Room:
    """One room. `power` is None while it is not known."""

    room_id: str
    alias: str = ""
    name: str = ""
    power: Power | None = None
    creators: frozenset[str] = frozenset()

    def title(self, server: str) -> Clean:
        """Return what the room is called, at most 60 characters."""
        called = self.alias.removesuffix(f":{server}") or self.name or self.room_id
        return clean_line(called, limit=60)

    def channel(self, server: str, now: datetime) -> Channel:
        """Return the room as a channel."""
        power = self.power
        return Channel(
            self.room_id,
            self.title(server),
            power.restriction(now) if power else None,
            power.locked if power else False,
        )


def with_state(room: Room, event: WireEvent) -> Room:
    """Return `room` as the state event leaves it."""
    content = event.content
    match event.type:
        case "m.room.name":
            return replace(room, name=_text(content.get("name")))
        case "m.room.canonical_alias":
            return replace(room, alias=_text(content.get("alias")))
        case "m.room.create":
            creators = _creators(event)
            power = Power(room.power.content, creators) if room.power else None
            return replace(room, creators=creators, power=power)
        case "m.room.power_levels":
            return replace(room, power=Power(content, room.creators))
    return room


def _creators(event: WireEvent) -> frozenset[str]:
    """Return who is above every level: the creators, from room version 12 on."""
    version = event.content.get("room_version")
    if version != "org.matrix.hydra.11" and not (
        isinstance(version, str) and version.isdigit() and int(version) >= 12
    ):
        return frozenset()
    more = event.content.get("additional_creators")
    return frozenset({event.sender, *(more if isinstance(more, list) else ())})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class Rooms:
    """The rooms of one account, by id."""

    def __init__(self, http: Http, now: Callable[[], datetime], staff: frozenset[str]) -> None:
        self._http = http
        self._now = now
        self._staff = staff
        self._me: Me | None = None
        self.known: dict[str, Room] = {}

    async def me(self) -> Me:
        """Return who we are. Raises Unauthorized."""
        if self._me is None:
            body = await self._http.get(f"{CLIENT}/account/whoami")
            user_id = body.get("user_id") if isinstance(body, dict) else None
            if not isinstance(user_id, str):
                raise Rejected(f"{self._http.origin} is not a Matrix server")
            self._me = Me(user_id, user_id.partition(":")[2])
        return self._me

    async def get(self, room_id: str) -> Room:
        """Return the room, read from the server if it is not known yet."""
        room = self.known.get(room_id, Room(room_id))
        if room.power is None:
            room = self.learn(room_id, await self._state(room_id))
        return room

    async def fresh_power(self, room_id: str) -> Power:
        """Return the power levels as they are now. Raises Rejected if we are not in the room."""
        creators = (await self.get(room_id)).creators
        content = await self._http.get(f"{CLIENT}/rooms/{segment(room_id)}/state/{POWER}")
        power = Power(content if isinstance(content, dict) else {}, creators)
        self.known[room_id] = replace(self.known.get(room_id, Room(room_id)), power=power)
        return power

    def learn(self, room_id: str, events: Iterable[Any]) -> Room:
        """Take in state events; what cannot be read is passed over."""
        room = self.known.get(room_id, Room(room_id))
        for raw in events:
            try:
                room = with_state(room, read_event(raw))
            except msgspec.ValidationError:
                continue
        self.known[room_id] = room
        return room

    def name(self, room_id: str, alias: str, name: str) -> None:
        """Take in what a report calls the room, if nothing better is known."""
        room = self.known.get(room_id, Room(room_id))
        self.known[room_id] = replace(room, alias=room.alias or alias, name=room.name or name)

    def channel(self, room_id: str, server: str) -> Channel:
        """Return the room as a channel, as far as it is known."""
        return self.known.get(room_id, Room(room_id)).channel(server, self._now())

    def role(self, room_id: str, user_id: str) -> Role:
        """Return staff for us, for the configured staff and from power 50 on."""
        room = self.known.get(room_id)
        powerful = room is not None and room.power is not None and room.power.of(user_id) >= STAFF
        ours = self._me is not None and user_id == self._me.user_id
        return Role.STAFF if powerful or ours or user_id in self._staff else Role.AUTHOR

    async def _state(self, room_id: str) -> list[Any]:
        """Return the state events that we need; a server admin may read rooms of others."""
        found = []
        try:
            for kind in STATE:
                found.append(await self._admin_state(room_id, kind))
        except RejectedByServer as error:
            if error.status != 403:
                return []
            return await self._client_state(room_id)
        return [event for events in found for event in events]

    async def _admin_state(self, room_id: str, kind: str) -> list[Any]:
        path = f"{ADMIN}/rooms/{segment(room_id)}/state"
        body = await self._http.get(path, {"type": kind})
        events = listed(keyed(body).get("state"))
        # Servers before the `type` filter answer with everything.
        return [e for e in events if isinstance(e, dict) and e.get("type") == kind]

    async def _client_state(self, room_id: str) -> list[Any]:
        events = []
        for kind in STATE:
            path = f"{CLIENT}/rooms/{segment(room_id)}/state/{kind}"
            try:
                event = await self._http.get(path, {"format": "event"})
            except RejectedByServer:
                continue
            events.append(event)
        return events
