"""Every failure at every step ends where the state machine says, on a real store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import (
    Absent,
    CannotTell,
    Dedupe,
    Found,
    Idempotent,
    Key,
    Nothing,
    RateLimited,
    ReadBack,
    Rejected,
    Retryable,
    Stale,
    StateSetting,
    Unauthorized,
    Unknown,
    Unsupported,
)
from modtui.domain.commands import Hide, Lock, Reply, SetSlowMode, Then
from modtui.domain.model import Draft, EventKind, State
from modtui.domain.outbox import DeliveryState, Receipt
from modtui.engine.doubt import recover
from modtui.store import Tx
from tests.engine.outbox_stage import (
    ME,
    Answer,
    Sight,
    Stage,
    add_thread,
    replies_by,
    restart,
    say,
)
from tests.store.stage import T0

S = DeliveryState
HOUR = timedelta(hours=1)


async def test_a_reply_is_sent_once_and_only_the_receipt_changes_the_thread(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread))
    before = await stage.thread(thread)
    assert (before.state, before.pending) == (State.OPEN, 1)
    stage.clock.tick(60)
    await stage.drive()
    after = await stage.thread(thread)
    assert (after.state, after.pending, after.revision) == (State.WAITING, 0, 2)
    row = await stage.row(taken.deliveries[0].id)
    assert (row.state, row.attempts) == (S.SENT, 1)
    assert row.receipt == Receipt("r1", stage.clock.now)
    assert len(stage.connector.performed) == 1
    events = await stage.store.read(lambda tx: tx.events(thread))
    assert events[-1].kind is EventKind.STAFF_REPLY
    assert (events[-1].at, events[-1].actor) == (stage.clock.now, ME)


@pytest.mark.parametrize(
    ("error", "state", "pending"),
    [
        (Retryable("no route"), S.QUEUED, 1),
        (RateLimited("slow down", timedelta(seconds=7)), S.QUEUED, 1),
        (Unauthorized("token revoked"), S.BLOCKED, 1),
        (Rejected("topic is closed"), S.REJECTED, 0),
        (Stale("it was edited"), S.STALE, 0),
        (Unsupported("no such thing"), S.REJECTED, 0),
        (Unknown("read timeout"), S.UNKNOWN, 1),
        (TimeoutError(), S.UNKNOWN, 1),
        (ValueError("odd answer"), S.UNKNOWN, 1),
    ],
)
async def test_each_error_ends_in_its_state(
    stage: Stage, error: Exception, state: DeliveryState, pending: int
) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread, "my words"))
    stage.connector.answers = [error]
    line = await stage.begin()
    await stage.outbox.start_round(line)
    while line.tasks:
        await next(iter(line.tasks.values()))
    row = await stage.row(taken.deliveries[0].id)
    record = await stage.thread(thread)
    assert row.state is state
    assert record.pending == pending
    assert record.unknown == (state is S.UNKNOWN)
    assert record.state is State.OPEN
    assert len(stage.connector.performed) == 1
    came_back = state in (S.REJECTED, S.STALE)
    assert await stage.draft(thread) == ("my words" if came_back else None)
    assert isinstance(row.command, Reply)
    assert row.command.text == "my words"


async def test_retry_after_is_kept_and_pauses_the_account(stage: Stage) -> None:
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await stage.submit(say(one))
    stage.connector.answers = [RateLimited("slow down", timedelta(seconds=30))]
    await stage.drive()
    assert stage.limited[0][0] == "forum"
    await stage.submit(say(other))
    stage.clock.tick(29)
    await stage.drive()
    assert len(stage.connector.performed) == 1
    stage.clock.tick(3)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT, S.SENT]
    assert stage.connector.performed[0][1] == stage.connector.performed[1][1]


async def test_a_refused_secret_blocks_until_the_account_runs_again(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unauthorized("token revoked")]
    await stage.drive()
    assert stage.line is not None
    assert stage.line.refused is not None
    assert [row.state for row in await stage.rows()] == [S.BLOCKED]
    await stage.begin()
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT]


UNKNOWN_ENDS: list[tuple[Dedupe, list[Sight], DeliveryState, int]] = [
    (Key(HOUR), [], S.SENT, 2),
    (Key(HOUR, per_credential=True), [], S.SENT, 2),
    (Idempotent(), [], S.SENT, 2),
    (StateSetting(), [], S.SENT, 2),
    (Nothing(), [], S.NEEDS_HUMAN, 1),
    (ReadBack(timedelta(seconds=3), True), [Found(Receipt("r9", T0))], S.SENT, 1),
    (ReadBack(timedelta(seconds=3), True), [Absent(True)], S.SENT, 2),
    (ReadBack(timedelta(seconds=3), True), [Absent(False)], S.NEEDS_HUMAN, 1),
    (ReadBack(timedelta(seconds=3), False), [Absent(True)], S.NEEDS_HUMAN, 1),
    (ReadBack(timedelta(seconds=3), True), [CannotTell("two alike")], S.NEEDS_HUMAN, 1),
    (ReadBack(timedelta(seconds=3), True), [Retryable("down"), Absent(True)], S.SENT, 2),
    (ReadBack(timedelta(seconds=3), True), [KeyError("x"), Found(Receipt("r9", T0))], S.SENT, 1),
]


@pytest.mark.parametrize(("dedupe", "sights", "state", "performed"), UNKNOWN_ENDS)
async def test_an_unknown_outcome_is_settled_by_what_the_platform_proves(
    stage: Stage, dedupe: Dedupe, sights: list[Sight], state: DeliveryState, performed: int
) -> None:
    stage.connector.capabilities = replies_by(dedupe)
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("read timeout")]
    stage.connector.sights = list(sights)
    for _ in range(6):
        await stage.drive()
        stage.clock.tick(70)
    assert [row.state for row in await stage.rows()] == [state]
    keys = {key for _, key in stage.connector.performed}
    assert (len(stage.connector.performed), len(keys)) == (performed, 1)
    assert not stage.connector.sights


async def test_no_look_before_the_platform_has_settled(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("cut")]
    await stage.drive()
    stage.clock.tick(2.9)
    await stage.drive()
    assert stage.connector.looked == []
    stage.clock.tick(0.2)
    await stage.drive()
    assert len(stage.connector.looked) == 1
    assert stage.connector.looked[0][0] == T0


async def test_surely_absent_is_sent_again_twice_then_a_human_is_asked(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("cut")] * 9
    for _ in range(12):
        await stage.drive()
        stage.clock.tick(70)
    assert len(stage.connector.performed) == 3
    assert [row.state for row in await stage.rows()] == [S.NEEDS_HUMAN]


async def test_ten_minutes_of_failing_looks_ask_a_human(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("cut")]
    stage.connector.sights = [Retryable("down")] * 99
    for _ in range(9):
        await stage.drive()
        assert [row.state for row in await stage.rows()] == [S.RECONCILING]
        stage.clock.tick(61)
    stage.clock.tick(60)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.NEEDS_HUMAN]
    assert (await stage.thread(thread)).unknown == 1


async def test_a_found_post_that_another_delivery_owns_is_passed_over(stage: Stage) -> None:
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await stage.submit(say(one))
    await stage.drive()
    await stage.submit(say(other))
    stage.connector.answers = [Unknown("cut")]
    stage.connector.sights = [Found(Receipt("r1", T0)), Absent(True)]
    for _ in range(3):
        await stage.drive()
        stage.clock.tick(70)
    assert stage.connector.looked[1][1] == frozenset({"r1"})
    assert [row.state for row in await stage.rows()] == [S.SENT, S.SENT]
    assert len(stage.connector.performed) == 3


@pytest.mark.parametrize(
    ("dedupe", "performed"),
    [(Key(HOUR), 2), (Key(HOUR, per_credential=True), 1), (Key(timedelta(seconds=30)), 1)],
)
async def test_a_key_is_trusted_only_while_the_platform_knows_it(
    stage: Stage, dedupe: Dedupe, performed: int
) -> None:
    """After a crash a per-credential key and an expired one are looked for instead."""
    stage.connector.capabilities = replies_by(dedupe)
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread))
    line = await stage.begin()

    async def die(tx: object) -> None:
        await tx.lease_delivery(taken.deliveries[0].id, stage.session, 60, stage.clock.now)

    await stage.store.write(die)
    stage.connector.performed.append((say(thread), taken.deliveries[0].key))
    assert line.account == "forum"
    stage.clock.tick(61)
    new = restart(stage)
    stage.connector.sights = [Found(Receipt("r0", T0))]
    for _ in range(3):
        await new.drive()
        new.clock.tick(30)
    assert [row.state for row in await new.rows()] == [S.SENT]
    assert len(stage.connector.performed) == performed
    await new.store.close()


async def test_a_sender_that_died_leaves_unknown_and_never_queued(stage: Stage) -> None:
    stage.connector.capabilities = replies_by(Nothing())
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread))
    number = taken.deliveries[0].id
    now = stage.clock.now
    await stage.store.write(lambda tx: tx.lease_delivery(number, stage.session, 60, now))
    stage.clock.tick(31)
    new = restart(stage)
    await new.drive()
    assert await new.states(number) == [S.SENDING]
    stage.clock.tick(30)
    await new.drive()
    assert await new.states(number) == [S.NEEDS_HUMAN]
    assert stage.connector.performed == []
    await new.store.close()


@pytest.mark.parametrize(
    ("alive", "state"), [(True, S.SENDING), (False, S.NEEDS_HUMAN)], ids=["lives", "is gone"]
)
async def test_the_row_of_a_process_that_is_gone_waits_for_no_lease(
    stage: Stage, alive: bool, state: S
) -> None:
    stage.connector.capabilities = replies_by(Nothing())
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread))
    number, now = taken.deliveries[0].id, stage.clock.now
    await stage.store.write(lambda tx: tx.lease_delivery(number, "host:gone", 60, now))
    parts = replace(stage.parts, runtime=replace(stage.parts.runtime, alive=lambda _: alive))
    line = await stage.begin()
    await stage.store.write(lambda tx: recover(tx, parts, line))
    await stage.drive(line)
    assert await stage.states(number) == [state]
    assert stage.connector.performed == []


async def test_what_is_on_its_way_when_we_end_is_unknown_at_once(stage: Stage) -> None:
    thread = await add_thread(stage)
    mine = await stage.submit(say(thread, "mine"))
    other = await stage.submit(say(thread, "other"), force=True)
    now = stage.clock.now
    numbers = [taken.deliveries[0].id for taken in (mine, other)]

    async def leave(tx: Tx) -> None:
        await tx.lease_delivery(numbers[0], stage.session, 60, now)
        await tx.lease_delivery(numbers[1], "host:2", 60, now)

    await stage.store.write(leave)
    await stage.outbox.abandon()
    assert await stage.states(*numbers) == [S.UNKNOWN, S.SENDING]
    row = await stage.row(numbers[0])
    assert (row.error, row.unknown_at) == ("modtui ended before the platform answered", now)


async def test_a_fenced_sender_writes_nothing_but_its_receipt(stage: Stage) -> None:
    """The account went to another process while a row was on its way."""
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread))
    line = await stage.begin()

    def overtaken() -> Receipt:
        stage.clock.lease += 31
        return Receipt("r1", stage.clock.now)

    stage.connector.answers = [overtaken]
    new = restart(stage)
    await stage.outbox.start_round(line)
    while line.tasks:
        await next(iter(line.tasks.values()))
    await new.begin()
    assert await new.states(taken.deliveries[0].id) == [S.SENT]
    other = await stage.submit(say(thread, "second"))
    await stage.outbox.start_round(line)
    while line.tasks:
        await next(iter(line.tasks.values()))
    assert line.lost
    assert await new.states(other.deliveries[0].id) == [S.QUEUED]
    assert len(stage.connector.performed) == 1
    await new.store.close()


async def test_a_refusal_after_a_doubtful_try_is_looked_into(stage: Stage) -> None:
    stage.connector.capabilities = replies_by(Key(HOUR))
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("cut"), Rejected("topic is closed")]
    stage.connector.sights = [Found(Receipt("r1", T0))]
    for _ in range(4):
        await stage.drive()
        stage.clock.tick(70)
    assert [row.state for row in await stage.rows()] == [S.SENT]
    assert await stage.draft(thread) is None


async def test_a_thread_goes_in_order_and_others_overlap_up_to_four(stage: Stage) -> None:
    threads = [await add_thread(stage, f"s{n}") for n in range(6)]
    for thread in threads:
        await stage.submit(say(thread, "first"))
        await stage.submit(say(thread, "second"), force=True)
    stage.connector.gate = asyncio.Event()
    await stage.outbox.start_round(await stage.begin())
    async with asyncio.timeout(5):
        while stage.connector.travelling < 4:
            await asyncio.sleep(0.001)
    stage.connector.gate.set()
    await stage.drive()
    assert stage.connector.most == 4
    for thread in threads:
        said = [c.text for c, _ in stage.connector.performed if c.thread == thread]
        assert said == ["first", "second"]


async def test_settings_of_one_channel_are_serial(stage: Stage) -> None:
    threads = [await add_thread(stage, f"s{n}") for n in range(3)]
    for seconds, thread in zip((10, 20, 30), threads, strict=True):
        await stage.submit(
            SetSlowMode(thread=thread, revision=1, seconds=seconds, until=None, reason="heat")
        )
    stage.connector.answers = [Retryable("busy")]
    await stage.drive()
    stage.clock.tick(70)
    await stage.drive()
    assert stage.connector.most == 1
    assert [c.seconds for c, _ in stage.connector.performed] == [10, 10, 20, 30]


async def test_while_one_is_unknown_the_later_ones_of_its_thread_wait(stage: Stage) -> None:
    stage.connector.capabilities = replies_by(Nothing())
    thread = await add_thread(stage)
    one = await stage.submit(say(thread, "first"))
    other = await stage.submit(say(thread, "second"), force=True)
    stage.connector.answers = [Unknown("cut")]
    await stage.drive()
    numbers = (one.deliveries[0].id, other.deliveries[0].id)
    assert await stage.states(*numbers) == [S.NEEDS_HUMAN, S.QUEUED]
    await stage.outbox.settle(numbers[0], "there")
    await stage.drive()
    assert await stage.states(*numbers) == [S.SENT, S.SENT]


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Rejected("no"), S.REJECTED), (Stale("changed"), S.STALE)],
)
async def test_what_follows_in_the_batch_comes_back(
    stage: Stage, answer: Answer, state: DeliveryState
) -> None:
    thread = await add_thread(stage)
    hide = Hide(thread=thread, revision=1, posts=("p-s1",), author="u1")
    taken = await stage.submit(hide, say(thread, "why I hid it"))
    alone = await stage.submit(Lock(thread=thread, revision=1, reason="heat"))
    stage.connector.answers = [answer]
    await stage.drive()
    numbers = [row.id for row in (*taken.deliveries, *alone.deliveries)]
    assert await stage.states(*numbers) == [state, S.CANCELLED, S.SENT]
    assert await stage.draft(thread) == "why I hid it"
    assert (await stage.thread(thread)).pending == 0


async def test_a_draft_that_is_newer_is_not_overwritten(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread, "sent words"))
    newer = Draft(thread, ME, "newer words", stage.clock.now)
    await stage.store.write(lambda tx: tx.put_draft(newer))
    stage.connector.answers = [Rejected("no")]
    await stage.drive()
    assert await stage.draft(thread) == "newer words"
    row = await stage.row(taken.deliveries[0].id)
    assert isinstance(row.command, Reply)
    assert row.command.text == "sent words"


async def test_a_thread_that_changed_brings_the_row_back_before_any_byte(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread, "an answer to what was asked"))
    await stage.author_posts(thread)
    await stage.drive()
    assert await stage.states(taken.deliveries[0].id) == [S.STALE]
    assert stage.connector.performed == []
    assert await stage.draft(thread) == "an answer to what was asked"


async def test_own_deliveries_do_not_make_the_next_one_stale(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread, "first"))
    await stage.drive()
    await stage.submit(say(thread, "second"))
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT, S.SENT]


async def test_a_reply_that_finishes_resolves_and_lets_the_claim_go(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Reply(thread=thread, revision=1, text="done", then=Then.DONE, quick="q1"))
    assert await stage.store.read(lambda tx: tx.claim(thread)) is not None
    await stage.drive()
    record = await stage.thread(thread)
    assert (record.state, record.resolved_by) == (State.RESOLVED, ME)
    assert await stage.store.read(lambda tx: tx.claim(thread)) is None
    assert await stage.store.read(lambda tx: tx.sent_counts()) == {"q1": 1}


async def test_a_receipt_older_than_the_authors_next_post_leaves_the_thread_open(
    stage: Stage,
) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("cut")]
    await stage.drive()
    sent_at = stage.clock.now
    stage.clock.tick(2)
    await stage.author_posts(thread)
    stage.connector.sights = [Found(Receipt("r1", sent_at))]
    stage.clock.tick(70)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT]
    assert (await stage.thread(thread)).state is State.OPEN


async def test_a_key_that_ran_out_while_the_row_waited_is_looked_for(stage: Stage) -> None:
    stage.connector.capabilities = replies_by(Key(timedelta(seconds=90)))
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    wait = RateLimited("slow down", timedelta(minutes=5))
    stage.connector.answers = [Unknown("cut"), wait]
    stage.connector.sights = [Found(Receipt("r1", T0))]
    for seconds in (2, 302, 10, 10):
        await stage.drive()
        stage.clock.tick(seconds)
    assert [row.state for row in await stage.rows()] == [S.SENT]
    assert len(stage.connector.performed) == 2
    assert len(stage.connector.looked) == 1
