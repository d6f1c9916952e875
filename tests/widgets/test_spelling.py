"""The last filters before a terminal that lacks something."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

import modtui
from modtui.domain.charsets import _MARKS, in_ascii
from modtui.widgets.spelling import Colourless, Spelling, fitted

BLACK = Color(0, 0, 0)
OURS = "▌│─┴┃…·–↑↓←→▸(•)“”×░█▁▂▃▄▅▆▇≤«»"
# What Textual draws borders with, and a scroll bar.
THEIRS = "╭╮╰╯┏┓┗┛╔╗╚╝▔▎▐"


def test_every_mark_is_as_wide_as_what_it_stands_for() -> None:
    for mark, spelled in _MARKS.items():
        assert (spelled.isascii(), cell_len(spelled)) == (True, cell_len(mark)), mark


@pytest.mark.parametrize("mark", OURS + THEIRS)
def test_what_is_drawn_is_ascii(mark: str) -> None:
    assert in_ascii(mark).isascii()
    assert cell_len(in_ascii(mark)) == cell_len(mark)


def test_nothing_drawn_by_a_widget_or_room_is_left_out() -> None:
    root = Path(modtui.__file__).parent
    files = [*root.glob("widgets/*.py"), *root.glob("screens/**/*.py"), *root.glob("domain/*.py")]
    assert len(files) > 80
    text = "".join(path.read_text("utf-8") for path in files)
    left = {letter for letter in in_ascii(text) if not (letter.isascii() or letter.isalpha())}
    # Marks that are looked for in texts, and combining ones: none of them is drawn.
    assert left <= set("。№£€₽₸₾") | {letter for letter in left if cell_len(letter) == 0}


def test_bars_of_eight_steps_stay_eight() -> None:
    assert len(set(in_ascii("▁▂▃▄▅▆▇█"))) == 8


def test_letters_stay_where_the_terminal_has_them() -> None:
    assert in_ascii("Привет – “да” … ❤") == 'Привет - "да" ~ ❤'
    assert fitted("Привет, გამარჯობა", "koi8-r") == "Привет, ?????????"


def test_what_no_charset_carries_keeps_its_cells() -> None:
    for text in ("日本語 ok", "a👍🏽b", "é\u0301x", "გამ", "e\u0301"):
        found = fitted(text, "ascii")
        assert found.isascii()
        assert cell_len(found) == cell_len(text)


def test_a_row_is_spelled_and_its_styles_stay() -> None:
    bold = Style(bold=True)
    row = [Segment("▌late", bold), Segment(" │ Привет", None)]
    found = Spelling("ascii", plain=True).apply(row, BLACK)
    assert found == [Segment(">late", bold), Segment(" | ??????", None)]
    assert Spelling("utf-8", plain=True).apply(row, BLACK)[1] == Segment(" | Привет", None)


def test_no_colour_leaves_what_is_no_colour() -> None:
    style = Style(color="red", bgcolor="#202020", bold=True, reverse=True, meta={"line": 3})
    ((_, found, _),) = Colourless().apply([Segment("late", style)], BLACK)
    assert found == Style(bold=True, reverse=True, meta={"line": 3})
