"""What is selected is a thread: it stays selected whatever happens around it."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.model import State
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.sketches import ME, SKETCHES
from tests.screens.stage import ListView, staged


async def test_the_selection_survives_insertion_removal_and_reorder() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("j", "j", "j")
        assert play.queue.list.selected_id == 4
        engine.add(SKETCHES[2], at=0)
        engine.tell(26)
        await play.settle()
        assert (play.queue.list.selected_id, play.queue.list.position(4)) == (4, 4)
        engine.order.remove(1)
        engine.tell(1)
        await play.settle()
        assert (play.queue.list.selected_id, play.queue.list.position(4)) == (4, 3)
        engine.order.reverse()
        engine.tell(wide=True)
        await play.settle()
        assert play.queue.list.selected_id == 4
        assert play.queue.detail is not None
        assert play.queue.detail.row.id == 4
        marked = [line for line in grid(play.app)[2:13] if line.startswith("▌")]
        assert len(marked) == 1
        assert '"rigged!!"' in marked[0]


async def test_a_new_arrival_does_not_move_the_cursor_and_is_counted() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("j")
        for _ in range(4):
            engine.tell(engine.add(SKETCHES[9], at=0))
            await play.settle()
        assert play.queue.list.selected_id == 2
        assert "4 new since you moved" in grid(play.app)[34]
        await play.press("j")
        assert "since you moved" not in grid(play.app)[34]


async def test_until_the_first_key_the_cursor_stays_on_top_and_guards_it() -> None:
    engine = staged(SKETCHES[5:7])
    async with playing(engine) as play:
        engine.tell(engine.add(SKETCHES[0], at=0))
        await play.settle()
        assert play.queue.list.selected_id == 3
        await play.press("a", after=0.1)
        assert play.said == "1 key dropped: new thread"
        engine.tell(engine.add(SKETCHES[0], at=0))
        await play.settle()
        assert play.queue.list.selected_id == 3


async def test_a_scrolled_list_keeps_the_selected_thread_on_its_line() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press(*["j"] * 15)
        before = [line.startswith("▌") for line in grid(play.app)]
        engine.tell(engine.add(SKETCHES[0], at=0))
        await play.settle()
        assert [line.startswith("▌") for line in grid(play.app)] == before


async def test_a_row_that_others_finished_stays_until_the_cursor_leaves_it() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("j", "j")
        now = engine.now()
        engine.rows[3] = replace(
            engine.rows[3], state=State.RESOLVED, resolved_by="mod-c", resolved_at=now
        )
        engine.order.remove(3)
        engine.tell(3)
        await play.settle()
        line = grid(play.app)[4]
        assert line.startswith("▌    done spam")
        assert "(mod-c closed it, 0 s ago)" in line
        assert len(play.queue.list) == 25
        await play.press("j")
        assert play.queue.list.selected_id == 4
        assert len(play.queue.list) == 24
        assert not any("closed it, 0 s" in row for row in grid(play.app))


async def test_a_row_that_is_not_here_yet_is_blank_and_comes_later() -> None:
    engine = staged()
    engine.missing = {2}
    async with playing(engine) as play:
        assert grid(play.app)[3].strip() == ""
        engine.missing.clear()
        engine.tell(2)
        await play.settle()
        assert "Re: who moderates" in grid(play.app)[3]


async def test_one_change_is_read_once() -> None:
    engine = staged()
    async with playing(engine) as play:
        engine.log.clear()
        engine.tell(1)
        await play.settle()
        assert engine.log == [("thread", 1)]
        engine.log.clear()
        engine.tell(9)
        await play.settle()
        assert engine.log == []


async def test_an_empty_queue_is_shown_and_takes_keys() -> None:
    engine = staged(())
    async with playing(engine) as play:
        await play.press("j", "k", "enter", "a", "n", "G")
        assert engine.submitted == []
        assert "no thread" in grid(play.app)[13]
        await play.press("r")
        assert play.said == "there is no thread under the cursor"


async def test_n_goes_to_what_is_due_soon_and_then_to_the_oldest_late_one() -> None:
    engine = staged()
    async with playing(engine) as play:
        seen = []
        for _ in range(4):
            await play.press("n")
            seen.append(play.queue.list.selected_id)
        assert seen == [4, 5, 1, 3]
        assert engine.rows[1].claim is not None
        assert engine.rows[1].claim.by == ME


async def test_search_goes_from_match_to_match() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("slash", *"spins", "enter")
        assert play.queue.list.selected_id == 3
        await play.press("n")
        assert play.queue.list.selected_id == 6
        await play.press("N")
        assert play.queue.list.selected_id == 3
        await play.press("escape", "n")
        assert play.queue.list.selected_id == 4


async def test_a_change_without_a_move_shows_in_its_row_and_nothing_is_read_anew() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        shown = engine.looked
        engine.rows[3] = replace(engine.rows[3], pending=1)
        engine.tell(3, order=False)
        await play.settle()
        assert engine.looked == shown
        assert grid(play.app)[5][1] == "~"


class Shorter(ListView):
    """A view of five threads of which two are gone: it repeats the last one."""

    def __len__(self) -> int:
        return 5

    def id_at(self, index: int) -> int:
        return super().id_at(min(index, 2))


async def test_no_thread_of_a_view_that_grew_shorter_is_marked_twice() -> None:
    engine = staged()
    async with playing(engine) as play:
        view = play.queue.list
        view.show(Shorter([1, 2, 3], engine.rows))
        assert view.ids() == (1, 2, 3)
