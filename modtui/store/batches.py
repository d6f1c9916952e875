"""Many threads at once: likeness, heat, batches over several threads, and what was kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from modtui.domain.heat import MINUTE, PILE_ON_FLAGS, Told
from modtui.domain.kept import Kept
from modtui.store.rows import LISTED, listed, moment, stamp, unlisted
from modtui.store.threads import ThreadWrites

if TYPE_CHECKING:
    from modtui.domain.alike import Traits

_LATELY = MINUTE + timedelta(seconds=5)
_TRAITS = (
    "SELECT thread.id, realm, thread.author_id, thread.author_name, reasons,"
    " coalesce(nullif(post.text, ''), thread.title) FROM thread"
    " LEFT JOIN post ON post.thread = thread.id AND post.is_subject = 1 WHERE thread.id IN "
)
# A cross join is not turned around: there are few rows of the last minutes, and many of a realm.
_OF_CHANNEL = (
    "SELECT count(*) FROM {table} CROSS JOIN thread ON thread.id = {table}.thread"
    " WHERE {table}.{at} > ? AND {table}.{at} <= ?"
    " AND realm = ? AND channel = ?"
)
_WRITTEN = _OF_CHANNEL.format(table="post", at="created_at") + " AND role = 'author'"
_RAISED = _OF_CHANNEL.format(table="flag", at="at")


class HeatReads(ThreadWrites):
    async def lately(self, ids: Sequence[int], now: datetime) -> Mapping[int, tuple[datetime, ...]]:
        """When the open flags of the last minute were raised, for those of `ids` that have any."""
        if not ids:
            return {}
        found: defaultdict[int, list[datetime]] = defaultdict(list)
        rows = await self._all(
            "SELECT thread, at FROM flag WHERE at > ? AND closed_at IS NULL"
            f" AND thread IN {LISTED} ORDER BY at",
            stamp(now - _LATELY),
            listed(ids),
        )
        for thread, at in rows:
            found[thread].append(moment(at))
        return {thread: tuple(times) for thread, times in found.items()}

    async def told(
        self, realm: str, channel: str, spans: Iterable[tuple[datetime, datetime]]
    ) -> tuple[Told, ...]:
        found: list[Told] = []
        for start, end in spans:
            where = (stamp(start), stamp(end), realm, channel)
            counts = [await self._one(query, *where) for query in (_WRITTEN, _RAISED)]
            found.append(Told(*(row[0] if row else 0 for row in counts)))
        return tuple(found)


def hot_ids(counts: Mapping[int, int]) -> tuple[int, ...]:
    """Return the threads of `counts` (flags by thread) that may be pile-ons."""
    return tuple(number for number, flags in counts.items() if flags >= PILE_ON_FLAGS)


class BatchQueries(ThreadWrites):
    async def traits(self, ids: Sequence[int]) -> tuple[Traits, ...]:
        from modtui.domain.alike import Traits

        found: dict[int, Traits] = {}
        for row in await self._all(_TRAITS + LISTED, listed(ids)):
            number, realm, author, name, reasons, text = row
            known = unlisted(reasons)
            reason = str(known[0]) if known else ""
            found[number] = Traits(number, realm, author, name, reason, text)
        return tuple(found[number] for number in ids if number in found)

    async def same_name(self, name: str, realm: str) -> int:
        row = await self._one(
            "SELECT count(*) FROM thread WHERE author_name = ? COLLATE NOCASE AND realm <> ?"
            " AND state <> 'resolved'",
            name,
            realm,
        )
        return int(row[0]) if row else 0

    async def note_batch(self, batch: str, threads: Iterable[int]) -> None:
        for thread in threads:
            await self._run(
                "INSERT INTO batch (batch, thread) VALUES (?, ?) ON CONFLICT DO NOTHING",
                batch,
                thread,
            )

    async def batch_threads(self, batch: str) -> tuple[int, ...]:
        rows = await self._all("SELECT thread FROM batch WHERE batch = ? ORDER BY thread", batch)
        return tuple(number for (number,) in rows)

    async def kept(self, thread_id: int) -> tuple[Kept, ...]:
        rows = await self._all(
            "SELECT post, by, at, print, closed FROM kept WHERE thread = ? ORDER BY at, post",
            thread_id,
        )
        return tuple(
            Kept(post, by, moment(at), print_, closed) for post, by, at, print_, closed in rows
        )

    async def keep_on(self, thread_id: int, kept: Kept) -> None:
        await self._run(
            "INSERT OR REPLACE INTO kept (thread, post, by, at, print, closed)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            thread_id, kept.post, kept.by, stamp(kept.at), kept.print, kept.closed,
        )  # fmt: skip
        await self._mark(thread_id)

    async def count_kept(self, thread_id: int, post: str, flags: int) -> None:
        await self._run(
            "UPDATE kept SET closed = closed + ? WHERE thread = ? AND post = ?",
            flags,
            thread_id,
            post,
        )
        await self._mark(thread_id)

    async def end_kept(self, thread_id: int, posts: Iterable[str]) -> int:
        ended = 0
        for post in posts:
            ended += await self._run(
                "DELETE FROM kept WHERE thread = ? AND post = ?", thread_id, post
            )
        if ended:
            await self._mark(thread_id)
        return ended
