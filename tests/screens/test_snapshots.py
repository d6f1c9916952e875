"""The mocks of the specification as text grids, and where their parts stand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modtui.widgets.cells import cell_len
from tests.screens.grid import check, grid
from tests.screens.play import playing
from tests.screens.sketches import FIRST, NOW, SKETCHES, Sketch, in_lane
from tests.screens.stage import sent_reply, staged


async def test_queue_stacked_80x24() -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, (80, 24)) as play:
        lines = check(play.app, "queue-80x24")
    assert lines[1].split() == ["left", "why", "lg", "flag", "what", "where", "who"]
    names = ("why", "lg", "what", "where", "who")
    assert [lines[1].index(w) for w in names] == [10, 20, 28, 62, 75]
    assert lines[2].startswith("▌   !-12m question  ru    4 Withdrawal")
    assert lines[13].startswith("── row 1 of 25 ──")
    assert lines[20] == "─" * 80
    assert lines[22].startswith(" sent 03:11 reply → Deposit limit")
    assert lines[22].rstrip().endswith("! 1 delivery needs you: g d")
    assert lines[23].rstrip() == (
        " 1-9 reply  r write  d done  a keep  x remove  e escalate  s slow  u undo  ? all"
    )


async def test_queue_with_pane_120x40() -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, (120, 40)) as play:
        lines = check(play.app, "queue-120x40")
    assert all(line[72] == "│" for line in lines[1:35])
    assert lines[35] == "─" * 72 + "┴" + "─" * 47
    names = ("clk", "why", "lg", "flags", "what", "where", "who")
    assert [lines[2].index(w) for w in names] == [10, 14, 24, 27, 33, 56, 67]
    assert lines[36].startswith(" sent 03:11 reply → Deposit limit")
    assert lines[38].startswith(" 1-9 quick reply   r write   d done   a keep post   x remove…")


async def test_at_160x50_the_list_is_100_wide_and_the_pane_59() -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, (160, 50)) as play:
        lines = check(play.app, "queue-160x50")
        assert play.queue.list.size.width == 100
        assert play.queue.pane is not None
        assert play.queue.pane.posts.size.width == 59
    assert all(line[100] == "│" for line in lines[1:45])
    assert lines[45] == "─" * 100 + "┴" + "─" * 59
    names = ("clk", "why", "lg", "flags", "what", "where", "who")
    assert [lines[2].index(w) for w in names] == [10, 14, 24, 27, 33, 75, 93]


NOW_ROW = Sketch(
    None, FIRST, "self-harm", "ka", 2, "[folded] help needed, topic 4471", "disco/help"
)


@pytest.mark.parametrize(
    ("size", "row"),
    [
        ((80, 24), "  NOW 12m self-harm ka    2 [folded] help needed, topic 4471  disco/help   –"),
        ((120, 40), "  NOW 12m now self-harm ka     2 [folded] help needed,… disco/help –"),
        (
            (160, 50),
            "  NOW 12m now self-harm ka     2 [folded] help needed, topic 4471          disco",
        ),
    ],
)
async def test_a_mock_with_its_now_row(size: tuple[int, int], row: str) -> None:
    engine = staged((NOW_ROW, *SKETCHES))
    engine.rows[1] = in_lane(engine.rows[1], "self-harm", NOW - timedelta(minutes=3))
    sent_reply(engine, 23)
    async with playing(engine, size) as play:
        await play.press("j")
        lines = check(play.app, f"now-{size[0]}x{size[1]}")
    first = 2 if size[0] < 100 else 3
    assert lines[first].startswith(row)
    assert lines[first + 1].startswith("▌   !-12m ")
    assert lines[0].startswith(" 1 NOW  3 late  next 4:12 ")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_thread(size: tuple[int, int]) -> None:
    async with playing(staged(), size) as play:
        await play.press("enter")
        check(play.app, f"thread-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_first_and_last_lines_are_the_same_on_queue_and_thread(
    size: tuple[int, int],
) -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, size) as play:
        queue = grid(play.app)
        await play.press("enter")
        thread = grid(play.app)
    assert queue[0] == thread[0]
    last_but_one = -2 if size[0] < 100 else -4
    assert queue[last_but_one] == thread[last_but_one]
    first_key = " 1-9 "
    assert thread[-1 if size[0] < 100 else -2].startswith(first_key)


async def test_a_tick_repaints_the_time_column_only() -> None:
    engine = staged(SKETCHES[:5])
    async with playing(engine, (80, 24)) as play:
        before = grid(play.app)
        engine.clock += timedelta(seconds=1)
        play.app.screen.tick()  # type: ignore[attr-defined]
        await play.settle()
        after = grid(play.app)
    assert after[5][2:9] == "   4:11"
    assert [a[9:] for a in after[2:13]] == [b[9:] for b in before[2:13]]


@pytest.mark.parametrize(
    "size", [(20, 5), (40, 10), (79, 23), (99, 30), (100, 20), (101, 60), (200, 70)]
)
async def test_every_size_shows_the_lines_and_the_cursor(size: tuple[int, int]) -> None:
    async with playing(staged(), size) as play:
        lines = grid(play.app)
        assert all(cell_len(line) == size[0] for line in lines)
        assert len(lines) == size[1]
        await play.press("j", "enter", "q")
        await play.pilot.resize_terminal(120, 40)
        await play.settle()
        assert grid(play.app)[2].startswith("     left clk why")
        await play.pilot.resize_terminal(80, 24)
        await play.settle()
        lines = grid(play.app)
        assert lines[1].startswith("     left why")
        assert lines[3].startswith("▌")


async def test_a_terminal_that_grows_shows_the_posts_in_their_wide_form() -> None:
    async with playing(staged(), (120, 40)) as play:
        wide = [line[73:] for line in grid(play.app)[2:30]]
    async with playing(staged(), (80, 24)) as play:
        await play.pilot.resize_terminal(120, 40)
        await play.settle()
        assert [line[73:] for line in grid(play.app)[2:30]] == wide
