"""Acting on many threads and posts at once: the face of it, for screens and tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from modtui.domain.alike import Alike
from modtui.domain.commands import Command
from modtui.domain.frozen import dataclass
from modtui.domain.outbox import Delivery
from modtui.domain.replies import Slot
from modtui.domain.views import ThreadDetail

Commands = tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken: its place in what was handed in, and why, for the moderator."""

    line: int
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken of several lines.

    `deliveries` are those of each line in its place, none where it was done at once or refused.
    """

    batch: str
    deliveries: tuple[tuple[Delivery, ...], ...]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The threads alike, the asked one among them; how many were looked at of how many.

    `stopped`: there may be more. `elsewhere`: threads of other platforms with the author's name.
    """

    threads: tuple[int, ...]
    stopped: bool = False
    elsewhere: int = 0


class Batches(Protocol):
    """One action over many."""

    async def submit(self, lines: Sequence[Commands]) -> Taken:
        """Take each line that can be taken, in one transaction, with one undo window.

        A line is what is done to one thread or post. One that is stale or refused is named in
        the answer and leaves the others as they are. Raises Refused for a queue open for
        reading only.
        """
        ...

    async def results(self, batch: str) -> tuple[Delivery, ...]:
        """The deliveries of a batch as they stand."""
        ...

    async def details(self, threads: Sequence[int]) -> tuple[ThreadDetail, ...]:
        """The threads that are there, in order."""
        ...

    async def claim(self, threads: Sequence[int]) -> tuple[str, ...]:
        """Claim each thread; "" where it is mine now, else who holds it."""
        ...

    async def alike(self, thread: int, how: Alike, within: Sequence[int]) -> Found:
        """Which of `within` (a view, in its order) are like `thread`."""
        ...

    async def mistake(self, thread: int) -> tuple[ThreadDetail, Slot] | None:
        """The reply that says a removal was our mistake, in the language of the thread."""
        ...
