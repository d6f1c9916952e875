"""Views: every letter, what a view hides, its empty list; and the search as one types."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from textual import events

from modtui.domain.named_views import Kind, View
from modtui.domain.views import Change
from modtui.keymap import Keymap
from modtui.screens.dialogs.views import LETTERS, NarrowDialog, SaveViewDialog, ViewsDialog
from modtui.screens.search import SearchBox
from tests.screens.grid import grid
from tests.screens.knowing_stage import fits
from tests.screens.play import Play, playing, type_in
from tests.screens.sketches import NOW
from tests.screens.stage import FakeEngine, staged


def shown(play: Play) -> str:
    return "\n".join(grid(play.app))


def listed(play: Play) -> list[int | None]:
    return [play.queue.list.id_at(i) for i in range(len(play.queue.list))]


def full() -> FakeEngine:
    """The staged queue with one thread in the NOW lane and one put aside."""
    engine = staged()
    engine.rows[5] = replace(engine.rows[5], now_at=NOW, now_reason="threat")
    engine.rows[13] = replace(engine.rows[13], backlog=True)
    return engine


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ALL])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_view_lists_what_it_says_and_is_named_where_one_looks(
    kind: Kind, size: tuple[int, int]
) -> None:
    engine = full()
    async with playing(engine, size) as play:
        await play.press("f", LETTERS[kind])
        wanted = View(kind)
        asked = engine.views.asks(wanted)
        expected = [t for t in engine.order if fits(engine.rows[t], asked, engine.clock)]
        assert listed(play) == expected
        assert expected, kind
        place = grid(play.app)[1] if size[0] > 100 else grid(play.app)[13]
        assert f"view{':' if size[0] > 100 else ''} {wanted.words}" in place
        await play.press("f", "a")
        assert len(listed(play)) == 24


async def test_a_narrow_window_has_room_for_the_counts() -> None:
    async with playing(full(), (60, 20)) as play:
        await play.press("f")
        line = next(line for line in grid(play.app) if "due within the hour" in line)
        assert line.split()[-1].isdecimal()
        await play.pilot.resize_terminal(120, 40)
        await play.press("down")
        line = next(line for line in grid(play.app) if "put aside when" in line)
        assert "backlog: put aside when the account was first read" in line


async def test_the_letters_stand_beside_their_views_with_counts() -> None:
    async with playing(full()) as play:
        await play.press("f")
        assert isinstance(play.app.screen, ViewsDialog)
        lines = {line.id: line.text.split() for line in play.app.screen.list.lines}
        assert [lines[kind.value][0] for kind in Kind] == [LETTERS[kind] for kind in Kind]
        assert (lines["late"][-1], lines["now"][-1], lines["done"][-1]) == ("3", "1", "1")
        text = shown(play)
        assert "all  ← now" in text
        assert "p      narrow this view to one platform" in text
        await play.press("escape")
        assert play.queue.view == View()


async def test_the_cursor_stays_on_its_thread_or_goes_to_the_top() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("j", "f", "l")
        assert (listed(play), play.queue.current()) == ([1, 2, 3], 2)
        assert play.queue.detail is not None
        await play.press("f", "w")
        assert play.queue.current() == 22
        assert play.queue.detail is not None
        assert play.queue.detail.row.id == 22
        assert "22" not in [str(t) for t in listed(play)[1:]]


async def test_keys_act_in_a_new_view_whether_or_not_the_cursor_moved() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("f", "l", "c")
        assert play.queue.current() == 1
        assert ("release", 1) in engine.log
        await play.press("f", "w", "c")
        assert play.queue.current() == 22
        assert ("release", 22) in engine.log


async def test_an_empty_view_says_what_it_is_and_how_to_get_back() -> None:
    async with playing(staged()) as play:
        await play.press("f", "b")
        assert listed(play) == []
        assert "Nothing is in this view: backlog. f a shows all." in shown(play)
        await play.press("enter", "d", "x")
        assert play.said == "there is no thread under the cursor"
        await play.press("f", "a")
        assert play.queue.current() == 1
        assert "Nothing is" not in shown(play)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_view_that_hides_what_cannot_wait_says_so(size: tuple[int, int]) -> None:
    async with playing(full(), size) as play:
        await play.press("f", "w")
        at = 1 if size[0] > 100 else 13
        assert "1 NOW, 3 late outside this view" in grid(play.app)[at]
        await play.press("f", "h")
        assert "outside this view" not in grid(play.app)[at]


async def test_a_view_of_the_hour_takes_in_what_comes_near_without_any_change() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("f", "h")
        before = len(listed(play))
        engine.clock += timedelta(minutes=15)
        for _ in range(20):
            play.queue.tick()
        await play.settle()
        assert len(listed(play)) == before + 1


async def test_a_change_without_a_move_is_read_again_where_time_decides() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("f", "l")
        engine.clock += timedelta(minutes=5)
        engine.tell(4, order=False)
        await play.settle()
        assert listed(play) == [1, 2, 3, 4]


async def test_a_view_is_narrowed_step_by_step() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("f", "g")
        assert isinstance(play.app.screen, NarrowDialog)
        assert "1  ru " in shown(play)
        await play.press("enter")
        await play.press("f", "p", "j", "j", "enter")
        assert play.queue.view.languages == ("ru",)
        assert len(play.queue.view.accounts) == 1
        account = play.queue.view.accounts[0]
        assert f" view: {account} · ru" in grid(play.app)[1]
        rows = [play.queue.list.row(t) for t in listed(play)]
        assert {(r.account, r.language) for r in rows if r} == {(account, "ru")}
        await play.press("f", "r", "escape", "escape")
        assert play.queue.view.accounts == (account,)
        await play.press("f", "r", "9")
        assert isinstance(play.app.screen, NarrowDialog)


async def test_a_view_is_saved_with_the_search_shown_by_number_and_forgotten() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("f", "s")
        assert "This view is everything" in shown(play)
        await play.press("l")
        await play.press("slash", *"spins", "enter", "f", "s")
        assert isinstance(play.app.screen, SaveViewDialog)
        await play.press("enter")
        assert "write one" in shown(play)
        await type_in(play, "ads")
        await play.press("enter")
        assert engine.views.kept == {"ads": View(Kind.LATE, text="spins", name="ads")}
        assert listed(play) == [3]
        assert " view: ads" in grid(play.app)[1]
        await play.press("f", "a", "f", "1")
        assert play.queue.view.name == "ads"
        await play.press("f", "x")
        assert "Forget your view ads?" in shown(play)
        await play.press("enter")
        assert engine.views.kept == {}
        await play.press("x")
        assert "Only a view of your own" in shown(play)
        await play.press("1")
        assert "no view of your own on 1" in shown(play)


@pytest.mark.parametrize(("letters", "view"), [("ад", Kind.LATE), ("ფლ", Kind.LATE)])
async def test_the_letters_work_on_other_layouts(letters: str, view: Kind) -> None:
    engine = staged()
    moderator = replace(engine.desk.moderator, keyboards=("ru", "kz", "ge"))
    engine.desk = replace(engine.desk, moderator=moderator)
    async with playing(engine) as play:
        for letter in letters:
            play.wrist.seconds += 1
            play.app.post_message(events.Key(letter, letter))
            await play.settle()
        assert play.queue.view.kind is view


async def test_a_view_stays_when_one_comes_back_from_another_room() -> None:
    async with playing(staged()) as play:
        await play.press("f", "l", "g", "d", "g", "q")
        assert play.queue.view.kind is Kind.LATE
        assert listed(play) == [1, 2, 3]
        await play.press("q")
        assert play.said == "this is the queue: f a shows all of it · Ctrl+Q leaves modtui"


# searching
async def searching(play: Play, text: str) -> SearchBox:
    """Type `text` into the search and wait until it was searched for."""
    await play.press("slash")
    box = play.app.screen
    assert isinstance(box, SearchBox)
    await type_in(play, text)
    await play.until(lambda: play.engine.views.searched[-1:] == [text])
    await play.settle()
    return box


async def test_as_one_types_the_cursor_goes_to_the_first_match_and_they_are_counted() -> None:
    async with playing(staged()) as play:
        await play.press("G")
        await searching(play, "spin")
        assert play.queue.current() == 3
        assert "2 of 25" in grid(play.app)[-1]
        assert play.queue.detail is not None
        assert play.queue.detail.row.id == 3
        await play.press("enter")
        assert "match 1 of 2" in grid(play.app)[13]
        await play.press("n")
        assert (play.queue.current(), "match 2 of 2" in grid(play.app)[13]) == (6, True)
        await play.press("N")
        assert play.queue.current() == 3
        await play.press("escape")
        assert "match" not in grid(play.app)[13]


async def test_esc_and_a_search_without_a_match_go_back_to_where_one_was() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("j", "j", "j", "j")
        await searching(play, "spins")
        assert play.queue.current() == 3
        await play.press("escape")
        assert play.queue.current() == 5
        assert "match" not in grid(play.app)[1]
        await searching(play, "zzz")
        assert play.queue.current() == 5
        assert "0 of 25" in grid(play.app)[-1]
        await play.press("enter")
        assert play.said == "nothing here says zzz"
        assert play.queue.current() == 5


async def test_esc_ends_the_search_before_it_takes_marks_off_and_n_is_named_for_it() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("space", "slash")
        await type_in(play, "FREE")
        await play.press("enter")
        await play.press("j")
        assert "n next match" in "\n".join(grid(play.app)[-2:])
        await play.press("escape")
        assert (play.queue.matches, play.queue.list.marked) == ((), (1,))
        assert "n next to do" in "\n".join(grid(play.app)[-2:])


async def test_the_lines_below_name_the_keys_that_were_moved() -> None:
    moved = {"rows.down": "down", "rows.up": "up", "queue.into-posts": "right", "views.forget": "X"}
    async with playing(staged()) as play:
        assert "Enter opens the thread · l into the posts" in shown(play)
        play.app.use_keys(Keymap(moved))
        await play.press("down", "up")
        assert "Enter opens the thread · → into the posts" in shown(play)
        await play.press("f")
        said = "a letter or a number, or ↓ ↑ and Enter   X forget one of your own"
        assert said in shown(play)
        await play.press("escape", "space", "space", "a")
        assert "space leaves a line out   ↓ ↑ move" in shown(play)
        await play.press("escape", "U")
        assert "↓ ↑ move   Enter takes back" in shown(play)


async def test_of_the_ways_below_the_posts_none_is_cut_in_half() -> None:
    async with playing(staged(), (60, 20)) as play:
        for _ in range(len(play.queue.list)):
            foot = play.queue.pane.foot.rows[1][0][0]
            assert foot.endswith("l into the posts") or "into" not in foot, foot
            assert "opens" not in foot or "Enter opens the thread" in foot, foot
            await play.press("j")


async def test_the_line_below_the_list_keeps_the_deadline_whatever_the_view_says() -> None:
    engine = full()
    async with playing(engine) as play:
        await play.press("space", "f", "m")
        line = grid(play.app)[13]
        assert line.startswith("── row 1 of 4 · 1 marked · view mine · 1 NOW, 2 late")
        assert line.endswith("1st reply !-12m────")


async def test_a_search_stays_within_the_view_and_ends_with_it() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("f", "l")
        await searching(play, "spins")
        await play.press("enter")
        assert "1 match" not in grid(play.app)[1]
        assert " view: late · 0 marked · match 1 of 1 for spins, Esc ends" in grid(play.app)[1]
        await play.press("f", "a")
        assert "match" not in grid(play.app)[1]
        assert play.queue.matches == ()


async def test_enter_at_once_finds_what_was_typed_last() -> None:
    async with playing(staged()) as play:
        await play.press("slash")
        await type_in(play, "rigged")
        await play.press("enter")
        assert play.queue.matches == (4,)
        assert play.queue.current() == 4


async def test_a_search_is_not_begun_in_a_thread_and_that_is_said() -> None:
    async with playing(staged()) as play:
        await play.press("enter", "slash")
        assert play.said == "the list is searched: q goes back to it"
        await play.press("q", "slash")
        assert isinstance(play.app.screen, SearchBox)


async def test_a_search_that_comes_late_does_not_take_the_cursor_from_where_it_was_put() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("slash")
        engine.views.gate = asyncio.Event()
        await play.pilot.press("K", "Y", "C")
        await play.until(lambda: engine.views.searched[-1:] == ["KYC"])
        play.queue.list.select(5)
        engine.views.gate.set()
        await play.until(lambda: play.queue.matches == (19,))
        assert play.queue.current() == 5


async def test_an_order_that_no_key_asked_for_is_read_behind_keys() -> None:
    engine = full()
    async with playing(engine) as play:
        engine.behind.clear()
        engine.hand_on(Change(threads=frozenset({5}), order=True))
        await play.settle()
        assert engine.behind == [True]
        engine.behind.clear()
        await play.press("f", LETTERS[Kind.LATE])
        assert engine.behind[0] is False
