"""Sittings, hand-overs, and what a moderator left behind."""

from __future__ import annotations

from datetime import datetime

from modtui.domain.model import Claim, EventKind, State
from modtui.domain.shift import HandedOver, Sitting
from modtui.store.rows import marks, moment, moment_or_none, stamp, stamp_or_none
from modtui.store.threads import ThreadWrites

_ANY_ACCOUNT = "account:%"
_BY_A_MODERATOR = (
    EventKind.CLAIMED, EventKind.RELEASED, EventKind.TAKEN_OVER, EventKind.STAFF_NOTE,
    EventKind.SNOOZED,
)  # fmt: skip
_RECENT_EVENTS = 20_000


class ShiftQueries(ThreadWrites):
    async def last_sitting(self, by: str, other_than: str) -> Sitting | None:
        row = await self._one(
            "SELECT session, by, began_at, ended_at, handed_at FROM sitting"
            " WHERE by = ? AND session <> ? ORDER BY began_at DESC LIMIT 1",
            by,
            other_than,
        )
        if row is None:
            return None
        session, by, began_at, ended_at, handed_at = row
        return Sitting(
            session, by, moment(began_at), moment_or_none(ended_at), moment_or_none(handed_at)
        )

    async def sat_down(self, by: str, since: datetime) -> datetime | None:
        row = await self._one(
            "SELECT min(began_at) FROM sitting WHERE by = ? AND began_at >= ?", by, stamp(since)
        )
        return None if row is None else moment_or_none(row[0])

    async def holds_lease(self, session: str) -> bool:
        rows = await self._all(
            "SELECT lease_until, lease_boot FROM lease WHERE owner = ? AND name LIKE ?",
            session,
            _ANY_ACCOUNT,
        )
        return any(self._live(until, boot) for until, boot in rows)

    async def last_handover(self) -> HandedOver | None:
        row = await self._one(
            "SELECT by, at, successor, text, delivery FROM handover ORDER BY id DESC LIMIT 1"
        )
        if row is None:
            return None
        by, at, to, text, delivery = row
        return HandedOver(by, moment(at), to, text, delivery)

    async def claims_of(self, by: str) -> tuple[tuple[Claim, bool], ...]:
        rows = await self._all(
            "SELECT thread, session, epoch, lease_until, lease_boot FROM claim"
            " WHERE by = ? AND lease_boot = ? ORDER BY thread",
            by,
            self._clock.boot,
        )
        return tuple(
            (Claim(thread, by, session, epoch, self._wall_end(until)), self._live(until, boot))
            for thread, session, epoch, until, boot in rows
        )

    async def put_by(self, by: str, state: State, kind: EventKind) -> tuple[int, ...]:
        rows = await self._all(
            "SELECT id FROM thread WHERE state = ? AND backlog = 0 AND (SELECT actor FROM event"
            " WHERE event.thread = thread.id AND kind = ? ORDER BY at DESC, id DESC LIMIT 1) = ?"
            " ORDER BY id",
            state,
            kind,
            by,
        )
        return tuple(number for (number,) in rows)

    async def now_since(self, since: datetime) -> tuple[int, ...]:
        rows = await self._all(
            "SELECT thread, min(at) FROM event WHERE kind = 'sensitive' AND at >= ?"
            " GROUP BY thread UNION SELECT id, now_at FROM thread WHERE now_at < ? ORDER BY 2, 1",
            stamp(since),
            stamp(since),
        )
        return tuple(dict.fromkeys(number for number, _ in rows))

    async def colleagues(self, me: str) -> tuple[str, ...]:
        rows = await self._all(
            "SELECT actor FROM event WHERE id > (SELECT coalesce(max(id), 0) FROM event) - ?"
            f" AND kind IN ({marks(len(_BY_A_MODERATOR))}) AND actor <> ?"
            " GROUP BY actor ORDER BY max(id) DESC",
            _RECENT_EVENTS,
            *_BY_A_MODERATOR,
            me,
        )
        return tuple(actor for (actor,) in rows)

    async def begin_sitting(self, sitting: Sitting) -> None:
        await self._run(
            "INSERT INTO sitting (session, by, began_at, ended_at, handed_at)"
            " VALUES (?, ?, ?, ?, ?)",
            sitting.session,
            sitting.by,
            stamp(sitting.began_at),
            stamp_or_none(sitting.ended_at),
            stamp_or_none(sitting.handed_at),
        )

    async def end_sitting(self, session: str, at: datetime) -> None:
        await self._run("UPDATE sitting SET ended_at = ? WHERE session = ?", stamp(at), session)

    async def add_handover(self, done: HandedOver, session: str) -> None:
        await self._run(
            "INSERT INTO handover (by, at, successor, text, delivery) VALUES (?, ?, ?, ?, ?)",
            done.by,
            stamp(done.at),
            done.to,
            done.text,
            done.delivery,
        )
        await self._run(
            "UPDATE sitting SET handed_at = ? WHERE session = ? OR session ="
            " (SELECT session FROM sitting WHERE by = ? ORDER BY began_at DESC LIMIT 1)",
            stamp(done.at),
            session,
            done.by,
        )
