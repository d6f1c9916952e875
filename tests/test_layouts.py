"""The tables of layouts against Debian's xkb-data, and against what is kept here of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modtui.layouts import TABLES, elsewhere, key_table

XKB = Path("/usr/share/X11/xkb/symbols")
SECTIONS = {
    "ru": (("ru", "common"), ("ru", "winkeys")),
    "kz": (("kz", "basic"),),
    "ge": (("ge", "basic"),),
    "ge-ergonomic": (("ge", "ergonomic"),),
}
# xkeyboard-config 2.35: what each row types, unshifted, from the key of US "1", "q", "a" and "z".
ROWS = {
    "ru": ("1234567890-=", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю."),
    "kz": ('"әіңғ,.үұқөһ', "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю№"),
    "ge": ("1234567890-=", "ქწერტყუიოპ[]", "ასდფგჰჯკლ;'", "ზხცვბნმ,./"),
    "ge-ergonomic": ("!№,;%:?.()-“", "ჩპუძჭტთნვშკქ", "ხიაეოდმსრბგ", "ჯჰყღჟზცლფწ"),
}
SHIFTED = {
    "ru": ("ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭ", "ЯЧСМИТЬБЮ,"),
    "kz": ("ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭ", "ЯЧСМИТЬБЮ?"),
    "ge": ("QჭEღთYUIOP{}", 'AშDFGHჟKL:"', "ძXჩVBNM<>?"),
    "ge-ergonomic": ("", "", ""),
}
US = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
US_SHIFTED = ("QWERTYUIOP{}", 'ASDFGHJKL:"', "ZXCVBNM<>?")

CYRILLIC_NAMES = (
    "io shorti tse u ka ie en ghe sha shcha ze ha hardsign ef yeru ve a pe er o el de zhe e ya che"
    " es em i te softsign be yu schwa en_descender ghe_bar u_straight u_straight_bar ka_descender"
    " o_bar shha"
)
CYRILLIC = dict(
    zip(CYRILLIC_NAMES.split(), "ёйцукенгшщзхъфывапролджэячсмитьбюәңғүұқөһ", strict=True)
)
GEORGIAN_NAMES = (
    "an ban gan don en vin zen tan in kan las man nar on par zhar rae san tar un phar khar ghan"
    " qar shin chin can jil cil char xan jhan hae"
)
GEORGIAN = dict(zip(GEORGIAN_NAMES.split(), "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", strict=True))
PLACES = {"TLDE": ("`", "~")} | {
    f"{row}{number:02}": (plain, shifted)
    for row, plains, shifts in (
        ("AE", US[0], "!@#$%^&*()_+"),
        ("AD", US[1], US_SHIFTED[0]),
        ("AC", US[2], US_SHIFTED[1]),
        ("AB", US[3], US_SHIFTED[2]),
    )
    for number, (plain, shifted) in enumerate(zip(plains, shifts, strict=True), 1)
}


def character(symbol: str) -> str | None:
    """The character of a keysym outside ASCII, or None."""
    family, _, name = symbol.partition("_")
    if family == "Cyrillic":
        plain = CYRILLIC[name.lower()]
        return plain if name[0].islower() else plain.upper()
    if family == "Georgian":
        return GEORGIAN.get(name)
    if symbol in ("Ukrainian_i", "Ukrainian_I"):
        return "і" if symbol.endswith("i") else "І"
    if symbol == "numerosign":
        return "№"
    if symbol.startswith("0x0100"):
        return chr(int(symbol, 16) - 0x01000000)
    return None


def section(file: str, name: str) -> str:
    text = (XKB / file).read_text(encoding="utf-8")
    start = text.index(f'xkb_symbols "{name}"')
    return text[start : text.index("\n};", start)]


def typed(file: str, name: str) -> dict[str, str]:
    """US key by character outside ASCII, of the first two levels of one section."""
    found: dict[str, str] = {}
    for key, symbols in re.findall(r"key\s*<(\w+)>\s*\{\s*\[([^\]]*)\]", section(file, name)):
        for level, symbol in enumerate([part.strip() for part in symbols.split(",")][:2]):
            char = character(symbol)
            if char is not None and key in PLACES:
                found.setdefault(char, PLACES[key][level])
    return found


@pytest.mark.parametrize("layout", SECTIONS)
def test_the_table_is_what_is_known_of_xkeyboard_config(layout: str) -> None:
    table = TABLES[layout]
    pairs = list(zip(ROWS[layout], US, strict=True))
    pairs += [
        (row, keys[: len(row)]) for row, keys in zip(SHIFTED[layout], US_SHIFTED, strict=True)
    ]
    checked = 0
    for row, keys in pairs:
        for char, key in zip(row, keys, strict=True):
            if not char.isascii():
                assert table[char] == key, (char, key)
                checked += 1
    assert checked >= 33


@pytest.mark.skipif(not XKB.is_dir(), reason="xkb-data is not installed; the rows above are")
@pytest.mark.parametrize("layout", SECTIONS)
def test_the_table_is_that_of_the_xkb_data_installed(layout: str) -> None:
    expected: dict[str, str] = {}
    for file, name in SECTIONS[layout]:
        expected |= typed(file, name)
    assert dict(TABLES[layout]) == expected
    assert len(expected) >= 33


def test_no_table_touches_ascii_and_latin_layouts_mean_the_character() -> None:
    assert not [char for table in TABLES.values() for char in table if char.isascii()]
    assert not TABLES["pl"]
    assert not TABLES["us"]
    assert key_table(()) == key_table(("pl",)) == {}


def test_the_digit_row_of_a_kazakh_keyboard() -> None:
    table = key_table(("kz", "ru"))
    assert "".join(table[char] for char in "әіңғүұқ") == "2345890"
    assert elsewhere(("kz", "ru")) == {
        '"': "1 on kz",
        ",": "6 on kz, ? on ru",
        ".": "7 on kz, / on ru",
    }


def test_a_character_on_two_keys_stays_itself() -> None:
    assert key_table(("ru",))["№"] == "#"
    assert key_table(("kz",))["№"] == "/"
    assert "№" not in key_table(("kz", "ru"))
    assert "ა" not in key_table(("ge", "ge-ergonomic"))
    together = key_table(("ru", "kz", "ge"))
    assert (together["к"], together["რ"], together["ғ"]) == ("r", "r", "5")
