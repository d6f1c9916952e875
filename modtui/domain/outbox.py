"""A delivery and its states: what may follow what, as one pure function."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from modtui.domain.commands import Command
from modtui.domain.frozen import dataclass

PRACTICE = "practice: nothing was sent"
"""The evidence of a receipt that no platform gave."""


class DeliveryState(StrEnum):
    """Where a delivery stands; `MOVES` says where it may go."""

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

# A move to the same state changes the row's times alone: a window extended, a next look.
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.HELD: frozenset({_S.HELD, _S.QUEUED, _S.CANCELLED, _S.STALE}),
    _S.QUEUED: frozenset({_S.QUEUED, _S.SENDING, _S.CANCELLED, _S.STALE}),
    _S.SENDING: frozenset({_S.SENT, _S.QUEUED, _S.REJECTED, _S.STALE, _S.BLOCKED, _S.UNKNOWN}),
    _S.BLOCKED: frozenset({_S.QUEUED, _S.CANCELLED}),
    _S.UNKNOWN: frozenset({_S.QUEUED, _S.RECONCILING, _S.NEEDS_HUMAN}),
    _S.RECONCILING: frozenset({_S.RECONCILING, _S.SENT, _S.QUEUED, _S.NEEDS_HUMAN, _S.UNKNOWN}),
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
    """One row of the outbox. `account` is the one that sends (for Escalate the team's); `thread`
    is NO_THREAD for a hand-over.

    `unknown_at`: since when, without a certain outcome in between, nobody can tell whether it
    was done; None otherwise. `not_before` marks what is done
    by itself when its time has come: the timed end of an earlier setting. `asks`: it was left
    behind too long ago to go out unasked, and waits for the moderator's word.
    """

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
    unknown_at: datetime | None = None
    asks: bool = False

    @property
    def practised(self) -> bool:
        """Whether it was done for practice: nothing left."""
        return self.receipt is not None and self.receipt.evidence == PRACTICE


WAITING = (_S.HELD, _S.QUEUED, _S.BLOCKED)
RETURNED = (_S.REJECTED, _S.STALE, _S.CANCELLED)
BESIDE_NEWER = "its text stays with this delivery, as a newer draft stands"
DOUBTFUL = (_S.UNKNOWN, _S.RECONCILING, _S.NEEDS_HUMAN)
FLYING = (_S.SENDING, *DOUBTFUL)
UNFINISHED = tuple(state for state in _S if state not in FINAL)

STUCK_AFTER = timedelta(minutes=2)


def stuck(row: Delivery, now: datetime) -> bool:
    """Return whether what should have left long ago has not."""
    due = row.state in (_S.QUEUED, _S.SENDING) and row.not_before is None and not row.asks
    return due and now - row.created_at > STUCK_AFTER


BACKOFF_BASE = timedelta(seconds=0.5)
BACKOFF_CAP = timedelta(seconds=60)
RETRY_AFTER_CAP = timedelta(hours=1)
LOOK_FOR = timedelta(minutes=10)
HELD_AT_MOST = timedelta(minutes=15)
RESENDS_AFTER_ABSENT = 2


class Failure(StrEnum):
    """What a try can end with, other than a receipt: the connector errors, as plain words."""

    RETRYABLE = "retryable"
    RATE_LIMITED = "rate_limited"
    UNAUTHORIZED = "unauthorized"
    REJECTED = "rejected"
    STALE = "stale"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


_AFTER_FAILURE = {
    Failure.RETRYABLE: _S.QUEUED,
    Failure.RATE_LIMITED: _S.QUEUED,
    Failure.UNAUTHORIZED: _S.BLOCKED,
    Failure.REJECTED: _S.REJECTED,
    Failure.STALE: _S.STALE,
    Failure.UNSUPPORTED: _S.REJECTED,
    Failure.UNKNOWN: _S.UNKNOWN,
}


def after_failure(failure: Failure) -> DeliveryState:
    """Return the state that a row in `sending` goes to when its try ended with `failure`."""
    return _AFTER_FAILURE[failure]


class Proof(StrEnum):
    """How a repeat of a command is kept from being done twice."""

    KEY = "key"
    READ_BACK = "read_back"
    HARMLESS = "harmless"
    NOTHING = "nothing"


def resolve_unknown(proof: Proof, *, key_holds: bool = True) -> DeliveryState:
    """Return where an `unknown` row goes. `key_holds`: the platform still knows its key, under
    the credential it was first sent with."""
    match proof:
        case Proof.HARMLESS:
            return _S.QUEUED
        case Proof.KEY:
            return _S.QUEUED if key_holds else _S.RECONCILING
        case Proof.READ_BACK:
            return _S.RECONCILING
        case Proof.NOTHING:
            return _S.NEEDS_HUMAN


class Look(StrEnum):
    """What reading the thread back said."""

    FOUND = "found"
    ABSENT = "absent"
    WEAKLY_ABSENT = "weakly_absent"
    CANNOT_TELL = "cannot_tell"
    FAILED = "failed"


def resolve_look(look: Look, *, absent: int, looking: timedelta) -> DeliveryState:
    """Return where a `reconciling` row goes.

    `absent` counts the earlier times it was surely not there and sent again; `looking` is for
    how long the outcome has been unknown.
    """
    match look:
        case Look.FOUND:
            return _S.SENT
        case Look.ABSENT:
            return _S.QUEUED if absent < RESENDS_AFTER_ABSENT else _S.NEEDS_HUMAN
        case Look.WEAKLY_ABSENT | Look.CANNOT_TELL:
            return _S.NEEDS_HUMAN
        case Look.FAILED:
            return _S.RECONCILING if looking < LOOK_FOR else _S.NEEDS_HUMAN


def backoff(
    attempts: int,
    chance: float,
    retry_after: timedelta | None = None,
    most: timedelta = BACKOFF_CAP,
) -> timedelta:
    """Return how long to wait after try number `attempts`; `chance` is uniform in [0, 1).

    Full jitter between zero and a ceiling that doubles up to `most`. A platform's `retry_after`
    is kept, within an hour, and at most a second of jitter comes on top.
    """
    if retry_after is not None:
        kept = min(max(retry_after, timedelta()), RETRY_AFTER_CAP)
        return kept + timedelta(seconds=chance)
    ceiling = min(most, BACKOFF_BASE * 2.0 ** min(attempts, 16))
    return ceiling * chance
