"""What a listing for scripts says beyond queue rows, and the query of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from modtui.domain.model import Claim, Restriction


class FlagGroup(NamedTuple):
    """The open flags of one thread by one reporter for one reason."""

    reason: str
    by: str | None
    reports: int
    first_at: datetime


class Listed(NamedTuple):
    """A thread as a listing for scripts says it. `channel` is the name of `channel_id`; `state`,
    `severity` and `clock` are the values that their types have."""

    id: int
    account: str
    realm: str
    channel_id: str
    channel: str
    subject: str
    url: str | None
    title: str
    author: str
    language: str | None
    state: str
    severity: str
    flag_count: int
    flags: tuple[FlagGroup, ...]
    clock: str | None
    due_at: datetime | None
    soon_at: datetime | None
    resumes_at: datetime | None
    policy: str
    claim: Claim | None
    revision: int
    created_at: datetime
    first_flag_at: datetime
    restriction: Restriction | None
    help_route: str | None
    now_at: datetime | None
    now_due_at: datetime | None
    now_reason: str
    resolved_at: datetime | None
    resolved_by: str | None
    pending: int
    unknown: int


class ListingReads(Protocol):
    """What can be asked."""

    async def listing(self, ids: Sequence[int]) -> Iterator[Listed]:
        """The threads of `ids` that there are, by number, each read when it is asked for: within
        the transaction, before anything else is."""
        ...
