"""Every room and dialog in windows from 60 by 20 up, with the terminal's marks and without."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from rich.cells import cell_len
from textual import events
from textual.geometry import Size

from modtui.domain.charsets import in_ascii
from modtui.terminal.ability import Ability, Colours
from modtui.widgets.spelling import fitted
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.stage import sent_reply, staged

SIZES = (
    (60, 20), (61, 21), (79, 24), (80, 24), (99, 30), (100, 30), (119, 39), (120, 40), (160, 50),
    (200, 60),
)  # fmt: skip
# What is opened, by which keys; what must be readable on it; how it is left.
TOUR: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("queue", (), ("3 late", "!-12m", "Вывод висит", "? all"), ()),
    ("thread", ("enter",), ("3 late", "Вывод висит", "? all"), ("q",)),
    ("posts", ("l",), ("Вывод висит",), ("h",)),
    ("reply", ("r",), ("PUBLIC as @support", "Esc leave"), ("escape",)),
    ("quick", ("1",), ("Text of Withdrawal times", "Enter sends", "Esc leave"), ("escape",)),
    ("remove", ("x",), ("vasya_77", "1 Rule 1: no spam", "Esc leave"), ("escape",)),
    ("escalate", ("e",), ("payments", "Enter escalates", "Esc leave"), ("escape",)),
    ("slow", ("s",), ("(•) 15 min", "Enter sets slow mode", "Esc leave"), ("escape",)),
    ("sanction", ("b",), ("vasya_77", "(•) warn", "Enter does it", "Esc leave"), ("escape",)),
    ("snooze", ("z",), ("(•) 2 1h", "Enter snoozes", "Esc leave"), ("escape",)),
    ("note", ("m",), ("Note for the team", "Enter keeps the note"), ("escape",)),
    ("done", ("d",), ("Done", "Enter yes"), ("escape",)),
    ("find", ("0",), ("Withdrawal times", "Esc leave"), ("escape",)),
    ("views", ("f",), ("View now: all", "Esc leave"), ("escape",)),
    ("search", ("slash",), ("search titles", "Enter keeps, Esc back"), ("escape",)),
    ("palette", ("colon",), ("What do you want to do?", "Esc leave"), ("escape",)),
    ("help", ("question_mark",), ("THE DEADLINE OF", "q close"), ("q",)),
    ("author", ("w",), ("the author's record", "q close"), ("q",)),
    ("link", ("o",), ("https://example.org/t/1", "q close"), ("q",)),
    ("last", ("U",), ("My last twenty", "Esc leave"), ("escape",)),
    ("alike", ("v",), ("t text", "Esc leave"), ("escape", "escape")),
    ("batch", ("space", "a"), ("Keep 1 marked thread", "Esc leave"), ("escape", "escape")),
    ("status", ("g", "s"), ("NEEDS YOU", "LATE NOW"), ("q",)),
    ("library", ("g", "l"), ("title", "? all"), ("q",)),
    ("deliveries", ("g", "d"), ("sent", "#22"), ("q",)),
    ("accounts", ("g", "a"), ("disco", "heard", "? all"), ("q",)),
    ("handover", ("g", "h"), ("HAND OVER", "release", "keep"), ("q",)),
    ("welcome", ("g", "w"), ("Welcome back", "? all"), ("q",)),
)  # fmt: skip


async def toured(play: Play) -> AsyncIterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Open everything, one after the other; yield what it is called, must show, and shows."""
    for name, keys, words, back in TOUR:
        await play.press(*keys)
        yield name, words, grid(play.app)
        await play.press(*back)
        await play.until(lambda: play.app.screen is play.queue)


@pytest.mark.parametrize("size", SIZES)
async def test_everything_is_readable_at_every_size(size: tuple[int, int]) -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, size) as play:
        async for name, words, lines in toured(play):
            assert [cell_len(line) for line in lines] == [size[0]] * size[1], name
            text = "\n".join(lines)
            assert [word for word in words if word not in text] == [], f"{name}\n{text}"
            assert lines[0].strip(), name
            assert lines[-1].strip() or lines[-2].strip(), f"{name}\n{text}"
            if name not in ("status", "alike"):
                assert lines[0].startswith(" 3 late"), f"{name}\n{text}"
                assert lines[0].rstrip().endswith("03:12"), f"{name}\n{text}"
            assert "open 4…" not in lines[0], f"{name}\n{text}"
        assert engine.submitted == []


