"""Which entries of the library answer a text: an index that only counts.

What is counted are features: words, their beginnings, the trigrams inside them, and pairs of
neighbouring words, each known by its CRC-32, so that no text has to be kept. An entry is rated by
BM25 (Robertson and Zaragoza, 2009) over its own texts and the texts it answered, and by the
cosine to the centroid of the latter, which weighs more the more of them there are (Rocchio).
"""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from heapq import nlargest
from itertools import accumulate
from typing import TypeVar
from zlib import crc32

from modtui.domain.frozen import dataclass
from modtui.domain.replies import PLACEHOLDER, Entry

FEATURES = 110
"""How many features of a text count, the most informative ones."""
WORDS = 45
"""How many words of a text are looked at in detail, the most informative ones."""

_Key = TypeVar("_Key", str, int)
# A question mark is a word: it tells a question from a wish.
_TOKEN = re.compile(r"[^\W_]+|\?")
_LONGEST = 600
_BEGINNINGS = ((2, 0.7), (3, 1.0), (4, 0.65), (5, 0.45), (6, 0.3))
_TRIGRAM, _PAIR, _NEAR_PAIR = 0.5, 0.4, 0.2
_STEM = 5
_HEAD = 5
_K1, _B = 4.0, 0.4
_ENOUGH = 5.0
"""How many features that one entry alone has are enough to answer a text with full weight: "hello
there" fits every greeting."""
_CENTROID, _EVIDENCE = 0.7, 7.0
_UNKNOWN = 0.3
_POSTINGS = 12_000
_OWN_MOST = 0xFF


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
    """Return the words of `text` in order; of a long text, its beginning."""
    return _TOKEN.findall(text.casefold())[:_LONGEST]


def features(said: Sequence[str], telling: Collection[str]) -> dict[int, float]:
    """Return the features of the words `said` that are `telling`, with the weight of each."""
    found: dict[int, float] = {}
    for word in telling:
        found.update(_of_word(word))
    # Where a text begins and ends is a neighbour too; the order of two is free in many languages.
    stems = ["<", *(word[:_STEM] if word in telling else "" for word in said), ">"]
    for apart, weight in ((2, _NEAR_PAIR), (1, _PAIR)):
        for first, second in zip(stems, stems[apart:], strict=False):
            if first and second and first + second != "<>":
                found[crc32(" ".join(sorted((first, second))).encode())] = weight
    return found


def lesson(text: str) -> tuple[int, ...]:
    """Return what is learned when `text` is answered; of a long text, by its longest words.

    It does not depend on an index, so that whoever sends a reply can tell.
    """
    said = words(text)
    return tuple(features(said, set(nlargest(WORDS, dict.fromkeys(said), key=len))))


@lru_cache(maxsize=1024)
def _of_word(word: str) -> tuple[tuple[int, float], ...]:
    size = len(word)
    found = [(f"={word}", 1.0)]
    found += [(f"^{word[:n]}", weight) for n, weight in _BEGINNINGS if n <= size]
    found += [(word[at : at + 3], _TRIGRAM) for at in range(1, size - 2)]
    return tuple((crc32(feature.encode()), weight) for feature, weight in found)


