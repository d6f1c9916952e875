"""Quick replies in the files of other programs, and the library's in theirs.

A reader makes `Found` of a file: tables as they stand in a library file, each with its place.
`entries_of` checks them as the library would; `library_file` writes what passed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from modtui.domain.entries import parse
from modtui.domain.latin import folded
from modtui.domain.replies import Entry, ReplyError

_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST_ID = 48
_NOTHING: Mapping[str, Entry] = MappingProxyType({})


class Unreadable(ValueError):
    """A file that cannot be read as the format it is said to be. `line` is where, from 1."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Found:
    """One text of a foreign file: `line` is its line, or its number where lines mean nothing.

    `id` is "" where the file names none; `more` are lists such as tags, by their library key;
    `flaw` says why this text cannot be read, whatever else stands here. `counted`: `line` is a
    number.
    """

    line: int
    title: str
    body: str
    language: str = ""
    id: str = ""
    more: Mapping[str, Sequence[str]] | None = None
    variant: Mapping[str, Any] | None = None
    flaw: str = ""
    counted: bool = False

    def at(self, source: str) -> str:
        """Return where it stands: "replies.csv:7", "macros.json: reply 2"."""
        return f"{source}: reply {self.line}" if self.counted else f"{source}:{self.line}"


SEPARATOR = ";"
_WITHIN = re.compile(r"\\([\\;])")
_PARTED = re.compile(r"((?:\\[\\;]|[^;])*)(?:;|$)")


def joined(parts: Iterable[str]) -> str:
    """Return a list as one text with ";" between its parts; one that stands in a part gets a
    backslash before it, and so does a backslash."""
    return SEPARATOR.join(re.sub(r"([\\;])", r"\\\1", part) for part in parts)


def parted(text: str) -> list[str]:
    """Return the parts of a text that `joined` made, or that was written by hand; none is empty."""
    parts = (_WITHIN.sub(r"\1", part).strip() for part in _PARTED.findall(text))
    return [part for part in parts if part]


Reader = Callable[[str], tuple[Found, ...]]


def attempt(line: int, read: Callable[[], Found]) -> Found:
    """Return what `read` returns for one text at `line`; where it raises Unreadable, its flaw."""
    try:
        return read()
    except Unreadable as error:
        return Found(line, "", "", flaw=str(error))


def entries_of(
    found: Sequence[Found], source: str, language: str, there: Mapping[str, Entry] = _NOTHING
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Return the entries that `found` makes, and a line `source:line: what` for each text that
    makes none. `language` is that of the texts which name none; texts with one id are variants of
    one entry. A text without an id gets one that is no entry's of `there`, which are in the
    library by their ids, but for one that has its title."""
    entries: dict[str, Entry] = {}
    problems = [f"{text.at(source)}: {text.flaw}" for text in found if text.flaw]
    texts = [replace(text, language=text.language or language) for text in found if not text.flaw]
    for text in _named(texts, there):
        spoken = text.language
        try:
            entry = parse(_table(text), source, text.line)
            known = entries.get(entry.id)
            if known is not None and spoken in known.variants:
                raise ReplyError(f"{entry.id} has a text in {spoken} already")
        except ReplyError as error:
            problems.append(f"{text.at(source)}: {error}")
            continue
        entries[entry.id] = entry if known is None else _joined(known, entry)
    return tuple(entries.values()), tuple(problems)


def table_of(entry: Entry) -> dict[str, Any]:
    """Return the entry as the table of a library file that `parse` reads as the same entry."""
    lists = {"tags": entry.tags, "reasons": entry.reasons, "keywords": entry.keywords,
             "examples": entry.examples, "then": entry.then}  # fmt: skip
    table: dict[str, Any] = {"id": entry.id, **{k: list(v) for k, v in lists.items() if v}}
    for language, variant in entry.variants.items():
        text: dict[str, Any] = {"title": variant.title, "body": variant.body}
        if variant.approved_by:
            text["approved_by"] = variant.approved_by
        if variant.approved_at:
            text["approved_at"] = variant.approved_at
        if variant.defaults:
            text["defaults"] = dict(variant.defaults)
        table[language] = text
    return table


def library_file(entries: Iterable[Entry]) -> str:
    """Return the text of a library file that holds `entries`, and nothing else."""
    return "\n".join(_tables(table_of(entry), "[reply]") for entry in entries) or "reply = []\n"


def slug(title: str) -> str:
    """Return an id made of a title's letters, in Latin ones, and digits; "" where it has none."""
    letters = folded(unicodedata.normalize("NFC", title.casefold()))
    letters = unicodedata.normalize("NFKD", letters)
    return _OTHER.sub("-", letters.encode("ascii", "ignore").decode())[:_LONGEST_ID].strip("-")


def _tables(table: Mapping[str, Any], name: str) -> str:
    """Return a table and those in it, each under its name: a line that is at fault can be found."""
    import tomli_w

    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    own = {key: value for key, value in table.items() if key not in inner}
    texts = [f"[{name}]\n{tomli_w.dumps(own, multiline_strings=True)}"]
    texts += [_tables(inner[key], f"{name.strip('[]')}.{key}") for key in inner]
    return "\n".join(texts)


def _named(found: Sequence[Found], there: Mapping[str, Entry]) -> Iterable[Found]:
    """Give an id to each text that has none: no two get the same one, nor that of another entry
    which is `there`."""
    taken = {text.id for text in found if text.id}
    for text in found:
        if text.id:
            yield text
            continue
        first = slug(text.title) or "reply"
        name, number = first, 1
        while name in taken or (name in there and not _titled(there[name], text)):
            number += 1
            name = f"{first}-{number}"
        taken.add(name)
        yield replace(text, id=name)


def _titled(entry: Entry, text: Found) -> bool:
    known = entry.variants.get(text.language)
    return known is not None and known.title == text.title.strip()


def _table(text: Found) -> dict[str, Any]:
    lists = {key: list(values) for key, values in (text.more or {}).items()}
    variant = {"title": text.title, "body": text.body, **(text.variant or {})}
    return {"id": text.id, **lists, text.language: variant}


def _joined(known: Entry, more: Entry) -> Entry:
    """Two languages of one entry: lists that either names are kept."""

    def both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return one if one == other else tuple(dict.fromkeys((*one, *other)))

    return replace(
        known,
        variants={**known.variants, **more.variants},
        tags=both(known.tags, more.tags),
        reasons=both(known.reasons, more.reasons),
        keywords=both(known.keywords, more.keywords),
        examples=both(known.examples, more.examples),
        then=both(known.then, more.then),
    )
