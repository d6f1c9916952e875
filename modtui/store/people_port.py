"""What an author's record and a moderator's last deeds ask of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from modtui.domain.model import Event
from modtui.domain.people import AuthorNote, AuthorRecord, Brief


class OwnBatch(NamedTuple):
    """A batch that somebody submitted, the thread of its first command, and when."""

    batch: str
    thread: int
    at: datetime


class PeopleReads(Protocol):
    """Authors by (realm, author id)."""

    async def author_briefs(
        self, realm: str, authors: Iterable[str], but: int
    ) -> Mapping[str, Brief]:
        """The record of each of `authors` without thread `but`; who has none is left out."""
        ...

    async def sanctioned_within(self, most: int) -> bool:
        """Whether at most `most` sanctions are on record: those of an author are looked for among
        all of them."""
        ...

    async def prior_sanctions(self, realm: str, author_id: str) -> int:
        """How many sanctions an author was given in all threads of the realm, those left out that
        were taken back as a mistake."""
        ...

    async def is_in_need(self, realm: str, author_id: str) -> bool:
        """Whether a thread of an author that is not resolved has an open help route or stands in
        the NOW lane."""
        ...

    async def pending_threads(self, realm: str, author_id: str) -> tuple[int, ...]:
        """The threads of an author in which something is yet to be delivered."""
        ...

    async def author_record(self, realm: str, author_id: str) -> AuthorRecord | None:
        """Everything known of one author, or None for one who never wrote or was flagged."""
        ...

    async def own_batches(self, by: str, limit: int) -> Sequence[OwnBatch]:
        """The latest batches of `by`, newest first: without what takes others back, without
        timed ends and hand-overs."""
        ...

    async def batch_events(self, thread: int, batch: str) -> tuple[Event, ...]:
        """What was done at once in `batch`: its events that no delivery brought."""
        ...


class PeopleWrites(PeopleReads, Protocol):
    """Notes about authors."""

    async def add_author_note(self, realm: str, author_id: str, note: AuthorNote) -> None: ...
