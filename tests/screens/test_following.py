"""What follows the cursor of the list: in the next frame, without a layout; no key acts before."""

from __future__ import annotations

import pytest
from textual.events import Key
from textual.screen import Screen

from modtui.domain.model import Health
from modtui.domain.people import Brief
from modtui.domain.views import Change, ThreadDetail
from modtui.screens.acting import NOT_PAINTED, NOT_READ
from modtui.widgets.host import Waits
from tests.screens.grid import grid
from tests.screens.play import playing
from tests.screens.stage import staged

SIZE = (120, 40)
NEVER = 600.0
RESTLESS = Waits(0, 0, NEVER)
"""The cursor never rests: what takes longer to read is not read."""
REPEATING = Waits(0, NEVER, NEVER)
"""Every step repeats the one before."""


def pane(rows: list[str]) -> str:
    """What the pane shows."""
    return "\n".join(row.partition("│")[2] for row in rows[1:36])


def under_cursor(rows: list[str]) -> list[str]:
    """The row of the list under the cursor."""
    return [row.partition("│")[0] for row in rows if row.startswith("▌")]


async def test_a_step_shows_the_cursor_then_its_thread_without_a_layout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out: list[Screen[object]] = []
    lay_out = Screen._refresh_layout

    def counted(self: Screen[object], *args: object, **more: object) -> None:
        laid_out.append(self)
        lay_out(self, *args, **more)  # type: ignore[arg-type]

    engine = staged()
    async with playing(engine, SIZE, waits=RESTLESS) as play:
        shown: list[tuple[str, list[str]]] = []
        read: list[int] = []
        at_once = engine.thread_now

        def reading(thread: int, *, more: bool = False) -> ThreadDetail | None:
            read.append(len(shown))
            return at_once(thread, more=more)

        before = pane(grid(play.app))
        monkeypatch.setattr(
            play.app,
            "post_display_hook",
            lambda: shown.append((pane(grid(play.app)), under_cursor(grid(play.app)))),
        )
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        monkeypatch.setattr(engine, "thread_now", reading)
        await play.pilot.press("j")
        await play.until(lambda: len(shown) >= 2)
        await play.settle()
        (first, rows), (second, same), *_ = shown
        assert rows == same
        assert "Re: who moderates" in rows[0]
        assert first == before
        assert "who moderates the moderators" in second
        assert read == [1]
        assert laid_out == []


async def test_the_replies_stand_where_they_stood() -> None:
    async with playing(staged(), SIZE) as play:
        before = [row for row, line in enumerate(grid(play.app)) if "── replies" in line]
        await play.press("j")
        after = [row for row, line in enumerate(grid(play.app)) if "── replies" in line]
        assert before == after == [21]


async def test_while_a_key_repeats_only_the_list_moves() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=REPEATING) as play:
        first = pane(grid(play.app))
        await play.press("j", "j", "j")
        assert play.queue.current() == 4
        assert pane(grid(play.app)) == first
        engine.tell(4)
        await play.settle()
        assert "rigged!!" in pane(grid(play.app))


async def test_an_acting_key_before_its_thread_is_shown_is_dropped_and_says_so() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=REPEATING) as play:
        await play.press("j", "j", "a")
        assert play.said == NOT_PAINTED
        await play.press("x")
        assert play.said == NOT_PAINTED
        assert play.app.screen is play.queue
        assert engine.submitted == []


async def test_why_a_key_did_nothing_outlives_the_keys_that_follow_in_haste() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=REPEATING) as play:
        await play.press("j", "j", "1")
        assert play.said == NOT_PAINTED
        await play.press("enter", after=0.1)
        assert play.room is not play.queue, "the thread is open, and nothing was asked"
        assert play.said == NOT_PAINTED
        await play.press("j", after=0.1)
        assert play.said == NOT_PAINTED
        await play.press("j")
        assert play.said == ""
        assert engine.submitted == []


async def test_keys_in_one_breath_say_what_the_last_of_them_could_not_do() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=REPEATING) as play:
        for key in ("j", "j", "1"):
            # As a terminal hands them over: none waits for what the one before it does.
            play.app.post_message(Key(key, key))
        await play.settle()
        assert play.queue.current() == 3
        assert play.app.screen is play.queue
        assert play.said == NOT_PAINTED


async def test_a_digit_before_the_replies_are_shown_sends_nothing_and_says_so() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=RESTLESS) as play:
        await play.press("j", "j", "1")
        assert play.said == NOT_READ
        assert play.app.screen is play.queue
        engine.tell(3)
        await play.press("1")
        assert play.app.screen is not play.queue


