"""A delivery and its states: what may follow what, as one pure function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from modtui.domain.commands import Command


class DeliveryState(StrEnum):
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    STALE = "stale"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    RECONCILING = "reconciling"
    NEEDS_HUMAN = "needs_human"
    CANCELLED = "cancelled"


FINAL = frozenset(
    {DeliveryState.SENT, DeliveryState.REJECTED, DeliveryState.STALE, DeliveryState.CANCELLED}
)

_S = DeliveryState
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.HELD: frozenset({_S.QUEUED, _S.CANCELLED, _S.STALE}),
    _S.QUEUED: frozenset({_S.SENDING, _S.CANCELLED, _S.STALE}),
    _S.SENDING: frozenset({_S.SENT, _S.QUEUED, _S.REJECTED, _S.STALE, _S.BLOCKED, _S.UNKNOWN}),
    _S.BLOCKED: frozenset({_S.QUEUED, _S.CANCELLED}),
    _S.UNKNOWN: frozenset({_S.QUEUED, _S.RECONCILING, _S.NEEDS_HUMAN}),
    _S.RECONCILING: frozenset({_S.SENT, _S.QUEUED, _S.NEEDS_HUMAN, _S.UNKNOWN}),
    _S.NEEDS_HUMAN: frozenset({_S.SENT, _S.QUEUED, _S.CANCELLED}),
    _S.SENT: frozenset(),
    _S.REJECTED: frozenset(),
    _S.STALE: frozenset(),
    _S.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's proof that a command was done. `at` is the platform's time if it tells."""

    remote_id: str | None
    at: datetime
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox. `account` is the one that sends (for Escalate the team's)."""

    id: int
    key: str
    batch: str
    thread: int
    account: str
    command: Command
    state: DeliveryState
    by: str
    created_at: datetime
    attempts: int = 0
    absent: int = 0
    next_at: datetime | None = None
    not_before: datetime | None = None
    hold_until: datetime | None = None
    first_sent_at: datetime | None = None
    owner: str | None = None
    epoch: int = 0
    receipt: Receipt | None = None
    error: str | None = None
    undoes: int | None = None
