"""What is counted of a text: its words, their beginnings, the trigrams inside them, small
words in any vowel harmony, pairs of neighbours, the last two, and whether it names something in a
foreign script; all folded to one writing and each known by its CRC-32, so that no text is kept."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from heapq import nlargest
from zlib import crc32

from modtui.domain.frozen import dataclass
from modtui.domain.latin import folded
from modtui.domain.replies import PLACEHOLDER, Entry

WORDS = 45
"""How many words of a text are looked at in detail, the most informative ones."""

# A question mark is a word: it tells a question from a wish.
_TOKEN = re.compile(r"[^\W_]+|\?")
_LONGEST = 600
NAMING = "~"
"""A word before all others of a text in another script with Latin letters in it: it names a film, a
song or a shop, whichever it is. It also begins each word of that text in Latin letters."""
_LATIN = re.compile("[a-z]")
_OTHER = re.compile("[\u0370-\u1cff]")
_NAMES, _NAME = 3.0, 0.5
"""What it weighs that a text names something, and how much of its weight a word of the name has."""
_BEGINNINGS = ((2, 0.7), (3, 1.0), (4, 0.65), (5, 0.45), (6, 0.3))
_TRIGRAM = 0.5
_PAIRS = ((2, 0.2), (1, 0.4))
"""How far apart two words are, and what it weighs that they are neighbours."""
_ENDS = ((-1, 1.4), (-2, 1.0))
"""Which of the last words it is, and what it weighs that a text ends with it: where the verb comes
last, it says what is wanted."""
_SHORT, _LATINS = 8, 0.75
"""Up to how many words the last ones weigh that much: of a longer text they tell less, in
proportion. And what part of it they weigh in a text in Latin letters alone, where the verb seldom
comes last. Measured with short Kazakh requests, English questions to a bank, and long sentences of
the news in five languages: the first are found more often, the others as often as before."""
_HARMONY = str.maketrans("eidgbm", "aytkpp")
"""One letter for those that vowel harmony and the sound before exchange: the Kazakh ma, me, ba, be,
pa and pe ask the same."""
_PARTICLE = 0.8
"""What it weighs that a word of two letters is said in any harmony: it may be an ending."""
_STEM = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """What is counted of an entry: `head` is what names it (titles, keywords) and weighs more,
    `body` what it says, in each of its `languages`; `asked` are texts that it answers."""

    id: str
    head: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    languages: int = 1


def sample(entry: Entry) -> Sample:
    """Return what is counted of `entry`: what it is called, what it says, what it answers."""
    variants = entry.variants.values()
    return Sample(
        entry.id,
        head=(*(variant.title for variant in variants), *entry.keywords),
        body=tuple(PLACEHOLDER.sub(" ", variant.body) for variant in variants),
        asked=entry.examples,
        languages=len(variants),
    )


def words(text: str) -> list[str]:
    """Return the words of `text` in order, folded; of a long text, its beginning. Before them
    stands `NAMING` where it holds, and it marks the Latin ones."""
    small = text.casefold()
    said = _TOKEN.findall(small)[:_LONGEST]
    if small.isascii() or not (_OTHER.search(small) and _LATIN.search(small)):
        return list(map(folded, said))
    return [NAMING, *(NAMING * bool(_LATIN.search(word)) + folded(word) for word in said)]


def latin(text: str) -> bool:
    """Return whether `text` has no letters of another script than the Latin one."""
    return text.isascii() or not _OTHER.search(text)


def features(
    said: Sequence[str], telling: Collection[str], *, latin: bool = False
) -> dict[int, float]:
    """Return the features of the words `said` that are `telling`, with the weight of each; `latin`:
    of a text in Latin letters alone."""
    found: dict[int, float] = {}
    names = [word for word in telling if word[:1] == NAMING]
    for word in telling:
        if word[:1] != NAMING:
            found.update(zip(_of_word(word), _weights(len(word)), strict=True))
            if len(word) == 2 and word.isalpha():
                found[crc32(f"-{word.translate(_HARMONY)}".encode())] = _PARTICLE
    for word in map(_bare, names):
        for feature, weight in zip(_of_word(word), _weights(len(word)), strict=True):
            found.setdefault(feature, _NAME * weight)
    if NAMING in telling:
        found[beginning(NAMING)] = _NAMES
    spoken = (word for word in said if word != NAMING)
    ending = _LATINS if latin else 1.0
    found.update(_together([_stem(word) if word in telling else "" for word in spoken], ending))
    return found


def whole(text: str, known: dict[str, Sequence[int]]) -> set[int]:
    """Return the features of all words of `text`. Those of each word are remembered in `known`,
    for who counts many texts."""
    said = words(text)
    found: set[int] = set()
    for word in set(said):
        if word not in known:
            known[word] = tuple(features((), (word,)))
        found.update(known[word])
    found.update(feature for feature, _ in _together([_stem(w) for w in said if w != NAMING]))
    return found


def _together(stems: Sequence[str], ending: float = 1.0) -> Iterator[tuple[int, float]]:
    """Yield the features of the places that words have in a text, with the weight of each; in the
    place of a word that does not count stands "". `ending`: the part that the last words weigh."""
    for apart, weight in _PAIRS:
        for one, other in zip(stems, stems[apart:], strict=False):
            if one and other:
                # The order of two words is free in many languages.
                pair = f"{one} {other}" if one <= other else f"{other} {one}"
                yield crc32(pair.encode()), weight
    ending *= _SHORT / max(len(stems), _SHORT)
    for place, weight in _ENDS:
        last = stems[place] if len(stems) >= -place else ""
        if last:
            yield crc32(f"{last.translate(_HARMONY)} >".encode()), ending * weight


def _stem(word: str) -> str:
    return word.removeprefix(NAMING)[:_STEM]


def lesson(text: str) -> tuple[int, ...]:
    """Return what is learned when `text` is answered; of a long text, by its longest words.

    It does not depend on an index, so that whoever sends a reply can tell.
    """
    said = words(text)
    return tuple(features(said, set(nlargest(WORDS, dict.fromkeys(said), key=len))))


@lru_cache(maxsize=4096)
def beginning(word: str) -> int:
    """Return the feature by which it is told how many entries have a folded word like this."""
    plain = _bare(word)
    return crc32((f"^{plain[:4]}" if len(plain) >= 4 else f"={plain}").encode())


def _bare(word: str) -> str:
    """Return `word` without the mark of a name; the mark alone stays."""
    return word if word == NAMING else word.removeprefix(NAMING)


@lru_cache(maxsize=1024)
def _of_word(word: str) -> array[int]:
    """Return the features of `word` alone, in the order of their `_weights`. As pairs, those of the
    words of a few threads would take a megabyte."""
    size = len(word)
    found = [f"={word}"]
    found += [f"^{word[:n]}" for n, _ in _BEGINNINGS if n <= size]
    found += [word[at : at + 3] for at in range(1, size - 2)]
    return array("I", (crc32(feature.encode()) for feature in found))


@lru_cache(maxsize=64)
def _weights(size: int) -> tuple[float, ...]:
    """Return the weights of the features of a word of `size` letters."""
    beginnings = (weight for n, weight in _BEGINNINGS if n <= size)
    return (1.0, *beginnings, *(_TRIGRAM,) * max(size - 3, 0))
