"""Flags: open, closed, and missing from a full read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from modtui.domain.model import ELSEWHERE, Flag
from modtui.store.rows import (
    Row,
    chunks,
    cleaned,
    cleaned_or_none,
    marks,
    moment,
    stamp,
)
from modtui.store.threads import ThreadWrites

_GONE_AFTER = 2

_SELECT = (
    "SELECT thread.subject, reason, at, remote_id, post, by, note, rule FROM flag"
    " JOIN thread ON thread.id = flag.thread WHERE flag.thread = ? "
)
FLAG_COLUMNS = ("reason", "at", "remote_id", "post", "by", "note", "rule", "thread", "key")
_INSERT = (
    f"INSERT INTO flag ({', '.join(FLAG_COLUMNS)}) VALUES ({marks(9)})"
    " ON CONFLICT (thread, key) DO NOTHING"
)
_UPDATE = (
    "UPDATE flag SET reason = ?, at = ?, remote_id = ?, post = ?, by = ?, note = ?, rule = ?,"
    " closed_by = NULL, closed_at = NULL, missing = 0 WHERE thread = ? AND key = ?"
)


def flag_values(flag: Flag) -> tuple[object, ...]:
    """Return the first seven of `FLAG_COLUMNS`, of plain types."""
    by = None if flag.by is None else str(flag.by)
    note, rule = str(flag.note), int(flag.rule)
    return flag.reason, stamp(flag.at), flag.remote_id, flag.post, by, note, rule


def _flag(row: Row) -> Flag:
    subject, reason, at, remote_id, post, by, note, rule = row
    return Flag(
        thread=subject,
        reason=reason,
        at=moment(at),
        remote_id=remote_id,
        post=post,
        by=cleaned_or_none(by),
        note=cleaned(note),
        rule=bool(rule),
    )


class FlagWrites(ThreadWrites):
    async def flags(self, thread_id: int, *, closed: bool = False) -> tuple[Flag, ...]:
        which = "" if closed else "AND closed_at IS NULL "
        rows = await self._all(_SELECT + which + "ORDER BY at, flag.id", thread_id)
        return tuple(_flag(row) for row in rows)

    async def open_flag_keys(self, realm: str) -> frozenset[tuple[str, str]]:
        rows = await self._all(
            "SELECT subject, key FROM flag JOIN thread ON thread.id = flag.thread"
            " WHERE closed_at IS NULL AND realm = ?",
            realm,
        )
        return frozenset((subject, key) for subject, key in rows)

    async def put_flag(self, thread_id: int, flag: Flag) -> bool:
        values = (*flag_values(flag), thread_id, flag.key)
        if not await self._run(_INSERT, *values):
            row = await self._one(
                "SELECT closed_by, closed_at FROM flag WHERE thread = ? AND key = ?",
                thread_id,
                flag.key,
            )
            assert row is not None
            closed_by, closed_at = row
            if closed_at is None:
                return False
            # A repeated batch brings back what we closed; only a later report is a new one.
            if closed_by != ELSEWHERE and stamp(flag.at) <= closed_at:
                return False
            await self._run(_UPDATE, *values)
        await self._mark(thread_id)
        return True

    async def close_flags(self, thread_id: int, keys: Iterable[str], by: str, at: datetime) -> int:
        count = 0
        for some in chunks(keys):
            count += await self._run(
                "UPDATE flag SET closed_by = ?, closed_at = ?, missing = 0"
                f" WHERE thread = ? AND closed_at IS NULL AND key IN ({marks(len(some))})",
                by,
                stamp(at),
                thread_id,
                *some,
            )
        if count:
            await self._mark(thread_id)
        return count

    async def note_missing(
        self, realm: str, missing: frozenset[tuple[str, str]], account: str | None = None
    ) -> frozenset[tuple[str, str]]:
        of_read = "realm = ? AND account = coalesce(?, account)"
        known = await self._all(
            "SELECT flag.id, subject, key FROM flag JOIN thread ON thread.id = flag.thread"
            f" WHERE missing > 0 AND {of_read}",
            realm,
            account,
        )
        for number, subject, key in known:
            if (subject, key) not in missing:
                await self._run("UPDATE flag SET missing = 0 WHERE id = ?", number)
        for subject, key in missing:
            await self._run(
                "UPDATE flag SET missing = missing + 1 WHERE key = ? AND closed_at IS NULL"
                " AND thread = (SELECT id FROM thread WHERE realm = ? AND subject = ?)",
                key,
                realm,
                subject,
            )
        rows = await self._all(
            "SELECT subject, key FROM flag JOIN thread ON thread.id = flag.thread"
            f" WHERE missing >= ? AND missing > 0 AND closed_at IS NULL AND {of_read}",
            _GONE_AFTER,
            realm,
            account,
        )
        return frozenset((subject, key) for subject, key in rows)
