"""One writing of a text, however it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modtui.domain.latin import folded, spelled

ALPHABETS = {
    "pl": "aąbcćdeęfghijklłmnńoóprsśtuwyzźż",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ka": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
}


@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_of_a_language_has_a_latin_one(language: str) -> None:
    assert folded(ALPHABETS[language]).isascii()


@pytest.mark.parametrize(
    ("typed", "one"),
    [
        ("Wypłata", "wyplata"),
        ("ақшам", "aksham"),
        ("акшам", "aksham"),
        ("ВЫВОД", "vyvod"),
        ("ფული", "puli"),
        ("Can\u2019t", "cant"),
    ],
)
def test_what_is_one_word_is_written_alike(typed: str, one: str) -> None:
    assert folded(spelled(typed)) == one


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    once = folded(spelled(text))
    assert folded(once) == once


def test_wide_letters_stress_marks_and_what_is_unseen_make_no_other_word() -> None:
    assert spelled("ｋｉｌｌ ки\u0301ль ki\u00adll ki\u200bll") == "kill киль kill kill"
