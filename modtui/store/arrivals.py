"""New threads with all that came with them: a few statements for very many."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import chain

from modtui.store.arrivals_port import Arrival
from modtui.store.connection import roomy
from modtui.store.flags import FLAG_COLUMNS, flag_values
from modtui.store.posts import FOLD_COLUMNS, POST_COLUMNS, post_values
from modtui.store.session import Form
from modtui.store.threads import (
    EVENT_COLUMNS,
    FRESH,
    FRESH_COLUMNS,
    ThreadWrites,
    event_values,
    later_values,
    told_values,
)

_FRESH = Form("thread", ("id", *FRESH_COLUMNS), FRESH)
_THREADS = Form("thread", ("id", *FRESH_COLUMNS, *FRESH))
_EVENTS = Form("event", EVENT_COLUMNS)
_FLAGS = Form("flag", FLAG_COLUMNS)
_POSTS = Form("post", POST_COLUMNS)
_FOLDED = Form("post_folded", FOLD_COLUMNS)
_MANY = 200
_AS_FRESH = tuple(FRESH.values())


class _Rows:
    """What is on its way into each table, flat, row after row: a tuple kept for each would be one
    more thing to collect."""

    def __init__(self) -> None:
        self.fresh: list[object] = []
        self.threads: list[object] = []
        self.events: list[object] = []
        self.flags: list[object] = []
        self.posts: list[object] = []
        self.folded: list[object] = []

    def add(self, number: int, seq: int, arrival: Arrival) -> None:
        """Take in a thread that gets `number`."""
        record, happened, raised, written = arrival
        later = later_values(record)
        threads = self.fresh if later == _AS_FRESH else self.threads
        threads += number, record.realm, record.thread.subject
        threads += told_values(record)
        threads.append(seq)
        if threads is self.threads:
            threads += later
        for event in happened:
            self.events += event_values(number, event)
        for flag in raised:
            self.flags += flag_values(flag)
            self.flags += number, flag.key
        for post in written:
            self.posts += post_values(post)
            self.posts += number, post.remote_id
            self.folded += number, post.remote_id, post.text.casefold()


class Arrivals(ThreadWrites):
    async def enter(self, arrivals: Iterable[Arrival]) -> tuple[int, ...]:
        waiting = iter(arrivals)
        first = next(waiting, None)
        if first is None:
            return ()
        seq = await self._stamp()
        last = await self._one("SELECT coalesce(max(id), 0) FROM thread")
        assert last is not None
        number, rows = last[0], _Rows()
        for arrival in chain((first,), waiting):
            number += 1
            rows.add(number, seq, arrival)
        numbers = tuple(range(last[0] + 1, number + 1))
        with roomy(self._connection) if len(numbers) >= _MANY else nullcontext():
            await self._put(rows)
        self._marked.update(numbers)
        return numbers

    async def _put(self, rows: _Rows) -> None:
        """Insert `rows`, one table after the other: all their pages at once are many."""
        await self._insert_all(_FRESH, rows.fresh)
        await self._insert_all(_THREADS, rows.threads)
        await self._insert_all(_EVENTS, rows.events)
        await self._insert_all(_FLAGS, rows.flags)
        await self._insert_all(_POSTS, rows.posts)
        await self._insert_all(_FOLDED, rows.folded)
