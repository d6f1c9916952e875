"""One moderator of a labeler that runs Ozone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Context,
    Environment,
    Found,
    Identity,
    ThreadRef,
)
from modtui.connectors.http import RejectedByServer
from modtui.connectors.ozone.acting import Acting
from modtui.connectors.ozone.facts import POST, Reader, Repo, Status, Work
from modtui.connectors.ozone.intake import Intake, Listing
from modtui.connectors.ozone.offers import capabilities, rights, role_of
from modtui.connectors.ozone.session import Params, Session, is_unknown
from modtui.connectors.reading import dump_cursor, iso_text, load_cursor
from modtui.domain.commands import Command
from modtui.domain.model import Flag, Post, Remark, Thread
from modtui.domain.outbox import Receipt

_POLL = timedelta(minutes=1)
_AT_ONCE = 50
_NOTED = timedelta(days=7)
_PROFILE = "app.bsky.actor.profile"


class _Seen(msgspec.Struct, array_like=True):
    """A subject as it was told: how it stood, its open reports, who works on it, in which queue."""

    mark: str
    flags: list[str]
    holder: str = ""
    queue: str = ""

    @property
    def work(self) -> Work:
        """What was told of the work on it."""
        return Work(self.holder, self.queue)


class _Cursor(msgspec.Struct):
    """`noted`: the time and the number of the last comment that was told."""

    seen: dict[str, _Seen] = {}
    noted: tuple[str, int] | None = None


def create(env: Environment) -> Ozone:
    """Return the connector of one account; nothing is sent yet."""
    return Ozone(env)


class Ozone:
    """Reported subjects by polling; actions as events of the moderator."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._session = Session(env)
        self.realm = f"ozone:{self._session.labeler}"
        env.knocked(self._session.http.origin)
        self._intake = Intake(self._session, env.now)
        self._told: set[str] = set()
        self._acting = Acting(self._session, self._intake, self._told, env.settings)
        poll = env.settings.get("poll")
        self._poll = poll if isinstance(poll, timedelta) else _POLL
        self._role: str | None = None
        self._templates: tuple[str, ...] = ()
        self._notes = env.settings.get("notes") == "ozone"
        self.capabilities = capabilities(notes=self._notes)

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is reported, and what became of it, every `poll`."""
        state = load_cursor(cursor, _Cursor)
        self._intake.begin()
        while True:
            async for batch in self._look(state):
                yield batch
            await self._env.sleep(self._poll.total_seconds())

    async def _look(self, state: _Cursor) -> AsyncIterator[Batch]:
        listing = await self._intake.read()
        if self._intake.has_reports is False:
            self.capabilities = capabilities(
                self._role, reports=False, notes=self._notes, templates=self._templates
            )
        reader, me = await self._reader(), (await self._session.who()).did
        fresh: list[tuple[Status, Work]] = []
        for status in listing.statuses:
            seen = state.seen.get(status.subject.name)
            work = _work(listing, status, me, seen)
            if seen is None or (seen.mark, seen.work) != (status.mark, work):
                fresh.append((status, work))
        if listing.whole:
            still = {status.subject.name for status in listing.statuses}
            state.seen = {name: seen for name, seen in state.seen.items() if name in still}
            self._told.clear()
        self._told.update(status.subject.name for status in listing.statuses)
        for some in _parts(fresh):
            last = not fresh or some[-1] is fresh[-1]
            batch = await self._tell(some, state, reader, listing if last else None)
            if last and self._notes:
                remarks = await self._remarks(state, reader)
                batch = replace(batch, remarks=remarks, cursor=dump_cursor(state))
            yield batch

    async def _tell(
        self,
        some: list[tuple[Status, Work]],
        state: _Cursor,
        reader: Reader,
        listing: Listing | None,
    ) -> Batch:
        """Return what is new of `some`; with the last of them the `listing` they are of."""
        threads: list[Thread] = []
        posts: list[Post] = []
        flags: list[Flag] = []
        names = [status.subject.name for status, _ in some]
        records = await self._intake.records([name for name in names if name.startswith("at://")])
        for status, work in some:
            name = status.subject.name
            seen = state.seen.get(name)
            known = set(seen.flags) if seen else set()
            record = records.get(name)
            value: Mapping[str, Any] = record.value if record else {}
            post = reader.record(record, name) if record else await self._account(status, reader)
            reports, readable = await self._intake.events(name, known)
            every = reader.flags(status, reports)
            posts.append(post)
            threads.append(reader.thread(status, post, value, work))
            flags += [flag for flag in every if flag.key not in known]
            kept = known if reports and known & {flag.key for flag in every} else set()
            keys = sorted({flag.key for flag in every} | kept)
            # What could not be read is asked for again at the next look.
            state.seen[name] = _Seen(status.mark if readable else "", keys, *work)
        channels = {reader.channel(name).remote_id: reader.channel(name) for name in names}
        return Batch(
            cursor=dump_cursor(state),
            channels=tuple(channels.values()),
            threads=tuple(threads),
            posts=tuple(posts),
            flags=tuple(flags),
            open_now=_open_now(state, listing) if listing and listing.whole else None,
            unread=listing.broken if listing else (),
            broken=listing.broken if listing else (),
            caught_up=listing is not None,
        )

    async def _remarks(self, state: _Cursor, reader: Reader) -> tuple[Remark, ...]:
        """Return what other moderators noted since the last look; at first since a week."""
        since, after = state.noted or (iso_text(self._env.now() - _NOTED), 0)
        comments = await self._intake.comments(since, after)
        if comments:
            state.noted = comments[-1].created_at, max(one.id for one in comments)
        else:
            state.noted = state.noted or (since, after)
        return tuple(reader.remark(one) for one in comments)

    async def _account(self, status: Status, reader: Reader) -> Post:
        """Return an account as a post; what stands for it, or for a record, that is gone."""
        name = status.subject.name
        repo = await self._intake.repo(name) if name.startswith("did:") else None
        return reader.gone(status) if repo is None else reader.account(repo, _profile(repo))

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return the conversation around a post as the app shows it; of what the app does not
        show, what Ozone keeps."""
        reader = await self._reader()
        posts: dict[str, Post] = {}
        if f"/{POST}/" in ref.subject:
            for view in _views(await self._conversation(ref.subject)):
                found = reader.view(view, ref.subject)
                if found is not None:
                    posts[found.remote_id] = found
        if ref.subject not in posts:
            own = await self._own(ref.subject, reader)
            if own is not None:
                posts[own.remote_id] = own
        in_order = sorted(posts.values(), key=lambda post: post.created_at)
        return Context(tuple(in_order), reader.channel(ref.subject))

    async def _own(self, subject: str, reader: Reader) -> Post | None:
        if subject.startswith("did:"):
            repo = await self._intake.repo(subject)
            return reader.account(repo, _profile(repo)) if repo else None
        record = await self._intake.record(subject)
        if record is not None:
            return reader.record(record, subject)
        status = await self._intake.status(subject)
        return reader.gone(status) if status else None

    async def _conversation(self, uri: str) -> Any:
        params: Params = {"uri": uri, "depth": 6, "parentHeight": 40}
        try:
            body = await self._session.ask("app.bsky.feed.getPostThread", params, labeler=False)
        except RejectedByServer as error:
            if error.status not in (400, 404, 501):
                raise
            # Taken down, deleted, or the server knows no app: Ozone's own view is enough.
            return None
        return body.get("thread") if isinstance(body, dict) else None

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        return await self._acting.perform(ref, command, key, self._env.now())

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return await self._acting.find(ref, command, since, taken)

    # who we are
    async def identity(self) -> Identity:
        """Return who we are and what our role in Ozone allows. Raises Unauthorized."""
        me = await self._session.log_in()
        role = await self._my_role()
        self._role = role
        reports = bool(role) and await self._intake.reports("assigned") is not None
        self._templates = await self._acting.templates() if role else ()
        self.capabilities = capabilities(
            role, reports=reports, notes=self._notes, templates=self._templates
        )
        can, cannot = rights(role)
        name = f"@{me.handle}" if me.handle else me.did
        labeler = self._session.labeler
        ask = "" if role else f"{name} ({me.did}) needs to be a moderator of the labeler {labeler}"
        return Identity(me.did, name, role or "none", can, cannot, ask)

    async def _my_role(self) -> str:
        try:
            body = await self._session.ask("tools.ozone.server.getConfig")
        except RejectedByServer as error:
            if not is_unknown(error):
                raise
            return "moderator"
        viewer = body.get("viewer") if isinstance(body, dict) else None
        told = viewer.get("role") if isinstance(viewer, dict) else None
        return role_of(told) if isinstance(told, str) else ""

    async def _reader(self) -> Reader:
        return Reader((await self._session.who()).did, self._env.staff, self._env.now())

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._session.aclose()


