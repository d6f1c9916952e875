"""One bot on one Discord server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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
from modtui.connectors.discord import SCHEMA
from modtui.connectors.discord.acting import Acting
from modtui.connectors.discord.api import Api, lasting
from modtui.connectors.discord.catchup import CatchUp
from modtui.connectors.discord.facts import (
    Message,
    Reader,
    Target,
    alert_text,
    number,
    snowflake_at,
    stamp,
)
from modtui.connectors.discord.gateway import (
    AUTOMOD,
    CONTENT,
    GUILDS,
    MESSAGES,
    REACTIONS,
    Event,
    Gateway,
    Line,
    Session,
)
from modtui.connectors.discord.intake import Intake
from modtui.connectors.discord.joining import (
    DOOR,
    EVENTS,
    FEATURE,
    JOIN,
    Joining,
    read_request,
)
from modtui.connectors.discord.offers import (
    CONTENT_FLAGS,
    Door,
    able,
    capabilities,
    has,
    rights,
    to_ask_for,
)
from modtui.connectors.discord.people import ADMINISTRATOR, KICK, People
from modtui.connectors.discord.places import granted
from modtui.connectors.discord.restraining import Restraining
from modtui.connectors.discord.sending import Sender
from modtui.connectors.discord.state import Sources, State
from modtui.connectors.gathered import Gathered
from modtui.connectors.http import Http, RejectedByServer, site_of
from modtui.connectors.ratelimit import DIALECTS
from modtui.connectors.reading import convert_each, load_cursor
from modtui.connectors.socket import dialer, masking
from modtui.domain.commands import Command
from modtui.domain.outbox import Receipt
from modtui.domain.secret import Redactor

_POLL = timedelta(minutes=1)
_AROUND = 50
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
_IDS = ("guild", "report_channel", "alert_channel", "forum_channel")


@dataclass(slots=True)
class _Tries:
    """When the gateway is entered next, and how long is waited after another failure."""

    wait: timedelta
    again_at: datetime


def create(env: Environment) -> Discord:
    """Return the connector of one account; nothing is sent yet. Raises Rejected for an id that is
    none."""
    return Discord(env)


class Discord:
    """Work by the gateway, what it missed by REST; actions as a bot."""

    def __init__(self, env: Environment) -> None:
        url = env.settings.get("url") or SCHEMA.default_url
        self._env = env = replace(env, settings={**env.settings, "url": url})
        token = env.secrets["token"]
        http = Http(site_of(env, {"Authorization": ("Bot ", token)}, DIALECTS["discord"]))
        self._api = Api(http, env.now)
        self._sources = _sources(env)
        self.realm = f"discord:{self._sources.guild}"
        guild, roles = self._sources.guild, env.settings.get("staff_roles") or ()
        self._people = People(self._api, guild, env.staff, roles)
        sender = Sender(self._api, self._people, guild, env.now)
        restraining = Restraining(self._api, guild, env.now, self._my_id)
        self._acting = Acting(self._api, sender, restraining, self._sources, env.now)
        poll = env.settings.get("poll")
        self._poll = poll if isinstance(poll, timedelta) else _POLL
        self.capabilities = capabilities()

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is missed, then what happens; while the gateway is down, what a look by REST
        finds, every `poll`."""
        state = load_cursor(cursor, State)
        door = await self._enter()
        intake = Intake(self._api, self._people, self._sources, state)
        joining = Joining(self._api, self._sources.guild, self._env.now) if door else None
        catch_up = CatchUp(self._api, intake, joining)
        session = Session(state.session, state.resume, state.seq)
        gateway = Gateway(self._api, self._line(), session)
        tries = _Tries(_FIRST_WAIT, self._env.now())
        async for batch in catch_up.read(await self._reader()):
            yield batch
        looked = True
        try:
            while True:
                resumed = not gateway.live and await self._enter_gateway(gateway, tries)
                if looked and not gateway.live:
                    async for batch in self._till_polled(intake, catch_up):
                        yield batch
                if resumed:
                    yield Gathered().batch(intake.state, caught_up=catch_up.done)
                else:
                    async for batch in catch_up.read(await self._reader()):
                        yield batch
                # What a line that is lost leaves untold is looked for at once, and then at times.
                looked = not gateway.live
                async for batch in self._live(gateway, intake, catch_up):
                    yield batch
                if not looked:
                    catch_up.missed()
                gateway.check()
        finally:
            await gateway.aclose()

    async def _enter_gateway(self, gateway: Gateway, tries: _Tries) -> bool:
        """Connect, if it is time for that; return whether the session went on."""
        if self._env.now() < tries.again_at:
            return False
        try:
            with self._env.watch.asked():
                resumed = await gateway.connect()
        except Retryable as error:
            pause = max(tries.wait, error.retry_after or timedelta())
            tries.again_at = self._env.now() + pause
            tries.wait = min(tries.wait * 2, _LONGEST_WAIT)
            if isinstance(error, RateLimited):
                self._env.watch.slows(pause.total_seconds(), str(error))
            return False
        tries.wait = _FIRST_WAIT
        self._env.watch.slows(0, "")
        return resumed

    async def _till_polled(self, intake: Intake, catch_up: CatchUp) -> AsyncIterator[Batch]:
        """Wait for the next look, and read meanwhile what is behind."""
        again_at = self._env.now() + self._poll
        while not catch_up.done and self._env.now() < again_at:
            into = Gathered()
            await catch_up.go_on(await self._reader(), into)
            yield into.batch(intake.state, caught_up=catch_up.done)
        await self._env.sleep(max((again_at - self._env.now()).total_seconds(), 0))

    async def _live(
        self, gateway: Gateway, intake: Intake, catch_up: CatchUp
    ) -> AsyncIterator[Batch]:
        """Yield what the gateway tells until the line is lost, what is behind in between, and every
        `poll` a word that it stands, with who asks to join: bots are not sure to be told of that.
        """
        look_at = self._env.now() + self._poll
        while gateway.live or not gateway.events.empty():
            event = None
            if catch_up.done or not gateway.events.empty():
                event = await self._next(gateway, look_at - self._env.now())
            into, reader = Gathered(), await self._reader()
            asks = due = gateway.live and self._env.now() >= look_at
            behind = not catch_up.done
            while event is not None:
                await self._take(event, intake, reader, into)
                # Where the session stood with this event: a restart goes on from here.
                intake.state.seq, asks = event.seq, asks or event.name in EVENTS
                event = None if gateway.events.empty() else gateway.events.get_nowait()
            if asks:
                await catch_up.door(reader, into)
                look_at = self._env.now() + self._poll
            if gateway.live:
                await catch_up.go_on(reader, into)
            session = gateway.session
            intake.state.session, intake.state.resume = session.id, session.url
            if due or behind or not into.empty:
                yield into.batch(intake.state, caught_up=catch_up.done)

    async def _next(self, gateway: Gateway, waits: timedelta) -> Event | None:
        """Return the next event; None when the line is lost, or when `waits` is over."""
        if not gateway.events.empty():
            return await gateway.events.get()
        getting = asyncio.ensure_future(gateway.events.get())
        sleeping = asyncio.ensure_future(self._env.sleep(max(waits.total_seconds(), 0)))
        try:
            await asyncio.wait({getting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
            return getting.result() if getting.done() else None
        finally:
            getting.cancel()
            sleeping.cancel()
            await asyncio.gather(getting, sleeping, return_exceptions=True)

    async def _take(self, event: Event, intake: Intake, reader: Reader, into: Gathered) -> None:
        data = event.data if isinstance(event.data, dict) else {}
        channel = str(data.get("channel_id"))
        match event.name:
            case "MESSAGE_CREATE":
                await intake.message(event.data, reader, into)
            case "MESSAGE_UPDATE":
                intake.edited(event.data, reader, into)
            case "MESSAGE_DELETE":
                intake.deleted(channel, (str(data.get("id")),), into)
            case "MESSAGE_DELETE_BULK":
                ids = data.get("ids")
                intake.deleted(channel, map(str, ids if isinstance(ids, list) else ()), into)
            case "AUTO_MODERATION_ACTION_EXECUTION":
                await intake.caught(event.data, reader, into)
            case "MESSAGE_REACTION_ADD":
                await intake.reaction(event.data, reader, into)
            case "CHANNEL_UPDATE" | "THREAD_UPDATE":
                intake.changed(event.data, reader, into)

    def _line(self) -> Line:
        intents = GUILDS | MESSAGES | CONTENT | AUTOMOD
        if self._sources.reaction:
            intents |= REACTIONS
        env = self._env
        opened = env.dial or dialer(env.settings.get("ca_file") or None)
        token = env.secrets["token"]
        dial = masking(opened, Redactor([token]))
        return Line(dial, token, intents, env.now, env.sleep, env.watch)

    async def _enter(self) -> bool:
        """Learn what the bot may do; return whether it may decide who joins."""
        self._people.forget()
        me = await self._people.me()
        bits, door = await self._people.permissions(me.id), await self._has_door()
        channels = await granted(self._api, self._people, self._sources)
        self.capabilities = capabilities(able(bits, channels), door=door)
        return door and has(bits, KICK)

    async def _has_door(self) -> bool:
        return FEATURE in (await self._people.guild()).features

    async def _my_id(self) -> str:
        return (await self._people.me()).id

    async def _reader(self) -> Reader:
        me = await self._people.me()
        people = self._people
        return Reader(self._sources.guild, me.id, self._env.now(), people.is_staff)

    # one thread
    async def context(self, ref: ThreadRef) -> Context:
        """Return the messages around the subject, and its channel."""
        await self._people.guild()
        reader = await self._reader()
        if ref.subject.startswith(JOIN):
            asks = await self._acting.joining.find(ref.subject)
            return Context((read_request(asks, reader)[1],) if asks else (), DOOR)
        if not number(ref.channel):
            return Context(())
        around = ref.subject if number(ref.subject) else snowflake_at(self._env.now())
        params: dict[str, str | int] = {"around": around, "limit": _AROUND}
        body = await self._api.get(f"/channels/{ref.channel}/messages", params)
        messages = convert_each(body if isinstance(body, list) else [], Message, "around")[0]
        intake = Intake(self._api, self._people, self._sources, State())
        for author in {one.author.id for one in messages if not one.author.bot}:
            await self._people.roles(author)
        posts = [reader.post(m, ref.subject, subject=m.id == ref.subject) for m in messages]
        if not any(post.is_subject for post in posts) and self._sources.alert:
            alert = await intake.fetch(Target(self._sources.alert, ref.subject))
            if alert is not None:
                at = stamp(alert.id, self._env.now())
                posts.append(reader.quoted(ref.subject, alert.author, alert_text(alert), at))
        place = await intake.place(ref.channel)
        in_order = sorted(posts, key=lambda post: (post.created_at, number(post.remote_id)))
        return Context(tuple(in_order), reader.channel(place))

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        return await self._acting.perform(ref, command, key)

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        return await self._acting.find(ref, command, since, taken)

    # who we are
    async def identity(self) -> Identity:
        """Return who the bot is and what its roles and channels allow. Raises Unauthorized."""
        self._people.forget()
        me = await self._people.me()
        bits = await self._people.permissions(me.id)
        door = Door(await self._has_door(), await self._content())
        channels = await granted(self._api, self._people, self._sources)
        self.capabilities = capabilities(able(bits, channels), door=door.asks)
        can, cannot = rights(bits, channels, door)
        guild, lacks = await self._people.guild(), to_ask_for(bits, channels, door)
        named = f"@{me.username or me.id}"
        ask = f"{named} needs on {guild.name or guild.id}: {', '.join(lacks)}" if lacks else ""
        role = "administrator" if bits & ADMINISTRATOR else "bot"
        return Identity(me.id, named, role, tuple(can), tuple(cannot), ask)

    async def _content(self) -> bool | None:
        """Return whether the bot is told what messages say; None where Discord does not tell."""
        try:
            body = await self._api.get("/applications/@me")
        except RejectedByServer as error:
            if not lasting(error):
                raise
            return None
        flags = body.get("flags") if isinstance(body, dict) else None
        return bool(flags & CONTENT_FLAGS) if isinstance(flags, int) else None

    async def aclose(self) -> None:
        await self._api.aclose()


def _sources(env: Environment) -> Sources:
    """Return where work comes from. Raises Rejected for an id that is none."""
    said: dict[str, str] = {name: str(env.settings.get(name) or "").strip() for name in _IDS}
    for name, value in said.items():
        if (value or name == "guild") and not number(value):
            raise Rejected(f'{name}: "{value}" is not an id, a long number (Copy ID in Discord)')
    reaction = str(env.settings.get("report_reaction") or "").strip()
    guild, report, alert, forum = (said[name] for name in _IDS)
    return Sources(guild, report, alert, forum, reaction)
