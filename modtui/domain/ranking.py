"""Which entries of the library answer a text: an index that only counts.

An entry is rated by BM25 (Robertson and Zaragoza, 2009) over its own texts and the texts it
answered, and by the cosine to the centroid of the latter, which weighs more the more of them there
are (Rocchio); its titles are there as a part of a text. What several of these texts say counts less
than in proportion (sublinear term frequency: Manning, Raghavan and Schütze, 2008, 6.4.1). What a
few entries say again and again tells more than what as many texts say here and there (residual idf:
Church and Gale, 1995): of a text, not of a centroid, which has the repeats in its counts.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple, TypeVar

from modtui.domain.features import WORDS, Sample, beginning, features, latin, whole, words
from modtui.domain.postings import Postings, Rows

FEATURES = 110
"""How many features of a text count, the most informative ones."""

_Key = TypeVar("_Key", str, int)
_HEAD = 5
_K1, _B = 4.0, 0.4
_ENOUGH = 5.0
"""How many features that one entry alone has are enough to answer a text with full weight: "hello
there" fits every greeting."""
_CENTROID, _EVIDENCE = 0.8, 7.0
_TITLE = 0.6
"""What part of a text the titles of an entry are in its centroid, in each of its languages."""
_AGAIN = 0.8
"""The power to which it is raised how many texts say a feature."""
_UNKNOWN = 0.3
_POSTINGS = 12_000


