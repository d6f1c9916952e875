"""Help routes: the words that open one, the links of a country, the disclaimer in a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from modtui.domain.frozen import dataclass
from modtui.domain.latin import folded, spelled

EVERYWHERE = "any"
"""In place of a country: what holds where nothing else is known."""
HEAD = 3
"""By so many letters of its first word a pattern is found; a shorter first word is a whole one."""
_SIZES = range(1, HEAD + 1)
GAP = "..."
"""In place of a word: up to `_GAP` words, whatever they are."""

_WORD = re.compile(r"[^\W_]+")
_WORDS = re.compile(r"[^\W_]+(?:\.(?=\w))?")
WHOLE = "."
_EITHER = "/"
_GAP = 3
_PLACE = r"[^\W_]+\.?(?:/[^\W_]+\.?)*"
_ROW = re.compile(rf"\s*{_PLACE}(?:\s+(?:\.\.\.\s+)*{_PLACE})*\s*")
_REMEMBERED = 4096
_LONGEST = 32
"""What is longer between two blanks is looked at anew each time: it hardly comes again."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words in a row, each given by its possible beginnings; one that ends in a full stop is all of
    the word. An empty place is a gap. `opens` False: what stands wholly in its words opens nothing
    of its route."""

    route: str
    words: tuple[tuple[str, ...], ...]
    opens: bool = True


class _Word(NamedTuple):
    """A word of a text: as it was said, folded, and the numbers of the patterns that it may begin
    and end."""

    said: str
    folded: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]


class Heads(dict[str, tuple[Pattern, ...]]):
    """Patterns by the first letters of their first words, the longest first.

    It remembers words: most of a text are words that other texts have as well.
    """

    __slots__ = ("_begun", "_ended", "_known", "each")

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:
        self.each = tuple(sorted(patterns, key=lambda p: (-len(p.words), p.opens)))
        self._begun: dict[str, list[int]] = {}
        self._ended: dict[str, list[int]] = {}
        for number, each in enumerate(self.each):
            heads = (f"{word.removesuffix(WHOLE)}{WHOLE}"[:HEAD] for word in each.words[0])
            for head in dict.fromkeys(heads):
                self._begun.setdefault(head, []).append(number)
            for head in dict.fromkeys(word[:HEAD] for word in each.words[-1]):
                self._ended.setdefault(head, []).append(number)
        known = self._begun.items()
        super().__init__((head, tuple(self.each[n] for n in some)) for head, some in known)
        self._known = lru_cache(_REMEMBERED)(self._words)

    def words(self, text: str) -> list[_Word]:
        """Return the words of `text`, in order."""
        found: list[_Word] = []
        for part in text.split():
            found += self._known(part) if len(part) <= _LONGEST else self._words(part)
        return found

    def _words(self, part: str) -> tuple[_Word, ...]:
        """Return the words of what stands between two blanks."""
        return tuple(self._word(said) for said in _WORD.findall(spelled(part)))

    def _word(self, said: str) -> _Word:
        word, each = f"{folded(said)}{WHOLE}", self.each
        begun = self._begun.get(word[:HEAD], ())
        # The last word of a pattern is a beginning, however short.
        ended = chain.from_iterable(self._ended.get(word[:size], ()) for size in _SIZES)
        begins = tuple(n for n in begun if word.startswith(each[n].words[0]))
        ends = tuple(n for n in ended if word.startswith(each[n].words[-1]))
        return _Word(said, word, begins, ends)


@dataclass(frozen=True, slots=True)
class Heard:
    """The route that a text opens, and the words that do."""

    route: str
    words: str


@dataclass(frozen=True, slots=True)
class HelpBook:
    """What a team wrote down. `heads`: the patterns by their first letters; `links`: by route and
    country; `disclaimer` by language; `emergency`: the number to call, by country."""

    heads: Heads = field(default_factory=Heads)
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    disclaimer: Mapping[str, str] = field(default_factory=dict)
    emergency: Mapping[str, str] = field(default_factory=dict)

    def link(self, route: str, country: str) -> str:
        """Where help is found in `country`; "" where the team named nothing for it."""
        return self.links.get(route, {}).get(country, "")

    def statement(self, language: str | None) -> str:
        """The disclaimer in `language`, else in English, else in any; "" where there is none."""
        known = self.disclaimer
        return known.get(language or "") or known.get("en") or next(iter(known.values()), "")


def pattern(route: str, text: str, *, opens: bool = True) -> Pattern:
    """Return what `text` means as a pattern. Raises ValueError, saying what is allowed."""
    row = folded(spelled(text)).replace("-", " ")
    if not _ROW.fullmatch(row):
        such = f': "{meant}"' if (meant := _meant(text)) else ', such as "want to die" or "suicid"'
        raise ValueError(f'"{text}" is not a row of words with blanks between{such}')
    words = (() if place == GAP else tuple(place.split(_EITHER)) for place in row.split())
    return Pattern(route, tuple(words), opens)


def _meant(text: str) -> str:
    """What `text` looks like as a row of words: "t.me/lucky_drop" is "t. me lucky drop"."""
    return " ".join(_WORDS.findall(spelled(text)))


def by_head(patterns: Iterable[Pattern]) -> Heads:
    """Return `patterns` by their first letters, the longest first."""
    return Heads(patterns)


def heard(book: HelpBook, text: str, routes: Sequence[str]) -> Heard | None:
    """Return the first of `routes` that words of `text` open, or None."""
    found: dict[str, str] = {}
    for route, said in rows(book.heads, text):
        found.setdefault(route, said)
    return next((Heard(route, found[route]) for route in routes if route in found), None)


def rows(heads: Heads, text: str) -> Iterator[tuple[str, str]]:
    """Yield what of `heads` opens where in `text`: the route, and the words that do."""
    words = heads.words(text)
    begun: set[int] = set()
    ended: set[int] = set()
    for word in words:
        if word.begins:
            begun.update(word.begins)
        if word.ends:
            ended.update(word.ends)
    if begun.isdisjoint(ended):
        return
    meant: dict[str, int] = {}
    for place, word in enumerate(words):
        possible = [heads.each[number] for number in word.begins if number in ended]
        for found, end in _at(possible, words, place):
            if end <= meant.get(found.route, 0):
                continue
            if found.opens:
                yield found.route, " ".join([each.said for each in words[place:end]])
            else:
                meant[found.route] = end


def is_disclaimed(book: HelpBook, text: str) -> bool:
    """Return whether a disclaimer stands in `text`, or there is none to stand there."""
    return not book.disclaimer or any(_row(d) in _row(text) for d in book.disclaimer.values())


def disclaimed(book: HelpBook, text: str, language: str | None) -> str:
    """Return `text` with the disclaimer in `language` after it, unless one stands in it."""
    wanted = book.statement(language)
    if not wanted or is_disclaimed(book, text):
        return text
    return f"{text.rstrip()}\n\n{wanted}"


def undisclaimed(book: HelpBook, text: str) -> str:
    """Return `text` without the disclaimer after it."""
    bare = text.rstrip()
    for each in book.disclaimer.values():
        if bare.endswith(each.strip()):
            return bare.removesuffix(each.strip()).rstrip()
    return text


def _at(
    patterns: Iterable[Pattern], words: Sequence[_Word], place: int
) -> Iterator[tuple[Pattern, int]]:
    """Of each route the pattern that fits at `place`, where the first words of `patterns` stand,
    and where its words end; the longest decides."""
    decided: set[str] = set()
    for each in patterns:
        if each.route in decided:
            continue
        end = _end(each.words, words, place + 1)
        if end:
            decided.add(each.route)
            yield each, end


def _end(wanted: Sequence[tuple[str, ...]], words: Sequence[_Word], place: int) -> int:
    """Where the words end that are `wanted` and whose second is looked for from `place` on, 0 when
    they are not there."""
    until = place
    for each in wanted[1:]:
        if not each:
            until += _GAP
            continue
        while not (place < len(words) and words[place].folded.startswith(each)):
            place += 1
            if place > until:
                return 0
        place += 1
        until = place
    return place


def _row(text: str) -> str:
    return " ".join(text.split())
