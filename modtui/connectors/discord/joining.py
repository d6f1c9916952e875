"""Requests to join a server that lets nobody in unasked: read, let in, or turned away.

Source: the paths /guilds/{guild.id}/requests of Discord's description of its API 10. They are worth
asking for where the server has the feature below and the bot may kick.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors import Broken, Rejected, Stale, Unknown
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import Reader, User, number
from modtui.connectors.evidence import SO_ALREADY
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each, iso_moment, named_in, raw_json, title_of
from modtui.domain.model import Channel, Flag, Post, Role, Thread
from modtui.domain.text import clean, literal

FEATURE = "MEMBER_VERIFICATION_MANUAL_APPROVAL"
JOIN = "join/"
"""What the ids of requests to join begin with here."""
APPROVED, REJECTED = "APPROVED", "REJECTED"
DOOR = Channel("requests", literal("requests to join"))
EVENTS = tuple(f"GUILD_JOIN_REQUEST_{what}" for what in ("CREATE", "UPDATE", "DELETE"))
LONGEST_REASON = 160
_PAGE = 100
_MOST_PAGES = 100


class Field(msgspec.Struct):
    """A question of the form, and what was answered: words, the number of a choice, or yes."""

    label: str = ""
    choices: list[str] = []
    response: str | int | bool | None = None

    @property
    def said(self) -> str:
        """The answer in words."""
        match self.response:
            case None:
                return ""
            case bool():
                return "yes" if self.response else "no"
            case int():
                known = 0 <= self.response < len(self.choices)
                return self.choices[self.response] if known else str(self.response)
            case words:
                return words


class Request(msgspec.Struct):
    """Somebody asks to join."""

    id: str
    user_id: str
    created_at: str | None = None
    application_status: str | None = None
    user: User | None = None
    form_responses: list[Any] | None = None

    def __post_init__(self) -> None:
        if not number(self.id) or not number(self.user_id):
            raise ValueError("it names no request or nobody")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks now. `whole`: all of them, but those in `broken`, of which some may name nobody."""

    requests: tuple[Request, ...]
    broken: tuple[Broken, ...]
    whole: bool


def _subject_of(raw: Any) -> str:
    one = named_in(raw, "id")
    return f"{JOIN}{one}" if number(one) else ""


class Joining:
    """The door of one server."""

    def __init__(self, api: Api, guild: str, now: Callable[[], datetime]) -> None:
        self._api = api
        self._path = f"/guilds/{guild}/requests"
        self._now = now

    async def asking(self, status: str = "SUBMITTED") -> Asking:
        """Return the requests of a status."""
        found: dict[str, Request] = {}
        bad: dict[str, Broken] = {}
        params: dict[str, str | int] = {"status": status, "limit": _PAGE}
        for _ in range(_MOST_PAGES):
            body = await self._api.get(self._path, params)
            told = body if isinstance(body, dict) else {}
            rows, total = told.get("guild_join_requests"), told.get("total")
            if not isinstance(rows, list):
                raise Rejected(f"{self._api.origin} gave no list of requests: is it Discord?")
            good, unread = convert_each(rows, Request, "requests to join", _subject_of)
            fresh = {r.id: r for r in good if r.id not in found}
            found |= fresh
            bad |= {one.raw: one for one in unread}
            counted = isinstance(total, int) and len(found) + len(bad) >= total
            if len(rows) < _PAGE or counted or not fresh:
                short = len(rows) < _PAGE and not isinstance(total, int)
                return Asking(tuple(found.values()), tuple(bad.values()), counted or short)
            params["before"] = min(fresh, key=number)
        return Asking(tuple(found.values()), tuple(bad.values()), whole=False)

    async def may_wait(self, key: str) -> bool:
        """Return whether a request that no row of the list names may still wait, as one that cannot
        be read: it would be the newest of those up to its own number."""
        upto = number(key.removeprefix(JOIN)) + 1
        params: dict[str, str | int] = {"status": "SUBMITTED", "limit": 1, "before": str(upto)}
        body = await self._api.get(self._path, params)
        rows = body.get("guild_join_requests") if isinstance(body, dict) else None
        return not isinstance(rows, list) or any(_subject_of(row) in ("", key) for row in rows)

    async def answer(self, post: str, action: str, reason: str) -> str:
        """Let somebody in (APPROVED) or turn them away (REJECTED), who is told the reason; return
        what there is to say about that. Raises Stale where it was decided otherwise."""
        if len(reason) > LONGEST_REASON:
            told = f"the rule and the reason have {len(reason)} characters"
            raise Rejected(f"{told}: whoever asks to join is told {LONGEST_REASON} at most")
        body: dict[str, Any] = {"action": action}
        if action == REJECTED:
            body["rejection_reason"] = reason or None
        request = post.removeprefix(JOIN)
        try:
            said = await self._api.act("PATCH", f"{self._path}/{request}", body, reason)
        except RejectedByServer as error:
            if error.status not in (400, 404, 409):
                raise
            before = await self.asking(action)
            if any(one.id == request for one in before.requests):
                return SO_ALREADY
            message = "it waits no more: another moderator decided it, or they asked no longer"
            raise Stale(message) from error
        try:
            after = msgspec.convert(said, Request).application_status
        except msgspec.ValidationError as error:
            raise Unknown("Discord took it and showed no request") from error
        if after != action:
            raise Rejected("Discord answered, and the request is as it was")
        return ""

    async def find(self, post: str) -> Request | None:
        """Return a request that still waits; None where it does not."""
        try:
            asking = await self.asking()
        except RejectedByServer as error:
            if not lasting(error):
                raise
            return None
        return next((one for one in asking.requests if f"{JOIN}{one.id}" == post), None)


def read_request(request: Request, reader: Reader) -> tuple[Thread, Post, Flag]:
    """Return who asks to join as a thread, what they answered as its held post, and its flag."""
    name, at = f"{JOIN}{request.id}", iso_moment(request.created_at, reader.now)
    fields = convert_each(request.form_responses or (), Field, "form")[0]
    said = "\n".join(f"{one.label}: {one.said}" for one in fields if one.said.strip())
    author, text = reader.author(request.user or User(request.user_id)), clean(said)
    post = Post(
        remote_id=name,
        thread=name,
        author=author,
        role=Role.AUTHOR,
        text=text.text or literal("[asks to join, and says nothing]"),
        raw=clean(raw_json(msgspec.to_builtins(request))).raw,
        created_at=at,
        hidden=text.hidden,
        held=True,
        is_subject=True,
    )
    thread = Thread(name, DOOR.remote_id, title_of(post), author, at, held=True)
    return thread, post, Flag(name, "asks to join", at, name, name)
