"""How well the entries of the library answer a thread: its text, its flags, their keywords."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from heapq import nlargest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modtui.domain.replies import Asked, Entry

_WORD = re.compile(r"[^\W\d_]{3,}|2fa", re.IGNORECASE)
_STEM = 5
GOOD = 3.0
"""From this rate on an entry is a good match."""
_FIT = 0.115
"""A text alone makes a match good when score >= max(_FIT, _AHEAD + _LEAD * the next score): what
two entries answer about as well tells neither from the other. Measured with questions in five
languages, of libraries with 15 to 77 entries and 1 to 11 questions taught to each, in other draws
than the bounds were chosen by: where the library answers a question, a best match that is good is
right 88 times in 100; where its entry was taken out and the related ones stayed, 85 of 100
questions have no good match, and of questions about something else altogether 96. A higher bound
makes these better, and fewer right ones good: at this, 49 of 100."""
_AHEAD, _LEAD = 0.052, 1.2
_UNCLEAR = 0.9
"""From this strength on a match is to be clear, or it stays below a good one."""
_LATER = 0.9
"""The share of a reason that an entry names after others: it is as good a match, and comes after
those that are there for it."""


class Catalogue:
    """What entries are looked up by: their keywords and reasons."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Look through `entries`; takes about a fifth of a second for ten thousand."""
        self.size, self.reasons = len(entries), _reasons(entries)
        self._words: dict[str, list[str]] = {}
        self._phrases: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for entry in entries:
            for key in {frozenset(_stems_of(keyword)) for keyword in entry.keywords}:
                if len(key) == 1:
                    self._words.setdefault(min(key), []).append(entry.id)
                elif key:
                    self._phrases.setdefault(min(key), []).append((entry.id, key))

    def named(self, said: frozenset[str]) -> Mapping[str, int]:
        """Return how many keywords of each entry are `said`, where any are; of one with several
        words, all of them."""
        named: Counter[str] = Counter()
        for stem in said:
            named.update(self._words.get(stem, ()))
            named.update(name for name, key in self._phrases.get(stem, ()) if said >= key)
        return named


_known: deque[tuple[Sequence[Entry], Catalogue]] = deque(maxlen=2)
"""The libraries that were looked through last."""


def catalogue(entries: Sequence[Entry], *, keep: bool = False) -> Catalogue:
    """Return what `entries` are looked up by. `keep`: this tuple is a library, and is not looked
    through again."""
    for known, made in tuple(_known):
        if known is entries:
            return made
    made = Catalogue(entries)
    if keep:
        _known.append((entries, made))
    return made


def ratings(
    entries: Sequence[Entry],
    asked: Asked,
    scores: Mapping[str, float],
    library: Catalogue | None = None,
) -> dict[str, float]:
    """How well each entry answers, by flag reasons and text; 3 and more is a good match. `library`:
    that of these entries, or of more that these are a part of."""
    known = catalogue(entries) if library is None else library
    named = known.named(frozenset(_stems_of(asked.text)))
    worth = _worth(known.reasons if known.size == len(entries) else _reasons(entries), asked)
    clear, clear_help = _clear(entries, scores)
    language, rated = asked.language, dict[str, float]()
    for entry in entries:
        name = entry.id
        rate, score = 0.0, scores.get(name)
        if score:
            strength = score / _FIT
            if strength >= _UNCLEAR:
                clearly = clear_help if entry.tags and entry.help else clear
                strength = min(strength, 3.0) if score >= clearly else 1 - 0.09 / strength
            rate = GOOD * strength
        if worth and entry.reasons:
            rate += worth[entry.reasons]
        if name in named:
            rate += 1.5 * min(named[name], 3)
        if rate and language is not None and language not in entry.variants:
            rate *= 0.6
        rated[name] = rate
    return rated


def _reasons(entries: Sequence[Entry]) -> Counter[tuple[str, ...]]:
    return Counter(entry.reasons for entry in entries if entry.reasons)


def _worth(rows: Counter[tuple[str, ...]], asked: Asked) -> Mapping[tuple[str, ...], float]:
    """What it is worth that an entry names certain reasons, most where the reason in question is
    the first of them; empty without one in question. `rows`: how many entries name which."""
    named: Counter[str] = Counter()
    for reasons, times in rows.items():
        for reason in reasons:
            named[plain(reason)] += times
    # A shared reason is worth little, when many entries name it.
    worth = {
        plain(r): 4.0 * min(1.0, 3 / named[plain(r)]) for r in asked.reasons if plain(r) in named
    }
    if not worth:
        return {}
    first = {row: worth.get(plain(row[0]), 0.0) for row in rows}
    later = {row: max((worth.get(plain(r), 0.0) for r in row[1:]), default=0.0) for row in rows}
    return {row: max(first[row], min(later[row], GOOD), _LATER * later[row]) for row in rows}


def _clear(entries: Sequence[Entry], scores: Mapping[str, float]) -> tuple[float, float]:
    """The score from which the best routine entry stands out of the routine ones, and the best help
    entry out of help: the two are never good for the same thread."""
    routine: list[float] = []
    helping: list[float] = []
    for entry in entries:
        if score := scores.get(entry.id):
            (helping if entry.tags and entry.help else routine).append(score)
    return _ahead(routine), _ahead(helping)


def _ahead(scores: Sequence[float]) -> float:
    best = nlargest(2, scores)
    return _AHEAD + _LEAD * best[1] if len(best) > 1 else 0.0


def _stems_of(text: str) -> list[str]:
    """The first letters of each word: enough to meet the endings of five languages."""
    return [word.casefold()[:_STEM] for word in _WORD.findall(text)]


@lru_cache(maxsize=1024)
def plain(reason: str) -> str:
    """Return `reason` as it is compared: in small letters, its words joined by hyphens. Platforms
    write one as "Self harm", "self_harm" or "self-harm"."""
    return re.sub(r"[\s_-]+", "-", reason.strip().casefold())