def _parts(fresh: list[tuple[Status, Work]]) -> Iterator[list[tuple[Status, Work]]]:
    yield from (fresh[at : at + _AT_ONCE] for at in range(0, len(fresh) or 1, _AT_ONCE))


def _work(listing: Listing, status: Status, me: str, seen: _Seen | None) -> Work:
    """Return who else works on it and its queue; as it was told where that was not read."""
    told, name = seen.work if seen else Work(), status.subject.name
    queue = listing.queues.get(name, told.queue)
    if listing.holders is None:
        return told._replace(queue=queue)
    did, handle = listing.holders.get(name, ("", ""))
    if not did or did == me:
        return Work("", queue)
    return Work(f"@{handle}" if handle else did, queue)


def _open_now(state: _Cursor, listing: Listing) -> frozenset[tuple[str, str]]:
    names = [status.subject.name for status in listing.statuses]
    return frozenset((name, key) for name in names for key in state.seen[name].flags)


def _profile(repo: Repo) -> Mapping[str, Any]:
    """Return what an account says of itself; its handle where that is nothing."""
    for record in repo.related_records:
        if isinstance(record, dict) and record.get("$type") == _PROFILE:
            return record
    return {"text": f"@{repo.handle}"}


def _views(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the posts of a thread view (app.bsky.feed.defs#threadViewPost): above, it, below."""
    waiting, done = [node], 0
    while waiting and done < 2000:
        one = waiting.pop()
        done += 1
        if not isinstance(one, dict):
            continue
        if isinstance(one.get("post"), dict):
            yield one["post"]
        waiting.append(one.get("parent"))
        replies = one.get("replies")
        waiting += replies if isinstance(replies, list) else []
