"""Marks are by id; one key over all of them shows each line first, and how each went after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.domain.alike import Alike
from modtui.domain.commands import (
    Capability,
    Command,
    Dismiss,
    Escalate,
    Hide,
    Reply,
    Resolve,
    Sanction,
    Snooze,
)
from modtui.domain.model import Flag, State
from modtui.domain.outbox import DeliveryState
from modtui.engine.batches import Found
from modtui.screens.dialogs.alike import AlikeDialog
from modtui.screens.dialogs.batch import BatchDialog
from modtui.screens.dialogs.keep import KeepDialog
from modtui.screens.dialogs.quick import QuickReplyDialog
from modtui.screens.thread import ThreadScreen
from modtui.widgets.id_list import IdList
from modtui.widgets.thread_pane import Posts
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.stage import NOW, FakeEngine, canned_posts, made_post, staged, words


def batch_of(engine: FakeEngine) -> list[Command]:
    """Every command of the one batch that was submitted."""
    (lines,) = [lines for name, lines in engine.log if name == "batch"]
    return [command for line in lines for command in line]  # type: ignore[attr-defined]


def dialog(play: Play) -> BatchDialog:
    assert isinstance(play.app.screen, BatchDialog)
    return play.app.screen


def texts(play: Play) -> list[str]:
    return [line.text for line in dialog(play).query_one(IdList).lines]


async def test_space_marks_and_goes_down_and_marks_stay_with_their_threads() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "j", "space")
        assert play.queue.list.marked == (1, 3)
        assert play.queue.list.selected_id == 4
        lines = grid(play.app)
        assert [line[1] for line in lines[2:6]] == ["*", " ", "*", " "]
        assert lines[13].startswith("── row 4 of 25 · 2 marked ──")
        engine.order.insert(0, engine.order.pop(2))
        engine.tell(wide=True)
        await play.settle()
        assert [line[1] for line in grid(play.app)[2:6]] == ["*", "*", " ", " "]
        await play.press("k", "k", "k", "space")
        assert play.queue.list.marked == (1,)


async def test_escape_takes_the_marks_off_first_and_says_so() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("space", "space")
        assert "2 marked" in grid(play.app)[1]
        await play.press("q")
        assert play.said == "2 marks taken off"
        assert play.queue.list.marked == ()
        assert "0 marked" in grid(play.app)[1]


@pytest.mark.parametrize(
    ("key", "how"),
    [("t", Alike.TEXT), ("a", Alike.AUTHOR), ("r", Alike.REASON), ("q", Alike.QUESTION)],
)
async def test_v_marks_alike_in_this_view(key: str, how: Alike) -> None:
    engine = staged()
    engine.batches.found = Found((3, 6, 14), elsewhere=2)
    async with playing(engine) as play:
        await play.press("j", "j", "v")
        assert isinstance(play.app.screen, AlikeDialog)
        await play.press(key)
        asked = [what for name, what in engine.log if name == "alike"]
        assert asked == [(3, how, tuple(range(1, 26)))]
        assert play.queue.list.marked == (3, 6, 14)
        assert play.said == (
            f"3 marked by {how.value} · same name on other platforms: 2, not marked"
        )


async def test_v_says_when_it_stopped_and_when_nothing_is_alike() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("v", "t")
        assert play.said == "nothing else here has the same text"
        assert play.queue.list.marked == ()
        engine.batches.found = Found((1, 2), stopped=True)
        await play.press("v", "t")
        assert play.said == "2 marked by text · stopped at 500, there may be more"


async def test_keep_over_marks_shows_every_line_and_leaves_out_what_cannot_be_done() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "G", "space", "a")
        rows = texts(play)
        assert len(rows) == 3
        assert "Withdrawal stuck for 3 days · vasya_77 “Вывод висит" in rows[0]
        assert rows[0].startswith("[x]")
        assert "keep, 4 flags dismissed" in rows[0]
        assert rows[2].startswith("[-]")
        assert "cannot: this thread is done" in rows[2]
        assert "2 of 3 · 1 cannot be done and is left out" in "\n".join(grid(play.app))
        await play.press("space", "enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Dismiss)
        assert (command.thread, command.flags) == (2, tuple(f"f2-{i}" for i in range(4)))


async def test_what_a_line_cuts_is_said_in_full_below_and_marks_elsewhere_are_counted() -> None:
    async with playing(staged()) as play:
        await play.press("space", "j", "space", "f", "w", "d")
        text = "\n".join(grid(play.app))
        assert "Done 2 marked threads, 2 of them not in this view:" in text
        assert "done, though vasya_77 has not…" in texts(play)[0]
        assert "done, though vasya_77 has not been answered and 4 flags are open" in text
        await play.press("j")
        assert "[x] FREE SPINS t.me/… · vasya_77 “Вывод висит третий день" in "\n".join(
            grid(play.app)[-6:]
        )
        await play.press("escape", "f", "a", "d")
        assert "not in this view" not in "\n".join(grid(play.app))


async def test_where_nothing_can_be_done_no_key_is_said_to_do_it() -> None:
    async with playing(staged()) as play:
        await play.press("space", "a")
        assert "Enter does it" in grid(play.app)[-1]
        await play.press("space")
        assert "Enter does it" not in grid(play.app)[-1]
        assert "nothing is left to do here" in grid(play.app)[-1]


async def test_esc_leaves_and_nothing_happens() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "space", "a", "escape")
        assert not [name for name, _ in engine.log if name == "batch"]
        assert play.queue.list.marked == (1, 2)


async def test_what_is_for_good_takes_y() -> None:
    engine = staged()
    engine.for_good = {Capability.HIDE}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "x")
        assert "hide, for good" in texts(play)[0]
        await play.press("enter")
        assert not [name for name, _ in engine.log if name == "batch"]
        await play.press("y")
        assert [type(c) for c in batch_of(engine)] == [Hide, Hide]


async def test_a_removal_over_threads_names_the_rule_and_spares_the_many_flagged() -> None:
    engine = staged()
    engine.flags[2] = tuple(Flag("s2", "spam", NOW, f"f{n}", f"t2p{n}", words("u")) for n in (1, 2))
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "x")
        assert "cannot: 2 posts are flagged, open it" in texts(play)[1]
        await play.press("0", "enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Hide)
        assert (command.thread, command.posts, command.rule) == (1, ("t1p1",), None)


async def test_each_line_says_how_it_went_and_the_rest_goes_on_when_it_is_closed() -> None:
    engine = staged()
    engine.batches.refuse = {1: ("stale", "insult: mod-c: hidden, 9 s ago")}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "space", "x", "enter")
        rows = texts(play)
        assert "pending 10 s" in rows[0]
        assert "stale, it changed: insult: mod-c: hidden" in rows[1]
        shown = "\n".join(grid(play.app))
        assert "████░░░░░░░░ 1/3 · 1 not done · u takes all of it back" in shown
        (first, second) = engine.outbox
        engine.outbox[:] = [
            replace(first, state=DeliveryState.SENT),
            replace(second, state=DeliveryState.REJECTED, error="it is protected"),
        ]
        engine.tell(1, 3)
        await play.settle()
        rows = texts(play)
        assert rows[0].rstrip().endswith("sent")
        assert "refused: it is protected" in rows[2]
        assert "████████████ 3/3 · 2 not done" in "\n".join(grid(play.app))
        await play.press("escape")
        assert play.said == "1 of 3 taken, 2 not · u takes it back"
        assert play.queue.list.marked == (2, 3)


async def test_the_window_of_a_batch_counts_from_its_paint() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "space", "d", "enter")
        names = [name for name, _ in engine.log]
        assert names.index("batch") < names.index("painted")
        assert [type(c) for c in batch_of(engine)] == [Resolve, Resolve]
        assert "done" in texts(play)[0]


async def test_claiming_many_says_who_was_faster() -> None:
    engine = staged()
    engine.batches.faster = {3: "mod-c"}
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "j", "space", "c", "enter")
        assert "claimed" in texts(play)[0]
        assert "mod-c was faster" in texts(play)[1]
        assert ("claim all", (1, 3)) in engine.log


async def test_an_escalation_asks_once_for_all() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "e")
        assert "Escalate 2 marked threads" in "\n".join(grid(play.app))
        for letter in "look":
            await play.press(letter)
        await play.press("enter")
        assert "escalate to payments" in texts(play)[0]
        await play.press("enter")
        made = batch_of(engine)
        assert [(type(c), c.thread) for c in made] == [(Escalate, 1), (Escalate, 2)]
        assert {c.note for c in made if isinstance(c, Escalate)} == {"look"}


async def test_a_snooze_and_a_sanction_are_the_same_for_each() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "z", "enter")
        assert "snooze until" in texts(play)[0]
        await play.press("enter")
        assert [type(c) for c in batch_of(engine)] == [Snooze, Snooze]


async def test_one_author_is_sanctioned_once() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("enter", "space", "j", "space", "b")
        assert "the authors of 2 marked posts" in "\n".join(grid(play.app))
        await play.press("enter")
        assert "the same author is in a line above" in texts(play)[1]
        await play.press("enter")
        made = batch_of(engine)
        assert [c.author for c in made if isinstance(c, Sanction)] == ["u1"]


async def test_a_quick_reply_goes_to_each_in_its_language_and_not_over_a_claim() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("space", "space", "space", "1")
        rows = texts(play)
        assert "reply in ru, wait for the author" in rows[0]
        assert "cannot: mod-c holds this thread" in rows[1]
        assert "cannot: it has no text in en" in rows[2]
        await play.press("enter")
        (command,) = batch_of(engine)
        assert isinstance(command, Reply)
        assert (command.thread, command.language, command.quick) == (1, "ru", "withdrawal times")


async def test_a_weak_match_is_not_for_many() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("space", "k", "6")
        assert play.said == "6 is a weak match here: not for many at once"


async def test_a_colleagues_claim_leaves_removals_to_others() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("j", "space", "x")
        assert texts(play)[0].startswith("[x] Re: who moderates")
        assert "hide, can be brought back · mod-c holds it" in texts(play)[0]


# posts


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
