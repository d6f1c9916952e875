"""The checks before the undo window: a warning takes a second Enter, a block says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.domain.commands import Hide, Reply
from modtui.domain.replies import Filled
from modtui.domain.wording import CheckBook, Level
from modtui.screens.dialogs.remove import RemoveDialog
from modtui.screens.dialogs.reply import ReplyDialog
from tests.screens.play import playing, shown, type_in
from tests.screens.stage import FakeEngine, staged


def strict(levels: dict[str, Level]) -> FakeEngine:
    engine = staged()
    engine.desk = replace(engine.desk, check_book=CheckBook(levels))
    return engine


def words(text: str) -> str:
    return " ".join(text.split())


async def test_a_warning_names_the_words_and_a_second_enter_sends() -> None:
    engine = strict({"shouting": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("r")
        await type_in(play, "WHY DID YOU do that?")
        await play.press("ctrl+s")
        said = words(shown(play))
        assert "! “WHY DID YOU”: is shouting: write it in ordinary letters" in said
        assert "Enter twice sends" in said
        await play.press("enter")
        assert engine.submitted == []
        assert "Once more sends it all the same." in words(shown(play))
        await play.press("enter")
        (reply,) = engine.submitted
        assert isinstance(reply, Reply)


async def test_words_that_were_changed_are_checked_anew() -> None:
    engine = strict({"shouting": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("r")
        await type_in(play, "WHY DID YOU do that?")
        await play.press("ctrl+s", "enter", "escape")
        await type_in(play, "!!!")
        await play.press("ctrl+s", "enter")
        assert engine.submitted == []
        await play.press("enter")
        assert len(engine.submitted) == 1


async def test_what_blocks_is_told_from_what_only_warns() -> None:
    engine = strict({"email": Level.BLOCK, "shouting": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("r")
        await type_in(play, "Write to nina@mail.example!!!")
        await play.press("ctrl+s")
        said = words(shown(play))
        assert "cannot be sent: “nina@mail.example”: is an e-mail address" in said
        assert "personal data out · ! “!!!”: is shouting: one mark is enough" in said


async def test_what_was_refused_is_not_said_of_other_words() -> None:
    engine = strict({"email": Level.BLOCK})
    async with playing(engine, (120, 40)) as play:
        await play.press("r")
        await type_in(play, "Write to nina@mail.example")
        await play.press("ctrl+s", "enter")
        assert "Not sent: “nina@mail.example”" in shown(play)
        await play.press("escape")
        await type_in(play, ".com")
        assert "Not sent" not in shown(play)


async def test_what_a_check_blocks_is_not_sent_and_says_why() -> None:
    engine = strict({"email": Level.BLOCK})
    async with playing(engine, (120, 40)) as play:
        await play.press("r")
        await type_in(play, "Write to nina@mail.example")
        await play.press("ctrl+s")
        said = words(shown(play))
        assert "cannot be sent: “nina@mail.example”: is an e-mail address" in said
        assert "Enter does not send" in said
        await play.press("enter", "enter", "enter")
        assert engine.submitted == []
        assert isinstance(play.app.screen, ReplyDialog)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_long_quick_reply_keeps_its_check_and_effects_in_view(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    engine = strict({"shouting": Level.WARN})
    long = "\n".join(["WHY DID YOU do that?", *("line",) * 30])
    monkeypatch.setattr(engine, "fill", lambda *_: Filled(long, (), "a", "ru", ""))
    async with playing(engine, size) as play:
        await play.press("1")
        said = words(shown(play))
        assert "! “WHY DID YOU”: is shouting" in said
        assert "then: wait for the author" in said
        assert "Enter twice sends" in said
        assert "space more" in said
        await play.press("enter")
        assert engine.submitted == []
        assert "Once more sends it all the same." in words(shown(play))
        await play.press("enter")
        assert len(engine.submitted) == 1


async def test_a_quick_reply_is_checked_in_its_preview() -> None:
    engine = strict({"next_step": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("1")
        assert "! no next step: say what happens now, or what to do" in words(shown(play))
        await play.press("enter")
        assert engine.submitted == []
        await play.press("enter")
        assert len(engine.submitted) == 1


async def test_a_removal_without_a_rule_takes_a_second_enter_or_is_refused() -> None:
    engine = strict({"reason": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("x", "0", "enter")
        assert engine.submitted == []
        assert "a removal without a reason: name a rule" in words(shown(play))
        await play.press("enter")
        (hide,) = engine.submitted
        assert isinstance(hide, Hide)
    engine = strict({"reason": Level.BLOCK})
    async with playing(engine, (120, 40)) as play:
        await play.press("x", "0", "enter", "enter")
        assert engine.submitted == []
        assert isinstance(play.app.screen, RemoveDialog)
        await play.press("1", "enter")
        assert len(engine.submitted) == 1


async def test_what_was_warned_of_is_not_said_of_another_choice_and_is_warned_of_anew() -> None:
    engine = strict({"reason": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("x", "0", "enter", "1")
        assert "a removal without a reason" not in words(shown(play))
        await play.press("0", "enter")
        assert engine.submitted == []
        assert "a removal without a reason" in words(shown(play))
        await play.press("enter")
        assert len(engine.submitted) == 1


async def test_in_a_batch_a_warning_goes_with_the_line_it_was_of() -> None:
    engine = strict({"next_step": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "1", "enter")
        assert "A check warns of " in words(shown(play))
        await play.press("space")
        assert "A check warns of " not in words(shown(play))


async def test_at_80_columns_the_words_are_seen_too() -> None:
    engine = strict({"email": Level.BLOCK})
    async with playing(engine, (80, 24)) as play:
        await play.press("r")
        await type_in(play, "Write to nina@mail.example")
        await play.press("ctrl+s")
        assert "cannot be sent: “nina@mail.example”" in words(shown(play))


async def test_in_a_batch_a_block_leaves_the_line_out_and_a_warning_asks_once_more() -> None:
    engine = strict({"next_step": Level.WARN})
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "1")
        said = words(shown(play))
        assert "! no next step" in said
        await play.press("enter")
        said = words(shown(play))
        assert "A check warns of " in said
        assert "once more does it all the same." in said
        assert not [what for name, what in engine.log if name == "submit"]
    engine = strict({"next_step": Level.BLOCK})
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "1")
        assert "cannot: no next step" in words(shown(play))
        assert "cannot be done and " in words(shown(play))
