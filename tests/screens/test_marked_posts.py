"""Marks on posts, pile-ons, and what is offered after a mistake."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.commands import (
    Dismiss,
    Hide,
)
from modtui.domain.model import Flag, State
from modtui.screens.dialogs.keep import KeepDialog
from modtui.screens.dialogs.quick import QuickReplyDialog
from modtui.screens.thread import ThreadScreen
from modtui.widgets.posts import Posts
from tests.screens.batching import batch_of, texts
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.sketches import NOW, canned_posts, made_post, words
from tests.screens.stage import FakeEngine, staged


def crowd(engine: FakeEngine, flagged: int = 6) -> None:
    """Thread 1 gets a long line of posts, of which `flagged` say the same and are flagged."""
    author = canned_posts(1)[1].author
    posts = [
        made_post(1, n, author, "BUY 10 at once" if n % 2 else f"word {'x' * n}", NOW)
        for n in range(4, 4 + 2 * flagged)
    ]
    engine.posts[1] = (
        *canned_posts(1),
        *(replace(p, created_at=NOW - timedelta(hours=1)) for p in posts),
    )
    engine.flags[1] = tuple(
        Flag("s1", "spam", NOW, f"f{p.remote_id}", p.remote_id, words("u"))
        for p in posts
        if p.text.startswith("BUY")
    )


async def test_posts_are_marked_alike_and_removed_one_line_each() -> None:
    engine = staged()
    crowd(engine)
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "v", "t")
        assert play.said == "6 marked by text"
        posts = play.room.query_one(Posts)
        assert len(posts.marked) == 6
        assert "6 marked" in grid(play.app)[1]
        assert any(line.startswith("▌* anna_k") for line in grid(play.app))
        await play.press("x")
        assert all("“BUY 10 at once" in row for row in texts(play))
        await play.press("enter")
        made = batch_of(engine)
        assert [c.posts for c in made if isinstance(c, Hide)] == [
            (f"t1p{n}",) for n in range(5, 16, 2)
        ]
        assert all(c.finishes for c in made if isinstance(c, Hide))
        await play.press("escape")
        assert play.queue.list.selected_id == 3, "all flagged posts are dealt with: the next thread"


async def test_some_of_the_flagged_posts_leave_the_cursor_in_the_thread() -> None:
    engine = staged()
    crowd(engine)
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "space", "a", "enter", "escape")
        assert isinstance(play.app.screen, ThreadScreen)
        assert play.queue.list.selected_id == 1


async def test_flagged_only_hides_the_rest_until_it_is_pressed_again() -> None:
    engine = staged()
    crowd(engine)
    async with playing(engine, (120, 40)) as play:
        await play.press("enter")
        assert "f flagged only (off) · 15 posts, 6 flagged" in grid(play.app)[1]
        await play.press("f")
        assert "f flagged only (on)" in grid(play.app)[1]
        posts = play.room.query_one(Posts)
        assert len(posts.shown) == 6
        await play.press("G")
        assert posts.cursor == "t1p15"
        await play.press("f", "home")
        assert posts.cursor == "t1p1"


async def test_escape_in_the_thread_takes_the_marks_off_before_it_leaves() -> None:
    async with playing(staged()) as play:
        await play.press("enter", "space", "escape")
        assert play.said == "1 mark taken off"
        assert isinstance(play.app.screen, ThreadScreen)
        await play.press("escape")
        assert not isinstance(play.app.screen, ThreadScreen)


async def test_what_is_written_while_a_thread_is_open_comes_after_a_line() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("enter")
        posts = play.room.query_one(Posts)
        cursor = posts.cursor
        author = canned_posts(1)[1].author
        late = [made_post(1, n, author, "more", NOW + timedelta(seconds=n)) for n in (10, 11)]
        engine.posts[1] = (*canned_posts(1), *late)
        engine.clock += timedelta(seconds=20)
        engine.tell(1)
        await play.settle()
        shown = "\n".join(grid(play.app))
        assert "── 2 new posts since you opened it · G to the end ──" in shown
        assert posts.cursor == cursor
        await play.press("escape", "enter")
        assert "new posts since" not in "\n".join(grid(play.app))


async def test_keeping_what_five_people_flagged_asks_about_further_flags() -> None:
    engine = staged()
    engine.flags[1] = tuple(
        Flag("s1", "spam", NOW, f"f{n}", "t1p1", words(f"u{n}")) for n in range(5)
    )
    async with playing(engine, (120, 40)) as play:
        await play.press("a")
        assert isinstance(play.app.screen, KeepDialog)
        assert "Also further flags, until it is edited?" in "\n".join(grid(play.app))
        await play.press("y")
        (command,) = engine.submitted
        assert isinstance(command, Dismiss)
        assert command.further
        await play.press("j", "k")


@pytest.mark.parametrize("key", ["enter", "n"])
async def test_just_these_flags_is_the_plain_answer(key: str) -> None:
    engine = staged()
    engine.flags[1] = tuple(
        Flag("s1", "spam", NOW, f"f{n}", "t1p1", words(f"u{n}")) for n in range(5)
    )
    async with playing(engine) as play:
        await play.press("a", key)
        assert [c.further for c in engine.submitted if isinstance(c, Dismiss)] == [False]


async def test_a_removal_that_was_seen_offers_our_mistake_after_the_undo() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("x", "enter")
        engine.seen = 1
        await play.press("u")
        assert "“Наша ошибка”" in "\n".join(grid(play.app))
        await play.press("enter")
        assert isinstance(play.app.screen, QuickReplyDialog)
        assert "Мы ошиблись." in "\n".join(grid(play.app))


async def test_nothing_is_offered_while_nobody_can_have_seen_it() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("x", "enter", "u")
        assert play.said == "taken back: hide"


async def test_the_reply_does_not_say_that_a_post_is_back_before_it_is() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("x", "enter")
        engine.seen = 1
        engine.rows[1] = replace(engine.rows[1], state=State.RESOLVED)
        await play.press("u", "enter")
        assert play.said == "the post is not back there yet: 0 finds the reply when it is"


async def test_a_folded_text_is_not_shown_and_said_to_be_unseen() -> None:
    engine = staged()
    engine.care.rules = {"t1p1": "self-harm"}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "x")
        assert "“[folded: self-harm]”" in texts(play)[0]
        assert "text not seen" in texts(play)[0]
        await play.press("enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Hide)
        assert command.unseen == ("text not seen",)


async def test_folded_posts_are_not_alike_because_they_are_folded() -> None:
    engine = staged()
    engine.care.rules = {"t1p1": "self-harm", "t1p2": "self-harm"}
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "v", "t")
        assert play.said == "nothing else here has the same text"


async def test_the_help_says_that_a_key_is_for_all_that_is_marked() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "question_mark")
        assert "over all 2 marked: each in a line first" in "\n".join(grid(play.app))
