"""The line to the pretend community: cursors, dedupe kinds, faults."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modtui.connectors import (
    Absent,
    CannotTell,
    Found,
    Rejected,
    Retryable,
    ThreadRef,
    Unknown,
)
from modtui.connectors.demo import PROFILES
from modtui.connectors.demo.connector import Demo
from modtui.connectors.demo.facts import Plan
from modtui.connectors.evidence import LEFT_ALONE, SO_ALREADY
from modtui.domain.commands import (
    Audience,
    Dismiss,
    DoExtra,
    Escalate,
    Extra,
    HandOver,
    Hide,
    SetReadOnly,
)
from modtui.domain.model import Role
from tests.connectors.demo_stage import reply, slow, watch
from tests.connectors.hand import NOON, HandClock, Reading, opening, read_to_the_end, read_until


async def test_an_end_leaves_a_newer_setting_alone() -> None:
    clock = HandClock()
    demo = Demo(clock.environment(profile="chat"))
    reading = await opening(demo.updates(None))
    ref = reading.ref("t0")
    await demo.perform(ref, slow(300), "a")
    await demo.perform(ref, slow(900), "b")
    receipt = await demo.perform(ref, slow(0, expect=300), "c")
    assert receipt.evidence == LEFT_ALONE
    context = await demo.context(ref)
    assert context.channel is not None
    assert context.channel.restriction is not None
    assert context.channel.restriction.seconds == 900
    closed = await demo.perform(
        ref, SetReadOnly(thread=1, revision=1, on=True, until=None, reason="r"), "d"
    )
    opened = SetReadOnly(
        thread=1, revision=1, on=False, until=None, reason="r", expect=closed.evidence
    )
    await demo.perform(ref, opened, "e")
    context = await demo.context(ref)
    assert context.channel is not None
    assert context.channel.restriction is None


@pytest.mark.parametrize("profile", PROFILES)
async def test_going_on_from_a_cursor_loses_and_repeats_nothing(profile: str) -> None:
    settings: dict[str, object] = {"profile": profile}
    whole = await watch(settings, 10)
    clock = HandClock()
    updates = Demo(clock.environment(**settings)).updates(None)
    first = await opening(updates)
    for batch in (await read_until(updates, clock, NOON + timedelta(minutes=4))).batches:
        first.add(batch)
    second = Demo(clock.environment(**settings)).updates(first.cursor)
    rest = await read_to_the_end(second, clock, NOON + timedelta(minutes=10))
    assert not set(rest.flags) & set(first.flags)
    assert set(rest.flags) | set(first.flags) == set(whole.flags)
    new_posts = {k for k, p in rest.posts.items() if not p.edited_at}
    assert not new_posts & set(first.posts)
    assert set(rest.posts) | set(first.posts) == set(whole.posts)
    assert len(rest.cursor) < 400


async def test_the_opening_goes_on_from_the_middle() -> None:
    clock = HandClock()
    settings = {"profile": "chat", "threads": 1200}
    batches = []
    cursor = None
    for _ in range(3):
        async for batch in Demo(clock.environment(**settings)).updates(cursor):
            batches.append(batch)
            cursor = batch.cursor
            break
        clock.pass_by(seconds=5)
    assert [len(b.threads) for b in batches] == [500, 500, 200]
    assert [b.caught_up for b in batches] == [False, False, True]
    assert len({t.subject for b in batches for t in b.threads}) == 1200
    assert len({b.cursor.split('"backlog"')[0] for b in batches}) == 1


async def test_after_a_long_absence_the_community_wakes_now() -> None:
    clock = HandClock()
    first = await opening(Demo(clock.environment()).updates(None))
    clock.pass_by(days=30)
    back = clock.at
    second = Demo(clock.environment()).updates(first.cursor)
    rest = await read_until(second, clock, back + timedelta(minutes=5))
    fresh = list(rest.flags.values())
    assert 5 <= len(fresh) < 60
    assert all(f.at >= back - timedelta(minutes=10) for f in fresh)


async def test_what_restricts_a_channel_outlives_the_process() -> None:
    clock = HandClock()
    demo = Demo(clock.environment(profile="chat"))
    updates = demo.updates(None)
    reading = await opening(updates)
    await demo.perform(reading.ref("t0"), slow(900), "a")
    later = await read_until(updates, clock, NOON + timedelta(minutes=1))
    again = Demo(clock.environment(profile="chat"))
    await opening(again.updates(later.cursor))
    context = await again.context(reading.ref("t0"))
    assert context.channel is not None
    assert context.channel.restriction is not None
    assert context.channel.restriction.seconds == 900


async def test_a_cooled_pile_on_goes_on_where_it_was() -> None:
    settings: dict[str, object] = {"profile": "forum"}
    clock = HandClock()
    demo = Demo(clock.environment(**settings))
    updates = demo.updates(None)
    reading = await opening(updates)
    first = await read_until(updates, clock, NOON + timedelta(minutes=2))
    await demo.perform(reading.ref("t2"), slow(300, minutes=60), "a")
    for batch in (await read_until(updates, clock, NOON + timedelta(minutes=4))).batches:
        first.add(batch)
    again = Demo(clock.environment(**settings)).updates(first.cursor)
    rest = await read_to_the_end(again, clock, NOON + timedelta(minutes=10))
    assert rest.flags_of("t2")
    assert not set(rest.flags_of("t2")) & set(first.flags_of("t2"))


async def test_the_same_connector_reads_again_from_an_older_cursor() -> None:
    clock = HandClock()
    demo = Demo(clock.environment(profile="forum"))
    updates = demo.updates(None)
    reading = await opening(updates)
    await demo.perform(reading.ref("t10"), reply(), "a")
    lost = await read_until(updates, clock, NOON + timedelta(minutes=3))
    again = await read_until(demo.updates(reading.cursor), clock, clock.at)
    assert set(lost.posts) <= set(again.posts)
    assert set(lost.flags) <= set(again.flags)
    assert {p.text for p in again.posts.values() if p.role is Role.STAFF} == {"We look into it."}


async def test_a_key_is_executed_once_on_the_forum_and_twice_in_the_chat() -> None:
    for profile, times in (("forum", 1), ("chat", 2)):
        demo = Demo(HandClock().environment(profile=profile))
        reading = await opening(demo.updates(None))
        ref = reading.ref("t4")
        receipts = [await demo.perform(ref, reply(), "same key") for _ in range(2)]
        context = await demo.context(ref)
        ours = {p.remote_id for p in context.posts if p.role is Role.STAFF}
        assert len(ours) == times
        assert {r.remote_id for r in receipts} == ours


async def test_reading_back_tells_what_was_done() -> None:
    clock = HandClock()
    demo = Demo(clock.environment(profile="chat"))
    ref = (await opening(demo.updates(None))).ref("t4")
    receipt = await demo.perform(ref, reply("two  words\n"), "k")
    assert await demo.find(ref, reply("two words"), NOON, frozenset()) == Found(receipt)
    taken = frozenset({str(receipt.remote_id)})
    assert await demo.find(ref, reply("two words"), NOON, taken) == Absent(strong=True)
    assert await demo.find(ref, reply("others"), NOON, frozenset()) == Absent(strong=True)
    private = reply("two words", audience=Audience.AUTHOR)
    assert await demo.find(ref, private, NOON, frozenset()) == Absent(strong=True)
    later = clock.at + timedelta(seconds=10)
    assert await demo.find(ref, reply("two words"), later, frozenset()) == Absent(strong=True)


async def test_the_social_platform_cannot_be_read_back() -> None:
    demo = Demo(HandClock().environment(profile="social"))
    ref = (await opening(demo.updates(None))).ref("t4")
    await demo.perform(ref, reply(), "k")
    assert isinstance(await demo.find(ref, reply(), NOON, frozenset()), CannotTell)


async def test_deleting_in_the_chat_is_for_good_and_hiding_on_the_forum_is_not() -> None:
    for profile, left in (("forum", True), ("chat", False)):
        demo = Demo(HandClock().environment(profile=profile))
        ref = (await opening(demo.updates(None))).ref("t4")
        hide = Hide(thread=1, revision=1, posts=("t4-p0",), author="x")
        await demo.perform(ref, hide, "k")
        assert (await demo.perform(ref, hide, "l")).evidence == SO_ALREADY
        posts = {p.remote_id for p in (await demo.context(ref)).posts}
        assert ("t4-p0" in posts) is left


def extra(what: Extra, value: str = "", *, on: bool = True) -> DoExtra:
    return DoExtra(thread=1, revision=1, extra=what, on=on, value=value, reason="practice")


async def test_the_social_platform_marks_and_scores_what_it_shows() -> None:
    seen = await watch(
        {"profile": "social", "rate": 0}, 2, (0.1, "t7", extra(Extra.PRIORITY, "80")),
        (0.2, "t7", extra(Extra.TAG, "wave")), (0.3, "t7", extra(Extra.SENSITIVE_MEDIA)),
        (0.4, "t7", extra(Extra.FREEZE)), (0.5, "t7", extra(Extra.FREEZE, on=False)),
    )  # fmt: skip
    assert seen.threads["t7"].tags == ("priority: 80", "wave", "media sensitive")


async def test_what_stood_before_is_told_by_the_social_platform() -> None:
    demo = Demo(HandClock().environment(profile="social"))
    ref = (await opening(demo.updates(None))).ref("t7")
    commands = (
        extra(Extra.PRIORITY, "80"), extra(Extra.PRIORITY, "20"), extra(Extra.PRIORITY, "20"),
        extra(Extra.TAG, "wave"), extra(Extra.TAG, "wave"), extra(Extra.REOPEN),
        extra(Extra.MUTE_REPORTER, "t7-f0"), extra(Extra.MUTE_REPORTER, "t7-f0", on=False),
        extra(Extra.MUTE_REPORTER, "t7-f0", on=False),
    )  # fmt: skip
    said = [(await demo.perform(ref, c, str(n))).evidence for n, c in enumerate(commands)]
    assert said == ["was 0", "was 80", SO_ALREADY, "", SO_ALREADY, SO_ALREADY, "", "", SO_ALREADY]
    with pytest.raises(Rejected, match="nobody to mute"):
        await demo.perform(ref, extra(Extra.MUTE_REPORTER, "t4-f0"), "k")


async def test_a_kept_report_that_is_reopened_is_told_again() -> None:
    keep = Dismiss(thread=1, revision=1, flags=("t7-f0",))
    settings = {"profile": "social", "rate": 0}
    kept = await watch(settings, 2, (0.1, "t7", keep))
    again = await watch(settings, 2, (0.1, "t7", keep), (0.2, "t7", extra(Extra.REOPEN)))
    told = [[f.key for b in r.batches for f in b.flags].count("t7-f0") for r in (kept, again)]
    assert told == [1, 2]


async def test_a_muted_reporter_is_heard_of_no_more_and_who_is_frozen_writes_no_more() -> None:
    settings = {"profile": "social", "rate": 0, "seed": 1}
    hot = next(f"t{n}" for n, s in enumerate(Plan(1, "social", NOON, 14, 4, NOON).pool) if s.hot)
    calm = await watch(settings, 6)
    by = {str(f.by) for (thread, _), f in calm.flags.items() if thread == hot}
    first = str(calm.flags[hot, f"{hot}-f0"].by)
    quiet = await watch(settings, 6, (0.01, hot, extra(Extra.MUTE_REPORTER, f"{hot}-f0")))
    later = [f for (t, key), f in quiet.flags.items() if t == hot and key.startswith(f"{hot}-h")]
    assert first in by
    assert later
    assert first not in {str(f.by) for f in later}
    ask = reply("What do you see?")
    for freeze in (False, True):
        acts = ((0.01, "t4", extra(Extra.FREEZE)),) if freeze else ()
        seen = await watch(settings, 6, *acts, (0.1, "t4", ask))
        answers = [p for p in seen.posts.values() if p.thread == "t4" and p.role is Role.AUTHOR]
        assert len(answers) == (1 if freeze else 2)


async def test_approving_releases_a_held_post() -> None:
    held = next(n for n, s in enumerate(Plan(1, "forum", NOON, 14, 4, NOON).pool)
                if s.reason == "held")  # fmt: skip
    approve = Dismiss(thread=1, revision=1, flags=(f"t{held}-f0",), approve=True)
    before = await watch({"profile": "forum"}, 0)
    after = await watch({"profile": "forum"}, 3, (0.1, f"t{held}", approve),
                        (0.2, f"t{held}", reply()))  # fmt: skip
    assert before.threads[f"t{held}"].held
    assert not after.threads[f"t{held}"].held


async def test_faults_are_drawn_from_the_seed() -> None:
    async def outcomes() -> list[str]:
        demo = Demo(HandClock().environment(profile="forum", faults=0.5))
        ref = (await opening(demo.updates(None))).ref("t4")
        seen = []
        for number in range(40):
            try:
                await demo.perform(ref, reply(), f"key {number}")
            except (Retryable, Unknown) as error:
                seen.append(type(error).__name__)
            else:
                seen.append("done")
        return seen

    once = await outcomes()
    assert once == await outcomes()
    assert set(once) == {"done", "Retryable", "RateLimited", "Unknown"}
    assert 10 <= once.count("done") <= 30


async def test_an_unknown_outcome_may_have_been_executed() -> None:
    demo = Demo(HandClock().environment(profile="chat", faults=1))
    ref = (await opening(demo.updates(None))).ref("t4")
    told = []
    for number in range(30):
        text = f"text {number}"
        try:
            await demo.perform(ref, reply(text), f"key {number}")
        except Unknown:
            told.append(type(await demo.find(ref, reply(text), NOON, frozenset())))
        except Retryable:
            assert await demo.find(ref, reply(text), NOON, frozenset()) == Absent(strong=True)
    assert set(told) == {Found, Absent}


async def test_the_staff_channel_is_told() -> None:
    demo = Demo(HandClock().environment(profile="forum"))
    ref = (await opening(demo.updates(None))).ref("t4")
    escalate = Escalate(thread=1, revision=1, team="payments", note="n", text="please look")
    first = await demo.perform(ref, escalate, "k")
    assert first == await demo.perform(ref, escalate, "k")
    assert first.remote_id is not None
    assert first.remote_id.startswith("staff-")
    told = HandOver(account="demo", to="#shift", text="all calm")
    shift = await demo.perform(ThreadRef("", "", ""), told, "k2")
    assert await demo.find(ThreadRef("", "", ""), told, NOON, frozenset()) == Found(shift)


async def test_a_flood_comes_in_batches_that_can_be_resumed() -> None:
    clock = HandClock()
    updates = Demo(clock.environment(rate=6_000)).updates(None)
    reading = await opening(updates)
    clock.pass_by(minutes=1)
    flood = Reading()
    async for batch in updates:
        flood.add(batch)
        if batch.caught_up:
            break
    assert len(flood.batches) >= 8
    assert all(len(batch.threads) <= 500 for batch in flood.batches)
    middle = flood.batches[3]
    rest = Demo(clock.environment(rate=6_000)).updates(middle.cursor)
    resumed = await opening(rest)
    told = {key for batch in flood.batches[:4] for key in ((f.thread, f.key) for f in batch.flags)}
    assert not set(resumed.flags) & told
    assert set(resumed.flags) | told == set(flood.flags)
    assert not set(reading.flags) & set(flood.flags)
