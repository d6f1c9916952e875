"""What the end of a shift and its next beginning ask of the store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from modtui.domain.model import Claim, EventKind, State
from modtui.domain.shift import HandedOver, Sitting


class ShiftReads(Protocol):
    """Within a snapshot."""

    async def last_sitting(self, by: str, other_than: str) -> Sitting | None:
        """The sitting of `by` that began last, in another session than `other_than`."""
        ...

    async def sat_down(self, by: str, since: datetime) -> datetime | None:
        """When the first sitting of `by` began that did so at `since` or later."""
        ...

    async def holds_lease(self, session: str) -> bool:
        """Whether `session` holds a live lease of any account."""
        ...

    async def last_handover(self) -> HandedOver | None:
        """The latest hand-over by anyone."""
        ...

    async def claims_of(self, by: str) -> tuple[tuple[Claim, bool], ...]:
        """The claims of `by` that were not given back, in the order of their threads, and which
        live. Those from before the machine was started are not told: their ends mean nothing."""
        ...

    async def put_by(self, by: str, state: State, kind: EventKind) -> tuple[int, ...]:
        """Threads in `state` whose latest event of `kind` is by `by`."""
        ...

    async def now_since(self, since: datetime) -> tuple[int, ...]:
        """Threads that came into the NOW lane at `since` or later, by flag or by hand, whatever
        became of them; and those that are in it since before."""
        ...

    async def colleagues(self, me: str) -> tuple[str, ...]:
        """Moderators other than `me` who claimed or noted something, the latest first."""
        ...


class ShiftWrites(ShiftReads, Protocol):
    """Within a transaction."""

    async def begin_sitting(self, sitting: Sitting) -> None: ...
    async def end_sitting(self, session: str, at: datetime) -> None: ...
    async def add_handover(self, done: HandedOver, session: str) -> None:
        """Keep a hand-over, and mark with it the sitting of `session` and the latest of who did
        it, who may have written it in a shell beside."""
        ...
