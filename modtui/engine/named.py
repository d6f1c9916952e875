"""The views of the queue: counted, narrowed, searched, saved under a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from modtui.domain.named_views import By, Kind, View
from modtui.domain.text import clean_line
from modtui.domain.views import QueueFilter
from modtui.engine import Refused
from modtui.engine.knowing import Outside
from modtui.engine.parts import Parts
from modtui.store import ReadTx, Tx

NAME_AT_MOST = 40


class StoredViews:
    """The `Views` of a store. `may_act` raises Refused where nothing may be written."""

    def __init__(self, parts: Parts, may_act: Callable[[], None]) -> None:
        self._parts = parts
        self._may_act = may_act

    def asks(self, view: View) -> QueueFilter:
        """Return what is asked of the store now."""
        parts = self._parts
        return view.asks(parts.me, parts.now(), parts.desk.moderator.timezone)

    async def counted(self, views: Sequence[View]) -> tuple[int, ...]:
        """Return how many threads each view holds."""
        now, filters = self._parts.now(), [self.asks(view) for view in views]

        async def work(tx: ReadTx) -> tuple[int, ...]:
            return tuple([await tx.queue_count(each, now) for each in filters])

        return await self._parts.store.read(work)

    async def groups(self, view: View, by: By) -> tuple[tuple[str, int], ...]:
        """Return what there is to narrow `view` by."""
        asked, now = self.asks(view), self._parts.now()
        found = await self._parts.store.read(lambda tx: tx.queue_groups(asked, by, now))
        return tuple(found)

    async def outside(self, view: View) -> Outside:
        """Return what cannot wait and is not in `view`."""
        if view.whole:
            return Outside()
        wanted = [self.asks(each) for each in (view, View(Kind.LATE), View(Kind.NOW))]
        now, me = self._parts.now(), self._parts.me

        async def work(tx: ReadTx) -> Outside:
            inside, late, lane = [set(await tx.queue_ids(each, now, me)) for each in wanted]
            return Outside(len(late - inside), len(lane - inside))

        return await self._parts.store.read(work)

    async def search(self, text: str, view: View) -> tuple[int, ...]:
        """Return the threads of `view` that have `text`."""
        asked, now, me = self.asks(view), self._parts.now(), self._parts.me

        async def work(tx: ReadTx) -> tuple[int, ...]:
            found = await tx.queue_ids(replace(asked, text=text), now, me)
            inside = set(await tx.queue_ids(asked, now, me)) if asked.text else set(found)
            return tuple(each for each in found if each in inside)

        return await self._parts.store.read(work)

    async def saved(self) -> tuple[View, ...]:
        """Return mine, by name."""
        return await self._parts.store.read(lambda tx: tx.saved_views(self._parts.me))

    async def save(self, view: View) -> View:
        """Keep `view` under its name. Raises Refused."""
        self._may_act()
        named = replace(view, name=clean_line(view.name).strip())
        if not named.name:
            raise Refused("invalid", "a view is saved under a name: write one")
        if len(named.name) > NAME_AT_MOST:
            raise Refused("invalid", f"that name is too long: at most {NAME_AT_MOST} letters")
        await self._parts.store.write(lambda tx: tx.save_view(self._parts.me, named))
        return named

    async def forget(self, name: str) -> None:
        """Forget one of mine."""
        self._may_act()

        async def work(tx: Tx) -> None:
            await tx.forget_view(self._parts.me, name)

        await self._parts.store.write(work)
