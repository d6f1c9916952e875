"""Posts, by /sync: what is said in the conversations that have, or lately had, a report.

Source: Matrix client-server specification 1.16 (syncing, filtering, relations).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors import Batch, Broken, Retryable
from modtui.connectors.http import Call, Http, RejectedByServer, segment
from modtui.connectors.matrix.events import (
    Reader,
    WireEvent,
    latest_edit,
    read_event,
)
from modtui.connectors.matrix.reports import Ledger
from modtui.connectors.matrix.rooms import CLIENT, POWER, Rooms
from modtui.connectors.matrix.shapes import keyed, listed
from modtui.connectors.reading import broken
from modtui.domain.model import Channel, Post

_STATE = ["m.room.name", "m.room.canonical_alias", POWER, "m.room.create"]
_TYPES = ["m.room.message", "m.room.encrypted", "m.sticker", "m.room.redaction", *_STATE]
_LIMIT = 100
_MOST_PAGES = 50
_REMEMBERED = 5000
_LONGEST_TOKEN = 2000


@dataclass(slots=True)
class _Heard:
    """A batch in the making, and what it is made with."""

    since: str | None
    ledger: Ledger
    reader: Reader
    channels: dict[str, Channel] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


class Timeline:
    """Follows the rooms we are in."""

    def __init__(self, http: Http, rooms: Rooms, now: Callable[[], datetime]) -> None:
        self._http = http
        self._rooms = rooms
        self._now = now
        self._told: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    async def sync(
        self, since: str | None, wait: float, ledger: Ledger, only: frozenset[str]
    ) -> tuple[Batch, str]:
        """Wait up to `wait` seconds for something new; return it and the next token.

        Without `since` nothing is read but the state of rooms: the past is not our work.
        """
        params: dict[str, str | int] = {
            "timeout": int(wait * 1000),
            "filter": _filter(only, _LIMIT if since else 1),
            "set_presence": "offline",
        }
        if since:
            params["since"] = since
        call = Call("GET", f"{CLIENT}/sync", params, read_timeout=wait + 15)
        body = keyed((await self._http.send(call)).body)
        token, joined = body.get("next_batch"), keyed(body.get("rooms")).get("join", {})
        if not (
            isinstance(token, str) and 0 < len(token) <= _LONGEST_TOKEN and token.isprintable()
        ):
            # A token that can never be sent back would end the reading for good.
            raise Retryable("the server answered /sync with no token that can be used")
        if not isinstance(joined, dict):
            # Going on would skip what it should have told, or ask again without a pause.
            raise Retryable("the server answered /sync with nothing that can be read")
        reader = Reader((await self._rooms.me()).server, self._now())
        heard = _Heard(since, ledger, reader)
        for room_id, room in joined.items():
            if isinstance(room, dict):
                await self._room(room_id, room, heard)
            else:
                heard.broken.append(broken(f"room {room_id}", "is told as no object", room))
        batch = Batch(
            cursor="",
            channels=tuple(heard.channels.values()),
            posts=tuple(heard.posts),
            broken=tuple(heard.broken),
        )
        return batch, token

    async def _room(self, room_id: str, room: dict[str, Any], heard: _Heard) -> None:
        state = _events(room, "state")
        timeline = keyed(room.get("timeline"))
        told = timeline.get("events", [])
        events = [e for e in listed(told) if isinstance(e, dict)]
        if len(events) != (len(told) if isinstance(told, list) else -1):
            heard.broken.append(broken(f"room {room_id}", "some of its events are none", told))
        changes = [*state, *(e for e in events if e.get("type") in _STATE)]
        if changes:
            self._rooms.learn(room_id, changes)
            heard.channels[room_id] = self._rooms.channel(room_id, heard.reader.server)
        if heard.since is None or not heard.ledger.followed():
            return
        if timeline.get("limited") and isinstance(start := timeline.get("prev_batch"), str):
            events = [*await self._gap(room_id, start, heard), *events]
        await self._rooms.get(room_id)
        for raw in events:
            if raw.get("type") in _STATE:
                continue
            try:
                event = read_event(raw)
                heard.posts += await self._posts(room_id, event, heard)
            except msgspec.ValidationError as error:
                heard.broken.append(broken(f"room {room_id}", str(error), raw))

    async def _gap(self, room_id: str, start: str, heard: _Heard) -> list[Any]:
        """Return what /sync left out before `start`, oldest first; says so if it is too much."""
        found: list[Any] = []
        path = f"{CLIENT}/rooms/{segment(room_id)}/messages"
        for _ in range(_MOST_PAGES):
            params: dict[str, str | int] = {
                "from": start,
                "to": heard.since or "",
                "dir": "b",
                "limit": _LIMIT,
                "filter": _text({"types": _TYPES}),
            }
            page = await self._http.get(path, params)
            chunk = listed(keyed(page).get("chunk"))
            found += [e for e in chunk if isinstance(e, dict)]
            following = keyed(page).get("end")
            if not chunk or not isinstance(following, str) or following == start:
                break
            start = following
        else:
            why = f"more than {len(found)} posts while we were away: the oldest were not read"
            heard.broken.append(Broken(f"room {room_id}", why, ""))
        return found[::-1]

    async def _posts(self, room_id: str, event: WireEvent, heard: _Heard) -> list[Post]:
        """Return `event` as a post of every followed conversation it belongs to."""
        if (gone := event.redacted) is not None:
            return await self._redaction(room_id, gone, heard)
        if (edited := event.replaces) is not None:
            return await self._edit(room_id, edited, event, heard)
        subjects = _subjects(event, heard.ledger)
        if not subjects:
            return []
        self._remember(event.event_id, subjects)
        role = self._rooms.role(room_id, event.sender)
        return [heard.reader.post(event, subject, role) for subject in subjects]

    async def _redaction(self, room_id: str, gone: str, heard: _Heard) -> list[Post]:
        """Return the redacted post without its text: the store keeps what it was."""
        subjects = (gone,) if heard.ledger.follows(gone) else self._told.get(gone, ())
        original = await self._event(room_id, gone) if subjects else None
        if original is None or original.redacted_because is None:
            return []
        role = self._rooms.role(room_id, original.sender)
        return [heard.reader.post(original, subject, role) for subject in subjects]

    async def _edit(self, room_id: str, edited: str, event: WireEvent, heard: _Heard) -> list[Post]:
        original = await self._event(room_id, edited)
        if original is None or original.sender != event.sender:
            return []
        subjects = _subjects(original, heard.ledger)
        self._remember(edited, subjects)
        role = self._rooms.role(room_id, original.sender)
        edit = latest_edit(original) or event
        return [heard.reader.post(original, subject, role, edit) for subject in subjects]

    async def _event(self, room_id: str, event_id: str) -> WireEvent | None:
        """Return one event as it is now, or None if it is out of our sight."""
        path = f"{CLIENT}/rooms/{segment(room_id)}/event/{segment(event_id)}"
        try:
            return read_event(await self._http.get(path))
        except RejectedByServer:
            return None

    def _remember(self, event_id: str, subjects: tuple[str, ...]) -> None:
        self._told[event_id] = subjects
        self._told.move_to_end(event_id)
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)


def _subjects(event: WireEvent, ledger: Ledger) -> tuple[str, ...]:
    """Return the followed subjects whose conversation `event` is part of."""
    about = {event.event_id, event.thread_root, event.answers} - {None, ""}
    return tuple(
        sorted(s for s in ledger.followed() if s in about or ledger.conversation(s) in about)
    )


def _events(room: dict[str, Any], part: str) -> Iterable[Any]:
    return listed(keyed(room.get(part)).get("events"))


def _filter(only: frozenset[str], limit: int) -> str:
    room: dict[str, Any] = {
        "timeline": {"limit": limit, "types": _TYPES},
        "state": {"types": _STATE, "lazy_load_members": True},
        "ephemeral": {"types": []},
        "account_data": {"types": []},
    }
    if only:
        room["rooms"] = sorted(only)
    return _text({"room": room, "presence": {"types": []}, "account_data": {"types": []}})


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
