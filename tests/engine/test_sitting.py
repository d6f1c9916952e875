"""Coming back: what asks first, what is shown, and when the queue opens as usual."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.domain.commands import Hide, Reply, SetSlowMode
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import DeliveryState
from modtui.domain.shift import Decision, Fate
from modtui.engine import Refused
from modtui.store import Unwritable
from tests.engine.outbox_stage import ME, say
from tests.engine.shift_stage import Night, make_night, next_sitting
from tests.store.stage import T0

S = DeliveryState
GONE = "host:1:a"


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    made = make_night(tmp_path / "queue.db")
    assert await made.shift.begin() is False
    yield made
    await made.close()


async def told(night: Night) -> list[tuple[str, str]]:
    """What the next sitting comes back to: id and how it stands."""
    return [(each.id, each.says) for each in (await night.shift.back()).items]


async def test_a_draft_brings_one_back_and_its_text_is_whole(night: Night) -> None:
    thread = await night.thread()
    await night.draft(thread, "half a sent")
    await night.shift.end()
    night.clock.tick(3600)
    next_one = next_sitting(night)
    assert await next_one.shift.begin() is True
    back = await next_one.shift.back()
    assert (back.left_at, back.cut) == (T0, False)
    (item,) = back.items
    assert (item.id, item.thread, item.text) == (f"draft-{thread}", thread, "half a sent")


async def test_nothing_left_or_too_long_ago_opens_the_queue(night: Night) -> None:
    await night.shift.end()
    night.clock.tick(60)
    second = next_sitting(night)
    assert await second.shift.begin() is False
    await second.draft(await second.thread())
    await second.shift.end()
    night.clock.tick(24 * 3600 + 1)
    third = next_sitting(night, "host:3:c")
    assert await third.shift.begin() is False


async def test_after_a_hand_over_one_comes_back_only_to_what_came_later(night: Night) -> None:
    thread = await night.thread()
    await night.draft(thread)
    night.clock.tick(60)
    await night.hand_over()
    night.clock.tick(60)
    await night.shift.end()
    second = next_sitting(night)
    assert await second.shift.begin() is False
    await second.hand_over()
    night.clock.tick(60)
    await second.draft(thread, "more words")
    await second.shift.end()
    third = next_sitting(night, "host:3:c")
    assert await third.shift.begin() is True


@pytest.mark.parametrize("lives", [True, False])
async def test_a_sitting_that_was_killed_ended_when_it_last_wrote(
    night: Night, lives: bool
) -> None:
    thread = await night.thread()
    night.clock.tick(300)
    await night.draft(thread)
    await night.serve("forum", GONE)
    night.clock.tick(20)
    second = next_sitting(night, alive=lambda session: lives or session != GONE)
    assert await second.shift.begin() is not lives
    if not lives:
        back = await second.shift.back()
        assert (back.left_at, back.cut) == (T0 + timedelta(seconds=300), True)


async def test_what_is_older_than_two_minutes_asks_before_it_goes_out(night: Night) -> None:
    thread = await night.thread()
    number = await night.say(thread)
    await night.shift.end()
    night.clock.tick(121)
    second = next_sitting(night)
    assert await second.shift.begin() is True
    await second.stage.drive()
    assert second.stage.connector.performed == []
    assert await told(second) == [(f"delivery-{number}", "waits for your word")]
    await second.shift.end()
    night.clock.tick(31)
    third = next_sitting(night, "host:3:c")
    assert await third.shift.begin() is True
    await third.shift.send(number)
    await third.stage.drive()
    assert (await third.stage.row(number)).state is S.SENT
    with pytest.raises(Refused, match="does not wait"):
        await third.shift.send(number)


async def test_what_is_younger_goes_out_by_itself_and_says_so(night: Night) -> None:
    number = await night.say(await night.thread())
    night.clock.tick(5)
    await night.shift.end()
    night.clock.tick(60)
    second = next_sitting(night)
    assert await second.shift.begin() is True
    assert await told(second) == [(f"delivery-{number}", "queued")]
    await second.stage.drive()
    assert await told(second) == [(f"delivery-{number}", "sent 08:01")]


async def test_an_undo_window_that_was_cut_asks_but_an_old_one_becomes_a_draft(
    night: Night,
) -> None:
    thread, other = await night.thread("a"), await night.thread("b")
    old = await night.say(other, "old", hold=True)
    night.clock.tick(800)
    young = await night.say(thread, "young", hold=True)
    night.clock.tick(130)
    second = next_sitting(night, alive=lambda session: False)
    assert await second.shift.begin() is True
    await second.stage.begin()
    rows = [await second.stage.row(number) for number in (old, young)]
    assert [(row.state, row.asks) for row in rows] == [(S.STALE, False), (S.QUEUED, True)]
    assert await second.stage.draft(other) == "old"


@pytest.mark.parametrize("served", [True, False])
async def test_only_what_was_mine_and_nobody_else_carries_on_asks(
    night: Night, served: bool
) -> None:
    thread = await night.thread()
    off = SetSlowMode(thread=thread, revision=1, seconds=0, until=None, reason="over")
    mine = await night.say(thread)
    theirs = await night.put(say(thread, "theirs"), by="mod-b")
    timed = await night.put(off, not_before=T0 + timedelta(hours=1))
    doubtful = await night.put(say(thread, "maybe there"), unknown_at=T0)
    await night.shift.end()
    night.clock.tick(600)
    later = await night.put(say(thread, "from the shell"))
    if served:
        await night.serve("forum", "host:77:sync")
    second = next_sitting(night)
    await second.shift.begin()
    rows = [await second.stage.row(n) for n in (mine, theirs, timed, doubtful, later)]
    assert [row.asks for row in rows] == [not served, False, False, False, False]


async def test_what_was_decided_since_is_told(night: Night) -> None:
    held, answered, taken, hidden = [await night.thread(name) for name in "abcd"]
    for thread in (held, answered, taken):
        await night.claim(thread)
    waiting = Event(EventKind.STAFF_REPLY, T0, ME, (("then", "wait"),))
    await night.happens(answered, waiting)
    hide = Hide(thread=hidden, revision=1, posts=("p-d",), author="u1")
    refused = await night.put(hide)
    await night.shift.end()
    night.clock.tick(60)
    row = await night.stage.row(refused)
    await night.stage.store.write(
        lambda tx: tx.move_delivery(replace(row, error="thread changed"), S.STALE, "thread changed")
    )
    await night.stage.store.write(
        lambda tx: tx.take_claim(taken, "mod-c", "host:9", 120, force=True)
    )
    second = next_sitting(night)
    assert await second.shift.begin() is True
    assert await told(second) == [
        (f"delivery-{refused}", "not sent, it changed: thread changed"),
        (f"claim-{held}", "yours still"),
    ]
    night.clock.tick(120)
    assert (await told(second))[-1] == (f"claim-{held}", "nobody holds it")


async def test_what_was_sent_and_seen_before_leaving_is_not_told_again(night: Night) -> None:
    thread = await night.thread()
    await night.say(thread)
    await night.stage.drive()
    await night.stage.store.write(lambda tx: tx.drop_claim(thread, ME))
    night.clock.tick(1)
    await night.shift.end()
    second = next_sitting(night)
    assert await second.shift.begin() is False
    assert (await second.shift.back()).items == ()


async def test_an_asking_reply_that_is_handed_on_stays_a_question(night: Night) -> None:
    thread = await night.thread()
    await night.put(Reply(thread=thread, revision=1, text="old"), asks=True)
    done = await night.hand_over({"delivery-1": Decision(Fate.NOTE, note="ask me at noon")})
    assert "reply → title of s1 · forum/general · waits for your word" in done.text
    assert (await night.stage.row(1)).asks


async def test_a_store_that_takes_nothing_can_still_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = make_night(tmp_path / "queue.db")

    async def full(*_: object) -> None:
        raise Unwritable("the disk is full")

    try:
        with monkeypatch.context() as patched:
            patched.setattr(night.stage.store, "write", full)
            assert await night.shift.begin() is False
            await night.shift.end()
        assert (await night.shift.back()).items == ()
    finally:
        await night.close()
