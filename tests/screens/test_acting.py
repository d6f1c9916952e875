"""Keys act on the right post, once, and only when it can be seen; every no is said."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import TextArea

from modtui.domain.commands import Capability, Dismiss, Reply, Resolve
from modtui.domain.decide import Case, open_ends
from modtui.domain.model import Author, Flag, Role
from modtui.engine import Refused, Undone
from modtui.screens.dialogs.confirm import ConfirmDialog
from modtui.screens.dialogs.panel import Panel
from modtui.screens.dialogs.remove import RemoveDialog
from modtui.screens.thread import ThreadScreen
from modtui.widgets.thread_pane import ThreadPane
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.sketches import NOW, SKETCHES, canned_posts, made_post, words
from tests.screens.stage import staged


def pane(play: Play) -> ThreadPane:
    """The pane of the uppermost screen."""
    return play.room.query_one(ThreadPane)


async def test_keep_dismisses_the_flags_on_screen_and_counts_undo_from_the_paint() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("a")
        (command,) = engine.submitted
        assert isinstance(command, Dismiss)
        assert command.flags == tuple(f"f1-{i}" for i in range(4))
        assert (command.thread, command.revision, command.posts) == (1, 1, ("t1p1",))
        assert command.finishes
        assert not command.approve
        names = [name for name, _ in engine.log]
        assert names.index("submit") < names.index("painted")
        assert "~" in grid(play.app)[2][:2]


async def test_after_a_finishing_action_the_next_free_thread_comes_and_blind_keys_drop() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("a")
        assert play.queue.list.selected_id == 3  # 2 is held by mod-c
        await play.press("a", after=0.2)
        assert play.said == "1 key dropped: new thread"
        await play.press("x", after=0.1)
        assert play.said == "2 keys dropped: new thread"
        assert len(engine.submitted) == 1
        assert not isinstance(play.app.screen, RemoveDialog)
        await play.press("a", after=0.5)
        assert [c.thread for c in engine.submitted] == [1, 3]


async def test_a_key_that_is_dropped_where_no_other_thread_came_is_told_why() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("x", after=0.5)
        assert isinstance(play.app.screen, RemoveDialog)
        await play.press("escape", after=0.5)
        await play.press("a", after=0.1)
        assert play.said == "1 key dropped: the box just closed"
        await play.press("enter", after=0.5)
        await play.press("a", after=0.1)
        assert play.said == "1 key dropped: just opened"
        assert engine.submitted == []


async def test_of_the_last_thread_that_was_done_nothing_new_is_said() -> None:
    engine = staged(SKETCHES[:1])
    async with playing(engine) as play:
        await play.press("a", after=0.5)
        assert play.queue.list.selected_id == 1
        await play.press("x", after=0.1)
        assert play.said == "1 key dropped: just done"
        assert len(engine.submitted) == 1


async def test_moving_on_before_the_paint_is_never_dropped() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("a")
        await play.press("j", "j", after=0.01)
        assert play.queue.list.selected_id == 5


async def test_a_key_before_the_thread_is_on_screen_is_refused_with_the_reason() -> None:
    engine = staged()
    gate = asyncio.Event()
    async with playing(engine) as play:
        engine.slow_detail = gate.wait
        play.wrist.seconds += 1
        await play.pilot.press("j", "a")
        assert play.queue.list.selected_id == 2
        assert play.said == "the thread is not on the screen yet"
        assert engine.submitted == []
        gate.set()
        await play.settle()
        await play.press("a")
        assert [c.thread for c in engine.submitted] == [2]


async def test_no_acting_key_works_while_its_post_is_off_the_screen() -> None:
    engine = staged()
    anna = Author("u2", words("anna_k"))
    more = tuple(made_post(1, n, anna, f"post {n}\n" * 3, NOW) for n in range(4, 40))
    engine.posts[1] = (*canned_posts(1), *more)
    async with playing(engine) as play:
        await play.press("l", "ctrl+d", "ctrl+d")
        assert not pane(play).posts.on_screen
        await play.press("a")
        assert play.said == "the post it acts on is off the screen: move to it first"
        assert engine.submitted == []
        await play.press("j", "k", "a")
        assert len(engine.submitted) == 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_posts_that_come_before_do_not_push_the_post_off_the_screen(
    size: tuple[int, int],
) -> None:
    engine = staged()
    anna = Author("u2", words("anna_k"))
    async with playing(engine, size) as play:
        await play.press("enter")
        before = tuple(made_post(1, n, anna, f"post {n}\n" * 3, NOW) for n in range(4, 40))
        engine.posts[1] = (*before, *canned_posts(1))
        engine.tell(1)
        await play.settle()
        posts = pane(play).posts
        assert posts.cursor == "t1p1"
        assert posts.on_screen
        seen = posts.scroll_offset.y
        assert seen > 0
        engine.posts[1] = (*engine.posts[1], made_post(1, 50, anna, "and on", NOW))
        engine.tell(1)
        await play.settle()
        assert posts.scroll_offset.y == seen
        await play.press("a")
        assert len(engine.submitted) == 1


@pytest.mark.parametrize("keys", [("y",), ("y", "y", "enter", "y")])
async def test_a_stray_y_does_nothing(keys: tuple[str, ...]) -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press(*keys)
        assert engine.submitted == []


async def test_at_the_end_of_the_view_it_stays_and_says_so() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("G", "k", "k", "k", "k")
        assert play.queue.list.selected_id == 21
        await play.press("a")
        assert play.queue.list.selected_id == 21
        assert play.said == "25 → 25 in this view · nothing free below"


async def test_in_the_thread_screen_the_next_thread_follows_too() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("enter", "a")
        assert isinstance(play.app.screen, ThreadScreen)
        assert play.app.screen.current() == 3
        assert any("FREE SPINS" in line for line in grid(play.app))
        await play.press("q")
        assert play.app.screen is play.queue


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ((Role.AUTHOR, Role.AUTHOR), "vasya_77 has not been answered"),
        ((Role.STAFF, Role.AUTHOR), "anna_k has not been answered"),
        ((Role.AUTHOR, Role.BOT), "vasya_77 has not been answered"),
        ((Role.AUTHOR, Role.STAFF), ""),
    ],
)
async def test_who_has_waited_longest_is_named_and_not_who_chimed_in(
    roles: tuple[Role, Role], says: str
) -> None:
    engine = staged()
    detail = await engine.thread(1)
    assert detail is not None
    posts = tuple(replace(post, role=role) for post, role in zip(detail.posts, roles, strict=False))
    case = Case(replace(detail, posts=posts, flags=()), None, engine.desk, NOW)
    assert open_ends(case) == says


async def test_done_asks_what_is_open_and_resolves_on_enter() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("d")
        dialog = play.app.screen
        assert isinstance(dialog, ConfirmDialog)
        assert dialog.question == (
            "vasya_77 has not been answered and 4 flags are open. Done all the same?"
        )
        await play.press("escape")
        assert engine.submitted == []
        await play.press("d", "enter")
        assert [type(c) for c in engine.submitted] == [Resolve]
        assert play.queue.list.selected_id == 3


async def test_done_is_at_once_when_nothing_is_open() -> None:
    engine = staged()
    staff = replace(canned_posts(1)[1], role=type(canned_posts(1)[1].role).STAFF)
    engine.posts[1] = (canned_posts(1)[0], staff)
    engine.flags[1] = ()
    async with playing(engine) as play:
        await play.press("d")
        assert [type(c) for c in engine.submitted] == [Resolve]


async def test_a_quick_reply_is_sent_by_enter_and_its_slots_hold_still() -> None:
    engine = staged()
    async with playing(engine) as play:
        engine.tell(1)
        await play.settle()
        engine.tell(1)
        await play.settle()
        assert engine.log.count(("slots", 1)) == 1
        await play.press("1", "enter")
        (command,) = engine.submitted
        assert isinstance(command, Reply)
        assert command.text == "Text of Withdrawal times"
        assert play.queue.list.selected_id == 3


async def test_x_in_the_list_opens_a_thread_with_several_flagged_posts_first() -> None:
    engine = staged()
    second = Flag("s1", "spam", NOW, "f9", "t1p2", words("user9"))
    engine.flags[1] = (*(await engine.thread(1)).flags, second)  # type: ignore[union-attr]
    async with playing(engine) as play:
        await play.press("x")
        assert isinstance(play.app.screen, ThreadScreen)
        await play.press("J", "x")
        dialog = play.app.screen
        assert isinstance(dialog, RemoveDialog)
        assert dialog.post.remote_id == "t1p2"


async def test_keeping_one_of_two_flagged_posts_does_not_finish_the_thread() -> None:
    engine = staged()
    second = Flag("s1", "spam", NOW, "f9", "t1p2", words("user9"))
    engine.flags[1] = (*(await engine.thread(1)).flags, second)  # type: ignore[union-attr]
    async with playing(engine) as play:
        await play.press("J", "a")
        (command,) = engine.submitted
        assert isinstance(command, Dismiss)
        assert (command.flags, command.posts, command.finishes) == (("f9",), ("t1p2",), False)
        assert play.queue.list.selected_id == 1


async def test_what_a_platform_cannot_do_is_dim_and_says_why() -> None:
    engine = staged()
    engine.unable = {Capability.HIDE: "Matrix keeps no hidden posts"}
    async with playing(engine) as play:
        await play.press("x")
        assert play.said == "Matrix keeps no hidden posts"
        assert play.app.screen is play.queue
        assert play.queue.check_action("remove", ()) is None
        assert play.queue.check_action("keep", ()) is True
        await play.press("question_mark")
        assert any("off: Matrix keeps no hidden posts" in line for line in grid(play.app))


async def test_a_thread_held_by_another_is_not_answered_but_taken_over() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("j", "r")
        assert play.said == "mod-c holds this thread: C takes it over"
        await play.press("C", "enter")
        assert ("take_over", 2) in engine.log


async def test_c_claims_and_releases() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("c")
        assert ("release", 1) in engine.log
        await play.press("c")
        assert ("claim", 1) in engine.log


async def test_my_claim_is_renewed_while_i_work_and_not_while_i_am_away() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("j", "k")
        play.queue.tick()
        await play.settle()
        assert engine.log.count(("claim", 1)) == 1
        engine.clock += timedelta(minutes=11)
        held = engine.rows[1].claim
        assert held is not None
        engine.rows[1] = replace(
            engine.rows[1], claim=replace(held, until=engine.clock + timedelta(minutes=1))
        )
        engine.tell(1)
        await play.settle()
        play.queue.tick()
        await play.settle()
        assert engine.log.count(("claim", 1)) == 1


async def test_u_names_what_it_takes_back_right_after_the_cursor_moved_on() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("a")
        await play.press("u", after=0.01)
        assert play.said == "taken back: dismiss"
        assert ("undo", None) in engine.log


async def test_what_became_of_a_text_taken_back_is_said_on_a_narrow_line_too() -> None:
    engine = staged()
    said = f"taken back: reply → {'a long title ' * 6}"

    async def undo(thread: int | None = None, *, force: bool = False) -> Undone:
        return Undone(said, 1, draft=True)

    engine.undo = undo  # type: ignore[method-assign]
    async with playing(engine, (80, 24)) as play:
        await play.press("u")
        lines = [" ".join(line.split()) for line in grid(play.app)]
        (line,) = [each for each in lines if each.startswith("taken back: reply → a long title")]
        assert line.endswith("… · your text is a draft again")


async def test_what_may_be_anothers_by_now_is_taken_back_after_a_question_alone() -> None:
    engine = staged()
    engine.unsure = "block @x: GitHub does not tell who blocked somebody"
    async with playing(engine) as play:
        await play.press("a", "u")
        dialog = play.app.screen
        assert isinstance(dialog, ConfirmDialog)
        assert dialog.question == f"{engine.unsure}. Take it back all the same?"
        await play.press("n")
        assert play.said != "taken back: dismiss"
        await play.press("u", "enter")
        assert play.said == "taken back: dismiss"


async def test_a_refusal_is_said_and_one_that_can_be_forced_is_asked() -> None:
    engine = staged()
    engine.refuse = Refused("invalid", "this flag is closed already")
    async with playing(engine) as play:
        await play.press("a")
        assert play.said == "this flag is closed already"
        engine.refuse = Refused("stale", "mod-c replied 40 s ago", can_force=True)
        await play.press("a")
        dialog = play.app.screen
        assert isinstance(dialog, ConfirmDialog)
        assert dialog.question == "mod-c replied 40 s ago. Do it anyway?"
        await play.press("enter")
        assert [type(c) for c in engine.submitted] == [Dismiss]


@pytest.mark.parametrize(
    "key", ["r", "0", "1", "x", "s", "L", "e", "b", "z", "m", "w", "o", "question_mark", "slash"]
)
async def test_every_asking_key_opens_something_and_escape_closes_it(key: str) -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        first = grid(play.app)[0]
        await play.press(key)
        assert play.app.screen is not play.queue
        await play.until(lambda: grid(play.app)[0] == first)
        await play.press("escape")
        assert play.app.screen is play.queue
        assert engine.submitted == []


@pytest.mark.parametrize("size", [(80, 24), (100, 24), (120, 40)])
@pytest.mark.parametrize("where", ["queue", "thread"])
@pytest.mark.parametrize("key", ["r", "x", "e", "b", "s", "L", "z", "m", "1"])
async def test_no_dialog_hides_the_post_it_acts_on(
    size: tuple[int, int], where: str, key: str
) -> None:
    engine = staged()
    async with playing(engine, size) as play:
        await play.press("G", "k", "k", *(("enter", "G", "k") if where == "thread" else ()))
        post = play.room.pane.posts.post  # type: ignore[attr-defined]
        await play.press(key)
        assert isinstance(play.app.screen, Panel)
        panel = play.app.screen.query_one("#panel")

        def above() -> str:
            return "\n".join(grid(play.app)[: panel.region.y])

        await play.until(lambda: str(post.author.name) in above())
        await play.until(lambda: " ".join(post.text.split()[:2]) in above())
        await play.press("escape")
        assert any(line.startswith("▌") for line in grid(play.app))


async def test_a_draft_is_found_where_the_status_line_says() -> None:
    engine = staged()
    async with playing(engine, (80, 24)) as play:
        await play.press("j", "j", "r")
        await play.pilot.press(*"soon")
        await play.press("escape", "k", "g", "d")
        assert "soon" in "\n".join(grid(play.app))
        await play.press("enter")
        assert isinstance(play.app.screen, ThreadScreen)
        assert play.queue.current() == 3
        await play.press("r")
        assert play.app.screen.query_one(TextArea).text == "soon"


@pytest.mark.parametrize("where", ["queue", "thread"])
async def test_taking_back_goes_to_the_thread_it_names_and_drops_blind_keys(where: str) -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press(*(("enter",) if where == "thread" else ()), "a")
        assert play.queue.current() == 3
        await play.press("u")
        assert play.queue.current() == 1
        assert "taken back" in play.said
        await play.press("a", after=0.1)
        assert "new thread" in play.said
        assert len(engine.submitted) == 1
