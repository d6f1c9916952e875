"""The library in rows: a line for each entry, and one entry whole. Pure functions."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from modtui.domain.outcomes import Outcome
from modtui.domain.replies import Variant
from modtui.domain.text import clean_line
from modtui.domain.words import span
from modtui.engine.shelf import Shelved
from modtui.widgets.cells import Row, clip, cut, fit, one_line, right, spread, wrap
from modtui.widgets.id_list import Line

APPROVED, UNAPPROVED = "+", "·"
MOST_LANGUAGES = 6
_PLACE = re.compile(r":\d+: ")
_PLACEHOLDER = re.compile(r"(\{[a-z][a-z0-9_]*\})")


class Order(Enum):
    """How the entries are ordered, in the words of the screen."""

    FIT = "as they fit"
    SENT = "most sent"
    UNSETTLED = "least settled"
    UNSENT = "not sent in 90 days"


@dataclass(frozen=True, slots=True)
class ShelfColumns:
    """The widths of the columns, in cells; 0 leaves a column out. `languages` have three each."""

    title: int
    id: int
    languages: tuple[str, ...]
    then: int = 0
    tags: int = 0
    file: int = 0


def shelf_columns(width: int, languages: Sequence[str]) -> ShelfColumns:
    """Return the columns of a list `width` cells wide; what does not fit, the preview tells."""
    shown = tuple(languages[:MOST_LANGUAGES])
    wide = width >= 96
    then, tags, file = (14, 12, 14) if wide else (0, 0, 0)
    extra = then + tags + file + 3 if wide else 0
    rest = max(width - 1 - 3 - 3 * len(shown) - 6 - extra - 2, 12)
    name = min(rest * 2 // 5, 24)
    return ShelfColumns(rest - name, name, shown, then, tags, file)


def shelf_header(cols: ShelfColumns, order: Order = Order.FIT) -> str:
    """Return the line above the entries."""
    count = "back" if order is Order.UNSETTLED else "sent"
    languages = "".join(f" {fit(language, 2)}" for language in cols.languages)
    more = (("then", cols.then), ("tags", cols.tags), ("file", cols.file))
    rest = "".join(f" {fit(name, size)}" for name, size in more if size)
    return f" {'#':<3}{fit('title', cols.title)} {fit('id', cols.id)}{languages}  {count}{rest}"


def shelf_line(
    shelved: Shelved, cols: ShelfColumns, mine: Sequence[str], back: str | None = None
) -> Line:
    """Return the line of one entry: its digit, title in a language of `mine`, id, languages, how
    often it was sent, or `back`, how many of its threads came back."""
    entry = shelved.entry
    pin = f"{shelved.digit or ' '}{'!' if shelved.problem else ' '} "
    title = clean_line(entry.variant(mine).title)
    marks = "".join(f"  {_mark(entry.variants.get(language))}" for language in cols.languages)
    sent = f"{shelved.sent}×" if shelved.sent else ""
    sent = sent if back is None else back
    more = (
        (", ".join(entry.then), cols.then), (", ".join(entry.tags), cols.tags),
        ("starter" if shelved.starter else Path(entry.source).name, cols.file),
    )  # fmt: skip
    rest = "".join(f" {fit(clean_line(text), size)}" for text, size in more if size)
    text = f"{pin}{fit(title, cols.title)} {fit(entry.id, cols.id)}{marks} {right(sent, 5)}{rest}"
    return Line(entry.id, text, urgent=bool(shelved.problem))


def _mark(variant: Variant | None) -> str:
    if variant is None:
        return " "
    return APPROVED if variant.approved_by else UNAPPROVED


def spoken(shelf: Iterable[Shelved], mine: Sequence[str]) -> tuple[str, ...]:
    """Return every language of the library, those of the moderator first."""
    found = {language for shelved in shelf for language in shelved.entry.variants}
    first = [language for language in mine if language in found]
    return (*first, *sorted(found - set(first)))


def ordered(
    shelf: Sequence[Shelved], order: Order, outcomes: Mapping[str, Outcome]
) -> tuple[Shelved, ...]:
    """Return `shelf` in `order`; what is equal stays as it was."""
    match order:
        case Order.FIT:
            return tuple(shelf)
        case Order.SENT:
            return tuple(sorted(shelf, key=lambda each: -each.sent))
        case Order.UNSETTLED:
            none = Outcome(0)
            return tuple(sorted(shelf, key=lambda e: -outcomes.get(e.entry.id, none).unsettled))
        case Order.UNSENT:
            return tuple(sorted(shelf, key=lambda each: each.entry.id in outcomes))


def came_back(outcome: Outcome | None) -> str:
    """Return the share of an entry's threads that came back, by which it is least settled; "" where
    it was not sent."""
    return f"{outcome.unsettled:.0%}" if outcome is not None else ""


def outcome_words(outcome: Outcome) -> str:
    """Return in a line what became of an entry's replies of the last 90 days."""
    counts = (("reopened", outcome.reopened), ("escalated", outcome.escalated),
              ("answered again", outcome.again))  # fmt: skip
    told = ", ".join(f"{name} {count}" for name, count in counts)
    wait = f"; the author wrote again after {span(outcome.next_post)}" if outcome.next_post else ""
    return f"90 days: sent {outcome.sent}, of these {told}{wait}"


