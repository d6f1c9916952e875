"""What the store keeps for one moderator alone: pinned replies, folded posts that were read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class PersonalReads(Protocol):
    """What can be asked; always for one moderator, by name."""

    async def pins(self, by: str) -> Mapping[int, str]:
        """The ids of the entries that `by` pinned, by digit."""
        ...

    async def exposures(self, by: str, since: datetime) -> int:
        """How often `by` unfolded a distressing post from `since` on."""
        ...


class PersonalWrites(Protocol):
    """What can be changed."""

    async def put_pin(self, by: str, digit: int, entry: str) -> None:
        """Pin `entry` to `digit`, in place of what was there; it leaves the digit it had."""
        ...

    async def drop_pin(self, by: str, digit: int) -> None: ...
    async def add_exposure(self, by: str, thread_id: int, post: str, at: datetime) -> None:
        """Count one unfolding of `post` (the platform's id) by `by`."""
        ...
