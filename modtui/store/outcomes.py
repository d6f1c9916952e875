"""What followed the quick replies that were sent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from modtui.domain.model import Event, EventKind
from modtui.store.rows import moment, stamp, unlisted
from modtui.store.session import Session

if TYPE_CHECKING:
    from modtui.domain.outcomes import After, Answer

_ANSWERS = (
    "SELECT d.thread, coalesce(d.receipt_at, d.created_at), json_extract(d.command, '$.text'),"
    " json_extract(d.command, '$.quick'), json_extract(d.command, '$.language')"
    " FROM delivery AS d JOIN thread ON thread.id = d.thread WHERE d.state = 'sent'"
    " AND d.created_at >= ? AND thread.help_route IS NULL"
    " AND json_extract(d.command, '$.kind') = 'reply'"
    " AND json_extract(d.command, '$.audience') = 'everyone'"
    " AND json_extract(d.command, '$.route') IS NULL ORDER BY d.id DESC LIMIT ?"
)


def _after() -> str:
    from modtui.domain.outcomes import AFTER

    kinds = ", ".join(f"'{kind.value}'" for kind in AFTER)
    return (
        "SELECT s.id, s.entry, s.at, e.kind, e.at, e.actor,"
        # What others did is of no batch of ours.
        " CASE WHEN e.kind IN ('author_post', 'flagged') THEN '[]' ELSE e.detail END"
        " FROM sent_reply AS s"
        f" LEFT JOIN event AS e ON e.thread = s.thread AND e.at >= s.at AND e.kind IN ({kinds})"
        " WHERE s.at >= ? ORDER BY s.id, e.at, e.id"
    )


def _event(kind: str, at: int, actor: str, detail: str) -> Event:
    pairs = tuple((name, value) for name, value in unlisted(detail))
    return Event(EventKind(kind), moment(at), actor, pairs)


class Outcomes(Session):
    async def after_replies(self, since: datetime) -> tuple[After, ...]:
        from modtui.domain.outcomes import After

        rows = await self._all(_after(), stamp(since))
        return tuple(
            After(number, entry, moment(sent), _event(*event) if event[0] else None)
            for number, entry, sent, *event in rows
        )

    async def answers(self, since: datetime, limit: int) -> tuple[Answer, ...]:
        from modtui.domain.outcomes import Answer

        rows = await self._all(_ANSWERS, stamp(since), limit)
        return tuple(
            Answer(thread, moment(at), text, quick or "", language)
            for thread, at, text, quick, language in rows
        )
