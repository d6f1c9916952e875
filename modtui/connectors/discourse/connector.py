"""One account on a Discourse forum."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    Broken,
    CannotTell,
    Context,
    Environment,
    Found,
    Identity,
    ThreadRef,
)
from modtui.connectors.discourse.acting import Acting
from modtui.connectors.discourse.answers import Answers
from modtui.connectors.discourse.deciding import Deciding
from modtui.connectors.discourse.facts import PostFacts, Reviewable, Side, TopicFacts, User
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.discourse.offers import asking, capabilities, rights, role_of
from modtui.connectors.discourse.queue import Listing, Queue
from modtui.connectors.discourse.reading import Reader, post_id, post_number
from modtui.connectors.evidence import LEFT_ALONE
from modtui.connectors.http import RejectedByServer, segment
from modtui.connectors.reading import convert_each, dump_cursor, load_cursor, subjects_of
from modtui.domain.commands import Command, SetSlowMode
from modtui.domain.model import Channel, Flag, Post, Restriction
from modtui.domain.outbox import Receipt

_POLL = timedelta(minutes=1)
_FOLLOWED = 7 * 24 * 3600
_MOST_LEFT = 1000


class _Seen(msgspec.Struct, array_like=True):
    """An item as it was told: its version, its flags, its topic (0: none), who wrote it, who else
    has claimed it."""

    version: int
    flags: list[str]
    topic: int
    author: str
    holder: str = ""


class _Cursor(msgspec.Struct):
    """`seen` maps an item to what was told of it; `left` one that is closed to the epoch second;
    `since` is the last notification."""

    seen: dict[str, _Seen] = {}
    left: dict[str, int] = {}
    since: int | None = None


class _Session(msgspec.Struct):
    current_user: User


class _Profile(msgspec.Struct):
    user: User


class _Stream(msgspec.Struct):
    posts: list[object] = []


class _Around(msgspec.Struct):
    post_stream: _Stream


def create(env: Environment) -> Discourse:
    """Return the connector of one account; nothing is sent yet. Raises Unauthorized without a
    key."""
    return Discourse(env)


class Discourse:
    """The review queue by polling; actions by what the forum offers for each item."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._line = Line(env)
        self.realm = f"discourse:{self._line.http.origin}"
        env.knocked(self._line.http.origin)
        self._told: dict[str, int] = {}
        self._slowed: dict[str, Restriction] = {}
        self._who: User | None = None
        self._deciding = Deciding(self._line, self._me, self._told)
        self._acting = Acting(self._line, self._deciding, env.now, self._me)
        poll = env.settings.get("poll")
        self._poll = poll if isinstance(poll, timedelta) else _POLL
        self.capabilities = capabilities()

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is new in the review queue and what authors answer, every `poll`."""
        state = load_cursor(cursor, _Cursor)
        self._told.update({item: seen.version for item, seen in state.seen.items()})
        queue, answers = Queue(self._line, self._env.now), Answers(self._line, self._env.now)
        self.capabilities = capabilities(await self._me(), claims=await self._deciding.claims())
        while True:
            yield await self._read(state, queue, answers)
            await self._env.sleep(self._poll.total_seconds())

    async def _read(self, state: _Cursor, queue: Queue, answers: Answers) -> Batch:
        listing = await queue.read(state.seen)
        reader = await self._reader()
        news = _News(reader, state)
        if listing is not None:
            news.take(listing)
            self._told.update({item: seen.version for item, seen in state.seen.items()})
            if listing.whole:
                _forget(state, listing, int(self._env.now().timestamp()))
                for item in self._told.keys() - state.seen.keys():
                    del self._told[item]
        if answers.due() and not (listing is not None and answers.may_wait(self._poll)):
            state.since, said, bad = await answers.since(state.since, _follower(state))
            news.posts += [reader.post(facts, thread) for thread, facts in said]
            news.broken += bad
        return news.batch(listing)

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return the item's post, the posts around it, and the topic with what slows it."""
        item, side = await self._deciding.item(ref.subject)
        reader = await self._reader()
        subject = reader.subject(item, side)
        posts = {subject.remote_id: subject}
        if item.topic_id is None:
            return Context((subject,), reader.channel(item, side))
        number = post_number(item.target_url)
        path = f"/t/{item.topic_id}" + (f"/{number}" if number else "")
        try:
            body = await self._line.read(f"{path}.json")
        except RejectedByServer as error:
            if error.status not in (403, 404, 410):
                raise
            # The topic is gone, or not for us: what is decided on is all there is.
            return Context((subject,), reader.channel(item, side))
        stream = understood(body, _Around, "topic").post_stream.posts
        for facts in convert_each(stream, PostFacts, "topic")[0]:
            post = reader.post(facts, ref.subject, subject=post_id(item))
            posts[post.remote_id] = post
        channel = self._remember(reader.topic(understood(body, TopicFacts, "topic")))
        in_order = sorted(posts.values(), key=lambda post: post.created_at)
        return Context(tuple(in_order), channel)

    def _remember(self, channel: Channel) -> Channel:
        if channel.restriction is None:
            self._slowed.pop(channel.remote_id, None)
        else:
            self._slowed[channel.remote_id] = channel.restriction
        return channel

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it. A forum drops no repeats: `key` goes nowhere, and what was said is read back."""
        receipt = await self._acting.perform(ref, command)
        if isinstance(command, SetSlowMode) and receipt.evidence != LEFT_ALONE:
            # Lists do not tell it: a new flag in the topic must not hide it again.
            self._slowed.pop(ref.channel, None)
            if command.seconds:
                slow = Restriction("slow", command.seconds, None, command.until)
                self._slowed[ref.channel] = slow
        return receipt

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return await self._acting.find(ref, command, since, taken)

    # who we are
    async def identity(self) -> Identity:
        """Return who we are and what role and key allow. Raises Unauthorized."""
        self._who = None
        me, queue = await self._me(), await self._sees_queue()
        personal = self._line.personal
        claims = queue and await self._deciding.claims()
        self.capabilities = capabilities(me, queue=queue, claims=claims)
        can, cannot = rights(me, queue=queue, personal=personal)
        ask = asking(me, queue=queue, personal=personal)
        return Identity(str(me.id), f"@{me.username}", role_of(me), can, cannot, ask)

    async def _sees_queue(self) -> bool:
        try:
            await self._line.read("/review/count.json")
        except RejectedByServer as error:
            if error.status not in (403, 404):
                raise
            return False
        return True

    async def _me(self) -> User:
        if self._who is None:
            self._who = await self._session() or await self._profile()
        return self._who

    async def _session(self) -> User | None:
        """Return whom the key acts as; None where the key has no scope to ask."""
        try:
            body = await self._line.read("/session/current.json")
        except RejectedByServer as error:
            if error.status not in (403, 404) or not self._line.username:
                raise
            return None
        return understood(body, _Session, "session").current_user

    async def _profile(self) -> User:
        body = await self._line.read(f"/u/{segment(self._line.username)}.json")
        return understood(body, _Profile, "profile").user

    async def _reader(self) -> Reader:
        me = await self._me()
        base = str(self._env.settings["url"]).rstrip("/")
        return Reader(base, me.id, self._env.staff, self._env.now(), self._slowed)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._line.http.aclose()


class _News:
    """What one look at the forum told."""

    def __init__(self, reader: Reader, state: _Cursor) -> None:
        self._reader = reader
        self._state = state
        self._fresh: list[tuple[Reviewable, Side]] = []
        self.posts: list[Post] = []
        self.flags: list[Flag] = []
        self.broken: tuple[Broken, ...] = ()

    def take(self, listing: Listing) -> None:
        """Take in what is new or changed in a list, and note in the cursor that it was told."""
        self.broken += listing.broken
        for item in listing.items:
            flags = self._reader.flags(item, listing.side)
            back = self._state.left.pop(str(item.id), None) is not None
            # What was away may have been closed here: all of it is told anew.
            before = None if back else self._state.seen.get(str(item.id))
            known = set(before.flags) if before else set()
            new = [flag for flag in flags if flag.key not in known]
            holder = str(self._reader.holder(item, listing.side))
            told = before is not None and before.version == item.version and not new
            if told and before is not None and before.holder == holder:
                continue
            post = self._reader.subject(item, listing.side)
            self._fresh.append((item, listing.side))
            self.posts.append(post)
            self.flags += new
            keys = [flag.key for flag in flags]
            writer = str(post.author.name).removeprefix("@")
            self._state.seen[str(item.id)] = _Seen(
                item.version, keys, item.topic_id or 0, writer, holder
            )

    def batch(self, listing: Listing | None) -> Batch:
        """Return it; `listing` is what was read, None where nothing was."""
        reader = self._reader
        channels = {c.remote_id: c for c in (reader.channel(*each) for each in self._fresh)}
        open_now = None
        if listing is not None and listing.whole:
            every = ((str(i.id), reader.flags(i, listing.side)) for i in listing.items)
            open_now = frozenset((item, flag.key) for item, flags in every for flag in flags)
        return Batch(
            cursor=dump_cursor(self._state),
            channels=tuple(channels.values()),
            threads=tuple(reader.thread(*each) for each in self._fresh),
            posts=tuple(self.posts),
            flags=tuple(self.flags),
            open_now=open_now,
            unread=listing.unread if listing is not None else (),
            broken=self.broken,
            caught_up=True,
        )


def _forget(state: _Cursor, listing: Listing, now: int) -> None:
    """Drop from the cursor what is over, so that it does not grow for ever. Answers to an item
    that is closed are told for another week."""
    still = subjects_of(listing.unread) | {str(item.id) for item in listing.items}
    left = {item: state.left.get(item, now) for item in state.seen if item not in still}
    recent = sorted((at, item) for item, at in left.items() if now - at < _FOLLOWED)
    state.left = {item: at for at, item in recent[-_MOST_LEFT:]}
    kept = still | state.left.keys()
    state.seen = {item: seen for item, seen in state.seen.items() if item in kept}


def _follower(state: _Cursor) -> Callable[[int | None, str], str | None]:
    """Return what finds the item that a post of someone belongs to: theirs in that topic, else
    their latest."""

    def follow(topic: int | None, username: str) -> str | None:
        theirs = [(s.topic == topic, int(i)) for i, s in state.seen.items() if s.author == username]
        return str(max(theirs)[1]) if theirs and username else None

    return follow
