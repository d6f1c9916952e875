"""What the signs of spam ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from modtui.domain.spam import Trace


class TraceReads(Protocol):
    """Posts across all accounts."""

    async def traces(self, since: datetime, until: datetime, limit: int) -> Sequence[Trace]:
        """The authors' posts written from `since` to `until`, the newest `limit` of them."""
        ...
