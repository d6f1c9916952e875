"""The github connector: issues and discussions that wait for an answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

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
    Rejected,
    ThreadRef,
)
from modtui.connectors.github.acting import Acting
from modtui.connectors.github.api import Api
from modtui.connectors.github.facts import Person, Reader
from modtui.connectors.github.following import (
    ISSUES,
    KINDS,
    Cursor,
    Source,
    Told,
    forget,
    is_news,
    judge,
    let_go,
    open_flags,
    source_name,
    unlisted,
)
from modtui.connectors.github.limiting import as_kind
from modtui.connectors.github.listing import Lister, Listing, stamp
from modtui.connectors.github.offers import capabilities, rights
from modtui.connectors.github.reach import readable, untold
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import broken, dump_cursor, load_cursor, subjects_of
from modtui.domain.commands import Command
from modtui.domain.model import Channel, Restriction
from modtui.domain.outbox import Receipt

_POLL = timedelta(minutes=1)
_WHOLE = timedelta(hours=1)
_AGAIN = timedelta(minutes=5)
_SKEW = timedelta(minutes=10)
# Moved, not for us, not there, its issues switched off, taken down by law.
_UNREADABLE = (301, 403, 404, 410, 451)
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Gone:
    """What a whole read did not list; `pages` how many it had."""

    subjects: Mapping[str, str]
    pages: int


@dataclass(slots=True)
class _Pace:
    """When lists were last begun to be read whole, and whether one moved meanwhile; `without` names
    the lists that cannot be read, which are tried again with the next whole read; whose turn it is.
    `due` names the lists that are yet to be read whole, `gone` those of which it is yet to be told
    what was closed meanwhile, `whole` those of which all is known, and `unread` what on them
    cannot be read."""

    lister: Lister
    whole_at: datetime | None = None
    moved: bool = False
    without: set[str] = field(default_factory=set)
    refusal: RejectedByServer | None = None
    turn: int = 0
    due: set[str] = field(default_factory=set)
    gone: dict[str, _Gone] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    unread: dict[str, tuple[Broken, ...]] = field(default_factory=dict)

    def is_due(self, now: datetime) -> bool:
        """Whether the lists are to be read whole. A clock that was set back does not put it off."""
        every = _AGAIN if self.moved else _WHOLE
        return self.whole_at is None or not timedelta() <= now - self.whole_at < every


@dataclass(frozen=True, slots=True)
class Looking:
    """What one look at all repositories works with; `first`: all that is open is listed at once."""

    reader: Reader
    pace: _Pace
    told: Told
    first: bool


def create(env: Environment) -> GitHub:
    """Return the connector of one account; nothing is sent yet."""
    return GitHub(env)


class GitHub:
    """Issues and discussions by polling, in turns; actions by REST and GraphQL."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        settings = env.settings
        self._repositories = _repositories(settings)
        self._labels = tuple(str(one) for one in settings.get("labels") or ())
        self._closes = settings.get("keep") == "close" or not self._labels
        self._api = Api(env)
        self.realm = f"github:{self._api.origin}"
        env.knocked(self._api.origin)
        limit_to = str(settings.get("limit_to") or "existing_users")
        self._acting = Acting(self._api, self._reader, closes=self._closes, limit_to=limit_to)
        poll = settings.get("poll")
        self._poll = poll if isinstance(poll, timedelta) else _POLL
        self._me: str | None = None
        self.capabilities = capabilities(closes=self._closes)

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what waits, what is answered and what is said, every `poll`: issues and
        discussions in turns, all that is open at first and every hour, in the place of a turn."""
        state, pace = load_cursor(cursor, Cursor), _Pace(Lister(self._api, self._env.now))
        wanted = {source_name(r, kind) for r in self._repositories for kind in KINDS}
        state.sources = {name: one for name, one in state.sources.items() if name in wanted}
        while True:
            yield await self._look(state, pace)
            pace.turn += 1
            await self._env.sleep(self._poll.total_seconds())

    async def _look(self, state: Cursor, pace: _Pace) -> Batch:
        reader = await self._reader()
        looking = Looking(reader, pace, Told(), pace.whole_at is None)
        if pace.is_due(reader.now):
            pace.whole_at, pace.moved = reader.now, False
            pace.without.clear()
            pace.whole.clear()
            pace.due = {source_name(r, kind) for r in self._repositories for kind in KINDS}
        for repository in self._repositories:
            for kind in self._due(repository, looking):
                await self._source(repository, kind, state, looking)
        told = looking.told
        names = {
            source_name(r, kind) for r in self._repositories for kind in KINDS
            if source_name(r, kind) not in pace.without
        }  # fmt: skip
        if not names and pace.refusal is not None:
            raise pace.refusal
        # Where a list was read once and cannot be now, nothing is said of what is open.
        whole = names <= pace.whole and names >= state.sources.keys()
        if whole:
            pace.whole.clear()
        return Batch(
            cursor=dump_cursor(state),
            channels=tuple(told.channels.values()),
            threads=tuple(told.threads),
            posts=tuple(told.posts),
            flags=tuple(told.flags),
            closed=tuple(told.closed),
            open_now=open_flags(state) if whole else None,
            unread=tuple(one for name in names for one in pace.unread.get(name, ())),
            broken=tuple(told.broken),
            caught_up=True,
        )

    def _due(self, repository: str, looking: Looking) -> tuple[str, ...]:
        """Return which lists of a repository are to be read now: one of those that can be, in
        turns, but both at first."""
        if looking.first:
            return KINDS
        pace = looking.pace
        able = tuple(k for k in KINDS if source_name(repository, k) not in pace.without)
        return able if len(able) < 2 else (able[pace.turn % 2],)

    async def _source(self, repository: str, kind: str, state: Cursor, looking: Looking) -> None:
        name = source_name(repository, kind)
        source = state.sources.get(name) or Source()
        if looking.first:
            read = await self._at_once(repository, kind, source, looking)
        elif name in looking.pace.due:
            read = await self._whole(repository, kind, source, looking)
        else:
            read = await self._changes(repository, kind, source, looking)
        if read:
            state.sources[name] = source
            forget(source, int(looking.reader.now.timestamp()))

    async def _at_once(self, repository: str, kind: str, source: Source, looking: Looking) -> bool:
        """Tell what changed since the last run, and all that is open; return whether there is
        such a list."""
        now, name, pace = looking.reader.now, source_name(repository, kind), looking.pace
        pace.due.discard(name)
        questions = [source.newest] if source.newest is not None else []
        for since in (*questions, None):
            listing = await self._list(looking, repository, kind, since)
            if listing is None:
                return False
            unread = await self._tell(listing, repository, source, looking)
            source.newest = source.newest or stamp(now - _SKEW)
            if since is not None:
                continue
            if not await self._moved(listing, name, source, looking):
                pace.whole.add(name)
                pace.unread[name] = unread
                let_go(source, unlisted(source, listing, subjects_of(unread)), now)
        return True

    async def _whole(self, repository: str, kind: str, source: Source, looking: Looking) -> bool:
        """List all that is open. What is not there may have been closed since it was last asked
        what changed: that is asked in the next turn, from the same time on."""
        name, pace, since = source_name(repository, kind), looking.pace, source.newest
        pace.due.discard(name)
        pace.gone.pop(name, None)
        listing = await self._list(looking, repository, kind, None)
        if listing is None:
            return False
        unread = await self._tell(listing, repository, source, looking)
        pace.unread[name] = unread
        gone = unlisted(source, listing, subjects_of(unread))
        pace.gone[name] = _Gone(gone, listing.pages)
        source.newest = since or source.newest or stamp(looking.reader.now - _SKEW)
        return True

    async def _changes(self, repository: str, kind: str, source: Source, looking: Looking) -> bool:
        name, pace, since = source_name(repository, kind), looking.pace, source.newest
        if since is None:
            return False
        listing = await self._list(looking, repository, kind, since)
        if listing is None:
            return False
        unread = await self._tell(listing, repository, source, looking)
        gone = pace.gone.pop(name, None)
        if gone is None:
            return True
        if gone.pages > 1 and source.newest != since:
            # Something changed while the pages were read: one may have slipped through.
            pace.moved = True
            return True
        known = pace.unread.get(name, ())
        # What changed is on both lists.
        listed = {one.raw for one in known}
        pace.unread[name] = (*known, *(one for one in unread if one.raw not in listed))
        kept = subjects_of(unread)
        surely = {one: at for one, at in gone.subjects.items() if one not in kept}
        let_go(source, surely, looking.reader.now)
        pace.whole.add(name)
        return True

    async def _list(
        self, looking: Looking, repository: str, kind: str, since: str | None
    ) -> Listing | None:
        """Return a list, or None where it cannot be read: the others are read all the same."""
        pace = looking.pace
        try:
            if kind == ISSUES:
                return await pace.lister.issues(repository, since)
            listing = await pace.lister.discussions(repository, since)
        except RejectedByServer as error:
            if error.status not in _UNREADABLE:
                raise
            pace.refusal, listing = error, None
            why = f"this list cannot be read, and is not shown: {error}"
            looking.told.broken.append(broken(source_name(repository, kind), why, None))
        if listing is None:
            pace.without.add(source_name(repository, kind))
        return listing

    async def _moved(self, listing: Listing, name: str, source: Source, looking: Looking) -> bool:
        """Whether something changed while the pages were read: one may have slipped through."""
        if listing.pages == 1:
            return False
        repository, _, kind = name.rpartition(" ")
        now = await self._list(looking, repository, kind, source.newest)
        moved = now is None or now.newest != source.newest
        if moved:
            looking.pace.moved = True
        return moved

    async def _tell(
        self, listing: Listing, repository: str, source: Source, with_: Looking
    ) -> tuple[Broken, ...]:
        """Tell what is new in a listing; return what of it could not be read."""
        told = with_.told
        fresh = [topic for topic in listing.topics if is_news(topic, source, with_.reader)]
        asked = [topic for topic in fresh if topic.total_comments]
        comments, bad = await with_.pace.lister.comments(asked)
        unread = (*listing.broken, *bad)
        told.broken += unread
        lost = {topic.id for topic in asked} - comments.keys()
        for topic in fresh:
            if topic.id in lost:
                continue
            if topic.id in comments:
                topic = msgspec.structs.replace(topic, comments=comments[topic.id])
            judge(topic, repository, source, with_.reader, told)
        source.newest = max(filter(None, (source.newest, listing.newest)), default=None)
        return unread

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return what was said, and how the repository stands."""
        reader, topic = await self._reader(), await self._acting.topic(ref.subject)
        return Context(reader.posts(topic), await self._channel(reader, ref.channel))

    async def _channel(self, reader: Reader, repository: str) -> Channel:
        channel = reader.channel(repository)
        try:
            stands = await self._acting.limiting.stands(repository)
        except RejectedByServer:
            # Only who may set a limit may see it.
            return channel
        if not stands.limit:
            return channel
        restriction = Restriction("interaction limit", None, None, _end(stands.expires_at))
        return Channel(channel.remote_id, channel.name, restriction)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        return await self._acting.perform(ref, command)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return await self._acting.find(ref, command, since, taken)

    # who we are
    async def identity(self) -> Identity:
        """Return who we are and what token and roles allow. Raises Unauthorized."""
        page = await self._api.get("/user")
        self._me = me = as_kind(page.body, Person, "account").login
        told = page.headers.get("x-oauth-scopes")
        scopes = None if told is None else tuple(one.strip() for one in told.split(",") if one)
        access, unread = await readable(self._api, self._repositories)
        able = capabilities(closes=self._closes, scopes=scopes, access=access)
        self.capabilities = able
        can, cannot = rights(able, scopes, access)
        if scopes is None:
            cannot = (*cannot, *await untold(self._api, access))
        ask = f"@{me} needs, to see what waits: {'; '.join(unread)}" if unread else ""
        roles = sorted({place.role for place in access})
        return Identity(me, f"@{me}", ", ".join(roles) or "none", can, (*unread, *cannot), ask)

    async def _reader(self) -> Reader:
        if self._me is None:
            await self.identity()
        me = self._me or ""
        return Reader(me, self._env.staff, self._labels, self._env.now())

    async def aclose(self) -> None:
        await self._api.aclose()


def _repositories(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the repositories to watch. Raises Rejected for what is none."""
    named = tuple(dict.fromkeys(str(one).strip() for one in settings.get("repositories") or ()))
    if not named:
        raise Rejected('repositories: name at least one, as "owner/name"')
    for one in named:
        if not _REPOSITORY.fullmatch(one):
            raise Rejected(f'repositories: "{one}" is not "owner/name"')
    return named


def _end(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
