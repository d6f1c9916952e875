"""Posts of all accounts by the time they were written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from modtui.store.rows import moment, stamp
from modtui.store.session import Session

if TYPE_CHECKING:
    from modtui.domain.spam import Trace

# CROSS JOIN keeps SQLite on the index of times, so that no more is read than the limit.
_TRACES = (
    "SELECT post.thread, thread.account, thread.realm, post.author_id, post.author_name, post.text,"
    " post.created_at FROM post CROSS JOIN thread ON thread.id = post.thread"
    " WHERE post.created_at BETWEEN ? AND ? AND post.role = 'author'"
    " ORDER BY post.created_at DESC LIMIT ?"
)


class Traces(Session):
    async def traces(self, since: datetime, until: datetime, limit: int) -> Sequence[Trace]:
        from modtui.domain.spam import Trace

        rows = await self._all(_TRACES, stamp(since), stamp(until), limit)
        return [
            Trace(thread, account, realm, author, name, text, moment(at))
            for thread, account, realm, author, name, text, at in rows
        ]
