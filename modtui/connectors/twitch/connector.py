"""One moderator's account on one Twitch channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Context,
    Environment,
    Found,
    Identity,
    RateLimited,
    Rejected,
    Retryable,
    ThreadRef,
)
from modtui.connectors.gathered import Gathered
from modtui.connectors.http import RejectedByServer
from modtui.connectors.reading import broken, load_cursor
from modtui.connectors.socket import dialer, in_time, masking
from modtui.connectors.twitch.acting import Acting
from modtui.connectors.twitch.eventsub import EventSub, Line
from modtui.connectors.twitch.facts import UNBAN, Place, Reader
from modtui.connectors.twitch.helix import REFUSED, Helix
from modtui.connectors.twitch.intake import Intake
from modtui.connectors.twitch.offers import SOURCES, allows, capabilities, rights
from modtui.connectors.twitch.session import Session
from modtui.connectors.twitch.state import Decisions, State
from modtui.domain.commands import Command, Reply, Sanction
from modtui.domain.outbox import Receipt

DEFAULT_EVENTSUB = "wss://eventsub.wss.twitch.tv/ws"
_TICK = timedelta(minutes=1)
_SHORTLIVED = timedelta(minutes=1)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
_MOST_ASKED = 5
_UNSEEN = "what AutoMod holds meanwhile is not seen"


def create(env: Environment) -> Twitch:
    """Return the connector of one account; nothing is sent yet. Raises Rejected for settings that
    cannot be."""
    return Twitch(env)


class Twitch:
    """Work by EventSub; unban requests are also listed; actions as a moderator."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        named = str(env.settings.get("broadcaster") or "").strip().lstrip("@#").lower()
        if not (named.isascii() and named.replace("_", "").isalnum()):
            raise Rejected("broadcaster is the channel's login, as in twitch.tv/LOGIN, or its id")
        self.realm = f"twitch:{named}"
        self._session = Session(env)
        self._helix = Helix(self._session, named)
        self._decisions = Decisions()
        self._intake: Intake | None = None
        self._acting = Acting(self._helix, self._decisions, env.now)
        self._line = EventSub(
            Line(
                str(env.settings.get("eventsub_url") or DEFAULT_EVENTSUB),
                masking(
                    env.dial or dialer(env.settings.get("ca_file") or None),
                    self._session.http.masked,
                ),
                env.sleep,
                self._helix.subscribe,
                env.watch,
            )
        )
        self._wait = timedelta()
        self.capabilities = capabilities()

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the unban requests that are open, then what happens, and a word every minute that
        the line stands. Raises Retryable while it does not: held messages are told by it alone."""
        intake = await self._enter(load_cursor(cursor, State))
        # After a line that failed nobody is told that all is seen, though this much can be read.
        seeing = not self._wait
        async for batch in self._list(intake):
            yield replace(batch, caught_up=batch.caught_up and seeing)
        try:
            while True:
                begun = await self._connect()
                # What came before the subscriptions is listed only now, so that nothing falls
                # between the two.
                into = Gathered()
                intake.gap(begun, into)
                if not into.empty:
                    yield into.batch(intake.state, caught_up=False)
                async for batch in self._list(intake):
                    yield batch
                async for batch in self._live(intake):
                    yield batch
                self._line.check()
                if self._env.now() - begun < _SHORTLIVED:
                    self._wait = self._longer()
                    raise Retryable(f"{self._line.lost}: {_UNSEEN}", self._wait)
                self._wait = timedelta()
        finally:
            await self._line.aclose()

    async def _connect(self) -> datetime:
        try:
            with self._env.watch.asked():
                await self._line.connect()
        except Retryable as error:
            self._wait = max(self._longer(), error.retry_after or timedelta())
            kind = RateLimited if isinstance(error, RateLimited) else Retryable
            raise kind(f"{error}: {_UNSEEN}", self._wait) from error
        return self._env.now()

    def _longer(self) -> timedelta:
        return min(max(self._wait * 2, _FIRST_WAIT), _LONGEST_WAIT)

    async def _enter(self, state: State) -> Intake:
        scopes, ids = await self._helix.scopes(), await self._helix.ids()
        own = ids["broadcaster_id"] == ids["moderator_id"]
        self.capabilities = capabilities(scopes, own=own)
        if not any(allows(scopes, right) for right in SOURCES):
            needed = ", ".join(right.named for right in SOURCES)
            raise Rejected(f"the token has none of the scopes that tell of work: {needed}")
        before = self._intake.recent if self._intake is not None else None
        self._intake = Intake(state, await self._helix.place(), self._decisions)
        if before is not None:
            self._intake.recent = before
        return self._intake

    async def _list(self, intake: Intake) -> AsyncIterator[Batch]:
        """Yield a batch for each page of the open unban requests, and how the channel stands; the
        last one is caught up."""
        into = Gathered()
        intake.stands(await self._helix.standing(), into)
        if not await self._helix.lists_unbans():
            yield into.batch(intake.state, caught_up=True)
            return
        keys: list[str] = []
        async for page in self._helix.unban_requests("pending"):
            reader = await self._reader(intake.place)
            for raw in page:
                try:
                    keys.append(intake.unban(raw, reader, into))
                except msgspec.ValidationError as error:
                    key = intake.unban_key(raw)
                    into.broken.append(broken("unban_requests", str(error), raw, key))
                    keys.append(key)
            if len(into.flags) or into.broken:
                yield into.batch(intake.state, caught_up=False)
                into = Gathered()
        if "" in keys:
            keys += await self._hidden(intake.unlisted(keys), into)
        intake.listed(keys, into)
        yield into.batch(intake.state, caught_up=True)

    async def _hidden(self, unlisted: Mapping[str, str], into: Gathered) -> list[str]:
        """Return which of the requests that are not listed may be a row that names none: those
        whose author has any in a list of their own, and those that were not asked about."""
        hidden = []
        for number, (key, user) in enumerate(unlisted.items()):
            pages = self._helix.unban_requests("pending", user) if number < _MOST_ASKED else None
            if pages is None or any([page async for page in pages]):
                hidden.append(key)
        if hidden:
            why = f"it names no request: {len(hidden)} that left the list may be it, and stay open"
            into.broken.append(broken("unban_requests", why, hidden))
        return hidden

    async def _live(self, intake: Intake) -> AsyncIterator[Batch]:
        """Yield what EventSub tells until the line is lost."""
        line = self._line
        while line.live or not line.events.empty():
            into, event = Gathered(), None
            try:
                event = await in_time(
                    line.events.get(), _TICK.total_seconds(), self._env.sleep, "quiet"
                )
            except Retryable:
                # A quiet minute. The token is looked at every hour, and with it who we are.
                await self._session.holder()
            reader = await self._reader(intake.place)
            while event is not None:
                intake.take(event, reader, into)
                event = None if line.events.empty() else line.events.get_nowait()
            if line.live:
                intake.state.line_at = self._env.now().timestamp()
            if line.live or not into.empty:
                yield into.batch(intake.state, caught_up=True)

    async def _reader(self, place: Place) -> Reader:
        me = (await self._session.holder()).user_id
        return Reader(place, self._env.staff | {me}, self._env.now())

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return what this process was told of a thread, and the channel. Twitch keeps no chat
        that could be read; an unban request is read anew."""
        place = await self._helix.standing()
        posts = self._intake.posts(ref.subject) if self._intake is not None else ()
        if ref.subject.startswith(UNBAN) and not posts and await self._helix.lists_unbans():
            into = Gathered()
            await self._request(ref, Intake(State(), place, self._decisions), into)
            posts = tuple(post for post in into.posts if post.thread == ref.subject)
        return Context(posts, place.channel())

    async def _request(self, ref: ThreadRef, intake: Intake, into: Gathered) -> None:
        reader = await self._reader(intake.place)
        async for page in self._helix.unban_requests("pending", ref.author):
            for raw in page:
                try:
                    intake.unban(raw, reader, into)
                except msgspec.ValidationError as error:
                    into.broken.append(broken("unban_requests", str(error), raw))

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it and return the proof. Twitch knows no keys: a repeat would be a second one."""
        return await self._acting.perform(ref, command)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Say that nobody can look: Twitch keeps neither chat nor warnings to read back."""
        if isinstance(command, Reply | Sanction):
            return CannotTell("Twitch keeps no list of what was said or warned: look in the chat")
        return CannotTell("it sets a state: doing it again is harmless")

    # who we are
    async def identity(self) -> Identity:
        """Return whose token it is, what its scopes allow, and whether we moderate the channel.
        Raises Unauthorized."""
        holder = await self._session.holder(anew=True)
        scopes, place = frozenset(holder.scopes or ()), await self._helix.place()
        self.capabilities = capabilities(scopes, own=holder.user_id == place.id)
        can, cannot = rights(scopes)
        lacks = [f"the scope {right.named}" for right in SOURCES if not allows(scopes, right)]
        role = "broadcaster" if holder.user_id == place.id else "moderator"
        refused = await self._refused()
        if refused:
            role = "viewer"
            cannot = (f"moderate #{place.login} ({refused})", *cannot)
            lacks.insert(0, f"to be a moderator of #{place.login} (/mod {holder.login})")
        ask = f"{holder.login} needs on #{place.login}: {'; '.join(lacks)}" if lacks else ""
        return Identity(holder.user_id, holder.login, role, can, cannot, ask)

    async def _refused(self) -> str:
        """Return why we may not moderate, by the one list that asks for it; "" where we may, or
        where the token cannot list."""
        if not await self._helix.lists_unbans():
            return ""
        try:
            async for _ in self._helix.unban_requests("pending"):
                break
        except RejectedByServer as error:
            if error.status not in REFUSED:
                raise
            return str(error)
        return ""

    async def aclose(self) -> None:
        await self._line.aclose()
        await self._session.aclose()
