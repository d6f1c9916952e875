"""A post kept until it is edited: later flags on it are closed as they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Batch, Limits, Nothing
from modtui.domain.commands import Capability, Dismiss
from modtui.domain.model import EventKind, Flag, Post, State, Thread
from modtui.domain.outbox import DeliveryState
from modtui.engine import Refused
from modtui.engine.intake import Intake
from modtui.engine.leftovers import Snapshot, running
from modtui.engine.pieces import Source
from tests.engine.outbox_stage import Stage, abilities, add_thread
from tests.store.stage import REALM, flag, post

S = DeliveryState


async def kept(stage: Stage) -> int:
    """A thread whose subject was kept, further flags included; its number."""
    thread = await add_thread(stage)
    keep = Dismiss(
        thread=thread, revision=1, flags=("f-s1",), posts=("p-s1",), further=True
    )  # fmt: skip
    await stage.submit(keep)
    await stage.drive()
    assert (await stage.thread(thread)).state is State.RESOLVED
    return thread


async def comes(
    stage: Stage, *flags: Flag, posts: tuple[Post, ...] = (), threads: tuple[Thread, ...] = ()
) -> frozenset[int]:
    """What the platform tells now; return the threads that changed."""
    lease = await stage.store.write(lambda tx: tx.take_lease("account:forum", stage.session, 30))
    assert lease is not None
    source = Source("forum", REALM, {"forum": 0}, own="bot")
    batch = Batch(cursor="c", flags=flags, posts=posts, threads=threads)
    return (await Intake(stage.parts, source, lease).take(batch)).changed


def more(name: str, stage: Stage, on: str | None = "p-s1") -> Flag:
    return replace(flag(name, post=on, at=stage.clock.now), thread="s1")


async def test_later_flags_raise_nothing_and_are_counted(stage: Stage) -> None:
    thread = await kept(stage)
    before = await stage.events(thread)
    stage.clock.tick(60)
    assert await comes(stage, more("f2", stage), more("f3", stage, None)) == {thread}
    stage.clock.tick(5)
    await comes(stage, more("f4", stage))
    record = await stage.thread(thread)
    assert (record.state, record.flag_count) == (State.RESOLVED, 0)
    assert await stage.events(thread) == before
    (found,) = await stage.store.read(lambda tx: tx.kept(thread))
    assert (found.post, found.by, found.closed) == ("p-s1", "mod-a", 3)


async def test_a_repeat_of_what_was_closed_is_not_counted_again(stage: Stage) -> None:
    thread = await kept(stage)
    stage.clock.tick(60)
    one = more("f2", stage)
    await comes(stage, one)
    await comes(stage, one)
    (found,) = await stage.store.read(lambda tx: tx.kept(thread))
    assert found.closed == 1
    assert (await stage.thread(thread)).state is State.RESOLVED


async def test_a_flag_on_another_post_counts_as_ever(stage: Stage) -> None:
    thread = await kept(stage)
    stage.clock.tick(60)
    await comes(stage, more("f2", stage, "p9"), posts=(post("p9"),))
    record = await stage.thread(thread)
    assert (record.state, record.flag_count) == (State.OPEN, 1)


@pytest.mark.parametrize("together", [True, False])
async def test_an_edit_ends_it(stage: Stage, together: bool) -> None:
    thread = await kept(stage)
    stage.clock.tick(60)
    edited = post("p-s1", "something else", is_subject=True, edited_at=stage.clock.now)
    if not together:
        await comes(stage, posts=(edited,))
        assert await stage.store.read(lambda tx: tx.kept(thread)) == ()
    await comes(stage, more("f2", stage), posts=(edited,))
    record = await stage.thread(thread)
    assert (record.state, record.flag_count) == (State.OPEN, 1)
    lines = await stage.store.read(lambda tx: tx.audit(thread=thread))
    assert [line.action for line in lines].count("kept no more") == 1


async def test_the_platform_is_told_once_a_minute_and_nobody_waits_for_it(stage: Stage) -> None:
    thread = await kept(stage)
    done = len(stage.connector.performed)
    revision = (await stage.thread(thread)).revision
    for number in range(4):
        stage.clock.tick(10)
        await comes(stage, more(f"g{number}", stage))
        await stage.drive()
    assert len(stage.connector.performed) == done
    assert (await stage.thread(thread)).pending == 0
    stage.clock.tick(60)
    await stage.drive()
    (told,) = [command for command, _ in stage.connector.performed[done:]]
    assert isinstance(told, Dismiss)
    assert told.flags == ("g0", "g1", "g2", "g3")
    assert (await stage.thread(thread)).revision == revision
    assert (await stage.events(thread)).count(EventKind.DISMISSED) == 1


async def test_where_the_platform_cannot_dismiss_nothing_is_queued(stage: Stage) -> None:
    await kept(stage)
    rest = {c: each for c, each in abilities().offers.items() if c is not Capability.DISMISS}
    stage.connector.capabilities = replace(stage.connector.capabilities, offers=rest)
    stage.clock.tick(60)
    await comes(stage, more("f2", stage))
    assert len(await stage.rows()) == 1


async def test_a_keep_that_only_means_these_flags_lets_the_next_one_reopen(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Dismiss(thread=thread, revision=1, flags=("f-s1",), posts=("p-s1",)))
    await stage.drive()
    stage.clock.tick(60)
    await comes(stage, more("f2", stage))
    assert (await stage.thread(thread)).state is State.OPEN


async def test_a_keep_that_was_refused_keeps_nothing(stage: Stage) -> None:
    stage.connector.capabilities = abilities(dismiss=Limits("keep", Nothing()))
    thread = await add_thread(stage)
    keep = Dismiss(
        thread=thread, revision=1, flags=("f-s1",), posts=("p-s1",), further=True
    )  # fmt: skip
    taken = await stage.submit(keep, hold=True)
    await stage.outbox.undo(thread)
    assert await stage.states(taken.deliveries[0].id) == [S.CANCELLED]
    stage.clock.tick(timedelta(minutes=1).total_seconds())
    assert await stage.store.read(lambda tx: tx.kept(thread)) == ()


async def test_u_lets_later_flags_count_again_though_the_platform_cannot_reopen_these(
    stage: Stage,
) -> None:
    thread = await kept(stage)
    undone = await stage.outbox.undo(thread)
    assert undone.message.endswith("; flags that come from now on count again")
    stage.clock.tick(60)
    await comes(stage, more("f2", stage))
    assert (await stage.thread(thread)).state is State.OPEN
    with pytest.raises(Refused, match="cannot take it back"):
        await stage.outbox.undo(thread)


async def test_what_is_told_of_further_flags_is_nothing_that_runs(stage: Stage) -> None:
    await kept(stage)
    stage.clock.tick(60)
    await comes(stage, more("f2", stage))
    found = await stage.store.read(lambda tx: running(Snapshot(tx, stage.parts)))
    assert found == ()
