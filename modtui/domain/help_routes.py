"""Help routes: the words that open one, the links of a country, the disclaimer in a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from modtui.domain.frozen import dataclass
from modtui.domain.latin import folded, spelled

EVERYWHERE = "any"
"""In place of a country: what holds where nothing else is known."""
HEAD = 3
"""By so many letters of its first word a pattern is found; a shorter first word is a whole one."""
GAP = "..."
"""In place of a word: up to `_GAP` words, whatever they are."""

_WORD = re.compile(r"[^\W_]+")
_WORDS = re.compile(r"[^\W_]+(?:\.(?=\w))?")
WHOLE = "."
_EITHER = "/"
_GAP = 3
_PLACE = r"[^\W_]+\.?(?:/[^\W_]+\.?)*"
_ROW = re.compile(rf"\s*{_PLACE}(?:\s+(?:\.\.\.\s+)*{_PLACE})*\s*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words in a row, each given by its possible beginnings; one that ends in a full stop is all of
    the word. An empty place is a gap. `opens` False: where it fits, no shorter pattern of its route
    does."""

    route: str
    words: tuple[tuple[str, ...], ...]
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """The route that a text opens, and the words that do."""

    route: str
    words: str


@dataclass(frozen=True, slots=True)
class HelpBook:
    """What a team wrote down. `heads`: the patterns by their first letters; `links`: by route and
    country; `disclaimer` by language; `emergency`: the number to call, by country."""

    heads: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
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
    # A row is folded once: it need not be remembered as a word is.
    row = folded.__wrapped__(spelled(text)).replace("-", " ")
    if not _ROW.fullmatch(row):
        such = f': "{meant}"' if (meant := _meant(text)) else ', such as "want to die" or "suicid"'
        raise ValueError(f'"{text}" is not a row of words with blanks between{such}')
    words = (() if place == GAP else tuple(place.split(_EITHER)) for place in row.split())
    return Pattern(route, tuple(words), opens)


def _meant(text: str) -> str:
    """What `text` looks like as a row of words: "t.me/lucky_drop" is "t. me lucky drop"."""
    return " ".join(_WORDS.findall(spelled(text)))


def by_head(patterns: Iterable[Pattern]) -> Mapping[str, tuple[Pattern, ...]]:
    """Return `patterns` by their first letters, the longest first."""
    found: dict[str, list[Pattern]] = {}
    for each in sorted(patterns, key=lambda p: (-len(p.words), p.opens)):
        heads = (f"{word.removesuffix(WHOLE)}{WHOLE}"[:HEAD] for word in each.words[0])
        for head in dict.fromkeys(heads):
            found.setdefault(head, []).append(each)
    return {head: tuple(each) for head, each in found.items()}


def heard(book: HelpBook, text: str, routes: Sequence[str]) -> Heard | None:
    """Return the first of `routes` that words of `text` open, or None."""
    found: dict[str, str] = {}
    for route, said in rows(book.heads, text):
        found.setdefault(route, said)
    return next((Heard(route, found[route]) for route in routes if route in found), None)


def rows(heads: Mapping[str, tuple[Pattern, ...]], text: str) -> Iterator[tuple[str, str]]:
    """Yield what of `heads` opens where in `text`: the route, and the words that do."""
    said = _WORD.findall(spelled(text))
    words = [f"{folded(word)}{WHOLE}" for word in said]
    for place in [n for n, word in enumerate(words) if word[:HEAD] in heads]:
        for route, end in _at(heads[words[place][:HEAD]], words, place):
            yield route, " ".join(said[place:end])


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


def _at(patterns: Sequence[Pattern], words: Sequence[str], place: int) -> Iterator[tuple[str, int]]:
    """The routes that open at `place`, each with where its words end; the longest pattern
    decides."""
    decided: set[str] = set()
    first = words[place]
    for each in patterns:
        if not first.startswith(each.words[0]) or each.route in decided:
            continue
        end = _end(each.words, words, place)
        if end:
            decided.add(each.route)
            if each.opens:
                yield each.route, end


def _end(wanted: Sequence[tuple[str, ...]], words: Sequence[str], place: int) -> int:
    """Where the words end that are `wanted` from `place` on, 0 when they are not there."""
    until = place
    for each in wanted:
        if not each:
            until += _GAP
            continue
        while not (place < len(words) and words[place].startswith(each)):
            place += 1
            if place > until:
                return 0
        place += 1
        until = place
    return place


def _row(text: str) -> str:
    return " ".join(text.split())
