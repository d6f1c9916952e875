"""Which rows of an account may move now: submit order per thread, one setting per channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from modtui.connectors import StateSetting
from modtui.domain.commands import NO_THREAD
from modtui.domain.frozen import dataclass
from modtui.domain.outbox import UNFINISHED, Delivery, DeliveryState
from modtui.engine.line import Line
from modtui.engine.parts import Parts
from modtui.store import ReadTx

_S = DeliveryState
# Not when the row was made: a clock that was set back has not come to that moment again.
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Round:
    """What can be done now, and when the next thing is due.

    `window_over`: held rows are to be queued. `orphaned`: rows in sending have no sender here.
    """

    ready: tuple[Delivery, ...]
    window_over: bool
    orphaned: bool
    next_at: datetime | None


async def plan(tx: ReadTx, parts: Parts, line: Line) -> Round:
    """Return the round that the rows of the line's account allow."""
    now = parts.now()
    rows = await tx.deliveries(account=line.account, states=UNFINISHED)
    awake = [row for row in rows if not dormant(row, now)]
    waits = [row.not_before for row in rows if dormant(row, now) and row.not_before]
    behind = await _behind(tx, parts, awake) if awake else frozenset()
    ready: list[Delivery] = []
    for row in awake:
        at = _moves_at(row, line)
        if row.id in line.tasks or at is None or (row.state is _S.QUEUED and row.id in behind):
            continue
        if at > now:
            waits.append(at)
        elif row.state is not _S.QUEUED or not await _waits_elsewhere(tx, row, now):
            ready.append(row)
    held = [row.hold_until or row.created_at for row in awake if row.state is _S.HELD]
    return Round(
        ready=tuple(ready),
        window_over=any(at <= now for at in held),
        orphaned=any(row.state is _S.SENDING and row.id not in line.tasks for row in awake),
        next_at=min((*waits, *(at for at in held if at > now)), default=None),
    )


def dormant(row: Delivery, now: datetime) -> bool:
    """Whether `row` is a timed end whose time has not come: it holds nobody up."""
    return row.not_before is not None and row.not_before > now


def _moves_at(row: Delivery, line: Line) -> datetime | None:
    """Return from when on something can be done with `row`; None: not by us."""
    match row.state:
        case _S.QUEUED if row.asks:
            return None
        case _S.QUEUED:
            times = (row.next_at, row.not_before, line.paused_until)
            return max((at for at in times if at is not None), default=_AT_ONCE)
        case _S.UNKNOWN:
            return _AT_ONCE
        case _S.RECONCILING:
            return row.next_at or _AT_ONCE
    return None


async def _behind(tx: ReadTx, parts: Parts, rows: Iterable[Delivery]) -> frozenset[int]:
    """Return the rows that wait for an earlier one of their thread, or of their channel."""
    from modtui.engine.deliver import dedupe_of

    threads: set[int] = set()
    channels: set[str] = set()
    behind: set[int] = set()
    for row in rows:
        if row.thread == NO_THREAD:
            continue
        if row.thread in threads:
            behind.add(row.id)
        threads.add(row.thread)
        if not isinstance(dedupe_of(parts, row), StateSetting):
            continue
        record = await tx.thread(row.thread)
        channel = record.thread.channel if record else ""
        if channel in channels:
            behind.add(row.id)
        if row.state is not _S.NEEDS_HUMAN:
            channels.add(channel)
    return frozenset(behind)


async def _waits_elsewhere(tx: ReadTx, row: Delivery, now: datetime) -> bool:
    """Whether an earlier row of the thread is still on its way over another account."""
    if row.thread == NO_THREAD:
        return False
    others = await tx.deliveries(thread=row.thread, states=UNFINISHED)
    return any(
        other.id < row.id and other.account != row.account and not dormant(other, now)
        for other in others
    )
