"""What is not wrong in a library and yet will surprise whoever sends from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from modtui.domain.replies import Entry, FollowEscalate, Variant, follow_up


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark on an entry, with its place: `file:line: id: what`."""

    source: str
    line: int
    entry: str
    what: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.entry}: {self.what}"


@dataclass(frozen=True, slots=True)
class House:
    """What entries are held against: the languages that a reply should exist in, the names that a
    thread fills, and the teams."""

    languages: Sequence[str]
    fills: Collection[str]
    teams: Collection[str]


def lint(entries: Sequence[Entry], house: House) -> tuple[Remark, ...]:
    """Return every remark, in the order of the entries."""
    titles: dict[tuple[str, str], list[str]] = defaultdict(list)
    pinned: dict[int, str] = {}
    for entry in entries:
        for variant in entry.variants.values():
            titles[variant.language, variant.title.casefold()].append(entry.id)
    remarks = []
    for entry in entries:
        whats = [*_on_entry(entry, house)]
        pin = entry.pin
        if pin is not None and pinned.setdefault(pin, entry.id) != entry.id:
            whats.append(
                f"pin:{pin} is also that of {pinned[pin]}, which comes first and has the key"
            )
        for variant in entry.variants.values():
            whats += _on_variant(variant, house)
            namesakes = titles[variant.language, variant.title.casefold()]
            others = [name for name in namesakes if name != entry.id]
            if others:
                whats.append(f"{variant.language}: the title is also that of {', '.join(others)}")
        remarks += [Remark(entry.source, entry.line, entry.id, what) for what in whats]
    return tuple(remarks)


def _on_entry(entry: Entry, house: House) -> Iterator[str]:
    missing = [language for language in house.languages if language not in entry.variants]
    if missing:
        yield f"no text in {', '.join(missing)}"
    points = entry.keywords or entry.examples or entry.reasons or entry.help or entry.pin
    if not points and "general" not in entry.tags:
        yield "nothing points to it: no keyword, example, reason or pin"
    for text in entry.then:
        follow = follow_up(text)
        if isinstance(follow, FollowEscalate) and follow.team not in house.teams:
            yield f"then: no team is called {follow.team!r}"
    if entry.light and entry.help:
        yield "tagged light and as help: it is never offered"


def _on_variant(variant: Variant, house: House) -> Iterator[str]:
    if not variant.approved_by:
        yield f"{variant.language}: not approved"
    asked = [
        name
        for name in variant.placeholders
        if name not in house.fills and name not in variant.defaults
    ]
    if asked:
        yield f"{variant.language}: asks for {', '.join(f'{{{name}}}' for name in asked)} each time"
    idle = [name for name in variant.defaults if name not in variant.placeholders]
    if idle:
        yield f"{variant.language}: a default for {idle[0]!r}, which the text does not use"