async def test_a_size_that_is_told_late_is_not_taken() -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, (120, 40)) as play:
        async for name, _, _ in toured(play):
            play.app.screen.post_message(events.Resize(Size(60, 20), Size(60, 20)))
            await play.settle()
            assert play.app.screen.outer_size == play.app.size, name


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_the_cursor_and_the_post_it_is_on_are_both_there(size: tuple[int, int]) -> None:
    async with playing(staged(), size) as play:
        for _ in range(12):
            await play.press("j")
            lines = grid(play.app)
            rows = [line for line in lines if line.startswith("▌")]
            assert len(rows) == 1
            assert any("Вывод висит" in line for line in lines)


@pytest.mark.parametrize("size", [(59, 20), (60, 19)])
async def test_what_is_too_small_to_show_a_post_takes_no_acting_key(size: tuple[int, int]) -> None:
    engine = staged()
    async with playing(engine, size) as play:
        await play.press("a", "x", "enter", "1", "enter", "d", "enter")
        assert engine.submitted == []
        assert "needs" in "".join(grid(play.app))


@pytest.mark.parametrize(
    ("size", "charset"), [((80, 24), "ascii"), ((80, 24), "koi8-r"), ((120, 40), "utf-8")]
)
async def test_marks_in_ascii_stand_where_the_others_stood(
    size: tuple[int, int], charset: str
) -> None:
    grids = []
    for ability in (Ability(), Ability(Colours.SIXTEEN, True, charset)):
        engine = staged()
        sent_reply(engine, 22)
        async with playing(engine, size) as play:
            play.app.use(ability)
            play.app.screen.refresh(layout=True, repaint=True)
            grids.append([(name, lines) async for name, _, lines in toured(play)])
    for (name, rich), (_, plain) in zip(*grids, strict=True):
        meant = tuple(fitted(in_ascii(line), charset) for line in rich)
        assert plain == meant, name
        assert [cell_len(line) for line in plain] == [cell_len(line) for line in rich]
        own = {letter for line in plain for letter in line if not letter.isascii()}
        assert all(letter.isalpha() for letter in own), (name, own)


async def test_without_colours_words_marks_and_reverse_say_it_all() -> None:
    engine = staged()
    sent_reply(engine, 22)
    async with playing(engine, (80, 24)) as play:
        play.app.use(Ability(Colours.NONE))
        play.app.refresh_css()
        await play.press("j", "k")
        async for name, _, _ in toured(play):
            for strip in play.app.screen._compositor.render_strips():
                for _, style, _ in strip:
                    assert style is None or (style.color, style.bgcolor) == (None, None), name
        lines = grid(play.app)
        row = next(y for y, line in enumerate(lines) if line.startswith("▌"))
        strip = play.app.screen._compositor.render_strips()[row]
        reversed_ = [s.text for s in strip if s.style is not None and s.style.reverse]
        assert "".join(reversed_).split() == ["▌", "!", "-4m"]
        assert lines[0].startswith(" 3 late")
        assert lines[row].startswith("▌   ! -4m")
        assert "! 1 delivery needs you" in lines[-2]
        await play.press("exclamation_mark")
        assert "NOW 15m" in "\n".join(grid(play.app))
        await play.press("a")
        assert any(line.startswith("▌~NOW") for line in grid(play.app))


@pytest.mark.parametrize(("name", "keys"), [(name, keys) for name, keys, _, _ in TOUR])
@pytest.mark.parametrize(("before", "after"), [((120, 40), (80, 24)), ((80, 24), (120, 40))])
async def test_what_is_open_fits_a_window_that_was_pulled_at(
    before: tuple[int, int], after: tuple[int, int], name: str, keys: tuple[str, ...]
) -> None:
    shown: list[list[str]] = []
    for begun in (after, before):
        async with playing(staged(), begun) as play:
            await play.press(*keys)
            await play.pilot.resize_terminal(*after)
            await play.until(lambda: play.app.screen.size == after)
            await play.settle()
            shown.append(grid(play.app))
    opened, pulled = shown
    assert pulled == opened
