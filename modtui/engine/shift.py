"""The end of a shift and the beginning of the next: what the screens may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from modtui.domain.shift import Decision, HandedOver, Leaving, Return, Stop


class Shift(Protocol):
    """A part of the façade."""

    async def begin(self) -> bool:
        """A moderator sits down, before anything is sent: keep it, and let what was left behind
        more than two minutes ago ask first. Return whether `back` has something to show."""
        ...

    async def end(self) -> None:
        """The moderator leaves; called before the engine stops."""
        ...

    async def back(self) -> Return:
        """What the last sitting left and what became of it, as it is now."""
        ...

    async def send(self, delivery_id: int) -> None:
        """Send a delivery that asks. Raises Refused when it does not any more."""
        ...

    async def leaving(self) -> Leaving:
        """What would be left if the shift ended now."""
        ...

    async def hand_over(
        self, leaving: Leaving, decisions: Mapping[str, Decision], text: str, to: str = ""
    ) -> HandedOver:
        """Do what was decided and send `text`, all in one transaction. Raises Refused and changes
        nothing. What changed since `leaving` was read is left as it is now."""
        ...

    async def last(self) -> HandedOver | None:
        """The latest hand-over by anyone."""
        ...

    async def stops(self) -> tuple[Stop, ...]:
        """What would stop if this modtui ended now: deliveries of mine on their way and timed
        ends, as far as no other process serves their accounts."""
        ...
