"""The review queue, read whole or from its newest end, and how often it may be."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec

from modtui.connectors import Broken, Rejected
from modtui.connectors.discourse.facts import (
    SCORES,
    Action,
    Bundle,
    Reviewable,
    Score,
    ScoreType,
    Side,
    TopicLine,
    User,
    side_of,
)
from modtui.connectors.discourse.line import Line, understood
from modtui.connectors.reading import broken, convert_each, named_in
from modtui.domain.frozen import dataclass

_WHOLE = timedelta(minutes=5)
_MOST_PAGES = 1000
_FEW_PAGES = 2
_SPARE = 3
"""Requests a minute that polling leaves for what a moderator does."""


class _Meta(msgspec.Struct):
    total_rows_reviewables: int | None = None
    load_more_reviewables: str | None = None


class _Page(msgspec.Struct):
    reviewables: list[object]
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Count(msgspec.Struct):
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What is pending. `whole`: read to the end of a list that did not move meanwhile. `unread`
    are the items that could not be read; what stands beside the items is in `broken` too."""

    items: tuple[Reviewable, ...]
    side: Side
    unread: tuple[Broken, ...]
    broken: tuple[Broken, ...]
    whole: bool


class Queue:
    """Reads the review queue of one account within its requests."""

    def __init__(self, line: Line, now: Callable[[], datetime]) -> None:
        self._line = line
        self._now = now
        self._count: int | None = None
        self._pages = 1
        self._whole_at: datetime | None = None
        self._moved = False

    async def read(self, known: Collection[str]) -> Listing | None:
        """Return what is pending; None where the forum counts as many as before and a whole read
        is not due. `known` are the items that were told: where the list is long, it is read from
        its newest end up to a page of those."""
        count = await self._counted()
        # What closed is believed once a second list lacks it, so one is read right after a change.
        changed, due = count != self._count or self._moved, self._due()
        self._moved, self._count = count != self._count, count
        if not changed and not due:
            return None
        if due or self._pages <= _FEW_PAGES:
            return await self._whole()
        return await self._newest(known)

    async def _counted(self) -> int:
        body = await self._line.read("/review/count.json", spare=_SPARE)
        return understood(body, _Count, "count of its queue").count

    def _due(self) -> bool:
        if self._whole_at is None:
            return True
        # A longer list is read less often, so that a day's requests suffice for it.
        every = _WHOLE * max(1, self._pages)
        return not timedelta() <= self._now() - self._whole_at < every

    async def _whole(self) -> Listing:
        gathered = _Gathered()
        totals: set[int | None] = set()
        for number in range(_MOST_PAGES):
            page = await self._page(gathered, "created_at_asc", gathered.rows)
            totals.add(page.meta.total_rows_reviewables)
            if not page.reviewables or page.meta.load_more_reviewables is None:
                still = len(totals) == 1 and totals <= {None, gathered.rows}
                self._pages = number + 1
                self._whole_at = self._now() if still else None
                return gathered.listing(whole=still and gathered.distinct)
        return gathered.listing(whole=False)

    async def _newest(self, known: Collection[str]) -> Listing:
        gathered = _Gathered()
        for _ in range(_MOST_PAGES):
            before = len(gathered.items)
            page = await self._page(gathered, "created_at", gathered.rows)
            fresh = [one for one in list(gathered.items)[before:] if str(one) not in known]
            if not fresh or page.meta.load_more_reviewables is None:
                break
        return gathered.listing(whole=False)

    async def _page(self, gathered: _Gathered, order: str, offset: int) -> _Page:
        params: dict[str, str | int] = {"status": "pending", "sort_order": order}
        if offset:
            params["offset"] = offset
        body = await self._line.read("/review.json", params, spare=_SPARE)
        page = understood(body, _Page, "review queue")
        if not isinstance(body, dict):
            raise Rejected("the forum gave no review queue")
        gathered.add(page.reviewables, side_of(body))
        return page


class _Gathered:
    """What pages told, put together."""

    def __init__(self) -> None:
        self.items: dict[int, Reviewable] = {}
        self.rows = 0
        self._unread: list[Broken] = []
        self._bad: list[Broken] = []
        self._good = 0
        self._users: dict[int, User] = {}
        self._topics: dict[int, TopicLine] = {}
        self._scores: dict[int, Score] = {}
        self._types: dict[int, ScoreType] = {}
        self._bundles: dict[str, Bundle] = {}
        self._actions: dict[str, Action] = {}

    @property
    def distinct(self) -> bool:
        """Whether nothing was told twice, as a list that moves does."""
        return self._good == len(self.items)

    def add(self, rows: list[object], side: Side) -> None:
        """Take in a page."""
        good, unread = convert_each(rows, Reviewable, "review", lambda raw: named_in(raw, "id"))
        self.rows += len(rows)
        self._good += len(good)
        self.items |= {item.id: item for item in good}
        self._unread += unread
        self._bad += side.broken
        self._users |= side.users
        self._topics |= side.topics
        self._scores |= side.scores
        self._types |= side.types
        self._bundles |= side.bundles
        self._actions |= side.actions

    def listing(self, *, whole: bool) -> Listing:
        """Return what was gathered."""
        side = Side(
            self._users, self._topics, self._scores, self._types, self._bundles, self._actions
        )
        unread = (*self._unread, *self._half_read())
        return Listing(
            tuple(self.items.values()), side, unread, (*self._unread, *self._bad), whole=whole
        )

    def _half_read(self) -> list[Broken]:
        """Return the items that lack flags, where a flag could not be read: it may be theirs."""
        if not any(one.where == SCORES for one in self._bad):
            return []
        lacking = [
            item
            for item in self.items.values()
            if any(score not in self._scores for score in item.reviewable_score_ids or ())
        ]
        return [broken(SCORES, "not all of its flags", i.id, str(i.id)) for i in lacking]
