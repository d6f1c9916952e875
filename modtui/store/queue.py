"""The queue: which threads, in what order, and what a line of it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from modtui.domain.model import ELSEWHERE, Claim, State
from modtui.domain.text import clean_line
from modtui.domain.views import Counts, QueueFilter, QueueRow
from modtui.store.batches import HeatReads, hot_ids
from modtui.store.rows import (
    LISTED,
    Row,
    cleaned,
    listed,
    marks,
    moment,
    moment_or_none,
    stamp,
    unlisted,
)
from modtui.store.session import LIVE_CLAIM
from modtui.store.threads import ASIDE, SEVERITIES, STATES, standing_from

_ORDER = " ORDER BY place, thread.severity DESC, first_flag_at, thread.id"
_UNRESOLVED = "thread.state <> 'resolved'"
_IN_QUEUE = f"{_UNRESOLVED} AND place < {ASIDE}"
# A deadline that fell on closing time is late when the desk opens again, not before.
# In the NOW lane a thread is late by either of its deadlines.
_OVERDUE = f"{_UNRESOLVED} AND place < ?"
_NOT_YET = (
    "(SELECT id FROM thread"
    " WHERE now_at IS NOT NULL AND now_due_at >= ? AND (due_at IS NULL OR due_at >= ?)"
    " UNION ALL SELECT id FROM thread WHERE resumes_at > ? AND due_at IS NOT NULL"
    " AND breached_at IS NULL AND resumes_at IS NOT snoozed_until"
    " AND (now_due_at IS NULL OR now_due_at >= ?))"
)
_LATE = f"{_OVERDUE} AND thread.id NOT IN {_NOT_YET}"
_LATE_TIMES = 5
# What is read of the NOW lane has counted those of it that are not late.
_NOT_LATE_IN_LANE = "now_at IS NOT NULL AND now_due_at >= ? AND (due_at IS NULL OR due_at >= ?)"
_LATE_COUNT = (
    f"SELECT (SELECT count(*) FROM thread WHERE {_OVERDUE})"
    f" - (SELECT count(*) FROM thread WHERE {_UNRESOLVED} AND +place < ? AND resumes_at > ?"
    " AND due_at IS NOT NULL"
    " AND breached_at IS NULL AND resumes_at IS NOT snoozed_until"
    f" AND (now_due_at IS NULL OR now_due_at >= ?) AND ({_NOT_LATE_IN_LANE}) IS NOT TRUE)"
)
_LATE_COUNT_TIMES = 6
# Nothing is counted where it can be taken off the number of all rows, which SQLite knows from the
# pages of an index: of a hundred thousand open threads that is a hundredth of counting them.
_IN_STATE = "SELECT count(*) FROM thread WHERE backlog = 0 AND state = '{}'"
FEW = 5000
"""Up to so many resolved threads are counted, and the open ones follow; else the other way."""
_STATES = (
    "SELECT (SELECT count(*) FROM thread) - (SELECT count(*) FROM thread WHERE backlog = 1),"
    f" ({_IN_STATE.format(State.WAITING)}), ({_IN_STATE.format(State.SNOOZED)}),"
    f" ({_IN_STATE.format(State.ESCALATED)}), (SELECT count(*) FROM (SELECT 1 FROM thread"
    f" WHERE backlog = 0 AND state = '{State.RESOLVED}' LIMIT ?))"
)
_ASIDE_IN_LANE = (
    f"SELECT (SELECT count(*) FROM thread WHERE backlog = 1 AND {_UNRESOLVED})"
    f" - (SELECT count(*) FROM thread WHERE {_UNRESOLVED} AND place >= {ASIDE})"
)
"""By how many more the queue lists than are in its states: what was put aside and cannot wait."""
_PIECE = 50_000
"""So many characters of a list of ids are read at a time."""
_LAST_DONE = " ORDER BY resolved_at DESC, thread.id"
_SAID = (
    "(instr(haystack, ?) > 0 OR EXISTS (SELECT 1 FROM post_folded"
    " WHERE post_folded.thread = thread.id AND instr(post_folded.text, ?) > 0){number})"
)
_IN_HAND = (
    "thread.state = 'resolved' AND resolved_by = ? AND thread.id IN"
    " (SELECT thread FROM draft WHERE by = ? UNION ALL"
    f" SELECT thread FROM claim WHERE by = ? AND {LIVE_CLAIM})"
)
_CLAIMED = f"EXISTS (SELECT 1 FROM claim WHERE claim.thread = thread.id AND {LIVE_CLAIM}"

_ROWS = (
    "SELECT thread.id, account, thread.channel, channel.name, title, author_name, language,"
    " reasons, flag_count, state, severity, help_route, revision, pending, unknown, held,"
    " first_flag_at, resolved_by, resolved_at, subject, url,"
    " claim.by, claim.session, claim.epoch, claim.lease_until, claim.lease_boot,"
    " EXISTS (SELECT 1 FROM draft WHERE draft.thread = thread.id AND draft.by = ?),"
    " now_at, now_due_at, now_reason, backlog,"
    " clock, due_at, soon_at, resumes_at, breached_at, policy, inherited"
    " FROM thread LEFT JOIN channel"
    " ON channel.realm = thread.realm AND channel.remote_id = thread.channel"
    " LEFT JOIN claim ON claim.thread = thread.id WHERE thread.id IN "
)


class _Lane(NamedTuple):
    """The NOW lane: how many are open in it, how many of these are not late, and its next
    deadlines, as they are stored."""

    threads: int
    in_time: int
    due: int | None
    now_due: int | None


class _Terms:
    """WHERE, term by term."""

    def __init__(self) -> None:
        self.terms: list[str] = []
        self.params: list[object] = []

    def add(self, term: str, *params: object) -> None:
        self.terms.append(term)
        self.params.extend(params)

    def among(self, column: str, values: Sequence[object]) -> None:
        if values:
            self.add(f"{column} IN ({marks(len(values))})", *values)

    def where(self) -> str:
        return f" WHERE {' AND '.join(self.terms)}" if self.terms else ""


class QueueReads(HeatReads):
    async def queue_ids(self, view: QueueFilter, now: datetime, me: str) -> tuple[int, ...]:
        return (*await self._listed(view, now), *await self._in_hand(view, now, me))

    async def queue_top(
        self, view: QueueFilter, now: datetime, me: str, most: int
    ) -> tuple[tuple[int, ...], int]:
        top = await self._listed(view, now, most)
        last = await self._in_hand(view, now, me)
        if len(top) < most:
            return (*top, *last)[:most], len(top) + len(last)
        return top, await self.queue_count(view, now) + len(last)

    async def queue_count(self, view: QueueFilter, now: datetime) -> int:
        if view == QueueFilter():
            by_state = await self._by_state()
            listed = sum(by_state.values()) - by_state[State.RESOLVED]
            return listed + await self._count(_ASIDE_IN_LANE)
        terms = self._terms(view, now)
        return await self._count(f"SELECT count(*) FROM thread{terms.where()}", *terms.params)

    async def _listed(
        self, view: QueueFilter, now: datetime, most: int | None = None
    ) -> tuple[int, ...]:
        terms = self._terms(view, now)
        order = _LAST_DONE if view.done_since else _ORDER
        limit = "" if most is None else f" LIMIT {most:d}"
        sql = f"SELECT id FROM thread{terms.where()}{order}{limit}"
        # As one value: a hundred thousand rows of one number each take four times as long.
        row = await self._one(f"SELECT json_group_array(id) FROM ({sql})", *terms.params)
        return tuple(_numbers(row[0], self.rest)) if row else ()

    def _terms(self, view: QueueFilter, now: datetime) -> _Terms:
        terms = _Terms()
        if view.done_since is not None:
            terms.add("thread.state = 'resolved' AND resolved_at >= ?", stamp(view.done_since))
        elif not view.finished and State.RESOLVED not in view.states:
            terms.add(_UNRESOLVED)
        self._narrow(terms, view, now)
        return terms

    async def _in_hand(self, view: QueueFilter, now: datetime, me: str) -> tuple[int, ...]:
        """Threads that were closed on the platform while `me` held them or wrote a draft; none in
        a view of some states, or of what is late or nobody's."""
        if view.finished or view.states or view.late or view.unowned or view.done_since:
            return ()
        terms = _Terms()
        terms.add(_IN_HAND, ELSEWHERE, me, me, self._clock.boot, self._clock.lease())
        self._narrow(terms, view, now)
        sql = f"SELECT id FROM thread{terms.where()} ORDER BY resolved_at, id"
        return tuple(number for (number,) in await self._all(sql, *terms.params))

    def _narrow(self, terms: _Terms, view: QueueFilter, now: datetime) -> None:
        terms.add(f"place {'>=' if view.backlog else '<'} {ASIDE}")
        if view.now:
            terms.add("now_at IS NOT NULL")
        if view.due_before is not None:
            terms.add("(due_at < ? OR now_due_at < ?)", *(stamp(view.due_before),) * 2)
        terms.among("thread.state", view.states)
        terms.among("account", view.accounts)
        terms.among("severity", [level.rank for level in view.severities])
        terms.among("coalesce(language, '')", view.languages)
        if view.channels:
            some = marks(len(view.channels))
            terms.add(
                f"(thread.channel IN ({some}) OR EXISTS (SELECT 1 FROM channel"
                " WHERE channel.realm = thread.realm AND channel.remote_id = thread.channel"
                f" AND channel.name IN ({some})))",
                *view.channels,
                *view.channels,
            )
        if view.reasons:
            # Quotes within a JSON string are escaped, so a quoted reason matches whole ones only.
            some_reason = " OR ".join(["instr(reasons, ?) > 0"] * len(view.reasons))
            terms.add(f"({some_reason})", *(listed((r,))[1:-1] for r in view.reasons))
        live = (self._clock.boot, self._clock.lease())
        if view.claimed_by is not None:
            terms.add(f"{_CLAIMED} AND claim.by = ?)", *live, view.claimed_by)
        if view.unowned:
            terms.add(f"NOT {_CLAIMED})", *live)
        if view.late:
            terms.add(_LATE, *(stamp(now),) * _LATE_TIMES)
        if view.ids:
            terms.add(f"thread.id IN {LISTED}", listed(view.ids))
        if view.text:
            words, number = view.text.casefold(), re.fullmatch(r"#?(\d{1,18})", view.text)
            terms.add(_SAID.format(number=" OR thread.id = ?" if number else ""), words, words)
            terms.params += [int(number[1])] if number else []

    async def queue_rows(self, ids: Sequence[int], me: str) -> Mapping[int, QueueRow]:
        found = await self._all(_ROWS + LISTED, me, listed(ids))
        rows = {row[0]: self._queue_row(row) for row in found}
        hot = hot_ids({number: row.flag_count for number, row in rows.items()})
        for number, times in (await self.lately(hot, self._clock.wall())).items():
            rows[number] = replace(rows[number], lately=times)
        return rows

    def _queue_row(self, row: Row) -> QueueRow:
        (
            number, account, channel_id, channel, title, author, language, reasons, flag_count,
            state, severity, help_route, revision, pending, unknown, held, first_flag,
            resolved_by, resolved_at, subject, url, by, session, epoch, until, boot, has_draft,
            now_at, now_due_at, now_reason, backlog, *standing,
        ) = row  # fmt: skip
        live = by is not None and self._live(until, boot)
        claim = Claim(number, by, session, epoch, self._wall_end(until)) if live else None
        why = unlisted(reasons)
        return QueueRow(
            id=number,
            account=account,
            channel=clean_line(channel_id) if channel is None else cleaned(channel),
            title=cleaned(title),
            author=cleaned(author),
            language=language,
            why=why[0] if why else "",
            flag_count=flag_count,
            state=STATES[state],
            severity=SEVERITIES[severity],
            help_route=help_route,
            standing=standing_from(tuple(standing)),
            revision=revision,
            claim=claim,
            pending=pending,
            unknown=unknown,
            has_draft=bool(has_draft),
            held=bool(held),
            first_flag_at=moment(first_flag),
            resolved_by=resolved_by,
            resolved_at=moment_or_none(resolved_at),
            subject=subject,
            url=url,
            now_at=moment_or_none(now_at),
            now_due_at=moment_or_none(now_due_at),
            now_reason=now_reason,
            backlog=bool(backlog),
            reasons=why,
        )

    async def counts(self, now: datetime, me: str) -> Counts:
        at = stamp(now)
        by_state = await self._by_state()
        live = (self._clock.boot, self._clock.lease())
        claimed = await self._all(
            "SELECT claim.by, state FROM claim CROSS JOIN thread ON thread.id = claim.thread"
            f" WHERE {LIVE_CLAIM} AND {_IN_QUEUE}",
            *live,
        )
        lane = await self._lane(now)
        next_due_at, next_policy = await self._next_due(now, lane)
        owned = sum(1 for _, state in claimed if state == State.OPEN)
        return Counts(
            open=by_state[State.OPEN],
            mine=sum(1 for by, _ in claimed if by == me),
            unowned=by_state[State.OPEN] - owned,
            late=await self._count(_LATE_COUNT, *(at,) * _LATE_COUNT_TIMES) - lane.in_time,
            waiting=by_state[State.WAITING],
            snoozed=by_state[State.SNOOZED],
            escalated=by_state[State.ESCALATED],
            resolved=by_state[State.RESOLVED],
            next_due_at=next_due_at,
            next_policy=next_policy,
            needs_human=await self._count(
                "SELECT count(*) FROM delivery WHERE state = 'needs_human'"
            ),
            drafts=await self._count("SELECT count(*) FROM draft WHERE by = ?", me),
            now=lane.threads,
            backlog=await self._count(
                f"SELECT count(*) FROM thread WHERE {_UNRESOLVED} AND place >= {ASIDE}"
            ),
        )

    async def _by_state(self) -> dict[State, int]:
        """Return how many threads are in each state, without what was put aside."""
        row = await self._one(_STATES, FEW)
        assert row is not None
        every, waiting, snoozed, escalated, resolved = row
        rest = every - waiting - snoozed - escalated
        open_ = rest - resolved
        if resolved == FEW:
            open_ = await self._count(_IN_STATE.format(State.OPEN))
        return {
            State.OPEN: open_,
            State.WAITING: waiting,
            State.SNOOZED: snoozed,
            State.ESCALATED: escalated,
            State.RESOLVED: rest - open_,
        }

    async def next_due(self, now: datetime) -> tuple[datetime | None, str]:
        return await self._next_due(now, await self._lane(now))

    async def _lane(self, now: datetime) -> _Lane:
        row = await self._one(
            "SELECT sum(state <> 'resolved'),"
            f" sum({_UNRESOLVED} AND {_NOT_LATE_IN_LANE}),"
            " min(CASE WHEN due_at >= ? THEN due_at END),"
            " min(CASE WHEN now_due_at >= ? THEN now_due_at END)"
            " FROM thread WHERE now_at IS NOT NULL",
            *(stamp(now),) * 4,
        )
        return _Lane(row[0] or 0, row[1] or 0, *row[2:]) if row else _Lane(0, 0, None, None)

    async def _next_due(self, now: datetime, lane: _Lane) -> tuple[datetime | None, str]:
        due = await self._one(
            "SELECT due, policy FROM (SELECT * FROM (SELECT due_at AS due, policy FROM thread"
            f" WHERE {_IN_QUEUE} AND place >= ? ORDER BY place LIMIT 1)"
            " UNION ALL SELECT * FROM (SELECT due_at, policy FROM thread"
            " WHERE now_at IS NOT NULL AND due_at = ? LIMIT 1)"
            " UNION ALL SELECT ?, '') WHERE due >= ? ORDER BY due LIMIT 1",
            stamp(now),
            lane.due,
            lane.now_due,
            stamp(now),
        )
        return (None, "") if due is None else (moment(due[0]), due[1])

    async def _count(self, sql: str, *params: object) -> int:
        row = await self._one(sql, *params)
        return int(row[0]) if row else 0

    async def due_between(self, start: datetime, end: datetime) -> tuple[int, ...]:
        span = (stamp(start), stamp(end))
        rows = await self._all(
            f"SELECT id FROM thread WHERE {_UNRESOLVED} AND place > ? AND place <= ?"
            " UNION ALL SELECT id FROM thread"
            " WHERE now_at IS NOT NULL AND due_at > ? AND due_at <= ?"
            " UNION ALL SELECT id FROM thread WHERE now_at IS NOT NULL"
            " AND now_due_at > ? AND now_due_at <= ?"
            " UNION ALL SELECT id FROM thread WHERE soon_at > ? AND soon_at <= ?"
            " UNION ALL SELECT id FROM thread WHERE resumes_at > ? AND resumes_at <= ?"
            " UNION ALL SELECT id FROM thread WHERE snoozed_until > ? AND snoozed_until <= ?",
            *span * 6,
        )
        return _each_once(rows)

    async def unsettled_between(self, start: datetime, end: datetime) -> tuple[int, ...]:
        span = (stamp(start), stamp(end))
        rows = await self._all(
            f"SELECT id FROM thread WHERE {_UNRESOLVED} AND place > ? AND place <= ?"
            " AND (breached_at IS NULL OR resumes_at IS NOT NULL)"
            " UNION ALL SELECT id FROM thread"
            " WHERE now_at IS NOT NULL AND due_at > ? AND due_at <= ?"
            " AND (breached_at IS NULL OR resumes_at IS NOT NULL)"
            f" UNION ALL SELECT id FROM thread WHERE {_UNRESOLVED}"
            " AND resumes_at > ? AND resumes_at <= ?"
            f" UNION ALL SELECT id FROM thread WHERE {_UNRESOLVED}"
            " AND snoozed_until > ? AND snoozed_until <= ?",
            *span * 4,
        )
        return _each_once(rows)


def _numbers(text: str, rest: Callable[[], None]) -> Iterator[int]:
    """Return the numbers of a JSON list, a `rest` before each piece: while one is read no other
    thread goes on, and a hundred thousand would take 7 ms in which no key is heard."""
    return chain.from_iterable(map(json.loads, _pieces(text, rest)))


def _pieces(text: str, rest: Callable[[], None]) -> Iterator[str]:
    """Yield the JSON list `text` as several, in order."""
    at, end = 1, len(text) - 1
    while at < end:
        comma = text.find(",", min(at + _PIECE, end), end)
        stop = end if comma < 0 else comma
        rest()
        yield f"[{text[at:stop]}]"
        at = stop + 1


def _each_once(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the ids in order, each once. UNION would read the whole table to sort by id."""
    return tuple(sorted({number for (number,) in rows}))
