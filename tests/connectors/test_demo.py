"""The pretend community: deterministic, lively, and honest about what it can do."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Absent, CannotTell, Found, Retryable, Unknown
from modtui.connectors.demo import PROFILES, SCHEMA, community
from modtui.connectors.demo.connector import Demo
from modtui.connectors.demo.content import ANSWERS, EDIT_MARK, HEAT, NUDGES
from modtui.connectors.demo.facts import Plan
from modtui.connectors.demo.scenes import SCENES
from modtui.connectors.demo.world import World
from modtui.domain.commands import (
    Audience,
    Dismiss,
    Escalate,
    Hide,
    Reply,
    Sanction,
    SanctionKind,
    SetReadOnly,
    SetSlowMode,
)
from modtui.domain.language import guess
from modtui.domain.model import Role, Severity
from modtui.domain.text import clean
from tests.connectors.hand import NOON, HandClock, Reading, opening, read_to_the_end, read_until

FIVE = {"en", "ru", "pl", "ka", "kk"}
SLUGS = {
    "spam", "insult", "question", "off-topic", "threat", "doxxing", "self-harm", "gambling",
    "minors", "held", "scam",
}  # fmt: skip


def reply(text: str = "We look into it.", **more: object) -> Reply:
    return Reply(thread=1, revision=1, text=text, **more)  # type: ignore[arg-type]


def slow(seconds: int, minutes: int | None = None, expect: int | None = None) -> SetSlowMode:
    until = NOON + timedelta(minutes=minutes) if minutes else None
    return SetSlowMode(
        thread=1, revision=1, seconds=seconds, until=until, reason="pile-on", expect=expect
    )


async def watch(
    settings: dict[str, object], minutes: float, *acts: tuple[float, str, object]
) -> Reading:
    """What is told within `minutes`, when each (minute, subject, command) is done."""
    clock = HandClock()
    demo = Demo(clock.environment(**settings))
    updates = demo.updates(None)
    reading = await opening(updates)
    for minute, subject, command in acts:
        for batch in (await read_until(updates, clock, NOON + timedelta(minutes=minute))).batches:
            reading.add(batch)
        await demo.perform(reading.ref(subject), command, f"key {minute}")  # type: ignore[arg-type]
    end = NOON + timedelta(minutes=minutes)
    for batch in (await read_to_the_end(updates, clock, end)).batches:
        reading.add(batch)
    return reading


async def whole_opening() -> list[Reading]:
    return [
        await opening(Demo(HandClock().environment(**settings)).updates(None))
        for settings in community(42, 12, 1).values()
    ]


@pytest.mark.parametrize("profile", PROFILES)
async def test_the_same_seed_tells_the_same_story(profile: str) -> None:
    one, two = [(await watch({"profile": profile}, 5)).batches for _ in range(2)]
    assert one == two
    other = await watch({"profile": profile, "seed": 2}, 5)
    assert other.batches != one


async def test_the_community_shares_threads_and_rate() -> None:
    shares = community(40, 12, 7)
    assert set(shares) == set(PROFILES)
    assert sum(int(str(s["threads"])) for s in shares.values()) == 40
    assert {s["rate"] for s in shares.values()} == {4}
    assert all(set(s) == {setting.name for setting in SCHEMA.settings} for s in shares.values())


async def test_the_opening_queue_is_worth_working() -> None:
    readings = await whole_opening()
    threads = [t for r in readings for t in r.threads.values()]
    flags = [f for r in readings for f in r.flags.values()]
    posts = [p for r in readings for p in r.posts.values()]
    assert len(threads) == 42
    assert len({t.title for t in threads}) == 42
    assert {guess(p.text) for p in posts} >= FIVE
    assert {f.reason for f in flags} <= SLUGS
    assert {"self-harm", "gambling", "threat", "held", "spam", "question"} <= {
        f.reason for f in flags
    }
    assert any(f.reason == "self-harm" and guess(p.text) == "ka"
               for f in flags for p in posts if p.remote_id == f.post)  # fmt: skip
    assert all(f.rule for f in flags if f.reason in {"question", "held"})
    assert max(Counter(f.thread for f in flags).values()) >= 18
    assert any(t.held for t in threads)


async def test_some_threads_are_late_and_more_are_due_soon() -> None:
    waited: list[timedelta] = []
    for reading in await whole_opening():
        first = dict.fromkeys(reading.threads, NOON)
        for (subject, _), flag in reading.flags.items():
            first[subject] = min(first[subject], flag.at)
        waited += [NOON - at for at in first.values()]
    assert 2 <= sum(w > timedelta(hours=2) for w in waited) <= 8
    assert 3 <= sum(timedelta(minutes=100) < w < timedelta(hours=2) for w in waited) <= 10


async def test_hostile_text_is_there_and_is_cleaned() -> None:
    for reading in await whole_opening():
        hostile = [p for p in reading.posts.values() if "\x1b" in p.raw]
        assert hostile
        for post in hostile:
            assert post.hidden >= 4
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", post.text)
            assert "[@click=app.quit]" in post.text


def test_every_text_is_in_its_language() -> None:
    said = [(s.language, t) for s in SCENES
            for t in (s.text, *s.answers, *(text for _, text in s.chatter))]  # fmt: skip
    for texts in (ANSWERS, NUDGES, HEAT):
        assert set(texts) == FIVE
        said += [(language, text) for language, many in texts.items() for text in many]
    assert set(EDIT_MARK) == FIVE
    assert [(language, text) for language, text in said if guess(text) != language] == []
    assert {s.language for s in SCENES} == FIVE


@pytest.mark.parametrize("profile", PROFILES)
async def test_something_new_comes_every_few_seconds(profile: str) -> None:
    reading = await watch({"profile": profile}, 10)
    lively = [b for b in reading.batches[1:] if b.threads]
    assert len(lively) >= 30
    assert all(p.created_at <= NOON + timedelta(minutes=10) for p in reading.posts.values())
    for batch in reading.batches:
        at = json.loads(batch.cursor)["at"]
        assert all(flag.at.isoformat() <= at for flag in batch.flags)
    assert all(f.thread in reading.threads for f in reading.flags.values())


async def test_acting_on_one_thread_leaves_the_others_as_they_were() -> None:
    settings: dict[str, object] = {"profile": "forum"}
    calm = await watch(settings, 8)
    acted = await watch(
        settings,
        8,
        (1, "t2", Hide(thread=1, revision=1, posts=("t2-p0",), author="spin_king")),
        (1.5, "t10", reply()),
    )
    assert acted.of("t2") != calm.of("t2")
    assert acted.of("t10") != calm.of("t10")
    others = set(calm.threads) - {"t2", "t10"}
    assert others == set(acted.threads) - {"t2", "t10"}
    for subject in others:
        assert acted.of(subject) == calm.of(subject)


async def test_a_slow_mode_cools_its_channel_and_no_other() -> None:
    settings: dict[str, object] = {"profile": "forum"}
    calm = await watch(settings, 8)
    slowed = await watch(settings, 8, (0.2, "t2", slow(900, minutes=60)))
    hot = [len(r.flags_of("t2")) for r in (calm, slowed)]
    assert hot[1] < hot[0] - 15
    restriction = slowed.channels["forum/slots"].restriction
    assert (restriction.kind, restriction.seconds, restriction.ours) == ("slow", 900, True)
    assert restriction.until == NOON + timedelta(minutes=60)
    elsewhere = {s for s, t in calm.threads.items() if t.channel != "forum/slots"}
    assert all(slowed.of(s) == calm.of(s) for s in elsewhere)


async def test_the_forum_ends_slow_mode_itself_and_the_chat_does_not() -> None:
    forum = await watch({"profile": "forum"}, 6, (0.2, "t2", slow(60, minutes=3)))
    chat = await watch({"profile": "chat"}, 6, (0.2, "t0", slow(60, minutes=3)))
    assert forum.channels["forum/slots"].restriction is None
    assert chat.channels["chat/slots"].restriction.until is None
    assert chat.channels["chat/slots"].restriction.seconds == 60


async def test_an_end_leaves_a_newer_setting_alone() -> None:
    clock = HandClock()
    demo = Demo(clock.environment(profile="chat"))
    reading = await opening(demo.updates(None))
    ref = reading.ref("t0")
    await demo.perform(ref, slow(300), "a")
    await demo.perform(ref, slow(900), "b")
    receipt = await demo.perform(ref, slow(0, expect=300), "c")
    assert "left as it is" in receipt.evidence
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


async def test_authors_answer_back() -> None:
    answered = 0
    for number in range(14):
        reading = await watch({"profile": "forum"}, 3, (0.1, f"t{number}", reply()))
        ours = [p for p in reading.posts.values() if p.role is Role.STAFF]
        assert [p.text for p in ours] == ["We look into it."]
        answers = [p for k, p in reading.posts.items() if k == f"{ours[0].remote_id}-a"]
        answered += len(answers)
        assert all(p.created_at > ours[0].created_at for p in answers)
        assert all(p.author == reading.threads[f"t{number}"].author for p in answers)
    assert 4 <= answered < 14


async def test_a_silenced_author_does_not_answer() -> None:
    mute = Sanction(
        thread=1, revision=1, sanction=SanctionKind.MUTE, author="", seconds=86_400, reason="r"
    )
    for number in range(14):
        settings: dict[str, object] = {"profile": "forum"}
        author = (await watch(settings, 0)).threads[f"t{number}"].author.remote_id
        reading = await watch(
            settings, 3, (0.1, f"t{number}", replace(mute, author=author)),
            (0.2, f"t{number}", reply()),
        )  # fmt: skip
        assert not any(k.endswith("-a") for k in reading.posts)


async def test_removed_pile_ons_stop() -> None:
    hide = Hide(thread=1, revision=1, posts=("t2-p0",), author="x")
    reading = await watch({"profile": "forum"}, 5, (0.5, "t2", hide))
    assert all(f.at <= NOON + timedelta(minutes=1) for f in reading.flags.values()
               if f.thread == "t2")  # fmt: skip


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
        assert (await demo.perform(ref, hide, "l")).evidence == "was already removed"
        posts = {p.remote_id for p in (await demo.context(ref)).posts}
        assert ("t4-p0" in posts) is left


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


async def test_emergencies_are_urgent() -> None:
    for reading in await whole_opening():
        grave = {f.thread for f in reading.flags.values() if f.reason in {"self-harm", "threat"}}
        assert grave
        assert {reading.threads[s].severity for s in grave} == {Severity.URGENT}


async def test_ten_thousand_threads_are_laid_out_one_by_one() -> None:
    """Laying out thread n costs the same whatever n is: nothing is remembered per thread."""
    plan = Plan(1, "forum", NOON, 10_000, 4, NOON)
    world = World(plan)
    reading = await opening(Demo(HandClock().environment(threads=10_000)).updates(None))
    assert len(reading.threads) == 10_000
    assert len(reading.batches) == 20
    assert len(world._courses) < 5
    assert reading.threads["t9999"] == plan.backlog(9_999).thread
    assert all(clean(p.raw).text == p.text for p in list(reading.posts.values())[:200])


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