async def test_where_the_cursor_was_at_rest_all_of_the_next_thread_comes_at_once() -> None:
    engine = staged()
    engine.quick = True
    async with playing(engine, SIZE, waits=RESTLESS) as play:
        await play.press("j")
        assert "── replies, " in pane(grid(play.app))
        assert "no record w" in pane(grid(play.app))
        await play.press("1")
        assert "holds this thread" in play.said


async def test_a_cursor_that_moves_on_before_it_rests_waits_with_the_replies() -> None:
    engine = staged()
    engine.quick = True
    async with playing(engine, SIZE, waits=RESTLESS) as play:
        await play.press("j", "j")
        assert "── replies to come" in pane(grid(play.app))
        assert "record" not in pane(grid(play.app))
        await play.press("1")
        assert play.said == NOT_READ


async def test_a_record_that_was_not_read_is_not_called_empty() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=RESTLESS) as play:
        engine.briefs = {
            post.author.remote_id: Brief(7)
            for post in (await engine.thread(2)).posts  # type: ignore[union-attr]
        }
        await play.press("j")
        assert "record" not in pane(grid(play.app))
        assert "earlier flags" not in pane(grid(play.app))
        engine.tell(2)
        await play.settle()
        assert "7 earlier flags" in pane(grid(play.app))


async def test_a_step_over_the_edge_brings_more_than_one_row() -> None:
    async with playing(staged()) as play:
        listed = play.queue.list
        height = listed.size.height
        await play.press(*["j"] * height)
        assert listed.scroll_offset.y == height // 3
        await play.press("j")
        assert listed.scroll_offset.y == height // 3
        await play.press(*["k"] * (1 + height // 3))
        assert listed.scroll_offset.y == height // 3


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    "keys", ["s escape", "r escape", "z escape m escape", "1 enter", "d enter"]
)
async def test_what_is_above_the_cursor_is_in_sight_again_after_a_dialog(
    size: tuple[int, int], keys: str
) -> None:
    async with playing(staged(), size) as play:
        listed = play.queue.list
        await play.press(*["j"] * (listed.size.height - 3))
        height = listed.size.height
        await play.press(*keys.split())
        assert (listed.size.height, listed.scroll_offset.y) == (height, 0)


async def test_a_window_made_larger_over_a_dialog_shows_the_top_again() -> None:
    async with playing(staged()) as play:
        listed = play.queue.list
        await play.press("j", "j", "j", "j", "s")
        await play.pilot.resize_terminal(80, 27)
        await play.press("escape")
        assert listed.scroll_offset.y == 0
        await play.press(*["j"] * 12)
        below = listed.scroll_offset.y
        assert below > 0
        await play.pilot.resize_terminal(80, 29)
        assert listed.scroll_offset.y == below


async def test_a_line_to_be_painted_is_told_to_its_screen_at_once() -> None:
    async with playing(staged(), SIZE) as play:
        dirty = play.queue._dirty_widgets
        assert play.queue.list not in dirty
        play.queue.list.refresh_line(0)
        assert play.queue.list in dirty


async def test_other_replies_are_asked_for_without_reading_the_thread_again() -> None:
    engine = staged()
    async with playing(engine, SIZE) as play:
        await play.press("j")
        engine.log.clear()
        engine.shelf.edition += 1
        engine.hand_on(Change(replies=True))
        await play.settle()
        assert ("slots", 2) in engine.log
        assert ("thread", 2) not in engine.log
        await play.press("1")
        assert "holds this thread" in play.said


async def test_where_other_replies_come_before_all_of_a_thread_was_read_it_is_read() -> None:
    engine = staged()
    async with playing(engine, SIZE, waits=RESTLESS) as play:
        await play.press("j", "j")
        engine.log.clear()
        engine.hand_on(Change(replies=True))
        await play.settle()
        assert ("thread", 3) in engine.log


async def test_what_nobody_waits_for_gives_way_from_the_moment_a_key_is_heard() -> None:
    async with playing(staged(), (120, 40)) as play:
        before = play.engine.gave_way
        play.app.post_message(Key("j", "j"))
        assert play.engine.gave_way == before + 1
        await play.settle()
        assert play.engine.gave_way == before + 2


async def test_posts_that_could_not_be_read_are_asked_for_again_once_the_account_is_live() -> None:
    engine = staged()
    row = engine.rows[1]
    engine.context_errors[1] = f"{row.account} is not connected"
    engine.health[row.account] = Health.STARTING

    def asked() -> int:
        return engine.log.count(("load_context", 1))

    async with playing(engine) as play:
        await play.press("enter")
        assert asked() == 1
        assert f"{row.account} is not connected"[:20] in "\n".join(grid(play.app))
        engine.tell(1)
        await play.settle()
        assert asked() == 1
        engine.health[row.account] = Health.LIVE
        engine.hand_on(Change(accounts=True))
        await play.settle()
        assert asked() == 2
        engine.hand_on(Change(accounts=True))
        await play.settle()
        assert asked() == 2