def preview_rows(
    shelved: Shelved,
    language: str,
    width: int,
    outcome: Outcome | None = None,
    fills: Collection[str] = (),
) -> tuple[Row, ...]:
    """Return one entry in `language`: its title, who approved it, what became of it, its text with
    the placeholders as they are, what fills those, what it answers, and where it stands. `fills`
    are the placeholders that a thread may fill."""
    entry = shelved.entry
    variant = entry.variants.get(language) or entry.variant((language,))
    others = " ".join(_shown(name, variant.language) for name in entry.variants)
    rows: list[Row] = []
    if shelved.problem:
        what = f"! not all of its file can be read; what cannot is as it was: {shelved.problem}"
        rows += _wrapped(clean_line(what, limit=600), "late", width)
    rows += [
        *_wrapped(clean_line(variant.title), "strong", width),
        clip(
            ((f" {others}   ", "muted"),
             (clean_line(variant.approval), "text" if variant.approved_by else "soon")), width
        ),
        *_wrapped(clean_line(" · ".join(_facts(shelved))), "muted", width),
        *(_wrapped(outcome_words(outcome), "muted", width) if outcome is not None else ()),
        clip((), width),
        *(clip(_marked(f" {line}"), width) for line in wrap(variant.body, width - 2)),
        *_filled_by(variant, width, fills),
        clip((), width),
    ]  # fmt: skip
    lists = (
        ("tags", entry.tags), ("reasons", entry.reasons), ("keywords", entry.keywords),
        ("examples", entry.examples),
    )  # fmt: skip
    for name, words in lists:
        rows += _wrapped(f"{name}: {clean_line(', '.join(words))}", "muted", width) if words else ()
    came = "came with modtui, an edit copies it: " if shelved.starter else ""
    rows += _wrapped(f"{came}{clean_line(entry.source)}:{entry.line}", "muted", width)
    return tuple(rows)


REST = "space: the rest "


def with_rest(row: Row, width: int) -> Row:
    """Return a row that says at its end that there is more of the text, by a key."""
    return spread(row, ((REST, "muted"),), width)


def _wrapped(text: str, style: str, width: int) -> tuple[Row, ...]:
    return tuple(clip(((f" {line}", style),), width) for line in wrap(tilde(text), width - 2))


def _shown(language: str, chosen: str) -> str:
    return f"[{language}]" if language == chosen else language


def _facts(shelved: Shelved) -> tuple[str, ...]:
    entry, pinned = shelved.entry, ""
    if shelved.digit is not None:
        pinned = f"pinned to {shelved.digit} {'by you' if shelved.mine else 'by its tag'}"
    then = f"then {', '.join(entry.then)}" if entry.then else ""
    return tuple(part for part in (entry.id, f"sent {shelved.sent}×", pinned, then) if part)


def _marked(line: str) -> Row:
    """Return a line of a text with its placeholders in another style."""
    return tuple(
        (part, "held" if _PLACEHOLDER.fullmatch(part) else "text")
        for part in _PLACEHOLDER.split(line)
        if part
    )


def _filled_by(variant: Variant, width: int, fills: Collection[str]) -> tuple[Row, ...]:
    """Return what fills each placeholder."""
    rows: list[Row] = []
    for name in variant.placeholders:
        default = clean_line(variant.defaults.get(name, ""))
        known = name in fills
        if default:
            words = f"from the thread, else “{default}”" if known else f"“{default}”"
        else:
            words = "from the thread, or asked for" if known else "asked for each time"
        rows.append(clip(((f" {{{name}}} ", "held"), (words, "muted")), width))
    return (clip((), width), *rows) if rows else ()


def trouble_rows(problems: Sequence[str], keys: tuple[str, str], width: int) -> tuple[Row, ...]:
    """Return what could not be read, in at most two lines; `keys` open a file, make a folder."""
    if not problems:
        return ()
    mend, make = keys
    end = f" · {mend} opens it" if broken(problems) else ""
    if not end and problems[0].endswith("no such folder"):
        end = f" · {make} makes it"
    lines = wrap(f"! {trouble_words(problems)}{end}", max(width - 2, 10))
    if len(lines) > 2:
        room = width - 3 - len(end)
        lines = (lines[0], cut(" ".join(lines[1:]), room).rstrip("…") + "…" + end)
    return tuple(clip(((f" {line}", "late"),), width) for line in lines)


def trouble_words(problems: Sequence[str]) -> str:
    """Return how many files could not be read, and where and why the first: one clean line. A
    folder that is not there is said when nothing else is wrong, and counted else."""
    files = broken(problems)
    if not files:
        return tilde(clean_line(problems[0], limit=600))
    count = len({_PLACE.split(line, maxsplit=1)[0] for line in files})
    noun = "file" if count == 1 else "files"
    folders = len(problems) - len(files)
    gone = f" and {folders} {'folder' if folders == 1 else 'folders'}" if folders else ""
    return f"{count} {noun}{gone} could not be read: {tilde(clean_line(files[0], limit=600))}"


def broken(problems: Sequence[str]) -> tuple[str, ...]:
    """Return those of `problems` that name a line of a file."""
    return tuple(line for line in problems if _PLACE.search(line))


def tilde(text: str) -> str:
    """Return `text` with the home folder as `~`, on one line."""
    home = os.path.expanduser("~").rstrip("/")
    return one_line(text.replace(f"{home}/", "~/") if home else text)
