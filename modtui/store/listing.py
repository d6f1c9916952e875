"""What a listing for scripts says beyond queue rows, for very many threads at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modtui.store import FlagGroup, QueueExtra
from modtui.store.desk import DeskWrites
from modtui.store.rows import chunks, marks, moment

_THREADS = "SELECT id, realm, channel, created_at FROM thread WHERE id IN "
_FLAGS = (
    "SELECT thread, reason, by, count(*), min(at) FROM flag WHERE closed_at IS NULL AND thread IN "
)


class ListingReads(DeskWrites):
    async def queue_extras(self, ids: Sequence[int]) -> Mapping[int, QueueExtra]:
        restricted = {
            (realm, channel.remote_id): channel.restriction
            for realm, channel in await self.restrictions()
        }
        found: dict[int, QueueExtra] = {}
        for some in chunks(ids):
            flags: dict[int, list[FlagGroup]] = {}
            groups = f"{_FLAGS}({marks(len(some))}) GROUP BY thread, reason, by ORDER BY 5, 2, 3"
            for number, reason, by, count, first in await self._all(groups, *some):
                flags.setdefault(number, []).append(FlagGroup(reason, by, count, moment(first)))
            for number, realm, channel, created in await self._all(
                f"{_THREADS}({marks(len(some))})", *some
            ):
                found[number] = QueueExtra(
                    realm,
                    channel,
                    moment(created),
                    restricted.get((realm, channel)),
                    tuple(flags.get(number, ())),
                )
        return found
