"""What a lead asks of the engine: a report, and that the look is remembered."""

from __future__ import annotations

from typing import Protocol

from modtui.domain.metrics import Narrow, Report, Span


class Lead(Protocol):
    """Reads only, but for the look."""

    @property
    def read_only(self) -> bool:
        """Whether this session may not act at all."""
        ...

    async def report(self, span: Span, narrow: Narrow) -> Report:
        """Return the report of now. Off the event loop; the look it begins with stays the same
        until it was left for half an hour."""
        ...

    async def left(self) -> None:
        """Status is not looked at any more: the next look begins here."""
        ...
