"""What a listing for scripts says beyond queue rows, for very many threads at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from modtui.store.desk import DeskWrites
from modtui.store.rows import LISTED, Row, listed, moment

if TYPE_CHECKING:
    from modtui.store.listing_port import FlagGroup, QueueExtra

_THREADS = f"SELECT id, realm, channel, created_at FROM thread WHERE id IN {LISTED}"
_FLAGS = (
    "SELECT thread, reason, by, at FROM flag WHERE closed_at IS NULL"
    f" AND thread IN {LISTED} ORDER BY at, reason, by"
)


class ListingReads(DeskWrites):
    async def queue_extras(self, ids: Sequence[int]) -> Mapping[int, QueueExtra]:
        from modtui.store.listing_port import FlagGroup, QueueExtra

        restricted = {
            (realm, channel.remote_id): channel.restriction
            for realm, channel in await self.restrictions()
        }
        flags: dict[int, list[Row]] = {}
        # Most threads have a flag or two: to group them here costs half of what SQLite takes.
        for row in await self._all(_FLAGS, listed(ids)):
            flags.setdefault(row[0], []).append(row)
        return {
            number: QueueExtra(
                realm,
                channel,
                moment(created),
                restricted.get((realm, channel)),
                _grouped(flags.get(number, ()), FlagGroup),
            )
            for number, realm, channel, created in await self._all(_THREADS, listed(ids))
        }


def _grouped(flags: Sequence[Row], group: type[FlagGroup]) -> tuple[FlagGroup, ...]:
    """Return flags in time order by reason and reporter, the first of each first; `group` is the
    class, which is loaded for a listing alone."""
    if len(flags) == 1:
        _, reason, by, at = flags[0]
        return (group(reason, by, 1, moment(at)),)
    first: dict[tuple[str, str | None], int] = {}
    counts: dict[tuple[str, str | None], int] = {}
    for _, reason, by, at in flags:
        first.setdefault((reason, by), at)
        counts[reason, by] = counts.get((reason, by), 0) + 1
    return tuple(
        group(reason, by, count, moment(first[reason, by]))
        for (reason, by), count in counts.items()
    )
