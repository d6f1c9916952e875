"""One writing of a text, however it was typed: small Latin letters, without diacritics and
apostrophes.

People leave out the letters that their keyboard lacks: Polish comes without its marks, Kazakh in
Russian letters, Russian and Georgian in Latin ones. Folded, they all meet, and so do the words that
languages share.
"""

from __future__ import annotations

_POLISH = dict(zip("ąćęłńóśźż", "acelnoszz", strict=True))
_CYRILLIC = {
    **dict(zip("абвгдеёзийклмнопрстуфхыэ", "abvgdeeziyklmnoprstufhye", strict=True)),
    **dict(zip("қғңұүөәіһ", "kgnuuoaih", strict=True)),
    **{"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya"},
    **{"ъ": "", "ь": ""},
}
_GEORGIAN = {
    **dict(zip("აბგდევზთიკლმნოპრსტუფქყჯჰ", "abgdevztiklmnoprstupkkjh", strict=True)),
    **{"ჟ": "zh", "ღ": "gh", "შ": "sh", "ჩ": "ch", "ც": "ts", "ძ": "dz", "წ": "ts", "ჭ": "ch"},
    **{"ხ": "kh"},
}
_LATIN = str.maketrans({**_POLISH, **_CYRILLIC, **_GEORGIAN})
_APOSTROPHES = "'’ʼ`"
_PLAIN = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u0300\u0301\u200b\u200c\u200d\u2060\ufeff"), ""),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    **{0x3002: ".", 0x2024: "."},
}


def plain(text: str) -> str:
    """Return `text` with hyphens for dashes, narrow ASCII for wide, and without accents set apart
    and what cannot be seen."""
    return text if text.isascii() else text.translate(_PLAIN)


def spelled(text: str) -> str:
    """Return `text` in small letters, without apostrophes: "can't" and "cant" are one word."""
    text = plain(text).casefold()
    for mark in _APOSTROPHES:
        text = text.replace(mark, "")
    return text


def folded(word: str) -> str:
    """Return a small word in Latin letters; letters of other scripts stay as they are."""
    return word if word.isascii() else word.translate(_LATIN)
