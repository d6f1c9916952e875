"""What a listing for scripts says beyond queue rows, and the query of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from modtui.domain.model import Restriction


class FlagGroup(NamedTuple):
    """The open flags of one thread by one reporter for one reason."""

    reason: str
    by: str | None
    reports: int
    first_at: datetime


class QueueExtra(NamedTuple):
    """What a listing for scripts says beyond a queue row."""

    realm: str
    channel: str
    created_at: datetime
    restriction: Restriction | None
    flags: tuple[FlagGroup, ...]


class ListingReads(Protocol):
    """What can be asked."""

    async def queue_extras(self, ids: Sequence[int]) -> Mapping[int, QueueExtra]:
        """By the number of each thread that there is."""
        ...
