"""The discourse connector against a stand-in of ours: what it reads, and who it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import (
    Batch,
    RateLimited,
    Rejected,
    Unauthorized,
)
from modtui.connectors.discourse.connector import create
from modtui.connectors.discourse.line import allowance
from modtui.connectors.discourse.look import look
from modtui.domain.commands import (
    Capability,
    Hide,
    Reply,
    Restore,
    SetSlowMode,
)
from modtui.domain.model import Role
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.engine.inverse import confirmed, inverse
from tests.connectors.contract import Line
from tests.connectors.fakediscourse import ME, SECRET, TOPIC, FakeDiscourse, refused, stamp
from tests.connectors.platform import START
from tests.connectors.test_discourse_wire import Forum
from tests.connectors.wire import read

ON: dict[str, Any] = {"thread": 1, "revision": 1}
AT_SIX = START + timedelta(hours=3)


async def told(fake: FakeDiscourse, cursor: str | None = None) -> Batch:
    (batch,) = await read(Forum(fake), cursor)
    return batch


async def line(fake: FakeDiscourse, subject: str | None = None) -> Line:
    """A connector to a forum where one item was read."""
    subject = subject or fake.flag()
    return Line(fake.connector(), [await told(fake)], subject, START)


def performed(fake: FakeDiscourse) -> list[str]:
    """The actions that the forum was asked to perform."""
    return [one.path.split("/")[-1] for one in fake.calls if "/perform/" in one.path]


# what is read
async def test_a_flagged_post_is_a_thread_in_its_topic() -> None:
    fake = FakeDiscourse()
    fake.flag("buy spins")
    batch = await told(fake)
    (thread,), (flag,), (post,) = batch.threads, batch.flags, batch.posts
    assert (thread.channel, thread.title, thread.url) == (
        "12", "buy spins", "https://ours.test/t/pianos/12/1"
    )  # fmt: skip
    assert (flag.reason, flag.note, flag.by) == ("It's Spam", "buy spins", "@flagger1")
    assert flag.at == START - timedelta(minutes=5)
    assert (post.remote_id, flag.post, post.is_subject) == ("20000", "20000", True)
    assert (post.author.remote_id, post.role) == ("1001", Role.AUTHOR)
    assert batch.open_now == {("1", "7001")}


async def test_a_held_post_is_a_held_thread() -> None:
    fake = FakeDiscourse()
    one = await line(fake, fake.hold("my first post"))
    (thread,), (post,) = one.batches[0].threads, one.batches[0].posts
    assert (thread.held, post.held, post.text, post.remote_id) == (
        True, True, "my first post", "r1"
    )  # fmt: skip


async def test_a_held_post_that_was_turned_down_is_never_published_by_taking_that_back() -> None:
    fake = FakeDiscourse()
    one = await line(fake, fake.hold("my first post"))
    hide = Hide(**ON, posts=("r1",), author="1001")
    # The second try is the one after an answer that was lost.
    for attempts in (1, 2):
        receipt = await one.connector.perform(one.ref, hide, "k")
        row = Delivery(
            1, "k", "b", 1, "forum", hide, DeliveryState.SENT, "mod", START,
            receipt=receipt, attempts=attempts,
        )  # fmt: skip
        assert confirmed(row)
        assert inverse(row, 1, (), START) is None
    with pytest.raises(Rejected, match="publishes it and tells its author"):
        await one.connector.perform(one.ref, Restore(**ON, posts=("r1",)), "k")
    assert performed(fake) == ["reject_post.json"]


async def test_a_list_that_moves_closes_nothing() -> None:
    fake = FakeDiscourse()
    for _ in range(25):
        fake.flag()
    listed = 0

    def moving(request: httpx.Request) -> Any:
        nonlocal listed
        listed += 1
        if listed == 2:
            fake.row("1")["status"] = 2
        return fake.answer(request, "/review.json")

    fake.override[r"GET /review\.json"] = moving
    assert (await told(fake)).open_now is None


async def test_the_list_is_read_when_the_count_changes_and_every_five_minutes() -> None:
    fake = FakeDiscourse()
    fake.flag()
    steps = fake.connector().updates(None)
    listed = []
    for minute in range(12):
        if minute == 8:
            fake.row("1")["status"] = 2
        before = fake.asked(r"GET /review\.json")
        await anext(steps)
        listed.append(fake.asked(r"GET /review\.json") - before)
    await steps.aclose()  # type: ignore[attr-defined]
    # At once, again since the first count is news, five minutes later; then twice for a change.
    assert listed == [1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0]


async def test_a_day_of_polling_leaves_room_in_the_quota() -> None:
    fake = FakeDiscourse()
    for _ in range(60):
        fake.flag()
    steps = fake.connector().updates(None)
    await anext(steps)
    began, before = fake.now, len(fake.calls)
    while fake.now - began < timedelta(days=1):
        if int((fake.now - began).total_seconds()) % 1200 == 0:
            fake.flag()
        await anext(steps)
    await steps.aclose()  # type: ignore[attr-defined]
    assert len(fake.calls) - before < 2880


def test_no_minute_and_no_day_spends_more_than_it_may() -> None:
    minute, day = allowance(personal=True)
    spent: list[datetime] = []
    now = START
    while now < START + timedelta(days=2):
        now += timedelta(seconds=max(minute.wait(now), day.wait(now)))
        minute.take(now)
        day.take(now)
        spent.append(now)
    for size, most in ((timedelta(minutes=1), 20), (timedelta(days=1), 2880)):
        first = 0
        for last, at in enumerate(spent):
            while at - spent[first] >= size:
                first += 1
            assert last - first + 1 <= most


async def test_a_first_read_of_a_long_list_keeps_to_twenty_a_minute() -> None:
    fake = FakeDiscourse()
    for _ in range(230):
        fake.flag()
    await told(fake)
    assert fake.now - START >= timedelta(seconds=60)


async def test_a_reading_that_keeps_to_its_quota_says_that_it_waits() -> None:
    fake = FakeDiscourse()
    for _ in range(230):
        fake.flag()
    env = fake.environment()
    waits: list[tuple[float, str]] = []
    env.watch.limited = lambda seconds, why: waits.append((seconds, why))
    connector = create(env)

    async def first() -> None:
        steps = connector.updates(None)
        await anext(steps)
        await steps.aclose()  # type: ignore[attr-defined]

    await env.watch.reads(first())
    assert sum(seconds for seconds, _ in waits) >= 60
    assert {why for _, why in waits} == {"the requests that the forum allows are used up for now"}


async def test_reading_leaves_some_of_the_quota_to_what_a_moderator_does() -> None:
    fake = FakeDiscourse()
    for _ in range(230):
        fake.flag()

    async def out_of_requests(seconds: float) -> None:
        raise TimeoutError

    connector = create(replace(fake.environment(), sleep=out_of_requests))
    with pytest.raises(TimeoutError):
        await anext(connector.updates(None))
    path = f"/t/{min(fake.topics)}/status.json"
    closing = {"status": "closed", "enabled": "true"}
    for _ in range(3):
        await connector._line.write("PUT", path, closing)
    with pytest.raises(RateLimited):
        await connector._line.write("PUT", path, closing)


async def test_a_write_beyond_the_quota_is_given_back() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    reply = Reply(**ON, text="again")
    while fake.asked("POST /posts") < 10:
        await one.connector.perform(one.ref, reply, "k")
    with pytest.raises(RateLimited) as raised:
        await one.connector.perform(one.ref, reply, "k")
    assert raised.value.retry_after is not None
    assert raised.value.retry_after < timedelta(minutes=1)


async def test_an_answer_of_the_author_is_told_in_their_thread() -> None:
    fake = FakeDiscourse(notifications=[{"id": 7, "notification_type": 2, "data": {}}])
    fake.flag("rude")
    first = await told(fake)
    said = fake.say(1001, "but why?", TOPIC)
    stranger = fake.say(5001, "hello", TOPIC)
    for number, (post, name) in enumerate(((said, "rude1"), (stranger, "flagger1")), 8):
        data = {"original_post_id": post["id"], "original_username": name}
        fake.notifications.append(
            {"id": number, "notification_type": 2, "topic_id": TOPIC, "data": data}
        )
    fake.notifications.append({"id": "?"})
    second = await told(fake, first.cursor)
    assert [(p.thread, p.text, p.role) for p in second.posts] == [("1", "but why?", Role.AUTHOR)]
    assert len(second.broken) == 1
    assert not (await told(fake, second.cursor)).posts


async def test_an_answer_that_cannot_be_read_hides_no_other() -> None:
    fake = FakeDiscourse(notifications=[{"id": 7, "notification_type": 2, "data": {}}])
    fake.flag("rude")
    first = await told(fake)
    for number, words in enumerate(("lost", "but why?"), 8):
        post = fake.say(1001, words, TOPIC)
        data = {"original_post_id": post["id"], "original_username": "rude1"}
        fake.notifications.append(
            {"id": number, "notification_type": 2, "topic_id": TOPIC, "data": data}
        )
        if words == "lost":
            fake.override[f"GET /posts/{post['id']}.json"] = lambda request: {"id": "?"}
    second = await told(fake, first.cursor)
    assert [post.text for post in second.posts] == ["but why?"]
    assert len(second.broken) == 1
    assert not (await told(fake, second.cursor)).broken


async def test_the_context_has_the_topic_with_its_slow_mode_and_staff_is_staff() -> None:
    fake = FakeDiscourse()
    one = await line(fake)
    fake.say(1, "calm down, please", TOPIC, staff=True, moderator=True)
    fake.topics[TOPIC] |= {"slow_mode_seconds": 600, "slow_mode_enabled_until": stamp(-60)}
    context = await one.connector.context(one.ref)
    assert [post.role for post in context.posts] == [Role.AUTHOR, Role.STAFF]
    assert context.channel is not None
    assert context.channel.restriction is not None
    assert context.channel.restriction.seconds == 600
    assert context.channel.restriction.until == START + timedelta(hours=1)


async def test_a_new_flag_in_a_slowed_topic_does_not_hide_the_slow_mode() -> None:
    fake = FakeDiscourse()
    subject = fake.flag()
    connector = fake.connector()
    steps = connector.updates(None)
    ref = Line(connector, [await anext(steps)], subject, START).ref
    slow = SetSlowMode(**ON, seconds=600, until=AT_SIX, reason="heated")
    await connector.perform(ref, slow, "k")
    fake.flag()
    (channel,) = (await anext(steps)).channels
    assert channel.restriction is not None
    assert (channel.restriction.seconds, channel.restriction.until) == (600, AT_SIX)
    await connector.perform(ref, replace(slow, seconds=0, until=None), "k")
    fake.flag()
    (channel,) = (await anext(steps)).channels
    assert channel.restriction is None
    await steps.aclose()  # type: ignore[attr-defined]


async def test_an_item_that_was_away_is_told_anew() -> None:
    fake = FakeDiscourse()
    fake.flag()
    fake.flag()
    first = await told(fake)
    fake.row("1")["status"] = 3
    second = await told(fake, first.cursor)
    assert (second.flags, second.open_now) == ((), {("2", "7002")})
    fake.row("1")["status"] = 0
    third = await told(fake, second.cursor)
    assert [flag.key for flag in third.flags] == ["7001"]


# who we are
async def test_an_admin_key_names_its_account_and_what_it_lacks() -> None:
    fake = FakeDiscourse(secrets={"api_key": SECRET})
    with pytest.raises(Rejected, match="api_username"):
        fake.connector()
    fake.override["GET /review/count"] = lambda request: refused(403)
    fake.override["GET /session"] = lambda request: refused(403)
    fake.override["GET /u/mod"] = lambda request: {"user": ME}
    connector = fake.connector(api_username="mod")
    who = await connector.identity()
    assert (who.name, who.role) == ("@mod", "moderator")
    assert "granular scopes has none for the review queue" in who.cannot[0]
    assert "global key" in who.ask
    assert "review queue" in connector.capabilities.missing[Capability.DISMISS]
    fake.secrets = {}
    with pytest.raises(Unauthorized, match="user_api_key"):
        fake.connector(api_username="mod")


async def test_who_is_no_staff_is_told_what_only_staff_can() -> None:
    fake = FakeDiscourse()
    member = {"current_user": {**ME, "moderator": False, "trust_level": 3}}
    fake.override["GET /session"] = lambda request: member
    connector = fake.connector()
    who = await connector.identity()
    assert (who.role, who.ask) == ("trust level 3", "")
    assert "only staff" in connector.capabilities.missing[Capability.BAN]
    assert Capability.SLOW_MODE in connector.capabilities.offers


async def test_what_is_at_an_address_is_told_without_a_key() -> None:
    fake = FakeDiscourse()
    env = replace(fake.environment(), secrets={})
    fake.override["GET /site/basic-info"] = lambda request: {"title": "Pianos", "logo_url": "/l"}
    found = await look(env)
    assert (found.what, found.url) == ("Discourse at ours.test (Pianos)", "https://ours.test")
    assert fake.calls[-1].told == ()
    fake.override["GET /site/basic-info"] = lambda request: {"title": "a blog"}
    with pytest.raises(Rejected, match="not a Discourse"):
        await look(env)
    fake.override.clear()
    with pytest.raises(Rejected, match="no Discourse answers"):
        await look(env)
