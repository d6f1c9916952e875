"""A hand-over on its way: a delivery that belongs to no thread, and one that asks first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Dedupe, Found, Key, Limits, Nothing, ReadBack, Rejected, Unknown
from modtui.domain.commands import NO_THREAD, HandOver
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.engine.undo import cancel, settle
from tests.engine.outbox_stage import (
    ME,
    Answer,
    Sight,
    Stage,
    abilities,
    add_thread,
    restart,
    say,
)
from tests.store.stage import T0

S = DeliveryState
HOUR = timedelta(hours=1)
TEXT = "Hand-over of mod-a\n- nothing"


async def put(stage: Stage, key: str = "k1", **changes: object) -> int:
    """Write the row of a hand-over into the outbox and return its number."""
    command = HandOver(account="ops", to="#shift", text=TEXT)
    row = Delivery(0, key, f"b-{key}", NO_THREAD, "ops", command, S.QUEUED, ME, T0)
    return await stage.store.write(lambda tx: tx.add_delivery(replace(row, **changes)))


async def test_a_hand_over_is_sent_once_and_its_receipt_is_kept(stage: Stage) -> None:
    number = await put(stage)
    await stage.drive(await stage.begin("ops"))
    row = await stage.row(number)
    assert (row.state, row.thread, row.attempts) == (S.SENT, NO_THREAD, 1)
    assert row.receipt == Receipt("r1", T0)
    ((command, _),) = stage.connector.performed
    assert isinstance(command, HandOver)
    assert (command.to, command.text) == ("#shift", TEXT)
    lines = await stage.store.read(lambda tx: tx.audit())
    assert [(x.action, x.thread, x.detail) for x in lines] == [
        ("sent", None, "hand-over to ops #shift")
    ]
    assert all(NO_THREAD not in change.threads for change in stage.changes)


async def test_a_refused_hand_over_says_why(stage: Stage) -> None:
    stage.connector.answers = [Rejected("no such channel")]
    number = await put(stage)
    await stage.drive(await stage.begin("ops"))
    row = await stage.row(number)
    assert (row.state, row.error) == (S.REJECTED, "no such channel")


ENDS: list[tuple[Dedupe, list[Sight], DeliveryState, int]] = [
    (Key(HOUR), [], S.SENT, 2),
    (Nothing(), [], S.NEEDS_HUMAN, 1),
    (ReadBack(timedelta(), strong=True), [Found(Receipt("there", T0))], S.SENT, 1),
]


@pytest.mark.parametrize(("dedupe", "sights", "state", "performed"), ENDS)
async def test_an_unknown_hand_over_is_settled_by_what_the_account_proves(
    stage: Stage, dedupe: Dedupe, sights: list[Sight], state: DeliveryState, performed: int
) -> None:
    answers: list[Answer] = [Unknown("cut")]
    stage.connector.capabilities = abilities(notify=Limits("webhook", dedupe))
    stage.connector.answers, stage.connector.sights = answers, sights
    number = await put(stage)
    line = await stage.begin("ops")
    await stage.drive(line)
    stage.clock.tick(60)
    await stage.drive(line)
    assert (await stage.row(number)).state is state
    assert len(stage.connector.performed) == performed


@pytest.mark.parametrize(
    ("verdict", "state", "performed"),
    [("there", S.SENT, 1), ("again", S.SENT, 2), ("drop", S.CANCELLED, 1)],
)
async def test_a_human_settles_a_hand_over(
    stage: Stage, verdict: str, state: DeliveryState, performed: int
) -> None:
    stage.connector.capabilities = abilities(notify=Limits("webhook", Nothing()))
    stage.connector.answers = [Unknown("cut")]
    number = await put(stage)
    line = await stage.begin("ops")
    await stage.drive(line)
    await settle(stage.parts, number, verdict)
    await stage.drive(line)
    assert (await stage.row(number)).state is state
    assert len(stage.connector.performed) == performed


async def test_one_that_needs_a_human_does_not_hold_up_the_next(stage: Stage) -> None:
    stage.connector.capabilities = abilities(notify=Limits("webhook", Nothing()))
    stage.connector.answers = [Unknown("cut")]
    first, second = await put(stage), await put(stage, "k2")
    await stage.drive(await stage.begin("ops"))
    assert await stage.states(first, second) == [S.NEEDS_HUMAN, S.SENT]


async def test_a_killed_sender_leaves_a_hand_over_unknown(stage: Stage) -> None:
    number = await put(stage)
    await stage.store.write(lambda tx: tx.lease_delivery(number, "host:1", 30, T0))
    stage.clock.tick(61)
    again = restart(stage)
    try:
        line = await again.begin("ops")
        await again.drive(line)
        again.clock.tick(60)
        await again.drive(line)
        assert (await again.row(number)).state is S.SENT
        states = await again.store.read(lambda tx: tx.delivery_history(number))
        assert S.UNKNOWN in [state for _, state, _ in states]
    finally:
        await again.store.close()


async def test_what_asks_is_not_sent_and_can_be_taken_back(stage: Stage) -> None:
    thread = await add_thread(stage)
    asks = Delivery(0, "k1", "b", thread, "forum", say(thread, "old"), S.QUEUED, ME, T0, asks=True)
    number = await stage.store.write(lambda tx: tx.add_delivery(asks))
    await stage.drive()
    stage.clock.tick(3600)
    await stage.drive()
    assert (await stage.row(number)).state is S.QUEUED
    assert stage.connector.performed == []
    await cancel(stage.parts, number)
    assert await stage.draft(thread) == "old"
