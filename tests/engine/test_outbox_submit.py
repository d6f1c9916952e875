"""What is refused before a row is written, and what a taken batch writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Idempotent, Limits
from modtui.domain.commands import (
    Audience,
    Command,
    Dismiss,
    Escalate,
    Hide,
    Lock,
    Note,
    Reopen,
    Reply,
    Resolve,
    Sanction,
    SanctionKind,
    SetCrowdControl,
    SetReadOnly,
    SetSlowMode,
    Snooze,
)
from modtui.domain.model import Draft, EventKind, State
from modtui.domain.outbox import DeliveryState
from modtui.engine import Refused
from tests.engine.outbox_stage import (
    ME,
    Stage,
    abilities,
    add_thread,
    say,
)
from tests.store.stage import T0, flag, post

S = DeliveryState
SOON = T0 + timedelta(minutes=30)
PAST = T0 - timedelta(minutes=1)


async def refused(stage: Stage, *commands: Command, force: bool = False) -> Refused:
    """Submit, expect a refusal, and see that it changed nothing."""
    before = await stage.store.read(lambda tx: tx.changed_since(None))
    with pytest.raises(Refused) as caught:
        await stage.submit(*commands, force=force)
    assert await stage.store.read(lambda tx: tx.changed_since(None)) == before
    return caught.value


CASES: list[tuple[Command, str, str]] = [
    (say(9), "invalid", "no thread 9"),
    (say(1, "  "), "invalid", "empty"),
    (
        say(1, "Hello {author}, {time_left}!"),
        "invalid",
        "“{author}”: is not filled in; “{time_left}”:",
    ),
    (Hide(thread=1, revision=1, posts=(), author="u1"), "invalid", "no post"),
    (Hide(thread=1, revision=1, posts=("gone",), author="u1"), "invalid", "deleted already"),
    (Hide(thread=1, revision=1, posts=("p77",), author="u1"), "invalid", "not in this thread"),
    (Dismiss(thread=1, revision=1, flags=()), "invalid", "no flag"),
    (Dismiss(thread=1, revision=1, flags=("f77",)), "invalid", "closed already"),
    (Dismiss(thread=1, revision=1, flags=("f-s1",), approve=True), "unable", "no approve"),
    (
        Sanction(thread=1, revision=1, sanction=SanctionKind.KICK, author="u1"),
        "unable",
        "demo has no kick",
    ),
    (
        Sanction(thread=1, revision=1, sanction=SanctionKind.MUTE, author="u1", preset="last"),
        "invalid",
        'no text "last" for that: none',
    ),
    (
        SetSlowMode(thread=1, revision=1, seconds=3601, until=None, reason="heat"),
        "invalid",
        "slow mode goes from 5 s to 1 h",
    ),
    (SetSlowMode(thread=1, revision=1, seconds=4, until=None, reason="x"), "invalid", "5 s"),
    (SetSlowMode(thread=1, revision=1, seconds=9, until=PAST, reason="x"), "invalid", "past"),
    (SetReadOnly(thread=1, revision=1, on=True, until=PAST, reason="x"), "invalid", "past"),
    (Lock(thread=1, revision=1, reason="x", until=PAST), "invalid", "past"),
    (SetCrowdControl(thread=1, revision=1, level=4, reason="x"), "invalid", "levels 0 to 3"),
    (Snooze(thread=1, revision=1, until=PAST), "invalid", "past"),
    (Escalate(thread=1, revision=1, team="ghosts", note="?"), "invalid", "payments, legal"),
]


@pytest.mark.parametrize(("command", "kind", "words"), CASES)
async def test_what_cannot_be_meant_is_refused(
    stage: Stage, command: Command, kind: str, words: str
) -> None:
    thread = await add_thread(stage)
    gone = replace(post("gone", deleted_at=T0), thread="s1")
    await stage.store.write(lambda tx: tx.put_post(thread, gone))
    error = await refused(stage, command, force=True)
    assert (error.kind, error.can_force) == (kind, False)
    assert words in str(error)


async def test_a_changed_thread_refuses_and_says_what_changed(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.author_posts(thread)
    stage.clock.tick(40)
    error = await refused(stage, say(thread))
    assert (error.kind, error.can_force) == ("stale", True)
    assert "author post, 40 s ago" in str(error)
    await stage.submit(say(thread), force=True)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT]


async def test_only_the_first_command_of_a_batch_is_asked_for_its_revision(stage: Stage) -> None:
    thread = await add_thread(stage)
    late = Lock(thread=thread, revision=-5, reason="heat")
    taken = await stage.submit(say(thread), late)
    assert [row.command.revision for row in taken.deliveries] == [1, 1]


async def test_anothers_claim_refuses_the_public_reply_alone(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.store.write(lambda tx: tx.take_claim(thread, "mod-c", "host:9", 120))
    error = await refused(stage, say(thread), force=True)
    assert (error.kind, error.can_force) == ("claimed", False)
    assert "mod-c" in str(error)
    private = Reply(thread=thread, revision=1, text="psst", audience=Audience.AUTHOR)
    hide = Hide(thread=thread, revision=1, posts=("p-s1",), author="u1")
    await stage.submit(private, hide)
    stage.clock.tick(121)
    await stage.submit(say(thread), force=True)


async def test_replying_claims(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    claim = await stage.store.read(lambda tx: tx.claim(thread))
    assert claim is not None
    assert (claim.by, claim.session) == (ME, stage.session)


async def test_a_second_reply_is_asked_about_while_one_is_pending(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread))
    error = await refused(stage, say(thread, "again"))
    assert (error.kind, error.can_force) == ("pending", True)
    assert str(error) == "your reply here waits to be sent: this would be a second one"
    await stage.submit(Lock(thread=thread, revision=1, reason="heat"))
    await stage.submit(say(thread, "again"), force=True)
    assert (await stage.thread(thread)).pending == 3


async def test_a_batch_is_taken_whole_or_not_at_all(stage: Stage) -> None:
    thread = await add_thread(stage)
    await refused(stage, say(thread), Snooze(thread=thread, revision=1, until=PAST))
    assert await stage.rows() == ()


async def test_the_draft_moves_into_the_row(stage: Stage) -> None:
    thread = await add_thread(stage)
    draft = Draft(thread, ME, "Hello the", T0)
    await stage.store.write(lambda tx: tx.put_draft(draft))
    quick = Reply(thread=thread, revision=1, text="Short", quick="q1")
    await stage.submit(quick)
    assert await stage.draft(thread) == "Hello the"
    await stage.submit(say(thread, "Hello there"), force=True)
    assert await stage.draft(thread) is None


async def test_submit_writes_a_held_row_a_mark_and_an_audit_line(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(say(thread), hold=True)
    (row,) = taken.deliveries
    assert (row.state, row.hold_until) == (S.HELD, T0 + timedelta(seconds=10))
    assert row.account == "forum"
    assert len(row.key) <= 25
    lines = await stage.store.read(lambda tx: tx.audit(thread=thread))
    assert [(line.who, line.action, line.delivery) for line in lines] == [(ME, "submitted", row.id)]
    assert lines[0].detail == "reply → title of s1"
    assert stage.changes[-1].threads == {thread}


async def test_local_commands_are_done_at_once(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(
        Note(thread=thread, revision=1, text="seen before"),
        Snooze(thread=thread, revision=1, until=SOON),
    )
    assert taken.deliveries == ()
    assert taken.done == ("note → title of s1", "snooze → title of s1")
    record = await stage.thread(thread)
    assert (record.state, record.snoozed_until) == (State.SNOOZED, SOON)
    await stage.submit(Resolve(thread=thread, revision=1, outcome="answered"))
    record = await stage.thread(thread)
    assert (record.state, record.resolved_by) == (State.RESOLVED, ME)
    assert record.standing.due_at is None
    await stage.submit(Reopen(thread=thread, revision=1))
    assert (await stage.thread(thread)).state is State.OPEN


async def test_resolving_ends_my_claim(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.store.write(lambda tx: tx.take_claim(thread, ME, stage.session, 120))
    await stage.submit(Resolve(thread=thread, revision=1))
    assert await stage.store.read(lambda tx: tx.claim(thread)) is None


async def test_my_own_resolve_does_not_make_my_held_reply_stale(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(say(thread), Resolve(thread=thread, revision=1))
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT]
    assert (await stage.thread(thread)).state is State.RESOLVED


async def test_a_team_is_told_through_its_own_account_and_then_the_state_moves(
    stage: Stage,
) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(
        Escalate(thread=thread, revision=1, team="payments", note="charged twice")
    )
    (row,) = taken.deliveries
    assert isinstance(row.command, Escalate)
    assert (row.account, row.command.to) == ("ops", "#payments")
    for word in ("title of s1", "charged twice", "https://forum.example.org/t/s1", "mod-d", ME):
        assert word in row.command.text
    assert "accountable lead · consulted legal · from" in row.command.text
    assert (await stage.thread(thread)).state is State.OPEN
    await stage.drive(await stage.begin("ops"))
    record = await stage.thread(thread)
    assert (record.state, record.team) == (State.ESCALATED, "payments")
    error = await refused(stage, Snooze(thread=thread, revision=1, until=SOON))
    assert error.kind == "invalid"


async def test_a_team_without_reach_is_escalated_to_at_once(stage: Stage) -> None:
    thread = await add_thread(stage)
    taken = await stage.submit(Escalate(thread=thread, revision=1, team="legal", note="letter"))
    assert taken.done == ("escalate to legal → title of s1",)
    record = await stage.thread(thread)
    assert (record.state, record.team) == (State.ESCALATED, "legal")


async def test_where_hiding_leaves_the_flag_a_dismiss_follows_and_finishes(stage: Stage) -> None:
    leaves = Limits("redact", Idempotent(), leaves_flag=True)
    stage.connector.capabilities = abilities(hide=leaves)
    flags = [
        replace(flag("f1", post="p-s1"), thread="s1"),
        replace(flag("f2", post="p-other"), thread="s1"),
    ]
    thread = await add_thread(stage, "s1", flags)
    taken = await stage.submit(Hide(thread=thread, revision=1, posts=("p-s1",), author="u1"))
    hide, dismiss = (row.command for row in taken.deliveries)
    assert isinstance(dismiss, Dismiss)
    assert dismiss.flags == ("f1",)
    await stage.drive()
    record = await stage.thread(thread)
    assert [row.state for row in await stage.rows()] == [S.SENT, S.SENT]
    assert (record.state, record.flag_count) == (State.OPEN, 1)
    assert isinstance(hide, Hide)
    await stage.submit(Dismiss(thread=thread, revision=1, flags=("f2",)))
    await stage.drive()
    record = await stage.thread(thread)
    assert (record.state, record.flag_count) == (State.RESOLVED, 0)


async def test_a_dismiss_does_not_close_a_flag_that_came_later(stage: Stage) -> None:
    thread = await add_thread(stage)
    await stage.submit(Dismiss(thread=thread, revision=1, flags=("f-s1",)))
    later = replace(flag("f9"), thread="s1")
    await stage.store.write(lambda tx: tx.put_flag(thread, later))
    await stage.drive()
    left = await stage.store.read(lambda tx: tx.flags(thread))
    assert [each.key for each in left] == ["f9"]
    assert (await stage.thread(thread)).state is State.OPEN
    assert EventKind.DISMISSED in await stage.events(thread)


async def test_an_account_that_was_never_connected_refuses(stage: Stage) -> None:
    thread = await add_thread(stage)
    object.__setattr__(stage.parts, "capabilities", lambda account: None)
    error = await refused(stage, say(thread))
    assert error.kind == "unable"
    assert "not connected" in str(error)
