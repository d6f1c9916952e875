"""Modmail conversations as Reddit writes them, and as threads, posts and flags. Pure.

Source: /api/mod/conversations of Reddit's API. What is internal there is the team's alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from modtui.connectors import Broken
from modtui.connectors.reading import convert_each, iso_moment
from modtui.connectors.reddit.facts import Reader
from modtui.domain.model import Flag, Post, Role, Thread
from modtui.domain.text import clean, clean_line, literal

PREFIX = "modmail_"
FLAG = "modmail"
ARCHIVED = 2
API = "/api/mod/conversations"


class Person(msgspec.Struct):
    """Who writes, or whom a conversation is with; empty for the team among itself."""

    name: str = ""
    isMod: bool = False
    isAdmin: bool = False


class Owner(msgspec.Struct):
    """The subreddit of a conversation."""

    displayName: str


class Part(msgspec.Struct):
    """One member of a conversation, by the map it is in."""

    id: str
    key: str = ""


class Conversation(msgspec.Struct):
    """`state`: 0 new, 1 in progress, 2 archived. `lastUserUpdate` None: no user ever wrote."""

    id: str
    owner: Owner
    subject: str = ""
    state: int = 0
    participant: Person | None = None
    lastUserUpdate: str | None = None
    numMessages: int = 0
    isInternal: bool = False
    objIds: list[Part] = []

    @property
    def subject_id(self) -> str:
        """The subject of its thread."""
        return PREFIX + self.id

    @property
    def open(self) -> bool:
        """Whether a user waits, or may come to wait, for the team."""
        return self.state != ARCHIVED and bool(self.lastUserUpdate) and not self.isInternal

    @property
    def message_ids(self) -> tuple[str, ...]:
        """The ids of its messages that the answer holds."""
        return tuple(part.id for part in self.objIds if part.key == "messages")


class Message(msgspec.Struct):
    """One message. `isInternal`: a note of the team."""

    id: str
    author: Person | None = None
    body: str | None = None
    bodyMarkdown: str | None = None
    date: str | None = None
    isInternal: bool = False

    @property
    def text(self) -> str:
        """What was written."""
        return self.bodyMarkdown if self.bodyMarkdown is not None else self.body or ""


def id_of(subject: str) -> str | None:
    """Return the conversation's id if `subject` is one's."""
    return subject.removeprefix(PREFIX) if subject.startswith(PREFIX) else None


def thread(reader: Reader, one: Conversation) -> Thread:
    """Return a conversation as a thread."""
    who = one.participant.name if one.participant and one.participant.name else None
    return Thread(
        subject=one.subject_id,
        channel=one.owner.displayName,
        title=clean_line(one.subject, limit=300) or literal("[no subject]"),
        author=reader.author(who),
        created_at=iso_moment(one.lastUserUpdate, reader.now),
        url=f"{reader.base.replace('://www.', '://mod.')}/mail/all/{one.id}",
        conversation=one.subject_id,
        tags=(literal("modmail"),),
    )


def flag(reader: Reader, one: Conversation) -> Flag:
    """Return that somebody wrote to the team as the one flag of its thread."""
    at = iso_moment(one.lastUserUpdate, reader.now)
    return Flag(one.subject_id, "modmail", at, remote_id=FLAG)


def posts(reader: Reader, one: Conversation, messages: Iterable[Message]) -> tuple[Post, ...]:
    """Return the messages, without the team's notes, oldest first."""
    said = [_post(reader, one, message) for message in messages if not message.isInternal]
    in_order = sorted(said, key=lambda post: (post.created_at, post.remote_id))
    return tuple(in_order)


def _post(reader: Reader, one: Conversation, message: Message) -> Post:
    cleaned, who = clean(message.text), message.author or Person()
    staff = who.isMod or who.isAdmin or reader.is_staff(who.name)
    return Post(
        remote_id=message.id,
        thread=one.subject_id,
        author=reader.author(who.name or None),
        role=Role.STAFF if staff else Role.AUTHOR,
        text=cleaned.text,
        raw=cleaned.raw,
        created_at=iso_moment(message.date, reader.now),
        hidden=cleaned.hidden,
        is_subject=not staff,
    )


def read_messages(told: Any) -> tuple[tuple[Message, ...], tuple[Broken, ...]]:
    """Return the messages of an answer's map, and those that cannot be read."""
    raws = told.values() if isinstance(told, dict) else ()
    return convert_each(raws, Message, "modmail messages")
