"""One transaction on one connection: what every query is written on.

The methods are coroutines that never suspend, so a unit of work over them runs to its end on
the thread that drives it.
"""

from __future__ import annotations

import math
import re
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from modtui.domain.model import FOR_GOOD
from modtui.store import StoreClock
from modtui.store.rows import Row, scrubbed

ON_PLATFORM = "platform"
"""In place of a boot id: a claim that stands on the platform, for as long as it says so."""
FOR_EVER = 1e18
"""The lease end of such a claim."""
MOST_SECONDS = 0.05
"""A statement is held up for no longer, whatever is asked."""
LIVE_CLAIM = f"lease_boot IN (?, '{ON_PLATFORM}') AND lease_until > ?"
"""Holds for claims that stand; its parameters are this boot's id and its lease clock."""

# More at once is hardly faster, and each such statement is kept with its program, as 0.2 MB.
_MOST_PARAMETERS = 2000


class Form:
    """How rows are inserted into `table`: with values of `columns` in each, with values of `shared`
    that are given once for all, and with what SQL makes of these for the columns of `made`, where
    `{name}` stands for the value of a column of the row. A row that cannot be there ends the whole
    transaction."""

    def __init__(
        self,
        table: str,
        columns: Sequence[str],
        shared: Sequence[str] = (),
        made: Mapping[str, str] | None = None,
    ) -> None:
        self.width, self.shared = len(columns), len(shared)
        made = made or {}
        # To take back one statement alone, SQLite would first copy every page that it changes.
        names = ", ".join((*shared, *columns, *made))
        self._begin = f"INSERT OR ROLLBACK INTO {table} ({names}) VALUES "
        once = (f"?{number}" for number in range(1, self.shared + 1))
        known = dict.fromkeys(columns, "?{}")
        self._row = f"({', '.join((*once, *'?' * self.width, *made.values()))})".format_map(known)
        self._places = [
            columns.index(name) for name in re.findall(r"{(\w+)}", " ".join(made.values()))
        ]
        self._known: dict[int, str] = {}

    def rows(self, count: int) -> str:
        """Return the statement for so many rows."""
        known = self._known.get(count)
        if known is None:
            starts = range(self.shared + 1, self.shared + count * self.width + 1, self.width)
            known = self._known[count] = self._begin + ", ".join(map(self._numbered, starts))
        return known

    def _numbered(self, start: int) -> str:
        """Return a row whose first value is parameter number `start`."""
        return self._row.format(*(start + place for place in self._places))


class Way:
    """Two threads that compute take turns, and each turn costs the one that is waited for. So a
    transaction that gives way rests before its next statement. `clock` is monotonic seconds;
    `sleep` stops the calling thread."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._until = -math.inf

    def ask(self, seconds: float) -> None:
        """Let whoever gives way rest for `seconds` from now. May be called from any thread."""
        self._until = self._clock() + seconds

    def give(self) -> None:
        """Rest for as long as was asked for last."""
        left = self._until - self._clock()
        if left > 0:
            self._sleep(min(left, MOST_SECONDS))


class Session:
    """Runs statements of one transaction. `?` marks a parameter. `often` has the authors, by realm
    and id, who were flagged very often, each with the time of the lease clock to which that is
    known."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: StoreClock,
        way: Way,
        often: dict[tuple[str, str], float],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._way = way
        self._often = often
        self._gives_way = False
        self._seq: int | None = None
        self._marked: set[int] = set()

    @cached_property
    def _most(self) -> int:
        """So many parameters a statement takes: some builds of SQLite allow 999."""
        return min(
            _MOST_PARAMETERS, self._connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        )

    def give_way(self) -> None:
        self._gives_way = True

    def rest(self) -> None:
        if self._gives_way:
            self._way.give()

    def _execute(self, sql: str, params: Sequence[object]) -> sqlite3.Cursor:
        self.rest()
        try:
            return self._connection.execute(sql, params)
        except UnicodeEncodeError:
            return self._connection.execute(sql, [scrubbed(p) for p in params])

    async def _all(self, sql: str, *params: object) -> list[Row]:
        return self._execute(sql, params).fetchall()

    async def _one(self, sql: str, *params: object) -> Row | None:
        row: Row | None = self._execute(sql, params).fetchone()
        return row

    async def _run(self, sql: str, *params: object) -> int:
        """Return how many rows were changed."""
        return self._execute(sql, params).rowcount

    async def _insert(self, sql: str, *params: object) -> int:
        """Return the number that the new row got."""
        return self._execute(sql, params).lastrowid or 0

    async def _insert_all(
        self, form: Form, values: Sequence[object], shared: Sequence[object] = ()
    ) -> None:
        """Insert rows of `form` whose values stand one after the other in `values`.

        A statement takes many rows: its start, and the conditions of partial indexes, cost as
        much for one. Each value that is handed over costs as much as a column: what all rows
        share is handed over once, and what SQL can make of other values is not.
        """
        at = 0
        for count in ((self._most - form.shared) // form.width, 8, 1):
            size = count * form.width
            while len(values) - at >= size:
                self._execute(form.rows(count), (*shared, *values[at : at + size]))
                at += size

    async def _mark(self, thread_id: int) -> None:
        """Mark a thread as changed by this transaction."""
        if thread_id not in self._marked:
            seq = await self._stamp()
            await self._run("UPDATE thread SET seq = ? WHERE id = ?", seq, thread_id)
            self._marked.add(thread_id)

    async def _stamp(self) -> int:
        """The number of this transaction in the order of all that wrote."""
        if self._seq is None:
            await self._run("UPDATE counter SET value = value + 1 WHERE name = 'seq'")
            row = await self._one("SELECT value FROM counter WHERE name = 'seq'")
            assert row is not None
            self._seq = int(row[0])
        return self._seq

    def _lease_end(self, seconds: float) -> float:
        return self._clock.lease() + seconds

    def _live(self, until: float | None, boot: str | None) -> bool:
        """Whether a lease stands; one of another boot is over."""
        boots = (self._clock.boot, ON_PLATFORM)
        return until is not None and boot in boots and until > self._clock.lease()

    def _wall_end(self, until: float) -> datetime:
        """The wall time at which a lease ends, for showing."""
        if until >= FOR_EVER:
            return FOR_GOOD
        return self._clock.wall() + timedelta(seconds=until - self._clock.lease())
