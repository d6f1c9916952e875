"""The section [spam]."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.config.desk import problems, read


def test_what_is_not_written_is_as_it_came(tmp_path: Path) -> None:
    assert read(tmp_path, "").desk.spam is None
    rules = read(tmp_path, '[spam]\nwords = ["free spins"]\n').desk.spam
    assert rules is not None
    assert (rules.times, rules.within, rules.automatic) == (3, timedelta(minutes=10), ())
    assert [rung.words for rung in rules.ladder] == [
        "warn", "mute for 1 h", "mute for 1 d", "ban for 7 d", "ban for good",
    ]  # fmt: skip


def test_the_section_alone_is_as_it_came(tmp_path: Path) -> None:
    rules = read(tmp_path, "[spam]\n").desk.spam
    assert rules is not None
    assert (rules.times, len(rules.ladder)) == (3, 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('automatic = ["words"]\n', '2: spam.automatic: "words" finds nothing: there are no words'),
        ('automatic = ["text"]\ntimes = 0\n', "2: spam.automatic: nothing is counted: times is 0"),
        (
            'automatic = ["text"]\nladder = ["ban"]\n',
            "2: spam.automatic: does nothing: the ladder has no step that is not for good",
        ),
        ('words = ["a, b"]\n', '2: spam.words: "a, b" is not a row of words'),
        ("times = 1\n", "2: spam.times: 1 would be everybody"),
        ('within = "2d"\n', "2: spam.within: is too long"),
        ('ladder = ["mute"]\n', '2: spam.ladder: "mute" has no end'),
        (
            'automatic = ["txt"]\n',
            '2: spam.automatic: "txt" is not one of words, author, text',
        ),
        ("word = []\n", '2: spam.word: unknown key (did you mean "words"?)'),
    ],
)
def test_each_problem_names_its_line(tmp_path: Path, text: str, says: str) -> None:
    (problem,) = problems(tmp_path, "[spam]\n" + text)
    assert f"config.toml:{says}" in problem
