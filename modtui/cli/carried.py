"""What became of deliveries, in lines for a log: which one and how it ended, never what it says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from modtui.cli.redacting import REDACT
from modtui.domain.outbox import UNFINISHED, Delivery, DeliveryState
from modtui.domain.text import clean_line
from modtui.store import Store

_LATEST = 500
_LONGEST = 2000
_TOLD = frozenset(DeliveryState) - {DeliveryState.HELD, DeliveryState.SENDING}
_WORDS = {
    DeliveryState.NEEDS_HUMAN: "needs a human",
    DeliveryState.UNKNOWN: "outcome unknown, it is looked for",
    DeliveryState.RECONCILING: "outcome unknown, it is looked for",
}
MOST_BYTES = 256 * 1024


class Carried:
    """The deliveries of a store from the first `look` on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, str] | None = None

    async def look(self) -> tuple[str, ...]:
        """Return a line for each delivery that has come to stand differently since the last look;
        the first look names what is not finished."""
        latest = await self._store.read(lambda tx: tx.latest_deliveries(limit=_LATEST))
        open_now = await self._store.read(lambda tx: tx.deliveries(states=UNFINISHED))
        rows = {row.id: row for row in (*latest, *open_now)}
        words = {number: _words(row) for number, row in rows.items() if row.state in _TOLD}
        first, known = self._known is None, self._known or {}
        self._known = {**known, **words}
        if first:
            return _lines(rows[each.id] for each in open_now)
        return _lines(
            rows[number] for number in sorted(words) if known.get(number) != words[number]
        )


def _words(row: Delivery) -> str:
    return _WORDS.get(row.state, row.state.value)


def _lines(rows: Iterable[Delivery]) -> tuple[str, ...]:
    return tuple(
        f"{row.account}: delivery {row.id} ({row.command.kind}): {_words(row)}" for row in rows
    )


class Log:
    """A file of ours that does not grow for ever: a full one is put aside, over the one before.
    Where it cannot be written, what it tells of goes on without it."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now

    def say(self, text: str) -> None:
        """Add one line with the time, if that can be done."""
        with suppress(OSError):
            self._add(text)

    def _add(self, text: str) -> None:
        if self._path.exists() and self._path.stat().st_size > MOST_BYTES:
            self._path.replace(self._path.with_suffix(".log.old"))
        line = f"{self._now():%Y-%m-%dT%H:%M:%SZ} {clean_line(REDACT(text), limit=_LONGEST)}\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(line)
