"""Raw text spelled out, and as it is kept for others."""

from __future__ import annotations

import base64
import unicodedata

import pytest
from hypothesis import given, settings

from modtui.domain.evidence import raw_base64, spelled
from modtui.domain.text import MAX_MARKS, clean
from tests.domain.test_text import HOSTILE
from tests.security.poison import EVERYTHING
from tests.security.wire import steers


@settings(max_examples=500, deadline=None)
@given(HOSTILE)
def test_what_is_spelled_hides_nothing_and_steers_nothing(raw: str) -> None:
    text = spelled(clean(raw).raw).text
    assert not any(steers(character) for character in text if character != "\n")
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character).startswith("M") else 0
        assert run <= MAX_MARKS


@pytest.mark.parametrize(
    ("raw", "text", "names"),
    [
        ("a\u202eb", "a<U+202E>b", (("U+202E right-to-left override", 1),)),
        ("\x1b\x1b\t", "<U+001B><U+001B><U+0009>", (("U+001B escape", 2), ("U+0009 tab", 1))),
        ("\x9b\ue000", "<U+009B><U+E000>", (("U+009B control", 1), ("U+E000 private use", 1))),
        ("\ufffe", "<U+FFFE>", (("U+FFFE no character", 1),)),
        ("\U000e0041", "<U+E0041>", (("U+E0041 tag latin capital letter a", 1),)),
        ("👩\u200d👧\ufe0f", "👩<U+200D>👧<U+FE0F>",
         (("U+200D zero width joiner", 1), ("U+FE0F variation selector-16", 1))),
        ("fine\nжé", "fine\nжé", ()),
    ],
)  # fmt: skip
def test_hidden_characters_are_named(
    raw: str, text: str, names: tuple[tuple[str, int], ...]
) -> None:
    said = spelled(raw)
    assert (said.text, said.names, said.left) == (text, names, 0)


def test_marks_too_many_are_spelled_and_what_is_left_is_counted() -> None:
    said = spelled("z" + "\u0335" * 10 + "x" * 50, limit=31)
    assert said.text == "z" + "\u0335" * MAX_MARKS + "<U+0335>" * 2 + "x" * 20
    assert said.left == 30


def test_base64_keeps_every_character() -> None:
    raw = clean(EVERYTHING).raw
    assert base64.b64decode(raw_base64(raw)).decode() == EVERYTHING
    assert base64.b64decode(raw_base64("lone \ud800")) == b"lone \\ud800"
