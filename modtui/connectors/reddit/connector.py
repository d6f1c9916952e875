"""One moderator's account on Reddit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Context,
    Environment,
    Found,
    Identity,
    Rejected,
    ThreadRef,
)
from modtui.connectors.http import RejectedByServer, segment
from modtui.connectors.reading import convert_each, load_cursor
from modtui.connectors.reddit import SOURCES, modmail
from modtui.connectors.reddit.acting import Acting
from modtui.connectors.reddit.facts import Item, Reader, Thing, members
from modtui.connectors.reddit.intake import Cursor, Intake
from modtui.connectors.reddit.notes import Notes
from modtui.connectors.reddit.offers import NEEDED, capabilities, has_scope, rights
from modtui.connectors.reddit.session import Session
from modtui.connectors.reddit.writing import Writing
from modtui.domain.commands import Command
from modtui.domain.outbox import Receipt

_POLL = timedelta(minutes=1)
_DEPTH = 500


class _Me(msgspec.Struct):
    name: str
    id: str = ""


class _Moderator(msgspec.Struct):
    name: str
    mod_permissions: list[str] | None = None


def create(env: Environment) -> Reddit:
    """Return the connector of one account; nothing is sent yet."""
    return Reddit(env)


class Reddit:
    """The chosen queues of the chosen subreddits by polling; actions as a moderator."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._subreddits = _names(env.settings)
        sources = _sources(env.settings)
        self._session = Session(env)
        self.realm = f"reddit:{self._session.http.origin}"
        env.knocked(self._session.http.origin)
        self._noting = env.settings.get("notes") == "reddit"
        notes = Notes(self._session, env.now, on=self._noting)
        self._intake = Intake(self._session, self._subreddits, sources, notes)
        writing = Writing(self._session, self._intake, notes, env.now, self._name)
        self._acting = Acting(self._session, self._intake, writing, env.now, env.settings)
        poll = env.settings.get("poll")
        self._poll = poll if isinstance(poll, timedelta) else _POLL
        self._who: _Me | None = None
        self.capabilities = capabilities(notes=self._noting)

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what waits for a moderator, and what answers ours, every `poll`."""
        state = load_cursor(cursor, Cursor)
        self._intake.begin()
        await self._name()
        self.capabilities = capabilities(self._session.scopes, notes=self._noting)
        while True:
            yield await self._intake.read(state, await self._reader())
            await self._env.sleep(self._poll.total_seconds())

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return a conversation, or the comments around a post or comment."""
        reader = await self._reader()
        channel = reader.channel(ref.channel)
        conversation = modmail.id_of(ref.subject)
        if conversation is not None:
            one, messages, _ = await self._intake.conversation(conversation)
            return Context(modmail.posts(reader, one, messages), channel)
        items = {item.name: item for item in await self._around(ref)}
        if ref.subject not in items:
            items |= {item.name: item for item in await self._intake.info([ref.subject])}
        posts = [reader.post(item, ref.subject) for item in items.values()]
        return Context(tuple(sorted(posts, key=lambda post: post.created_at)), channel)

    async def _around(self, ref: ThreadRef) -> tuple[Item, ...]:
        link = ref.conversation or ref.subject
        params: dict[str, str | int] = {"limit": _DEPTH, "sort": "confidence"}
        if ref.subject.startswith("t1_"):
            params |= {"comment": ref.subject.removeprefix("t1_"), "context": 8}
        path = f"/comments/{segment(link.partition('_')[2])}"
        try:
            body = await self._session.get(path, params)
        except RejectedByServer as error:
            if error.status not in (403, 404):
                raise
            # Gone, or not for us: what was reported is all there is.
            return ()
        return _flat(body)

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it and return the proof. Reddit knows no keys: a repeat would be a second one."""
        return await self._acting.perform(ref, command)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return await self._acting.find(ref, command, since, taken)

    # who we are
    async def identity(self) -> Identity:
        """Return who we are and what token and permissions allow. Raises Unauthorized."""
        self._who = None
        await self._session.renew()
        name, scopes = await self._name(), self._session.scopes
        held = {one: await self._permissions(one, name) for one in self._subreddits}
        self.capabilities = capabilities(scopes, held, notes=self._noting)
        can, cannot = rights(scopes, held)
        missing = [f"the scope {one}" for one in NEEDED if not has_scope(scopes, one)]
        strange = [f"to be a moderator of r/{one}" for one, ours in held.items() if ours is None]
        wanted = "; ".join((*missing, *strange))
        ask = f"u/{name} needs, to read the queues: {wanted}" if wanted else ""
        role = "moderator" if any(ours is not None for ours in held.values()) else "member"
        return Identity(name, f"u/{name}", role, can, cannot, ask)

    async def _permissions(self, subreddit: str, name: str) -> frozenset[str] | None:
        path = f"/r/{segment(subreddit)}/about/moderators"
        try:
            page = members(await self._session.get(path, {"user": name}))
        except RejectedByServer as error:
            if error.status not in (403, 404):
                raise
            return None
        listed = convert_each(page[0] if page else (), _Moderator, "moderators")[0]
        ours = [one for one in listed if one.name.lower() == name.lower()]
        return frozenset(ours[0].mod_permissions or ()) if ours else None

    async def _name(self) -> str:
        if self._who is None:
            body = await self._session.get("/api/v1/me")
            try:
                self._who = msgspec.convert(body, _Me)
            except msgspec.ValidationError as error:
                where = self._session.http.origin
                raise Rejected(f"{where} does not say who we are: is it Reddit?") from error
        return self._who.name

    async def _reader(self) -> Reader:
        base = _pages(str(self._env.settings["url"]))
        return Reader(base, await self._name(), self._env.staff, self._env.now())

    async def aclose(self) -> None:
        await self._session.aclose()


def _flat(body: Any) -> tuple[Item, ...]:
    """Return the post and the comments of a page, however deep they stand."""
    found: list[Item] = []
    waiting = list(body) if isinstance(body, list) else []
    while waiting:
        page = members(waiting.pop())
        for raw in page[0] if page else ():
            data = raw.get("data") if isinstance(raw, dict) else None
            if not isinstance(data, dict) or raw.get("kind") not in {"t1", "t3"}:
                continue
            found += [thing.data for thing in convert_each([raw], Thing, "comments")[0]]
            waiting.append(data.get("replies"))
    return tuple(found)


def _pages(url: str) -> str:
    """Return where people read what this API tells."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.replace('oauth.', 'www.', 1)}"


def _names(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the subreddits without r/. Raises Rejected where there are none."""
    given = [str(one).strip().removeprefix("/").removeprefix("r/").rstrip("/") for one in
             settings.get("subreddits") or ()]  # fmt: skip
    names = tuple(dict.fromkeys(name for name in given if name))
    if not names:
        raise Rejected('subreddits is empty: name those to follow, as ["askhistory"]')
    return names


def _sources(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is read. Raises Rejected for a source that there is not."""
    given = settings.get("sources") or ("modqueue", "modmail")
    chosen = tuple(dict.fromkeys(str(one) for one in given))
    strange = [one for one in chosen if one not in SOURCES]
    if strange:
        raise Rejected(f'sources: "{strange[0]}" is none of {", ".join(SOURCES)}')
    return chosen
