"""Taking back within the window and after it, timed ends, human verdicts, starting and leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import (
    Limits,
    Nothing,
    Rejected,
    StateSetting,
    Unauthorized,
    Unknown,
)
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY, removed
from modtui.domain.commands import (
    Command,
    Dismiss,
    Escalate,
    Hide,
    LiftSanction,
    Lock,
    Note,
    Resolve,
    Restore,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.model import EventKind, State
from modtui.domain.outbox import DeliveryState, Receipt
from modtui.engine import Refused
from modtui.engine.held import Held
from modtui.engine.spam import AUTOMATIC, SPARED
from modtui.engine.submit import submit
from tests.engine.outbox_stage import (
    ME,
    Stage,
    abilities,
    add_thread,
    replies_by,
    restart,
    say,
)
from tests.store.stage import post

S = DeliveryState


def slow(thread: int, seconds: int, minutes: int | None, stage: Stage) -> SetSlowMode:
    until = None if minutes is None else stage.clock.now + timedelta(minutes=minutes)
    return SetSlowMode(thread=thread, revision=1, seconds=seconds, until=until, reason="heat")


async def test_a_note_that_came_with_a_batch_is_said_to_stay(stage: Stage) -> None:
    thread = await add_thread(stage)
    hide = Hide(thread=thread, revision=1, posts=("p-s1",), author="u1")
    note = Note(thread=thread, revision=1, text="seen before")
    await stage.submit(hide, note, say(thread, "why"), hold=True)
    undone = await stage.outbox.undo(thread)
    assert undone.message.startswith("taken back: ")
    assert undone.message.endswith("; its note stays")
    await stage.submit(say(thread, "again"), hold=True)
    assert "note" not in (await stage.outbox.undo(thread)).message


async def test_a_text_beside_a_newer_draft_is_said_to_stay_with_its_delivery(stage: Stage) -> None:
    thread = await add_thread(stage)
    stays = "its text stays with this delivery, as a newer draft stands"
    for ending in ("undo", "reject"):
        taken = await stage.submit(say(thread, "older"), hold=ending == "undo")
        await Held(stage.parts).save_draft(thread, "newer")
        if ending == "undo":
            undone = await stage.outbox.undo(thread)
            assert (undone.draft, undone.behind) == (False, True)
            assert undone.of_text == "a newer draft stands: the text taken back is in Deliveries"
        else:
            stage.connector.answers = [Rejected("too long")]
            await stage.drive()
        row = await stage.row(taken.deliveries[0].id)
        assert row.error == f"{'taken back' if ending == 'undo' else 'too long'}: {stays}"
        assert await stage.draft(thread) == "newer"


async def test_a_note_that_follows_a_reply_holds_with_it_alone(stage: Stage) -> None:
    thread = await add_thread(stage)
    note = Note(thread=thread, revision=1, text="asked for the number")
    taken = await stage.submit(say(thread, "Which number?"), note, hold=True)
    assert taken.done == ()
    undone = await stage.outbox.undo(thread)
    assert undone.message == "taken back: reply → title of s1"
    stage.connector.answers = [Rejected("too long")]
    await stage.submit(say(thread, "Which number?"), note)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.CANCELLED, S.REJECTED]
    assert EventKind.STAFF_NOTE not in await stage.events(thread)
    await stage.submit(say(thread, "Which number?"), note)
    await stage.drive()
    written = [
        event for event in await stage.store.read(lambda tx: tx.events(thread)) if event.get("text")
    ]
    assert [(e.kind, e.actor, e.get("text")) for e in written] == [
        (EventKind.STAFF_NOTE, ME, "asked for the number")
    ]


@pytest.mark.parametrize("how", ["taken back", "refused"])
async def test_a_local_escalation_that_follows_a_reply_holds_with_it_alone(
    stage: Stage, how: str
) -> None:
    thread = await add_thread(stage)
    before = (await stage.thread(thread)).state
    batch = (say(thread, "Legal will see it."), to_legal(thread))
    stage.connector.answers = [Rejected("too long")]
    taken = await stage.submit(*batch, hold=how == "taken back")
    assert taken.done == ()
    if how == "taken back":
        await stage.outbox.undo(thread)
        stage.connector.answers = []
    await stage.drive()
    assert EventKind.ESCALATED not in await stage.events(thread)
    assert (await stage.thread(thread)).state is before
    await stage.submit(*batch)
    await stage.drive()
    assert (await stage.events(thread))[-2:] == [EventKind.STAFF_REPLY, EventKind.ESCALATED]
    assert (await stage.thread(thread)).state is State.ESCALATED
    (event,) = [
        event for event in await stage.store.read(lambda tx: tx.events(thread)) if event.get("team")
    ]
    assert (event.actor, event.get("team"), event.get("note")) == (ME, "legal", "a threat to sue")


def to_legal(thread: int) -> Escalate:
    return Escalate(thread=thread, revision=1, team="legal", note="a threat to sue")


async def test_no_sanction_by_itself_leaves_against_who_needs_help_in_another_thread(
    stage: Stage,
) -> None:
    thread, other = await add_thread(stage), await add_thread(stage, "s2")
    moderator = replace(stage.parts.desk.moderator, name=AUTOMATIC)
    itself = replace(stage.parts, desk=replace(stage.parts.desk, moderator=moderator))
    author = (await stage.thread(thread)).thread.author.remote_id
    mute = Sanction(thread=thread, revision=1, sanction=SanctionKind.MUTE, author=author)
    await submit(itself, (mute,), hold=False, force=True)
    asks = replace(await stage.thread(other), help_route="self-harm")
    await stage.store.write(lambda tx: tx.update_thread(asks))
    await stage.drive()
    (row,) = await stage.rows()
    assert (row.state, row.error) == (S.CANCELLED, SPARED)
    assert (await stage.thread(thread)).pending == 0


async def test_in_the_window_the_whole_batch_comes_back_with_its_draft(stage: Stage) -> None:
    thread = await add_thread(stage)
    hide = Hide(thread=thread, revision=1, posts=("p-s1",), author="u1")
    await stage.submit(hide, say(thread, "why"), hold=True)
    await stage.drive()
    undone = await stage.outbox.undo(thread)
    assert undone.message == "taken back: remove post of Nina, reply → title of s1"
    assert (undone.thread, undone.draft, undone.inverse) == (thread, True, False)
    stage.clock.tick(60)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.CANCELLED, S.CANCELLED]
    assert stage.connector.performed == []
    assert await stage.draft(thread) == "why"
    record = await stage.thread(thread)
    assert (record.state, record.pending) == (State.OPEN, 0)


async def test_a_second_undo_goes_one_further_back_and_then_says_so(stage: Stage) -> None:
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await stage.submit(say(one), hold=True)
    stage.clock.tick(1)
    await stage.submit(say(other), hold=True)
    assert (await stage.outbox.undo()).thread == other
    assert (await stage.outbox.undo()).thread == one
    with pytest.raises(Refused, match="nothing of yours"):
        await stage.outbox.undo()


async def test_the_window_counts_from_the_paint_and_only_once(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread), hold=True)
    stage.clock.tick(8)
    await stage.outbox.painted(taken.batch)
    stage.clock.tick(8)
    await stage.outbox.painted(taken.batch)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.HELD]
    stage.clock.tick(2)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT]


INVERSES: list[tuple[Command, Command]] = [
    (
        Hide(thread=1, revision=1, posts=("p-s1",), author="u1"),
        Restore(thread=1, revision=2, posts=("p-s1",)),
    ),
    (
        Lock(thread=1, revision=1, reason="heat"),
        Unlock(thread=1, revision=1, reason="taken back"),
    ),
    (
        SetReadOnly(thread=1, revision=1, on=True, until=None, reason="heat"),
        SetReadOnly(thread=1, revision=1, on=False, until=None, reason="taken back"),
    ),
    (
        Sanction(thread=1, revision=1, sanction=SanctionKind.BAN, author="u1"),
        LiftSanction(thread=1, revision=1, sanction=SanctionKind.BAN, author="u1"),
    ),
]


@pytest.mark.parametrize(("command", "inverse"), INVERSES)
async def test_after_the_window_the_inverse_is_sent(
    stage: Stage, command: Command, inverse: Command
) -> None:
    thread = await add_thread(stage)
    await stage.submit(command)
    await stage.drive()
    undone = await stage.outbox.undo(thread)
    assert undone.inverse
    assert undone.message.startswith("taking back: ")
    await stage.drive()
    assert [c for c, _ in stage.connector.performed] == [command, inverse]
    assert (await stage.thread(thread)).state is State.OPEN
    with pytest.raises(Refused):
        await stage.outbox.undo(thread)


async def test_undoing_a_removal_reopens_what_it_resolved(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Hide(thread=thread, revision=1, posts=("p-s1",), author="u1"))
    await stage.drive()
    assert (await stage.thread(thread)).state is State.RESOLVED
    await stage.outbox.undo(thread)
    assert (await stage.thread(thread)).state is State.RESOLVED
    await stage.drive()
    assert (await stage.thread(thread)).state is State.OPEN
    assert (await stage.events(thread))[-1] is EventKind.UNDONE


@pytest.mark.parametrize(
    "make",
    [lambda n: say(n), lambda n: Dismiss(thread=n, revision=1, flags=("f-s1",))],
)
async def test_what_the_platform_cannot_take_back_is_said(
    stage: Stage, make: Callable[[int], Command]
) -> None:
    thread = await add_thread(stage)
    await stage.submit(make(thread))
    await stage.drive()
    with pytest.raises(Refused, match="forum cannot take it back") as caught:
        await stage.outbox.undo(thread)
    assert caught.value.kind == "unable"


async def test_a_delivery_on_its_way_cannot_be_taken_back(stage: Stage) -> None:
    stage.connector.capabilities = replies_by(Nothing())
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unknown("cut")]
    await stage.drive()
    with pytest.raises(Refused, match="on its way") as caught:
        await stage.outbox.undo(thread)
    assert caught.value.kind == "pending"


async def test_undo_takes_back_what_was_done_at_once(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Resolve(thread=thread, revision=1))
    undone = await stage.outbox.undo()
    assert undone.message == "taken back: resolved"
    assert (await stage.thread(thread)).state is State.OPEN
    with pytest.raises(Refused):
        await stage.outbox.undo(thread)


async def test_undoing_a_slow_mode_goes_back_to_the_one_before(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(slow(thread, 60, 30, stage))
    await stage.drive()
    stage.clock.tick(60)
    await stage.submit(slow(thread, 300, 60, stage))
    await stage.drive()
    await stage.outbox.undo(thread)
    await stage.drive()
    sent = [(c.seconds, c.until) for c, _ in stage.connector.performed]
    assert sent[0] == sent[2]
    assert [s for s, _ in sent] == [60, 300, 60]


async def test_where_the_platform_has_no_end_time_we_end_it(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(slow(thread, 60, 30, stage))
    await stage.drive()
    channel = await stage.store.read(lambda tx: tx.channel("demo:forum", "general"))
    assert channel is not None
    assert channel.restriction is not None
    assert (channel.restriction.seconds, channel.restriction.ours) == (60, True)
    record = await stage.thread(thread)
    assert record.pending == 0
    await stage.author_posts(thread)
    await stage.submit(say(thread, revision=2))
    await stage.drive()
    stage.clock.tick(30 * 60 - 1)
    await stage.drive()
    assert len(stage.connector.performed) == 2
    stage.clock.tick(1)
    await stage.drive()
    command, _ = stage.connector.performed[2]
    assert isinstance(command, SetSlowMode)
    assert (command.seconds, command.expect, command.until) == (0, 60, None)
    channel = await stage.store.read(lambda tx: tx.channel("demo:forum", "general"))
    assert channel is not None
    assert channel.restriction is None


async def test_an_end_that_finds_something_else_changes_nothing_here(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(slow(thread, 60, 30, stage))
    await stage.drive()
    stage.clock.tick(31 * 60)
    stage.connector.answers = [Receipt(None, stage.clock.now, LEFT_ALONE)]
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT, S.SENT]
    channel = await stage.store.read(lambda tx: tx.channel("demo:forum", "general"))
    assert channel is not None
    assert channel.restriction is not None
    assert (await stage.events(thread)).count(EventKind.RESTRICTED) == 1


async def test_a_new_setting_cancels_the_older_end_and_a_failed_one_does_not(
    stage: Stage,
) -> None:
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await stage.submit(slow(one, 60, 30, stage))
    await stage.drive()
    stage.connector.answers = [Rejected("no")]
    await stage.submit(slow(other, 90, 30, stage))
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT, S.QUEUED, S.REJECTED]
    await stage.submit(slow(other, 120, 30, stage))
    await stage.drive()
    states = [row.state for row in await stage.rows()]
    assert states == [S.SENT, S.CANCELLED, S.REJECTED, S.SENT, S.QUEUED]


async def test_a_platform_that_ends_it_itself_gets_no_row(stage: Stage) -> None:
    ends = Limits("slow mode", StateSetting(), supports_until=True)
    stage.connector.capabilities = abilities(slow_mode=ends)
    thread = await add_thread(stage)
    await stage.submit(slow(thread, 60, 30, stage))
    await stage.drive()
    assert len(await stage.rows()) == 1


async def test_a_timed_mute_is_lifted_with_what_the_receipt_left(stage: Stage) -> None:
    thread = await add_thread(stage)
    mute = Sanction(thread=thread, revision=1, sanction=SanctionKind.MUTE, author="u1", seconds=600)
    stage.connector.answers = [Receipt(None, stage.clock.now, "level 0 to -1")]
    await stage.submit(mute)
    await stage.drive()
    stage.clock.tick(600)
    await stage.drive()
    assert stage.connector.performed[1][0] == LiftSanction(
        thread=thread, revision=1, sanction=SanctionKind.MUTE, author="u1", expect="level 0 to -1"
    )


def locks(thread: int, minutes: int, stage: Stage) -> Lock:
    until = stage.clock.now + timedelta(minutes=minutes)
    return Lock(thread=thread, revision=1, reason="heat", until=until)


def so_already(stage: Stage) -> Receipt:
    return Receipt(None, stage.clock.now, SO_ALREADY)


async def test_what_another_set_for_good_is_neither_ended_nor_taken_back(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.answers = [so_already(stage)]
    await stage.submit(locks(thread, 30, stage))
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT]
    lines = await stage.store.read(lambda tx: tx.audit(limit=9))
    assert [line.detail for line in lines if line.action == "no end"] == [f"{SO_ALREADY}: it stays"]
    with pytest.raises(Refused, match="so before, and what another set is not taken back"):
        await stage.outbox.undo(thread)
    stage.clock.tick(31 * 60)
    await stage.drive()
    assert len(stage.connector.performed) == 1


@pytest.mark.parametrize(
    ("evidence", "left"),
    [
        (f"{SO_ALREADY}: a b; reason: Spam", ("c",)),
        ("held before: b; reason: Spam", ("a", "c")),
        (f"{SO_ALREADY}: a; held before: c; it was so already: b", ("b",)),
        ("reason: held before: a b", ("a", "b", "c")),
        ("reason: Spam", ("a", "b", "c")),
    ],
)
async def test_posts_that_another_removed_are_not_brought_back(
    stage: Stage, evidence: str, left: tuple[str, ...]
) -> None:
    thread = await add_thread(stage)
    for name in ("a", "b", "c"):
        said = replace(post(name), thread="s1")
        await stage.store.write(lambda tx, said=said: tx.put_post(thread, said))
    hide = Hide(thread=thread, revision=1, posts=("a", "b", "c"), author="u1", reason="x")
    stage.connector.answers = [Receipt(None, stage.clock.now, evidence)]
    await stage.submit(hide)
    await stage.drive()
    assert (await stage.outbox.undo(thread)).inverse
    await stage.drive()
    restore = stage.connector.performed[-1][0]
    assert isinstance(restore, Restore)
    assert restore.posts == left


async def test_a_removal_of_what_was_held_back_lets_nothing_out(stage: Stage) -> None:
    thread = await add_thread(stage)
    evidence = removed(["p-s1"], (), "reason: Spam", held=["p-s1"])
    stage.connector.answers = [Receipt(None, stage.clock.now, evidence)]
    await stage.submit(Hide(thread=thread, revision=1, posts=("p-s1",), author="u1", reason="x"))
    await stage.drive()
    with pytest.raises(Refused, match="held it back before, and taking it back would let it out"):
        await stage.outbox.undo(thread)


async def test_a_removal_that_another_had_done_is_not_taken_back(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.answers = [so_already(stage)]
    await stage.submit(Hide(thread=thread, revision=1, posts=("p-s1",), author="u1", reason="x"))
    await stage.drive()
    with pytest.raises(Refused, match="so before, and what another set is not taken back"):
        await stage.outbox.undo(thread)
    assert len(stage.connector.performed) == 1


async def test_what_another_closed_is_not_shown_as_ours_with_an_end(stage: Stage) -> None:
    thread = await add_thread(stage)
    until = stage.clock.now + timedelta(minutes=30)
    stage.connector.answers = [so_already(stage)]
    await stage.submit(SetReadOnly(thread=thread, revision=1, on=True, until=until, reason="heat"))
    await stage.drive()
    channel = await stage.store.read(lambda tx: tx.channel("demo:forum", "general"))
    assert channel is not None
    assert channel.restriction is not None
    assert (channel.restriction.until, channel.restriction.ours) == (None, False)


async def test_what_a_lost_try_of_ours_may_have_set_is_ended_and_taken_back(stage: Stage) -> None:
    thread = await add_thread(stage)
    stage.connector.answers = [Unknown("cut"), so_already(stage)]
    await stage.submit(locks(thread, 30, stage))
    for _ in range(3):
        await stage.drive()
        stage.clock.tick(60)
    sent, end = await stage.rows()
    assert (sent.state, end.state, type(end.command)) == (S.SENT, S.QUEUED, Unlock)
    with pytest.raises(Refused, match="another may have set it"):
        await stage.outbox.undo(thread)
    assert (await stage.outbox.undo(thread, force=True)).inverse


async def test_our_own_setting_made_longer_is_ended_as_its_first_end_would_be(
    stage: Stage,
) -> None:
    thread = await add_thread(stage)
    stage.connector.answers = [Receipt(None, stage.clock.now, "mark"), so_already(stage)]
    await stage.submit(locks(thread, 30, stage))
    await stage.drive()
    later = locks(thread, 60, stage)
    await stage.submit(later)
    await stage.drive()
    _, first, _, second = await stage.rows()
    assert (first.state, second.state, second.not_before) == (S.CANCELLED, S.QUEUED, later.until)
    assert isinstance(second.command, Unlock)
    assert second.command.expect == "mark"


@pytest.mark.parametrize(
    ("verdict", "state", "pending", "draft", "performed"),
    [
        ("there", S.SENT, 0, None, 1),
        ("again", S.SENT, 0, None, 2),
        ("drop", S.CANCELLED, 0, "my words", 1),
    ],
)
async def test_a_human_settles_what_nobody_can_tell(
    stage: Stage,
    verdict: str,
    state: DeliveryState,
    pending: int,
    draft: str | None,
    performed: int,
) -> None:
    stage.connector.capabilities = replies_by(Nothing())
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread, "my words"))
    number = taken.deliveries[0].id
    stage.connector.answers = [Unknown("cut")]
    await stage.drive()
    await stage.author_posts(thread)
    await stage.outbox.settle(number, verdict)
    await stage.drive()
    record = await stage.thread(thread)
    assert await stage.states(number) == [state]
    assert (record.pending, record.unknown) == (pending, 0)
    assert await stage.draft(thread) == draft
    assert len(stage.connector.performed) == performed
    with pytest.raises(Refused):
        await stage.outbox.settle(number, verdict)


async def test_a_row_that_has_not_left_can_be_cancelled(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread, "my words"))
    number = taken.deliveries[0].id
    stage.connector.answers = [Unauthorized("token revoked")]
    await stage.drive()
    await stage.outbox.cancel(number)
    assert await stage.states(number) == [S.CANCELLED]
    assert await stage.draft(thread) == "my words"
    with pytest.raises(Refused):
        await stage.outbox.cancel(number)


async def test_leaving_ends_the_window_and_the_next_start_sends(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread), hold=True)
    await stage.outbox.stop()
    assert [row.state for row in await stage.rows()] == [S.QUEUED]
    new = restart(stage)
    await new.drive()
    assert [row.state for row in await new.rows()] == [S.SENT]
    await new.store.close()


@pytest.mark.parametrize(
    ("seconds", "changed", "state"),
    [(14 * 60, False, S.SENT), (15 * 60 + 1, False, S.STALE), (60, True, S.STALE)],
)
async def test_a_held_row_left_by_a_crash_is_sent_or_becomes_a_draft_loudly(
    stage: Stage, seconds: float, changed: bool, state: DeliveryState
) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread, "my words"), hold=True)
    if changed:
        await stage.author_posts(thread)
    stage.clock.tick(seconds)
    new = restart(stage)
    await new.drive()
    assert [row.state for row in await new.rows()] == [state]
    assert await new.draft(thread) == (None if state is S.SENT else "my words")
    lines = await new.store.read(lambda tx: tx.audit(thread=thread))
    assert (lines[0].action == "stale") == (state is S.STALE)
    await new.store.close()


async def test_the_loop_carries_what_is_submitted_and_stops_when_told(stage: Stage) -> None:
    thread = await add_thread(stage)
    lease = await stage.store.write(lambda tx: tx.take_lease("account:forum", "host:1", 30))
    assert lease is not None
    running = asyncio.create_task(stage.outbox.run("forum", stage.connector, lease))
    await stage.submit(say(thread))
    async with asyncio.timeout(5):
        while (await stage.rows())[0].state is not S.SENT:
            await asyncio.sleep(0.005)
        await stage.outbox.stop()
        await running


async def test_the_loop_says_when_the_secret_is_refused(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    stage.connector.answers = [Unauthorized("token revoked")]
    lease = await stage.store.write(lambda tx: tx.take_lease("account:forum", "host:1", 30))
    assert lease is not None
    async with asyncio.timeout(5):
        with pytest.raises(Unauthorized, match="token revoked"):
            await stage.outbox.run("forum", stage.connector, lease)
    assert [row.state for row in await stage.rows()] == [S.BLOCKED]


async def test_the_loop_returns_quietly_when_the_account_is_anothers(stage: Stage) -> None:
    lease = await stage.store.write(lambda tx: tx.take_lease("account:forum", "host:1", 30))
    assert lease is not None
    stage.clock.tick(31)
    new = restart(stage)
    await new.begin()
    async with asyncio.timeout(5):
        await stage.outbox.run("forum", stage.connector, lease)
    await new.store.close()
