"""How well typed words fit what something is called. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

BEGINS, WITHIN, SCATTERED = 3, 2, 1


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

    A word fits best at the beginning of one in the text, then anywhere, then letter by letter.
    """
    parts = [part.lstrip("\"'(…") for part in text.replace(".", " ").replace("-", " ").split()]
    total = 0
    for word in words:
        if any(part.startswith(word) for part in parts):
            total += BEGINS
        elif word in text:
            total += WITHIN
        elif _scattered(word, text):
            total += SCATTERED
        else:
            return None
    return total


def _scattered(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)
