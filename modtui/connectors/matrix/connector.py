"""One Matrix account on a Synapse server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Context,
    Environment,
    Found,
    Identity,
    Rejected,
    Retryable,
    ThreadRef,
    Unknown,
)
from modtui.connectors.http import Http, RejectedByServer, segment, site_of
from modtui.connectors.matrix.acting import Acting
from modtui.connectors.matrix.events import Reader, WireEvent, latest_edit, read_event
from modtui.connectors.matrix.offers import capabilities, rights
from modtui.connectors.matrix.reports import ASK_ADMIN, NOT_ADMIN, PEOPLE, Ledger, Reports
from modtui.connectors.matrix.rooms import ADMIN, CLIENT, Room, Rooms
from modtui.connectors.matrix.sending import Sender
from modtui.connectors.matrix.shapes import keyed, listed
from modtui.connectors.matrix.timeline import Timeline
from modtui.connectors.ratelimit import DIALECTS
from modtui.connectors.reading import dump_cursor, load_cursor
from modtui.domain.commands import Command
from modtui.domain.outbox import Receipt
from modtui.domain.text import clean_line

_POLL = timedelta(seconds=20)
_LONGEST_WAIT = 20.0
_AROUND = 10
_ROOMS_TOLD = 10


class _Cursor(msgspec.Struct):
    """Where reading stands; see Ledger."""

    since: str | None = None
    seen: list[str] = []
    roots: dict[str, str] = {}
    open: list[str] = []
    left: dict[str, int] = {}


def create(env: Environment) -> Matrix:
    """Return the connector of one account; nothing is sent yet."""
    return Matrix(env)


class Matrix:
    """Reports by polling, posts by long poll, actions by the client-server API."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        token = env.secrets["token"]
        self._http = Http(site_of(env, {"Authorization": ("Bearer ", token)}, DIALECTS["matrix"]))
        self.realm = f"matrix:{self._http.origin}"
        self._rooms = Rooms(self._http, env.now, env.staff)
        self._sender = Sender(self._http, self._rooms, token)
        self._acting = Acting(self._http, self._rooms, self._sender, env.now)
        self._reports = Reports(self._http, self._rooms, env.now)
        self._timeline = Timeline(self._http, self._rooms, env.now)
        self._poll = _duration(env.settings.get("poll"))
        self._only: frozenset[str] | None = None
        self._admin: bool | None = None
        self.capabilities = capabilities()

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield reports every `poll` and, between polls, posts as they are written."""
        state = load_cursor(cursor, _Cursor)
        ledger = Ledger(set(state.seen), dict(state.roots), set(state.open), dict(state.left))
        only = await self._followed()
        polled_at: datetime | None = None
        caught_up = False
        while True:
            now = self._env.now()
            if polled_at is None or not timedelta(0) <= now - polled_at < self._poll:
                polled_at = now
                batch = await self._reports.poll(ledger, only)
                self._admin = True
                cursor = _write_cursor(state.since, ledger)
                yield replace(batch, cursor=cursor, caught_up=caught_up)
            left = (polled_at + self._poll - self._env.now()).total_seconds()
            wait = min(max(left, 0.0), _LONGEST_WAIT) if caught_up else 0.0
            batch, state.since = await self._timeline.sync(state.since, wait, ledger, only)
            if not caught_up:
                await self._weigh_rights()
            if not caught_up or batch.channels or batch.posts or batch.broken:
                caught_up = True
                cursor = _write_cursor(state.since, ledger)
                yield replace(batch, cursor=cursor, caught_up=True)

    async def context(self, ref: ThreadRef) -> Context:
        """Return the conversation of the subject, or what was said around it."""
        me = await self._rooms.me()
        if ref.channel == PEOPLE:
            return Context(())
        room = await self._rooms.get(ref.channel)
        events = {event.event_id: event for event in await self._around(ref)}
        reader = Reader(me.server, self._env.now())
        posts = [
            reader.post(
                event,
                ref.subject,
                self._rooms.role(ref.channel, event.sender),
                latest_edit(event),
            )
            for event in events.values()
            if event.type in ("m.room.message", "m.room.encrypted", "m.sticker")
            and event.replaces is None
        ]
        posts.sort(key=lambda post: post.created_at)
        return Context(tuple(posts), room.channel(me.server, self._env.now()))

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        try:
            return await self._acting.perform(ref, command, key)
        except msgspec.ValidationError as error:
            raise Unknown(
                f"the server's answer cannot be read: {clean_line(str(error))}"
            ) from error

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        try:
            return await self._acting.find(ref, command, since, taken)
        except msgspec.ValidationError as error:
            raise Retryable(
                f"the server's answer cannot be read: {clean_line(str(error))}"
            ) from error

    async def identity(self) -> Identity:
        """Return who we are and what we may do, by the real rights. Raises Unauthorized."""
        me = await self._rooms.me()
        self._admin = await self._is_admin()
        rooms = await self._weigh_rights()
        can, cannot = rights(rooms, me)
        if self._admin:
            can = ("list and delete reports", *can)
        else:
            cannot = (NOT_ADMIN, *cannot)
        role = "server admin" if self._admin else "member"
        ask = "" if self._admin else ASK_ADMIN.format(user=me.user_id)
        return Identity(me.user_id, me.user_id, role, can, cannot, ask)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _followed(self) -> frozenset[str]:
        """Return the ids of the configured rooms (ids or aliases); empty means all."""
        if self._only is None:
            wanted = self._env.settings.get("rooms") or ()
            self._only = frozenset([await self._sender.room_of(str(name)) for name in wanted])
        return self._only

    async def _is_admin(self) -> bool:
        try:
            await self._http.get(f"{ADMIN}/event_reports", {"limit": 1})
        except RejectedByServer as error:
            if error.status == 403:
                return False
            raise
        return True

    async def _weigh_rights(self) -> list[Room]:
        """Bring `capabilities` up to what we may do in the rooms we are in; return those."""
        me = await self._rooms.me()
        body = await self._http.get(f"{CLIENT}/joined_rooms")
        joined = listed(keyed(body).get("joined_rooms"))
        only = await self._followed()
        direct = await self._sender.direct_rooms()
        mine = [r for r in joined if isinstance(r, str) and r not in direct]
        mine = [r for r in mine if not only or r in only][:_ROOMS_TOLD]
        rooms = await asyncio.gather(*(self._rooms.get(room_id) for room_id in mine))
        self.capabilities = capabilities(rooms, me, self._admin)
        return rooms

    async def _around(self, ref: ThreadRef) -> list[WireEvent]:
        """Return the thread with its root; without one, what stands around the subject."""
        path = f"/rooms/{segment(ref.channel)}/context/{segment(ref.subject)}"
        params: dict[str, str | int] = {"limit": _AROUND}
        try:
            found = await self._http.get(CLIENT + path, params)
        except RejectedByServer as error:
            if error.status not in (403, 404):
                raise
            found = await self._http.get(ADMIN + path, params)
        if not isinstance(found, dict):
            raise Rejected("the server told nothing of what was said around it")
        before, after = (listed(found.get(f"events_{side}")) for side in ("before", "after"))
        subject = found.get("event")
        thread = await self._thread(ref, subject)
        return _readable(thread or [*reversed(before), subject, *after])

    async def _thread(self, ref: ThreadRef, subject: Any) -> list[Any]:
        """Return the raw events of the thread that the subject is in or starts, or nothing."""
        root = ref.conversation or ref.subject
        room = f"{CLIENT}/rooms/{segment(ref.channel)}"
        path = f"{CLIENT.replace('/v3', '/v1')}/rooms/{segment(ref.channel)}/relations"
        try:
            body = await self._http.get(f"{path}/{segment(root)}/m.thread", {"limit": 50})
            replies = listed(keyed(body).get("chunk"))
            if not replies:
                return []
            first = await self._http.get(f"{room}/event/{segment(root)}")
        except RejectedByServer:
            return []
        return [first, *reversed(replies), subject]


def _readable(events: list[Any]) -> list[WireEvent]:
    found = []
    for raw in events:
        try:
            found.append(read_event(raw))
        except msgspec.ValidationError:
            continue
    return found


def _duration(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else _POLL


def _write_cursor(since: str | None, ledger: Ledger) -> str:
    state = _Cursor(since, sorted(ledger.seen), ledger.roots, sorted(ledger.open), ledger.left)
    return dump_cursor(state)
