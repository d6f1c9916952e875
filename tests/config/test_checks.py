"""The team's own checks: read with the configuration, each problem with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.domain.wording import Level
from tests.config.desk import problems, read

ACCOUNT = '[[account]]\nname = "forum"\nconnector = "demo"\n'
FILE = ACCOUNT + '[checks]\nfile = "mine.toml"\n'


def test_a_file_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    text = '[levels]\nutm = "block"\n[accounts.forum]\nutm = "off"\n[utm]\nhosts = ["a.example"]\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    book = read(tmp_path, FILE).desk.check_book
    assert book is not None
    assert (book.level("utm", "chat"), book.level("utm", "forum")) == (Level.BLOCK, Level.OFF)
    assert book.level("card", "chat") is Level.OFF, "a rule that is not named is off"
    assert book.utm_hosts == ("a.example",)


def test_without_one_there_is_none_to_read(tmp_path: Path) -> None:
    assert read(tmp_path, "").desk.check_book is None


CASES = [
    ('[levels]\nutm = "warning"\n', 'mine.toml:2: levels.utm: "warning" is not one of off, warn,'),
    ('[levels]\nutn = "warn"\n', 'mine.toml:2: levels.utn: unknown key (did you mean "utm"?)'),
    ('[accounts.form]\nutm = "warn"\n', "mine.toml:1: accounts.form: there is no such account"),
    ('[accounts]\nforum = "warn"\n', 'mine.toml:2: accounts.forum: "warn" is not a table'),
    ('[stop_words]\nen = ["a", "b, c"]\n', 'mine.toml:2: stop_words.en: "b, c" is not a row of'),
    ("[utm]\nhost = []\n", 'mine.toml:2: utm.host: unknown key (did you mean "hosts"?)'),
    ("[utm.tags]\nutm_source = 1\n", "mine.toml:2: utm.tags.utm_source: 1 is not a text"),
    ("[partner_links]\nhosts = 'x'\n", "mine.toml:2: partner_links.hosts: "),
    (
        '[utm]\nhosts = ["https://a.example.org/x"]\n',
        '"https://a.example.org/x" is not a host, such as "a.example.org"',
    ),
    ('[partner_links]\nhosts = ["*.казино.рф"]\n', 'is not a host, such as "казино.рф"'),
    ('[partner_links]\nhosts = [""]\n', 'is not a host, such as "example.org"'),
    ("[personal_data]\nallowed = []\n", "mine.toml:2: personal_data.allowed: unknown key"),
    ("[level]\n", 'mine.toml:1: level: unknown key (did you mean "levels"?)'),
    ("[levels\n", "mine.toml:1: not valid TOML"),
]


@pytest.mark.parametrize(("text", "says"), CASES)
def test_each_problem_of_it_names_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (problem,) = problems(tmp_path, FILE)
    assert says in problem
