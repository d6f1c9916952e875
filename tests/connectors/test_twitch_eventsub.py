"""A session on Twitch's EventSub, played by a stand-in of ours: no event lost, none doubled."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection

from modtui.connectors import ConnectorError, Rejected, Retryable, Unauthorized
from modtui.connectors.twitch.connector import create
from modtui.connectors.twitch.eventsub import CLOSED
from tests.connectors.fakegateway import Clock
from tests.connectors.fakegateway import until as wait_for
from tests.connectors.faketwitch import (
    BROADCASTER,
    EVENTSUB,
    ME,
    FakeTwitch,
    frame,
    keepalive,
    refused,
    welcome,
)
from tests.connectors.listening import settle
from tests.connectors.platform import SECRET
from tests.connectors.test_socket import serving
from tests.connectors.twitch_show import (
    ANSWER,
    ASK,
    HOLD,
    MOVE,
    SUSPECT,
    TREATED,
    TYPES,
    UPDATE,
    Show,
)


def reconnect(url: Any = MOVE) -> dict[str, Any]:
    session = {"id": "s1", "status": "reconnecting", "keepalive_timeout_seconds": None,
               "reconnect_url": url, "connected_at": "2026-11-21T03:00:00Z"}  # fmt: skip
    return frame("session_reconnect", {"session": session})


def revocation(status: str) -> dict[str, Any]:
    gone = {"id": "x", "status": status, "type": HOLD, "version": "2"}
    return frame("revocation", {"subscription": gone})


async def test_all_is_subscribed_on_our_session_and_nothing_is_sent_there() -> None:
    async with Show() as show:
        socket = await show.live()
        assert socket.url == f"{EVENTSUB}?keepalive_timeout_seconds=15"
        assert socket.sent == []
        first, last = show.fake.subscribed[0], show.fake.subscribed[-1]
        assert first == {
            "type": HOLD, "version": "2",
            "condition": {"broadcaster_user_id": BROADCASTER, "moderator_user_id": ME},
            "transport": {"method": "websocket", "session_id": "s1"},
        }  # fmt: skip
        assert last["condition"] == {"broadcaster_user_id": BROADCASTER, "user_id": ME}
        assert {HOLD, UPDATE, SUSPECT, TREATED, ASK, ANSWER} <= set(show.on("s1"))
        assert SECRET not in socket.url
        socket.say(show.hold("one"))
        await show.tells("one")


async def test_a_message_that_holds_the_token_is_masked() -> None:
    async with Show() as show:
        socket = await show.live()
        socket.say(show.hold(f"is {SECRET} yours?"))
        await show.tells("is **** yours?")
        assert SECRET not in repr(show.batches)


async def test_a_whole_night_loses_and_doubles_nothing() -> None:
    async with Show() as show:
        first = await show.live()
        one = show.hold("one")
        # At least once is what Twitch promises.
        first.say(one, one)
        await show.tells("one")

        # Twitch asks us to move. The old line is read until the new one says welcome.
        show.hub.mute = True
        lists = show.lists()
        first.say(reconnect())
        second = await show.hub.socket(1)
        assert second.url == MOVE
        assert first.closed is None
        two, three = show.hold("two"), show.hold("three")
        first.say(two)
        await show.tells("one", "two")
        second.say(welcome("s1"), two, three)
        first.say(three)
        await show.tells("one", "two", "three")
        await show.move(5)
        await wait_for(lambda: first.closed is not None)
        assert len(show.fake.subscribed) == TYPES, "the subscriptions move along"
        assert show.lists() == lists
        show.hub.mute = False

        # The line breaks: a new session, all subscribed anew, the gap listed and told.
        await show.move(120, second)
        missed = show.fake.ask("four")
        second.break_off(1006)
        third = await show.live(2)
        assert third.url == f"{EVENTSUB}?keepalive_timeout_seconds=15"
        await show.tells("one", "two", "three", "four")
        third.say(show.fake.told(ASK, missed), show.hold("five"))
        await show.tells("one", "two", "three", "four", "five")

        # Nothing comes any more: the line is dead though the socket is open.
        await show.move(120, third)
        show.fake.ask("six")
        await show.move(40)
        fourth = await show.live(3)
        assert third.closed is not None
        await show.tells("one", "two", "three", "four", "five", "six")
        assert any("Twitch cannot list what AutoMod held" in why for why in show.aside())

        # It is asked to move to where nobody is: the old one goes on until it is closed.
        await show.move(120, fourth)
        show.hub.mute = True
        fourth.say(reconnect())
        nowhere = await show.hub.socket(4)
        nowhere.break_off(4007)
        fourth.say(show.hold("seven"))
        await show.tells("one", "two", "three", "four", "five", "six", "seven")
        show.hub.mute = False
        fourth.break_off(4004)
        sixth = await show.live(5)
        sixth.say(show.hold("eight"))
        await show.tells("one", "two", "three", "four", "five", "six", "seven", "eight")


@pytest.mark.parametrize("code", [1000, 1001, 1006, *CLOSED])
async def test_a_line_that_lived_is_replaced_at_once_whatever_it_closed_with(code: int) -> None:
    async with Show() as show:
        socket = await show.live()
        await show.move(100, socket)
        socket.break_off(code)
        again = await show.live(1)
        again.say(show.hold("after"))
        await show.tells("after")


@pytest.mark.parametrize("code", CLOSED)
async def test_a_line_that_is_closed_at_once_is_said_in_words_and_left_alone(code: int) -> None:
    async with Show() as show:
        socket = await show.live()
        socket.break_off(code)
        error = await show.ended()
    assert isinstance(error, Retryable)
    assert f"{CLOSED[code]} ({code})" in str(error)
    assert "what AutoMod holds meanwhile is not seen" in str(error)
    assert error.retry_after == timedelta(seconds=5)


async def test_one_that_is_closed_before_it_was_subscribed_is_too() -> None:
    show = Show()
    show.hub.mute = True
    async with show:
        (await show.hub.socket(0)).break_off(4003)
        error = await show.ended()
    assert isinstance(error, Retryable)
    assert "no subscription was made in time" in str(error)


async def test_each_failure_in_a_row_waits_longer_up_to_five_minutes() -> None:
    fake, clock = FakeTwitch(), Clock()
    env = replace(fake.environment(), now=lambda: clock.now, sleep=clock.sleep)
    connector, waits, seen = create(env), [], []

    async def run() -> None:
        async for batch in connector.updates(None):
            seen.append(batch.caught_up)

    for _ in range(9):
        with pytest.raises(Retryable, match="is not seen") as told:
            await run()
        waits.append(told.value.retry_after)
    assert seen == [True] + [False] * 8
    await connector.aclose()
    assert [w.total_seconds() for w in waits if w] == [5, 10, 20, 40, 80, 160, 300, 300, 300]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("authorization_revoked", Unauthorized, "took the rights back"),
        ("user_removed", Rejected, "is gone"),
        ("moderator_removed", Rejected, "no moderator there any more"),
        ("version_removed", Rejected, "update modtui"),
        ("something_new\x1b", Rejected, "something_new"),
    ],
)
async def test_a_revocation_is_said_in_words(
    status: str, kind: type[ConnectorError], words: str
) -> None:
    async with Show() as show:
        socket = await show.live()
        socket.say(revocation(status))
        error = await show.ended()
    assert isinstance(error, kind)
    assert words in str(error)
    assert HOLD in str(error)
    assert str(error).isprintable()


async def test_what_the_old_line_still_tells_after_a_move_is_told() -> None:
    async with Show() as show:
        first = await show.live()
        first.say(reconnect())
        second = await show.hub.socket(1)
        await settle()
        late = show.hold("late")
        first.say(late)
        await show.tells("late")
        second.say(late)
        await show.move(5, second)
        await wait_for(lambda: first.closed is not None)
        await show.tells("late")


async def test_a_welcome_that_does_not_come_and_one_that_is_none_are_not_waited_for() -> None:
    show = Show()
    show.hub.mute = True
    async with show:
        socket = await show.hub.socket(0)
        await show.move(10)
        error = await show.ended()
        assert "did not say welcome" in str(error)
        assert socket.closed is not None
    show = Show()
    show.hub.mute = True
    async with show:
        (await show.hub.socket(0)).say(keepalive())
        assert "did not say welcome" in str(await show.ended())


async def test_subscriptions_that_take_longer_than_ten_seconds_are_given_up() -> None:
    show = Show()
    asked = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    handle = show.fake._handle

    async def either(request: httpx.Request) -> httpx.Response:
        return await slow(request) if "subscriptions" in request.url.path else handle(request)

    clock = show.clock
    env = replace(show.fake.environment(), transport=httpx.MockTransport(either),
                  dial=show.hub.dial, now=lambda: clock.now, sleep=clock.sleep)  # fmt: skip
    connector = create(env)

    async def run() -> None:
        async for _ in connector.updates(None):
            pass

    task = asyncio.create_task(run())
    await wait_for(asked.is_set)
    await show.move(10)
    await wait_for(task.done)
    assert "longer than ten seconds" in str(task.exception())
    await connector.aclose()


async def test_a_restart_repeats_nothing_and_says_what_it_cannot_have_seen() -> None:
    show = Show()
    show.start()
    socket = await show.live()
    event = show.hold("one")
    socket.say(event)
    await show.tells("one")
    await show.stop()
    assert socket.closed is not None
    assert show.aside() == []
    await show.move(3600)
    show.fake.ask("asked meanwhile")
    show.start()
    again = await show.live(1)
    again.say(event)
    await show.tells("one", "asked meanwhile")
    await wait_for(lambda: len(show.aside()) == 2)
    assert "no events came from 21 Nov 03:00:00 to 21 Nov 04:00:00 UTC" in show.aside()[0]
    # What came before the restart is an hour old by now.
    assert "60 minutes old" in show.aside()[1]
    await show.stop()


async def test_a_notification_older_than_ten_minutes_is_refused_and_put_aside() -> None:
    async with Show() as show:
        socket = await show.live()
        old = show.fake.told(HOLD, show.fake.hold("old"), message_timestamp="2026-11-21T02:49:00Z")
        late = show.fake.told(HOLD, show.fake.hold("l"), message_timestamp="2026-11-21T02:51:00Z")
        socket.say(old, late)
        await show.tells("l")
        assert show.aside() == ["it is 11 minutes old by this machine's clock: refused as a repeat"]


async def test_a_quiet_hour_costs_one_request_and_a_line_that_stands_is_said_each_minute() -> None:
    async with Show() as show:
        socket = await show.live()
        before, told = len(show.fake.calls), len(show.batches)
        await show.move(3600, socket)
        await wait_for(lambda: len(show.fake.calls) > before)
        assert [call.path for call in show.fake.calls[before:]] == ["/oauth2/validate"]
        assert socket.sent == []
        assert 55 <= len(show.batches) - told <= 61
        assert all(batch.caught_up for batch in show.batches[told:])


async def test_the_cost_of_a_start_is_what_the_page_says() -> None:
    async with Show() as show:
        await show.live()
        assert len(show.fake.calls) <= 20


async def test_a_token_that_is_revoked_is_found_within_the_hour() -> None:
    async with Show() as show:
        socket = await show.live()
        show.fake.override["GET .*/validate"] = lambda request: refused(401, "invalid access token")
        await show.move(3660, socket)
        error = await show.ended()
    assert isinstance(error, Unauthorized)
    assert "invalid access token" in str(error)


async def test_an_authorisation_server_that_is_away_costs_no_events() -> None:
    async with Show() as show:
        socket = await show.live()
        show.fake.override["GET .*/validate"] = lambda request: httpx.Response(503)
        await show.move(3660, socket)
        socket.say(show.hold("one"))
        await show.tells("one")


@pytest.mark.parametrize(
    "url",
    ["wss://evil.test/ws", "ws://eventsub.wss.twitch.tv/ws", "wss://twitch.tv.evil.test/ws",
     "wss://user@eventsub.wss.twitch.tv/ws", "wss://eviltwitch.tv/ws", "wss://[", 7, None],
)  # fmt: skip
async def test_nobody_moves_to_another_place(url: Any) -> None:
    async with Show() as show:
        socket = await show.live()
        socket.say(reconnect(url), show.hold("after"))
        await show.tells("after")
        assert len(show.hub.sockets) == 1
        assert show.aside() == ["not a message of EventSub"]


@pytest.mark.parametrize("url", ["ws://eventsub.test/ws", "https://x.test", "wss://", "x", "ws:/["])
def test_an_eventsub_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Rejected, match="eventsub_url"):
        FakeTwitch().connector(eventsub_url=url)


async def test_who_is_told_nothing_is_told_so() -> None:
    show = Show()
    show.fake.override["POST .*/subscriptions"] = lambda request: refused(403, "not a moderator")
    async with show:
        error = await show.ended()
    assert isinstance(error, Rejected)
    assert "of no held message, suspect or unban: not a moderator" in str(error)


async def test_what_the_token_may_not_be_told_is_not_asked_for() -> None:
    show = Show(fake=FakeTwitch(scopes=("moderator:manage:automod",)))
    async with show:
        socket = await show.hub.socket(0)
        await wait_for(lambda: len(show.on("s1")) == 2)
        socket.say(show.hold("one"))
        await show.tells("one")
        assert show.lists() == 0
    show = Show(fake=FakeTwitch(scopes=("user:write:chat",)))
    async with show:
        error = await show.ended()
    assert isinstance(error, Rejected)
    assert "moderator:manage:automod" in str(error)


async def test_a_refused_type_does_not_cost_the_others_and_one_made_twice_is_fine() -> None:
    show = Show()
    answers = iter([refused(409, "already exists"), refused(400, "no such version")])
    show.fake.override["POST .*/subscriptions"] = lambda request: next(
        answers, httpx.Response(202, json={"data": []})
    )
    async with show:
        socket = await show.hub.socket(0)
        await wait_for(lambda: show.fake.asked("POST .*/subscriptions") == TYPES)
        socket.say(show.hold("one"))
        await show.tells("one")


async def test_a_real_socket_on_loopback_is_listened_to_and_moved() -> None:
    fake = FakeTwitch()
    paths: list[str] = []

    async def talk(connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        assert "Authorization" not in request.headers
        paths.append(request.path)
        await connection.send(json.dumps(welcome("s1")))
        if len(paths) == 1:
            await wait_for(lambda: len(fake.subscribed) == TYPES)
            await connection.send(json.dumps(fake.told(HOLD, fake.hold("one"))))
            await connection.send(json.dumps(reconnect(f"{url}?moved=1")))
        else:
            await connection.send(json.dumps(fake.told(HOLD, fake.hold("two"))))
        await connection.wait_closed()

    async with serving(talk) as url:
        settings = {"eventsub_url": url}
        env = replace(fake.environment(settings), dial=None, sleep=asyncio.sleep)
        connector, told = create(env), []
        steps = connector.updates(None)
        async with asyncio.timeout(10):
            while len(told) < 2:
                told += [post.text for post in (await anext(steps)).posts]
        await steps.aclose()  # type: ignore[attr-defined]
        await connector.aclose()
    assert told == ["one", "two"]
    assert paths == ["/gateway?keepalive_timeout_seconds=15", "/gateway?moved=1"]
