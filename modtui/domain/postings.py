"""Where features are counted: for each of them the places that have it, how often a place says it
itself, and how many of the texts that it answered say it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise

_OWN_MOST = 0xFF
_ROW = 0xFFFF_FFFF_FFFF_FFFF
_PARTS = 10
"""By so many first bits of a feature rows are parted: 64 bits are enough for one, and no part is so
long that other threads wait while it is sorted."""

Exchange = Mapping[int, Mapping[int, tuple[int, int, int]]]
"""Other rows of features, by place: how often it says it itself, and how many texts that it has
seen; both 0 where its sample does not have the feature, and then how many it has learned."""


class Rows:
    """What is counted, one place after another; each row is of one feature at one place."""

    def __init__(self) -> None:
        # As numbers in arrays a million rows take eight megabytes, and are put in order fast.
        self._parts = tuple(array("Q") for _ in range(1 << _PARTS))

    def add(self, place: int, own: Mapping[int, int], seen: Mapping[int, int]) -> None:
        """Count how often `place` says each feature itself and has seen it, once for all."""
        parts, shift, at = self._parts, 32 - _PARTS, place << 24
        for feature, count in own.items():
            times = seen.get(feature, 0)
            row = (feature << 40) & _ROW | at | min(count, _OWN_MOST) << 16 | times
            parts[feature >> shift].append(row)
        for feature, times in seen.items():
            if feature not in own:
                parts[feature >> shift].append((feature << 40) & _ROW | at | times)

    def ordered(self) -> Iterator[tuple[int, Sequence[int]]]:
        """Yield the first bits of features, and the rows of these in order."""
        for first, part in enumerate(self._parts):
            if part:
                yield first << (32 - _PARTS), sorted(part)


class Postings:
    """Arrays by feature, which load fast, and beside them what was learned since."""

    def __init__(self, rows: Rows) -> None:
        self._keys, self._starts, self._texts = array("I"), array("I", [0]), array("I")
        self._where, self._own, self._seen = array("H"), array("B"), array("H")
        self._added: dict[int, dict[int, int]] = {}
        for first, part in rows.ordered():
            sizes = Counter([row >> 40 for row in part])
            self._keys.extend([first | rest for rest in sizes])
            self._starts.extend([self._starts[-1] + end for end in accumulate(sizes.values())])
            self._where.extend([row >> 24 & 0xFFFF for row in part])
            self._own.extend([row >> 16 & 0xFF for row in part])
            self._seen.extend([row & 0xFFFF for row in part])
        for start, end in pairwise(self._starts):
            own, seen = self._own[start:end], self._seen[start:end]
            self._texts.append(end - start - own.count(0) + sum(seen))

    def met(self, feature: int) -> tuple[int, int]:
        """Return how many places have `feature`, and how many texts: what a place says itself is
        one, and each that it has seen."""
        at, keys, added = bisect_left(self._keys, feature), self._keys, self._added
        known = at < len(keys) and keys[at] == feature
        places = self._starts[at + 1] - self._starts[at] if known else 0
        texts = self._texts[at] if known else 0
        if feature not in added:
            return places, texts
        counts = added[feature]
        return places + len(counts), texts + sum(counts.values())

    def of(self, feature: int) -> Iterable[tuple[int, int, int]]:
        """Return the places of `feature`, with how often each says it itself and has seen it; one
        may come twice, and then in parts."""
        start, end = self._range(feature)
        rows = zip(self._where[start:end], self._own[start:end], self._seen[start:end], strict=True)
        added = self._added.get(feature)
        return rows if added is None else chain(rows, ((at, 0, n) for at, n in added.items()))

    def add(self, feature: int, place: int, times: int) -> tuple[int, int]:
        """Add `times` to what was seen; return how often the place says it itself, and what was
        seen before."""
        key = bisect_left(self._keys, feature)
        if key < len(self._keys) and self._keys[key] == feature:
            start, end = self._starts[key], self._starts[key + 1]
            at = bisect_left(self._where, place, start, end)
            if at < end and self._where[at] == place:
                before = self._seen[at]
                self._seen[at] = before + times
                self._texts[key] += times
                return self._own[at], before
        before = self._added.get(feature, {}).get(place, 0)
        self._learned(feature, place, before + times)
        return 0, before

    def at(self, feature: int, place: int) -> tuple[int, int]:
        """Return how often `place` says `feature` itself, and how many texts that it has seen."""
        start, end = self._range(feature)
        row = bisect_left(self._where, place, start, end)
        if row < end and self._where[row] == place:
            return self._own[row], self._seen[row]
        return 0, self._added.get(feature, {}).get(place, 0)

    def exchanged(self, rows: Exchange, gone: Collection[int]) -> Postings:
        """Return these with other `rows`; the places that are `gone` have learned nothing.

        These stay as they are. What does not change is copied as it lies, in long pieces.
        """
        made = Postings(Rows())
        for feature, counts in self._added.items():
            if kept := {at: n for at, n in counts.items() if at not in gone}:
                made._added[feature] = kept
        copied = 0
        for feature in sorted(rows):
            key = bisect_left(self._keys, feature, copied)
            made._copy(self, copied, key)
            known = key < len(self._keys) and self._keys[key] == feature
            made._merge(self, key, known, feature, rows[feature])
            copied = key + known
        made._copy(self, copied, len(self._keys))
        return made

    def _copy(self, other: Postings, first: int, end: int) -> None:
        """Add the features of `other` from the one at `first` to that before `end`."""
        shift = self._starts[-1] - other._starts[first]
        self._take(other, other._starts[first], other._starts[end])
        self._starts.extend([start + shift for start in other._starts[first + 1 : end + 1]])
        self._keys.extend(other._keys[first:end])
        self._texts.extend(other._texts[first:end])

    def _take(self, other: Postings, start: int, end: int) -> None:
        self._where.extend(other._where[start:end])
        self._own.extend(other._own[start:end])
        self._seen.extend(other._seen[start:end])

    def _merge(
        self,
        other: Postings,
        key: int,
        known: bool,
        feature: int,
        rows: Mapping[int, tuple[int, int, int]],
    ) -> None:
        """Add `feature`, at `key` in `other` where it is `known` there, with other `rows`."""
        taken, end = other._starts[key], other._starts[key + known]
        texts = other._texts[key] if known else 0
        for place, (own, seen, learned) in sorted(rows.items()):
            row = bisect_left(other._where, place, taken, end)
            self._take(other, taken, row)
            taken = row
            if row < end and other._where[row] == place:
                texts -= bool(other._own[row]) + other._seen[row]
                taken += 1
            if own or seen:
                texts += bool(own) + seen
                self._where.append(place)
                self._own.append(min(own, _OWN_MOST))
                self._seen.append(seen)
            self._learned(feature, place, learned)
        self._take(other, taken, end)
        if len(self._where) > self._starts[-1]:
            self._keys.append(feature)
            self._starts.append(len(self._where))
            self._texts.append(texts)

    def _learned(self, feature: int, place: int, times: int) -> None:
        """Put what `place` has seen of a feature that its sample does not have."""
        counts = self._added.setdefault(feature, {})
        counts[place] = times
        if not times:
            del counts[place]
        if not counts:
            del self._added[feature]

    def packed(self) -> tuple[bytes, ...]:
        """Return everything, to be kept for `unpacked` on this machine."""
        triples = ((f, at, n) for f, counts in self._added.items() for at, n in counts.items())
        added = array("I", (number for triple in triples for number in triple))
        return tuple(part.tobytes() for part in (*self._arrays(), added))

    @classmethod
    def unpacked(cls, parts: Sequence[bytes | memoryview], places: int) -> Postings:
        """Return what was `packed` of so many `places`. Raises ValueError for what does not fit
        together."""
        made = cls(Rows())
        for own, part in zip(made._arrays(), parts[:-1], strict=True):
            del own[:]
            own.frombytes(part)
        rows = {len(made._where), len(made._own), len(made._seen)}
        ends = {len(made._starts) - 1, len(made._texts)}
        if ends != {len(made._keys)} or rows != {made._starts[-1]}:
            raise ValueError("the parts are of different indexes")
        if max(made._where, default=-1) >= places:
            raise ValueError("the parts are of different indexes")
        added = array("I")
        added.frombytes(parts[-1])
        for feature, place, count in zip(*[iter(added)] * 3, strict=True):
            made._added.setdefault(feature, {})[place] = count
        return made

    def _arrays(self) -> tuple[array[int], ...]:
        return self._keys, self._starts, self._texts, self._where, self._own, self._seen

    def _range(self, feature: int) -> tuple[int, int]:
        at = bisect_left(self._keys, feature)
        if at < len(self._keys) and self._keys[at] == feature:
            return self._starts[at], self._starts[at + 1]
        return 0, 0
