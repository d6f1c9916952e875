"""Messages, channels and AutoMod events as Discord writes them, and as posts and threads. Pure.

Source: the objects Message, Channel, Member, Role and the gateway's events of Discord's API 10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors.reading import iso_moment, moment, raw_json, title_of
from modtui.domain.model import Author, Channel, Post, Restriction, Role, Thread
from modtui.domain.text import Clean, clean, clean_line, literal

ALERT = 24
FORWARD = 1
THREADS = (10, 11, 12)
_DIGITS = 20
_EPOCH_MS = 1_420_070_400_000
_LINK = re.compile(
    r"https?://(?:ptb\.|canary\.)?discord(?:app)?\.com/channels/(\d+|@me)/(\d+)/(\d+)"
)
NOBODY = Author("", literal("unknown"))


class User(msgspec.Struct):
    """Who writes."""

    id: str
    username: str = ""
    bot: bool = False


class Member(msgspec.Struct):
    """A user as a member of the server: the ids of their roles."""

    roles: list[str] = []
    communication_disabled_until: str | None = None


class Attachment(msgspec.Struct):
    """A file in a message."""

    filename: str = ""
    description: str | None = None
    content_type: str | None = None
    url: str = ""
    width: int | None = None
    height: int | None = None


class EmbedField(msgspec.Struct):
    """One line of an embed."""

    name: str = ""
    value: str = ""


class Embed(msgspec.Struct):
    """What a link, a bot or AutoMod shows in a message."""

    type: str | None = None
    title: str | None = None
    description: str | None = None
    url: str | None = None
    fields: list[EmbedField] = []


class Reference(msgspec.Struct):
    """Which message another one answers (type 0) or forwards (type 1)."""

    type: int = 0
    message_id: str | None = None
    channel_id: str | None = None
    guild_id: str | None = None


class Message(msgspec.Struct):
    """One message."""

    id: str
    channel_id: str
    author: User
    content: str = ""
    timestamp: str | None = None
    edited_timestamp: str | None = None
    type: int = 0
    nonce: str | int | None = None
    webhook_id: str | None = None
    member: Member | None = None
    attachments: list[Attachment] = []
    embeds: list[Embed] = []
    message_reference: Reference | None = None
    guild_id: str | None = None


class ThreadData(msgspec.Struct):
    """How a thread stands; `archive_timestamp`: since when it is archived, or is not."""

    archived: bool = False
    locked: bool = False
    archive_timestamp: str | None = None


class Place(msgspec.Struct):
    """A channel, or a thread, which is one too. `rate_limit_per_user` is its slow mode."""

    id: str
    type: int = 0
    name: str | None = None
    parent_id: str | None = None
    owner_id: str | None = None
    rate_limit_per_user: int | None = None
    thread_metadata: ThreadData | None = None

    @property
    def is_thread(self) -> bool:
        return self.type in THREADS


class Caught(msgspec.Struct):
    """AutoMod did something: AUTO_MODERATION_ACTION_EXECUTION."""

    guild_id: str
    rule_id: str
    user_id: str
    channel_id: str | None = None
    message_id: str | None = None
    alert_system_message_id: str | None = None
    content: str = ""
    matched_keyword: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A message that is meant by a link, a forward or an alert."""

    channel: str
    message: str


def stamp(snowflake: str, now: datetime) -> datetime:
    """Return when an id was made. Source: Discord's documentation of snowflakes."""
    return moment((number(snowflake) >> 22) + _EPOCH_MS, now)


def snowflake_at(at: datetime) -> str:
    """Return the lowest id that is made at `at`."""
    return str(max(int(at.timestamp() * 1000) - _EPOCH_MS, 0) << 22)


def number(snowflake: str) -> int:
    """Return an id as a number, 0 for what is none: ids grow with time."""
    short = len(snowflake) <= _DIGITS
    return int(snowflake) if short and snowflake.isascii() and snowflake.isdigit() else 0


def words(message: Message) -> str:
    """Return all that a message says, its embeds too."""
    said = [message.content]
    for embed in message.embeds:
        said += [embed.title or "", embed.description or ""]
        said += [f"{field.name}: {field.value}" for field in embed.fields]
    return "\n".join(part for part in said if part.strip())


def target_of(message: Message, guild: str) -> Target | None:
    """Return which message of `guild` this one reports: the first it links to, or forwards."""
    reference = message.message_reference
    forwards = reference is not None and reference.type == FORWARD
    own = reference is not None and reference.guild_id in (None, guild)
    if reference is not None and forwards and own and reference.channel_id and reference.message_id:
        return Target(reference.channel_id, reference.message_id)
    links = "\n".join((words(message), *(embed.url or "" for embed in message.embeds)))
    for found in _LINK.finditer(links):
        if found[1] == guild:
            return Target(found[2], found[3])
    return None


