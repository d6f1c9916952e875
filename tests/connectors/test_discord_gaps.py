"""A long gap on Discord: read to its end, between what happens now, and nothing is told twice."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from modtui.connectors import Batch, Retryable
from tests.connectors.discord_show import Show
from tests.connectors.fakediscord import FORUM, GUILD, REPORTS, FakeDiscord, link, refused, user
from tests.connectors.fakegateway import event, ready
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.test_discord import flags, told

CHANNELS = tuple(str(7000 + number) for number in range(30))
NOISE = 640


def busy(fake: FakeDiscord) -> dict[str, str]:
    """Let a message be reported in each of many channels; return it by its channel."""
    said = {}
    for channel in CHANNELS:
        place = {"id": channel, "name": channel, "type": 0, "guild_id": GUILD}
        fake.channels[channel] = {**place, "rate_limit_per_user": 0}
        one = fake.write(channel, user(f"9{channel}"), "you lot")
        fake.write(REPORTS, user("20"), link(channel, one["id"]))
        said[channel] = str(one["id"])
    return said


def answer(fake: FakeDiscord, channel: str, said: str, text: str) -> dict[str, Any]:
    """Let the author answer; return the message as the gateway has it."""
    more = {"message_reference": {"message_id": said}, "type": 19}
    return {**fake.write(channel, user(f"9{channel}"), text, **more), "guild_id": GUILD}


def gap(fake: FakeDiscord, said: dict[str, str]) -> Counter[str]:
    """Let much be said in every fifth channel, and an answer in each at its end; return those."""
    for number, channel in enumerate(CHANNELS):
        for _ in range(NOISE if number % 5 == 0 else 3):
            fake.write(channel, user("31"), "chatter")
        answer(fake, channel, said[channel], f"answer in {channel}")
    return Counter(f"answer in {channel}" for channel in CHANNELS)


def answers(batches: list[Batch]) -> Counter[str]:
    return Counter(p.text for b in batches for p in b.posts if p.text.startswith("answer"))


async def test_a_long_gap_is_read_to_its_end_by_rest_alone() -> None:
    fake = FakeDiscord()
    said = busy(fake)
    cursor = (await told(fake))[-1].cursor
    expected = gap(fake, said)
    batches = await told(fake, cursor)
    assert answers(batches) == expected
    assert [b.caught_up for b in batches] == [False] * (len(batches) - 1) + [True]
    # What is quiet is not read again.
    fake.calls.clear()
    assert not answers(await told(fake, batches[-1].cursor))
    assert fake.asked("GET .*/channels/7.*/messages") == 0


async def test_what_happens_while_a_gap_is_read_is_told_at_once_and_loses_nothing() -> None:
    show = Show()
    said = busy(show.fake)
    async with show:
        await show.live()
        await wait_for(lambda: show.batches and show.batches[-1].caught_up)
    expected = gap(show.fake, said)
    show.batches.clear()
    late = {}
    async with show:
        socket = await show.gateway.socket(1)
        socket.say({"op": 9, "d": False})
        await wait_for(lambda: socket.closed is not None)
        await wait_for(lambda: show.clock.sleepers)
        show.clock.move(6)
        socket = await show.gateway.socket(2)
        socket.say(ready(1, "s2"))
        # In the busiest channels, before their gap is read.
        for number, channel in enumerate(CHANNELS[::5]):
            late[channel] = answer(show.fake, channel, said[channel], f"answer late {number}")
            socket.say(event("MESSAGE_CREATE", 10 + number, late[channel]))
        socket.say(event("MESSAGE_CREATE", 30, {**show.write("now")["d"]}))
        await wait_for(lambda: any(b.caught_up for b in show.batches))
    expected += Counter(one["content"] for one in late.values())
    assert answers(show.batches) == expected
    # The account says that it is catching up; a new report does not wait for it.
    when = next(n for n, b in enumerate(show.batches) if any(p.text == "now" for p in b.posts))
    assert when < len(show.batches) - 5
    assert not any(b.caught_up for b in show.batches[:-1])


async def test_a_restart_within_a_gap_goes_on_where_it_was() -> None:
    fake = FakeDiscord()
    said = busy(fake)
    cursor = (await told(fake))[-1].cursor
    expected = gap(fake, said)
    batches: list[Batch] = []
    for _ in range(200):
        connector = fake.connector()
        steps = connector.updates(cursor)
        batches.append(await anext(steps))
        cursor = batches[-1].cursor
        await steps.aclose()  # type: ignore[attr-defined]
        await connector.aclose()
        if batches[-1].caught_up:
            break
    assert len(batches) > 5
    assert answers(batches) == expected


async def test_a_followed_channel_that_is_gone_is_left_and_hides_no_other() -> None:
    fake = FakeDiscord()
    said = busy(fake)
    cursor = (await told(fake))[-1].cursor
    expected = gap(fake, said)
    gone = CHANNELS[3]
    del expected[f"answer in {gone}"]
    fake.override[f"GET .*/channels/{gone}/messages$"] = lambda request: refused(
        403, 50001, "Missing Access"
    )
    fake.calls.clear()
    batches = await told(fake, cursor)
    assert answers(batches) == expected
    asked = fake.asked(f"GET .*/channels/{gone}/messages$")
    await told(fake, batches[-1].cursor)
    assert fake.asked(f"GET .*/channels/{gone}/messages$") == asked == 1


async def test_a_line_that_breaks_within_a_gap_loses_nothing() -> None:
    fake = FakeDiscord()
    said = busy(fake)
    cursor = (await told(fake))[-1].cursor
    expected = gap(fake, said)
    batches: list[Batch] = []
    broken = itertools.cycle([False] * 7 + [True])

    def page(request: httpx.Request) -> Any:
        if next(broken):
            raise httpx.ReadError("cut", request=request)
        return fake.answer(request, request.url.path)

    fake.override["GET .*/channels/7.*/messages$"] = page
    for _ in range(300):
        steps = fake.connector().updates(cursor)
        with contextlib.suppress(Retryable):
            async for batch in steps:
                batches.append(batch)
                cursor = batch.cursor
                if batch.caught_up:
                    break
        await steps.aclose()  # type: ignore[attr-defined]
        if batches and batches[-1].caught_up:
            break
    assert answers(batches) == expected


def closed_post(fake: FakeDiscord, minutes: int = 0) -> str:
    """Let a post of the forum be made, and closed so many minutes ago; return its id."""
    thread = str(int(fake.write(FORUM, user("9"), "x")["id"]) + 1_000_000)
    ended = (fake.now - timedelta(minutes=minutes)).isoformat()
    place = {
        "id": thread, "type": 11, "name": "post", "parent_id": FORUM, "guild_id": GUILD,
        "thread_metadata": {"archived": True, "locked": False, "archive_timestamp": ended},
    }  # fmt: skip
    fake.channels[thread] = place
    fake.archived.append(place)
    fake.write(thread, user("20", "asks"), "I cannot log in", id=thread)
    return thread


async def test_a_post_that_was_closed_while_a_live_line_was_lost_is_told() -> None:
    show = Show(forum_channel=FORUM)
    show.fake.override["GET .*/threads/active$"] = lambda request: {"threads": [], "members": []}
    async with show:
        socket = await show.live()
        closed_post(show.fake)
        socket.break_off(4009)
        await show.live(1)
        await show.tells("I cannot log in")


async def test_posts_of_a_forum_that_were_closed_within_the_gap_are_told() -> None:
    fake = FakeDiscord()
    cursor = (await told(fake, forum_channel=FORUM))[-1].cursor
    made = [closed_post(fake, number) for number in range(130)]
    fake.override["GET .*/threads/active$"] = lambda request: {"threads": [], "members": []}
    batches = await told(fake, cursor, forum_channel=FORUM)
    assert flags(batches) == [(thread, "forum post", "") for thread in sorted(made, key=int)]
    fake.calls.clear()
    assert not flags(await told(fake, batches[-1].cursor, forum_channel=FORUM))


@pytest.mark.parametrize(
    ("emoji", "wanted"), [("🚩", "🚩"), ("flag:42", "flag"), ("flag:42", "42")]
)
async def test_report_reactions_on_what_is_read_are_found_each_once(
    emoji: str, wanted: str
) -> None:
    fake = FakeDiscord()
    busy(fake)
    settings = {"report_reaction": wanted}
    cursor = (await told(fake, **settings))[-1].cursor
    channel = CHANNELS[0]
    rude = fake.write(channel, user("31"), "rude")
    fake.react(rude, "👍", "41")
    fake.react(rude, emoji, *(str(5000 + number) for number in range(130)))
    fake.write(channel, user("31"), "chatter")
    batches = await told(fake, cursor, **settings)
    found = [(f.thread, f.key) for b in batches for f in b.flags]
    assert found == [(rude["id"], f"reaction/{rude['id']}/{5000 + n}") for n in range(130)]
    assert [t.title for b in batches for t in b.threads] == ["rude"]
    assert not flags(await told(fake, batches[-1].cursor, **settings))


async def test_without_a_report_reaction_none_is_asked_for() -> None:
    fake = FakeDiscord()
    fake.react(fake.write(REPORTS, user("31"), "help"), "🚩", "41")
    await told(fake)
    assert fake.asked("GET .*/reactions/") == 0
