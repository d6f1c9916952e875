"""What the bot says: messages with a nonce, so that a repeat is dropped, and reading them back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import Absent, CannotTell, Found, Rejected, Retryable, Unknown
from modtui.connectors.discord.api import Api, code_of
from modtui.connectors.discord.facts import Message, as_message, number, snowflake_at
from modtui.connectors.discord.people import People
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import convert_each, iso_moment, says
from modtui.domain.outbox import Receipt

LONGEST_TEXT = 2000
_CLOSED = 50007
_SKEW = timedelta(minutes=2)
_PAGE = 100
_MOST_PAGES = 10


class _Direct(msgspec.Struct):
    id: str


class _Named(msgspec.Struct):
    id: str
    name: str = ""


class Sender:
    """Says things for one account."""

    def __init__(self, api: Api, people: People, guild: str, now: Callable[[], datetime]) -> None:
        self._api = api
        self._people = people
        self._guild = guild
        self._now = now
        self._direct: dict[str, str] = {}

    async def say(self, channel: str, text: str, key: str, answers: str | None = None) -> Receipt:
        """Write in a channel, `answers` being the message that is replied to. Nobody is pinged."""
        if len(text) > LONGEST_TEXT:
            raise Rejected(f"Discord takes {LONGEST_TEXT:,} characters at most: {len(text):,} here")
        body: dict[str, Any] = {
            "content": text,
            "allowed_mentions": {"parse": []},
            "nonce": nonce(key),
            "enforce_nonce": True,
        }
        if answers is not None:
            body["message_reference"] = {"message_id": answers, "fail_if_not_exists": False}
        try:
            told = await self._api.act("POST", f"/channels/{channel}/messages", body)
        except RejectedByServer as error:
            if code_of(error) != _CLOSED:
                raise
            raise Rejected("they take no direct messages from this server's bot") from error
        message = as_message(told)
        if message is None or not message.id.isprintable():
            raise Unknown("Discord took it and named no message")
        return Receipt(message.id, iso_moment(message.timestamp, self._now()))

    async def direct(self, user_id: str) -> str:
        """Return the channel of direct messages with somebody; it is opened if there is none."""
        if not user_id:
            raise Rejected("nobody knows who wrote it: there is no one to write to")
        if user_id not in self._direct:
            body = {"recipient_id": user_id}
            told = await self._api.act("POST", "/users/@me/channels", body)
            try:
                self._direct[user_id] = msgspec.convert(told, _Direct).id
            except msgspec.ValidationError as error:
                raise Retryable("Discord named no channel for a direct message") from error
        return self._direct[user_id]

    async def channel_of(self, to: str) -> str:
        """Return the id of a channel that is named by its id, by <#id> or by #name."""
        wanted = to.strip().removeprefix("<#").removesuffix(">").lstrip("#").strip()
        if not wanted:
            raise Rejected('say in `reach` whom to tell: channel = "#name", or the channel\'s id')
        if wanted.isascii() and wanted.isdigit():
            return wanted
        listed = await self._api.get(f"/guilds/{self._guild}/channels")
        items = listed if isinstance(listed, list) else []
        named = [one.id for one in convert_each(items, _Named, "channels")[0] if one.name == wanted]
        if len(named) != 1:
            how = "no channel" if not named else "more than one channel"
            raise Rejected(f"there is {how} #{wanted} on the server: name its id")
        return named[0]

    async def find(
        self, channel: str, text: str, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Read a channel back to `since` for our own words."""
        me = (await self._people.me()).id
        after = snowflake_at(since - _SKEW)
        for _ in range(_MOST_PAGES):
            params: dict[str, str | int] = {"after": after, "limit": _PAGE}
            page = await self._api.get(f"/channels/{channel}/messages", params)
            if not isinstance(page, list):
                # No list is no proof that nothing was said: it would be said twice.
                raise Retryable("Discord gave no list of what was said")
            messages = convert_each(page, Message, "messages")[0]
            for message in sorted(messages, key=lambda one: number(one.id)):
                ours = message.author.id == me and message.id not in taken
                if ours and says(message.content, text):
                    at = iso_moment(message.timestamp, self._now())
                    return Found(Receipt(message.id, at))
                after = message.id
            if len(page) < _PAGE:
                return Absent(strong=len(messages) == len(page))
            if not messages:
                return CannotTell("what was said since cannot be read")
        return CannotTell("too much was said since")


def nonce(key: str) -> str:
    """Return what Discord knows a repeat of `key` by: 25 characters at most."""
    return hashlib.sha256(key.encode()).hexdigest()[:25]
