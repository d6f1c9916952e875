"""How well the entries of the library answer a thread: its text, its flags, their keywords."""

from __future__ import annotations

import re
from collections import Counter
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
_LATER = 0.9
"""The share of a reason that an entry names after others: it is as good a match, and comes after
those that are there for it."""


def ratings(
    entries: Sequence[Entry], asked: Asked, scores: Mapping[str, float]
) -> dict[str, float]:
    """How well each entry answers, by flag reasons and text; 3 and more is a good match."""
    said, worth = frozenset(_stems_of(asked.text)), _worth(entries, asked)
    clear, clear_help = _clear(entries, scores)
    language, rated = asked.language, {}
    for entry in entries:
        name, keywords = entry.id, entry.keywords
        score = scores.get(name)
        rate = 0.0
        if score:
            rate = GOOD * _strength(score, clear_help if entry.tags and entry.help else clear)
        if worth and entry.reasons:
            rate += worth[entry.reasons]
        if keywords and (count := _named(keywords, said)):
            rate += 1.5 * min(count, 3)
        foreign = language is not None and language not in entry.variants
        rated[name] = rate * 0.6 if foreign else rate
    return rated


def _worth(entries: Sequence[Entry], asked: Asked) -> Mapping[tuple[str, ...], float]:
    """What it is worth that an entry names certain reasons, most where the reason in question is
    the first of them; empty without one in question."""
    rows = Counter(entry.reasons for entry in entries if entry.reasons)
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


def _strength(score: float, clear: float) -> float:
    """How well a text is answered, 1 and more: well; it rises with `score`, and for one that is
    not `clear` stays below 1."""
    strength = score / _FIT
    if score >= clear or strength < 0.9:
        return min(strength, 3.0)
    return 1 - 0.09 / strength


def _named(keywords: tuple[str, ...], said: frozenset[str]) -> int:
    """How many of `keywords` are `said`; of one with several words, all of them."""
    words, phrases = _keys_of(keywords)
    count = len(words & said) if words else 0
    for phrase in phrases:
        if said >= phrase:
            count += 1
    return count


@lru_cache(maxsize=2048)
def _keys_of(keywords: tuple[str, ...]) -> tuple[frozenset[str], frozenset[frozenset[str]]]:
    keys = {frozenset(_stems_of(keyword)) for keyword in keywords}
    words = frozenset(stem for key in keys if len(key) == 1 for stem in key)
    return words, frozenset(key for key in keys if len(key) > 1)


def _stems_of(text: str) -> list[str]:
    """The first letters of each word: enough to meet the endings of five languages."""
    return [word.casefold()[:_STEM] for word in _WORD.findall(text)]


@lru_cache(maxsize=1024)
def plain(reason: str) -> str:
    """Return `reason` as it is compared: in small letters, its words joined by hyphens. Platforms
    write one as "Self harm", "self_harm" or "self-harm"."""
    return re.sub(r"[\s_-]+", "-", reason.strip().casefold())
