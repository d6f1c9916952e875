"""Which language a text is written in, by script, letters and n-grams: for five languages."""

from __future__ import annotations

import re

GUESSED = frozenset({"ka", "kk", "ru", "pl", "en"})

# Patterns that a start may never need are text: `re` compiles one when it is first used.
_NOISE = r"(?i)(?:https?://|www\.|\b[a-z0-9-]+\.[a-z]{2,}/)\S*|[@#]\w+"
# Both cases are spelled out: a pattern that ignores case looks at every letter twice.
_GEORGIAN = "[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f]+"
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
_SOME = 3
_LEAN = 6
"""How far so many words lean to Polish, if none is English: it can hardly do without small ones."""
_LEAN_KAZAKH = 10
"""The same for Kazakh, beside Russian."""

# The small words of a language that neither English has nor Russian in Latin letters.
_POLISH_SMALL = """
    dla między oprócz podczas poza pomiędzy przed przeciw przez przy spod według wobec wokół wśród
    w z za ze zamiast od po
    ale albo ani aby bo bądź choć chociaż czy czyli gdy gdyby gdyż iż jak jako jakby jednak jeśli
    jeżeli lecz lub natomiast niż oraz ponieważ tylko więc że żeby zanim
    ja ty wy mnie mną ciebie cię tobie tobą jej jemu niego nią niej nich nimi wam wami się siebie
    sobie sobą mój moja moje mojego mojej moim moich moją twój twoja twoje nasz nasza nasze wasz
    wasza wasze swój swoja swoje swoją tego tej temu tym tę tą te tych tymi tamten tamta tamto
    kto kogo komu co czego czemu czym który która które którego której którym których którzy jaki
    jaka jakie jakiś jakaś jakieś każdy każda każde żaden żadna żadne wszystko wszyscy wszystkie
    wszystkich nikt nikogo nic ktoś coś
    być jest jestem jesteś są był była było byli były będę będzie będą został została zostało mam
    masz mają miał miała mieć może mogę możesz mogą można musi muszę musisz trzeba
    nie tak tu tutaj tam teraz już jeszcze też także również bardzo więcej mniej zawsze nigdy
    nigdzie gdzie kiedy dlaczego skąd dokąd ile tyle właśnie nawet chyba oczywiście dopiero prawie
    znowu znów potem wtedy dziś dzisiaj wczoraj jutro
"""
_POLISH_TALK = """
    proszę konto pomocy pomoc dzień dobry dzięki wypłata wypłaty bonus zmienić regulamin limit
"""
_BARE = str.maketrans("ąćęłńóśźż", "acelnoszz")
_POLISH_WORDS = frozenset(
    word
    for some in (_POLISH_SMALL, _POLISH_TALK)
    for word in (some + some.translate(_BARE)).split()
)
_ENGLISH_WORDS = frozenset(
    _WORD.findall(
        """
        the is are was were my your you it its and or of for with without have has had not don can
        how why what when where who this that these they them he she we me if be been will would
        should please help free now here there all any get got from at by just only after before
        still never always money account about so out up click join want need than then am like
        know see did does made make think try tried even much more some into over because going
        used which while such also many those said her his their another between able
        """
    )
)


def guess(text: str) -> str | None:
    """Return ka, kk, ru, pl, en, or None when the letters do not tell."""
    if "/" in text or "@" in text or "#" in text or "w." in text or "W." in text:
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
        georgian = sum(map(len, re.findall(_GEORGIAN, text)))
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
    from modtui.domain.kazakh import kazakh
    from modtui.domain.ngrams import KAZAKH_RUSSIAN

    words = _WORD.findall(text[:_HEARD].casefold())
    more = kazakh(words) + KAZAKH_RUSSIAN.said_by(words)
    if len(words) >= _SOME:
        more += _LEAN_KAZAKH
    return "kk" if more > _MARGIN else "ru"


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
        more = _WORD_WEIGHT * more + POLISH_ENGLISH.said_by(_WORD.findall(heard.casefold()))
        if len(words) >= _SOME and not english:
            more += _LEAN
        if len(text) > _SHORT and abs(more) < _DENSE * len(heard):
            more = words_say
        elif abs(more) < _MARGIN:
            more = 0
    if more > 0:
        return "pl"
    return "en" if more < 0 else None
