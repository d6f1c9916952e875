"""The outbox machine as a table: every state, every failure, every way out of not knowing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modtui.domain.outbox import (
    FINAL,
    MOVES,
    DeliveryState,
    Failure,
    Look,
    Proof,
    after_failure,
    backoff,
    resolve_look,
    resolve_unknown,
)

S = DeliveryState


def test_every_state_has_its_moves_and_final_ones_have_none() -> None:
    assert set(MOVES) == set(DeliveryState)
    assert {state for state in S if not MOVES[state]} == FINAL


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (Failure.RETRYABLE, S.QUEUED),
        (Failure.RATE_LIMITED, S.QUEUED),
        (Failure.UNAUTHORIZED, S.BLOCKED),
        (Failure.REJECTED, S.REJECTED),
        (Failure.STALE, S.STALE),
        (Failure.UNSUPPORTED, S.REJECTED),
        (Failure.UNKNOWN, S.UNKNOWN),
    ],
)
def test_a_failed_try_goes_where_the_design_says(failure: Failure, state: DeliveryState) -> None:
    assert after_failure(failure) is state
    assert state in MOVES[S.SENDING]


@pytest.mark.parametrize(
    ("proof", "holds", "state"),
    [
        (Proof.KEY, True, S.QUEUED),
        (Proof.KEY, False, S.RECONCILING),
        (Proof.READ_BACK, True, S.RECONCILING),
        (Proof.HARMLESS, True, S.QUEUED),
        (Proof.NOTHING, True, S.NEEDS_HUMAN),
        (Proof.NOTHING, False, S.NEEDS_HUMAN),
    ],
)
def test_not_knowing_is_resolved_by_what_the_platform_proves(
    proof: Proof, holds: bool, state: DeliveryState
) -> None:
    assert resolve_unknown(proof, key_holds=holds) is state
    assert state in MOVES[S.UNKNOWN]


@pytest.mark.parametrize(
    ("look", "absent", "minutes", "state"),
    [
        (Look.FOUND, 2, 60, S.SENT),
        (Look.ABSENT, 0, 60, S.QUEUED),
        (Look.ABSENT, 1, 60, S.QUEUED),
        (Look.ABSENT, 2, 0, S.NEEDS_HUMAN),
        (Look.WEAKLY_ABSENT, 0, 0, S.NEEDS_HUMAN),
        (Look.CANNOT_TELL, 0, 0, S.NEEDS_HUMAN),
        (Look.FAILED, 0, 9, S.RECONCILING),
        (Look.FAILED, 0, 10, S.NEEDS_HUMAN),
    ],
)
def test_a_look_back_ends_where_the_design_says(
    look: Look, absent: int, minutes: int, state: DeliveryState
) -> None:
    looking = timedelta(minutes=minutes)
    assert resolve_look(look, absent=absent, looking=looking) is state
    assert state in MOVES[S.RECONCILING]


def test_only_surely_unsent_rows_may_be_sent_without_a_look() -> None:
    assert {state for state in S if S.SENDING in MOVES[state]} == {S.QUEUED}
    assert S.QUEUED not in {after_failure(Failure.UNKNOWN), after_failure(Failure.STALE)}


def test_backoff_doubles_to_a_ceiling_with_full_jitter() -> None:
    ceilings = [backoff(n, 1.0) for n in range(1, 12)]
    assert ceilings[:3] == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)]
    assert max(ceilings) == timedelta(seconds=60) == backoff(10_000, 1.0)
    assert backoff(5, 0.0) == timedelta()


@pytest.mark.parametrize(("asked", "least", "most"), [(7, 7, 8), (-5, 0, 1), (90_000, 3600, 3601)])
def test_backoff_keeps_retry_after_within_an_hour(asked: int, least: int, most: int) -> None:
    for chance in (0.0, 0.5, 0.999):
        wait = backoff(1, chance, timedelta(seconds=asked))
        assert timedelta(seconds=least) <= wait <= timedelta(seconds=most)
