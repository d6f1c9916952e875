"""What needs a moderator, from events and lists to threads, posts and flags."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from modtui.connectors.gathered import Gathered
from modtui.connectors.reading import broken, iso_moment, named_in
from modtui.connectors.twitch.eventsub import Event
from modtui.connectors.twitch.facts import (
    HELD,
    UNBAN,
    Deleted,
    Held,
    Place,
    Reader,
    SlowMode,
    Suspicious,
    Told,
    UnbanRequest,
    is_id,
    is_watched,
    suspicion,
)
from modtui.connectors.twitch.state import DELETED, About, Decisions, State, Talk
from modtui.domain.model import Post

T = TypeVar("T")

OLDEST = timedelta(minutes=10)
"""An older notification is refused: Twitch's guard against repeats that somebody recorded."""
_TOGETHER = timedelta(minutes=10)
_MOST_FLAGS, _MOST_CLOSED = 3000, 200
_MOST_SEEN = 2000
_MOST_TALKS = 500
_MOST_RECENT = 1000
_OVER = ("approved", "denied", "expired")


class Intake:
    """Takes in events and lists for one account; whatever comes twice is told once."""

    def __init__(self, state: State, place: Place, decisions: Decisions) -> None:
        self.state = state
        self.place = place
        self._decisions = decisions
        self.recent: OrderedDict[str, Post] = OrderedDict()
        self._of: dict[str, Callable[[Event, Reader, Gathered], None]] = {
            "automod.message.hold": self._hold,
            "automod.message.update": self._held_no_more,
            "channel.suspicious_user.message": self._suspicious,
            "channel.suspicious_user.update": self._treated,
            "channel.unban_request.create": self._asked,
            "channel.unban_request.resolve": self._answered,
            "channel.chat.message_delete": self._deleted,
            "channel.chat_settings.update": self._settings,
            "channel.shield_mode.begin": self._shield,
            "channel.shield_mode.end": self._shield,
        }

    def posts(self, thread: str) -> tuple[Post, ...]:
        """Return the posts of a thread that this process was told, oldest first."""
        found = [post for post in self.recent.values() if post.thread == thread]
        return tuple(sorted(found, key=lambda post: post.created_at))

    # events
    def take(self, event: Event, reader: Reader, into: Gathered) -> None:
        """Take in one notification; one that cannot be read, or is too old, is put aside."""
        take = self._of.get(event.type)
        if take is None:
            why = "an event that was not asked for" if event.type else "not a message of EventSub"
            into.broken.append(broken(f"eventsub {event.type}", why, event.data))
            return
        age = reader.now - iso_moment(event.at, reader.now)
        if age > OLDEST:
            minutes = int(age.total_seconds() // 60)
            why = f"it is {minutes} minutes old by this machine's clock: refused as a repeat"
            into.broken.append(broken(f"eventsub {event.type}", why, event.data))
            return
        if event.id and self._was_seen(event.id, reader.now):
            return
        try:
            take(event, reader, into)
        except msgspec.ValidationError as error:
            into.broken.append(broken(f"eventsub {event.type}", str(error), event.data))

    def _was_seen(self, message: str, now: datetime) -> bool:
        seen = self.state.seen
        if message in seen:
            return True
        old = (now - OLDEST).timestamp()
        for one in [one for one, at in seen.items() if at < old]:
            del seen[one]
        _note(seen, message, now.timestamp(), _MOST_SEEN)
        return False

    def _hold(self, event: Event, reader: Reader, into: Gathered) -> None:
        held = msgspec.convert(event.data, Held)
        _need(is_id(held.message_id) and is_id(held.user_id), "it names no message or nobody")
        self._tell(reader.held(held, event.data), reader, into)

    def _held_no_more(self, event: Event, reader: Reader, into: Gathered) -> None:
        held = msgspec.convert(event.data, Held)
        status = held.status.lower()
        _need(is_id(held.message_id) and status in _OVER, "it tells of no message or no outcome")
        key = f"{HELD}{held.message_id}"
        ours = key in self._decisions.ours
        self._decisions.note(key, status, held.moderator_user_login or "")
        # What we did ourselves is told by its own receipt.
        self._close(key, into, told=not ours)

    def _suspicious(self, event: Event, reader: Reader, into: Gathered) -> None:
        said = msgspec.convert(event.data, Suspicious)
        message, user = said.message.message_id, said.user_id
        _need(is_id(message) and is_id(user), "it names no message or nobody")
        if not is_watched(said.low_trust_status) or message in self.recent:
            return
        now = reader.now.timestamp()
        talk = self.state.talks.pop(user, None)
        goes_on = talk is not None and now - talk.at <= _TOGETHER.total_seconds()
        if talk is not None and goes_on and self._is_open(suspicion(talk.subject)):
            told = reader.suspicious(said, talk.subject, event.at, event.data)
            self._post(told.post, into)
        else:
            told = reader.suspicious(said, message, event.at, event.data)
            self._tell(told, reader, into)
        _note(self.state.talks, user, Talk(told.thread.subject, now), _MOST_TALKS)

    def _treated(self, event: Event, reader: Reader, into: Gathered) -> None:
        """Take in how a user is treated from now on: one who is not watched any more needs none."""
        said = msgspec.convert(event.data, Suspicious)
        if is_watched(said.low_trust_status):
            return
        for key, about in tuple(self.state.flags.items()):
            if about.user == said.user_id and key == suspicion(about.subject):
                self._close(key, into)

    def _asked(self, event: Event, reader: Reader, into: Gathered) -> None:
        self.unban(event.data, reader, into)

    def unban(self, raw: Any, reader: Reader, into: Gathered) -> str:
        """Take in an unban request that is open; return its flag's key. Raises ValidationError."""
        request = msgspec.convert(raw, UnbanRequest)
        _need(is_id(request.id) and is_id(request.user_id), "it names no request or nobody")
        self._tell(reader.unban(request, raw), reader, into)
        return f"{UNBAN}{request.id}"

    @staticmethod
    def unban_key(raw: Any) -> str:
        """Return the flag's key of an unban request that cannot be read; "" if it names none."""
        request = named_in(raw, "id")
        return f"{UNBAN}{request}" if is_id(request) else ""

    def _answered(self, event: Event, reader: Reader, into: Gathered) -> None:
        key = f"{UNBAN}{msgspec.convert(event.data, UnbanRequest).id}"
        self._close(key, into, told=key not in self._decisions.ours)

    def _deleted(self, event: Event, reader: Reader, into: Gathered) -> None:
        """Take in a message that was deleted: its post is so here, and its flag is closed."""
        message = msgspec.convert(event.data, Deleted).message_id
        if message not in self._decisions.ours:
            self._decisions.note(message, DELETED)
        if message in self.recent:
            at = iso_moment(event.at, reader.now)
            self._post(replace(self.recent[message], deleted_at=at), into)
        self._close(suspicion(message), into, told=message not in self._decisions.ours)

    def _settings(self, event: Event, reader: Reader, into: Gathered) -> None:
        slow = msgspec.convert(event.data, SlowMode).seconds
        self.stands(replace(self.place, slow=slow), into)

    def _shield(self, event: Event, reader: Reader, into: Gathered) -> None:
        self.stands(replace(self.place, shielded=event.type.endswith("begin")), into)

    def stands(self, place: Place, into: Gathered) -> None:
        """Take in how the channel stands now."""
        self.place = place
        into.channels[place.id] = place.channel()

    # lists
    def listed(self, open_now: Iterable[str], into: Gathered) -> None:
        """Take in the keys of all unban requests that are open: another one that two lists in a
        row did not have was answered there."""
        gone = self.unlisted(open_now)
        for key in gone:
            if key in self.state.missing:
                self._close(key, into)
        self.state.missing = [key for key in gone if self._is_open(key)]

    def unlisted(self, open_now: Iterable[str]) -> dict[str, str]:
        """Return the unban requests that were told open and are not among these, each with whose
        it is."""
        there = set(open_now)
        return {
            key: about.user
            for key, about in self.state.flags.items()
            if key.startswith(UNBAN) and about.subject and key not in there
        }

    def gap(self, now: datetime, into: Gathered) -> None:
        """Take in that events come again: from here on, and not since the line was lost."""
        begun, self.state.line_at = self.state.line_at, now.timestamp()
        if not begun or now.timestamp() - begun < 1:
            return
        since = datetime.fromtimestamp(begun, UTC)
        span = f"{since:%d %b %H:%M:%S} to {now.astimezone(UTC):%d %b %H:%M:%S} UTC"
        why = f"no events came from {span}: Twitch cannot list what AutoMod held then, see Mod View"
        into.broken.append(broken("eventsub", why, {"from": since.isoformat(), "to": f"{now}"}))

    # what is told and known
    def _tell(self, told: Told, reader: Reader, into: Gathered) -> None:
        key, thread = told.flag.key, told.thread
        if key in self.state.flags:
            return
        into.channels.setdefault(self.place.id, self.place.channel())
        into.threads[thread.subject] = thread
        into.flags.append(told.flag)
        self._post(told.post, into)
        self._forget()
        about = About(thread.subject, thread.author.remote_id)
        _note(self.state.flags, key, about, _MOST_FLAGS)

    def _post(self, post: Post, into: Gathered) -> None:
        into.posts.append(post)
        self.recent.pop(post.remote_id, None)
        self._decisions.wrote(post.remote_id, post.created_at)
        _note(self.recent, post.remote_id, post, _MOST_RECENT)

    def _forget(self) -> None:
        """Let go of flags that are closed, the first ones: the cursor is written every minute."""
        flags = self.state.flags
        closed = [key for key, about in flags.items() if not about.subject]
        for key in closed[: max(len(closed) - _MOST_CLOSED, 0)]:
            del flags[key]

    def _is_open(self, key: str) -> bool:
        return bool(self.state.flags.get(key, _CLOSED).subject)

    def _close(self, key: str, into: Gathered, *, told: bool = True) -> None:
        about = self.state.flags.get(key, _CLOSED)
        if about.subject:
            self.state.flags[key] = _CLOSED
            if told:
                into.closed.append((about.subject, key))


_CLOSED = About()


def _need(good: bool, why: str) -> None:
    if not good:
        raise msgspec.ValidationError(why)


def _note(held: dict[str, T], key: str, value: T, most: int) -> None:
    """Put `key` last, and let go of the first ones beyond `most`."""
    held[key] = value
    while len(held) > most:
        del held[next(iter(held))]
