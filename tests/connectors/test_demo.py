"""The pretend community: deterministic, lively, and honest about what it can do."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from modtui.connectors.demo import PROFILES, SCHEMA, community
from modtui.connectors.demo.acts import act
from modtui.connectors.demo.connector import Demo
from modtui.connectors.demo.content import ANSWERS, EDIT_MARK, HEAT, NUDGES
from modtui.connectors.demo.facts import Plan
from modtui.connectors.demo.scenes import SCENES
from modtui.connectors.demo.world import World
from modtui.domain.alike import folded
from modtui.domain.commands import (
    Hide,
    Lock,
    Sanction,
    SanctionKind,
)
from modtui.domain.language import guess
from modtui.domain.model import Role, Severity
from modtui.domain.text import clean
from tests.connectors.demo_stage import reply, slow, watch
from tests.connectors.hand import NOON, HandClock, Reading, opening

FIVE = {"en", "ru", "pl", "ka", "kk"}
SLUGS = {
    "spam", "insult", "question", "off-topic", "threat", "doxxing", "self-harm", "gambling",
    "minors", "held", "scam",
}  # fmt: skip


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


@pytest.mark.parametrize("kind", ["backlog", "arrival"])
async def test_it_makes_up_few_threads_in_a_row(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, made, rows = HandClock(), [0], [0]
    whose, name = (Plan, "backlog") if kind == "backlog" else (World, "_arrive")
    make_up = getattr(whose, name)

    def counted(*args: object) -> object:
        made[0] += 1
        return make_up(*args)

    async def sleep(seconds: float) -> None:
        rows.append(made[0])
        made[0] = 0
        await clock.sleep(seconds)

    env = replace(clock.environment(threads=200, rate=60_000, scene="questions"), sleep=sleep)
    updates = Demo(env).updates(None)
    if kind == "backlog":
        monkeypatch.setattr(whose, name, counted)
        await opening(updates)
    else:
        await opening(updates)
        monkeypatch.setattr(whose, name, counted)
        clock.pass_by(seconds=1)
        await anext(updates)
    assert sum(rows) >= 200 - 30
    # Making one up takes a tenth of a millisecond, and so long no key is heard.
    assert max(rows) <= 30
    # And a key needs several turns of the event loop.
    full = [turn for turn, number in enumerate(rows) if number]
    assert all(after - before >= 5 for before, after in pairwise(full))


def test_when_something_happens_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()

    def dice(plan: Plan, name: str) -> random.Random:
        asked[name] += 1
        return made(plan, name)

    made = Plan.dice
    monkeypatch.setattr(Plan, "dice", dice)
    plan = Plan(7, "chat", NOON, 0, 600, NOON)
    world = World(plan, {})
    world.run(NOON + timedelta(minutes=1))
    assert len(world.take()) > 300
    assert {count for name, count in asked.items() if name.startswith("when:")} == {1}
    again = Plan(7, "chat", NOON, 0, 600, NOON)
    for place in plan.places:
        assert plan.arrives_at(place, 3) == again.arrives_at(place, 3)


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


async def test_a_community_of_routine_questions_has_nothing_else() -> None:
    told = await watch({"profile": "forum", "scene": "questions", "threads": 60}, 0)
    assert len(told.threads) == 60
    assert {flag.reason for flag in told.flags.values()} == {"question"}


@pytest.mark.parametrize("profile", ["forum", "chat", "social"])
async def test_routine_questions_go_on_arriving_everywhere(profile: str) -> None:
    told = await watch({"profile": profile, "scene": "questions", "threads": 0, "rate": 60}, 5)
    assert len(told.threads) > 50
    assert {flag.reason for flag in told.flags.values()} == {"question"}


async def test_a_pile_on_opens_with_eighty_flags_of_ten_minutes_among_ordinary_threads() -> None:
    told = await watch({"scene": "pile-on", "threads": 21, "seed": 7}, 0)
    flags = [flag for flag in told.flags.values() if flag.thread == "t0"]
    assert len(flags) == 80
    assert len({flag.by for flag in flags}) == 61
    ages = [(NOON - flag.at).total_seconds() for flag in flags]
    assert max(ages) <= 600
    assert sum(age < 60 for age in ages) == 8
    on = Counter(flag.post for flag in flags)
    written = {post.remote_id: post for post in told.posts.values() if post.thread == "t0"}
    assert len(written) == 96
    assert len(on) > 20
    assert all(written[str(flag.post)].created_at < flag.at for flag in flags)
    assert max(Counter(folded(post.text) for post in written.values()).values()) >= 12
    assert len({flag.thread for flag in told.flags.values()}) == 21
    assert max(Counter(f.thread for f in told.flags.values() if f.thread != "t0").values()) < 15


async def test_a_pile_on_goes_on_and_slow_mode_cools_it() -> None:
    settings = {"scene": "pile-on", "threads": 1, "rate": 0, "seed": 7}
    hot = await watch(settings, 10)
    slowed = await watch(settings, 10, (1, "t0", slow(900, 60)))
    assert len(hot.flags) - 80 > 3 * (len(slowed.flags) - 80)
    assert len(slowed.flags) > 80


def test_a_community_that_is_watched_for_hours_forgets_what_is_past() -> None:
    world = World(Plan(7, "forum", NOON, 60, 600, NOON))
    for minutes in range(0, 120, 30):
        world.run(NOON + timedelta(minutes=minutes))
        world.take()
        courses = world._courses.values()
        assert len(courses) <= 200
        assert all(len(each.posts) <= len(each.facts.posts) + 20 for each in courses)
        assert not any(each.facts.flags for each in courses)
        questions = [each for each in courses if each.facts.scene.reason == "question"]
        assert not any(each.open_flags for each in questions if not each.facts.scene.hot)
        assert any(each.raised for each in questions) or not minutes


def test_what_was_done_in_a_thread_is_not_forgotten() -> None:
    world = World(Plan(7, "forum", NOON, 60, 600, NOON))
    world.run(NOON + timedelta(minutes=1))
    new = next(n.thread for n in world.take() if n.thread and "-" in n.thread.subject)
    lock = Lock(thread=1, revision=1, reason="off-topic")
    act(world, new.subject, lock, "token")
    world.run(NOON + timedelta(minutes=90))
    course = world.course(new.subject)
    assert course is not None
    assert course.locked
