"""What a moderator can have done on Matrix, and whether it was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import (
    Absent,
    CannotTell,
    Found,
    Rejected,
    Retryable,
    ThreadRef,
    Unsupported,
)
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.connectors.http import Call, Http, RejectedByServer, segment
from modtui.connectors.matrix.events import WireEvent, read_event
from modtui.connectors.matrix.power import (
    MUTED,
    Closing,
    Content,
    Power,
    close_room,
    closed_by,
    mute,
    muted_by,
    reopen_room,
    unmute,
)
from modtui.connectors.matrix.reports import PEOPLE, USER
from modtui.connectors.matrix.rooms import ADMIN, CLIENT, POWER, Rooms
from modtui.connectors.matrix.sending import Sender, reply_content
from modtui.connectors.matrix.shapes import keyed, named
from modtui.connectors.reading import because, moment, says
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    Escalate,
    HandOver,
    Hide,
    LiftSanction,
    Lock,
    Reply,
    Sanction,
    SanctionKind,
    SetReadOnly,
    Unlock,
)
from modtui.domain.outbox import Receipt

_SKEW = timedelta(minutes=2)
_MOST_PAGES = 20


class Acting:
    """Performs commands for one account."""

    def __init__(
        self, http: Http, rooms: Rooms, sender: Sender, now: Callable[[], datetime]
    ) -> None:
        self._http = http
        self._rooms = rooms
        self._sender = sender
        self._now = now

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it and return the proof. Raises the port's errors."""
        match command:
            case Reply(audience=Audience.AUTHOR, text=text):
                return self._done(await self._sender.tell_person(ref.author, text, key))
            case Reply(text=text):
                content = reply_content(ref, text)
                return self._done(await self._sender.say(_room(ref), content, key))
            case Escalate(to=to, text=text) | HandOver(to=to, text=text):
                return self._done(await self._sender.tell_room(to, text, key))
            case Hide():
                return await self._hide(ref, command, key)
            case Dismiss(approve=False, flags=flags):
                return await self._dismiss(flags)
            case SetReadOnly(on=True, until=until):
                return await self._close(ref, Closing(key, "read_only", self._now(), until))
            case Lock(until=until):
                return await self._close(ref, Closing(key, "lock", self._now(), until))
            case SetReadOnly(expect=expect) | Unlock(expect=expect):
                return await self._reopen(ref, expect)
            case Sanction():
                return await self._sanction(ref, command, key)
            case LiftSanction():
                return await self._lift(ref, command)
        raise Unsupported(f"Matrix cannot do this: {command.kind}")

    def _done(self, remote_id: str | None, evidence: str = "") -> Receipt:
        return Receipt(remote_id, self._now(), evidence)

    async def _hide(self, ref: ThreadRef, command: Hide, key: str) -> Receipt:
        event_id = None
        reason = because(command.rule, command.reason)
        for index, post in enumerate(command.posts):
            path = f"{CLIENT}/rooms/{segment(_room(ref))}/redact/{segment(post)}"
            body = {"reason": reason} if reason else {}
            answer = await self._http.write("PUT", f"{path}/{segment(f'{key}-{index}')}", body)
            event_id = named(answer, "event_id")
        return self._done(event_id)

    async def _dismiss(self, flags: Sequence[str]) -> Receipt:
        for flag in flags:
            try:
                await self._http.send(
                    Call("DELETE", _report_path(flag), write=True, any_answer=True)
                )
            except RejectedByServer as error:
                if error.status != 404:
                    raise
        return self._done(None)

    async def _close(self, ref: ThreadRef, closing: Closing) -> Receipt:
        power = await self._changeable(ref)
        if (done := closed_by(power, closing.key)) is not None:
            return self._done(None, done)
        content, evidence = close_room(power, closing)
        return self._done(await self._set_power(ref, content), evidence)

    async def _reopen(self, ref: ThreadRef, expect: str | None) -> Receipt:
        power = await self._changeable(ref)
        if not power.closed:
            return self._done(None, "it is open already")
        content = reopen_room(power, expect)
        if content is None:
            return self._done(None, LEFT_ALONE)
        return self._done(await self._set_power(ref, content))

    async def _sanction(self, ref: ThreadRef, command: Sanction, key: str) -> Receipt:
        user_id = command.author
        match command.sanction:
            case SanctionKind.WARN:
                text = command.text or command.reason
                if not text.strip():
                    raise Rejected("a warning needs words")
                return self._done(await self._sender.tell_person(user_id, text, key))
            case SanctionKind.MUTE:
                return await self._mute(ref, user_id, key)
            case SanctionKind.KICK:
                return await self._expel(ref, command, "kick", ("leave", "ban"))
            case SanctionKind.BAN:
                return await self._expel(ref, command, "ban", ("ban",))

    async def _mute(self, ref: ThreadRef, user_id: str, key: str) -> Receipt:
        power = await self._changeable(ref)
        if user_id in power.creators:
            raise Rejected("they created the room: nobody can mute them there")
        if (done := muted_by(power, user_id, key)) is not None:
            return self._done(None, done)
        content, evidence = mute(power, user_id, key)
        return self._done(await self._set_power(ref, content), evidence)

    async def _expel(
        self, ref: ThreadRef, command: Sanction, verb: str, done: tuple[str, ...]
    ) -> Receipt:
        """Kick or ban; the evidence is the id of the membership event that stands after it."""
        room_id = _room(ref)
        before = await self._sender.membership(room_id, command.author)
        if _membership(before) not in done:
            reason = because(command.rule, command.reason)
            body = {"user_id": command.author, **({"reason": reason} if reason else {})}
            await self._http.write("POST", f"{CLIENT}/rooms/{segment(room_id)}/{verb}", body)
            before = await self._membership_after(room_id, command.author)
        elif verb == "ban" and before.get("sender") != (await self._rooms.me()).user_id:
            return self._done(None, SO_ALREADY)
        return self._done(None, str(before.get("event_id", "")))

    async def _membership_after(self, room_id: str, user_id: str) -> dict[str, Any]:
        try:
            return await self._sender.membership(room_id, user_id)
        except Rejected:
            return {}

    async def _lift(self, ref: ThreadRef, command: LiftSanction) -> Receipt:
        user_id = command.author
        if command.sanction is SanctionKind.MUTE:
            power = await self._changeable(ref)
            if power.of(user_id) != MUTED:
                return self._done(None, "not muted any more")
            content = unmute(power, user_id, command.expect)
            if content is None:
                return self._done(None, LEFT_ALONE)
            return self._done(await self._set_power(ref, content))
        if command.sanction is not SanctionKind.BAN:
            raise Unsupported(f"a {command.sanction.value} cannot be taken back on Matrix")
        room_id = _room(ref)
        event = await self._sender.membership(room_id, user_id)
        if _membership(event) != "ban":
            return self._done(None, "not banned any more")
        if command.expect and event.get("event_id") != command.expect:
            return self._done(None, LEFT_ALONE)
        path = f"{CLIENT}/rooms/{segment(room_id)}/unban"
        await self._http.write("POST", path, {"user_id": user_id})
        return self._done(None)

    async def _changeable(self, ref: ThreadRef) -> Power:
        """Return the room's power levels. Raises Rejected if we may not change them."""
        room_id = _room(ref)
        power = await self._rooms.fresh_power(room_id)
        me = await self._rooms.me()
        has, needs = power.of(me.user_id), power.to_change
        if has < needs:
            name = self._rooms.channel(room_id, me.server).name
            raise Rejected(f"this needs power {needs} in {name}; this account has {has}")
        return power

    async def _set_power(self, ref: ThreadRef, content: Content) -> str:
        path = f"{CLIENT}/rooms/{segment(_room(ref))}/state/{POWER}"
        body = await self._http.write("PUT", path, content)
        return named(body, "event_id")

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look whether `command` was done since `since`."""
        match command:
            case Reply(audience=Audience.AUTHOR, text=text):
                return await self._find_direct(ref.author, text, since, taken)
            case Sanction(sanction=SanctionKind.WARN, author=author):
                text = command.text or command.reason
                return await self._find_direct(author, text, since, taken)
            case Reply(text=text):
                return await self._find_text(_room(ref), text, since, taken)
            case Escalate(to=to, text=text) | HandOver(to=to, text=text):
                return await self._find_text(await self._sender.room_of(to), text, since, taken)
            case Hide(posts=posts):
                return await self._find_redacted(_room(ref), posts)
            case Dismiss(flags=flags):
                return await self._find_deleted(flags)
        return CannotTell("it sets a state: doing it again is harmless")

    async def _find_direct(
        self, user_id: str, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        room_id = await self._sender.direct_room(user_id)
        if room_id is None:
            # One that cannot be read, or will not do any more, may have been written to.
            return Absent(strong=await self._sender.has_no_room_with(user_id))
        return await self._find_text(room_id, text, since, taken)

    async def _find_text(
        self, room_id: str, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Read the room back to `since` for our own words."""
        me = (await self._rooms.me()).user_id
        path = f"{CLIENT}/rooms/{segment(room_id)}/messages"
        params: dict[str, str | int] = {
            "dir": "b",
            "limit": 100,
            "filter": msgspec.json.encode({"types": ["m.room.message"], "senders": [me]}).decode(),
        }
        earliest, strong = since - _SKEW, True
        for _ in range(_MOST_PAGES):
            page = keyed(await self._http.get(path, params))
            chunk = page.get("chunk")
            if not isinstance(chunk, list):
                # No list is no proof that nothing was said: it would be said twice.
                raise Retryable("the server gave no list of what was said")
            events = _readable(chunk)
            strong = strong and len(events) == len(chunk)
            for event in events:
                at = moment(event.origin_server_ts, self._now())
                if at < earliest:
                    return Absent(strong=strong)
                ours = event.sender == me and event.event_id not in taken
                if ours and says(event.content.get("body"), text):
                    return Found(Receipt(event.event_id, at))
            if not isinstance(page.get("end"), str):
                return Absent(strong=strong)
            params["from"] = page["end"]
        return CannotTell("too much was said since")

    async def _find_redacted(
        self, room_id: str, posts: Sequence[str]
    ) -> Found | Absent | CannotTell:
        at = self._now()
        event_id: str | None = None
        for post in posts:
            path = f"{CLIENT}/rooms/{segment(room_id)}/event/{segment(post)}"
            try:
                because = read_event(await self._http.get(path)).redacted_because
                if because is None:
                    return Absent(strong=True)
                redaction = read_event(because)
            except msgspec.ValidationError:
                return CannotTell("the server gave a post that cannot be read")
            at, event_id = moment(redaction.origin_server_ts, at), redaction.event_id or None
        return Found(Receipt(event_id, at))

    async def _find_deleted(self, flags: Sequence[str]) -> Found | Absent | CannotTell:
        for flag in flags:
            try:
                await self._http.get(_report_path(flag))
            except RejectedByServer as error:
                if error.status != 404:
                    raise
            else:
                return Absent(strong=True)
        return Found(self._done(None))


def _room(ref: ThreadRef) -> str:
    if ref.channel == PEOPLE:
        raise Unsupported("a report on a person has no room: warn them, or act in a room")
    return ref.channel


def _report_path(flag: str) -> str:
    kind = "user_reports" if flag.startswith(USER) else "event_reports"
    return f"{ADMIN}/{kind}/{segment(flag.removeprefix(USER))}"


def _membership(event: dict[str, Any]) -> Any:
    content = event.get("content")
    return content.get("membership") if isinstance(content, dict) else None


def _readable(chunk: Any) -> list[WireEvent]:
    found = []
    for raw in chunk if isinstance(chunk, list) else ():
        try:
            found.append(read_event(raw))
        except msgspec.ValidationError:
            continue
    return found
