"""What can be done in the NOW lane: `!` and its undo, and no way out but an outcome in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.commands import (
    Command,
    Dismiss,
    Escalate,
    Hide,
    MarkSensitive,
    Reply,
    Resolve,
    Snooze,
    Then,
)
from modtui.domain.lane import SENSITIVE, stay
from modtui.domain.model import Event, EventKind, State, ThreadRecord
from modtui.domain.outbox import DeliveryState
from modtui.engine import Refused
from modtui.engine.history import happen
from modtui.store import Tx
from modtui.store.sqlite import SqliteTx
from tests.engine.outbox_stage import ME, Stage, add_thread

TARGET = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def mark(thread: int, revision: int = 1) -> MarkSensitive:
    return MarkSensitive(thread=thread, revision=revision)


async def marked(stage: Stage) -> int:
    """A thread in the lane by a moderator's hand; its flag is f-s1 on post p-s1."""
    number = await add_thread(stage)
    await stage.submit(mark(number))
    return number


async def inside(stage: Stage, number: int) -> bool:
    """Whether the thread is in the lane, where its record and its history say the same."""
    record = await stage.thread(number)
    here = stay(await stage.store.read(lambda tx: tx.events(number)))
    assert record.now_at == (here.since if here else None)
    return here is not None


async def refused(stage: Stage, *commands: Command) -> str:
    """Submit, expect a refusal, and see that it changed nothing."""
    before = await stage.store.read(lambda tx: tx.changed_since(None))
    with pytest.raises(Refused) as caught:
        await stage.submit(*commands)
    assert await stage.store.read(lambda tx: tx.changed_since(None)) == before
    assert caught.value.kind == "invalid"
    return str(caught.value)


async def test_a_moderator_puts_a_thread_into_the_lane_at_once(stage: Stage) -> None:
    number = await marked(stage)
    record = await stage.thread(number)
    assert (record.now_at, record.now_due_at) == (stage.clock.now, stage.clock.now + TARGET)
    assert (record.now_reason, record.help_route) == (SENSITIVE, SENSITIVE)
    assert await inside(stage, number)
    audit = await stage.store.read(lambda tx: tx.audit(thread=number))
    assert [(line.who, line.action) for line in audit] == [(ME, "sensitive")]


async def test_u_takes_it_back_with_the_help_route(stage: Stage) -> None:
    number = await marked(stage)
    undone = await stage.outbox.undo(number)
    record = await stage.thread(number)
    assert "sensitive" in undone.message
    assert (record.now_at, record.now_reason, record.help_route) == (None, "", None)
    assert not await inside(stage, number)
    await stage.submit(mark(number, record.revision))
    assert await inside(stage, number), "and it can be said again"


async def test_u_leaves_it_in_the_lane_that_a_flag_holds_there(stage: Stage) -> None:
    number = await marked(stage)
    stage.clock.tick(60)

    async def flagged(tx: Tx) -> None:
        record = await tx.thread(number)
        detail = (("reason", "threat"), ("flag", "f9"))
        event = Event(EventKind.SENSITIVE, stage.clock.now, "forum", detail)
        await happen(tx, record, [event], stage.parts)

    await stage.store.write(flagged)
    await stage.outbox.undo(number)
    record = await stage.thread(number)
    assert (record.now_at, record.now_reason) == (stage.clock.now, "threat")


async def test_a_help_route_that_was_open_stays_open(stage: Stage) -> None:
    number = await add_thread(stage)

    async def route(tx: Tx) -> None:
        await tx.update_thread(replace(await tx.thread(number), help_route="gambling"))

    await stage.store.write(route)
    await stage.submit(mark(number))
    assert (await stage.thread(number)).help_route == "gambling"
    await stage.outbox.undo(number)
    assert (await stage.thread(number)).help_route == "gambling"


async def test_it_is_not_put_there_twice_nor_when_it_is_done(stage: Stage) -> None:
    number = await marked(stage)
    assert "is in the NOW lane" in await refused(stage, mark(number))
    await stage.submit(Resolve(thread=number, revision=2, outcome="help given"))
    assert "reopen it first" in await refused(stage, mark(number, 3))


async def test_it_wakes_what_is_snoozed(stage: Stage) -> None:
    number = await add_thread(stage)
    until = stage.clock.now + timedelta(hours=5)
    await stage.submit(Snooze(thread=number, revision=1, until=until))
    await stage.submit(mark(number))
    assert (await stage.thread(number)).state is State.OPEN


