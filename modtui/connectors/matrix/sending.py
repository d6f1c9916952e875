"""Text that leaves: replies in a thread, words to one person, words to a team's room.

The transaction id in the path is the delivery's key: Synapse answers a repeat with the first
event id (kept per device, for 24 h). Source: Matrix client-server specification 1.16.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

from modtui.connectors import Rejected, ThreadRef
from modtui.connectors.http import Http, RejectedByServer, segment
from modtui.connectors.matrix.rooms import CLIENT, Rooms
from modtui.connectors.matrix.shapes import keyed, named
from modtui.domain.secret import Secret
from modtui.domain.text import clean_line


def reply_content(ref: ThreadRef, text: str) -> dict[str, Any]:
    """Return a message in the thread of `ref`, as an answer to its subject."""
    return {
        "msgtype": "m.text",
        "body": text,
        "m.mentions": {"user_ids": [ref.author]},
        "m.relates_to": {
            "rel_type": "m.thread",
            "event_id": ref.conversation or ref.subject,
            "is_falling_back": False,
            "m.in_reply_to": {"event_id": ref.subject},
        },
    }


class Sender:
    """Sends text to rooms."""

    def __init__(self, http: Http, rooms: Rooms, token: Secret) -> None:
        self._http = http
        self._rooms = rooms
        self._token = token
        self._opening = asyncio.Lock()

    async def say(self, room_id: str, content: dict[str, Any], key: str) -> str:
        """Send one message and return its event id."""
        path = f"{CLIENT}/rooms/{segment(room_id)}/send/m.room.message/{segment(key)}"
        body = await self._http.write("PUT", path, content)
        return named(body, "event_id")

    async def tell_room(self, target: str, text: str, key: str) -> str:
        """Send plain text to a room id or alias, joining it first if need be."""
        room_id = await self.room_of(target)
        content = {"msgtype": "m.text", "body": text}
        try:
            return await self.say(room_id, content, key)
        except RejectedByServer as error:
            if error.status != 403:
                raise
        await self._http.write("POST", f"{CLIENT}/join/{segment(room_id)}", {})
        return await self.say(room_id, content, key)

    async def room_of(self, target: str) -> str:
        """Return the room id that a room id or alias names; our server's if it names none."""
        if target.startswith("!"):
            return target
        if not target.startswith("#"):
            raise Rejected(f"{clean_line(target) or 'nothing'} is not a room id or alias")
        if ":" not in target:
            target = f"{target}:{(await self._rooms.me()).server}"
        body = await self._http.get(f"{CLIENT}/directory/room/{segment(target)}")
        room_id = keyed(body).get("room_id")
        if not isinstance(room_id, str):
            raise Rejected(f"the server does not say which room {clean_line(target)} is")
        return room_id

    async def tell_person(self, user_id: str, text: str, key: str) -> str:
        """Send plain text in the direct room with `user_id`; return its event id."""
        # Two deliveries to one person must not open two rooms.
        async with self._opening:
            room_id = await self.direct_room(user_id) or await self._open(user_id)
        return await self.say(room_id, {"msgtype": "m.text", "body": text}, key)

    async def direct_room(self, user_id: str) -> str | None:
        """Return the direct room with `user_id` that our account data names, if one will do."""
        listed = (await self._direct()).get(user_id)
        for room_id in reversed(listed if isinstance(listed, list) else []):
            if isinstance(room_id, str) and await self._will_do(room_id, user_id):
                return room_id
        return None

    async def direct_rooms(self) -> frozenset[str]:
        """Return every direct room that our account data names."""
        listed = [rooms for rooms in (await self._direct()).values() if isinstance(rooms, list)]
        return frozenset(r for rooms in listed for r in rooms if isinstance(r, str))

    async def membership(self, room_id: str, user_id: str) -> dict[str, Any]:
        """Return the whole m.room.member event of `user_id`, or {} if there is none."""
        path = f"{CLIENT}/rooms/{segment(room_id)}/state/m.room.member/{segment(user_id)}"
        try:
            event = await self._http.get(path, {"format": "event"})
        except RejectedByServer as error:
            if error.status == 404:
                return {}
            raise
        return event if isinstance(event, dict) else {}

    async def has_no_room_with(self, user_id: str) -> bool:
        """Whether our account data says that there is no direct room with `user_id`: a room is
        named there before anything is said in it. What is empty or odd says nothing."""
        try:
            found = await self._http.get(await self._direct_path())
        except RejectedByServer as error:
            if error.status == 404:
                return True
            raise
        return isinstance(found, dict) and bool(found) and user_id not in found

    async def _direct(self) -> dict[str, Any]:
        try:
            found = await self._http.get(await self._direct_path())
        except RejectedByServer as error:
            if error.status == 404:
                return {}
            raise
        return found if isinstance(found, dict) else {}

    async def _direct_path(self) -> str:
        me = (await self._rooms.me()).user_id
        return f"{CLIENT}/user/{segment(me)}/account_data/m.direct"

    async def _will_do(self, room_id: str, user_id: str) -> bool:
        """Whether a word to `user_id` alone can be said there; invites who has left."""
        me = (await self._rooms.me()).user_id
        base = f"{CLIENT}/rooms/{segment(room_id)}"
        try:
            present = await self._http.get(f"{base}/joined_members")
            joined = keyed(present).get("joined")
            if not isinstance(joined, dict) or not set(joined) <= {me, user_id}:
                return False
            event = await self.membership(room_id, user_id)
            if keyed(event.get("content")).get("membership") not in ("join", "invite"):
                await self._http.write("POST", f"{base}/invite", {"user_id": user_id})
        except RejectedByServer:
            return False
        try:
            await self._http.get(f"{base}/state/m.room.encryption")
        except RejectedByServer as error:
            return error.status == 404
        return False

    async def _open(self, user_id: str) -> str:
        """Create a direct room and note it in our account data.

        The alias is made of a secret and the person, so that a creation whose answer was lost
        is found again, and nobody else can take the alias first.
        """
        me = await self._rooms.me()
        digest = hmac.new(self._token.reveal().encode(), user_id.encode(), hashlib.sha256)
        alias = f"modtui-{digest.hexdigest()[:32]}"
        try:
            room_id = await self._create(user_id, {"room_alias_name": alias})
        except RejectedByServer as error:
            code = error.body.get("errcode") if isinstance(error.body, dict) else ""
            if code == "M_ROOM_IN_USE":
                room_id = await self._recover(f"#{alias}:{me.server}", user_id)
            elif error.status == 403:
                room_id = await self._create(user_id, {})
            else:
                raise
        direct = await self._direct()
        known = direct.get(user_id)
        direct[user_id] = [*(known if isinstance(known, list) else []), room_id]
        await self._http.write("PUT", await self._direct_path(), direct)
        return room_id

    async def _create(self, user_id: str, more: dict[str, Any]) -> str:
        wish = {"preset": "private_chat", "is_direct": True, "invite": [user_id], **more}
        body = await self._http.write("POST", f"{CLIENT}/createRoom", wish)
        return named(body, "room_id")

    async def _recover(self, alias: str, user_id: str) -> str:
        room_id = await self.room_of(alias)
        path = f"{CLIENT}/rooms/{segment(room_id)}/state/m.room.create"
        creation = await self._http.get(path, {"format": "event"})
        mine = keyed(creation).get("sender") == (await self._rooms.me()).user_id
        if not mine or not await self._will_do(room_id, user_id):
            raise Rejected(f"the direct room with {clean_line(user_id)} has other people in it")
        return room_id
