"""The team's own help routes: read with the configuration, each problem with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.config import reader
from modtui.config.lines import find_lines
from modtui.config.reader import Problem
from modtui.config.rulebook import read_help_book
from modtui.domain.help_routes import Heard, heard
from tests.config.desk import problems, read

ACCOUNT = '[[account]]\nname = "forum"\nconnector = "demo"\n'
FILE = '[help_routes]\nfile = "mine.toml"\n'
MINE = """[disclaimer]
en = "Not a doctor."
[emergency]
PL = "112"
[[route]]
id = "self-harm"
[route.links]
PL = "116 123"
[route.patterns]
en = ["give up"]
"""


def test_a_file_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    where = 'country = "PL"\ncountries = { forum = "KZ" }\n'
    desk = read(tmp_path, ACCOUNT + FILE + where).desk
    book = desk.help_book
    assert book is not None
    assert heard(book, "I give up", ("self-harm",)) == Heard("self-harm", "give up")
    assert heard(book, "kill myself", ("self-harm",)) is None
    assert (book.link("self-harm", "PL"), book.emergency["PL"]) == ("116 123", "112")
    assert (desk.country_of("forum"), desk.country_of("chat")) == ("KZ", "PL")


CASES = [
    ("[[route]]\nid = 'a b'\n", 'mine.toml:2: route.id: "a b" is not a route'),
    ("[[route]]\nid = 'a'\n[[route]]\nid = 'a'\n", 'mine.toml:4: route.id: "a" is there twice'),
    ("[[route]]\n[route.links]\n", "mine.toml:1: route.id: is missing"),
    ("[[route]]\nid = 'a'\n[route.links]\npoland = 'x'\n", "mine.toml:4: route.links.poland: is"),
    (
        "[[route]]\nid = 'a'\n[route.patterns]\nen = ['x', 'a, b']\n",
        'mine.toml:4: route.patterns.en: "a, b" is not a row of words',
    ),
    ("[[route]]\nid = 'a'\n[route.patterns]\nen = 'x'\n", "mine.toml:4: route.patterns.en: "),
    ("[disclamer]\nen = 'x'\n", 'mine.toml:1: disclamer: unknown key (did you mean "disclaimer"?)'),
    ("[disclaimer]\nenglish = 'x'\n", "mine.toml:2: disclaimer.english: is not a language"),
    ("disclaimer = 'x'\n", 'mine.toml:1: disclaimer: "x" is not a table'),
    ("route = 'x'\n", "mine.toml:1: route: is no list: write [[route]]"),
    ("[[route]\n", "mine.toml:1: not valid TOML"),
]


@pytest.mark.parametrize(("text", "says"), CASES)
def test_each_problem_of_it_names_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (problem,) = problems(tmp_path, FILE)
    assert says in problem


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, FILE)
    assert problem == "mine.toml: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('country = "Poland"\n', '2: help_routes.country: "Poland" is not a country'),
        ('countries = "PL"\n', "2: help_routes.countries: is not a table"),
        ('countries = { form = "PL" }\n', '2: help_routes.countries: there is no account "form"'),
        ("contry = 1\n", "2: help_routes.contry: unknown key"),
    ],
)
def test_a_country_is_two_letters(tmp_path: Path, text: str, says: str) -> None:
    (problem,) = problems(tmp_path, "[help_routes]\n" + text)
    assert f"config.toml:{says}" in problem


def test_no_line_is_looked_for_in_a_file_without_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def look(text: str) -> dict[tuple[str | int, ...], int]:
        looked.append(text)
        return find_lines(text)

    monkeypatch.setattr(reader, "find_lines", look)
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    assert read_help_book(tmp_path / "mine.toml", []) is not None
    assert not looked
    flawed, found = MINE + "xx = 1\n", list[Problem]()
    (tmp_path / "mine.toml").write_text(flawed, encoding="utf-8")
    assert read_help_book(tmp_path / "mine.toml", found) is None
    assert looked == [flawed]
    assert str(found[0]).startswith(f"{tmp_path}/mine.toml:11: route.patterns.xx: ")
