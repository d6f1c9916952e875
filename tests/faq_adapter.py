"""The ranking behind the interface of a bench: a library of dicts in, the best ids out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from typing import Any

from modtui.domain.features import lesson, sample
from modtui.domain.ranking import Ranking
from modtui.domain.replies import Entry, Variant


def make(library: Sequence[Mapping[str, Any]]) -> Callable[[str], list[str]]:
    """Return what ranks the entries of `library` for a text.

    An entry is {"id", "title", "body", "lang", "examples": [str], "choices": [str]}; what was
    chosen is learned one by one, as it is when a reply is sent.
    """
    ranking = Ranking(sample(_entry(each)) for each in library)
    for each in library:
        for text in each["choices"]:
            ranking.learn(each["id"], lesson(text))

    def rank(text: str) -> list[str]:
        scores = ranking.scores(text)
        return nlargest(9, scores, key=scores.__getitem__)

    return rank


def _entry(each: Mapping[str, Any]) -> Entry:
    variant = Variant(each["lang"], each["title"], each["body"])
    return Entry(each["id"], {each["lang"]: variant}, examples=tuple(each["examples"]))
