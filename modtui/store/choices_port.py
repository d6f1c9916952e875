"""What is learned from the quick replies that were sent: what a thread said, without its text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol


class Choice(NamedTuple):
    """A quick reply that was sent, and the features of what it answered."""

    id: int
    entry: str
    said: tuple[int, ...]


class ChoiceReads(Protocol):
    """What can be asked; choices are shared by everyone who uses the store."""

    async def choices(self, after: int, limit: int, entry: str | None = None) -> tuple[Choice, ...]:
        """The choices numbered above `after`, oldest first: of `entry`, or of all."""
        ...

    async def choices_kept(self, last: int | None = None) -> Mapping[str, int]:
        """How many choices each entry has, of those numbered up to `last`."""
        ...

    async def sent_counts(self) -> Mapping[str, int]:
        """How often each quick reply was sent."""
        ...


class ChoiceWrites(Protocol):
    """What can be changed."""

    async def count_sent(
        self, entry: str, thread_id: int, by: str, at: datetime, said: tuple[int, ...] = ()
    ) -> None:
        """Count that `by` answered the thread with `entry`; `said` are the features of what it
        answered, 32-bit numbers."""
        ...

    async def forget_choices(self, before: datetime, entry: str | None = None) -> int:
        """Forget what was learned before that moment, of one entry or of all; the counts of what
        was sent stay. Return how many choices that were."""
        ...
