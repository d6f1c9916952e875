"""My last twenty: what each says, and taking one back that is not the newest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modtui.connectors import Unknown
from modtui.domain.commands import Hide, Note, Resolve, Snooze
from modtui.domain.model import EventKind, State
from modtui.domain.outbox import DeliveryState
from modtui.domain.people import Deed
from modtui.engine import Refused
from modtui.engine.deeds import OwnDeeds
from tests.engine.outbox_stage import Stage, add_thread, say
from tests.engine.test_batches import batches


def of(stage: Stage) -> OwnDeeds:
    return OwnDeeds(stage.parts, stage.outbox, lambda: None)


async def mine(stage: Stage) -> tuple[Deed, ...]:
    return await of(stage).mine()


async def test_each_says_what_to_whom_how_it_stands_and_whether_it_can_be_undone(
    stage: Stage,
) -> None:
    one, two = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    assert await mine(stage) == ()
    await stage.submit(say(one))
    await stage.drive()
    stage.clock.tick(1)
    await stage.submit(Hide(thread=two, revision=1, posts=("p-s2",), author="u1"))
    await stage.drive()
    stage.clock.tick(1)
    await stage.submit(Note(thread=one, revision=2, text="look again"))
    stage.clock.tick(1)
    later = stage.clock.now + timedelta(hours=1)
    await stage.submit(Snooze(thread=one, revision=2, until=later))
    stage.clock.tick(1)
    await stage.submit(say(one, "more", revision=3), hold=True, force=True)
    told = [(d.what, d.state, d.why_not, d.inverse) for d in await mine(stage)]
    assert told == [
        (("reply → title of s1",), "pending", "", False),
        (("snooze → title of s1",), "done", "", False),
        (("note → title of s1",), "noted", "a note stays: write another", False),
        (("remove post of Nina → title of s2",), "sent", "", True),
        (("reply → title of s1",), "sent",
         "reply → title of s1 is done, and forum cannot take it back", True),
    ]  # fmt: skip


async def test_an_older_one_is_taken_back_and_the_newer_stay(stage: Stage) -> None:
    one, two = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await stage.submit(Hide(thread=one, revision=1, posts=("p-s1",), author="u1"))
    await stage.drive()
    stage.clock.tick(1)
    await stage.submit(say(two), hold=True)
    newer, older = await mine(stage)
    undone = await of(stage).undo(older)
    assert undone.message == "taking back: remove post of Nina → title of s1"
    assert undone.inverse
    await stage.drive()
    assert (await stage.thread(one)).state is State.OPEN
    assert (await stage.row(newer_row(await stage.rows(), newer))).state is DeliveryState.HELD
    again = {d.batch: d for d in await mine(stage)}[older.batch]
    assert again.why_not == "it is taken back already, or never went out"
    with pytest.raises(Refused, match="taken back already"):
        await of(stage).undo(older)


def newer_row(rows: tuple[object, ...], deed: Deed) -> int:
    return next(row.id for row in rows if row.batch == deed.batch)  # type: ignore[attr-defined]


async def test_in_the_window_the_text_comes_back(stage: Stage) -> None:
    one = await add_thread(stage)
    await stage.submit(say(one, "wait a little"), hold=True)
    (deed,) = await mine(stage)
    undone = await of(stage).undo(deed)
    assert (undone.draft, undone.inverse) == (True, False)
    assert await stage.draft(one) == "wait a little"
    (deed,) = await mine(stage)
    assert (deed.state, deed.why_not != "") == ("taken back", True)


async def test_what_was_done_at_once_is_taken_back_once(stage: Stage) -> None:
    one = await add_thread(stage)
    await stage.submit(Resolve(thread=one, revision=1))
    (deed,) = await mine(stage)
    await of(stage).undo(deed)
    assert (await stage.thread(one)).state is State.OPEN
    assert (await stage.events(one))[-1] is EventKind.UNDONE
    (deed,) = await mine(stage)
    assert (deed.state, deed.why_not != "") == ("taken back", True)


async def test_what_is_on_its_way_stays(stage: Stage) -> None:
    one = await add_thread(stage)
    stage.connector.answers = [Unknown("cut")]
    await stage.submit(say(one))
    await stage.drive()
    (deed,) = await mine(stage)
    assert deed.state == "outcome unknown"
    assert deed.why_not == "reply → title of s1 is on its way: nobody can stop it now"
    with pytest.raises(Refused, match="on its way"):
        await of(stage).undo(deed)


async def test_one_action_over_many_threads_is_one_deed_and_taken_back_as_one(
    stage: Stage,
) -> None:
    threads = [await add_thread(stage, f"s{n}") for n in range(5)]
    lines = [(Resolve(thread=each, revision=1),) for each in threads]
    taken = await batches(stage).submit(lines)
    (deed,) = await mine(stage)
    assert deed.batch == taken.batch
    assert len(deed.what) == 5
    assert deed.words.endswith("and 2 more")
    await of(stage).undo(deed)
    states = {(await stage.thread(each)).state for each in threads}
    assert states == {State.OPEN}


async def test_there_are_twenty_at_most_and_none_of_others(stage: Stage) -> None:
    one = await add_thread(stage)
    for minute in range(22):
        stage.clock.tick(1)
        await stage.submit(Note(thread=one, revision=1, text=f"{minute}"))
    assert len(await mine(stage)) == 20


async def test_who_may_only_read_takes_nothing_back(stage: Stage) -> None:
    def never() -> None:
        raise Refused("read_only", "for reading only")

    one = await add_thread(stage)
    await stage.submit(Resolve(thread=one, revision=1))
    (deed,) = await mine(stage)
    with pytest.raises(Refused, match="reading only"):
        await OwnDeeds(stage.parts, stage.outbox, never).undo(deed)
