"""What a thread goes back to when something is undone: as if it had never been done."""

from datetime import timedelta

import pytest

from modtui.domain.commands import Escalate, Hide, Reopen, Resolve, SetSlowMode, Snooze
from modtui.domain.model import State
from modtui.domain.outbox import DeliveryState
from modtui.engine import Refused
from modtui.engine.clock import Watch
from tests.engine.outbox_stage import Stage, add_thread, restart
from tests.store.stage import T0

SOON = T0 + timedelta(minutes=30)


async def test_a_removal_taken_back_leaves_an_escalated_thread_escalated(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Escalate(thread=thread, revision=1, team="legal", note="letter"))
    stage.clock.tick(60)
    await stage.submit(Hide(thread=thread, revision=2, posts=("p-s1",), author="u1"))
    await stage.drive()
    assert (await stage.thread(thread)).state is State.RESOLVED
    stage.clock.tick(60)
    await stage.outbox.undo(thread)
    await stage.drive()
    record = await stage.thread(thread)
    assert (record.state, record.team) == (State.ESCALATED, "legal")


async def test_an_escalation_taken_back_has_no_team(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Escalate(thread=thread, revision=1, team="legal", note="letter"))
    stage.clock.tick(60)
    await stage.outbox.undo(thread)
    record = await stage.thread(thread)
    assert (record.state, record.team) == (State.OPEN, None)


async def test_a_snooze_taken_back_does_not_forget_that_the_author_wrote(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Snooze(thread=thread, revision=1, until=SOON))
    stage.clock.tick(60)
    await stage.author_posts(thread)
    assert (await stage.thread(thread)).state is State.OPEN
    stage.clock.tick(60)
    await stage.outbox.undo(thread)
    assert (await stage.thread(thread)).state is State.OPEN


async def test_a_resolve_taken_back_leaves_the_snooze_with_its_end(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Snooze(thread=thread, revision=1, until=SOON))
    stage.clock.tick(60)
    await stage.submit(Resolve(thread=thread, revision=2))
    stage.clock.tick(60)
    await stage.outbox.undo(thread)
    record = await stage.thread(thread)
    assert (record.state, record.snoozed_until) == (State.SNOOZED, SOON)
    stage.clock.tick(1800)
    await Watch(stage.parts).look()
    assert (await stage.thread(thread)).state is State.OPEN


async def test_a_reopening_taken_back_resolves_again(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Resolve(thread=thread, revision=1))
    stage.clock.tick(60)
    await stage.submit(Reopen(thread=thread, revision=2))
    stage.clock.tick(60)
    await stage.outbox.undo(thread)
    assert (await stage.thread(thread)).state is State.RESOLVED


async def test_a_resolved_thread_is_not_snoozed(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Resolve(thread=thread, revision=1))
    with pytest.raises(Refused, match="reopen it first"):
        await stage.submit(Snooze(thread=thread, revision=2, until=SOON))


async def test_what_is_not_resolved_is_not_reopened(stage: Stage) -> None:
    thread = await add_thread(stage)
    with pytest.raises(Refused, match="nothing to reopen"):
        await stage.submit(Reopen(thread=thread, revision=1))
    await stage.submit(Escalate(thread=thread, revision=1, team="legal", note="x"))
    with pytest.raises(Refused, match="ends when it is resolved"):
        await stage.submit(Reopen(thread=thread, revision=2))


def slowed(thread: int, minutes: float) -> SetSlowMode:
    until = T0 + timedelta(minutes=minutes)
    return SetSlowMode(thread=thread, revision=1, seconds=60, until=until, reason="heat")


async def test_undoing_a_setting_cancels_its_end(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(slowed(thread, 30))
    await stage.drive()
    (end,) = [row for row in await stage.rows() if row.not_before is not None]
    assert (await stage.row(end.id)).state is DeliveryState.QUEUED
    await stage.outbox.undo(thread)
    await stage.drive()
    assert (await stage.row(end.id)).state is DeliveryState.CANCELLED
    stage.clock.tick(3600)
    await stage.drive()
    seconds = [c.seconds for c, _ in stage.connector.performed if isinstance(c, SetSlowMode)]
    assert seconds == [60, 0]


async def test_an_end_that_nobody_was_there_for_is_set_at_the_next_start(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(slowed(thread, 30))
    await stage.drive()
    await stage.author_posts(thread)
    stage.clock.tick(5 * 3600)
    again = restart(stage)
    await again.begin()
    await again.drive()
    ends = [row for row in await again.rows() if row.not_before is not None]
    assert [row.state for row in ends] == [DeliveryState.SENT]
    await again.store.close()
