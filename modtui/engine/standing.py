"""What of ours stands: the last setting that we made of a kind, unless it ended since."""

from __future__ import annotations

from datetime import datetime, timedelta

from modtui.domain.commands import (
    Command,
    Lock,
    Sanction,
    SanctionKind,
    SetReadOnly,
)
from modtui.domain.model import ThreadRecord
from modtui.domain.outbox import Delivery
from modtui.engine.effects import subject
from modtui.engine.inverse import stood_before
from modtui.store import ReadTx

_LASTING = (SanctionKind.MUTE, SanctionKind.BAN)


async def standing(
    tx: ReadTx, command: Command, record: ThreadRecord, now: datetime, before: int | None = None
) -> Delivery | None:
    """Return our delivery that set what `command` sets, and still stands as far as we know; of
    those older than the delivery `before`, if that is given. None where another may have set it."""
    about = subject(command, record)
    if about is None or (isinstance(command, Sanction) and command.sanction not in _LASTING):
        return None
    if isinstance(command, SetReadOnly):
        return await _closing(tx, about, record, now)
    author = command.author if isinstance(command, Sanction) else record.thread.author.remote_id
    sent = await tx.sent_about(record.id, record.account, author)
    same = [
        row for row in sent if subject(row.command, record) == about and not stood_before(row)
        and (before is None or row.id < before)
    ]  # fmt: skip
    return same[-1] if same and _stands(same[-1], now) else None


async def _closing(
    tx: ReadTx, about: tuple[str, str], record: ThreadRecord, now: datetime
) -> Delivery | None:
    """Return our delivery, in whatever thread, by which the channel of `record` is read-only."""
    channel = await tx.channel(record.realm, record.thread.channel)
    there = channel.restriction if channel is not None else None
    if there is None or not there.ours or there.delivery is None:
        return None
    row = await tx.delivery(there.delivery)
    if row is None or subject(row.command, record) != about or stood_before(row):
        return None
    return row if _stands(row, now) else None


def _stands(row: Delivery, now: datetime) -> bool:
    match row.command:
        case Sanction(seconds=seconds):
            began = row.receipt.at if row.receipt else row.created_at
            return seconds is None or began + timedelta(seconds=seconds) > now
        case Lock(until=until) | SetReadOnly(on=True, until=until):
            return until is None or until > now
    return False
