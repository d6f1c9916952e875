"""A session on Discord's gateway, played by a stand-in of ours: no event lost, none doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from modtui.connectors import ConnectorError, Rejected, Retryable, Unauthorized
from modtui.connectors.discord.gateway import AUTOMOD, CONTENT, REACTIONS
from modtui.domain.model import Role
from tests.connectors.discord_show import Show
from tests.connectors.fakediscord import GUILD, REPORTS, TALK, link, user
from tests.connectors.fakegateway import RESUME_URL, event, ready
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.platform import SECRET, START


async def test_we_say_who_we_are_and_what_we_want_to_know() -> None:
    async with Show() as show:
        socket = await show.live()
        assert socket.url == "wss://gateway.discord.gg/?v=10&encoding=json"
        identify = socket.sent[0]["d"]
        assert identify["token"] == SECRET
        assert identify["intents"] & (CONTENT | AUTOMOD) == CONTENT | AUTOMOD
        assert not identify["intents"] & REACTIONS
        socket.say(show.write("one"))
        await show.tells("one")


async def test_a_message_that_holds_the_token_is_masked() -> None:
    async with Show() as show:
        socket = await show.live()
        socket.say(show.write(f"is {SECRET} yours?"))
        await show.tells("is **** yours?")
        assert SECRET not in repr(show.batches)


async def test_a_whole_night_of_reconnects_loses_and_doubles_nothing() -> None:
    async with Show() as show:
        first = await show.live()
        first.say(show.write("one"))
        await show.tells("one")

        # Discord asks us to reconnect, and replays what we missed meanwhile.
        first.say({"op": 7, "d": None})
        second = await show.gateway.socket(1)
        assert first.closed == 4000
        assert second.url.startswith(RESUME_URL)
        assert second.sent[0] == {
            "op": 6, "d": {"token": SECRET, "session_id": "s1", "seq": 2},
        }  # fmt: skip
        reads = show.reads()
        second.say(show.write("two"), show.write("three"), event("RESUMED", show.seq))
        await show.tells("one", "two", "three")
        assert show.reads() == reads

        # The line breaks and cannot be resumed: a new session, and the gap is read by REST.
        second.break_off(1006)
        third = await show.gateway.socket(2)
        assert third.sent[0]["d"]["seq"] == 4
        missed = show.write("four")
        third.say({"op": 9, "d": False})
        show_fifth = show.gateway.socket(3)
        await wait_for(lambda: third.closed is not None)
        await _pass(show, 6)
        fourth = await show_fifth
        assert fourth.ops()[0] == 2
        fourth.say(ready(1, "s2"))
        await show.tells("one", "two", "three", "four")

        # It comes by the gateway as well: told once.
        show.seq = 1
        fourth.say({**missed, "s": 2}, {**show.write("five"), "s": 3})
        await show.tells("one", "two", "three", "four", "five")

        # A heartbeat is not acknowledged: the connection is dead though the socket is open.
        await wait_for(lambda: 1 in fourth.ops())
        await show.move(20)
        fifth = await show.gateway.socket(4)
        assert fourth.closed == 4000
        assert fifth.sent[0]["d"] == {"token": SECRET, "session_id": "s2", "seq": 3}
        fifth.say({**show.write("six"), "s": 4}, event("RESUMED", 5))
        await show.tells("one", "two", "three", "four", "five", "six")


async def _pass(show: Show, seconds: float) -> None:
    """Let time go by once somebody waits for it."""
    await wait_for(lambda: show.clock.sleepers)
    show.clock.move(seconds)


async def test_an_invalid_session_that_can_go_on_is_resumed_after_a_wait() -> None:
    async with Show() as show:
        socket = await show.live()
        socket.say({"op": 9, "d": True})
        await wait_for(lambda: socket.closed)
        assert len(show.gateway.sockets) == 1
        await _pass(show, 6)
        again = await show.gateway.socket(1)
        assert again.sent[0]["op"] == 6


async def test_a_heartbeat_is_sent_when_due_or_asked_for_and_its_answer_keeps_the_line() -> None:
    async with Show() as show:
        socket = await show.live()
        for beats in (1, 2, 3):
            await wait_for(lambda n=beats: socket.ops().count(1) == n)
            await show.move(40, socket)
        socket.say({"op": 1, "d": None})
        await wait_for(lambda: socket.ops().count(1) == 5)
        assert socket.sent[-1]["d"] == 1
        assert socket.closed is None


async def test_a_line_on_which_nothing_is_said_is_asked_early_and_dead_ten_seconds_later() -> None:
    async with Show() as show:
        socket = await show.live()
        lost: list[str] = []
        await show.move(5, socket)
        show.watch.silent = lost.append
        beats = socket.ops().count(1)
        await show.move(15)
        await wait_for(lambda: socket.ops().count(1) == beats + 1)
        assert (socket.closed, lost) == (None, [])
        await show.move(10)
        again = await show.gateway.socket(1)
        assert again.sent[0]["op"] == 6
        assert lost == ["Discord did not answer the heartbeat: the line is dead"]
        batches = len(show.batches)
        again.say(event("RESUMED", 2))
        await wait_for(lambda: len(show.batches) > batches)
        assert show.batches[-1].caught_up


async def test_a_heartbeat_may_be_answered_late_where_other_things_come() -> None:
    async with Show() as show:
        socket = await show.live()
        await show.move(15, socket)
        await show.move(20)
        socket.say(show.write("one"))
        await show.move(9)
        assert socket.closed is None


async def test_a_gateway_that_breaks_is_stood_in_for_at_once() -> None:
    async with Show() as show:
        socket = await show.live()
        await wait_for(lambda: show.batches and show.batches[-1].caught_up)
        reads = show.reads()
        show.fake.override["GET .*/gateway/bot$"] = lambda request: httpx.Response(500)
        socket.break_off(4009)
        await wait_for(lambda: show.reads() > reads)


async def test_a_quiet_hour_asks_nothing_while_the_gateway_is_up() -> None:
    async with Show() as show:
        socket = await show.live()
        await wait_for(lambda: any(batch.caught_up for batch in show.batches))
        show.fake.calls.clear()
        told = len(show.batches)
        await show.move(3600, socket)
        words = show.batches[told:]
        assert len(words) in (59, 60)
        assert all(batch.caught_up and not batch.threads for batch in words)
        assert socket.closed is None
        assert [(call.method, call.path) for call in show.fake.calls] == []


@pytest.mark.parametrize("code", [1000, 1001, 1006, 4000, 4001, 4002, 4005, 4008])
async def test_a_close_that_may_be_resumed_is(code: int) -> None:
    async with Show() as show:
        socket = await show.live()
        socket.break_off(code)
        assert (await show.gateway.socket(1)).ops()[0] == 6


@pytest.mark.parametrize("code", [4003, 4007, 4009])
async def test_a_close_that_ends_the_session_begins_a_new_one(code: int) -> None:
    async with Show() as show:
        socket = await show.live()
        socket.break_off(code)
        assert (await show.gateway.socket(1)).ops()[0] == 2


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (4004, Unauthorized, "does not accept the token"),
        (4010, Rejected, "shard"),
        (4011, Rejected, "too many servers"),
        (4012, Rejected, "version 10"),
        (4013, Rejected, "an intent"),
        (4014, Rejected, "Message Content Intent"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_a_close_for_good_is_said_in_words(
    code: int, kind: type[ConnectorError], words: str, late: bool
) -> None:
    async with Show() as show:
        socket = await (show.live() if late else show.gateway.socket(0))
        socket.break_off(code)
        error = await show.ended()
        assert isinstance(error, kind)
        assert words in str(error)


async def test_a_restart_goes_on_where_the_last_batch_stood() -> None:
    show = Show()
    show.start()
    socket = await show.live()
    socket.say(show.write("one"))
    await show.tells("one")
    await show.stop()
    assert socket.closed == 4000
    missed = show.write("two")
    show.start()
    again = await show.gateway.socket(1)
    assert again.sent[0]["d"] == {"token": SECRET, "session_id": "s1", "seq": 2}
    await show.tells("one", "two")
    again.say(missed, event("RESUMED", 3), show.write("three"))
    await show.tells("one", "two", "three")
    await show.stop()


@pytest.mark.parametrize(
    "url",
    ["wss://evil.test", "ws://gateway.discord.gg", "wss://discord.gg.evil.test",
     "wss://user@gateway.discord.gg", "wss://evildiscord.gg", 7, None],
)  # fmt: skip
async def test_the_token_goes_to_no_other_gateway(url: Any) -> None:
    show = Show()
    show.fake.override["GET .*/gateway/bot"] = lambda request: {"url": url}
    async with show:
        error = await show.ended()
    assert isinstance(error, Rejected)
    assert "refused to send the token" in str(error)
    assert show.gateway.sockets == []


async def test_the_token_is_not_resumed_elsewhere() -> None:
    async with Show() as show:
        socket = await show.gateway.socket(0)
        socket.say(ready(url="wss://evil.test"))
        assert isinstance(await show.ended(), Rejected)
        assert len(show.gateway.sockets) == 1


async def test_while_the_gateway_is_down_the_channels_are_read() -> None:
    show = Show()
    show.fake.override["GET .*/gateway/bot"] = lambda request: httpx.Response(502)
    async with show:
        show.write("one")
        await _pass(show, 60)
        await show.tells("one")
        show.write("two")
        await _pass(show, 60)
        await show.tells("one", "two")
        show.fake.override.clear()
        await _pass(show, 600)
        socket = await show.gateway.socket(0)
        socket.say(ready(), show.write("three"))
        await show.tells("one", "two", "three")


async def test_each_failure_in_a_row_waits_longer_up_to_five_minutes() -> None:
    show = Show()
    down = "GET .*/gateway/bot"
    show.fake.override[down] = lambda request: httpx.Response(502)
    asked = []
    async with show:
        for _ in range(60):
            await show.move(60)
            asked.append(show.fake.asked(down))
    assert 3 <= asked[5] <= 6, asked
    assert asked[59] - asked[29] <= 7


async def test_a_bot_without_connections_left_today_waits() -> None:
    show = Show()
    limit = {"total": 1000, "remaining": 0, "reset_after": 1_800_000}
    show.fake.override["GET .*/gateway/bot"] = lambda request: {
        "url": "wss://gateway.discord.gg", "session_start_limit": limit,
    }  # fmt: skip
    async with show:
        for _ in range(5):
            reads = show.reads()
            await _pass(show, 60)
            await wait_for(lambda n=reads: show.reads() > n)
        assert show.fake.asked("GET .*/gateway/bot") == 1
        assert show.gateway.sockets == []


async def test_a_gateway_that_says_nonsense_is_tried_again() -> None:
    async with Show() as show:
        socket = await show.live()
        socket.say(*({"op": "x"},))
        assert isinstance(await show.ended(), Retryable)


# what the gateway alone tells
def automod(seq: int, **more: Any) -> dict[str, Any]:
    data = {
        "guild_id": GUILD, "rule_id": "55", "user_id": "31", "channel_id": TALK,
        "content": "free spins", "matched_keyword": "spins", "action": {"type": 1}, **more,
    }  # fmt: skip
    return event("AUTO_MODERATION_ACTION_EXECUTION", seq, data)


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    async with Show(report_reaction="🚩") as show:
        show.fake.join(user("31", "spinner"))
        yield show


async def test_what_automod_blocked_is_told_once_whatever_it_did_besides(show: Show) -> None:
    socket = await show.live()
    assert socket.sent[0]["d"]["intents"] & REACTIONS
    alert = show.fake.alert("free spins")
    alert |= {"author": user("31", "spinner"), "timestamp": START.isoformat()}
    socket.say(
        automod(2),
        automod(3, action={"type": 3}),
        automod(4, action={"type": 2}, alert_system_message_id=alert["id"]),
        event("MESSAGE_CREATE", 5, alert),
        show.write("after"),
    )
    await show.tells("free spins", "after")
    flag = next(f for b in show.batches for f in b.flags)
    assert (flag.reason, flag.note, flag.rule) == ("Bad words", "spins", True)
    thread = next(t for b in show.batches for t in b.threads)
    assert (thread.author.name, thread.channel) == ("@spinner", TALK)


async def test_the_same_words_blocked_later_are_another_flag(show: Show) -> None:
    socket = await show.live()
    socket.say(automod(2))
    await show.tells("free spins")
    await _pass(show, 30)
    socket.say(automod(3))
    await show.tells("free spins", "free spins")


async def test_the_reaction_reports_and_no_other_does(show: Show) -> None:
    socket = await show.live()
    said = show.fake.write(TALK, user("10", "rude"), "you lot")
    told = {"guild_id": GUILD, "channel_id": TALK, "message_id": said["id"], "user_id": "31"}
    for seq, emoji in ((2, "👍"), (3, "🚩"), (4, "🚩")):
        socket.say(event("MESSAGE_REACTION_ADD", seq, {**told, "emoji": {"name": emoji}}))
    await show.tells("you lot")
    flag = next(f for b in show.batches for f in b.flags)
    assert (flag.by, flag.thread) == ("@spinner", said["id"])


async def test_a_deleted_report_and_a_deleted_message_close_their_flags(show: Show) -> None:
    socket = await show.live()
    said = show.fake.write(TALK, user("10"), "you lot")
    reports = [show.write(f"{n} {link(TALK, said['id'])}") for n in "ab"]
    socket.say(*reports)
    await wait_for(lambda: sum(len(b.flags) for b in show.batches) == 2)
    keys = [f"{REPORTS}/{r['d']['id']}" for r in reports]
    first = {"id": reports[0]["d"]["id"], "channel_id": REPORTS}
    socket.say(event("MESSAGE_DELETE", 10, first))
    closed: Callable[[], list[tuple[str, str]]]
    closed = lambda: [c for b in show.batches for c in b.closed]  # noqa: E731
    await wait_for(closed)
    assert closed() == [(said["id"], keys[0])]
    bulk = {"ids": [said["id"]], "channel_id": TALK}
    socket.say(event("MESSAGE_DELETE_BULK", 11, bulk))
    await wait_for(lambda: len(closed()) == 2)
    assert closed()[1] == (said["id"], keys[1])


async def test_an_edit_and_a_slow_mode_of_others_are_told(show: Show) -> None:
    socket = await show.live()
    said = show.fake.write(TALK, user("10"), "you lot")
    socket.say(show.write(link(TALK, said["id"])))
    await wait_for(show.told)
    edited = {**said, "content": "sorry", "edited_timestamp": said["timestamp"]}
    slowed = {**show.fake.channels[TALK], "rate_limit_per_user": 60}
    socket.say(event("MESSAGE_UPDATE", 20, edited), event("THREAD_UPDATE", 21, slowed))
    await wait_for(lambda: show.told() == ["you lot", "sorry"])
    places = [c for b in show.batches for c in b.channels]
    await wait_for(lambda: [c for b in show.batches for c in b.channels][-1].restriction)
    assert places[0].restriction is None
    post = [p for b in show.batches for p in b.posts][-1]
    assert (post.is_subject, post.role, post.edited_at is not None) == (True, Role.AUTHOR, True)
