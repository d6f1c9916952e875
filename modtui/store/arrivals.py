"""New threads with all that came with them: a few statements for very many."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import chain
from typing import TYPE_CHECKING

from modtui.store.arrivals_port import Arrival
from modtui.store.connection import roomy
from modtui.store.threads import ThreadWrites

if TYPE_CHECKING:
    from modtui.store.arrival_rows import Rows

_MANY = 200


class Arrivals(ThreadWrites):
    async def enter(self, arrivals: Iterable[Arrival]) -> tuple[int, ...]:
        waiting = iter(arrivals)
        first = next(waiting, None)
        if first is None:
            return ()
        # Loaded with the first that comes, not with a start.
        from modtui.store.arrival_rows import Rows

        seq = await self._stamp()
        last = await self._one("SELECT coalesce(max(id), 0) FROM thread")
        assert last is not None
        number, rows = last[0], Rows((first.record.realm, first.record.account, seq))
        for arrival in chain((first,), waiting):
            number += 1
            rows.add(number, arrival)
        numbers = tuple(range(last[0] + 1, number + 1))
        with roomy(self._connection) if len(numbers) >= _MANY else nullcontext():
            await self._put(rows)
        self._marked.update(numbers)
        return numbers

    async def _put(self, rows: Rows) -> None:
        """Insert `rows`, one table after the other: all their pages at once are many."""
        for form, values in rows.tables():
            shared = rows.shared if form.shared else ()
            await self._insert_all(form, values, shared)
