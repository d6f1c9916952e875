"""Keyboard layouts: which key of a US keyboard a character is typed with. Pure tables.

Places after xkeyboard-config 2.35: ru, kz, ge and ge(ergonomic). Only characters outside ASCII
are listed: a comma that a Kazakh keyboard types on its 6 cannot be told from any other comma.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

Table = Mapping[str, str]


def _places(*pairs: tuple[str, str]) -> dict[str, str]:
    return {char: key for chars, keys in pairs for char, key in zip(chars, keys, strict=True)}


_CYRILLIC = _places(
    ("йцукенгшщзхъ", "qwertyuiop[]"), ("ЙЦУКЕНГШЩЗХЪ", "QWERTYUIOP{}"),
    ("фывапролджэ", "asdfghjkl;'"), ("ФЫВАПРОЛДЖЭ", 'ASDFGHJKL:"'),
    ("ячсмитьбю", "zxcvbnm,."), ("ЯЧСМИТЬБЮ", "ZXCVBNM<>"),
)  # fmt: skip

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "ru": _CYRILLIC | _places(("ёЁ№", "`~#")),
        "kz": _CYRILLIC
        | _places(("әіңғүұқөһ", "2345890-="), ("ӘІҢҒҮҰҚӨҺ", "@#$%*()_+"), ("№", "/")),
        "ge": _places(
            ("ქწერტყუიოპ", "qwertyuiop"), ("ასდფგჰჯკლ", "asdfghjkl"), ("ზხცვბნმ", "zxcvbnm"),
            ("ჭღთშჟძჩ", "WRTSJZC"), ("„“", "`~"),
        ),
        "ge-ergonomic": _places(
            ("ჩპუძჭტთნვშკქ", "qwertyuiop[]"), ("ხიაეოდმსრბგ", "asdfghjkl;'"),
            ("ჯჰყღჟზცლფწ", "zxcvbnm,./"), ("„№“", "`2="),
        ),
        "pl": {},
        "us": {},
    }
)  # fmt: skip

# ASCII that a layout types where a US keyboard has another key: it stays what it is.
ELSEWHERE: Mapping[str, Table] = MappingProxyType(
    {
        "ru": {".": "/", ",": "?"},
        "kz": {'"': "1", ",": "6", ".": "7"},
        "ge-ergonomic": {",": "3", ";": "4", "%": "5", ":": "6", ".": "8", "(": "9", ")": "0"},
    }
)


def key_table(layouts: Iterable[str]) -> Table:
    """Return the US key of each character that `layouts` type, by name of TABLES.

    A character that two of them type with different keys stays itself.
    """
    found: dict[str, str] = {}
    unclear: set[str] = set()
    for layout in layouts:
        for char, key in TABLES[layout].items():
            if found.setdefault(char, key) != key:
                unclear.add(char)
    return {char: key for char, key in found.items() if char not in unclear}


def elsewhere(layouts: Iterable[str]) -> dict[str, str]:
    """Return what each character that cannot be told apart may have meant: "7 on kz, / on ru"."""
    found: dict[str, str] = {}
    for layout in layouts:
        for char, key in ELSEWHERE.get(layout, {}).items():
            before = f"{found[char]}, " if char in found else ""
            found[char] = f"{before}{key} on {layout}"
    return found
