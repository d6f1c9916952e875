"""New threads with all that came with them: a few statements for very many."""

from __future__ import annotations

from collections.abc import Sequence

from modtui.store.arrivals_port import Arrival
from modtui.store.flags import FLAG_COLUMNS, flag_values
from modtui.store.posts import FOLD_COLUMNS, POST_COLUMNS, post_values
from modtui.store.threads import EVENT_COLUMNS, THREAD_COLUMNS, ThreadWrites, event_values
from modtui.store.threads import values as thread_values


def _into(table: str, columns: str) -> tuple[str, int]:
    """Return the beginning of a statement that inserts, and how many values a row has."""
    return f"INSERT INTO {table} ({columns}) VALUES ", columns.count(",") + 1


_THREADS = _into("thread", f"id, {THREAD_COLUMNS}")
_EVENTS = _into("event", EVENT_COLUMNS)
_FLAGS = _into("flag", FLAG_COLUMNS)
_POSTS = _into("post", POST_COLUMNS)
_FOLDED = _into("post_folded", FOLD_COLUMNS)


class Arrivals(ThreadWrites):
    async def enter(self, arrivals: Sequence[Arrival]) -> tuple[int, ...]:
        if not arrivals:
            return ()
        seq = await self._stamp()
        last = await self._one("SELECT coalesce(max(id), 0) FROM thread")
        assert last is not None
        numbers = tuple(range(last[0] + 1, last[0] + 1 + len(arrivals)))
        # Flat, row after row: a tuple kept for each would be one more thing to collect.
        threads: list[object] = []
        events: list[object] = []
        flags: list[object] = []
        posts: list[object] = []
        folded: list[object] = []
        for number, (record, happened, raised, written) in zip(numbers, arrivals, strict=True):
            threads += number, record.realm, record.thread.subject
            threads += thread_values(record)
            threads.append(seq)
            for event in happened:
                events += event_values(number, event)
            for flag in raised:
                flags += flag_values(flag)
                flags += number, flag.key
            for post in written:
                posts += post_values(post)
                posts += number, post.remote_id
                folded += number, post.remote_id, post.text.casefold()
        await self._insert_all(*_THREADS, threads)
        await self._insert_all(*_EVENTS, events)
        await self._insert_all(*_FLAGS, flags)
        await self._insert_all(*_POSTS, posts)
        await self._insert_all(*_FOLDED, folded)
        self._marked.update(numbers)
        return numbers
