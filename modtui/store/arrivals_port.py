"""What is asked of a store when threads come that it does not have yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from modtui.domain.model import Event, Flag, Post, ThreadRecord


class Arrival(NamedTuple):
    """A new thread (the `id` of its record is ignored) and all that came with it.

    No two flags have one key, no two posts one remote id.
    """

    record: ThreadRecord
    events: Sequence[Event] = ()
    flags: Sequence[Flag] = ()
    posts: Sequence[Post] = ()


class ArrivalWrites(Protocol):
    """What can be changed within a transaction."""

    async def enter(self, arrivals: Iterable[Arrival]) -> tuple[int, ...]:
        """Store new threads and return their numbers, in the order of `arrivals`, of which one is
        held at a time."""
        ...
