"""Handing over: what is left, read from a real store, and what is decided, done at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.connectors import Capabilities
from modtui.domain.commands import Capability, Dismiss, HandOver, Reply, SetSlowMode, Unlock
from modtui.domain.model import Channel, Event, EventKind, Restriction, State
from modtui.domain.outbox import DeliveryState
from modtui.domain.shift import Decision, Fate, Part, Stop, write
from modtui.domain.text import literal
from modtui.engine import Refused
from modtui.engine.sitting import Sittings
from tests.engine.outbox_stage import ME
from tests.engine.shift_stage import Night, ids, make_night, next_sitting
from tests.store.stage import T0

S = DeliveryState
K = EventKind
HOUR = timedelta(hours=1)


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    made = make_night(tmp_path / "queue.db")
    await made.shift.begin()
    yield made
    await made.close()


def snoozed(until: str, by: str = ME) -> Event:
    return Event(K.SNOOZED, T0, by, (("until", until),))


async def test_what_is_left_is_mine_and_nobody_elses(night: Night) -> None:
    mine, theirs = await night.thread("a"), await night.thread("b")
    until = (T0 + HOUR).isoformat()
    await night.claim(mine)
    await night.claim(theirs, by="mod-b")
    await night.say(mine, "on its way")
    await night.draft(mine)
    for thread, by in ((await night.thread("c"), ME), (await night.thread("d"), "mod-b")):
        await night.happens(thread, snoozed(until, by))
    for thread, by in ((await night.thread("e"), ME), (await night.thread("f"), "mod-b")):
        await night.happens(thread, Event(K.ESCALATED, T0, by, (("team", "payments"),)))
    left = await night.shift.leaving()
    assert ids(left.items) == ["claim-1", "draft-1", "delivery-1", "snooze-3", "escalation-5"]
    says = {each.part: each.says for each in left.items}
    assert says[Part.CLAIM].startswith("spam · time left ")
    assert says[Part.DRAFT] == "11 characters, saved 08:00"
    assert says[Part.DELIVERY] == "queued, the next modtui, sync or drain sends it"
    assert says[Part.SNOOZE] == "until 09:00"
    assert says[Part.ESCALATION] == "to payments, since 08:00"
    await night.draft(mine, "x")
    (draft,) = (i for i in (await night.shift.leaving()).items if i.part is Part.DRAFT)
    assert draft.says == "1 character, saved 08:00"
    assert left.people == ("mod-b", "payments", "legal")


async def test_what_is_late_is_told_in_words(night: Night) -> None:
    await night.claim(await night.thread("a"), seconds=1e6)
    night.clock.tick(100 * 3600)
    (item,) = await night.items(Part.CLAIM)
    assert re.fullmatch(r"spam · late \d+h", item.says), item.says


async def test_a_now_thread_is_held_under_its_own_clock(night: Night) -> None:
    thread = await night.thread()
    await night.happens(thread, Event(K.SENSITIVE, T0, ME, (("reason", "threat"),)))
    await night.claim(thread)
    (held,) = await night.items(Part.CLAIM)
    assert held.says == "NOW 15m, threat"


async def test_a_claim_that_ran_out_is_not_held(night: Night) -> None:
    await night.claim(await night.thread())
    night.clock.tick(121)
    assert await night.items(Part.CLAIM) == ()


async def test_a_delivery_names_the_process_that_sends_it(night: Night) -> None:
    await night.say(await night.thread())
    await night.serve("forum", "host:77:sync")
    (sends,) = await night.items(Part.DELIVERY)
    assert sends.says == "queued, host:77:sync sends it"
    assert sends.title == "reply → title of s1"


async def test_what_runs_says_who_ends_it(night: Night) -> None:
    thread = await night.thread()
    off = SetSlowMode(thread=thread, revision=1, seconds=0, until=None, reason="over", expect=30)
    at = T0 + HOUR
    await night.put(off, not_before=at)
    await night.put(Unlock(thread=thread, revision=1), not_before=at + HOUR)
    further = Dismiss(thread=thread, revision=1, flags=("f9",))
    await night.put(further, not_before=at)
    platform = Restriction("slow", 60, T0, T0 + 2 * HOUR, ours=True)
    nobody = Restriction("read_only", None, T0, None, ours=True)
    ours = Restriction("slow", 30, T0, at, ours=True)
    over = replace(platform, until=T0 - HOUR)
    theirs = replace(platform, ours=False)

    async def channels(tx: object) -> None:
        for name, now in (
            ("general", ours), ("a", platform), ("b", nobody), ("c", theirs), ("d", over),
        ):  # fmt: skip
            await tx.put_channel("demo:forum", Channel(name, literal(name), now))

    await night.stage.store.write(channels)
    told = {(each.title, each.says) for each in await night.items(Part.RUNNING)}
    assert told == {
        ("slow mode 30 s → title of s1", "until 09:00, modtui ends it if one runs then"),
        ("lock → title of s1", "until 10:00, modtui ends it if one runs then"),
        ("slow mode 1 min", "until 10:00, the platform ends it"),
        ("read-only", "nobody ends it: it stays until somebody lifts it"),
    }


async def test_now_threads_of_the_night_have_an_outcome_or_none_yet(night: Night) -> None:
    first, second, undone = [await night.thread(name) for name in ("a", "b", "c")]
    reason = (("reason", "threat"), ("batch", "b1"))
    for thread, minutes in ((first, 5), (second, 6), (undone, 7)):
        at = T0 + timedelta(minutes=minutes)
        await night.happens(thread, Event(K.SENSITIVE, at, ME, reason))
    ended = (("outcome", "police told"),)
    await night.happens(second, Event(K.RESOLVED, T0 + HOUR, ME, ended))
    await night.happens(undone, Event(K.UNDONE, T0 + HOUR, ME, (("batch", "b1"),)))
    told = [(each.thread, each.says) for each in await night.items(Part.NOW)]
    assert told == [
        (first, "threat, since 08:05 · no outcome yet"),
        (second, "threat, since 08:06 · police told"),
    ]


async def test_the_defaults_release_what_is_held_and_keep_the_rest(night: Night) -> None:
    thread = await night.thread()
    await night.claim(thread)
    await night.draft(thread)
    done = await night.hand_over()
    store = night.stage.store
    assert await store.read(lambda tx: tx.claim(thread)) is None
    assert await night.stage.draft(thread) == "half a sent"
    assert (await night.stage.events(thread))[-1] is K.RELEASED
    (row,) = await night.told()
    assert (row.id, row.state, row.account) == (done.delivery, S.QUEUED, "ops")
    assert row.command == HandOver(account="ops", to="#shift", text=done.text)
    assert await night.shift.last() == done
    actions = [(line.action, line.detail) for line in await store.read(lambda tx: tx.audit())]
    assert actions[0] == ("handed over", "1 released, 1 kept")


async def test_to_a_named_successor_what_is_held_goes_with_a_note(night: Night) -> None:
    thread = await night.thread()
    await night.claim(thread)
    done = await night.hand_over(to="mod-b")
    assert done.to == "mod-b"
    assert "handed to mod-b" in done.text
    assert await night.notes(thread) == ["handed to mod-b"]
    assert await night.stage.store.read(lambda tx: tx.claim(thread)) is None


async def test_a_transferred_draft_becomes_a_note_whole(night: Night) -> None:
    thread = await night.thread()
    await night.draft(thread, "line one\nline two")
    await night.hand_over({f"draft-{thread}": Decision(Fate.TRANSFER, "mod-b")})
    assert await night.notes(thread) == ["draft handed to mod-b:\nline one\nline two"]
    assert await night.stage.draft(thread) is None


async def test_a_released_snooze_wakes(night: Night) -> None:
    thread = await night.thread()
    await night.happens(thread, snoozed((T0 + HOUR).isoformat()))
    await night.hand_over({f"snooze-{thread}": Decision(Fate.RELEASE)})
    assert (await night.stage.thread(thread)).state is State.OPEN


async def test_a_note_is_left_on_the_thread_and_in_the_text(night: Night) -> None:
    thread = await night.thread()
    await night.claim(thread)
    done = await night.hand_over({f"claim-{thread}": Decision(Fate.NOTE, note="call Nina first")})
    assert await night.notes(thread) == ["call Nina first"]
    assert "note: call Nina first" in done.text
    claim = await night.stage.store.read(lambda tx: tx.claim(thread))
    assert claim is not None


async def test_notes_and_transfers_stop_no_clock_and_change_no_decision(night: Night) -> None:
    thread = await night.thread()
    await night.claim(thread)
    before = await night.stage.thread(thread)
    await night.hand_over({f"claim-{thread}": Decision(Fate.TRANSFER, "mod-b")})
    after = await night.stage.thread(thread)
    assert (after.revision, after.standing, after.state) == (
        before.revision, before.standing, before.state,
    )  # fmt: skip


async def test_without_a_channel_the_text_stays_here(tmp_path: Path) -> None:
    night = make_night(tmp_path / "queue.db", reach=None)
    try:
        await night.shift.begin()
        left = await night.shift.leaving()
        assert left.reach is None
        assert left.unsent == "no [handover] channel is configured: the text stays in modtui"
        done = await night.hand_over()
        assert done.delivery is None
        assert await night.stage.rows() == ()
        assert await night.shift.last() == done
    finally:
        await night.close()


async def test_an_account_that_cannot_tell_says_why(night: Night) -> None:
    missing = {Capability.NOTIFY: "this account has no staff channel"}
    night.stage.connector.capabilities = Capabilities({}, missing)
    left = await night.shift.leaving()
    assert left.reach is None
    assert left.unsent == "this account has no staff channel: the text stays in modtui"


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (Decision(Fate.TRANSFER, " "), "title of s1: say who it is handed to"),
        (Decision(Fate.NOTE), "title of s1: the note is empty"),
    ],
)
async def test_what_cannot_mean_anything_is_refused_whole(
    night: Night, decision: Decision, why: str
) -> None:
    thread = await night.thread()
    await night.claim(thread)
    with pytest.raises(Refused, match=why):
        await night.hand_over({f"claim-{thread}": decision})
    left = await night.shift.leaving()
    with pytest.raises(Refused, match="text of the hand-over is empty"):
        await night.shift.hand_over(left, {"claim-1": Decision(Fate.KEEP)}, " \n")
    assert await night.told() == []
    assert await night.shift.last() is None


async def test_a_crash_before_the_commit_leaves_everything_as_it_was(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = await night.thread()
    await night.claim(thread)
    await night.draft(thread)
    before = await night.stage.events(thread)

    async def power_cut(*_: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr("modtui.store.shift.ShiftQueries.add_handover", power_cut)
        with pytest.raises(OSError, match="power"):
            await night.hand_over({f"draft-{thread}": Decision(Fate.TRANSFER, "mod-b")})
    assert await night.stage.store.read(lambda tx: tx.claim(thread)) is not None
    assert await night.stage.draft(thread) == "half a sent"
    assert await night.stage.events(thread) == before
    assert await night.told() == []
    assert await night.shift.last() is None


async def test_what_changed_since_it_was_read_is_left_alone(night: Night) -> None:
    thread = await night.thread()
    await night.claim(thread)
    await night.draft(thread)
    left = await night.shift.leaving()
    await night.stage.store.write(
        lambda tx: tx.take_claim(thread, "mod-b", "host:9", 120, force=True)
    )
    await night.stage.store.write(lambda tx: tx.drop_draft(thread, ME))
    decisions = {
        f"claim-{thread}": Decision(Fate.RELEASE),
        f"draft-{thread}": Decision(Fate.TRANSFER, "mod-b"),
    }
    await night.shift.hand_over(left, decisions, "text")
    claim = await night.stage.store.read(lambda tx: tx.claim(thread))
    assert claim is not None
    assert claim.by == "mod-b"
    assert await night.notes(thread) == []


async def test_a_reader_hands_nothing_over(tmp_path: Path) -> None:
    night = make_night(tmp_path / "queue.db", read_only=True)
    try:
        assert await night.shift.begin() is False
        with pytest.raises(Refused, match="reading only"):
            await night.hand_over()
        assert await night.shift.stops() == ()
    finally:
        await night.close()


async def test_what_would_stop_is_named_unless_another_process_goes_on(night: Night) -> None:
    thread = await night.thread()
    off = SetSlowMode(thread=thread, revision=1, seconds=0, until=None, reason="over")
    await night.say(thread)
    await night.put(off, not_before=T0 + HOUR, by="mod-b")
    assert await night.shift.stops() == (
        Stop("reply → title of s1", timed=False),
        Stop("09:00 slow mode off → title of s1", timed=True),
    )
    await night.serve("forum", "host:1:a")
    assert len(await night.shift.stops()) == 2
    night.clock.tick(3601)
    await night.serve("forum", "host:77:sync")
    assert await night.shift.stops() == ()


async def test_what_stands_still_anyway_is_no_reason_to_stay(night: Night) -> None:
    thread = await night.thread()
    other = Reply(thread=thread, revision=1, text="theirs")
    await night.put(other, by="mod-b")
    await night.put(replace(other, text="asks"), asks=True)
    await night.put(replace(other, text="blocked"), state=S.BLOCKED)
    await night.put(replace(other, text="human"), state=S.NEEDS_HUMAN)
    assert await night.shift.stops() == ()


async def test_the_shift_is_as_old_as_the_first_sitting_or_the_last_hand_over(
    night: Night,
) -> None:
    night.clock.tick(3600)
    await night.shift.end()
    second = next_sitting(night)
    await second.shift.begin()
    assert (await second.shift.leaving()).since == T0
    await second.hand_over()
    night.clock.tick(600)
    assert (await second.shift.leaving()).since == T0 + HOUR
    night.clock.tick(15 * 3600)
    assert (await second.shift.leaving()).since == night.clock.now - 14 * HOUR


async def test_a_hand_over_is_none_of_the_deeds_that_can_be_taken_back(night: Night) -> None:
    number = await night.say(await night.thread())
    await night.hand_over()
    batch = (await night.stage.row(number)).batch
    own = await night.stage.store.read(lambda tx: tx.own_batches(ME, 20))
    assert [each.batch for each in own] == [batch]


async def test_a_distressing_title_is_folded_here_and_in_the_text(tmp_path: Path) -> None:
    night = make_night(tmp_path / "queue.db")
    desk = replace(night.stage.parts.desk, fold_reasons=("spam",))
    shift = Sittings(replace(night.stage.parts, desk=desk))
    try:
        await night.claim(await night.thread())
        left = await shift.leaving()
        assert [each.title for each in left.items] == ["[folded] spam, thread 1"]
        assert "title of s1" not in write(left, {})
    finally:
        await night.close()
