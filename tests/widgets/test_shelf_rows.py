"""The library in rows: what a line, a preview and the line about broken files say."""

from __future__ import annotations

from datetime import date

import pytest

from modtui.domain.outcomes import Outcome
from modtui.domain.replies import Entry, Variant
from modtui.engine.shelf import Shelved
from modtui.widgets.cells import cell_len, width_of
from modtui.widgets.shelf_rows import (
    Order,
    came_back,
    preview_rows,
    shelf_columns,
    shelf_header,
    shelf_line,
    spoken,
    tilde,
    trouble_rows,
    trouble_words,
    with_rest,
)

ENTRY = Entry(
    "withdrawal-times",
    {
        "en": Variant("en", "Withdrawal times", "It takes {days}. Ask {author}.", "lead",
                      {"days": "three days"}, date(2026, 3, 1)),
        "ru": Variant("ru", "Сроки вывода", "Это займёт {days}."),
    },
    tags=("payments",), reasons=("question",), then=("resolve",),
    source="/r/pay.toml", line=12,
)  # fmt: skip


def text(rows: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    return "\n".join("".join(piece for piece, _ in row).rstrip() for row in rows)


@pytest.mark.parametrize("width", [60, 71, 79, 99, 140])
def test_header_and_lines_have_the_same_columns(width: int) -> None:
    cols = shelf_columns(width, ("en", "ru", "ka"))
    header = shelf_header(cols)
    line = shelf_line(Shelved(ENTRY, sent=212, digit=9), cols, ("ru",))
    assert header.index("title") == 4
    assert line.text.index("Сроки") + 1 == header.index("title")
    assert line.text.index("withdr") + 1 == header.index("id ")
    assert line.text[header.index(" en") + 1] == "+"
    assert line.text[header.index(" ru") + 1] == "·"
    assert line.text[header.index(" ka") + 1] == " "
    assert line.text.index("212×") + 4 == header.index("sent") + 3
    assert cell_len(header) <= width
    assert ("resolve" in line.text) == (width >= 96)
    assert line.text.startswith("9 ")


def test_a_line_marks_what_its_file_lost_and_an_unpinned_entry_has_no_digit() -> None:
    cols = shelf_columns(79, ("en",))
    line = shelf_line(Shelved(ENTRY, problem="/r/pay.toml:3: what"), cols, ("en",))
    assert line.text.startswith(" ! ")
    assert line.urgent
    assert shelf_line(Shelved(ENTRY), cols, ("en",)).text.startswith("   ")


def test_by_what_is_least_settled_the_share_that_came_back_stands_in_the_line() -> None:
    cols = shelf_columns(79, ("en",))
    assert shelf_header(cols, Order.UNSETTLED).rstrip().endswith("back")
    outcome = Outcome(8, reopened=1, again=2)
    line = shelf_line(Shelved(ENTRY, sent=9), cols, ("en",), came_back(outcome))
    assert line.text.rstrip().endswith(" 25%")
    assert came_back(None) == ""


def test_a_text_that_goes_on_says_by_which_key() -> None:
    assert text((with_rest((("a title", "strong"),), 30),)) == "a title       space: the rest"


def test_the_languages_of_the_moderator_come_first() -> None:
    assert spoken((Shelved(ENTRY),), ("ka", "ru")) == ("ru", "en")


def test_a_preview_says_who_approved_it_and_what_fills_the_placeholders() -> None:
    shown = text(preview_rows(Shelved(ENTRY, sent=3, digit=9, mine=True), "en", 80))
    assert "[en] ru   approved by lead, 2026-03-01" in shown
    assert "withdrawal-times · sent 3× · pinned to 9 by you · then resolve" in shown
    assert "It takes {days}. Ask {author}." in shown
    assert "{days} “three days”" in shown
    assert "{author} asked for each time" in shown
    known = text(preview_rows(Shelved(ENTRY), "en", 80, fills=("author", "days")))
    assert "{days} from the thread, else “three days”" in known
    assert "{author} from the thread, or asked for" in known
    assert "/r/pay.toml:12" in shown
    russian = text(preview_rows(Shelved(ENTRY, starter=True), "ru", 60))
    assert "en [ru]   not approved" in russian
    assert "came with modtui, an edit copies it" in russian
    pieces = [p for row in preview_rows(Shelved(ENTRY), "en", 60) for p in row]
    assert ("{days}", "held") in pieces


def test_hostile_words_in_an_entry_are_text_and_nothing_else() -> None:
    evil = "[@click=app.quit]x[/]\x1b]0;owned\x07\u202e"
    entry = Entry(
        "evil", {"en": Variant("en", "T", "B", evil)}, tags=(evil,), then=(evil,), source=evil
    )
    shelved = Shelved(entry, problem=f"/r/x.toml:1: {evil}")
    rows = preview_rows(shelved, "en", 50)
    assert all(width_of(row) == 50 for row in rows)
    shown = text(rows) + shelf_line(shelved, shelf_columns(140, ("en",)), ("en",)).text
    shown += trouble_words((shelved.problem,))
    assert "[@click=app.quit]x[/]" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_what_could_not_be_read_is_counted_by_file_and_named_with_its_line() -> None:
    problems = ("/r/no: no such folder", "/r/x.toml:12: bad", "/r/x.toml:30: worse", "/r/y:1: no")
    assert trouble_words(problems) == "2 files and 1 folder could not be read: /r/x.toml:12: bad"
    assert trouble_words(problems[1:]) == "2 files could not be read: /r/x.toml:12: bad"
    many = "/r/d: is not read, nor what follows: more than 500 folders are in the library"
    assert "makes it" not in text(trouble_rows((many,), ("E", "N"), 120))
    assert trouble_words(problems[1:2]) == "1 file could not be read: /r/x.toml:12: bad"
    assert trouble_words(problems[:1]) == "/r/no: no such folder"
    assert text(trouble_rows(problems, ("E", "N"), 80)).endswith("bad · E opens it")
    assert text(trouble_rows(problems[:1], ("E", "N"), 80)) == (
        " ! /r/no: no such folder · N makes it"
    )
    long = text(trouble_rows((f"/r/x.toml:12: {'word ' * 60}",), ("E", "N"), 60))
    assert len(long.splitlines()) == 2
    assert long.endswith("… · E opens it")
    assert trouble_rows((), ("E", "N"), 80) == ()


def test_the_home_folder_is_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/mod")
    assert tilde("/home/mod/replies/x.toml:3:  bad") == "~/replies/x.toml:3: bad"
    assert tilde("/home/modesty/x") == "/home/modesty/x"
