"""What Twitch's events tell, played by a stand-in of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.connectors.fakegateway import until as wait_for
from tests.connectors.faketwitch import (
    BROADCASTER,
    SCOPES,
)
from tests.connectors.platform import Answer
from tests.connectors.twitch_show import (
    ANSWER,
    ASK,
    HOLD,
    SUSPECT,
    TREATED,
    UPDATE,
    Show,
)


async def test_a_held_message_says_why_and_what_it_became_closes_it() -> None:
    async with Show() as show:
        socket = await show.live()
        event = show.fake.hold("bad words here")
        socket.say(show.fake.told(HOLD, event))
        await show.tells("bad words here")
        batch = next(b for b in show.batches if b.flags)
        (flag,), (thread,), (post,) = batch.flags, batch.threads, batch.posts
        assert (flag.reason, flag.note, flag.rule) == ("swearing", "level 4: bad", True)
        assert (thread.severity, thread.held, post.held) == ("high", True, True)
        assert (thread.author.name, thread.channel) == ("User6001", BROADCASTER)
        assert thread.url == "https://www.twitch.tv/moderator/ourchannel"
        other = {**event, "moderator_user_id": "5", "moderator_user_login": "m"}
        for status in ("Denied", "approved", "Expired"):
            socket.say(show.fake.told(UPDATE, {**other, "status": status}))
        await wait_for(show.closed)
        socket.say(show.hold("next"))
        await show.tells("bad words here", "next")
        assert show.closed() == [f"automod/{event['message_id']}"]


async def test_a_blocked_term_is_named_by_what_it_found() -> None:
    async with Show() as show:
        socket = await show.live()
        terms = [{"term_id": "1", "boundary": {"start_pos": 4, "end_pos": 8}}]
        event = show.fake.hold("bad words", automod=None, reason="blocked_term",
                               blocked_term={"terms_found": terms})  # fmt: skip
        socket.say(show.fake.told(HOLD, event))
        await show.tells("bad words")
        flag = next(f for b in show.batches for f in b.flags)
        assert (flag.reason, flag.note) == ("blocked term", "words")


async def test_what_a_watched_user_writes_joins_their_thread_until_it_is_quiet() -> None:
    async with Show() as show:
        socket = await show.live()
        one, two, three = (show.fake.suspect(text) for text in ("one", "two", "three"))
        nobody = show.fake.suspect("fine", low_trust_status="none")
        socket.say(*(show.fake.told(SUSPECT, e) for e in (one, two, nobody)))
        await wait_for(lambda: len(show.told()) == 2)
        await show.move(660, socket)
        socket.say(show.fake.told(SUSPECT, three))
        await wait_for(lambda: len(show.told()) == 3)
        threads = [p.thread for b in show.batches for p in b.posts]
        first, second = one["message"]["message_id"], three["message"]["message_id"]
        assert threads == [first, first, second]
        flags = [(f.thread, f.reason, f.note) for b in show.batches for f in b.flags]
        assert flags == [(t, "ban evader", "likely ban evader") for t in (first, second)]
        told = next(b for b in show.batches if b.threads).threads[0]
        assert (told.tags, told.author.standing, told.held) == (("monitored",), "monitored", False)
        treated = {**three, "low_trust_status": "none"}
        socket.say(show.fake.told(TREATED, treated))
        await wait_for(lambda: len(show.closed()) == 2)
        assert set(show.closed()) == {f"suspicious/{first}", f"suspicious/{second}"}


async def test_a_deleted_message_is_marked_so_and_its_flag_closed() -> None:
    async with Show() as show:
        socket = await show.live()
        said = show.fake.suspect("one")
        gone = {"target_user_id": "7001", "message_id": said["message"]["message_id"]}
        socket.say(show.fake.told(SUSPECT, said),
                   show.fake.told("channel.chat.message_delete", gone))  # fmt: skip
        await wait_for(show.closed)
        assert [p for b in show.batches for p in b.posts][-1].deleted_at is not None


async def test_an_unban_request_that_is_answered_there_is_closed() -> None:
    async with Show() as show:
        socket = await show.live()
        request = show.fake.ask("please")
        socket.say(show.fake.told(ASK, request))
        await show.tells("please")
        flag = next(f for b in show.batches for f in b.flags)
        assert (flag.reason, flag.by) == ("unban request", "please1")
        socket.say(show.fake.told(ANSWER, {**request, "status": "denied"}))
        await wait_for(show.closed)


async def test_one_that_was_answered_in_a_gap_is_closed_when_two_lists_lack_it() -> None:
    show = Show()
    show.start()
    await show.live()
    request = show.fake.ask("please")
    await show.stop()
    show.start()
    await show.live(1)
    await show.tells("please")
    await show.stop()
    request["status"] = "canceled"
    show.start()
    await wait_for(show.closed)
    assert show.closed() == [f"unban/{request['id']}"]
    await show.stop()


async def test_one_that_a_single_list_lacks_is_not_closed() -> None:
    show = Show()
    show.fake.ask("please")
    show.start()
    await show.live()
    await show.stop()
    path, lists = "GET .*/moderation/unban_requests$", show.lists()

    def lacking(request: httpx.Request) -> Answer:
        if show.lists() > lists + 1:
            del show.fake.override[path]
            return show.fake.answer(request, "/moderation/unban_requests")
        return {"data": []}

    show.fake.override[path] = lacking
    show.start()
    await show.live(1)
    await show.stop()
    assert show.lists() >= lists + 2
    assert not show.closed()


async def test_a_request_that_cannot_be_read_is_not_closed_and_hides_no_other() -> None:
    show = Show()
    lost, over = show.fake.ask("pardon"), show.fake.ask("please")
    for gone in (None, over, over, over):
        if gone is not None:
            lost["created_at"], over["status"] = 7, "canceled"
        show.start()
        await show.live()
        await show.stop()
    assert show.closed() == [f"unban/{over['id']}"]


async def test_a_row_that_names_no_request_hides_no_other_that_its_author_has_not() -> None:
    show = Show()
    lost, over = show.fake.ask("pardon"), show.fake.ask("please")
    for gone in (None, over, over, over):
        if gone is not None:
            # It may be any of those that were told, but for whose it is.
            lost["id"], over["status"] = None, "canceled"
        show.start()
        await show.live()
        await show.stop()
    assert show.closed() == [f"unban/{over['id']}"]
    assert "it names no request: 1 that left the list may be it, and stay open" in show.aside()


async def test_slow_mode_and_shield_mode_of_others_are_shown() -> None:
    async with Show() as show:
        socket = await show.live()

        def stands() -> Any:
            return [c.restriction for b in show.batches for c in b.channels][-1]

        assert stands() is None
        settings = {"slow_mode": True, "slow_mode_wait_time_seconds": 30}
        socket.say(show.fake.told("channel.chat_settings.update", settings))
        await wait_for(lambda: stands() and stands().seconds == 30)
        socket.say(
            show.fake.told("channel.chat_settings.update", {"slow_mode": False}),
            show.fake.told("channel.shield_mode.begin", {"started_at": show.fake.at()}),
        )
        await wait_for(lambda: stands() and stands().kind == "shield mode")
        socket.say(show.fake.told("channel.shield_mode.end", {"ended_at": show.fake.at()}))
        await wait_for(lambda: stands() is None)


async def test_an_event_that_comes_twice_does_not_undo_what_came_between() -> None:
    async with Show() as show:
        socket = await show.live()
        slow = {"slow_mode": True, "slow_mode_wait_time_seconds": 30}
        on = show.fake.told("channel.chat_settings.update", slow)
        off = show.fake.told("channel.chat_settings.update", {"slow_mode": False})
        socket.say(on, off, on, show.hold("one"))
        await show.tells("one")
        assert [c.restriction for b in show.batches for c in b.channels][-1] is None


async def test_what_is_no_message_is_put_aside_and_the_line_goes_on() -> None:
    async with Show() as show:
        socket = await show.live()
        socket._heard.put_nowait("{ torn \x1b[2J")
        socket.say({"op": 1}, show.fake.told(HOLD, {"user_id": 7}), show.hold("after"))
        await show.tells("after")
        assert len(show.aside()) == 3
        assert all(why.isprintable() for why in show.aside())


def test_every_scope_that_a_subscription_needs_is_one_the_page_names() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text("utf-8")
    assert all(f"`{scope}`" in page for scope in SCOPES)
