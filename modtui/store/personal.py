"""Pinned quick replies and exposure: what belongs to one moderator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from modtui.store.rows import stamp
from modtui.store.session import Session


class PersonalRecords(Session):
    async def pins(self, by: str) -> Mapping[int, str]:
        return dict(await self._all("SELECT digit, entry FROM pin WHERE by = ? ORDER BY digit", by))

    async def put_pin(self, by: str, digit: int, entry: str) -> None:
        await self._run(
            "DELETE FROM pin WHERE by = ? AND (digit = ? OR entry = ?)", by, digit, entry
        )
        await self._run("INSERT INTO pin (by, digit, entry) VALUES (?, ?, ?)", by, digit, entry)

    async def drop_pin(self, by: str, digit: int) -> None:
        await self._run("DELETE FROM pin WHERE by = ? AND digit = ?", by, digit)

    async def exposures(self, by: str, since: datetime) -> int:
        row = await self._one(
            "SELECT count(*) FROM exposure WHERE by = ? AND at >= ?", by, stamp(since)
        )
        return int(row[0]) if row else 0

    async def add_exposure(self, by: str, thread_id: int, post: str, at: datetime) -> None:
        await self._run(
            "INSERT INTO exposure (by, thread, post, at) VALUES (?, ?, ?, ?)",
            by,
            thread_id,
            post,
            stamp(at),
        )