class Ranking:
    """The index of all entries, in all languages at once."""

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        """Count `samples`; takes about a second for a thousand entries in five languages."""
        known = tuple(samples)
        self._name(sample.id for sample in known)
        self._lengths, self._squares, self._texts, self._heads, self._shared = (
            array("q", [0] * len(known)) for _ in range(5)
        )
        self._languages = array("q", (max(sample.languages, 1) for sample in known))
        rows, remembered = Rows(), dict[str, Sequence[int]]()
        for place, sample in enumerate(known):
            own, seen, self._lengths[place], self._texts[place], _ = _counts(sample, remembered)
            rows.add(place, own, seen)
            self._heads[place] = sum(count >= _HEAD for count in own.values())
            self._shared[place] = sum(n for f, n in seen.items() if own.get(f, 0) >= _HEAD)
            self._squares[place] = sum(count * count for count in seen.values())
        self._postings = Postings(rows)

    def _name(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self._places = {name: place for place, name in enumerate(self.ids) if name}
        self._size = len(self.ids) - self.ids.count("")
        self._damping: Sequence[float] = ()
        self._centred: Sequence[float] = ()
        self._titled: Sequence[float] = ()

    def learn(self, entry: str, said: Iterable[int], times: int = 1) -> None:
        """Count that `entry` answered a text with the features `said`; `times` -1 withdraws
        what was learned.

        An entry that is not here is not counted.
        """
        place = self._places.get(entry)
        if place is not None:
            before = [self._postings.add(feature, place, times) for feature in said]
            self._squares[place] += sum((2 * seen + times) * times for _, seen in before)
            self._shared[place] += sum(times for own, _ in before if own >= _HEAD)
            self._lengths[place] += len(before) * times
            self._texts[place] += times
            self._damping = ()

    def exchanged(self, old: Iterable[Sample], new: Iterable[Sample]) -> Ranking:
        """Return this index with the `new` samples in place of the `old` ones that it counts.

        It takes about as long as to count these few, and to copy the rest. An entry that is among
        both keeps what it learned; one that is new has learned nothing. This index stays as it is.
        """
        olds, news = ({sample.id: sample for sample in samples} for samples in (old, new))
        made, rows, gone = Ranking(), dict[int, dict[int, tuple[int, int, int]]](), set[int]()
        made._name(self._renamed(olds.keys() - news.keys(), news.keys() - olds.keys()))
        for mine, theirs in zip(made._sums(), self._sums(), strict=True):
            mine.extend(theirs)
            mine.extend([0] * (len(made.ids) - len(theirs)))
        remembered = dict[str, Sequence[int]]()
        for name in {**olds, **news}:
            before = _counts(olds[name], remembered) if name in olds else _NOTHING
            after = _counts(news[name], remembered) if name in news else _NOTHING
            place = (made if name in news else self)._places[name]
            for feature, row in made._turn(self._postings, place, before, after):
                rows.setdefault(feature, {})[place] = row if name in news else (0, 0, 0)
            if name not in news:
                gone.add(place)
                for each in made._sums():
                    each[place] = 0
            made._languages[place] = after.languages
        made._postings = self._postings.exchanged(rows, gone)
        return made

    def _renamed(self, gone: Collection[str], added: Collection[str]) -> Iterator[str]:
        """Yield the ids by place, with those that were `added` at places where none was, else at
        the end: a place that is free just now still has its rows."""
        others = iter(added)
        for name in self.ids:
            yield next(others, "") if not name else "" if name in gone else name
        yield from others

    def _turn(
        self, postings: Postings, place: int, before: _Counts, after: _Counts
    ) -> Iterator[tuple[int, tuple[int, int, int]]]:
        """Count at `place`, of which these are the `postings`, `after` instead of `before`; yield
        the row of each feature of these as it is then."""
        self._lengths[place] += after.length - before.length
        self._texts[place] += after.texts - before.texts
        for feature in {*before.own, *before.seen, *after.own, *after.seen}:
            had, saw = postings.at(feature, place)
            learned = saw - before.seen.get(feature, 0)
            says, asked = after.own.get(feature, 0), after.seen.get(feature, 0)
            seen = asked + learned
            self._squares[place] += seen * seen - saw * saw
            self._shared[place] += seen * (says >= _HEAD) - saw * (had >= _HEAD)
            self._heads[place] += (says >= _HEAD) - (had >= _HEAD)
            yield feature, (says, seen, 0) if says or asked else (0, 0, learned)

    def packed(self) -> tuple[bytes, ...]:
        """Return everything but the ids, to be kept for `unpacked` on this machine."""
        return (*(part.tobytes() for part in self._sums()), *self._postings.packed())

    @classmethod
    def unpacked(cls, ids: Sequence[str], parts: Sequence[bytes | memoryview]) -> Ranking:
        """Return what was `packed`. Raises ValueError for what does not fit together."""
        made = cls()
        made._name(ids)
        sums = made._sums()
        for own, part in zip(sums, parts, strict=False):
            own.frombytes(part)
        if any(len(each) != len(ids) for each in sums):
            raise ValueError("the parts are of different indexes")
        made._postings = Postings.unpacked(parts[len(sums) :], len(ids))
        return made

    def _sums(self) -> tuple[array[int], ...]:
        sums = self._lengths, self._squares, self._texts
        return *sums, self._heads, self._shared, self._languages

    def scores(self, text: str) -> Mapping[str, float]:
        """Return how well each entry answers `text`, 0 to about 1, and only those above 0."""
        said = words(text)
        found = features(said, self._telling(said), latin=latin(text))
        met = {feature: self._postings.met(feature) for feature in found}
        plain = {f: found[f] * self._idf(met[f][0]) for f in found if met[f][0]}
        weights = {f: weight + found[f] * self._gathered(*met[f]) for f, weight in plain.items()}
        told = _most(weights, FEATURES)
        if not told:
            return {}
        self._settle()
        damping, centred, titled = self._damping, self._centred, self._titled
        scores = [0.0] * len(self.ids)
        unknown = sum(weight for feature, weight in found.items() if feature not in weights)
        known = sum(weights[feature] for feature in told)
        share = known / (known + _UNKNOWN * unknown * self._idf(0))
        share *= min(1.0, known / (_ENOUGH * self._idf(1)))
        size = math.sqrt(sum(weights[feature] * plain[feature] for feature in told))
        even = share * _CENTROID / size
        visited = 0
        for feature in told:
            visited += met[feature][0]
            if visited > _POSTINGS:
                break
            weight = weights[feature]
            fit, near = share * weight / known, even * weight * plain[feature]
            for place, own, seen in self._postings.of(feature):
                # Below 0 while a choice is withdrawn that is yet to be learned.
                again = math.pow(seen, _AGAIN) if seen > 0 else 0.0
                count = own + again
                scores[place] += fit * count / (count + damping[place])
                scores[place] += near * again * centred[place]
                if own >= _HEAD:
                    scores[place] += near * titled[place]
        return {name: score for name, score in zip(self.ids, scores, strict=True) if score > 0}

    def _telling(self, said: Sequence[str]) -> Collection[str]:
        """The words that tell most: rare ones, and what is said again, of those known here."""
        counts = Counter(said)
        if len(counts) <= WORDS:
            return counts.keys()
        spreads = {word: self._postings.met(beginning(word))[0] for word in counts}
        rated = {
            word: (1 + math.log(counts[word])) * self._idf(spread)
            for word, spread in spreads.items()
            if spread
        }
        return set(_most(rated, WORDS))

    def _gathered(self, places: int, texts: int) -> float:
        """How much more it tells that a text has a feature of so many places and texts: the more,
        the fewer the places are beside those that these texts would be at by chance."""
        if texts <= places:
            return 0.0
        size = self._size
        dealt = size * (1 - (1 - 1 / size) ** texts)
        return max(self._idf(places) - self._idf(dealt), 0.0)

    def _idf(self, spread: float) -> float:
        return math.log(1 + (self._size - spread + 0.5) / (spread + 0.5))

    def _settle(self) -> None:
        """Work out, by entry, how much a count is damped, and what a count says in its centroid."""
        if self._damping:
            return
        mean = max(sum(self._lengths) / max(self._size, 1), 1)
        self._damping = [_K1 * (1 - _B + _B * length / mean) for length in self._lengths]
        # The titles are added to the texts, each of their features by the same part of a count.
        parts = [_TITLE / languages for languages in self._languages]
        rows = zip(parts, self._squares, self._shared, self._heads, strict=True)
        norms = [math.sqrt(square + 2 * p * both + p * p * head) for p, square, both, head in rows]
        self._centred = [
            texts / (texts + _EVIDENCE) / norm if texts > 0 and norm else 0.0
            for texts, norm in zip(self._texts, norms, strict=True)
        ]
        self._titled = [p * each for p, each in zip(parts, self._centred, strict=True)]


class _Counts(NamedTuple):
    """What is counted of an entry: how often it says each feature itself, how many of the texts
    that it answers have each, its length, how many these texts are, and its languages."""

    own: Mapping[int, int]
    seen: Mapping[int, int]
    length: int
    texts: int
    languages: int


_NOTHING = _Counts({}, {}, 0, 0, 1)


def _counts(sample: Sample, remembered: dict[str, Sequence[int]]) -> _Counts:
    own, seen = _own(sample, remembered), _said(sample.asked, remembered)
    languages = max(sample.languages, 1)
    # Variants say one thing in several languages, and a thread is in one of them.
    length = sum(own.values()) // languages + sum(seen.values())
    return _Counts(own, seen, length, len(sample.asked), languages)


def _own(sample: Sample, remembered: dict[str, Sequence[int]]) -> Counter[int]:
    """Return the features of the own texts of `sample`, with how often it says each."""
    own = _said(sample.head, remembered)
    for feature in own:
        own[feature] *= _HEAD
    return _said(sample.body, remembered, own)


def _said(
    texts: Iterable[str], remembered: dict[str, Sequence[int]], said: Counter[int] | None = None
) -> Counter[int]:
    """Return how many of `texts` have each feature, added to what was `said` before."""
    said = Counter() if said is None else said
    for text in texts:
        said.update(whole(text, remembered))
    return said


def _most(rated: Mapping[_Key, float], size: int) -> Sequence[_Key]:
    """The keys of the `size` highest values, highest first."""
    return nlargest(size, rated, key=rated.__getitem__)
