"""What is painted of any text, through the widgets' strips and both drivers' output."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions

from modtui.domain.evidence import spelled
from modtui.domain.text import Clean, clean
from modtui.terminal.cells import CellDiff
from modtui.widgets.cells import cell_len, clip, cut, fit, wrap
from modtui.widgets.paint import ControlWall
from tests.domain.test_text import HOSTILE
from tests.security.poison import EVERYTHING, LONE, PIECES
from tests.security.wire import heard

WIDTH, HEIGHT = 40, 6
BLACK = Color(0, 0, 0)
CONSOLE = Console(file=StringIO(), force_terminal=True, width=WIDTH, color_system="truecolor")
WALL = ControlWall()
POISONED = st.one_of(
    HOSTILE,
    st.lists(st.sampled_from([*PIECES.values(), LONE, "a", " "]), max_size=6).map("".join),
)


def strips_of(text: str) -> list[Strip]:
    """Return `text` as a `Static` shows it, as rows of ours, and as a title is cut."""
    visual = Content.from_markup("[b]$it[/b] is said", it=text)
    shown = visual.render_strips(
        WIDTH, HEIGHT, Style(), RenderOptions(lambda style: Style.parse(str(style)), {})
    )
    lines = [line for part in text.split("\n") for line in wrap(part, WIDTH - 2)][: HEIGHT - 1]
    rows = [clip(((" ", "text"), (line, "text")), WIDTH) for line in lines]
    rows.append(((fit(cut(text.replace("\n", " "), 30), WIDTH), "text"),))
    return [*shown, *(Strip([Segment(piece) for piece, _ in row]) for row in rows)]


def written(strips: list[Strip]) -> tuple[str, str]:
    """Return what leaves for the terminal: with whole lines, and with differences."""
    diff = CellDiff(WIDTH, HEIGHT)
    lines = [strip.apply_filter(WALL, BLACK).render(CONSOLE) for strip in strips]
    for y, line in enumerate(lines):
        diff.feed(f"\x1b[{y % HEIGHT + 1};1H{line}")
    return "".join(lines), diff.emit()


def painting_holds(raw: str) -> None:
    """Check that nothing of `raw` gets out: cleaned, spelled out, and as nobody cleaned it."""
    for text in (clean(raw).text, spelled(raw).text, Clean(raw)):
        whole, changes = written(strips_of(text))
        for out, moves in ((whole, set()), (changes, {"\b", "\r", "\v"})):
            found = heard(out.encode())
            assert found.wrong == []
            assert {name for name in found.sequences if len(name) == 1} <= moves
            assert not any(name.startswith(("OSC", "DCS")) for name in found.sequences)


@settings(max_examples=300, deadline=None)
@given(POISONED)
def test_nothing_of_a_text_steers_the_terminal(raw: str) -> None:
    painting_holds(raw)


@pytest.mark.nightly
@settings(max_examples=100_000, deadline=None)
@given(POISONED)
def test_nothing_steers_the_terminal_a_hundred_thousand_times(raw: str) -> None:
    painting_holds(raw)


@pytest.mark.parametrize("name", [*PIECES, "everything", "lone"])
def test_no_piece_of_poison_gets_out(name: str) -> None:
    painting_holds({**PIECES, "everything": EVERYTHING, "lone": LONE}[name])


@pytest.mark.parametrize("name", PIECES)
def test_the_wall_keeps_the_width_that_was_measured(name: str) -> None:
    segments = [Segment(PIECES[name]), Segment("│")]
    passed = WALL.apply(segments, BLACK)
    assert [cell_len(s.text) for s in passed] == [s.cell_length for s in segments]


def test_without_the_walls_it_would_get_out() -> None:
    assert heard(Strip([Segment(EVERYTHING)]).render(CONSOLE).encode()).wrong