async def test_a_snooze_is_short_and_leaves_it_in_the_lane(stage: Stage) -> None:
    number = await marked(stage)
    long = Snooze(thread=number, revision=2, until=stage.clock.now + TARGET + MINUTE)
    assert "15 min at most" in await refused(stage, long)
    await stage.submit(Snooze(thread=number, revision=2, until=stage.clock.now + TARGET))
    record = await stage.thread(number)
    assert record.state is State.SNOOZED
    assert await inside(stage, number)


async def test_it_closes_with_an_outcome_and_u_brings_it_back(stage: Stage) -> None:
    number = await marked(stage)
    since = stage.clock.now
    stage.clock.tick(60)
    done = Resolve(thread=number, revision=2, outcome="handed to care, on the phone")
    await stage.submit(done)
    assert (await stage.thread(number)).state is State.RESOLVED
    assert not await inside(stage, number)
    await stage.outbox.undo(number)
    record = await stage.thread(number)
    assert (record.state, record.now_at) == (State.OPEN, since)
    assert await inside(stage, number)


@pytest.mark.parametrize("outcome", ["", "  ", "\n"])
async def test_nothing_else_resolves_it(stage: Stage, outcome: str) -> None:
    number = await marked(stage)
    said = await refused(stage, Resolve(thread=number, revision=2, outcome=outcome))
    assert "needs an outcome in words" in said
    reply = Reply(thread=number, revision=2, text="We are here.", then=Then.DONE)
    assert "needs an outcome in words" in await refused(stage, reply)


async def test_nor_does_a_batch_that_puts_it_there_first(stage: Stage) -> None:
    number = await add_thread(stage)
    assert "outcome" in await refused(stage, mark(number), Resolve(thread=number, revision=1))
    assert not await inside(stage, number)


def keep(number: int, revision: int) -> Command:
    return Dismiss(thread=number, revision=revision, flags=("f-s1",))


def hide(number: int, revision: int) -> Command:
    return Hide(thread=number, revision=revision, posts=("p-s1",), author="u1")


def escalate(number: int, revision: int) -> Command:
    return Escalate(thread=number, revision=revision, team="legal", note="please look")


def answer(number: int, revision: int) -> Command:
    return Reply(thread=number, revision=revision, text="We are here.")


def finish(number: int, revision: int) -> Command:
    return Reply(thread=number, revision=revision, text="That was it.", then=Then.DONE)


@pytest.mark.parametrize("make", [keep, hide, escalate, answer])
async def test_what_is_done_with_it_is_done_and_leaves_it_there(
    stage: Stage, make: Callable[[int, int], Command]
) -> None:
    number = await marked(stage)
    await stage.submit(make(number, 2))
    await stage.drive()
    record = await stage.thread(number)
    assert record.state is not State.RESOLVED
    assert await inside(stage, number)
    if make in (keep, hide):
        assert await stage.store.read(lambda tx: tx.flags(number)) == ()


@pytest.mark.parametrize("make", [keep, hide])
async def test_a_receipt_that_comes_after_the_alarm_does_not_close_it(
    stage: Stage, make: Callable[[int, int], Command]
) -> None:
    number = await add_thread(stage)
    await stage.submit(make(number, 1), hold=True)
    # What is mine makes nothing of mine stale, but for a reply, so both go through.
    await stage.submit(mark(number))
    stage.clock.tick(11)
    await stage.drive()
    record = await stage.thread(number)
    assert stage.connector.performed
    assert record.state is not State.RESOLVED
    assert await inside(stage, number)


async def test_nor_does_a_reply_that_had_left_when_the_alarm_came(stage: Stage) -> None:
    number = await add_thread(stage)
    await stage.submit(finish(number, 1))
    stage.connector.gate = asyncio.Event()
    line = await stage.begin()
    await stage.outbox.start_round(line)
    while not stage.connector.travelling:
        await asyncio.sleep(0)
    await stage.submit(mark(number))
    stage.connector.gate.set()
    await asyncio.wait(tuple(line.tasks.values()))
    assert [row.state for row in await stage.rows()] == [DeliveryState.SENT]
    assert (await stage.thread(number)).state is not State.RESOLVED
    assert await inside(stage, number)


async def test_it_is_there_whole_or_not_at_all(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await add_thread(stage)
    before: ThreadRecord = await stage.thread(number)

    async def broken(*_: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteTx, "add_audit", broken)
        with pytest.raises(RuntimeError):
            await stage.submit(mark(number))
    assert await stage.thread(number) == before
    assert EventKind.SENSITIVE not in await stage.events(number)
    assert not await inside(stage, number)
