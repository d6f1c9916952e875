"""What the lists read: ids in order, and rows from a bounded cache, at once."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from modtui.domain.views import Change, QueueFilter, QueueRow
from modtui.store import Store

ROWS_KEPT = 2_000
SOUGHT_IN_TURN = 8
PLACED_IN_TURN = 5_000
TOP = 600
"""So many threads a first paint reads: more than a screen, and all among which the most urgent is
looked for."""


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

    def __init__(self, ids: Sequence[int], rows: Rows) -> None:
        self._ids = array("q")
        for at in range(0, len(ids), PLACED_IN_TURN):
            self._ids.extend(ids[at : at + PLACED_IN_TURN])
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

    def settled(self, rest: Callable[[], None]) -> ListView:
        """Return this view, ready to say where a thread stands: of very many threads that is
        worked out where the screen does not wait for it, with a `rest` before each few of them."""
        self._placed(rest)
        return self

    def _placed(self, rest: Callable[[], None] = lambda: None) -> array[int]:
        # By thread number: four bytes a thread where a dict takes a hundred.
        starts = range(0, len(self._ids), PLACED_IN_TURN)
        most = max((max(self._ids[at : at + PLACED_IN_TURN]) for at in starts), default=0)
        places = array("i", (-1,)) * (most + 1)
        for at in starts:
            rest()
            for index, number in enumerate(self._ids[at : at + PLACED_IN_TURN], at):
                places[number] = index
        self._places = places
        return places

    def rows(self, ids: Sequence[int]) -> Mapping[int, QueueRow | None]:
        """Return the rows of `ids` from the cache, at once."""
        return self._rows.read(ids)


class TopView:
    """The `QueueView` of a first paint: the top of a list and how many it lists, for which nothing
    else is read. Whatever is asked beyond the top is answered by `whole`, which is read then; where
    that cannot be at once, the top has to do until it can."""

    def __init__(
        self,
        top: Sequence[int],
        listed: int,
        whole: Callable[[], Sequence[int] | None],
        rows: Rows,
    ) -> None:
        self._top = ListView(top, rows)
        self._listed = listed
        self._whole = whole
        self._rows = rows
        self._read: ListView | None = None

    def __len__(self) -> int:
        return self._listed if self._read is None else len(self._read)

    def id_at(self, index: int) -> int:
        """Return the thread at `index`, the last one where there are not so many any more. Raises
        IndexError for an empty list."""
        if self._read is None and 0 <= index < len(self._top):
            return self._top.id_at(index)
        every = self._all()
        return every.id_at(min(index, len(every) - 1))

    def index_of(self, thread_id: int) -> int | None:
        """Return where the thread stands, or None when it is not in this view."""
        index = self._top.index_of(thread_id) if self._read is None else None
        return self._all().index_of(thread_id) if index is None else index

    def rows(self, ids: Sequence[int]) -> Mapping[int, QueueRow | None]:
        """Return the rows of `ids` from the cache, at once."""
        return self._rows.read(ids)

    def _all(self) -> ListView:
        if self._read is None:
            ids = self._whole()
            if ids is None:
                return self._top
            self._read = ListView(ids, self._rows)
        return self._read


def view_at_once(
    store: Store, view: QueueFilter, now: datetime, me: str, rows: Rows
) -> ListView | TopView | None:
    """Return the threads of `view`; None where the store cannot answer at once."""
    found = store.peek(lambda tx: tx.queue_top(view, now, me, TOP))
    if found is None:
        return None
    top, listed = found
    if len(top) == listed:
        return ListView(top, rows)
    return TopView(top, listed, lambda: store.peek(lambda tx: tx.queue_ids(view, now, me)), rows)
