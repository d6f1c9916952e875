"""What the library asks of the store about the replies that were sent."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from modtui.domain.outcomes import After, Answer


class OutcomeReads(Protocol):
    """Quick replies and what followed them."""

    async def after_replies(self, since: datetime) -> tuple[After, ...]:
        """What happened in the threads of quick replies sent since `since`, from each on: at least
        one item a reply, each reply's in the order of time."""
        ...

    async def answers(self, since: datetime, limit: int) -> tuple[Answer, ...]:
        """The newest `limit` public replies sent since `since`, newest first, without those that a
        help route was or is open for."""
        ...
