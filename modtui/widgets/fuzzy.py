"""How well typed words fit what something is called. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

BEGINS, WITHIN, SPREAD = 3, 2, 1


def fitting(words: str, things: Iterable[tuple[T, str]]) -> tuple[T, ...]:
    """Return those of `things` that every one of `words` fits, the best first.

    A thing comes with its text. What fits equally well keeps its order; no words fit everything.
    """
    wanted = words.casefold().split()
    scored = [(score(wanted, text.casefold()), thing) for thing, text in things]
    fits = [(points, thing) for points, thing in scored if points is not None]
    return tuple(thing for _, thing in sorted(fits, key=lambda pair: -pair[0]))


def score(words: Sequence[str], text: str) -> int | None:
    """Return the points of `words` on `text`, both casefolded; None where one does not fit.

    A word fits best at the beginning of one in the text, then anywhere, then as the beginnings of
    several: thpa is theme paper.
    """
    parts = [part.lstrip("\"'(…") for part in text.replace(".", " ").replace("-", " ").split()]
    total = 0
    for word in words:
        if any(part.startswith(word) for part in parts):
            total += BEGINS
        elif word in text:
            total += WITHIN
        elif _spread(word, parts):
            total += SPREAD
        else:
            return None
    return total


def _spread(word: str, parts: Sequence[str]) -> bool:
    """Whether `word` is made of the beginnings of some of `parts`, in their order."""
    if not word:
        return True
    for place, part in enumerate(parts):
        for size in range(min(len(word), len(part)), 0, -1):
            if part.startswith(word[:size]) and _spread(word[size:], parts[place + 1 :]):
                return True
    return False
