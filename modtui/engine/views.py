"""What the lists read: ids in order, and rows from a bounded cache, at once."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence

from modtui.domain.views import Change, QueueRow
from modtui.store import Store

ROWS_KEPT = 2_000
SOUGHT_IN_TURN = 8


class Rows:
    """A bounded cache of queue rows, filled through `Store.peek`.

    Where the store cannot answer at once, a missing row is None, `wanted` is called with the
    ids, and a change follows when `put` brought them. `dress` gives a row the looks that it has
    on screen.
    """

    def __init__(
        self,
        store: Store,
        me: str,
        wanted: Callable[[Sequence[int]], None],
        kept: int = ROWS_KEPT,
        *,
        dress: Callable[[QueueRow], QueueRow] = lambda row: row,
    ) -> None:
        self._store = store
        self._me = me
        self._wanted = wanted
        self._dress = dress
        self._kept = kept
        self._rows: OrderedDict[int, QueueRow] = OrderedDict()

    def read(self, ids: Sequence[int]) -> dict[int, QueueRow | None]:
        """Return a row for each of `ids`; None where it is not here yet or gone."""
        missing = [number for number in ids if number not in self._rows]
        if missing:
            found = self._store.peek(lambda tx: tx.queue_rows(missing, self._me))
            if found is None:
                self._wanted(missing)
            else:
                self.put(found)
        rows: dict[int, QueueRow | None] = {}
        for number in ids:
            row = self._rows.get(number)
            if row is not None:
                self._rows.move_to_end(number)
            rows[number] = row
        self._trim()
        return rows

    def put(self, rows: Mapping[int, QueueRow]) -> None:
        """Take rows that were read."""
        self._rows.update((number, self._dress(row)) for number, row in rows.items())

    def forget(self, change: Change) -> None:
        """Drop the rows that `change` made old."""
        if change.wide:
            self._rows.clear()
        for number in change.threads:
            self._rows.pop(number, None)

    def __len__(self) -> int:
        return len(self._rows)

    def _trim(self) -> None:
        while len(self._rows) > self._kept:
            self._rows.popitem(last=False)


class ListView:
    """The `QueueView` of `modtui.engine`: a fixed order, rows as they are now."""

    def __init__(self, ids: Iterable[int], rows: Rows) -> None:
        self._ids = array("q", ids)
        self._rows = rows
        self._seen: dict[int, int | None] = {}
        self._sought = 0
        self._places: array[int] | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def id_at(self, index: int) -> int:
        """Return the thread at `index`. Raises IndexError."""
        thread = self._ids[index]
        self._keep(thread, index if index >= 0 else len(self._ids) + index)
        return thread

    def index_of(self, thread_id: int) -> int | None:
        """Return where the thread stands, or None when it is not in this view."""
        if thread_id not in self._seen:
            self._keep(thread_id, self._find(thread_id))
        return self._seen[thread_id]

    def _keep(self, thread_id: int, index: int | None) -> None:
        if len(self._seen) >= ROWS_KEPT:
            self._seen.clear()
        self._seen[thread_id] = index

    def _find(self, thread_id: int) -> int | None:
        self._sought += 1
        if self._places is None and self._sought <= SOUGHT_IN_TURN:
            try:
                return self._ids.index(thread_id)
            except ValueError:
                return None
        # It takes as long to make as looking through all of them some ten times.
        places = self._places if self._places is not None else self._placed()
        index = places[thread_id] if 0 <= thread_id < len(places) else -1
        return index if index >= 0 else None

    def settled(self) -> ListView:
        """Return this view, ready to say where a thread stands: of very many threads that is
        worked out where the screen does not wait for it."""
        self._placed()
        return self

    def _placed(self) -> array[int]:
        # By thread number: four bytes a thread where a dict takes a hundred.
        places = array("i", (-1,)) * (max(self._ids, default=0) + 1)
        for index, number in enumerate(self._ids):
            places[number] = index
        self._places = places
        return places

    def rows(self, ids: Sequence[int]) -> Mapping[int, QueueRow | None]:
        """Return the rows of `ids` from the cache, at once."""
        return self._rows.read(ids)
