"""One staff account on a Mastodon server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    Broken,
    CannotTell,
    ConnectorError,
    Context,
    Environment,
    Found,
    Identity,
    Rejected,
    ThreadRef,
)
from modtui.connectors.http import Call, Http, RejectedByServer, segment, site_of
from modtui.connectors.mastodon.acting import ADMIN, API, Acting
from modtui.connectors.mastodon.facts import Reader, Report, Status
from modtui.connectors.mastodon.offers import Role, capabilities, rights
from modtui.connectors.ratelimit import DIALECTS
from modtui.connectors.reading import (
    convert_each,
    dump_cursor,
    links,
    load_cursor,
    named_in,
    subjects_of,
)
from modtui.domain.commands import Command
from modtui.domain.model import Post
from modtui.domain.outbox import Receipt

_POLL = timedelta(minutes=1)
_WHOLE = timedelta(minutes=5)
_PAGE = 200
_MOST_PAGES = 100
_ANSWERS = 40
_FOLLOWED = 7 * 24 * 3600
_MOST_LEFT = 1000
_SILENCE = 25.0
"""The server says something at least every quarter of a minute on a stream that lives."""
_LISTEN_AGAIN = timedelta(minutes=10)


class _Cursor(msgspec.Struct):
    """`seen` maps a report that was told to its mark then; `people` an account to the
    report where its answers belong; `left` a report that is closed to the epoch second; `since`
    is the last notification."""

    seen: dict[str, str] = {}
    people: dict[str, str] = {}
    left: dict[str, int] = {}
    since: str | None = None


class _Me(msgspec.Struct):
    id: str
    acct: str
    role: Role | None = None


class _Mention(msgspec.Struct):
    id: str
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class _Listing:
    """What is open. `whole`: read to the end; what of it could not be read is in `broken`."""

    reports: tuple[Report, ...] = ()
    broken: tuple[Broken, ...] = ()
    whole: bool = True


@dataclass(slots=True)
class _Pace:
    """When the list was last read to its end, how many pages it had, when to listen again."""

    whole_at: datetime | None = None
    pages: int = 1
    listen_at: datetime | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)


def create(env: Environment) -> Mastodon:
    """Return the connector of one account; nothing is sent yet."""
    return Mastodon(env)


class Mastodon:
    """Reports by polling, at once when the server says that there is one; actions as staff."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        token = env.secrets["token"]
        self._http = Http(site_of(env, {"Authorization": ("Bearer ", token)}, DIALECTS["mastodon"]))
        self.realm = f"mastodon:{self._http.origin}"
        env.knocked(self._http.origin)
        self._presets = _presets(env.settings)
        self._acting = Acting(self._http, env.now, self._my_id, self._presets)
        poll = env.settings.get("poll")
        self._poll = poll if isinstance(poll, timedelta) else _POLL
        self._who: _Me | None = None
        self._answers = True
        self.capabilities = capabilities(presets=self._presets)

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield reports and what their authors answer, every `poll` and when woken."""
        state, pace = load_cursor(cursor, _Cursor), _Pace()
        me = await self._me()
        self.capabilities = capabilities(await self._scopes(), me.role, self._presets)
        listener: asyncio.Task[None] | None = None
        try:
            while True:
                if listener is None or listener.done():
                    listener = self._listen(pace)
                yield await self._read(state, pace)
                await self._wait(pace)
        finally:
            if listener is not None:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)

    async def _read(self, state: _Cursor, pace: _Pace) -> Batch:
        listing = await self._list(pace, state.seen)
        reader = await self._reader()
        fresh = [r for r in listing.reports if state.seen.get(r.id) != r.mark]
        for report in fresh:
            state.seen[report.id] = report.mark
            state.people[report.target_account.id] = report.id
        if listing.whole:
            still = subjects_of(listing.broken) | {report.id for report in listing.reports}
            _forget(state, still, int(self._env.now().timestamp()))
        answers, bad = await self._answered(state, reader)
        channels = {channel.remote_id: channel for channel in map(reader.channel, fresh)}
        return Batch(
            cursor=dump_cursor(state),
            channels=tuple(channels.values()),
            threads=tuple(map(reader.thread, fresh)),
            posts=(*(post for report in fresh for post in reader.posts(report)), *answers),
            flags=tuple(map(reader.flag, fresh)),
            open_now=frozenset((r.id, r.id) for r in listing.reports) if listing.whole else None,
            unread=listing.broken,
            broken=(*listing.broken, *bad),
            caught_up=True,
        )

    async def _list(self, pace: _Pace, seen: Collection[str]) -> _Listing:
        """Return the open reports, newest first; all of them every five minutes where they fill
        more than a page, and in between the newest pages, down to one with a report of `seen`."""
        now = self._env.now()
        recent = pace.whole_at is not None and timedelta() <= now - pace.whole_at < _WHOLE
        brief, met = pace.pages > 1 and recent, False
        params, pages = {"limit": _PAGE}, 0
        reports: dict[str, Report] = {}
        bad: list[Broken] = []
        following: str | None = f"{ADMIN}/reports"
        while following is not None and not met and pages < _MOST_PAGES:
            answer = await self._http.send(Call("GET", following, params if not pages else {}))
            if not isinstance(answer.body, list):
                raise Rejected(f"{self._http.origin} gave no list of reports: is it a Mastodon?")
            good, broken = convert_each(answer.body, Report, "admin/reports", _id_of)
            reports |= {report.id: report for report in good}
            met = brief and any(report.id in seen for report in good)
            bad += broken
            pages += 1
            header = answer.headers.get("link", "") if answer.body else ""
            following = links(header, f"{self._http.origin}/").get("next")
        if following is None:
            pace.whole_at, pace.pages = now, pages
        return _Listing(tuple(reports.values()), tuple(bad), following is None)

    async def _answered(
        self, state: _Cursor, reader: Reader
    ) -> tuple[tuple[Post, ...], tuple[Broken, ...]]:
        """Return what people whose reports are followed wrote to us since the last look."""
        if not self._answers:
            return (), ()
        posts: list[Post] = []
        bad: list[Broken] = []
        while True:
            params: dict[str, str | int] = {"types[]": "mention", "limit": _ANSWERS}
            if state.since is None:
                params["limit"] = 1
            else:
                params["min_id"] = state.since
            try:
                page = await self._http.get(f"{API}/notifications", params)
            except RejectedByServer as error:
                if error.status != 403:
                    raise
                # `identity` says that the scope is missing.
                self._answers = False
                return (), ()
            items = page if isinstance(page, list) else []
            mentions, broken = convert_each(items, _Mention, "notifications")
            bad += broken
            first = state.since is None
            # What cannot be read is passed over too, or nothing after it would ever be read.
            numbers = [str(raw.get("id")) for raw in items if isinstance(raw, dict)]
            passed = [one for one in numbers if one.isascii() and one.isdecimal()]
            if passed or isinstance(page, list):
                # Who was never mentioned has read all there is: the first one will be an answer.
                state.since = max((*passed, state.since or "0"), key=int)
            for mention in () if first else mentions:
                status = mention.status
                thread = state.people.get(status.account.id) if status else None
                if status is not None and thread is not None:
                    posts.append(reader.post(status, thread))
            if first or len(items) < _ANSWERS or not passed:
                return tuple(posts), tuple(bad)

    # being woken
    def _listen(self, pace: _Pace) -> asyncio.Task[None] | None:
        now = self._env.now()
        if pace.listen_at is not None and timedelta() < pace.listen_at - now <= _LISTEN_AGAIN:
            return None
        pace.listen_at = now + _LISTEN_AGAIN
        return asyncio.create_task(self._hear(pace.woken))

    async def _hear(self, woken: asyncio.Event) -> None:
        path, lived = f"{API}/streaming/user/notification", False
        try:
            async for line in self._http.lines(Call("GET", path, read_timeout=_SILENCE)):
                lived = True
                if line.startswith("event:"):
                    woken.set()
        except ConnectorError:
            # Polling goes on without it: the stream only makes it sooner. One that lived and fell
            # silent may be the first word of a line that is dead.
            if lived:
                woken.set()

    async def _wait(self, pace: _Pace) -> None:
        sleeping = asyncio.ensure_future(self._env.sleep(self._poll.total_seconds()))
        waking = asyncio.ensure_future(pace.woken.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)
        pace.woken.clear()

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return the reported posts and the conversation of the first of them."""
        report = await self._acting.report(ref.subject)
        reader = await self._reader()
        posts = {post.remote_id: post for post in reader.posts(report)}
        if report.statuses:
            for status in await self._around(report.statuses[0].id):
                posts.setdefault(status.id, reader.post(status, report.id))
        in_order = sorted(posts.values(), key=lambda post: post.created_at)
        return Context(tuple(in_order), reader.channel(report))

    async def _around(self, status_id: str) -> tuple[Status, ...]:
        try:
            body = await self._http.get(f"{API}/statuses/{segment(status_id)}/context")
        except RejectedByServer as error:
            if error.status not in (401, 403, 404, 410):
                raise
            # Gone, or not for us: what was reported is all there is.
            return ()
        told = body if isinstance(body, dict) else {}
        said = [*(told.get("ancestors") or ()), *(told.get("descendants") or ())]
        return convert_each(said, Status, "context")[0]

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        return await self._acting.perform(ref, command, key)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return await self._acting.find(ref, command, since, taken)

    # who we are
    async def identity(self) -> Identity:
        """Return who we are and what role and token allow. Raises Unauthorized."""
        self._who = None
        me, scopes = await self._me(), await self._scopes()
        role = me.role or Role()
        self.capabilities = capabilities(scopes, me.role, self._presets)
        can, cannot = rights(scopes, role)
        missing = [lack for lack in cannot if "Manage Reports" in lack or "read:reports" in lack]
        ask = f"@{me.acct} needs, to see reports: {'; '.join(missing)}" if missing else ""
        return Identity(me.id, f"@{me.acct}", role.name or "member", can, cannot, ask)

    async def _me(self) -> _Me:
        if self._who is None:
            body = await self._http.get(f"{API}/accounts/verify_credentials")
            try:
                self._who = msgspec.convert(body, _Me)
            except msgspec.ValidationError as error:
                raise Rejected(f"what answers at {self._http.origin} is no Mastodon") from error
        return self._who

    async def _my_id(self) -> str:
        return (await self._me()).id

    async def _scopes(self) -> tuple[str, ...] | None:
        """Return the token's scopes; None where the server does not tell (before 4.3)."""
        try:
            body = await self._http.get(f"{API}/apps/verify_credentials")
        except RejectedByServer:
            return None
        scopes = body.get("scopes") if isinstance(body, dict) else None
        return tuple(str(one) for one in scopes) if isinstance(scopes, list) else None

    async def _reader(self) -> Reader:
        me = await self._me()
        base = str(self._env.settings["url"]).rstrip("/")
        host = urlsplit(base).hostname or base
        return Reader(base, host, me.id, self._env.staff, self._env.now())

    async def aclose(self) -> None:
        await self._http.aclose()


def _forget(state: _Cursor, still: Collection[str], now: int) -> None:
    """Drop from the cursor what is over, so that it does not grow for ever. Answers to a report
    that is closed are told for another week."""
    gone = {report: now for report in state.seen if report not in still}
    left = {**gone, **{r: at for r, at in state.left.items() if r not in still}}
    recent = sorted((at, r) for r, at in left.items() if now - at < _FOLLOWED)[-_MOST_LEFT:]
    state.left = {report: at for at, report in recent}
    state.seen = {report: at for report, at in state.seen.items() if report in still}
    followed = {*still, *state.left}
    state.people = {who: report for who, report in state.people.items() if report in followed}


def _id_of(raw: Any) -> str:
    return named_in(raw, "id")


def _presets(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the warning preset of each rule, or name. Raises Rejected for what is no pair."""
    presets = {}
    for pair in settings.get("warning_presets") or ():
        rule, equals, preset = str(pair).partition("=")
        if not equals or not preset.strip().isdigit():
            raise Rejected(f'warning_presets: "{pair}" is not a rule and a number, as "spam=3"')
        presets[rule.strip()] = preset.strip()
    return presets
