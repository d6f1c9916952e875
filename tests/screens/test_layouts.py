"""Keys whatever keyboard layout is on: in the queue, in chords, in dialogs, and never in a text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input, TextArea

from modtui.domain.commands import Dismiss, Hide
from modtui.engine.batches import Found
from modtui.keymap import Keymap
from modtui.screens.deliveries import DeliveriesScreen
from modtui.screens.dialogs.quick import QuickReplyDialog
from modtui.screens.dialogs.remove import RemoveDialog
from modtui.screens.dialogs.reply import ReplyDialog
from modtui.screens.search import SearchBox
from modtui.screens.sheets import Sheet
from modtui.screens.thread import ThreadScreen
from tests.screens.play import Play, playing
from tests.screens.stage import FakeEngine, staged

ALL = ("ru", "kz", "ge")


def desk(*layouts: str) -> FakeEngine:
    """The staged community, moderated on keyboards of `layouts`."""
    engine = staged()
    moderator = replace(engine.desk.moderator, keyboards=layouts)
    engine.desk = replace(engine.desk, moderator=moderator)
    return engine


@asynccontextmanager
async def typing(*layouts: str) -> AsyncIterator[Play]:
    async with playing(desk(*(layouts or ALL)), (120, 40)) as play:
        yield play


async def send(play: Play, key: str, character: str | None = None) -> None:
    """Press a key as a terminal reports it, one second after the last."""
    play.wrist.seconds += 1
    play.app.post_message(events.Key(key, character))
    await play.settle()


@pytest.mark.parametrize(
    ("letters", "screen"),
    [
        ("к", ReplyDialog), ("რ", ReplyDialog), ("ч", RemoveDialog), ("ხ", RemoveDialog),
        ("пв", DeliveriesScreen), ("გდ", DeliveriesScreen), ("ә", QuickReplyDialog),
    ],
)  # fmt: skip
async def test_the_same_key_does_the_same(letters: str, screen: type[object]) -> None:
    async with typing() as play:
        for letter in letters:
            await send(play, letter)
        assert isinstance(play.app.screen, screen)


async def test_moving_opening_and_capitals() -> None:
    async with typing() as play:
        first = play.queue.list.selected_id
        await send(play, "о")
        second = play.queue.list.selected_id
        assert second != first
        await send(play, "ლ")
        assert play.queue.focused is play.queue.pane.posts  # type: ignore[union-attr]
        await send(play, "р")
        await send(play, "П")
        assert play.queue.list.selected_id not in (first, second)
        await send(play, "п")
        await send(play, "გ")
        assert play.queue.list.selected_id == first


async def test_a_finishing_key_and_what_is_dropped() -> None:
    async with typing() as play:
        play.wrist.seconds += 1
        for _ in range(2):
            play.app.post_message(events.Key("ф", "ф"))
        await play.settle()
        assert [type(c) for c in play.engine.submitted] == [Dismiss]
        assert "1 key dropped" in play.said


async def test_a_paste_of_foreign_letters_does_nothing() -> None:
    async with typing() as play:
        for letter in "фвчуырабоф" * 4:
            play.app.post_message(events.Key(letter, letter))
        await play.settle()
        assert play.engine.submitted == []
        assert play.app.screen is play.queue
        assert "dropped: a paste" in play.said


async def test_a_chord_takes_foreign_letters_and_its_second_key_never_acts() -> None:
    async with typing() as play:
        await send(play, "п")
        assert play.said.startswith("g: q queue")
        await send(play, "в")
        assert isinstance(play.app.screen, DeliveriesScreen)
        await send(play, "პ")
        assert play.engine.submitted == []


async def test_ctrl_and_alt_are_never_text() -> None:
    async with typing() as play:
        await send(play, "ctrl+а")
        assert isinstance(play.app.screen, SearchBox)
        await send(play, "а", "а")
        await send(play, "alt+к", "к")
        assert play.app.screen.query_one(Input).value == "а"
        await send(play, "escape")
        await send(play, "r", "r")
        text = play.app.screen.query_one(TextArea)
        await send(play, "ы", "ы")
        await send(play, "ctrl+ы")
        assert text.text == "ы"
        assert play.app.focused is not text


async def test_a_text_box_keeps_its_letters() -> None:
    async with typing() as play:
        await send(play, "к", "к")
        text = play.app.screen.query_one(TextArea)
        start = text.text
        for letter in "кыӘრღәіңғқ№":
            await send(play, letter, letter)
        assert text.text == start + "кыӘრღәіңғқ№"
        assert play.engine.submitted == []
    async with typing() as play:
        await send(play, "қ", "қ")
        field = play.app.screen.query_one(Input)
        for letter in "воНә":
            await send(play, letter, letter)
        assert field.value == "воНә"


async def test_digits_y_and_enter_in_dialogs() -> None:
    async with typing() as play:
        await send(play, "ч")
        dialog = play.app.screen
        assert isinstance(dialog, RemoveDialog)
        await send(play, "қ")
        assert dialog.chosen == 0
        await send(play, "н" if dialog.offer.for_good else "enter")
        assert [type(c) for c in play.engine.submitted][:1] == [Hide]


async def test_help_moves_and_closes_with_foreign_letters() -> None:
    async with typing() as play:
        await send(play, "question_mark", "?")
        assert isinstance(play.app.screen, Sheet)
        await send(play, "о")
        await send(play, "й")
        assert play.app.screen is play.queue


async def test_what_several_layouts_type_is_said_and_does_nothing() -> None:
    async with typing("kz", "ru") as play:
        await send(play, "full_stop", ".")
        assert play.said == ". may be 7 on kz, / on ru: 0 finds a reply, Ctrl+F searches"
        assert play.app.screen is play.queue


async def test_without_a_table_letters_are_letters() -> None:
    async with typing("pl") as play:
        for letter in "кჭśłә":
            await send(play, letter, letter)
        assert play.app.screen is play.queue
        assert play.engine.submitted == []


async def test_a_letter_that_is_bound_itself_is_not_translated() -> None:
    async with typing() as play:
        play.app.use_keys(Keymap({"queue.link": "к"}))
        await send(play, "к", "к")
        assert isinstance(play.app.screen, Sheet)
        await send(play, "escape")
        await send(play, "r")
        assert isinstance(play.app.screen, ReplyDialog)


async def test_the_open_thread_too() -> None:
    async with typing() as play:
        await send(play, "enter")
        assert isinstance(play.app.screen, ThreadScreen)
        await send(play, "й")
        assert play.app.screen is play.queue


@pytest.mark.parametrize(("alike", "text"), [("м", "е"), ("ვ", "ტ")])
async def test_marking_alike_is_the_same_two_keys(alike: str, text: str) -> None:
    async with typing() as play:
        play.engine.batches.found = Found((1, 3))
        await send(play, alike)
        await send(play, text)
        assert play.queue.list.marked == (1, 3)
