"""Events and lists as Twitch writes them, and as posts, threads and flags. Pure.

Source: Twitch's documentation of EventSub (subscription types) and of its API: Get Unban Requests,
Get Chat Settings, Get Shield Mode Status.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from modtui.connectors.reading import iso_moment, raw_json, title_of
from modtui.domain.model import (
    Author,
    Channel,
    Flag,
    Post,
    Restriction,
    Role,
    Severity,
    Thread,
)
from modtui.domain.text import Clean, clean, clean_line, literal

HELD, UNBAN = "automod/", "unban/"
"""What the ids of held messages and unban requests begin with here; a chat message has its own."""
_GRAVE = 4
_TREATMENTS = {"active_monitoring": "monitored", "restricted": "restricted"}
_TYPES = {
    "ban_evader": "ban evader",
    "ban_evader_detector": "ban evader",
    "banned_in_shared_channel": "banned in a shared channel",
    "shared_channel_ban": "banned in a shared channel",
    "manual": "suspicious user",
    "manually_added": "suspicious user",
}


class User(msgspec.Struct):
    """Who it is about, in every event and list."""

    user_id: str
    user_login: str | None = None
    user_name: str | None = None


class Said(msgspec.Struct):
    """A message; that of a suspicious user also has its id."""

    text: str = ""
    message_id: str = ""


class Boundary(msgspec.Struct):
    """Where in the text something was found: both ends belong to it."""

    start_pos: int
    end_pos: int


class Automod(msgspec.Struct):
    """Why AutoMod held it: a category, a level from 1 to 4."""

    category: str = ""
    level: int = 0
    boundaries: list[Boundary] = []


class FoundTerm(msgspec.Struct):
    """A blocked term in the text."""

    boundary: Boundary


class BlockedTerm(msgspec.Struct):
    """The blocked terms for which it was held."""

    terms_found: list[FoundTerm] = []


class Held(User):
    """automod.message.hold and automod.message.update, version 2."""

    message_id: str = ""
    message: Said = msgspec.field(default_factory=Said)
    automod: Automod | None = None
    blocked_term: BlockedTerm | None = None
    held_at: str = ""
    status: str = ""
    moderator_user_login: str | None = None


class Suspicious(User):
    """channel.suspicious_user.message and channel.suspicious_user.update."""

    low_trust_status: str = ""
    types: list[str] | None = None
    ban_evasion_evaluation: str = ""
    message: Said = msgspec.field(default_factory=Said)


class UnbanRequest(User):
    """An unban request, in an event and in the list of Helix."""

    id: str = ""
    text: str | None = ""
    status: str = ""
    created_at: str = ""


class Deleted(msgspec.Struct):
    """channel.chat.message_delete."""

    message_id: str


class SlowMode(msgspec.Struct):
    """The slow mode, in an event and in the chat settings of Helix, by two names."""

    slow_mode: bool = False
    slow_mode_wait_time: int | None = None
    slow_mode_wait_time_seconds: int | None = None

    @property
    def seconds(self) -> int:
        """How long to wait between two messages; 0 where it is off."""
        told = self.slow_mode_wait_time or self.slow_mode_wait_time_seconds or 0
        return max(told, 0) if self.slow_mode else 0


class Banned(msgspec.Struct):
    """A ban that stands; a timeout where it ends."""

    user_id: str
    expires_at: str = ""
    moderator_id: str = ""


class Shield(msgspec.Struct):
    """Shield mode. `last_activated_at` tells one switching on from another."""

    is_active: bool = False
    moderator_id: str | None = None
    last_activated_at: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The channel, and what slows it; `shielded`: shield mode is on."""

    id: str
    login: str
    slow: int = 0
    shielded: bool = False

    def channel(self) -> Channel:
        """Return it as a channel. Slow mode is shown before shield mode: it has an end of ours."""
        restriction = None
        if self.slow:
            restriction = Restriction("slow", self.slow, None, None)
        elif self.shielded:
            restriction = Restriction("shield mode", None, None, None)
        return Channel(self.id, clean_line(f"#{self.login}", limit=100), restriction)


@dataclass(frozen=True, slots=True)
class _Words:
    """What somebody said: the post it becomes, and of which thread."""

    remote_id: str
    thread: str
    text: str
    at: datetime
    raw: Any


