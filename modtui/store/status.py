"""Status: threads with their histories for a period, times without sight, who looked last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import TYPE_CHECKING

from modtui.domain.model import Event, EventKind
from modtui.domain.text import Clean, clean_line
from modtui.store.rows import (
    LISTED,
    Row,
    cleaned,
    listed,
    moment,
    moment_or_none,
    stamp,
    unlisted,
)
from modtui.store.status_port import Heard, Look, ThreadLine
from modtui.store.threads import STATES, ThreadWrites, standing_from

if TYPE_CHECKING:
    from modtui.domain.metrics import Blind
    from modtui.domain.quiet import Untouched

_KINDS = {kind.value: kind for kind in EventKind}
_LINES_OF = (
    "SELECT thread.id, seq, account, thread.realm, thread.channel, channel.name, title, language,"
    " state, first_flag_at, snoozed_until, team, now_at, now_due_at, now_reason,"
    " claim.by, claim.lease_until, claim.lease_boot,"
    " clock, due_at, soon_at, resumes_at, breached_at, policy, inherited"
    " FROM thread LEFT JOIN channel"
    " ON channel.realm = thread.realm AND channel.remote_id = thread.channel"
    " LEFT JOIN claim ON claim.thread = thread.id"
    f" WHERE thread.id IN {LISTED} ORDER BY thread.id"
)
_NUMBERS = (
    "SELECT id FROM thread"
    " WHERE +backlog = 0 AND (state <> 'resolved' OR EXISTS (SELECT 1 FROM event"
    " WHERE event.thread = thread.id AND event.at >= ?)) ORDER BY thread.id"
)
_UNTOUCHED = (
    "SELECT thread.id, account, thread.realm, thread.channel, channel.name, language,"
    " first_flag_at, due_at, (SELECT group_concat(at) FROM event WHERE event.thread = thread.id)"
    " FROM thread LEFT JOIN channel"
    " ON channel.realm = thread.realm AND channel.remote_id = thread.channel"
    " WHERE thread.id > ? AND state = 'open' AND +backlog = 0 AND now_at IS NULL"
    " AND now_due_at IS NULL AND (due_at IS NULL OR due_at >= ?)"
    " AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.thread = thread.id)"
    " AND EXISTS (SELECT 1 FROM event WHERE event.thread = thread.id)"
    " AND NOT EXISTS (SELECT 1 FROM event WHERE event.thread = thread.id AND kind <> 'flagged')"
    " ORDER BY thread.id LIMIT ?"
)
# In the order of the index, so that nothing is sorted.
_EVENTS = (
    "SELECT thread, kind, at, actor, detail, id FROM event"
    f" WHERE thread IN {LISTED} ORDER BY thread, at, id"
)


def _event(row: Row) -> Event:
    _, kind, at, actor, detail, number = row
    return Event(_KINDS[kind], moment(at), actor, tuple(map(tuple, unlisted(detail))), number)


class StatusQueries(ThreadWrites):
    async def thread_numbers(self, since: datetime) -> tuple[int, ...]:
        return tuple([number for (number,) in self._execute(_NUMBERS, (stamp(since),))])

    async def lines_of(self, ids: Sequence[int]) -> tuple[ThreadLine, ...]:
        # Row by row, and what many threads have only once: otherwise these fill the memory.
        text = cache(cleaned)
        rows = self._execute(_LINES_OF, (listed(ids),))
        return tuple([self._line(row, text) for row in rows])

    async def untouched(self, now: datetime, after: int, limit: int) -> Sequence[Untouched]:
        from modtui.domain.quiet import Untouched

        text, bare = cache(cleaned), cache(clean_line)
        rows = self._execute(_UNTOUCHED, (after, stamp(now), limit))
        return [
            Untouched(
                number, intern(account), intern(realm),
                bare(channel_id) if channel is None else text(channel),
                language and intern(language), flagged, due, [*map(int, times.split(","))],
            )
            for number, account, realm, channel_id, channel, language, flagged, due, times in rows
        ]  # fmt: skip

    def _line(self, row: Row, text: Callable[[str], Clean]) -> ThreadLine:
        (
            number, seq, account, realm, channel_id, channel, title, language, state, first_flag,
            snoozed, team, now_at, now_due_at, now_reason, by, until, boot, *times, policy,
            inherited,
        ) = row  # fmt: skip
        return ThreadLine(
            id=number,
            seq=seq,
            account=intern(account),
            realm=intern(realm),
            channel=clean_line(channel_id) if channel is None else text(channel),
            title=text(title),
            language=language and intern(language),
            state=STATES[state],
            first_flag_at=moment(first_flag),
            snoozed_until=moment_or_none(snoozed),
            team=intern(team) if team else "",
            now_at=moment_or_none(now_at),
            now_due_at=moment_or_none(now_due_at),
            now_reason=now_reason and intern(now_reason),
            holder=intern(by) if by is not None and self._live(until, boot) else "",
            standing=standing_from((*times, intern(policy), inherited)),
        )

    async def histories(self, ids: Sequence[int]) -> Iterator[tuple[int, tuple[Event, ...]]]:
        by_thread = groupby(self._execute(_EVENTS, (listed(ids),)), itemgetter(0))
        return ((thread, tuple(_event(row) for row in rows)) for thread, rows in by_thread)

    async def reasons(self, ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        sql = f"SELECT id, reasons FROM thread WHERE id IN {LISTED}"
        return {number: unlisted(said) for number, said in await self._all(sql, listed(ids))}

    async def drafts_since(self, since: datetime) -> tuple[tuple[int, str, datetime], ...]:
        rows = await self._all(
            "SELECT thread, by, saved_at FROM draft WHERE saved_at >= ? ORDER BY saved_at DESC",
            stamp(since),
        )
        return tuple((thread, by, moment(at)) for thread, by, at in rows)

    async def blind_since(self, since: datetime) -> tuple[Blind, ...]:
        from modtui.domain.metrics import Blind

        rows = await self._all(
            "SELECT account, kind, began_at, ended_at FROM blind"
            " WHERE ended_at IS NULL OR ended_at > ? ORDER BY began_at, id",
            stamp(since),
        )
        return tuple(
            Blind(account, kind, moment(began), moment_or_none(ended))
            for account, kind, began, ended in rows
        )

    async def begin_blind(self, account: str, kind: str, at: datetime) -> None:
        row = await self._one(
            "SELECT kind FROM blind WHERE account = ? AND ended_at IS NULL", account
        )
        if row is not None and row[0] == kind:
            return
        await self.end_blind(account, at)
        await self._run(
            "INSERT INTO blind (account, kind, began_at) VALUES (?, ?, ?)",
            account,
            kind,
            stamp(at),
        )

    async def end_blind(self, account: str, at: datetime) -> bool:
        ended = await self._run(
            "UPDATE blind SET ended_at = max(began_at, ?) WHERE account = ? AND ended_at IS NULL",
            stamp(at),
            account,
        )
        return bool(ended)

    async def heard(self, account: str) -> Heard | None:
        row = await self._one(
            "SELECT heard_at, stale_at FROM account WHERE name = ? AND heard_at IS NOT NULL",
            account,
        )
        return None if row is None else Heard(moment(row[0]), moment(row[1]))

    async def set_heard(self, account: str, heard: Heard) -> None:
        await self._run(
            "INSERT INTO account (name, heard_at, stale_at) VALUES (?, ?, ?) ON CONFLICT (name)"
            " DO UPDATE SET heard_at = excluded.heard_at, stale_at = excluded.stale_at",
            account,
            stamp(heard.at),
            stamp(heard.stale_at),
        )

    async def look(self, by: str) -> Look | None:
        row = await self._one("SELECT began_at, ended_at FROM look WHERE by = ?", by)
        return None if row is None else Look(moment(row[0]), moment(row[1]))

    async def set_look(self, by: str, look: Look) -> None:
        await self._run(
            "INSERT OR REPLACE INTO look (by, began_at, ended_at) VALUES (?, ?, ?)",
            by,
            stamp(look.began_at),
            stamp(look.ended_at),
        )