class Ranking:
    """The index of all entries, in all languages at once."""

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        """Count `samples`; takes about a second for a thousand entries in five languages."""
        known = tuple(samples)
        self.ids = tuple(sample.id for sample in known)
        self._places = {name: place for place, name in enumerate(self.ids)}
        self._lengths = array("L", [0] * len(known))
        self._squares = array("Q", [0] * len(known))
        self._texts = array("L", [0] * len(known))
        self._keys, self._starts = array("I"), array("I", [0])
        self._where, self._own, self._seen = array("H"), array("B"), array("H")
        self._added: dict[int, dict[int, int]] = {}
        self._damping: Sequence[float] = ()
        self._centred: Sequence[float] = ()
        self._stale = True
        own: dict[int, dict[int, int]] = {}
        for place, sample in enumerate(known):
            self._count(place, sample, own)
        self._lay_out(own)

    def _count(self, place: int, sample: Sample, own: dict[int, dict[int, int]]) -> None:
        length = 0
        for texts, weight in ((sample.head, _HEAD), (sample.body, 1)):
            for text in texts:
                found = _whole(text)
                length += weight * len(found)
                for feature in found:
                    counts = own.setdefault(feature, {})
                    counts[place] = min(counts.get(place, 0) + weight, _OWN_MOST)
        # Variants say one thing in several languages, and a thread is in one of them.
        self._lengths[place] += length // max(sample.languages, 1)
        for text in sample.asked:
            self.learn(sample.id, _whole(text))

    def _lay_out(self, own: Mapping[int, Mapping[int, int]]) -> None:
        """Put `own` and what was learned into arrays, by feature."""
        seen, self._added = self._added, {}
        self._keys = array("I", sorted({*own, *seen}))
        sizes = []
        for key in self._keys:
            mine, learned = own.get(key, {}), seen.get(key, {})
            places = sorted({*mine, *learned})
            sizes.append(len(places))
            self._where.extend(places)
            self._own.extend(mine.get(place, 0) for place in places)
            self._seen.extend(learned.get(place, 0) for place in places)
        self._starts = array("I", accumulate(sizes, initial=0))

    def learn(self, entry: str, said: Iterable[int], times: int = 1) -> None:
        """Count that `entry` answered a text with the features `said`; `times` -1 withdraws
        what was learned.

        An entry that is not here is not counted.
        """
        place = self._places.get(entry)
        if place is None:
            return
        size = 0
        for feature in said:
            size += 1
            before = self._add(feature, place, times)
            self._squares[place] += (2 * before + times) * times
        self._lengths[place] += size * times
        self._texts[place] += times
        self._stale = True

    def _add(self, feature: int, place: int, times: int) -> int:
        """Add to what was learned; return what it was before."""
        start, end = self._range(feature)
        at = bisect_left(self._where, place, start, end)
        if at < end and self._where[at] == place:
            before = self._seen[at]
            self._seen[at] = before + times
            return before
        counts = self._added.setdefault(feature, {})
        before = counts.get(place, 0)
        counts[place] = before + times
        if not counts[place]:
            del counts[place]
        if not counts:
            del self._added[feature]
        return before

    def packed(self) -> tuple[bytes, ...]:
        """Return everything but the ids, to be kept for `unpacked` on this machine."""
        triples = ((f, at, n) for f, counts in self._added.items() for at, n in counts.items())
        added = array("I", (number for triple in triples for number in triple))
        return tuple(part.tobytes() for part in (*self._arrays(), added))

    @classmethod
    def unpacked(cls, ids: Sequence[str], parts: Sequence[bytes]) -> Ranking:
        """Return what was `packed`. Raises ValueError for what does not fit together."""
        made = cls()
        made.ids = tuple(ids)
        made._places = {name: place for place, name in enumerate(made.ids)}
        for own, part in zip(made._arrays(), parts[:-1], strict=True):
            del own[:]
            own.frombytes(part)
        sizes = {len(some) for some in (ids, made._lengths, made._squares, made._texts)}
        rows = {len(some) for some in (made._where, made._own, made._seen)}
        if len(sizes) > 1 or len(made._starts) != len(made._keys) + 1:
            raise ValueError("the parts are of different indexes")
        if rows != {made._starts[-1]} or max(made._where, default=-1) >= len(ids):
            raise ValueError("the parts are of different indexes")
        added = array("I")
        added.frombytes(parts[-1])
        for feature, place, count in zip(*[iter(added)] * 3, strict=True):
            made._added.setdefault(feature, {})[place] = count
        return made

    def _arrays(self) -> tuple[array[int], ...]:
        by_entry = (self._lengths, self._squares, self._texts)
        return (*by_entry, self._keys, self._starts, self._where, self._own, self._seen)

    def _range(self, feature: int) -> tuple[int, int]:
        at = bisect_left(self._keys, feature)
        if at < len(self._keys) and self._keys[at] == feature:
            return self._starts[at], self._starts[at + 1]
        return 0, 0

    def scores(self, text: str) -> Mapping[str, float]:
        """Return how well each entry answers `text`, 0 to about 1, and only those above 0."""
        said = words(text)
        found = features(said, self._telling(said))
        weights = self._known(found)
        told = _most({feature: each[0] for feature, each in weights.items()}, FEATURES)
        if not told:
            return {}
        damping, centred = self._normal()
        scores = [0.0] * len(self.ids)
        unknown = sum(weight for feature, weight in found.items() if feature not in weights)
        whole = sum(weights[f][0] for f in told)
        share = whole / (whole + _UNKNOWN * unknown * self._idf(0))
        share *= min(1.0, whole / (_ENOUGH * self._idf(1)))
        even = share * _CENTROID / math.sqrt(sum(weights[f][0] ** 2 for f in told))
        visited = 0
        for feature in told:
            weight, start, end = weights[feature]
            added = self._added.get(feature, {})
            visited += end - start + len(added)
            if visited > _POSTINGS:
                break
            fit, near = share * weight / whole, even * weight * weight
            rows = zip(
                self._where[start:end], self._own[start:end], self._seen[start:end], strict=True
            )
            for place, own, seen in rows:
                count = own + seen
                scores[place] += fit * count / (count + damping[place])
                if seen:
                    scores[place] += near * seen * centred[place]
            for place, seen in added.items():
                scores[place] += fit * seen / (seen + damping[place])
                scores[place] += near * seen * centred[place]
        return {name: score for name, score in zip(self.ids, scores, strict=True) if score > 0}

    def _telling(self, said: Sequence[str]) -> Collection[str]:
        """The words that tell most: rare ones, and what is said again, of those known here."""
        counts = Counter(said)
        if len(counts) <= WORDS:
            return counts.keys()
        rated = {}
        for word, count in counts.items():
            spread = self._spread(_beginning(word))
            if spread:
                rated[word] = (1 + math.log(count)) * self._idf(spread)
        return set(_most(rated, WORDS))

    def _idf(self, spread: int) -> float:
        return math.log(1 + (len(self.ids) - spread + 0.5) / (spread + 0.5))

    def _known(self, found: Mapping[int, float]) -> dict[int, tuple[float, int, int]]:
        """The features of a text that are known here: what each tells, and where it is counted."""
        known = {}
        for feature, weight in found.items():
            start, end = self._range(feature)
            spread = end - start + len(self._added.get(feature, ()))
            if spread:
                known[feature] = (weight * self._idf(spread), start, end)
        return known

    def _spread(self, feature: int) -> int:
        at, keys, added = bisect_left(self._keys, feature), self._keys, self._added
        known = at < len(keys) and keys[at] == feature
        spread = self._starts[at + 1] - self._starts[at] if known else 0
        return spread + len(added[feature]) if feature in added else spread

    def _normal(self) -> tuple[Sequence[float], Sequence[float]]:
        """By entry, how much a count is damped, and what a count says in its centroid."""
        if self._stale:
            mean = max(sum(self._lengths) / max(len(self._lengths), 1), 1)
            self._damping = [_K1 * (1 - _B + _B * length / mean) for length in self._lengths]
            self._centred = [
                texts / (texts + _EVIDENCE) / math.sqrt(square) if square else 0.0
                for texts, square in zip(self._texts, self._squares, strict=True)
            ]
            self._stale = False
        return self._damping, self._centred


def _most(rated: Mapping[_Key, float], size: int) -> Sequence[_Key]:
    """The keys of the `size` highest values, highest first."""
    return nlargest(size, rated, key=rated.__getitem__)


def _whole(text: str) -> Mapping[int, float]:
    said = words(text)
    return features(said, set(said))


@lru_cache(maxsize=4096)
def _beginning(word: str) -> int:
    return crc32((f"^{word[:4]}" if len(word) >= 4 else f"={word}").encode())