@dataclass(frozen=True, slots=True)
class Told:
    """A flagged thing: its thread, its first post, its flag."""

    thread: Thread
    post: Post
    flag: Flag


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what Twitch writes into what the queue holds, for one account."""

    place: Place
    staff: frozenset[str]
    now: datetime

    def held(self, event: Held, raw: Any) -> Told:
        """Return a message that AutoMod holds back."""
        auto, text = event.automod or Automod(), event.message.text
        bounds = list(auto.boundaries)
        reason = str(clean_line(auto.category.lower(), limit=60)) or "automod"
        if event.automod is None and event.blocked_term is not None:
            bounds = [term.boundary for term in event.blocked_term.terms_found]
            reason = "blocked term"
        found = [text[max(b.start_pos, 0) : b.end_pos + 1] for b in bounds[:5]]
        level = f"level {auto.level}" if auto.level else ""
        note = ": ".join(part for part in (level, ", ".join(found)) if part)
        subject, at = f"{HELD}{event.message_id}", iso_moment(event.held_at, self.now)
        post = replace(self._post(event, _Words(subject, subject, text, at, raw)), held=True)
        grave = Severity.HIGH if auto.level >= _GRAVE else Severity.NORMAL
        flag = Flag(subject, reason, at, subject, subject, note=clean_line(note), rule=True)
        return Told(replace(self._thread(post), severity=grave), post, flag)

    def suspicious(self, event: Suspicious, thread: str, at: str, raw: Any) -> Told:
        """Return what a suspicious user wrote, as a post of `thread`."""
        said = iso_moment(at, self.now)
        standing = literal(_TREATMENTS.get(event.low_trust_status, "suspicious"))
        message = event.message
        post = self._post(event, _Words(message.message_id, thread, message.text, said, raw))
        post = replace(post, author=replace(post.author, standing=standing))
        reasons = [_TYPES.get(one, "suspicious user") for one in event.types or ()]
        likely = event.ban_evasion_evaluation
        note = f"{likely} ban evader" if likely not in ("", "unknown") else ""
        flag = Flag(
            thread=thread,
            reason=reasons[0] if reasons else "suspicious user",
            at=said,
            remote_id=suspicion(thread),
            post=message.message_id,
            note=clean_line(note, limit=60),
            rule=True,
        )
        return Told(replace(self._thread(post), tags=(standing,)), post, flag)

    def unban(self, request: UnbanRequest, raw: Any) -> Told:
        """Return an unban request."""
        subject, at = f"{UNBAN}{request.id}", iso_moment(request.created_at, self.now)
        words = _Words(subject, subject, request.text or "", at, raw)
        post = replace(self._post(request, words), held=True)
        flag = Flag(subject, "unban request", at, subject, subject, post.author.name)
        return Told(self._thread(post), post, flag)

    def _post(self, user: User, words: _Words) -> Post:
        cleaned = clean(words.text)
        staff = user.user_id in self.staff or user.user_id == self.place.id
        return Post(
            remote_id=words.remote_id,
            thread=words.thread,
            author=Author(user.user_id, _name(user)),
            role=Role.STAFF if staff else Role.AUTHOR,
            text=cleaned.text,
            raw=raw_json(words.raw),
            created_at=words.at,
            hidden=cleaned.hidden,
            is_subject=words.remote_id == words.thread,
        )

    def _thread(self, post: Post) -> Thread:
        return Thread(
            subject=post.thread,
            channel=self.place.id,
            title=title_of(post),
            author=post.author,
            created_at=post.created_at,
            url=f"https://www.twitch.tv/moderator/{self.place.login}",
            conversation=f"user:{post.author.remote_id}",
            held=post.held,
        )


def suspicion(subject: str) -> str:
    """Return the key of the flag on a suspicious user's messages from `subject` on."""
    return f"suspicious/{subject}"


def is_watched(status: str) -> bool:
    """Return whether a user with this treatment is watched."""
    return status in _TREATMENTS


def is_id(text: str) -> bool:
    """Return whether `text` can be an id of Twitch: some letters, digits, - and _."""
    plain = text.replace("-", "").replace("_", "")
    return len(text) <= 100 and plain.isascii() and plain.isalnum()


def _name(user: User) -> Clean:
    login, shown = user.user_login or user.user_id, user.user_name
    # Names in other scripts are shown beside the one that is unique.
    both = f"{shown} ({login})" if shown and shown.lower() != login.lower() else shown or login
    return clean_line(both, limit=100)
