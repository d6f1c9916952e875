"""What the store answers about many threads at once: likeness, heat, batches, and what was kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from modtui.domain.heat import Told
from modtui.domain.kept import Kept

if TYPE_CHECKING:
    from modtui.domain.alike import Traits


class BatchReads(Protocol):
    """What can be asked within a snapshot."""

    async def traits(self, ids: Sequence[int]) -> tuple[Traits, ...]:
        """What the threads are compared by, in the order of `ids`."""
        ...

    async def same_name(self, name: str, realm: str) -> int:
        """How many unresolved threads of other realms have an author of that name."""
        ...

    async def told(
        self, realm: str, channel: str, spans: Iterable[tuple[datetime, datetime]]
    ) -> tuple[Told, ...]:
        """How much people wrote in the known threads of a channel and flagged them, after the
        beginning of each of `spans` and up to its end.

        Closed flags count as well; what staff and bots wrote does not.
        """
        ...

    async def batch_threads(self, batch: str) -> tuple[int, ...]:
        """The threads of a batch that was taken over several of them, else none."""
        ...

    async def kept(self, thread_id: int) -> tuple[Kept, ...]:
        """The posts of a thread whose further flags are closed."""
        ...


class BatchWrites(Protocol):
    """What can be changed within a transaction."""

    async def note_batch(self, batch: str, threads: Iterable[int]) -> None:
        """Remember the threads of a batch that is taken over several of them."""
        ...

    async def keep_on(self, thread_id: int, kept: Kept) -> None:
        """Close further flags on a post from now on; a later decision replaces the earlier."""
        ...

    async def count_kept(self, thread_id: int, post: str, flags: int) -> None:
        """Count flags that were closed by such a decision."""
        ...

    async def end_kept(self, thread_id: int, posts: Iterable[str]) -> int:
        """Let further flags on these posts count again; return how many decisions ended."""
        ...
