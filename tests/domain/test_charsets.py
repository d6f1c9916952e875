"""What a terminal of another charset than UTF-8 is sent: all characters, in all charsets."""

from __future__ import annotations

import encodings
import pkgutil
from itertools import chain

import pytest

from modtui.domain.charsets import _sent, carried, has_ascii, is_utf8

EVERYTHING = "".join(map(chr, chain(range(0xD800), range(0xE000, 0x110000))))
CHARSETS = sorted(
    name
    for name in (module.name for module in pkgutil.iter_modules(encodings.__path__))
    if has_ascii(name) and not is_utf8(name) and name != "raw_unicode_escape"
)
STEERING = bytes((*range(32), *range(0x7F, 0xA0)))
# What some charsets write as one character: marks over letters, and letters of tones.
TOGETHER = "Ê\u0304 Ê\u030c か\u309a ト\u309a æ\u0300 ˩˥ ˥˩ ㇷ\u309a e\u0301"


def test_all_charsets_of_terminals_are_there() -> None:
    expected = {"koi8_r", "koi8_u", "cp1251", "kz1048", "ptcp154", "cp866", "latin_1", "gb18030"}
    assert expected | {"euc_jp", "shift_jis", "big5hkscs", "cp949", "iso8859_15"} <= set(CHARSETS)
    assert len(CHARSETS) > 80


@pytest.mark.parametrize("charset", CHARSETS)
def test_no_character_steers(charset: str) -> None:
    theirs = EVERYTHING.encode(charset, "ignore").decode(charset, "ignore")
    foreign = "".join(letter for letter in theirs if not letter.isascii()) + TOGETHER
    try:
        sent = carried(foreign, charset).encode(charset)
    finally:
        _sent.cache_clear()
    assert not set(sent) & set(STEERING)


def test_utf8_is_left_alone() -> None:
    for name in ("utf-8", "UTF-8", "utf8", "utf_8"):
        assert carried(EVERYTHING, name) is EVERYTHING


def test_what_cannot_go_is_something_like_it() -> None:
    said = "“Привет” – 10 €… м², ⌡52;c;x ≤ 5 · й"
    assert carried(said, "koi8-r") == '"Привет" - 10 ?~ м2, ?52;c;x < 5 - й'
    assert carried("Škoda stoß, œuvre", "cp1252") == "Skoda stoß, ?uvre"
    assert carried("Привет, Ёж", "cp866") == "привет, Ёж"
    assert carried("\x9b31m", "latin-1") == "?31m"


def test_letters_of_a_charset_that_are_no_controls_stay() -> None:
    for said, charset in (
        ("Съешь же ещё этих мягких французских булок, Ёж", "koi8-r"),
        ("Їжак, ґанок, Єва", "koi8-u"),
        ("Їжак, ґанок — Єва".replace("—", "-"), "cp1251"),
        ("Żółć gęślą jaźń", "iso8859-2"),
        ("€uro, œuvre", "iso8859-15"),
        ("日本語のカタカナ", "euc-jp"),
        ("中文，你好", "gb18030"),
        ("中文，你好", "gbk"),
        ("안녕하세요", "cp949"),
        ("繁體中文", "big5"),
    ):
        assert carried(said, charset) == said


def test_what_is_none_of_a_terminal_is_told_apart() -> None:
    assert [has_ascii(name) for name in ("koi8-r", "ascii", "gb18030", "euc-kr")] == [True] * 4
    others = ("utf-16", "cp037", "mac_arabic", "hex", "rot13", "idna", "no such", "shift_jis_2004")
    assert [has_ascii(name) for name in others] == [False] * len(others)
