"""The library as a Markdown page: a heading is a title, what stands below it the text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from functools import partial

from modtui.domain.replies import Entry, Variant
from modtui.exchange import Found, Unreadable, attempt, joined, parted

_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*?)\s*#*\s*(?:\{(?P<attributes>[^{}]*)\})?\s*")
_ESCAPED = re.compile(r"^\\(?=\\*#)", re.MULTILINE)
_HASH = re.compile(r"^(?=\\*#)", re.MULTILINE)
_FENCE = re.compile(r"\s*(```|~~~)")
_LISTS = ("tags", "reasons", "keywords", "then")
_KEYS = ("lang", *_LISTS)


def read(text: str) -> tuple[Found, ...]:
    """Return a reply for each heading with text below it, whatever its depth; a heading without
    text only groups those after it. `{#id lang=ru tags="a;b"}` after a title, in the manner of
    Pandoc's attributes, names what the title does not."""
    found: list[Found] = []
    title, line, attributes = "", 0, ""
    body: list[str] = []
    fenced = False

    def close() -> None:
        said = _ESCAPED.sub("", "\n".join(body)).strip("\n")
        if line and said.strip():
            found.append(attempt(line, partial(_found, line, title, said, attributes)))
        elif said.strip():
            found.append(Found(1, "", "", flaw="text before the first heading"))

    for number, row in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        fenced ^= bool(_FENCE.match(row))
        heading = None if fenced else _HEADING.fullmatch(row)
        if heading is None:
            body.append(row)
            continue
        close()
        title, line, body = heading["title"], number, []
        attributes = heading["attributes"] or ""
    close()
    return tuple(found)


def write(entries: Iterable[Entry]) -> str:
    """Return the entries as a page that `read` reads as the same texts, without their approvals,
    defaults and examples, which stand in library files and tables alone."""
    parts = []
    for entry in entries:
        for variant in entry.variants.values():
            body = _HASH.sub(r"\\", variant.body)
            parts.append(f"## {variant.title} {{{_attributes(entry, variant)}}}\n\n{body}\n")
    return "\n".join(parts)


def _attributes(entry: Entry, variant: Variant) -> str:
    lists = {name: joined(getattr(entry, name)) for name in _LISTS}
    more = "".join(f" {name}={shlex.quote(words)}" for name, words in lists.items() if words)
    return f"#{entry.id} lang={variant.language}{more}"


def _found(line: int, title: str, body: str, attributes: str) -> Found:
    if not title:
        raise Unreadable("a heading without words", line)
    name, values = _read_attributes(attributes, line)
    lists = {key: parted(values[key]) for key in _LISTS if key in values}
    return Found(line, title, body, values.get("lang", ""), name, lists)


def _read_attributes(text: str, line: int) -> tuple[str, Mapping[str, str]]:
    name, values = "", {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Unreadable(f"{{{text}}}: {error}", line) from error
    for word in words:
        key, equals, value = word.partition("=")
        if word.startswith("#"):
            name = word[1:]
        elif equals and key in _KEYS:
            values[key] = value
        else:
            raise Unreadable(f"{{{text}}}: {word!r} is not #id or one of {', '.join(_KEYS)}", line)
    return name, values
