"""Which language a text is written in, by script, letters and n-grams: for five languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Patterns that a start may never need are text: `re` compiles one when it is first used.
_NOISE = r"(?i)(?:https?://|www\.|\b[a-z0-9-]+\.[a-z]{2,}/)\S*|[@#]\w+"
_NOISY = ("/", "@", "#", "w.", "W.")
# Both cases are spelled out: a pattern that ignores case looks at every letter twice.
_GEORGIAN = "[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f]"
_CYRILLIC = "[\u0400-\u052f]"
_FURTHER_LATIN = "[\u0200-\u024f]"
_KAZAKH = "[әіңғүұқөһӘІҢҒҮҰҚӨҺ]"
_OTHER_CYRILLIC = "[їєґўђћљњџЇЄҐЎЂЋЉЊЏ]"
_POLISH = "[ąćęłńśźżĄĆĘŁŃŚŹŻ]"
_OTHER_LATIN = "[äëïöüßñçãõåæøâêîôûàèìùşğıčřšžťďňýőűāēīūÄÖÜÑÇÅÆØŞĞİČŘŠŽŐŰ]"
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LATIN_1 = _LETTERS + bytes(range(0xC0, 0x100))
_NO_LATIN = bytes(set(range(256)) - set(_LATIN_1))
_SPACED = bytes(byte if byte in _LETTERS else 0x20 for byte in range(256))
_WORD = re.compile(r"[^\W\d_]+")
_KAZAKH_SHARE = 0.03
_RUSSIAN = "ьчщ"
_RUSSIAN_SHARE = 0.025
_SHORT = 60
"""Longer than this, a text with no telling letters or words may be in a third language."""
_HEARD = 120
"""So many letters of a text are asked for n-grams."""
_DENSE = 2
"""What the n-grams of a longer text say for each letter when it is in one of the two languages."""
_SURE = 2
_WORD_WEIGHT = 6
_MARGIN = 2

_POLISH_WORDS = frozenset(
    _WORD.findall(
        """
        nie jest się czy jak dlaczego gdzie mam moje moja mój dla od po tylko już ale kto co mnie
        ja ty za przez jestem mogę proszę konto kiedy ile tak są był było być ktoś nic tu tam ze
        albo żeby pomocy pomoc dzień dobry dzięki wypłata wypłaty bonus zmienić regulamin limit z
        w sie jestes moge prosze byc byl ktos zeby pomoc dzien dobry dzieki wyplata wyplaty zmienic
        """
    )
)
_ENGLISH_WORDS = frozenset(
    _WORD.findall(
        """
        the is are was were my your you it its and or of for with without have has had not don can
        how why what when where who this that these they them he she we me if be been will would
        should please help free now here there all any get got from at by just only after before
        still never always money account about so out up click join want need than then
        """
    )
)


def guess(text: str) -> str | None:
    """Return ka, kk, ru, pl, en, or None when the letters do not tell."""
    if any(mark in text for mark in _NOISY):
        text = re.sub(_NOISE, " ", text)
    if text.isascii():
        return _latin(text)
    georgian, cyrillic, latin = _letters(text)
    if georgian and georgian >= max(cyrillic, latin):
        return "ka"
    if cyrillic and cyrillic >= latin:
        return _cyrillic(text, cyrillic)
    return _latin(text) if latin else None


def _letters(text: str) -> tuple[int, int, int]:
    """Return how many letters are Georgian, Cyrillic, Latin.

    The upper halves of UTF-16 tell the blocks of Unicode apart, and bytes are counted fast; only
    where a block is shared with other scripts are the characters looked at.
    """
    blocks = text.encode("utf-16-le", "surrogatepass")[1::2]
    georgian = cyrillic = 0
    if b"\x10" in blocks or b"\x1c" in blocks or b"\x2d" in blocks:
        georgian = len(re.findall(_GEORGIAN, text))
    cyrillic = len(re.findall(_CYRILLIC, text)) if b"\x05" in blocks else blocks.count(4)
    latin = len(text.encode("latin-1", "ignore").translate(None, _NO_LATIN)) + blocks.count(1)
    if b"\x02" in blocks:
        latin += len(re.findall(_FURTHER_LATIN, text))
    return georgian, cyrillic, latin


def _cyrillic(text: str, letters: int) -> str | None:
    if re.search(_OTHER_CYRILLIC, text):
        return None
    if len(re.findall(_KAZAKH, text)) >= letters * _KAZAKH_SHARE:
        return "kk"
    if letters > _SHORT and sum(map(text.count, _RUSSIAN)) > letters * _RUSSIAN_SHARE:
        return "ru"
    # Kazakh is also typed without its own letters, on a Russian keyboard.
    from modtui.domain.ngrams import KAZAKH_RUSSIAN

    return "kk" if _speaks(text[:_HEARD], KAZAKH_RUSSIAN) > _MARGIN else "ru"


def _latin(text: str) -> str | None:
    polish = 0
    if text.isascii():
        words = text.encode("ascii").translate(_SPACED).decode("ascii").lower().split()
    else:
        words = _WORD.findall(text.casefold())
        polish = 2 * len(re.findall(_POLISH, text))
    polish += sum(map(_POLISH_WORDS.__contains__, words))
    english = sum(map(_ENGLISH_WORDS.__contains__, words))
    more = polish - english
    if abs(more) < _SURE and not re.search(_OTHER_LATIN, text):
        from modtui.domain.ngrams import POLISH_ENGLISH

        heard, words_say = text[:_HEARD], more
        more = _WORD_WEIGHT * more + _speaks(heard, POLISH_ENGLISH)
        if len(text) > _SHORT and abs(more) < _DENSE * len(heard):
            more = words_say
        elif abs(more) < _MARGIN:
            more = 0
    if more > 0:
        return "pl"
    return "en" if more < 0 else None


def _speaks(text: str, weights: Mapping[str, int]) -> int:
    """How much the n-grams of `text` speak for the first language of `weights`."""
    said, get = f" {' '.join(_WORD.findall(text.casefold()))} ", weights.get
    found = sum(get(said[at : at + 3], 0) + get(said[at : at + 2], 0) for at in range(len(said)))
    return found + sum(get(letter, 0) for letter in said)
