"""What the façade offers beside the queue itself: views, authors' records, one's own last deeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from modtui.domain.frozen import dataclass
from modtui.domain.named_views import By, View
from modtui.domain.people import AuthorRecord, Deed
from modtui.domain.views import QueueFilter

if TYPE_CHECKING:
    from modtui.engine import Undone


@dataclass(frozen=True, slots=True)
class Outside:
    """What a view hides that cannot wait: threads that are late, and those in the NOW lane."""

    late: int = 0
    now: int = 0


class Views(Protocol):
    """What screens ask about views."""

    def asks(self, view: View) -> QueueFilter:
        """What `Engine.view` is to be given for `view` now; another moment may need another."""
        ...

    async def counted(self, views: Sequence[View]) -> tuple[int, ...]:
        """How many threads each of `views` holds now."""
        ...

    async def groups(self, view: View, by: By) -> tuple[tuple[str, int], ...]:
        """The accounts, languages or reasons within `view`, each with its threads; most first."""
        ...

    async def outside(self, view: View) -> Outside:
        """What cannot wait and is not in `view`."""
        ...

    async def search(self, text: str, view: View) -> tuple[int, ...]:
        """The threads of `view`, in its order, whose title, author, posts or id have `text`."""
        ...

    async def saved(self) -> tuple[View, ...]:
        """Mine, by name."""
        ...

    async def save(self, view: View) -> View:
        """Keep `view` under its name, over an older one; return it as it was kept. Raises Refused
        for a name that is empty or too long."""
        ...

    async def forget(self, name: str) -> None:
        """Forget one of mine; nothing happens if there is none of that name."""
        ...


class People(Protocol):
    """What screens ask about authors."""

    async def record(self, thread_id: int, author_id: str) -> AuthorRecord | None:
        """What is known of an author in the realm of a thread; None for somebody unknown."""
        ...

    async def note(self, thread_id: int, author_id: str, text: str) -> None:
        """Keep words for the team about an author; no platform is told. Raises Refused."""
        ...


class Deeds(Protocol):
    """What screens ask about what I did."""

    async def mine(self) -> tuple[Deed, ...]:
        """My last twenty batches, newest first."""
        ...

    async def undo(self, deed: Deed) -> Undone:
        """Take one back: from the outbox, or by the inverse command. Raises Refused."""
        ...
