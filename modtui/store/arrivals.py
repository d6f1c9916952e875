"""New threads with all that came with them: a few statements for very many."""

from __future__ import annotations

from collections.abc import Sequence

from modtui.store.arrivals_port import Arrival
from modtui.store.flags import FLAG_COLUMNS, flag_values
from modtui.store.posts import FOLD_COLUMNS, POST_COLUMNS, post_values
from modtui.store.rows import Row
from modtui.store.threads import EVENT_COLUMNS, THREAD_COLUMNS, ThreadWrites, event_values
from modtui.store.threads import values as thread_values

_THREADS = f"INSERT INTO thread (id, {THREAD_COLUMNS}) VALUES "
_EVENTS = f"INSERT INTO event ({EVENT_COLUMNS}) VALUES "
_FLAGS = f"INSERT INTO flag ({FLAG_COLUMNS}) VALUES "
_POSTS = f"INSERT INTO post ({POST_COLUMNS}) VALUES "
_FOLDED = f"INSERT INTO post_folded ({FOLD_COLUMNS}) VALUES "


class Arrivals(ThreadWrites):
    async def enter(self, arrivals: Sequence[Arrival]) -> tuple[int, ...]:
        if not arrivals:
            return ()
        seq = await self._stamp()
        last = await self._one("SELECT coalesce(max(id), 0) FROM thread")
        assert last is not None
        numbered = list(enumerate(arrivals, last[0] + 1))
        threads: list[Row] = []
        events: list[Row] = []
        flags: list[Row] = []
        posts: list[Row] = []
        folded: list[Row] = []
        for number, (record, happened, raised, written) in numbered:
            kept = (record.realm, record.thread.subject)
            threads.append((number, *kept, *thread_values(record), seq))
            events += [event_values(number, event) for event in happened]
            flags += [(*flag_values(flag), number, flag.key) for flag in raised]
            posts += [(*post_values(post), number, post.remote_id) for post in written]
            folded += [(number, post.remote_id, post.text.casefold()) for post in written]
        for sql, rows in (
            (_THREADS, threads),
            (_EVENTS, events),
            (_FLAGS, flags),
            (_POSTS, posts),
            (_FOLDED, folded),
        ):
            await self._insert_all(sql, rows)
        numbers = tuple(number for number, _ in numbered)
        self._marked.update(numbers)
        return numbers
