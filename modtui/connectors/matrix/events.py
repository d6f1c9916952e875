"""Matrix events as they come over the wire, and as posts. Pure.

Source: Matrix client-server specification 1.16 (events, relations, redactions); Synapse's admin
API for the shape of `event_json`, which carries no event id of its own.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors.reading import moment
from modtui.domain.model import Author, Post, Role
from modtui.domain.text import Clean, clean, clean_line, literal

MESSAGES = (
    "m.room.message",
    "m.room.encrypted",
    "m.sticker",
    "m.reaction",
    "m.poll.start",
    "org.matrix.msc3381.poll.start",
)
_TAG = re.compile(r"<mx-reply>.*?</mx-reply>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NO_WORD = re.compile(r"[\W_]+")
_MEDIA = {"m.image": "image", "m.video": "video", "m.audio": "audio", "m.file": "file"}


class WireEvent(msgspec.Struct):
    """One event; `content` and `unsigned` are free-form."""

    sender: str
    type: str
    content: dict[str, Any]
    origin_server_ts: int = 0
    event_id: str = ""
    room_id: str = ""
    redacts: str | None = None
    unsigned: dict[str, Any] = {}

    @property
    def relation(self) -> dict[str, Any]:
        """The `m.relates_to` of the event, or {}."""
        value = self.content.get("m.relates_to")
        return value if isinstance(value, dict) else {}

    @property
    def thread_root(self) -> str | None:
        """The event that starts the thread this one is in."""
        if self.relation.get("rel_type") == "m.thread":
            return _text(self.relation.get("event_id"))
        return None

    @property
    def answers(self) -> str | None:
        """The event that this one answers."""
        target = self.relation.get("m.in_reply_to")
        return _text(target.get("event_id")) if isinstance(target, dict) else None

    @property
    def replaces(self) -> str | None:
        """The event that this one edits."""
        if self.relation.get("rel_type") == "m.replace":
            return _text(self.relation.get("event_id"))
        return None

    @property
    def redacted(self) -> str | None:
        """The event that this one redacts (room versions before 11 say it at the top)."""
        if self.type != "m.room.redaction":
            return None
        return self.redacts or _text(self.content.get("redacts"))

    @property
    def redacted_because(self) -> dict[str, Any] | None:
        """The redaction that took this event, where the server tells."""
        value = self.unsigned.get("redacted_because")
        return value if isinstance(value, dict) else None


def read_event(raw: Any, event_id: str = "") -> WireEvent:
    """Return the event in `raw`. Raises msgspec.ValidationError."""
    event = msgspec.convert(raw, WireEvent)
    if event_id:
        event.event_id = event_id
    return event


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns events into posts for one account: `server` is our own server's name."""

    server: str
    now: datetime

    def author(self, user_id: str) -> Author:
        """Return the author; the name is the id, short for people of our own server."""
        name = user_id.removeprefix("@").removesuffix(f":{self.server}")
        return Author(user_id, clean_line(name, limit=100))

    def post(
        self, event: WireEvent, subject: str, role: Role, edit: WireEvent | None = None
    ) -> Post:
        """Return the event as a post of thread `subject`, with its newest edit applied."""
        edit = edit if edit is not None and edit.sender == event.sender else None
        content = edit.content.get("m.new_content") if edit else event.content
        content = content if isinstance(content, dict) else {}
        text, media = text_of(event.type, content)
        cleaned = clean(text)
        source = clean(_text(content.get("url")) or "").raw if media else ""
        gone = event.redacted_because
        stamp = gone.get("origin_server_ts") if gone else None
        return Post(
            remote_id=event.event_id,
            thread=subject,
            author=self.author(event.sender),
            role=Role.BOT if role is Role.AUTHOR and _automatic(event) else role,
            text=cleaned.text,
            raw="\n".join(filter(None, (cleaned.raw, source))),
            created_at=moment(event.origin_server_ts, self.now),
            hidden=cleaned.hidden,
            edited_at=moment(edit.origin_server_ts, self.now) if edit else None,
            deleted_at=moment(stamp if isinstance(stamp, int) else 0, self.now) if gone else None,
            media=media,
            is_subject=event.event_id == subject,
        )


def latest_edit(event: WireEvent) -> WireEvent | None:
    """Return the edit that the server bundled with `event`, if it can be read."""
    relations = event.unsigned.get("m.relations")
    found = relations.get("m.replace") if isinstance(relations, dict) else None
    try:
        return read_event(found) if isinstance(found, dict) else None
    except msgspec.ValidationError:
        return None


def text_of(kind: str, content: dict[str, Any]) -> tuple[str, tuple[Clean, ...]]:
    """Return the words of an event and what else it carries. Raw: not cleaned yet."""
    if kind == "m.room.encrypted":
        return "[encrypted: modtui cannot read it]", ()
    body = _text(content.get("body")) or ""
    if kind not in ("m.room.message", "m.sticker"):
        return body or f"[{clean_line(kind, limit=80)}]", ()
    media = _media(content)
    shown = _formatted(content)
    # Most clients show the formatted text alone, so a harmless body may hide what was said.
    if shown and _words(shown) != _words(body):
        body = f"{body}\n[shown as] {shown}".strip()
    return body, media


def _media(content: dict[str, Any]) -> tuple[Clean, ...]:
    word = _MEDIA.get(_text(content.get("msgtype")) or "")
    if word is None:
        return ()
    info = content.get("info")
    width, height = (info.get("w"), info.get("h")) if isinstance(info, dict) else (None, None)
    sized = isinstance(width, int) and isinstance(height, int)
    return (literal(f"{word} {width}×{height}") if sized else literal(word),)


def _formatted(content: dict[str, Any]) -> str:
    value = _text(content.get("formatted_body"))
    if not value or content.get("format") != "org.matrix.custom.html":
        return ""
    return html.unescape(_TAG.sub(" ", value)).strip()


def _words(text: str) -> str:
    return _NO_WORD.sub("", text).casefold()


def _automatic(event: WireEvent) -> bool:
    return event.content.get("msgtype") == "m.notice"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
