"""Deliveries: rows of the outbox, moved only as the domain allows and fenced by their epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from modtui.domain.commands import NO_THREAD
from modtui.domain.outbox import MOVES, Delivery, DeliveryState, Receipt
from modtui.domain.stored import dump, load
from modtui.store import Fenced
from modtui.store.rows import (
    MOST_ROWS,
    Row,
    chunks,
    marks,
    moment,
    moment_or_none,
    stamp,
    stamp_or_none,
)
from modtui.store.threads import ThreadWrites

_LEASED = (DeliveryState.SENDING, DeliveryState.RECONCILING)

_KEPT = ("key", "batch", "thread", "account", "by", "created_at")
_REPLACED = (
    "command", "state", "attempts", "absent", "next_at", "not_before", "hold_until",
    "first_sent_at", "owner", "receipt_id", "receipt_at", "receipt_evidence", "error", "undoes",
    "unknown_at", "asks",
)  # fmt: skip
_COLUMNS = ("id", "epoch", *_KEPT, *_REPLACED)

_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM delivery "
_INSERT = (
    f"INSERT INTO delivery (epoch, {', '.join((*_KEPT, *_REPLACED))})"
    f" VALUES ({marks(1 + len(_KEPT) + len(_REPLACED))})"
)
_UPDATE = (
    f"UPDATE delivery SET {', '.join(f'{name} = ?' for name in _REPLACED)} WHERE id = ?"
    " AND epoch = ?"
)


def _values(delivery: Delivery, state: DeliveryState) -> tuple[object, ...]:
    receipt = delivery.receipt
    return (
        dump(delivery.command), state, delivery.attempts, delivery.absent,
        stamp_or_none(delivery.next_at), stamp_or_none(delivery.not_before),
        stamp_or_none(delivery.hold_until), stamp_or_none(delivery.first_sent_at),
        delivery.owner, receipt and receipt.remote_id, receipt and stamp(receipt.at),
        receipt and receipt.evidence, delivery.error, delivery.undoes,
        stamp_or_none(delivery.unknown_at), delivery.asks,
    )  # fmt: skip


def _delivery(row: Row) -> Delivery:
    (
        number, epoch, key, batch, thread, account, by, created, command, state, attempts, absent,
        next_at, not_before, hold_until, first_sent, owner, receipt_id, receipt_at, evidence,
        error, undoes, unknown_at, asks,
    ) = row  # fmt: skip
    return Delivery(
        id=number,
        key=key,
        batch=batch,
        thread=NO_THREAD if thread is None else thread,
        account=account,
        command=load(command),
        state=DeliveryState(state),
        by=by,
        created_at=moment(created),
        attempts=attempts,
        absent=absent,
        next_at=moment_or_none(next_at),
        not_before=moment_or_none(not_before),
        hold_until=moment_or_none(hold_until),
        first_sent_at=moment_or_none(first_sent),
        owner=owner,
        epoch=epoch,
        receipt=None if receipt_at is None else Receipt(receipt_id, moment(receipt_at), evidence),
        error=error,
        undoes=undoes,
        unknown_at=moment_or_none(unknown_at),
        asks=bool(asks),
    )


def _where(
    which: Mapping[str, int | str | None], states: Sequence[DeliveryState]
) -> tuple[str, list[object]]:
    """Return the WHERE clause for these columns and states, with its parameters."""
    given = {column: value for column, value in which.items() if value is not None}
    terms = ["1 = 1", *(f"{column} = ?" for column in given)]
    if states:
        terms.append(f"state IN ({marks(len(states))})")
    return f"WHERE {' AND '.join(terms)}", [*given.values(), *states]


class OutboxWrites(ThreadWrites):
    async def delivery(self, delivery_id: int) -> Delivery | None:
        row = await self._one(_SELECT + "WHERE id = ?", delivery_id)
        return None if row is None else _delivery(row)

    async def deliveries(
        self,
        *,
        thread: int | None = None,
        account: str | None = None,
        states: Sequence[DeliveryState] = (),
        batch: str | None = None,
        limit: int = MOST_ROWS,
    ) -> tuple[Delivery, ...]:
        which = {"thread": thread, "account": account, "batch": batch}
        where, params = _where(which, states)
        rows = await self._all(f"{_SELECT}{where} ORDER BY id LIMIT ?", *params, limit)
        return tuple(map(_delivery, rows))

    async def latest_deliveries(
        self,
        *,
        thread: int | None = None,
        states: Sequence[DeliveryState] = (),
        limit: int = 500,
    ) -> tuple[Delivery, ...]:
        where, params = _where({"thread": thread}, states)
        rows = await self._all(f"{_SELECT}{where} ORDER BY id DESC LIMIT ?", *params, limit)
        return tuple(map(_delivery, reversed(rows)))

    async def sent_about(self, thread: int, account: str, author_id: str) -> tuple[Delivery, ...]:
        rows = await self._all(
            f"{_SELECT}WHERE account = ? AND state = 'sent' AND thread IN (SELECT ? UNION"
            " SELECT id FROM thread WHERE author_id = ? AND realm ="
            " (SELECT realm FROM thread WHERE id = ?)) ORDER BY id",
            account,
            thread,
            author_id,
            thread,
        )
        return tuple(map(_delivery, rows))

    async def delivery_history(
        self, delivery_id: int
    ) -> tuple[tuple[datetime, DeliveryState, str], ...]:
        rows = await self._all(
            "SELECT at, after, why FROM delivery_event WHERE delivery = ? ORDER BY id", delivery_id
        )
        return tuple((moment(at), DeliveryState(after), why) for at, after, why in rows)

    async def receipts_of(self, thread_id: int) -> frozenset[str]:
        rows = await self._all(
            "SELECT receipt_id FROM delivery WHERE thread = ? AND receipt_id IS NOT NULL", thread_id
        )
        return frozenset(remote_id for (remote_id,) in rows)

    async def receipt_ids(self, account: str, remote_ids: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for some in chunks(remote_ids):
            rows = await self._all(
                "SELECT receipt_id FROM delivery WHERE account = ?"
                f" AND receipt_id IN ({marks(len(some))})",
                account,
                *some,
            )
            found.update(remote_id for (remote_id,) in rows)
        return frozenset(found)

    async def add_delivery(self, delivery: Delivery) -> int:
        await self._mark(delivery.thread)
        kept = (
            delivery.key, delivery.batch, delivery.thread or None, delivery.account, delivery.by,
            stamp(delivery.created_at),
        )  # fmt: skip
        values = _values(delivery, delivery.state)
        number = await self._insert(_INSERT, delivery.epoch, *kept, *values)
        await self._note(replace(delivery, id=number), None, delivery.state, "")
        return number

    async def move_delivery(self, delivery: Delivery, state: DeliveryState, why: str = "") -> None:
        stored = await self._fenced(delivery)
        if state not in MOVES[stored]:
            raise ValueError(f"delivery {delivery.id} cannot go from {stored} to {state}")
        await self._run(_UPDATE, *_values(delivery, state), delivery.id, delivery.epoch)
        if state is not stored:
            await self._run(
                "UPDATE delivery SET lease_until = NULL, lease_boot = NULL WHERE id = ?",
                delivery.id,
            )
            await self._note(delivery, stored, state, why)
        await self._mark(delivery.thread)

    async def lease_delivery(
        self, delivery_id: int, owner: str, seconds: float, at: datetime
    ) -> Delivery | None:
        taken = await self._run(
            "UPDATE delivery SET state = 'sending', attempts = attempts + 1, epoch = epoch + 1,"
            " owner = ?, lease_until = ?, lease_boot = ?,"
            " first_sent_at = coalesce(first_sent_at, ?) WHERE id = ? AND state = 'queued'",
            owner,
            self._lease_end(seconds),
            self._clock.boot,
            stamp(at),
            delivery_id,
        )
        if not taken:
            return None
        delivery = await self.delivery(delivery_id)
        assert delivery is not None
        await self._note(delivery, DeliveryState.QUEUED, DeliveryState.SENDING, "")
        await self._mark(delivery.thread)
        return delivery

    async def renew_delivery(self, delivery: Delivery, seconds: float) -> None:
        await self._fenced(delivery)
        await self._run(
            "UPDATE delivery SET lease_until = ?, lease_boot = ? WHERE id = ?",
            self._lease_end(seconds),
            self._clock.boot,
            delivery.id,
        )

    async def orphans(self, account: str) -> tuple[Delivery, ...]:
        rows = await self._all(
            "SELECT id, lease_until, lease_boot FROM delivery"
            f" WHERE account = ? AND state IN ({marks(len(_LEASED))}) ORDER BY id",
            account,
            *_LEASED,
        )
        over = [number for number, until, boot in rows if not self._live(until, boot)]
        taken = []
        for number in over:
            await self._run("UPDATE delivery SET epoch = epoch + 1 WHERE id = ?", number)
            delivery = await self.delivery(number)
            assert delivery is not None
            taken.append(delivery)
        return tuple(taken)

    async def _fenced(self, delivery: Delivery) -> DeliveryState:
        """Return the stored state. Raises Fenced unless the row's epoch is still ours."""
        row = await self._one("SELECT epoch, state FROM delivery WHERE id = ?", delivery.id)
        if row is None or row[0] != delivery.epoch:
            raise Fenced(f"delivery {delivery.id} was taken over")
        return DeliveryState(row[1])

    async def _note(
        self, delivery: Delivery, before: DeliveryState | None, after: DeliveryState, why: str
    ) -> None:
        await self._run(
            "INSERT INTO delivery_event (delivery, at, before, after, epoch, who, why)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            delivery.id,
            stamp(self._clock.wall()),
            before,
            after,
            delivery.epoch,
            delivery.owner or delivery.by,
            why,
        )
