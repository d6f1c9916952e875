"""Threads that the queue does not have yet: judged from their pieces alone, written together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, reduce
from operator import attrgetter

from modtui.domain.frozen import dataclass
from modtui.domain.lane import placed
from modtui.domain.model import Event, Flag, Post, State, Thread, ThreadRecord
from modtui.domain.sla import Matter, Policy, choose, new_breaches, standing
from modtui.domain.states import after
from modtui.engine.aside import entered
from modtui.engine.gate import Spoken, alarmed, listener, opened
from modtui.engine.lane import alarm
from modtui.engine.mirror import held_there
from modtui.engine.pieces import Piece
from modtui.engine.telling import Scene, as_ours, flag_event, post_event
from modtui.engine.weigh import Weight, language_of, named, weigh
from modtui.store import Tx
from modtui.store.arrivals_port import Arrival

_AT = attrgetter("at")
_OPEN = State.OPEN


class Newcomers:
    """The new threads of one slice. What is alike for many of them is worked out once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._old_before = scene.old_before
        self._alike: dict[tuple[tuple[str, ...], int, str], _Alike] = {}
        self._pieces: list[Piece] = []
        self._made = 0
        self._told_again: list[tuple[int, Post]] = []
        self._held: list[tuple[int, ThreadRecord]] = []

    @cached_property
    def _listen(self) -> Callable[[Thread, Iterable[Post]], Spoken | None]:
        """What hears help routes; to read their file takes some milliseconds."""
        return listener(self._scene.parts.ruled)

    def add(self, piece: Piece) -> None:
        """Take in a sound piece that has a thread and a flag."""
        self._pieces.append(piece)

    async def enter(self, tx: Tx) -> tuple[int, ...]:
        """Write them all; return their numbers."""
        # Each is made as it is written: of a thousand threads the collector finds a handful.
        numbers = await tx.enter(map(self._arrival, self._pieces))
        for place, post in self._told_again:
            await tx.put_post(numbers[place], post)
        for place, held in self._held:
            record = replace(held, id=numbers[place])
            for event in await held_there(tx, record, self._scene.parts):
                await tx.add_event(record.id, event)
        return numbers

    def _arrival(self, piece: Piece) -> Arrival:
        own = self._scene.source.own
        told = [
            as_ours(post, self._scene) if post.author.remote_id == own else post
            for post in piece.posts
        ]
        posts = told
        if len(told) > 1:
            first = {post.remote_id: post for post in reversed(told)}
            posts = [post for post in told if first[post.remote_id] is post]
            # Where one batch tells two versions of a post, the later ones come after the first.
            later = [post for post in told if first[post.remote_id] is not post]
            self._told_again += [(self._made, post) for post in later]
        arrival = self._judged(piece, told, posts)
        if arrival.record.thread.holder:
            self._held.append((self._made, arrival.record))
        self._made += 1
        return arrival

    def _judged(self, piece: Piece, told: Sequence[Post], posts: Sequence[Post]) -> Arrival:
        thread, scene = piece.thread, self._scene
        assert thread is not None
        flags = _in_time(piece.flags)
        alike = self._alike_with(thread, flags)
        words = self._listen(thread, told)
        events = [flag_event(flag, flag.at, scene) for flag in flags]
        first_flag_at, flagged = events[0].at, len(events)
        if alike.alarms:
            events += alarm(events, scene.parts.desk, scene.source.account)
        elif words is not None:
            events += alarmed(words, first_flag_at, scene)
        events += _said(told, thread, first_flag_at, scene)
        if len(events) > flagged:
            events.sort(key=_AT)
        language = language_of(thread, told)
        policy, weight = self._policy(alike, thread, language), alike.weight
        stands = standing(events, policy, scene.now, scene.complete_at)
        record = ThreadRecord(
            id=0,
            account=scene.source.account,
            realm=scene.source.realm,
            thread=thread,
            state=_OPEN,
            revision=1,
            first_flag_at=first_flag_at,
            severity=weight.severity,
            flag_count=weight.count,
            reasons=weight.reasons,
            language=language,
            help_route=opened(weight.help_route, words),
            standing=stands,
        )
        if len(events) > flagged:
            record = self._moved(record, events)
        if self._old_before is not None:
            record = entered(record, events, self._old_before, scene.parts.desk)
        if stands.breached_at is not None:
            events += new_breaches(events, policy, scene.now)
        return Arrival(record, events, flags, posts)

    def _moved(self, record: ThreadRecord, events: Sequence[Event]) -> ThreadRecord:
        """Return `record` after more than flags, which leave it open and move it nowhere."""
        state = reduce(after, events, _OPEN)
        if state is not _OPEN:
            record = replace(record, state=state)
        return placed(record, events, self._scene.parts.desk.now_target)

    def _alike_with(self, thread: Thread, flags: Sequence[Flag]) -> _Alike:
        key = (tuple([flag.reason for flag in flags]), thread.severity.rank, thread.channel)
        alike = self._alike.get(key)
        if alike is None:
            desk = self._scene.parts.desk
            weight = weigh(thread, flags, self._scene.channels[thread.channel], desk)
            alarms = named(weight.reasons, desk.now_reasons) is not None
            alike = self._alike[key] = _Alike(weight, alarms, {})
        return alike

    def _policy(self, alike: _Alike, thread: Thread, language: str | None) -> Policy:
        key = (language, thread.tags)
        policy = alike.policies.get(key)
        if policy is None:
            channel = (thread.channel, self._scene.channels[thread.channel])
            account, severity = self._scene.source.account, alike.weight.severity
            facts = Matter(account, channel, severity, language, thread.tags)
            policy = alike.policies[key] = choose(self._scene.parts.policies, facts)
        return policy


@dataclass(frozen=True, slots=True)
class _Alike:
    """What threads of one channel have in common that were flagged for the same: what their flags
    make of them, whether these raise an alarm, and the policies, by language and tags."""

    weight: Weight
    alarms: bool
    policies: dict[tuple[str | None, tuple[str, ...]], Policy]


def _said(
    posts: Iterable[Post], thread: Thread, first_flag_at: datetime, scene: Scene
) -> Iterator[Event]:
    """Yield the events of the posts beside the one in question."""
    for post in posts:
        if not post.is_subject:
            event = post_event(post, thread, first_flag_at, scene)
            if event is not None:
                yield event


def _in_time(flags: Sequence[Flag]) -> Sequence[Flag]:
    """Return `flags` each once, oldest first; of two with one key the later told."""
    if len(flags) == 1:
        return flags
    return sorted({flag.key: flag for flag in flags}.values(), key=_AT)
