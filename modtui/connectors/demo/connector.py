"""The line to the pretend community: in process, no network.

The community ends with its connector. A later one lays it out again from the cursor: threads,
posts and channel restrictions are the same, while other acts are remembered by the store alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

from modtui.connectors import (
    Absent,
    Batch,
    CannotTell,
    Capabilities,
    Connector,
    Context,
    Environment,
    Found,
    Identity,
    RateLimited,
    Rejected,
    Retryable,
    ThreadRef,
    Unknown,
    Unsupported,
)
from modtui.connectors.demo.cursor import Cursor, load
from modtui.connectors.demo.facts import US, Plan
from modtui.connectors.demo.profiles import PROFILES
from modtui.connectors.demo.world import News, World
from modtui.domain.commands import Command, Escalate, HandOver, Reply, Sanction, SetSlowMode, needs
from modtui.domain.frozen import dataclass
from modtui.domain.outbox import Receipt

_BATCH = 500
_LONGEST_WAIT = 1.0
_SIGN_OF_LIFE = timedelta(seconds=15)
_ABSENCE = timedelta(hours=1)
_RUN = timedelta(minutes=10)
_SLICE = 20
"""So many threads are made up in a row: some two milliseconds in which no key is heard."""

_TURNS = 6
"""So many turns the event loop has from one such row to the next: a key needs several until it is
painted, and would wait for a row in each."""

_SKEW = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Done:
    """One command that was executed: the log from which a community is laid out again."""

    at: datetime
    subject: str
    command: Command
    token: str
    receipt: Receipt


class Demo:
    """One account in the pretend community."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._profile = str(env.settings.get("profile", "forum"))
        self._scene = str(env.settings.get("scene", "mixed"))
        self._seed = int(env.settings.get("seed", 1))
        self._threads = int(env.settings.get("threads", 14))
        self._rate = float(env.settings.get("rate", 4))
        self._faults = float(env.settings.get("faults", 0))
        self.realm = f"demo:{env.account}"
        self.capabilities: Capabilities = PROFILES[self._profile]
        self._world: World | None = None
        self._laid_out: Cursor | None = None
        self._log: list[Done] = []
        self._tries: Counter[str] = Counter()
        self._by_key: dict[str, Receipt] = {}

    async def updates(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the opening queue, then what happens, as it happens."""
        # A cursor that nobody wrote: beginning again repeats, and loses nothing.
        at = (load(cursor, self._env.now()) if cursor else None) or self._begin()
        world = await self._lay_out(at)
        at = replace(at, start=world.plan.start, woke_at=world.plan.woke_at)
        while at.at is None:
            batch, at = await self._opening(world, at)
            yield batch
        told_at = None
        while True:
            now = self._env.now()
            await self._catch_up(world, now)
            news = world.take()
            if news or told_at is None or now - told_at >= _SIGN_OF_LIFE:
                at = replace(at, channels=tuple(world.channels.values()))
                while len(news) > _BATCH:
                    part, news = news[:_BATCH], news[_BATCH:]
                    yield _batch(part, replace(at, at=part[-1].at), more=True)
                at = replace(at, at=world.now)
                yield _batch(news, at)
                told_at = now
            await self._env.sleep(self._wait(world))

    def _wait(self, world: World) -> float:
        due = world.next_at()
        wait = (due - self._env.now()).total_seconds() if due else _LONGEST_WAIT
        return min(max(wait, 0.05), _LONGEST_WAIT)

    def _begin(self) -> Cursor:
        if self._laid_out is not None:
            return replace(self._laid_out, backlog=0, at=None)
        now = self._env.now()
        return Cursor(start=now, woke_at=now)

    async def _lay_out(self, cursor: Cursor) -> World:
        """Return the community as it stood at `cursor`, with all that was done in it since.

        After a long absence it wakes now: nothing happened while nobody watched.
        """
        told = cursor.at or cursor.start
        if self._laid_out is None:
            if cursor.at is not None and self._env.now() - told > _ABSENCE:
                told = self._env.now()
                cursor = replace(cursor, woke_at=told)
            self._laid_out = cursor
        world = self._world = self._new_world(self._laid_out)
        for done in self._log:
            from modtui.connectors.demo.acts import act

            await self._catch_up(world, done.at)
            act(world, done.subject, done.command, done.token)
        await self._catch_up(world, told)
        world.forget(told)
        return world

    async def _catch_up(self, world: World, to: datetime) -> None:
        """Let `world` run on to `to`, in slices that leave room for others."""
        at_once = min(_RUN, timedelta(minutes=_SLICE / self._rate)) if self._rate else _RUN
        while world.now < to - at_once:
            world.run(world.now + at_once)
            await self._leave_room()
        world.run(to)

    async def _leave_room(self) -> None:
        for _ in range(_TURNS):
            await self._env.sleep(0)

    def _new_world(self, cursor: Cursor) -> World:
        plan = self._kind_of_plan()(
            seed=self._seed,
            profile=self._profile,
            start=cursor.start,
            threads=self._threads,
            rate=self._rate,
            woke_at=cursor.woke_at,
            scene=self._scene,
        )
        return World(plan, {channel.remote_id: channel for channel in cursor.channels})

    def _kind_of_plan(self) -> type[Plan]:
        if self._scene != "pile-on":
            return Plan
        from modtui.connectors.demo.crowd import PileOn

        return PileOn

    async def _opening(self, world: World, at: Cursor) -> tuple[Batch, Cursor]:
        """Return the next batch of the opening queue; after the last one `at.at` is set."""
        first, last = at.backlog, min(at.backlog + _BATCH, self._threads)
        facts = []
        for number in range(first, last):
            facts.append(world.plan.backlog(number))
            if number % _SLICE == _SLICE - 1:
                await self._leave_room()
        end = last >= self._threads
        at = replace(at, backlog=last, at=world.plan.start if end else None)
        batch = Batch(
            cursor=at.dump(),
            channels=() if first else tuple(world.channels.values()),
            threads=tuple(fact.thread for fact in facts),
            posts=tuple(post for fact in facts for post in fact.posts),
            flags=tuple(flag for fact in facts for flag in fact.flags),
            caught_up=end,
        )
        return batch, at

    async def context(self, ref: ThreadRef) -> Context:
        """Return the thread's posts. Raises Retryable before the community was laid out."""
        world = self._world
        if world is None or self._laid_out is None:
            raise Retryable("the demo has not begun yet")
        world.run(self._env.now())
        course = world.course(ref.subject)
        if course is None:
            raise Rejected(f"there is no thread {ref.subject} here")
        gone = course.hidden if self._profile == "chat" else set()
        posts = (post for key, post in course.posts.items() if key not in gone)
        return Context(
            tuple(sorted(posts, key=lambda post: (post.created_at, post.remote_id))),
            world.channels[course.facts.place.remote_id],
        )

    async def perform(self, ref: ThreadRef, command: Command, key: str) -> Receipt:
        """Do it, unless a fault comes first. On the forum a key is executed once."""
        self._check(command)
        if self._profile == "forum" and key in self._by_key:
            return self._by_key[key]
        self._tries[key] += 1
        world = self._world = self._world or self._new_world(self._begin())
        cut_off = self._fault(world, key)
        receipt = self._execute(world, ref.subject, command, key)
        if cut_off:
            raise Unknown("the demo's answer was cut off")
        return receipt

    def _fault(self, world: World, key: str) -> bool:
        """Raise what comes before the execution; return whether its answer will be cut off."""
        dice = world.plan.dice(f"fault:{key}:{self._tries[key]}")
        if dice.random() >= self._faults:
            return False
        match dice.choice(("refused", "busy", "lost", "cut")):
            case "refused":
                raise Retryable("the demo could not be reached")
            case "busy":
                raise RateLimited("the demo is busy", timedelta(seconds=2))
            case "lost":
                raise Unknown("the demo did not answer")
        return True

    def _execute(self, world: World, subject: str, command: Command, key: str) -> Receipt:
        from modtui.connectors.demo.acts import act, token_of

        world.run(self._env.now())
        token = token_of(key, world.now, self._tries[key])
        receipt = act(world, subject, command, token)
        self._log.append(Done(world.now, subject, command, token, receipt))
        self._by_key[key] = receipt
        return receipt

    def _check(self, command: Command) -> None:
        """Raise Unsupported or Rejected for what this platform does not have."""
        capability = needs(command)
        if capability is None:
            raise Unsupported(f"{command.kind} is not for a platform")
        limits = self.capabilities.offers.get(capability)
        if limits is None:
            raise Unsupported(self.capabilities.missing[capability])
        seconds = command.seconds if isinstance(command, SetSlowMode | Sanction) else None
        if seconds and limits.max_seconds is not None and seconds > limits.max_seconds:
            raise Rejected(f"{limits.name} is at most {limits.max_seconds} seconds here")
        if seconds and seconds < limits.min_seconds:
            raise Rejected(f"{limits.name} is at least {limits.min_seconds} seconds here")

    async def find(
        self, ref: ThreadRef, command: Command, since: datetime, taken: frozenset[str]
    ) -> Found | Absent | CannotTell:
        """Look through what was done; the social platform cannot be read back."""
        if self._profile == "social":
            return CannotTell("this platform does not let us read back what we wrote")
        for done in self._log:
            new = done.at >= since - _SKEW and done.receipt.remote_id not in taken
            if new and _same(done, ref, command):
                return Found(done.receipt)
        return Absent(strong=True)

    async def identity(self) -> Identity:
        """Return who we are there."""
        offers, missing = self.capabilities.offers, self.capabilities.missing
        return Identity(
            remote_id=US.remote_id,
            name=US.name,
            role="moderator",
            can=tuple(limits.name for limits in offers.values()),
            cannot=tuple(capability.value.replace("_", " ") for capability in missing),
        )

    async def aclose(self) -> None:
        """Nothing is held open."""


def _same(done: Done, ref: ThreadRef, command: Command) -> bool:
    if isinstance(command, Escalate | HandOver):
        return done.command == command
    if done.subject != ref.subject:
        return False
    if isinstance(command, Reply) and isinstance(done.command, Reply):
        same_text = " ".join(done.command.text.split()) == " ".join(command.text.split())
        return same_text and done.command.audience is command.audience
    return done.command == command


def _batch(news: tuple[News, ...], at: Cursor, *, more: bool = False) -> Batch:
    """Return `news` as one batch; the newest state of a thing wins. `more`: not caught up yet."""
    threads = {item.thread.subject: item.thread for item in news if item.thread}
    posts = {post.remote_id: post for item in news for post in item.posts}
    channels = {item.channel.remote_id: item.channel for item in news if item.channel}
    return Batch(
        cursor=at.dump(),
        channels=tuple(channels.values()),
        threads=tuple(threads.values()),
        posts=tuple(posts.values()),
        flags=tuple(flag for item in news for flag in item.flags),
        closed=tuple(
            (item.thread.subject, key) for item in news if item.thread for key in item.closed
        ),
        caught_up=not more,
    )


def create(env: Environment) -> Connector:
    """Return the connector of one demo account."""
    return Demo(env)
