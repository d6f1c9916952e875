"""An account's first read, told while it lasts and once at its end."""

from __future__ import annotations

from datetime import timedelta

from modtui.domain.views import QueueFilter
from modtui.domain.words import span
from modtui.engine.health import Standing
from modtui.engine.intake import Taken
from modtui.engine.parts import Parts
from modtui.store import AuditLine, ReadTx


class FirstRead:
    """An account's first read: how many threads it has found, and what it put aside."""

    def __init__(self, parts: Parts, standing: Standing, backlog: timedelta) -> None:
        self._parts = parts
        self._standing = standing
        self._backlog = backlog
        self._seen: set[int] | None = None

    async def begin(self) -> None:
        """Look whether the account was ever read to the end."""
        name = self._standing.now().name
        if await self._parts.store.read(lambda tx: tx.complete_at(name)) is None:
            self._seen = self._seen or set()

    async def took(self, taken: Taken) -> None:
        """A batch was stored: say how far the first read is, and once how it ended."""
        if self._seen is None:
            return
        self._seen |= taken.changed
        if not taken.caught_up:
            self._standing.reading(len(self._seen))
            return
        found, self._seen = len(self._seen), None
        name = self._standing.now().name
        view, me, now = QueueFilter(accounts=(name,), backlog=True), self._parts.me, self._parts.now

        async def count(tx: ReadTx) -> int:
            return len(await tx.queue_ids(view, now(), me))

        aside = await self._parts.store.read(count)
        told = self._words(found, aside)
        if aside:
            line = AuditLine(now(), name, "put aside", None, None, f"{name}: {told}")
            await self._parts.store.write(lambda tx: tx.add_audit(line))
        self._standing.read_first(told)

    def _words(self, found: int, aside: int) -> str:
        threads = "1 thread" if found == 1 else f"{found} threads"
        if not aside:
            return f"read {threads}"
        days = self._backlog.days
        age = span(self._backlog) if days < 2 else f"{days} days"
        is_put = "is" if aside == 1 else "are"
        return f"read {threads} · {aside} older than {age} {is_put} put aside: filter backlog"
