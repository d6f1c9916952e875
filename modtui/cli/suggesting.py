"""Which quick replies fit a text, and how often the right one is among the first: on the line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from modtui.cli.compose import Setup, open_store
from modtui.cli.exits import Exit, Failure
from modtui.domain.features import sample
from modtui.domain.frozen import dataclass
from modtui.domain.gate import admitted, leading
from modtui.domain.help_routes import heard
from modtui.domain.language import guess
from modtui.domain.ranking import Ranking
from modtui.domain.replies import Asked, Entry, fits
from modtui.domain.settings import Desk
from modtui.engine.rulebook import help_book
from modtui.store import ReadTx

KEYS = 9
RANKS = (1, 3, KEYS)
_AT_ONCE = 500
_JSON_LINES = (".jsonl", ".ndjson")


class Fit(NamedTuple):
    """An entry that is offered. `fit`: 1 and more is a good match; `weak`: it takes `y`."""

    entry: Entry
    fit: float
    weak: bool


class Question(NamedTuple):
    """A question of a file: what is asked, in which language, and the entry that answers it."""

    line: int
    text: str
    id: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What fits a text, the best first; `help_route`: the one that its words open."""

    fits: tuple[Fit, ...]
    language: str | None
    help_route: str | None


class Suggester:
    """The library with its index: the texts of the entries alone, until choices are learned."""

    def __init__(self, entries: Sequence[Entry], desk: Desk) -> None:
        self._entries = tuple(entries)
        self._desk = desk
        self._ranking = Ranking(sample(entry) for entry in entries)

    def learn(self, setup: Setup) -> int:
        """Learn every choice in the queue, if there is one; return how many. Raises StoreError."""
        if not setup.paths.store.exists():
            return 0
        store = open_store(setup.paths.store)
        try:
            return store.read_here(self._learn)
        finally:
            store.close_here()

    async def _learn(self, tx: ReadTx) -> int:
        last = learned = 0
        while fresh := await tx.choices(last, _AT_ONCE):
            for choice in fresh:
                self._ranking.learn(choice.entry, choice.said)
            last, learned = fresh[-1].id, learned + len(fresh)
        return learned

    def suggest(self, text: str, language: str | None = None) -> Suggestions:
        """Return what a thread that says `text` is offered, without what is pinned; a language
        that is not said is guessed."""
        routes = self._desk.help_reasons
        words = heard(help_book(self._desk), text, routes) if routes else None
        route = words.route if words is not None else None
        spoken = language or guess(text)
        asked = Asked(text, spoken, (), route)
        rated = fits(self._entries, asked, self._ranking.scores(text))
        offered = sorted(admitted(route, self._entries), key=lambda e: (-rated[e.id], e.id))
        first = leading(route, offered)
        held = {entry.id for entry in first}
        found = []
        for entry in offered:
            fit = rated[entry.id]
            weak = route is not None or fit < 1 or entry.help is not None
            if entry.id not in held and fit > 0 and (fit >= 1 or route or entry.help is None):
                found.append(Fit(entry, fit, weak))
        # Help without a route comes after what fits well.
        found.sort(key=lambda each: each.weak)
        helps = [Fit(entry, rated[entry.id], False) for entry in first]
        return Suggestions((*helps, *found)[:KEYS], spoken, route)


def questions(file: Path, known: Mapping[str, Entry]) -> tuple[list[Question], list[str]]:
    """Return the questions of a CSV table with the columns text and id, or of JSON lines, and a
    line for each that cannot be used. Raises Failure, OSError."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure(Exit.FAILED, f"{file}:1: not UTF-8 text: save it as UTF-8") from error
    rows = _json_rows(text) if file.suffix.lower() in _JSON_LINES else _table_rows(text, file)
    found, problems = [], []
    for line, row in rows:
        said, name, language = (row.get(key) or "" for key in ("text", "id", "language"))
        if not (isinstance(said, str) and said.strip() and isinstance(name, str)):
            problems.append(f"{file}:{line}: a question has text and id")
        elif name not in known:
            problems.append(f"{file}:{line}: there is no entry {name or 'without an id'}")
        else:
            found.append(Question(line, said, name, str(language) or None))
    return found, problems


def _table_rows(text: str, file: Path) -> list[tuple[int, Mapping[str, object]]]:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [name for name in ("text", "id") if name not in (rows.fieldnames or ())]
    if missing:
        raise Failure(Exit.FAILED, f"{file}:1: the header has no column {missing[0]!r}")
    found: list[tuple[int, Mapping[str, object]]] = []
    try:
        begun = rows.line_num + 1
        for row in rows:
            found.append((begun, row))
            begun = rows.line_num + 1
    except csv.Error as error:
        raise Failure(Exit.FAILED, f"{file}:{rows.line_num}: not a CSV table: {error}") from error
    return found


def _json_rows(text: str) -> list[tuple[int, Mapping[str, object]]]:
    found: list[tuple[int, Mapping[str, object]]] = []
    for line, said in enumerate(text.split("\n"), 1):
        if said.strip():
            try:
                row = json.loads(said)
            except ValueError:
                row = None
            found.append((line, row if isinstance(row, dict) else {}))
    return found


class Rank(NamedTuple):
    """At which place the right entry of a question came, None: not among the first nine; `first`:
    the entry that came first, "" for none."""

    question: Question
    place: int | None
    first: str


def ranks(suggester: Suggester, asked: Sequence[Question]) -> tuple[Rank, ...]:
    """Return where the right entry came for each question."""
    found = []
    for each in asked:
        names = [fit.entry.id for fit in suggester.suggest(each.text, each.language).fits]
        place = names.index(each.id) + 1 if each.id in names else None
        found.append(Rank(each, place, next(iter(names), "")))
    return tuple(found)


def recall(found: Sequence[Rank], most: int) -> float:
    """Return the share of questions whose entry came among the first `most`, 0 to 1."""
    hits = sum(rank.place is not None and rank.place <= most for rank in found)
    return hits / len(found) if found else 0.0
