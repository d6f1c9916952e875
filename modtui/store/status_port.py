"""What Status asks of the store, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from modtui.domain.model import Event, Standing, State
from modtui.domain.text import Clean

if TYPE_CHECKING:
    from modtui.domain.metrics import Blind
    from modtui.domain.quiet import Untouched


class ThreadLine(NamedTuple):
    """A thread without its posts and flags. `seq` rises with each change to it; `holder` has a
    live claim, or is ""."""

    id: int
    seq: int
    account: str
    realm: str
    channel: Clean
    title: Clean
    language: str | None
    state: State
    first_flag_at: datetime
    snoozed_until: datetime | None
    team: str
    now_at: datetime | None
    now_due_at: datetime | None
    now_reason: str
    holder: str
    standing: Standing


class Heard(NamedTuple):
    """When an account's platform was last heard, and from when on that is too long ago."""

    at: datetime
    stale_at: datetime


class Look(NamedTuple):
    """The period somebody looked at last: it began at `began_at` and was left at `ended_at`."""

    began_at: datetime
    ended_at: datetime


class StatusReads(Protocol):
    """What can be asked within a snapshot."""

    async def thread_numbers(self, since: datetime) -> tuple[int, ...]:
        """The number of every thread that is unresolved or has an event from `since` on, in order;
        none put aside."""
        ...

    async def lines_of(self, ids: Sequence[int]) -> tuple[ThreadLine, ...]:
        """The line of each of these threads, in the order of their numbers."""
        ...

    async def untouched(self, now: datetime, after: int, limit: int) -> Sequence[Untouched]:
        """Of the open threads with a number above `after` that nobody touched since they were
        flagged, that nobody holds and that are in time at `now`, the first `limit`."""
        ...

    async def histories(self, ids: Sequence[int]) -> Iterator[tuple[int, tuple[Event, ...]]]:
        """All events of each of these threads, in time order: one thread after the other, read
        from the snapshot when it is asked for."""
        ...

    async def reasons(self, ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """What each of these threads was flagged for, the most frequent first."""
        ...

    async def drafts_since(self, since: datetime) -> tuple[tuple[int, str, datetime], ...]:
        """(thread, by, saved_at) of every draft saved from `since` on, the latest first."""
        ...

    async def blind_since(self, since: datetime) -> tuple[Blind, ...]:
        """The times without sight that end after `since` or last; by start."""
        ...

    async def heard(self, account: str) -> Heard | None: ...
    async def look(self, by: str) -> Look | None: ...


class StatusWrites(StatusReads, Protocol):
    """What can be changed within a transaction."""

    async def set_heard(self, account: str, heard: Heard) -> None: ...
    async def begin_blind(self, account: str, kind: str, at: datetime) -> None:
        """The account cannot be read from `at` on; one that was blind for another reason is so
        until then, and one that is for this reason stays as it is."""
        ...

    async def end_blind(self, account: str, at: datetime) -> bool:
        """The account is read again; return whether it was blind."""
        ...

    async def set_look(self, by: str, look: Look) -> None: ...
