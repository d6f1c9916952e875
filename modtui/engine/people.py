"""An author's record: what the team knows of somebody across threads, and its notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modtui.domain.people import AuthorNote, AuthorRecord
from modtui.domain.settings import Desk
from modtui.domain.text import clean_line
from modtui.domain.views import Change
from modtui.engine import Refused
from modtui.engine.folding import called
from modtui.engine.parts import Parts
from modtui.store import AuditLine, ReadTx, Tx


class KnownPeople:
    """The `People` of a store. `may_act` raises Refused where nothing may be written."""

    def __init__(self, parts: Parts, may_act: Callable[[], None]) -> None:
        self._parts = parts
        self._may_act = may_act

    async def record(self, thread_id: int, author_id: str) -> AuthorRecord | None:
        """Return what is known of an author."""

        async def work(tx: ReadTx) -> AuthorRecord | None:
            thread = await tx.thread(thread_id)
            found = await tx.author_record(thread.realm, author_id) if thread else None
            return await _folded(tx, found, self._parts.desk) if found else None

        return await self._parts.store.read(work)

    async def note(self, thread_id: int, author_id: str, text: str) -> None:
        """Keep words for the team about an author. Raises Refused."""
        self._may_act()
        parts, words = self._parts, clean_line(text)
        if not words.strip():
            raise Refused("invalid", "an empty note is not kept")
        note = AuthorNote(parts.me, parts.now(), words, thread_id)

        async def work(tx: Tx) -> None:
            thread = await tx.thread(thread_id)
            if thread is None:
                raise Refused("invalid", f"there is no thread {thread_id}")
            await tx.add_author_note(thread.realm, author_id, note)
            what = f"note about {author_id}"
            await tx.add_audit(
                AuditLine(parts.now(), parts.me, "author note", thread_id, None, what)
            )

        await parts.store.write(work)
        parts.changed(Change(threads=frozenset({thread_id}), order=False))


async def _folded(tx: ReadTx, found: AuthorRecord, desk: Desk) -> AuthorRecord:
    """Return `found` with neutral words for each title that is folded."""
    threads = []
    for past in found.threads:
        record = await tx.thread(past.id)
        threads.append(replace(past, title=called(record, desk)) if record else past)
    return replace(found, threads=tuple(threads))
