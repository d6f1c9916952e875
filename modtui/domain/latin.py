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


def spelled(text: str) -> str:
    """Return `text` in small letters, without apostrophes: "can't" and "cant" are one word."""
    text = text.casefold()
    for mark in _APOSTROPHES:
        text = text.replace(mark, "")
    return text


def folded(word: str) -> str:
    """Return a small word in Latin letters; letters of other scripts stay as they are."""
    return word if word.isascii() else word.translate(_LATIN)
