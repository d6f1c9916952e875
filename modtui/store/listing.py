"""What a listing for scripts says of very many threads at once: of each only that, so that it costs
half of what rows of the queue do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from modtui.domain.model import Claim, Restriction
from modtui.domain.text import clean_line
from modtui.store.desk import DeskWrites
from modtui.store.rows import LISTED, Row, listed, moment, moment_or_none
from modtui.store.session import LIVE_CLAIM
from modtui.store.threads import SEVERITIES

if TYPE_CHECKING:
    from modtui.store.listing_port import FlagGroup, Listed

_THREADS = (
    "SELECT id, account, realm, channel, subject, url, title, author_name, language, state,"
    " severity, flag_count, clock, due_at, soon_at, resumes_at, policy, revision, created_at,"
    " first_flag_at, help_route, now_at, now_due_at, now_reason, resolved_at, resolved_by, pending,"
    f" unknown FROM thread WHERE id IN {LISTED}"
)
_FLAGS = (
    "SELECT thread, reason, by, at FROM flag WHERE closed_at IS NULL"
    f" AND thread IN {LISTED} ORDER BY at, reason, by"
)
_CLAIMS = f"SELECT thread, by, session, epoch, lease_until FROM claim WHERE {LIVE_CLAIM}"


class ListingReads(DeskWrites):
    async def listing(self, ids: Sequence[int]) -> Iterator[Listed]:
        asked = listed(ids)
        channels = {
            (realm, one.remote_id): (str(one.name), one.restriction)
            for realm, one in await self.every_channel()
        }
        claims = await self._claims()
        flags: dict[int, list[Row]] = {}
        # Most threads have a flag or two: to group them here costs half of what SQLite takes.
        for row in self._execute(_FLAGS, (asked,)):
            flags.setdefault(row[0], []).append(row)
        # Not all at once: what is let go of is used again, and that is in the processor's cache.
        return _threads(self._execute(_THREADS, (asked,)), channels, claims, flags)

    async def _claims(self) -> Mapping[int, Claim]:
        """Return the claims that stand, by thread."""
        live = (self._clock.boot, self._clock.lease())
        return {
            number: Claim(number, by, session, epoch, self._wall_end(until))
            for number, by, session, epoch, until in await self._all(_CLAIMS, *live)
        }


def _threads(
    rows: Iterable[Row],
    channels: Mapping[tuple[str, str], tuple[str, Restriction | None]],
    claims: Mapping[int, Claim],
    flags: Mapping[int, Sequence[Row]],
) -> Iterator[Listed]:
    # Loaded for a listing alone.
    from modtui.store.listing_port import FlagGroup, Listed

    levels = [level.value for level in SEVERITIES]
    for (
        number, account, realm, channel_id, subject, url, title, author, language, state,
        severity, flag_count, clock, due, soon, resumes, policy, revision, created, first_flag,
        help_route, now, now_due, now_reason, resolved, resolved_by, pending, unknown,
    ) in rows:  # fmt: skip
        known = channels.get((realm, channel_id))
        channel, restriction = known or (str(clean_line(channel_id)), None)
        yield Listed(
            number, account, realm, channel_id, channel, subject, url, title, author, language,
            state, levels[severity], flag_count, _grouped(flags.get(number, ()), FlagGroup),
            clock, moment_or_none(due), moment_or_none(soon), moment_or_none(resumes), policy,
            claims.get(number), revision, moment(created), moment(first_flag), restriction,
            help_route, moment_or_none(now), moment_or_none(now_due), now_reason,
            moment_or_none(resolved), resolved_by, pending, unknown,
        )  # fmt: skip


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
