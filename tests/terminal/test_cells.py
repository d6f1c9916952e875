"""The cell model: whatever is wanted, the bytes make a terminal show it, and they are few."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from modtui.terminal import canvas
from modtui.terminal.canvas import NARROW, Line
from modtui.terminal.cells import HOME, CellDiff
from modtui.terminal.looks import PLAIN, Look, change, dressed
from modtui.terminal.shown import DISPUTED, is_disputed
from tests.terminal.emulator import Emulator

WIDTH, HEIGHT = 24, 9
PIECES = (
    "plain", " ", "   ", "Қазақша", "ქართული", "日本", "😀", "e\u0301", "👨‍👩‍👧", "❤️", "🇰🇿", "…─│",
    "ﻉﺮﺒ", "a", "→▶", "ｆ",
)  # fmt: skip
LOOKS = (
    "", "1", "2;3", "4", "7", "9;31", "38;5;120", "48;2;16;16;16", "1;38;2;200;10;10;48;2;16;16;16",
    "97;104", "39;49", "4;7;35",
)  # fmt: skip


def at(x: int, y: int, text: str, look: str = "") -> str:
    """What Textual writes for `text` at a place."""
    return f"\x1b[{y + 1};{x + 1}H\x1b[{look}m{text}\x1b[0m"


def within(x: int, y: int, text: str, look: str) -> str:
    """The same, moved left as far as it must be to fit into the row."""
    return at(min(x, WIDTH - cell_len(text)), y, text, look)


writes = st.builds(
    within,
    st.integers(0, WIDTH - 1),
    st.integers(0, HEIGHT - 1),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join),
    st.sampled_from(LOOKS),
)
frames = st.lists(st.lists(writes, min_size=1, max_size=8).map("".join), min_size=1, max_size=5)


def filled(row: int, shift: int) -> str:
    return at(0, row, f"row {row + shift:03d} of a list".ljust(WIDTH), "48;2;1;1;1")


def listing(shift: int) -> str:
    return "".join(filled(row, shift) for row in range(HEIGHT))


def shown(model: CellDiff, *writes: str) -> tuple[Emulator, str]:
    """Feed and emit each of `writes`; return the terminal and what it was sent last."""
    terminal, out = Emulator(*model.size), ""
    for data in writes:
        assert model.feed(data) == len(data)
        out = model.emit()
        terminal.feed(out)
    return terminal, out


@settings(max_examples=300, deadline=None)
@given(frames, st.booleans(), st.sampled_from(("\x1b[1;1H", "\x1b[2;3H")))
def test_the_terminal_shows_what_is_wanted(made: Sequence[str], bce: bool, end: str) -> None:
    model = CellDiff(WIDTH, HEIGHT, bce=bce)
    whole, few = Emulator(WIDTH, HEIGHT), Emulator(WIDTH, HEIGHT, bce=bce)
    few.scramble()
    first = "".join(at(0, y, " " * WIDTH) for y in range(HEIGHT))
    for frame in (first, *made):
        data = frame + end
        assert model.feed(data) == len(data)
        whole.feed("\x1b[?7l" + data)
        few.feed(model.emit())
        assert few.rows() == whole.rows()
        assert whole.cursor in (HOME, few.cursor)
        assert model.emit() == ""


def test_the_rest_of_a_row_is_erased_in_the_default_background_alone() -> None:
    for look, wiped in (("", True), ("1;31", True), ("48;2;1;1;1", False), ("4", False)):
        before = at(0, 1, "a long text in a row".ljust(WIDTH), look)
        after = at(0, 1, "a long".ljust(WIDTH), look)
        terminal, out = shown(CellDiff(WIDTH, HEIGHT), before, after)
        whole = Emulator(WIDTH, HEIGHT)
        whole.feed(after)
        assert terminal.rows()[1] == whole.rows()[1]
        assert ("\x1b[K" in out) is wiped, look
    before, after = at(0, 1, "a long text, more"), at(0, 1, "a          , more")
    assert "\x1b[K" not in shown(CellDiff(WIDTH, HEIGHT), before, after)[1]


BLUE = "38;2;9;9;9;48;2;1;1;1"


def test_blanks_in_a_background_are_erased_where_the_terminal_can() -> None:
    before, after = at(0, 1, "a long text".ljust(WIDTH), BLUE), at(0, 1, "a".ljust(WIDTH), BLUE)
    assert "\x1b[K" in shown(CellDiff(WIDTH, HEIGHT, bce=True), before, after)[1]
    assert "\x1b[K" not in shown(CellDiff(WIDTH, HEIGHT), before, after)[1]


def test_many_blanks_before_something_else_are_erased_where_the_terminal_can() -> None:
    before, after = at(0, 1, "a longertext. b", BLUE), at(0, 1, "a           . b", BLUE)
    assert "\x1b[10X" in shown(CellDiff(WIDTH, HEIGHT, bce=True), before, after)[1]
    assert "X" not in shown(CellDiff(WIDTH, HEIGHT), before, after)[1]
    few = at(0, 1, "a longe     . b", BLUE)
    assert "X" not in shown(CellDiff(WIDTH, HEIGHT, bce=True), before, few)[1]


def test_a_mark_that_shows_on_blanks_is_never_erased_with() -> None:
    for mark in ("4", "7", "9"):
        before = at(0, 1, "a long text".ljust(WIDTH), f"{mark};{BLUE}")
        after = at(0, 1, "a".ljust(WIDTH), f"{mark};{BLUE}")
        out = shown(CellDiff(WIDTH, HEIGHT, bce=True), before, after)[1]
        assert "\x1b[K" not in out
        assert "X" not in out


def test_a_screen_of_one_background_is_cleared_in_it() -> None:
    rows = [at(0, y, f"row {y}".ljust(WIDTH), BLUE) for y in range(HEIGHT)]
    terminal, out = shown(CellDiff(WIDTH, HEIGHT, bce=True), "".join(rows))
    assert out.startswith("\x1b[m\x1b[48;2;1;1;1m\x1b[2J")
    assert "   " not in out
    whole = Emulator(WIDTH, HEIGHT)
    whole.feed("".join(rows))
    assert terminal.rows() == whole.rows()


def test_what_a_screen_is_cleared_in_takes_a_look_at_each_look_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Look] = []

    def make(back: str) -> Look:
        made.append(Look(back=back))
        return made[-1]

    blue, red = Look(back=BLUE), Look("31", "41")
    lines = [Line.of(" ", WIDTH, blue), Line.of(" ", WIDTH, red), Line.of("x", WIDTH, red)]
    monkeypatch.setattr(canvas, "Look", make)
    assert canvas.most_common_ground([*lines, Line.of(" ", WIDTH, red)]) == blue
    assert len(made) <= 2


def test_looks_that_are_alike_are_one_object() -> None:
    bold = dressed(PLAIN, "1;31")
    assert bold is dressed(dressed(PLAIN, "31") or PLAIN, "1")
    assert dressed(PLAIN, "0") is PLAIN
    linked = CellDiff(WIDTH, HEIGHT)
    link = "\x1b]8;;https://a.example\x1b\\"
    linked.feed(f"\x1b[1;1H{link}a\x1b[1mb\x1b[0mc")
    looks = linked._canvas.lines[0].looks
    assert looks[0] is looks[2]


@given(st.integers(-5, 5), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_rows_that_moved_are_moved(shift: int, changed: int) -> None:
    model = CellDiff(WIDTH, HEIGHT)
    frame = listing(shift) + at(4, changed, "other")
    terminal, out = shown(model, listing(0), frame)
    whole = Emulator(WIDTH, HEIGHT)
    whole.feed(frame)
    assert terminal.rows() == whole.rows()
    if shift:
        assert len(out) < 80 + 70 * abs(shift)


def test_one_row_further_costs_one_row() -> None:
    model = CellDiff(120, 40)
    rows = [f"row {y} {y * 7919 % 997} of it".ljust(120) for y in range(41)]
    shown(model, "".join(at(0, y, text) for y, text in enumerate(rows[:40])))
    model.feed("".join(at(0, y, text) for y, text in enumerate(rows[1:])))
    assert len(model.emit()) < 60


def test_what_is_there_already_is_not_sent() -> None:
    _, out = shown(CellDiff(WIDTH, HEIGHT), listing(0), listing(0))
    assert out == ""


@settings(max_examples=50, deadline=None)
@given(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
def test_the_cursor_goes_where_something_is_typed(x: int, y: int) -> None:
    model = CellDiff(WIDTH, HEIGHT)
    typed = f"\x1b[{y + 1};{x + 1}H"
    terminal, _ = shown(model, listing(0), at(3, 3, "other") + typed)
    assert (x, y) in (HOME, terminal.cursor)


def test_the_cursor_is_left_where_it_is_while_nothing_is_typed() -> None:
    model, home = CellDiff(WIDTH, HEIGHT), "\x1b[1;1H"
    ticks = (at(0, 3, f"left 12:0{n}", BLUE) + home for n in (7, 8, 9))
    terminal, out = shown(model, *ticks)
    assert out == "\b9"
    assert terminal.cursor == (10, 3)


def test_one_cell_costs_a_few_bytes() -> None:
    model = CellDiff(WIDTH, HEIGHT)
    _, out = shown(model, *(at(0, 3, f"left 12:0{n}", "38;2;1;2;3") for n in (7, 8)))
    assert len(out) < 35


def test_after_forgetting_all_is_written_again() -> None:
    model = CellDiff(WIDTH, HEIGHT)
    terminal, _ = shown(model, listing(3))
    before = terminal.rows()
    terminal.scramble()
    model.forget()
    terminal.feed(model.emit())
    assert terminal.rows() == before


def test_after_foreign_bytes_only_what_comes_next_is_written() -> None:
    model = CellDiff(WIDTH, HEIGHT)
    shown(model, listing(0))
    model.forget(repaint=False)
    assert model.emit() == ""
    model.feed(at(0, 2, "next"))
    out = model.emit()
    assert "next" in out
    assert "row" not in out


def test_nothing_is_sent_before_something_is_wanted() -> None:
    model = CellDiff(WIDTH, HEIGHT)
    assert model.emit() == ""
    model.resize(10, 4)
    assert model.emit() == ""
    assert model.size == (10, 4)


@pytest.mark.parametrize(
    "foreign",
    ["\x1b[2J", "\x1b[?1049h", "\x1b[5S", "\x1b[58;2;1;2;3m", "\x1bP1$r\x1b\\", "\x1b[4:3m", "\a"],
)
def test_what_is_not_understood_is_not_swallowed(foreign: str) -> None:
    model = CellDiff(WIDTH, HEIGHT)
    known = at(0, 0, "known")
    assert model.feed(known + foreign + "more") == len(known)


def test_a_new_line_that_would_scroll_is_not_understood() -> None:
    model = CellDiff(WIDTH, 2)
    assert model.feed("a\nb\nc") == len("a\nb")


def test_text_past_the_edge_falls_into_the_last_column() -> None:
    terminal, _ = shown(CellDiff(6, 2), at(0, 0, "abcdefgh") + at(5, 1, "日"))
    assert terminal.text == ["abcdeh", ""]


def test_a_link_is_opened_and_closed() -> None:
    link = "\x1b]8;id=1;https://example.org/\x1b\\"
    model = CellDiff(WIDTH, HEIGHT)
    model.feed(f"\x1b[1;1H\x1b[4m{link}here\x1b]8;;\x1b\\\x1b[0m there")
    before, _, after = model.emit().partition(link)
    assert "there" in before
    assert "\x1b]8;;\x1b\\" in after.partition("here")[2]


@given(st.lists(st.sampled_from(LOOKS), min_size=2, max_size=6))
def test_a_change_of_looks_ends_in_the_look(chain: Sequence[str]) -> None:
    now = PLAIN
    terminal = Emulator(8, 1)
    for parameters in chain:
        wanted = dressed(PLAIN, parameters)
        assert wanted is not None
        terminal.feed(f"\x1b[1;1H{change(now, wanted)}x")
        fresh = Emulator(8, 1)
        fresh.feed(f"\x1b[{parameters}mx")
        assert terminal.rows()[0][0] == fresh.rows()[0][0]
        now = wanted


def test_what_looks_alike_is_written_together() -> None:
    model = CellDiff(WIDTH, HEIGHT)
    rows = "".join(
        at(0, y, "late", "38;2;1;2;3") + at(5, y, "text", "38;2;4;5;6") for y in range(4)
    )
    _, out = shown(model, rows)
    assert out.count("38;2;1;2;3") == out.count("38;2;4;5;6") == 1


def test_a_blank_between_changes_is_written_rather_than_passed_over() -> None:
    model, look = CellDiff(WIDTH, HEIGHT), "38;5;120;48;5;16"

    def word(text: str) -> str:
        return "".join(at(x, 0, letter, look) for x, letter in enumerate(text))

    shown(model, word("a b  c"))
    _, out = shown(model, word("x y  z"))
    assert "x y  z" in out


@pytest.mark.parametrize(("kept", "written"), [("ж", True), ("жо", True), ("жол", False)])
def test_letters_between_changes_are_written_where_they_are_fewer_bytes(
    kept: str, written: bool
) -> None:
    model, look = CellDiff(WIDTH, HEIGHT), "38;5;120"
    before, after = (at(0, 0, f"{end}{kept}{end}", look) for end in "ab")
    _, out = shown(model, before, after)
    assert (f"b{kept}b" in out) is written


def test_blanks_go_with_what_is_written_on_the_same_ground() -> None:
    model, ground = CellDiff(WIDTH, HEIGHT), "48;2;1;1;1"
    late, text = f"38;2;1;2;3;{ground}", f"38;2;4;5;6;{ground}"

    def frame(words: str, end: str) -> str:
        rows = (at(0, y, words, late) + at(9, y, words, text) for y in (1, 2, 3))
        return at(0, 0, f"slot{end}", late) + "".join(rows)

    _, out = shown(model, frame("old", "s"), at(0, 5, "pen", f"7;{ground}"), frame("new", " "))
    assert len(re.findall(r"\x1b\[[\d;]*m", out)) == 2


@pytest.mark.parametrize(("bar", "erased"), [(" ", "\v\x1b[K\v\x1b[K"), ("|", "\v\x1b[2C\x1b[K")])
def test_rows_are_erased_from_straight_below_where_nothing_stands_before(
    bar: str, erased: str
) -> None:
    ground, black = "48;5;16", "38;5;120;48;5;16"
    frame = "".join(at(0, y, " " * WIDTH, ground) for y in range(HEIGHT)) + at(4, 2, bar, black)
    was = at(4, 1, "somebody", black) + at(6, 2, "their words", black) + at(6, 3, "more", black)
    now = "".join(at(x, y, " " * (WIDTH - x), ground) for x, y in ((4, 1), (6, 2), (6, 3)))
    terminal, out = shown(CellDiff(WIDTH, HEIGHT, bce=True), frame + was, now)
    assert f"\x1b[K{erased}" in out
    assert [line.strip() for line in terminal.text[1:4]] == ["", bar.strip(), ""]


def test_the_look_stays_set_until_something_else_writes() -> None:
    model = CellDiff(WIDTH, HEIGHT)
    _, out = shown(model, at(0, 0, "a", "1;31"), at(0, 1, "b", "1;31"))
    assert "b" in out
    assert "m" not in out
    assert model.plain() == "\x1b[m"
    assert model.plain() == ""


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("38;2;255;175;95", "38;5;215"),
        ("48;2;18;18;18", "48;5;233"),
        ("38;2;0;0;0", "38;2;0;0;0"),
        ("38;2;255;175;96", "38;2;255;175;96"),
    ],
)
def test_a_colour_of_the_palette_goes_by_its_number(asked: str, sent: str) -> None:
    model = CellDiff(WIDTH, HEIGHT)
    _, out = shown(model, at(0, 0, "a", asked))
    assert f"\x1b[{sent}m" in out


def test_marks_that_end_together_are_set_again() -> None:
    both = Look(marks=frozenset(("1", "2")))
    assert change(both, Look(marks=frozenset(("1",)))) == "\x1b[;1m"


def test_what_is_of_one_cell_is_disputed_nowhere() -> None:
    narrow = [chr(code) for code in range(0x110000) if NARROW.fullmatch(chr(code))]
    assert len(narrow) > 1_000
    assert not any(re.search(DISPUTED, character) for character in narrow)


@pytest.mark.parametrize(("text", "disputed"), [("a─ж", False), ("日本", False), ("a☺", True)])
def test_only_what_terminals_differ_about_is_disputed(text: str, disputed: bool) -> None:
    assert is_disputed(text) is disputed
