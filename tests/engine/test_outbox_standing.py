"""A sanction that stood before ours, by another or by us, and what becomes of its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from modtui.connectors import Limits, StateSetting, Unknown
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.domain.commands import (
    Capability,
    Command,
    LiftSanction,
    Lock,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
    Unlock,
)
from modtui.domain.outbox import DeliveryState, Receipt
from modtui.engine import Refused
from modtui.engine.deeds import OwnDeeds
from modtui.engine.detail import offer
from modtui.store import Tx
from tests.engine.outbox_stage import Stage, abilities, add_thread

S = DeliveryState
WHY = "taken back"


def mute(thread: int, seconds: int | None = None, author: str = "u1") -> Sanction:
    kind = SanctionKind.MUTE
    return Sanction(thread=thread, revision=1, sanction=kind, author=author, seconds=seconds)


def slow(
    thread: int,
    seconds: int,
    reason: str = "heat",
    *,
    until: datetime | None = None,
    expect: int | None = None,
) -> SetSlowMode:
    on = {"thread": thread, "revision": 1}
    return SetSlowMode(**on, seconds=seconds, until=until, reason=reason, expect=expect)


def closed(
    thread: int, reason: str = "heat", *, on: bool = True, expect: str | None = None
) -> SetReadOnly:
    aim = {"thread": thread, "revision": 1}
    return SetReadOnly(**aim, on=on, until=None, reason=reason, expect=expect)


async def given(stage: Stage, command: Command, evidence: str) -> None:
    """Have it done, with that evidence."""
    stage.connector.answers = [Receipt(None, stage.clock.now, evidence)]
    await stage.submit(command, force=True)
    await stage.drive()


async def performed(stage: Stage) -> list[object]:
    return [command for command, _ in stage.connector.performed]


async def test_ours_for_good_set_again_with_an_end_ends(stage: Stage) -> None:
    """From another thread of the same author too; the end knows what the first one left."""
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await given(stage, mute(one), "mark")
    await given(stage, mute(other, 600), SO_ALREADY)
    lines = await stage.store.read(lambda tx: tx.audit(limit=9))
    assert not [line for line in lines if line.action == "no end"]
    stage.clock.tick(600)
    await stage.drive()
    assert (await performed(stage))[2] == LiftSanction(
        thread=other, revision=1, sanction=SanctionKind.MUTE, author="u1", expect="mark"
    )


async def test_a_lock_of_ours_for_good_set_again_with_an_end_ends(stage: Stage) -> None:
    thread = await add_thread(stage)
    await given(stage, Lock(thread=thread, revision=1, reason="heat"), "mark")
    until = stage.clock.now + timedelta(minutes=10)
    await given(stage, Lock(thread=thread, revision=1, reason="heat", until=until), SO_ALREADY)
    stage.clock.tick(600)
    await stage.drive()
    end = (await performed(stage))[2]
    assert isinstance(end, Unlock)
    assert end.expect == "mark"


@pytest.mark.parametrize("kind", ["slow", "read_only"])
async def test_a_channel_that_we_restricted_for_good_set_again_with_an_end_ends(
    stage: Stage, kind: str
) -> None:
    """From a thread of another author too: it is the channel that is restricted."""
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")

    async def by_another(tx: Tx) -> None:
        record = await tx.thread(other)
        assert record is not None
        author = replace(record.thread.author, remote_id="u2")
        await tx.update_thread(replace(record, thread=replace(record.thread, author=author)))

    await stage.store.write(by_another)

    def restrict(thread: int, until: datetime | None) -> Command:
        on: dict[str, Any] = {"thread": thread, "revision": 1, "until": until, "reason": "heat"}
        return SetSlowMode(**on, seconds=60) if kind == "slow" else SetReadOnly(**on, on=True)

    await given(stage, restrict(one, None), "mark")
    until = stage.clock.now + timedelta(minutes=10)
    await given(stage, restrict(other, until), SO_ALREADY)
    channel = await stage.store.read(lambda tx: tx.channel("demo:forum", "general"))
    assert channel is not None
    assert channel.restriction is not None
    assert (channel.restriction.until, channel.restriction.ours) == (until, True)
    stage.clock.tick(600)
    await stage.drive()
    end = (await performed(stage))[2]
    assert isinstance(end, SetSlowMode | SetReadOnly)
    assert end.expect == (60 if kind == "slow" else "mark")


async def test_taking_a_sanction_back_is_asked_for_with_what_it_left(stage: Stage) -> None:
    thread = await add_thread(stage)
    await given(stage, mute(thread), "mark")
    await stage.outbox.undo(thread)
    await stage.drive()
    assert (await performed(stage))[1] == LiftSanction(
        thread=thread, revision=1, sanction=SanctionKind.MUTE, author="u1", expect="mark"
    )


async def test_taking_a_setting_back_is_asked_for_with_what_it_left(stage: Stage) -> None:
    thread = await add_thread(stage)
    on = {"thread": thread, "revision": 1}
    for command, left, back in (
        (Lock(**on, reason="heat"), "mark", Unlock(**on, reason=WHY, expect="mark")),
        (slow(thread, 60), "60", slow(thread, 0, WHY, expect=60)),
        (closed(thread), "mark", closed(thread, WHY, on=False, expect="mark")),
        (closed(thread, on=False), "mark", closed(thread, WHY)),
    ):
        await given(stage, command, left)
        await stage.outbox.undo(thread)
        await stage.drive()
        assert (await performed(stage))[-1] == back


@pytest.mark.parametrize("kind", ["lock", "slow", "read-only"])
async def test_where_it_is_not_told_whose_a_setting_is_the_moderator_is_asked(
    stage: Stage, kind: str
) -> None:
    thread = await add_thread(stage)
    untold = Limits("it", StateSetting(), max_seconds=600, untold=UNTOLD)
    stage.connector.capabilities = abilities(lock=untold, slow_mode=untold, read_only=untold)
    lock = Lock(thread=thread, revision=1, reason="heat")
    command = {"lock": lock, "slow": slow(thread, 60), "read-only": closed(thread)}[kind]
    await given(stage, command, "")
    with pytest.raises(Refused, match=UNTOLD) as caught:
        await stage.outbox.undo(thread)
    assert caught.value.kind == "unsure"
    await stage.outbox.undo(thread, force=True)


async def test_a_lock_that_its_receipt_names_is_not_asked_about(stage: Stage) -> None:
    """The same platform tells of some of its places, and not of others."""
    thread = await add_thread(stage)
    stage.connector.capabilities = abilities(lock=Limits("it", StateSetting(), untold=UNTOLD))
    await given(stage, Lock(thread=thread, revision=1, reason="heat"), "mark")
    await stage.outbox.undo(thread)


async def test_a_slow_mode_that_another_had_set_gets_no_end_and_is_not_taken_back(
    stage: Stage,
) -> None:
    thread = await add_thread(stage)
    until = stage.clock.now + timedelta(minutes=10)
    await given(stage, slow(thread, 60, until=until), SO_ALREADY)
    with pytest.raises(Refused, match="what another set is not taken back"):
        await stage.outbox.undo(thread)
    stage.clock.tick(601)
    await stage.drive()
    assert len(stage.connector.performed) == 1


async def test_a_slow_mode_of_ours_set_again_with_an_end_ends(stage: Stage) -> None:
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await given(stage, slow(one, 60), "60")
    until = stage.clock.now + timedelta(minutes=10)
    await given(stage, slow(other, 60, until=until), SO_ALREADY)
    stage.clock.tick(600)
    await stage.drive()
    assert (await performed(stage))[2] == slow(other, 0, "its time is over", expect=60)


async def test_what_another_set_anew_stays_and_it_is_said(stage: Stage) -> None:
    thread = await add_thread(stage)
    await given(stage, mute(thread), "mark")
    await stage.outbox.undo(thread)
    stage.connector.answers = [Receipt(None, stage.clock.now, LEFT_ALONE)]
    await stage.drive()
    muted, lift = await stage.rows()
    assert (muted.state, lift.state) == (S.SENT, S.STALE)
    assert lift.error == (
        "not taken back: somebody changed it since, so that it is not ours to end any more"
    )
    # It stands: it can be tried again, once that is cleared up.
    await stage.outbox.undo(thread)
    await stage.drive()
    assert [row.state for row in await stage.rows()] == [S.SENT, S.STALE, S.SENT]


UNTOLD = "the platform does not tell who muted somebody"


@pytest.mark.parametrize("lost", [False, True])
async def test_where_nobody_can_tell_whose_it_is_the_moderator_is_asked(
    stage: Stage, lost: bool
) -> None:
    thread = await add_thread(stage)
    if lost:
        stage.connector.answers = [Unknown("cut"), Receipt(None, stage.clock.now, SO_ALREADY)]
        await stage.submit(mute(thread), force=True)
        await stage.drive()
        stage.clock.tick(60)
        await stage.drive()
        why = "its first try had no answer, and the next found it there"
    else:
        untold = Limits("mute", StateSetting(), untold=UNTOLD)
        stage.connector.capabilities = abilities(mute=untold)
        await given(stage, mute(thread), "")
        why = UNTOLD
    done = len(stage.connector.performed)
    deeds = OwnDeeds(stage.parts, stage.outbox, lambda: None)
    (deed,) = await deeds.mine()
    assert deed.doubt.startswith(why)
    with pytest.raises(Refused, match=why) as caught:
        await stage.outbox.undo(thread)
    assert (caught.value.kind, caught.value.can_force) == ("unsure", True)
    assert len(stage.connector.performed) == done
    # Who reads it under U has been told before it is done.
    await (deeds.undo(deed) if lost else stage.outbox.undo(thread, force=True))
    await stage.drive()
    lift = (await performed(stage))[-1]
    assert isinstance(lift, LiftSanction)
    assert lift.expect is None


@pytest.mark.parametrize("before", ["nothing", "another author", "lifted", "another's", "over"])
async def test_what_is_not_ours_gets_no_end(stage: Stage, before: str) -> None:
    thread = await add_thread(stage)
    lift = LiftSanction(thread=thread, revision=1, sanction=SanctionKind.MUTE, author="u1")
    match before:
        case "another author":
            await given(stage, mute(thread, author="u2"), "mark")
        case "lifted":
            await given(stage, mute(thread), "mark")
            await given(stage, lift, "")
        case "another's":
            await given(stage, mute(thread), SO_ALREADY)
        case "over":
            stage.connector.capabilities = abilities(
                mute=Limits("mute", StateSetting(), supports_until=True)
            )
            await given(stage, mute(thread, 60), "mark")
            stage.connector.capabilities = abilities()
            stage.clock.tick(61)
    await given(stage, mute(thread, 600), SO_ALREADY)
    done = len(stage.connector.performed)
    with pytest.raises(Refused, match="what another set is not taken back"):
        await stage.outbox.undo(thread, (await stage.rows())[-1].batch)
    stage.clock.tick(601)
    await stage.drive()
    assert len(stage.connector.performed) == done


async def test_the_platform_is_told_that_ours_stands(stage: Stage) -> None:
    one, other = await add_thread(stage, "s1"), await add_thread(stage, "s2")
    await given(stage, mute(one), "mark")
    await given(stage, mute(other, 600), "later")
    await given(stage, mute(other, 60, author="u2"), "first")
    kept = [command for command in await performed(stage) if isinstance(command, Sanction)]
    assert [command.renews for command in kept] == [False, True, False]


@pytest.mark.parametrize("platform_ends_it", [False, True])
def test_an_end_of_ours_is_said_to_end_what_another_may_have_set(platform_ends_it: bool) -> None:
    limits = Limits("mute", StateSetting(), untold=UNTOLD, supports_until=platform_ends_it)
    told = offer(abilities(mute=limits), "forum", Capability.MUTE).at_its_end
    assert told == ("" if platform_ends_it else f"At its end: {UNTOLD}.")
