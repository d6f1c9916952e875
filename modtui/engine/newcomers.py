"""Threads that the queue does not have yet: judged from their pieces alone, written together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property, reduce
from operator import attrgetter

from modtui.domain.lane import placed
from modtui.domain.model import Event, Flag, Post, Severity, State, Thread, ThreadRecord
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
        self._weights: dict[tuple[tuple[str, ...], int, str], Weight] = {}
        self._policies: dict[tuple[str, int, str | None, tuple[str, ...]], Policy] = {}
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
        told = [as_ours(post, self._scene) for post in piece.posts]
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
        thread, scene, desk = piece.thread, self._scene, self._scene.parts.desk
        assert thread is not None
        flags = _in_time(piece.flags)
        weight = self._weigh(thread, flags)
        words = self._listen(thread, told)
        events = [flag_event(flag, flag.at, scene) for flag in flags]
        events += self._alarm(events, weight, words)
        events = self._with_posts(events, thread, told)
        language = language_of(thread, told)
        policy = self._policy(thread, weight.severity, language)
        stands = standing(events, policy, scene.now, scene.complete_at)
        record = ThreadRecord(
            id=0,
            account=scene.source.account,
            realm=scene.source.realm,
            thread=thread,
            state=reduce(after, events, _OPEN),
            revision=1,
            first_flag_at=min(flags[0].at, scene.now),
            severity=weight.severity,
            flag_count=weight.count,
            reasons=weight.reasons,
            language=language,
            help_route=opened(weight.help_route, words),
            standing=stands,
        )
        record = placed(record, events, desk.now_target)
        record = entered(record, events, self._old_before, desk)
        if stands.breached_at is not None:
            events += new_breaches(events, policy, scene.now)
        return Arrival(record, events, flags, posts)

    def _weigh(self, thread: Thread, flags: Sequence[Flag]) -> Weight:
        key = (tuple([flag.reason for flag in flags]), thread.severity.rank, thread.channel)
        weight = self._weights.get(key)
        if weight is None:
            channel = self._scene.channels[thread.channel]
            weight = weigh(thread, flags, channel, self._scene.parts.desk)
            self._weights[key] = weight
        return weight

    def _policy(self, thread: Thread, severity: Severity, language: str | None) -> Policy:
        key = (thread.channel, severity.rank, language, thread.tags)
        policy = self._policies.get(key)
        if policy is None:
            channel = (thread.channel, self._scene.channels[thread.channel])
            facts = Matter(self._scene.source.account, channel, severity, language, thread.tags)
            policy = self._policies[key] = choose(self._scene.parts.policies, facts)
        return policy

    def _alarm(
        self, flagged: Sequence[Event], weight: Weight, words: Spoken | None
    ) -> tuple[Event, ...]:
        """Return the alarm that the flags of a thread raise, else the one of its words."""
        desk = self._scene.parts.desk
        if named(weight.reasons, desk.now_reasons) is not None:
            return alarm(flagged, desk, self._scene.source.account)
        return alarmed(words, flagged[0].at, self._scene)

    def _with_posts(
        self, events: list[Event], thread: Thread, posts: Iterable[Post]
    ) -> list[Event]:
        """Return the history of a new thread in time order; its first event is its first flag."""
        first_flag_at = events[0].at
        for post in posts:
            if not post.is_subject:
                said = post_event(post, thread, first_flag_at, self._scene)
                events += () if said is None else (said,)
        if len(events) > 1:
            events.sort(key=_AT)
        return events


def _in_time(flags: Sequence[Flag]) -> Sequence[Flag]:
    """Return `flags` each once, oldest first; of two with one key the later told."""
    if len(flags) == 1:
        return flags
    return sorted({flag.key: flag for flag in flags}.values(), key=_AT)
