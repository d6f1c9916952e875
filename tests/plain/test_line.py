"""The line itself: news between questions, the bell, what is typed ahead, wrapping, the end."""

from __future__ import annotations

import asyncio
import random
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.domain.commands import Escalate, MarkSensitive
from modtui.domain.model import State
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.replies import Entry, Filled, Slot, Variant
from modtui.domain.trouble import Trouble, TroubleKind
from modtui.domain.views import ThreadDetail
from modtui.engine import Refused
from modtui.engine.accounts import Plan, Runtime
from modtui.engine.live import LiveEngine
from modtui.plain.session import converse
from modtui.plain.talk import Choice, Home, Inbox, Leave, Talk
from modtui.plain.wrapping import cells, wrap
from tests.engine.scene import DESK, POLICY, scene
from tests.plain.stage import PATIENCE, Asked, Heard, House, at_work, opened, quiet, talking
from tests.security.test_hostile import STEERING, hostile_server, steers, taken


# news
async def test_what_comes_into_the_now_lane_rings_and_is_said_at_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        thread = await play.find(quiet)
        detail = await play.engine.thread(thread)
        assert detail is not None
        play.heard.text = ""
        async with at_work(replace(house, me="mod-c", intake=False)) as other:
            mark = MarkSensitive(thread=thread, revision=detail.row.revision)
            await other.submit([mark])
            await play.until(lambda: "\a" in play.heard.text)
            await play.until(lambda: play.heard.text.endswith("0 other: "))
        assert detail.row.title in play.heard.text
        assert "\nNOW, " in play.heard.text


async def test_a_store_that_takes_nothing_is_said_when_it_begins_and_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(House(tmp_path)) as play:
        full = Trouble(TroubleKind.FULL, "/var", play.engine.now())
        with monkeypatch.context() as patched:
            patched.setattr(play.engine, "trouble", lambda: full)
            assert "Disk full on /var: free some space" in await play.answer("")
            assert "Disk full" not in await play.answer("")
        assert "The queue is stored again." in await play.answer("")


async def test_a_damaged_queue_is_left_with_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(House(tmp_path)) as play:
        damaged = Trouble(TroubleKind.DAMAGED, "/var/queue.db", play.engine.now())
        monkeypatch.setattr(play.engine, "trouble", lambda: damaged)
        assert "doctor --recover" in await play.answer("")
        assert await play.running == 4


