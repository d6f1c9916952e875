"""Views of the queue: how many threads each holds, and those that were saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from modtui.domain.named_views import By, View, dump, load
from modtui.domain.views import QueueFilter
from modtui.store.queue import QueueReads
from modtui.store.rows import unlisted

_COLUMNS = {
    By.PLATFORM: "account",
    By.LANGUAGE: "coalesce(language, '')",
    By.REASON: "reasons",
}


class NamedViews(QueueReads):
    async def queue_groups(
        self, view: QueueFilter, by: By, now: datetime
    ) -> Sequence[tuple[str, int]]:
        terms, column = self._terms(view, now), _COLUMNS[by]
        rows = await self._all(
            f"SELECT {column}, count(*) FROM thread{terms.where()} GROUP BY 1", *terms.params
        )
        counted: Counter[str] = Counter()
        for value, count in rows:
            for each in unlisted(value) if by is By.REASON else (value,):
                counted[each] += count
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

    async def saved_views(self, by: str) -> tuple[View, ...]:
        rows = await self._all("SELECT view FROM saved_view WHERE by = ? ORDER BY name", by)
        found: list[View] = []
        for (stored,) in rows:
            try:
                found.append(load(stored))
            except ValueError:
                # Saved by a newer modtui, which knows more kinds.
                continue
        return tuple(found)

    async def save_view(self, by: str, view: View) -> None:
        await self._run(
            "INSERT OR REPLACE INTO saved_view (by, name, view) VALUES (?, ?, ?)",
            by,
            view.name,
            dump(view),
        )

    async def forget_view(self, by: str, name: str) -> bool:
        return bool(await self._run("DELETE FROM saved_view WHERE by = ? AND name = ?", by, name))
