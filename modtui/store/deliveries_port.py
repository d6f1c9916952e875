"""What is asked of and written to the outbox: each delivery and its way through the states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from modtui.domain.outbox import Delivery, DeliveryState
from modtui.store.rows import MOST_ROWS


class DeliveryReads(Protocol):
    """Deliveries, and the receipts that platforms gave for them."""

    async def delivery(self, delivery_id: int) -> Delivery | None: ...
    async def deliveries(
        self,
        *,
        thread: int | None = None,
        account: str | None = None,
        states: Sequence[DeliveryState] = (),
        batch: str | None = None,
        limit: int = MOST_ROWS,
    ) -> tuple[Delivery, ...]:
        """The oldest `limit` of them, in submit order."""
        ...

    async def latest_deliveries(
        self,
        *,
        thread: int | None = None,
        states: Sequence[DeliveryState] = (),
        limit: int = 500,
    ) -> tuple[Delivery, ...]:
        """The latest `limit` of them, in submit order."""
        ...

    async def sent_about(self, thread: int, account: str, author_id: str) -> tuple[Delivery, ...]:
        """Those of `account` that were sent in a thread, or in any thread that the author began
        there, in submit order."""
        ...

    async def delivery_history(
        self, delivery_id: int
    ) -> tuple[tuple[datetime, DeliveryState, str], ...]:
        """When a delivery came into each state, and why; oldest first."""
        ...

    async def receipts_of(self, thread_id: int) -> frozenset[str]:
        """Remote ids that are receipts of deliveries of this thread."""
        ...

    async def receipt_ids(self, account: str, remote_ids: Iterable[str]) -> frozenset[str]:
        """Those of `remote_ids` that are receipts of any delivery of `account`."""
        ...


class DeliveryWrites(DeliveryReads, Protocol):
    """A delivery that begins, moves, or is taken over."""

    async def add_delivery(self, delivery: Delivery) -> int:
        """Store a row of the outbox (its `id` is ignored) and return its number."""
        ...

    async def move_delivery(self, delivery: Delivery, state: DeliveryState, why: str = "") -> None:
        """Replace the row by `delivery` in `state`, writing the transition to its history.

        The state it comes from is the stored one. The epoch stays; the lease ends with the
        state. Raises Fenced when the stored epoch is not `delivery.epoch`, ValueError when the
        domain does not allow the move.
        """
        ...

    async def lease_delivery(
        self, delivery_id: int, owner: str, seconds: float, at: datetime
    ) -> Delivery | None:
        """Take a queued row for sending: state sending, attempts and epoch + 1, first_sent_at.

        Returns the row, or None if it is not queued any more.
        """
        ...

    async def renew_delivery(self, delivery: Delivery, seconds: float) -> None:
        """Give a row in sending or reconciling a lease from now on. Raises Fenced."""
        ...

    async def orphans(self, account: str) -> tuple[Delivery, ...]:
        """Take over the rows in sending or reconciling whose lease is over.

        Their epoch rises, so that whoever held them is fenced; the rows come with the new one.
        """
        ...
