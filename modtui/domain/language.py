"""Which language a text is written in, by script and letters: enough for five languages."""

from __future__ import annotations

import re

_NOISE = re.compile(r"(?:https?://|www\.|\b[a-z0-9-]+\.[a-z]{2,}/)\S*|[@#]\w+", re.IGNORECASE)
_GEORGIAN = re.compile("[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[a-z\u00c0-\u024f]", re.IGNORECASE)
_KAZAKH = re.compile("[әіңғүұқөһ]", re.IGNORECASE)
_OTHER_CYRILLIC = re.compile("[їєґўђћљњџ]", re.IGNORECASE)
_POLISH = re.compile("[ąćęłńśźż]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_KAZAKH_SHARE = 0.03

_POLISH_WORDS = frozenset(
    _WORD.findall(
        """
        nie jest się czy jak dlaczego gdzie mam moje moja mój dla od po tylko już ale kto co mnie
        ja ty za przez jestem mogę proszę konto kiedy ile tak są był było być ktoś nic tu tam ze
        albo żeby pomocy pomoc dzień dobry dzięki wypłata wypłaty bonus zmienić regulamin limit z
        w
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
    text = _NOISE.sub(" ", text)
    georgian = len(_GEORGIAN.findall(text))
    cyrillic = len(_CYRILLIC.findall(text))
    latin = len(_LATIN.findall(text))
    if georgian and georgian >= max(cyrillic, latin):
        return "ka"
    if cyrillic and cyrillic >= latin:
        return _cyrillic(text, cyrillic)
    return _latin(text) if latin else None


def _cyrillic(text: str, letters: int) -> str | None:
    if _OTHER_CYRILLIC.search(text):
        return None
    return "kk" if len(_KAZAKH.findall(text)) >= letters * _KAZAKH_SHARE else "ru"


def _latin(text: str) -> str | None:
    words = [word.casefold() for word in _WORD.findall(text)]
    polish = sum(word in _POLISH_WORDS for word in words) + 2 * len(_POLISH.findall(text))
    english = sum(word in _ENGLISH_WORDS for word in words)
    if polish > english:
        return "pl"
    return "en" if english > polish else None
