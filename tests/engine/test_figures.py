"""The numbers that are read at once are as new as what changed, and no more is counted."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from modtui.domain.views import Change, Counts
from modtui.engine.figures import Figures
from modtui.engine.parts import Parts

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Reads:
    """A transaction that tells how often its threads were counted."""

    counted = 0

    async def counts(self, now: datetime, me: str) -> Counts:
        self.counted += 1
        return Counts(open=self.counted)

    async def deliveries(self, **asked: Any) -> tuple[()]:
        return ()

    async def sent_counts(self) -> Mapping[str, int]:
        return {}

    async def quarantined(self) -> tuple[()]:
        return ()


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        (Change(threads=frozenset({7})), 2),
        (Change(deliveries=True), 2),
        (Change(wide=True), 2),
        (Change(accounts=True), 1),
        (Change(replies=True), 1),
    ],
)
async def test_threads_are_counted_anew_where_one_may_stand_otherwise(
    change: Change, counted: int
) -> None:
    tx = Reads()

    async def read(work: Callable[[Reads], Awaitable[Any]]) -> Any:
        return await work(tx)

    parts = SimpleNamespace(now=lambda: AT, me="mod-a", store=SimpleNamespace(read=read))
    figures = Figures(cast(Parts, parts))
    await figures.read(Change(accounts=True))
    assert figures.counts == Counts(open=1)
    await figures.read(change)
    assert (figures.counts, tx.counted) == (Counts(open=counted), counted)
