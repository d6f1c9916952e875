"""Welcome back: it opens by itself, drafts first, and nothing old goes out unasked."""

from __future__ import annotations

import pytest

from modtui.domain.shift import Item, Part
from modtui.screens.dialogs.confirm import ConfirmDialog
from modtui.screens.dialogs.reply import ReplyDialog
from modtui.screens.thread import ThreadScreen
from modtui.screens.welcome import WelcomeScreen
from tests.screens.grid import check, grid
from tests.screens.play import playing
from tests.screens.shift_stage import NIGHT, left
from tests.screens.stage import FakeEngine, staged

DRAFT = NIGHT[2]
ASKS = left(
    Part.DELIVERY, 3, "reply → FREE SPINS t.me/…", "waits for your word", delivery=7, asks=True
)
SENT = left(Part.DELIVERY, 6, "keep, flags dismissed → FREE SPINS", "sent 03:12", delivery=8)
HELD = left(Part.CLAIM, 1, "Withdrawal stuck for 3 days", "mod-c holds it now")


def returning(*items: Item) -> FakeEngine:
    """An engine whose last sitting left these."""
    engine = staged()
    engine.shift.begins, engine.shift.returns = True, items
    return engine


async def test_it_opens_by_itself_with_the_drafts_first() -> None:
    async with playing(returning(DRAFT, ASKS, SENT, HELD)) as play:
        assert isinstance(play.room, WelcomeScreen)
        check(play.app, "welcome-80x24")


async def test_what_asks_is_known_before_anything_can_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = returning(DRAFT)
    begun: list[bool] = []

    async def start() -> None:
        begun.append(("begin", None) in engine.shift.log)

    monkeypatch.setattr(engine, "start", start)
    async with playing(engine):
        assert begun == [True]


async def test_without_anything_left_the_queue_opens() -> None:
    async with playing(staged()) as play:
        assert play.room is play.queue


async def test_who_was_never_here_is_told_of_no_session() -> None:
    engine = staged()
    engine.shift.before = False
    async with playing(engine) as play:
        await play.press("g", "w")
        assert "no earlier session of yours is known here" in grid(play.app)[1]
        assert "ended" not in grid(play.app)[1]


async def test_enter_goes_on_writing_on_the_right_thread() -> None:
    engine = returning(DRAFT, HELD)
    await engine.save_draft(5, DRAFT.text)
    async with playing(engine) as play:
        await play.press("enter")
        dialog = play.app.screen
        assert isinstance(dialog, ReplyDialog)
        assert (dialog.thread, dialog.text) == (5, DRAFT.text)
        assert isinstance(play.room, ThreadScreen)
        assert "Лимитті қалай қоямын?" in grid(play.app)[1]


async def test_what_asks_is_sent_after_a_question_only() -> None:
    engine = returning(ASKS)
    async with playing(engine) as play:
        await play.press("enter")
        assert isinstance(play.app.screen, ConfirmDialog)
        assert ("send", 7) not in engine.shift.log
        await play.press("escape", "enter", "enter")
        assert ("send", 7) in engine.shift.log
        assert "Nothing was left" in "\n".join(grid(play.app))


async def test_what_asks_can_be_dropped() -> None:
    engine = returning(ASKS, SENT)
    async with playing(engine) as play:
        await play.press("x", "enter")
        assert ("cancel", 7) in engine.log
        await play.press("j", "x")
        assert play.said == "only what waits for your word can be dropped here"


async def test_enter_on_the_rest_opens_its_thread_and_esc_goes_to_the_queue() -> None:
    async with playing(returning(SENT, HELD)) as play:
        await play.press("j", "enter")
        assert isinstance(play.room, ThreadScreen)
        assert play.queue.current() == 1
        await play.press("g", "w")
        assert isinstance(play.room, WelcomeScreen)
        await play.press("escape")
        assert isinstance(play.room, ThreadScreen)


async def test_one_who_has_begun_is_told_and_not_torn_away() -> None:
    engine = returning(DRAFT)
    async with playing(staged()) as play:
        play.app.engine = engine
        await play.press("j")
        await play.app._run_engine()
        await play.settle()
        assert play.room is play.queue
        assert play.said == "your last session left something: g w"