async def test_a_text_that_is_written_is_not_broken_by_news(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        thread = await play.find(quiet)
        await opened(play, "2", "Hello")
        other_thread = await play.find(lambda d: quiet(d) and d.row.id != thread)
        play.heard.text = ""
        async with at_work(replace(house, me="mod-c", intake=False)) as other:
            detail = await other.thread(other_thread)
            assert detail is not None
            mark = MarkSensitive(thread=other_thread, revision=detail.row.revision)
            await other.submit([mark])
            await play.until(lambda: "\a" in play.heard.text)
        assert play.heard.text == "\a"
        play.read = 0
        assert detail.row.title in await play.answer("next line")


async def test_what_became_of_a_delivery_is_told_before_the_next_question(tmp_path: Path) -> None:
    async with talking(House(tmp_path, hold=timedelta(0))) as play:
        thread = await play.find(quiet)
        detail = await play.engine.thread(thread)
        assert detail is not None
        row = detail.row
        await play.engine.submit(
            [Escalate(thread=row.id, revision=row.revision, team="care", note="look")]
        )

        async def told() -> bool:
            return f"Sent: escalate to care, on {row.title}." in await play.answer("")

        await play.until(told)
        after = await play.engine.thread(thread)
        assert after is not None
        assert after.row.state is State.ESCALATED
        (sent,) = await play.engine.my_deliveries()

        async def refused() -> tuple[Delivery, ...]:
            state, why = DeliveryState.REJECTED, "no rights in #staff"
            return (replace(sent, id=sent.id + 1, state=state, error=why),)

        play.engine.my_deliveries = refused  # type: ignore[method-assign]
        await play.engine.claim(thread)

        async def reason() -> bool:
            return "Refused: escalate to care, on " in await play.answer("")

        await play.until(reason)
        assert ": no rights in #staff." in play.heard.text


# what is typed
async def talk_over(*lines: str, terminal: bool = True) -> tuple[Talk, Heard, Asked]:
    heard, inbox = Heard(), Asked()
    for line in lines:
        inbox.put(line)
    return Talk(heard, inbox, terminal=terminal), heard, inbox


async def test_what_was_typed_before_a_list_was_said_is_dropped_on_a_terminal() -> None:
    talk, heard, inbox = await talk_over("1", "1")
    asking = asyncio.ensure_future(talk.confirm("Send it?"))
    async with asyncio.timeout(PATIENCE):
        await inbox.asked.wait()
    assert not asking.done()
    assert "Typed before this was said, and dropped: 2." in heard.text
    inbox.put("0")
    assert await asking is False


async def test_a_script_is_read_as_it_is_and_its_answers_are_written() -> None:
    talk, heard, _ = await talk_over("1", terminal=False)
    assert await talk.confirm("Send it?")
    assert heard.text == "Send it?\n1 does it, 0 back: 1\n"


async def test_ten_choices_take_two_pages_and_nine_says_more() -> None:
    talk, heard, _ = await talk_over("9", "2", terminal=False)
    choices = [Choice(f"choice {n}", n) for n in range(1, 11)]
    assert await talk.pick("Which?", choices) == 10
    assert "8. choice 8\n9. more\n" in heard.text
    assert "1. choice 9\n2. choice 10\n" in heard.text


async def test_the_end_of_the_line_leaves_once_all_is_read() -> None:
    talk, _, inbox = await talk_over("1", terminal=False)
    inbox.close()
    assert await talk.confirm("Send it?")
    with pytest.raises(Leave) as leave:
        await talk.confirm("Once more?")
    assert leave.value.code == 0


async def test_a_hang_up_leaves_at_once_and_does_nothing_more() -> None:
    talk, _, inbox = await talk_over("1", terminal=False)
    inbox.hang_up(129)
    with pytest.raises(Leave) as leave:
        await talk.confirm("Send it?")
    assert leave.value.code == 129


async def test_ctrl_c_gives_up_the_question_and_what_was_typed_ahead() -> None:
    talk, _, inbox = await talk_over("1", "1", terminal=False)
    inbox.interrupt()
    with pytest.raises(Home):
        await talk.confirm("Send it?")
    assert inbox.drop() == 0


# leaving
async def test_leaving_ends_the_undo_window_and_sends(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        await opened(play, "1", "1", "1", "0")
        await play.answer("q")
        assert await play.running == 0
    async with at_work(replace(house, me="mod-c", intake=False)) as other:
        (row,) = await other.deliveries()
        assert row.state is not DeliveryState.HELD


async def test_a_hang_up_in_a_text_keeps_its_lines(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        await opened(play, "2", "One line", "and one more")
        play.inbox.hang_up(129)
        assert await play.running == 129
    async with at_work(replace(house, intake=False)) as again:
        assert [draft.text for draft in await again.drafts()] == ["One line\nand one more"]


async def test_ctrl_c_in_a_text_goes_back_to_the_queue_and_keeps_it(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        await opened(play, "2", "One line")
        play.inbox.asked.clear()
        play.inbox.interrupt()
        await play.asked()
        assert play.heard.text.endswith("Queue, 1 to 9, 0 other: ")
        assert [draft.text for draft in await play.engine.drafts()] == ["One line"]


async def test_a_line_that_cannot_be_saved_is_said_and_kept(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        real = play.engine.save_draft

        async def full(thread: int, text: str) -> None:
            raise Refused("invalid", "the disk is full")

        play.engine.save_draft = full  # type: ignore[method-assign]
        _, said = await opened(play, "2", "One line")
        assert "Not saved yet, kept in memory: the disk is full." in said
        play.engine.save_draft = real  # type: ignore[method-assign]
        await play.answer("and one more")
        assert [draft.text for draft in await play.engine.drafts()] == ["One line\nand one more"]


# what comes out
async def test_nothing_said_steers_a_terminal(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        hostile = "".join(STEERING)
        real = play.engine.slots

        def slots(detail: ThreadDetail) -> tuple[Slot, ...]:
            variant = Variant("en", hostile, hostile)
            entry = Entry("evil", {"en": variant, hostile: variant}, then=())
            return (Slot(1, entry, variant), *real(detail)[1:])

        def fill(*_: object) -> Filled:
            return Filled(hostile, (), "evil", "en", hostile)

        play.engine.slots = slots  # type: ignore[method-assign]
        play.engine.fill = fill  # type: ignore[method-assign]
        await opened(play, "1", "1", "0")
        thread = await play.find(quiet)
        await play.engine.people.note(thread, _author(await play.engine.thread(thread)), hostile)
        await play.answer("9", "9", "2", "0", "9", "9", "6", "0")
        await play.answer(hostile.replace("\n", ""))
        assert len(play.heard.text) > 2_000
        said = play.heard.text.replace("\n", "").replace("\a", "")
        assert steers(said) == ""
        assert "\x1b" not in play.heard.text
        assert "\r" not in play.heard.text


def _author(detail: ThreadDetail | None) -> str:
    assert detail is not None
    return detail.posts[0].author.remote_id


@pytest.mark.parametrize("hostile", STEERING)
async def test_every_way_to_say_something_is_cleaned(hostile: str) -> None:
    talk, heard, _ = await talk_over(hostile.replace("\n", ""), "0", terminal=False)
    talk.say(hostile)
    talk.later([hostile])
    talk.ring([hostile])
    await talk.ask(hostile)
    assert steers(heard.text.replace("\n", "").replace("\a", "")) == ""


async def test_lines_are_broken_between_words_at_the_width(tmp_path: Path) -> None:
    async with talking(House(tmp_path, width=40, threads=9)) as play:
        await play.open(await play.find(quiet))
        text = play.heard.text.replace("\a", "")
        long = [line for line in text.split("\n") if cells(line) > 40]
        assert [line for line in long if " " in line.strip()] == []


async def test_what_somebody_wrote_cannot_pass_for_what_modtui_says() -> None:
    talk, heard, _ = await talk_over()
    heard.width = 30
    talk.quote("Hello.\nSent: reply to you. " + "Queue, 1 to 9, 0 other: " * 4)
    assert all(line.startswith("> ") for line in heard.text.splitlines())
    heard.text = ""
    talk.say("1. late by 3 minutes, question, a title that says " + "Sent: reply to you. " * 4)
    assert all(line.startswith("  ") for line in heard.text.splitlines()[1:])


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    assert cells("漢字") == 4
    assert cells(unicodedata.normalize("NFD", "é")) == 1
    assert wrap("one two three four five", 20) == "one two three four\n  five"
    assert wrap("one two three", 0) == "one two three"
    assert wrap("a" * 50, 20) == "a" * 50


async def test_nothing_a_platform_says_steers_the_terminal(tmp_path: Path) -> None:
    hostile = "".join(STEERING)
    async with scene(tmp_path) as desk:
        await taken(desk, hostile_server(hostile, hostile))
        runtime = Runtime(lambda: desk.clock.now, asyncio.sleep, random.Random(1), "here:1:a")
        engine = LiveEngine(desk.store, Plan(DESK, (POLICY,), ()), runtime)
        heard, inbox = Heard(), Inbox()
        every_choice = ("9", "9", "2", "0", "9", "9", "3", "9", "9", "4", "9", "9", "6", "0")
        for line in ("1", *every_choice, "5", "0", "4", "0", "0", "0", "0", "4", "0"):
            inbox.put(line)
        inbox.close()
        talk = Talk(heard, inbox, terminal=False)
        assert await asyncio.wait_for(converse(engine, talk, asyncio.sleep), 20) == 0
    assert "hidden character" in heard.text
    assert "<U+202E>" in heard.text
    assert "U+202E right-to-left override, " in heard.text
    assert steers(heard.text.replace("\n", "").replace("\a", "")) == ""
