"""What the views of the queue ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from modtui.domain.named_views import By, View
from modtui.domain.views import QueueFilter


class ViewReads(Protocol):
    """Counting views, and those that a moderator saved."""

    async def queue_count(self, view: QueueFilter, now: datetime) -> int:
        """How many threads `queue_ids` would list, but for what was closed in one's hand."""
        ...

    async def queue_groups(
        self, view: QueueFilter, by: By, now: datetime
    ) -> Sequence[tuple[str, int]]:
        """What the threads of `view` have of one kind, and how many have it; most first.

        A thread with several reasons counts for each; a language nobody could tell is "".
        """
        ...

    async def saved_views(self, by: str) -> tuple[View, ...]:
        """Those of one moderator, by name. One of a kind that is not there is left out."""
        ...


class ViewWrites(ViewReads, Protocol):
    """Saving views."""

    async def save_view(self, by: str, view: View) -> None:
        """Store `view` under its name, over an older one of that name."""
        ...

    async def forget_view(self, by: str, name: str) -> bool:
        """Return whether there was one."""
        ...
