"""Quick replies that were sent, and the features of what they answered."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from modtui.store.rows import stamp
from modtui.store.session import Session

if TYPE_CHECKING:
    from modtui.store.choices_port import Choice

_BYTES = 4


class ChoiceRecords(Session):
    async def choices(self, after: int, limit: int, entry: str | None = None) -> tuple[Choice, ...]:
        from modtui.store.choices_port import Choice

        which = "" if entry is None else " AND entry = ?"
        rows = await self._all(
            f"SELECT id, entry, said FROM sent_reply WHERE id > ? AND said IS NOT NULL{which}"
            " ORDER BY id LIMIT ?",
            after,
            *(() if entry is None else (entry,)),
            limit,
        )
        return tuple(Choice(number, entry, _unpacked(said)) for number, entry, said in rows)

    async def choices_kept(self, last: int | None = None) -> Mapping[str, int]:
        which = "" if last is None else " AND id <= ?"
        rows = await self._all(
            f"SELECT entry, count(*) FROM sent_reply WHERE said IS NOT NULL{which} GROUP BY entry",
            *(() if last is None else (last,)),
        )
        return dict(rows)

    async def sent_counts(self) -> Mapping[str, int]:
        rows = await self._all("SELECT entry, count(*) FROM sent_reply GROUP BY entry")
        return dict(rows)

    async def count_sent(
        self, entry: str, thread_id: int, by: str, at: datetime, said: tuple[int, ...] = ()
    ) -> None:
        await self._run(
            "INSERT INTO sent_reply (entry, thread, by, at, said) VALUES (?, ?, ?, ?, ?)",
            entry,
            thread_id,
            by,
            stamp(at),
            _packed(said) if said else None,
        )

    async def forget_choices(self, before: datetime, entry: str | None = None) -> int:
        which = "" if entry is None else " AND entry = ?"
        return await self._run(
            f"UPDATE sent_reply SET said = NULL WHERE said IS NOT NULL AND at < ?{which}",
            stamp(before),
            *(() if entry is None else (entry,)),
        )


def _packed(said: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(said)}I", *said)


def _unpacked(said: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(said) // _BYTES}I", said)