def without_links(text: str) -> str:
    """Return `text` without its links to messages."""
    return _LINK.sub("", text).strip()


def alert_fields(message: Message) -> Mapping[str, str]:
    """Return the fields of AutoMod's alert: rule_name, channel_id, flagged_message_id, keyword."""
    return {field.name: field.value for embed in message.embeds for field in embed.fields}


def alert_text(message: Message) -> str:
    """Return what AutoMod quotes in its alert."""
    return next((e.description for e in message.embeds if e.description), "") or message.content


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what Discord writes into what the queue holds, for one account."""

    guild: str
    me: str
    now: datetime
    is_staff: Callable[[str], bool]

    def author(self, user: User) -> Author:
        """Return who writes, by the name that is unique."""
        standing = literal("bot") if user.bot else literal("")
        return Author(user.id, clean_line(f"@{user.username or user.id}", limit=100), standing)

    def role(self, message: Message) -> Role:
        """Return what the writer is to the server."""
        user = message.author
        if user.id == self.me or self.is_staff(user.id):
            return Role.STAFF
        bot = user.bot or (message.webhook_id is not None and message.type != ALERT)
        return Role.BOT if bot else Role.AUTHOR

    def post(self, message: Message, thread: str, *, subject: bool = False) -> Post:
        """Return a message as a post of `thread`."""
        cleaned = clean(words(message))
        return Post(
            remote_id=message.id,
            thread=thread,
            author=self.author(message.author),
            role=self.role(message),
            text=cleaned.text,
            raw=clean(raw_json(msgspec.to_builtins(message))).raw,
            created_at=self.at(message),
            hidden=cleaned.hidden,
            edited_at=self._moment(message.edited_timestamp),
            media=tuple(_media(message.attachments)),
            is_subject=subject,
        )

    def quoted(self, thread: str, user: User, text: str, at: datetime) -> Post:
        """Return what AutoMod held back as a post: only its words are left."""
        cleaned = clean(text)
        return Post(
            remote_id=thread,
            thread=thread,
            author=self.author(user),
            role=Role.AUTHOR,
            text=cleaned.text,
            raw=clean(text).raw,
            created_at=at,
            hidden=cleaned.hidden,
            is_subject=True,
        )

    def thread(self, post: Post, place: Place, channel: str) -> Thread:
        """Return the thread of a subject's post."""
        numbered = number(post.remote_id) > 0
        return Thread(
            subject=post.thread,
            channel=channel,
            title=title_of(post),
            author=post.author,
            created_at=post.created_at,
            url=self.url(channel, post.remote_id) if numbered else None,
            conversation=f"thread:{place.id}" if place.is_thread else None,
            locked=bool(place.thread_metadata and place.thread_metadata.locked),
        )

    def url(self, channel: str, message: str) -> str:
        """Return where a message is to be seen."""
        return f"https://discord.com/channels/{self.guild}/{channel}/{message}"

    def channel(self, place: Place) -> Channel:
        """Return a channel or thread with its slow mode."""
        seconds = place.rate_limit_per_user or 0
        slow = Restriction("slow", seconds, None, None) if seconds else None
        sign = "" if place.is_thread else "#"
        name = clean_line(f"{sign}{place.name or place.id}", limit=100)
        return Channel(
            place.id, name, slow, bool(place.thread_metadata and place.thread_metadata.locked)
        )

    def at(self, message: Message) -> datetime:
        """Return when a message was written."""
        if message.timestamp is None:
            return stamp(message.id, self.now)
        return iso_moment(message.timestamp, self.now)

    def _moment(self, text: str | None) -> datetime | None:
        return iso_moment(text, self.now) if text else None


def _media(attachments: list[Attachment]) -> Iterator[Clean]:
    for one in attachments:
        kind = (one.content_type or "file").partition("/")[0]
        sized = f" {one.width}×{one.height}" if one.width and one.height else ""
        yield clean_line(f"{kind}{sized}: {one.description or one.filename}", limit=200)


def as_message(raw: Any) -> Message | None:
    """Return a message, or None for what is none (an update may hold a part only)."""
    try:
        message = msgspec.convert(raw, Message)
    except msgspec.ValidationError:
        return None
    ids = (message.id, message.channel_id, message.author.id)
    return message if all(map(number, ids)) else None
