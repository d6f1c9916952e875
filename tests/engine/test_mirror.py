"""Claims on both sides: ours are held on the platform as well, those held there are shown here."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.connectors import Batch, Limits, Rejected, Stale, StateSetting
from modtui.domain.commands import Assign, Comment, Note, Reply
from modtui.domain.model import FOR_GOOD, EventKind
from modtui.domain.outbox import DeliveryState
from modtui.domain.text import BLANK, clean_line
from modtui.domain.views import QueueFilter
from modtui.engine import Refused
from modtui.engine.clock import Watch
from modtui.engine.held import CLAIM_SECONDS, Held
from modtui.engine.intake import Intake
from modtui.engine.pieces import Source
from tests.engine.outbox_stage import (
    ME,
    Scripted,
    Stage,
    abilities,
    add_thread,
    make_stage,
    say,
)
from tests.store.stage import HandClock

JANE = "@jane on forum"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    able = abilities(assign=Limits("claim", StateSetting()))
    made = make_stage(tmp_path / "modtui.db", HandClock(), Scripted(capabilities=able))
    yield made
    await made.store.close()


def asked(stage: Stage) -> list[tuple[bool, bool]]:
    """The claims that the platform was asked for: (on, over)."""
    commands = (command for command, _ in stage.connector.performed)
    return [(each.on, each.over) for each in commands if isinstance(each, Assign)]


async def held_by(stage: Stage, thread: int, name: str) -> None:
    """Let the platform tell that `name` holds the thread; "" for nobody."""
    record = await stage.thread(thread)
    told = replace(record.thread, holder=clean_line(name) if name else BLANK)
    source = Source("forum", "demo:forum", {"forum": 0})
    lease = await stage.store.write(lambda tx: tx.take_lease("account:forum", stage.session, 30))
    assert lease is not None
    intake = Intake(stage.parts, source, lease)
    await intake.take(Batch("c", threads=(told,), caught_up=True))


async def claim_words(stage: Stage, thread: int) -> str:
    found = await stage.store.read(lambda tx: tx.claim(thread))
    return found.by if found else ""


async def test_a_claim_is_sent_once_and_released_there_too(stage: Stage) -> None:
    thread, held = await add_thread(stage), Held(stage.parts)
    await held.claim(thread)
    await held.claim(thread)
    assert (await stage.thread(thread)).pending == 0
    await stage.drive()
    assert asked(stage) == [(True, False)]
    await held.release(thread)
    await stage.drive()
    assert asked(stage) == [(True, False), (False, False)]
    assert (await stage.row(1)).state is DeliveryState.SENT


async def test_only_the_last_of_what_waits_is_sent(stage: Stage) -> None:
    thread, held = await add_thread(stage), Held(stage.parts)
    await held.claim(thread)
    await held.release(thread)
    await stage.drive()
    assert asked(stage) == [(False, False)]


async def test_where_the_platform_has_no_claims_nothing_is_sent(tmp_path: Path) -> None:
    stage = make_stage(tmp_path / "other.db", HandClock(), Scripted())
    thread = await add_thread(stage)
    await Held(stage.parts).claim(thread)
    await Held(stage.parts).release(thread)
    assert await stage.rows() == ()
    await stage.store.close()


async def test_a_claim_that_ran_out_is_let_go_there(stage: Stage) -> None:
    thread = await add_thread(stage)
    await Held(stage.parts).claim(thread)
    await stage.drive()
    watch = Watch(stage.parts)
    await watch.look()
    await stage.drive()
    assert asked(stage) == [(True, False)]
    stage.clock.tick(CLAIM_SECONDS + 1)
    await watch.look()
    await watch.look()
    stage.line = None
    await stage.drive()
    assert asked(stage) == [(True, False), (False, False)]


async def test_who_holds_it_there_keeps_us_from_answering(stage: Stage) -> None:
    thread, held = await add_thread(stage), Held(stage.parts)
    await held_by(stage, thread, "@jane")
    claim = await held.claim(thread)
    assert (claim.by, claim.until) == (JANE, FOR_GOOD)
    with pytest.raises(Refused, match=f"{JANE} holds"):
        await stage.submit(say(thread))
    rows = await stage.store.read(lambda tx: tx.queue_rows([thread], ME))
    assert rows[thread].claim == claim
    unowned = QueueFilter(unowned=True)
    now = stage.clock.now
    assert await stage.store.read(lambda tx: tx.queue_ids(unowned, now, ME)) == ()
    assert (await stage.store.read(lambda tx: tx.counts(now, ME))).unowned == 0


async def test_it_stands_over_a_restart_and_until_they_let_go(stage: Stage) -> None:
    thread = await add_thread(stage)
    await held_by(stage, thread, "@jane")
    later = HandClock(stage.clock.now + timedelta(days=3), 5.0, "boot-2")
    other = make_stage(stage.path, later, stage.connector, "host:2")
    assert await claim_words(other, thread) == JANE
    await held_by(other, thread, "")
    assert await claim_words(other, thread) == ""
    assert EventKind.RELEASED in await other.events(thread)
    await other.store.close()


async def test_taking_over_takes_it_there_too_and_is_not_undone_by_old_news(stage: Stage) -> None:
    thread, held = await add_thread(stage), Held(stage.parts)
    await held_by(stage, thread, "@jane")
    await held.take_over(thread)
    await held_by(stage, thread, "@jane")
    assert await claim_words(stage, thread) == ME
    await stage.drive()
    assert asked(stage) == [(True, True)]
    await held_by(stage, thread, "")
    assert await claim_words(stage, thread) == ME


async def test_who_takes_it_there_makes_our_reply_come_back(stage: Stage) -> None:
    thread, held = await add_thread(stage), Held(stage.parts)
    await held.claim(thread)
    await stage.submit(say(thread))
    await held_by(stage, thread, "@jane")
    await stage.drive()
    assert await claim_words(stage, thread) == JANE
    assert await stage.draft(thread) == "Hello"
    assert (await stage.events(thread))[-1] is EventKind.TAKEN_OVER


async def test_who_was_faster_there_ends_our_claim(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.answers.append(Stale("@jane has claimed this topic"))
    await Held(stage.parts).claim(thread)
    await stage.drive()
    assert await claim_words(stage, thread) == ""
    assert (await stage.row(1)).error == "@jane has claimed this topic"


async def test_a_refused_right_leaves_our_claim_here(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.answers.append(Rejected("you may not"))
    await Held(stage.parts).claim(thread)
    await stage.drive()
    assert await claim_words(stage, thread) == ME


async def test_a_claim_is_nothing_to_take_back(stage: Stage) -> None:
    thread = await add_thread(stage)
    await Held(stage.parts).claim(thread)
    await stage.drive()
    with pytest.raises(Refused, match="nothing of yours"):
        await stage.outbox.undo(None)


def left(stage: Stage) -> list[str]:
    """The notes that the platform was given."""
    return [each.text for each, _ in stage.connector.performed if isinstance(each, Comment)]


async def test_a_note_is_left_on_the_platform_where_it_takes_them(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.capabilities = abilities(note=Limits("note", StateSetting()))
    record = await stage.thread(thread)
    await stage.submit(Note(thread=thread, revision=record.revision, text="seen before"))
    assert (await stage.thread(thread)).pending == 0
    await stage.drive()
    assert left(stage) == ["seen before"]
    assert (await stage.events(thread)).count(EventKind.STAFF_NOTE) == 1


async def test_a_note_stays_here_where_the_platform_takes_none(stage: Stage) -> None:
    thread = await add_thread(stage)
    record = await stage.thread(thread)
    await stage.submit(Note(thread=thread, revision=record.revision, text="between us"))
    assert await stage.store.read(lambda tx: tx.deliveries(thread=thread)) == ()
    await stage.drive()
    assert left(stage) == []


async def test_a_note_that_follows_a_reply_is_left_once_that_is_sent(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.capabilities = abilities(note=Limits("note", StateSetting()))
    on = {"thread": thread, "revision": (await stage.thread(thread)).revision}
    await stage.submit(Reply(**on, text="Which number?"), Note(**on, text="asked for the number"))
    assert EventKind.STAFF_NOTE not in await stage.events(thread)
    await stage.drive()
    await stage.drive()
    assert left(stage) == ["asked for the number"]
    assert (await stage.events(thread)).count(EventKind.STAFF_NOTE) == 1
