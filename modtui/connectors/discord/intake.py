"""What needs a moderator, from messages and events to threads, posts and flags."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import ConnectorError
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.facts import (
    ALERT,
    NOBODY,
    Caught,
    Message,
    Place,
    Reader,
    Target,
    User,
    alert_fields,
    alert_text,
    as_message,
    number,
    snowflake_at,
    target_of,
    without_links,
    words,
)
from modtui.connectors.discord.people import People
from modtui.connectors.discord.state import Sources, State, note
from modtui.connectors.gathered import Gathered
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import broken
from modtui.domain.model import Flag, Post
from modtui.domain.text import clean_line

_SPOKEN = (0, 19, 20)
"""Types of messages that somebody wrote: plain, a reply, a command's answer."""
_TOGETHER = 10
_MOST_PLACES = 1000
_CLOCKS_APART = timedelta(days=1)
_GONE = "the message is gone, or the bot may not read it"


class Intake:
    """Takes in messages and events for one account; whatever comes twice is told once."""

    def __init__(self, api: Api, people: People, sources: Sources, state: State) -> None:
        self._api = api
        self._people = people
        self.sources = sources
        self.state = state
        self._places: dict[str, Place] = {}
        self._rules: dict[str, str] | None = None

    # messages
    async def message(self, raw: Any, reader: Reader, into: Gathered) -> None:
        """Take in a new message, whichever way it came."""
        message = as_message(raw)
        if message is None:
            into.broken.append(broken("messages", "not a message that can be read", raw))
            return
        if not message.guild_id or message.guild_id == self.sources.guild:
            self._people.learn(message.author.id, message.member)
            await self._message(message, reader, into)
            if message.channel_id not in self.state.behind:
                self._read(message.channel_id, message.id, reader.now)

    async def _message(self, message: Message, reader: Reader, into: Gathered) -> None:
        if message.type == ALERT:
            await self._alert(message, reader, into)
            return
        reports = message.channel_id == self.sources.report
        if reports and await self._report(message, reader, into):
            return
        if message.id == message.channel_id and self.sources.forum:
            await self.forum_post(message.channel_id, reader, into)
            return
        reference = message.message_reference
        answered = reference.message_id if reference is not None and reference.type == 0 else None
        follows = self.state.follows
        thread = follows.get(answered or "") or follows.get(message.channel_id)
        if thread is not None and message.id not in follows:
            self._follow(message.id, thread)
            if not message.author.bot:
                await self._people.roles(message.author.id)
            into.posts.append(reader.post(message, thread))

    async def _report(self, message: Message, reader: Reader, into: Gathered) -> bool:
        """Take in a message of the report channel; return whether it is a report."""
        key = f"{message.channel_id}/{message.id}"
        if key in self.state.flags:
            return True
        if message.author.id == reader.me or message.type not in _SPOKEN:
            return False
        target = target_of(message, self.sources.guild)
        reference = message.message_reference
        answers = reference is not None and reference.message_id in self.state.follows
        if target is None:
            if answers:
                return False
            if not message.author.bot:
                await self._people.roles(message.author.id)
            if self._people.is_staff(message.author.id):
                return False
        subject = target.message if target is not None else message.id
        place = Target(message.channel_id, message.id) if target is None else target
        said = without_links(words(message)) if target is not None else ""
        flag = Flag(
            thread=subject,
            reason="reported" if target is not None else "wrote to the moderators",
            at=reader.at(message),
            remote_id=key,
            post=subject,
            by=reader.author(message.author).name,
            note=clean_line(said),
        )
        await self._flagged(flag, place, reader, into, message if target is None else None)
        return True

    async def _alert(self, message: Message, reader: Reader, into: Gathered) -> None:
        fields, text = alert_fields(message), alert_text(message)
        key, at = f"alert/{message.id}", reader.at(message)
        channel = fields.get("channel_id") or message.channel_id
        if key in self.state.flags:
            return
        if self._was_caught(message.author.id, channel, text, at, alert=True):
            self._known(key, "")
            return
        subject = fields.get("flagged_message_id") or message.id
        flag = Flag(
            thread=subject,
            reason=str(clean_line(fields.get("rule_name", ""), limit=60)) or "AutoMod",
            at=at,
            remote_id=key,
            post=subject,
            note=clean_line(fields.get("keyword", "")),
            rule=True,
        )
        quoted = reader.quoted(subject, message.author, text, at)
        await self._flagged(flag, Target(channel, subject), reader, into, quoted)

    # what a flag is about
    async def _flagged(
        self,
        flag: Flag,
        at: Target,
        reader: Reader,
        into: Gathered,
        instead: Message | Post | None = None,
    ) -> None:
        """Tell a flag, and its thread where that is new. `instead`: what is told of the thread
        where its message cannot be read, or is at hand."""
        if flag.thread not in self.state.follows:
            message = instead if isinstance(instead, Message) else await self.fetch(at)
            post = self._subject(message, flag, reader, instead)
            place = await self.place(at.channel)
            into.channels[place.id] = reader.channel(place)
            into.threads[flag.thread] = reader.thread(post, place, at.channel)
            into.posts.append(post)
            self._follow(flag.thread, flag.thread)
            note(self.state.places, flag.thread, at.channel)
            begun = flag.thread if number(flag.thread) else snowflake_at(flag.at)
            self.state.last.setdefault(at.channel, begun)
        self._known(flag.key, flag.thread)
        into.flags.append(flag)

    def _subject(
        self, message: Message | None, flag: Flag, reader: Reader, instead: Message | Post | None
    ) -> Post:
        if message is not None:
            return reader.post(message, flag.thread, subject=True)
        if isinstance(instead, Post):
            return instead
        gone = reader.quoted(flag.thread, User(""), f"[{_GONE}]", flag.at)
        return replace(gone, author=NOBODY)

    async def fetch(self, at: Target) -> Message | None:
        """Return a message; None where it is gone or not for us."""
        if not (number(at.channel) and number(at.message)):
            return None
        try:
            body = await self._api.get(f"/channels/{at.channel}/messages/{at.message}")
        except RejectedByServer as error:
            if not lasting(error):
                raise
            return None
        return as_message(body)

    async def place(self, channel: str) -> Place:
        """Return a channel, or what is known of it: its id."""
        if not number(channel):
            return Place(channel, name=channel)
        if channel not in self._places:
            try:
                body = await self._api.get(f"/channels/{channel}")
                self._places[channel] = msgspec.convert(body, Place)
            except (RejectedByServer, msgspec.ValidationError) as error:
                if isinstance(error, ConnectorError) and not lasting(error):
                    raise
                self._places[channel] = Place(channel)
        place = self._places[channel]
        while len(self._places) > _MOST_PLACES:
            del self._places[next(iter(self._places))]
        return place

    # the gateway's events
    async def caught(self, data: Any, reader: Reader, into: Gathered) -> None:
        """Take in what AutoMod did. One that has its alert in the alert channel is told by it."""
        try:
            event = msgspec.convert(data, Caught)
        except msgspec.ValidationError as error:
            into.broken.append(broken("automod", str(error), data))
            return
        alert, now = event.alert_system_message_id, reader.now
        if event.guild_id != self.sources.guild or (alert and self.sources.alert):
            return
        if not number(event.user_id):
            into.broken.append(broken("automod", "it names nobody", data))
            return
        key = f"alert/{alert}" if alert else ""
        channel = event.channel_id or self.sources.alert or "profiles"
        if key and key in self.state.flags:
            return
        if self._was_caught(event.user_id, channel, event.content, now, alert=bool(alert)):
            if key:
                self._known(key, "")
            return
        key = key or f"automod/{event.rule_id}/{event.user_id}/{int(now.timestamp())}"
        subject = event.message_id or alert or key
        user = await self._user(event.user_id)
        flag = Flag(
            thread=subject,
            reason=await self._rule(event.rule_id),
            at=now,
            remote_id=key,
            post=subject,
            note=clean_line(event.matched_keyword or ""),
            rule=True,
        )
        quoted = reader.quoted(subject, user, event.content, now)
        await self._flagged(flag, Target(channel, subject), reader, into, quoted)

    async def reaction(self, data: Any, reader: Reader, into: Gathered) -> None:
        """Take in a reaction, if it is the one that reports."""
        data = data if isinstance(data, dict) else {}
        emoji = data.get("emoji")
        names = (emoji.get("name"), emoji.get("id")) if isinstance(emoji, dict) else ()
        wanted = self.sources.reaction
        if not wanted or wanted not in names or data.get("guild_id") != self.sources.guild:
            return
        channel, message = str(data.get("channel_id")), str(data.get("message_id"))
        user = str(data.get("user_id"))
        if not (number(channel) and number(message) and number(user)):
            into.broken.append(broken("reactions", "not a reaction that can be read", data))
            return
        key = f"reaction/{message}/{user}"
        if key in self.state.flags or user == reader.me:
            return
        by = reader.author(await self._user(user)).name
        flag = Flag(message, "reported", reader.now, key, message, by, clean_line(wanted))
        await self._flagged(flag, Target(channel, message), reader, into)

    async def forum_post(self, thread: str, reader: Reader, into: Gathered) -> None:
        """Take in a post of the forum that is to be looked at: its first message has its id."""
        key = f"forum/{thread}"
        if key in self.state.flags or (await self.place(thread)).parent_id != self.sources.forum:
            return
        message = await self.fetch(Target(thread, thread))
        if message is None or message.author.id == reader.me:
            return
        flag = Flag(thread, "forum post", reader.at(message), key, thread)
        await self._flagged(flag, Target(thread, thread), reader, into, message)
        self._read(self.sources.forum, thread, reader.now)

    def edited(self, data: Any, reader: Reader, into: Gathered) -> None:
        """Take in a message that was edited, if it is one of a thread."""
        message = as_message(data)
        thread = self.state.follows.get(message.id) if message is not None else None
        if message is not None and thread is not None and message.edited_timestamp:
            into.posts.append(reader.post(message, thread, subject=message.id == thread))

    def deleted(self, channel: str, ids: Iterable[str], into: Gathered) -> None:
        """Take in messages that were deleted: a flag whose report or post is gone is closed."""
        for one in ids:
            own = (f"{channel}/{one}", f"alert/{one}")
            subject = self.state.follows.get(one) == one
            for key, thread in tuple(self.state.flags.items()):
                if thread and (key in own or (subject and thread == one)):
                    into.closed.append((thread, key))
                    self.state.flags[key] = ""

    def changed(self, data: Any, reader: Reader, into: Gathered) -> None:
        """Take in a channel or thread that changed, if it holds a thread of ours."""
        try:
            place = msgspec.convert(data, Place)
        except msgspec.ValidationError:
            return
        if place.id in self._places:
            self._places[place.id] = place
            into.channels[place.id] = reader.channel(place)

    def followed(self) -> tuple[str, ...]:
        """Return the channels of the threads that are followed, the latest first."""
        seen = dict.fromkeys(reversed(self.state.places.values()))
        return tuple(one for one in seen if one not in self.sources.channels and number(one))

    def leave(self, channel: str) -> None:
        """Follow nothing any more in a channel that is gone, or not for us."""
        for thread in [one for one, place in self.state.places.items() if place == channel]:
            del self.state.places[thread]

    def reached(self, raw: Any, now: datetime) -> None:
        """Note how far a channel was read in its order."""
        message = as_message(raw)
        if message is not None:
            self._read(message.channel_id, message.id, now)

    # what is known
    def _was_caught(self, user: str, channel: str, text: str, at: datetime, *, alert: bool) -> bool:
        """Return whether AutoMod's other act on the same message was told: it tells each alone."""
        whole = "\N{UNIT SEPARATOR}".join((user, channel, text))
        digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:16]
        second = int(at.timestamp())
        before = self.state.caught.get(digest)
        near = before is not None and abs(second - before[0]) <= _TOGETHER
        if before is not None and near and (not alert or before[1]):
            self.state.caught[digest] = (before[0], before[1] and not alert)
            return True
        note(self.state.caught, digest, (second, not alert), 200)
        return False

    def _known(self, key: str, thread: str) -> None:
        note(self.state.flags, key, thread)

    def _follow(self, message: str, thread: str) -> None:
        note(self.state.follows, message, thread)

    def _read(self, channel: str, message: str, now: datetime) -> None:
        latest = number(snowflake_at(now + _CLOCKS_APART))
        watched = channel in self.sources.channels or channel == self.sources.forum
        followed = channel in self.state.last or channel in self.state.places.values()
        newer = number(message) > number(self.state.last.get(channel, ""))
        # One bad id from beyond would hide all that comes.
        if (watched or followed) and newer and number(message) < latest:
            note(self.state.last, channel, message)

    async def _user(self, user_id: str) -> User:
        """Return a member by their id; who left is known by no more than that."""
        body = await self._api.find(f"/guilds/{self.sources.guild}/members/{user_id}")
        try:
            return msgspec.convert(body.get("user") if isinstance(body, dict) else None, User)
        except msgspec.ValidationError:
            return User(user_id)

    async def _rule(self, rule_id: str) -> str:
        """Return the name of an AutoMod rule, where the bot may read the rules."""
        if self._rules is None:
            self._rules = {}
            try:
                path = f"/guilds/{self.sources.guild}/auto-moderation/rules"
                listed = await self._api.get(path)
            except RejectedByServer as error:
                if not lasting(error):
                    raise
                listed = ()
            for rule in listed if isinstance(listed, list) else ():
                if isinstance(rule, dict):
                    name = str(clean_line(str(rule.get("name", "")), limit=60))
                    self._rules[str(rule.get("id"))] = name
        return self._rules.get(rule_id) or "AutoMod"
