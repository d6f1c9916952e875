"""Lines that are made in a shorter way are those that Textual would have made."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual.color import Color
from textual.filter import ANSIToTruecolor
from textual.strip import Strip

from modtui.widgets.cells import Row, clip, spread, width_of
from modtui.widgets.paint import ControlWall, Line, _Truecolor

SEGMENTS = [Segment("кот", Style.parse("#112233")), Segment("漢字 cat", Style.parse("bold"))]
GROUND = Color(10, 20, 30)


def test_a_line_is_cut_and_joined_like_any_strip() -> None:
    line, strip = Line(list(SEGMENTS), 11), Strip(SEGMENTS)
    assert line == strip
    assert line.cell_length == strip.cell_length
    assert line.crop(2, 6) == strip.crop(2, 6)
    assert [*line.divide([4, 11])] == [*strip.divide([4, 11])]
    assert line.adjust_cell_length(20) == strip.adjust_cell_length(20)
    assert line.crop_extend(3, 15, None) == strip.crop_extend(3, 15, None)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = line.nothing_of_the_kind


@pytest.mark.parametrize("look", ["red on blue", "dim #445566", "#112233 on #445566", "bold"])
def test_colours_become_what_the_filter_makes_of_them(look: str) -> None:
    theirs = ANSIToTruecolor(DIMMED_MONOKAI)
    segments = [Segment("a", Style.parse(look)), Segment("b", None)]
    assert _Truecolor(theirs, GROUND).apply(segments, GROUND) == theirs.apply(segments, GROUND)


def test_a_line_in_which_nothing_changes_is_not_made_again() -> None:
    segments = [Segment("кот", Style.parse("#112233 on #445566"))]
    assert _Truecolor(ANSIToTruecolor(DIMMED_MONOKAI), GROUND).apply(segments, GROUND) is segments
    assert ControlWall().apply(segments, GROUND) is segments


@pytest.mark.parametrize("width", range(14))
@pytest.mark.parametrize("left", ["", "kot", "кот и пёс"])
@pytest.mark.parametrize("end", ["", "漢字", "12:30 "])
def test_a_row_with_two_edges_is_as_wide_as_it_should_be(width: int, left: str, end: str) -> None:
    row: Row = ((left, "text"),) if left else ()
    tail: Row = ((end, "muted"),) if end else ()
    assert width_of(clip(row, width)) == width
    assert width_of(spread(row, tail, width)) == width
