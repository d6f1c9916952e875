"""Distressing posts are folded until a key, one by one; what was not seen is said with the act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.commands import Dismiss, Hide
from modtui.screens.sheets import Sheet
from tests.screens.grid import check, grid
from tests.screens.play import Play, playing
from tests.screens.sketches import NOW, canned_posts, words
from tests.screens.stage import FakeEngine, staged

TEXT = "Вывод висит"


def folded(reason: str = "self-harm") -> FakeEngine:
    """A queue whose first thread has its subject folded, and neutral words for a title."""
    engine = staged()
    title = words("[folded] self-harm, thread 1")
    engine.rows[1] = replace(engine.rows[1], title=title, why="self-harm")
    engine.care.rules = {"t1p1": reason}
    return engine


def shown(play: Play) -> str:
    return " ".join("\n".join(grid(play.app)).split())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_folded_thread_as_a_grid(size: tuple[int, int]) -> None:
    async with playing(folded(), size) as play:
        lines = check(play.app, f"folded-{size[0]}x{size[1]}")
        assert any("[folded: self-harm · Z shows it]" in line for line in lines)
        row = next(line for line in lines if line.startswith("▌"))
        assert "[folded] self-harm" in row
        assert TEXT not in shown(play)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_z_shows_the_post_counts_it_for_oneself_and_folds_it_again(
    size: tuple[int, int],
) -> None:
    engine = folded()
    async with playing(engine, size) as play:
        await play.press("Z")
        assert TEXT in shown(play)
        assert "[folded:" not in shown(play)
        assert play.said == "shown until Z folds it · 1 folded post read in 12 h"
        assert play.said in shown(play)
        assert engine.care.asked_since == NOW - timedelta(hours=12)
        await play.press("j", "k")
        assert TEXT in shown(play)
        await play.press("Z")
        assert TEXT not in shown(play)
        assert play.said == "folded again"
        assert engine.care.count == 1


async def test_the_opened_thread_is_folded_as_well_and_the_other_posts_are_not() -> None:
    engine = folded()
    async with playing(engine, (120, 40)) as play:
        await play.press("enter")
        assert "[folded: self-harm · Z shows it]" in shown(play)
        assert "через два дня пришло" in shown(play)
        await play.press("j", "Z")
        assert play.said == "nothing is folded here"
        await play.press("k", "Z")
        assert TEXT in shown(play)


async def test_an_unfolded_subject_tells_the_title_that_the_list_keeps_folded() -> None:
    engine = folded()
    async with playing(engine, (120, 40)) as play:
        detail = await engine.thread(1)
        assert detail is not None
        await play.press("Z")
        assert f"┃ {detail.record.thread.title}" in shown(play)
        assert "[folded] self-harm, thread 1" in shown(play)


async def test_keeping_what_was_not_seen_says_so_and_after_seeing_it_does_not() -> None:
    engine = folded()
    engine.posts[1] = (
        replace(canned_posts(1)[0], media=(words("image 1×1"),)),
        *canned_posts(1)[1:],
    )
    async with playing(engine) as play:
        await play.press("a")
        (command,) = engine.submitted
        assert isinstance(command, Dismiss)
        assert command.unseen == ("text not seen", "media not seen")
        await play.press("k", "k", "Z", "o")
        assert isinstance(play.app.screen, Sheet)
        assert "media image 1×1" in shown(play)
        await play.press("q", "a")
        last = engine.submitted[-1]
        assert isinstance(last, Dismiss)
        assert last.unseen == ("media address opened",)


async def test_a_post_that_is_not_folded_and_has_no_media_was_seen() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("a")
        (command,) = engine.submitted
        assert isinstance(command, Dismiss)
        assert command.unseen == ()


async def test_the_sheets_and_dialogs_of_a_folded_post_do_not_tell_what_it_says() -> None:
    engine = folded()
    async with playing(engine, (120, 40)) as play:
        for key in ("o", "w", "x", "b", "r", "e", "m", "z"):
            await play.press(key)
            assert play.app.screen.is_modal, key
            assert TEXT not in shown(play), key
            await play.press("escape", "escape")
        assert engine.care.addresses == set()


async def test_a_removal_of_an_unseen_post_says_so_in_the_dialog_and_in_the_command() -> None:
    engine = folded()
    async with playing(engine, (120, 40)) as play:
        await play.press("x")
        assert "You have not seen its text." in shown(play)
        await play.press("enter")
        (command,) = engine.submitted
        assert isinstance(command, Hide)
        assert command.unseen == ("text not seen",)


async def test_media_alone_are_named_after_unfolding_and_are_not_counted() -> None:
    engine = staged()
    engine.care.rules = {"t1p3": ""}
    async with playing(engine, (120, 40)) as play:
        await play.press("l", "G")
        assert "[folded: media · Z shows it]" in shown(play)
        assert "1280×720" not in shown(play)
        await play.press("o")
        assert "1280×720" not in shown(play)
        await play.press("q", "Z")
        assert "[image 1280×720, no text]" in shown(play)
        assert play.said == "shown until Z folds it"
        assert engine.care.count == 0


async def test_the_help_says_what_z_and_a_would_do_here() -> None:
    async with playing(folded(), (120, 40)) as play:
        await play.press("question_mark")
        assert "show vasya_77's post, folded: self-harm" in shown(play)
        assert "keep: dismiss 4 flags on vasya_77's post, text not seen" in shown(play)


async def test_a_blind_z_after_going_on_opens_nothing() -> None:
    engine = folded()
    engine.care.rules = {"t1p1": "self-harm", "t3p1": "self-harm"}
    async with playing(engine) as play:
        await play.press("a")
        assert play.queue.list.selected_id == 3
        await play.press("Z", after=0.1)
        assert play.said == "1 key dropped: new thread"
        assert engine.care.opened == set()
