"""The library as a CSV table (RFC 4180): a row for each language of each entry."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial

from modtui.domain.replies import Entry, Variant
from modtui.exchange import Found, Unreadable, attempt, joined, parted

_LISTS = ("tags", "reasons", "keywords", "then")
COLUMNS = (
    "id", "language", "title", "body", *_LISTS, "examples", "approved_by", "approved_at",
    "defaults",
)  # fmt: skip
_DELIMITERS = ",;\t|"
# What Excel reads, and some programs write, before the header.
_SEP = re.compile(r"sep=.\r?\n", re.IGNORECASE)
# A cell that begins so would be a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read(text: str) -> tuple[Found, ...]:
    """Return the rows of a table with a header; `title` and `body` it must have, the others of
    `COLUMNS` it may, in capitals or not. Cells are set apart by commas, or as a spreadsheet does
    elsewhere by semicolons, tabs or bars; a line `sep=;` may stand above. Lists are separated by
    ";", examples stand on lines of their own. Raises Unreadable."""
    text = text.removeprefix("\ufeff")
    above = _SEP.match(text)
    text = text[above.end() :] if above else text
    before = 1 if above else 0
    lines = io.StringIO(text, newline="")
    rows = csv.DictReader(lines, strict=True, delimiter=_delimiter(text))
    begun = before + 1
    try:
        columns = tuple(name.strip().casefold() for name in rows.fieldnames or ())
        rows.fieldnames = columns
        _check(columns)
        found = []
        begun = before + rows.line_num + 1
        for row in rows:
            found.append(attempt(begun, partial(_found, row, begun)))
            begun = before + rows.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"not a CSV table: {error}", begun) from error
    return tuple(found)


def write(entries: Iterable[Entry]) -> str:
    """Return the entries as a table that `read` reads as the same entries. A text that a
    spreadsheet would take for a formula gets an apostrophe before it, which `read` takes away."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for entry in entries:
        for variant in entry.variants.values():
            writer.writerow({key: _guarded(cell) for key, cell in _row(entry, variant).items()})
    return out.getvalue()


def _delimiter(text: str) -> str:
    """What sets the cells of the header apart: that by which it has the most of our columns."""
    header = text.partition("\n")[0].strip().casefold().replace('"', "")

    def known(delimiter: str) -> int:
        return sum(name.strip() in COLUMNS for name in header.split(delimiter))

    return max(_DELIMITERS, key=known)


def _check(columns: tuple[str, ...]) -> None:
    if not columns:
        raise Unreadable("it is empty: the first line names the columns, at least title and body")
    missing = [name for name in ("title", "body") if name not in columns]
    unknown = [name for name in columns if name not in COLUMNS]
    if missing:
        there = ", ".join(columns)
        raise Unreadable(f"the header has no column {missing[0]!r}; it has {there}")
    if unknown:
        raise Unreadable(f"column {unknown[0]!r} is not known (known: {', '.join(COLUMNS)})")


def _row(entry: Entry, variant: Variant) -> Mapping[str, str]:
    lists = {name: joined(getattr(entry, name)) for name in _LISTS}
    return {
        "id": entry.id, "language": variant.language, "title": variant.title,
        "body": variant.body, **lists, "examples": "\n".join(map(_line, entry.examples)),
        "approved_by": variant.approved_by,
        "approved_at": variant.approved_at.isoformat() if variant.approved_at else "",
        "defaults": json.dumps(dict(variant.defaults), ensure_ascii=False)
        if variant.defaults else "",
    }  # fmt: skip


def _found(row: Mapping[str, str], line: int) -> Found:
    if None in row or None in row.values():
        wanted = sum(key is not None for key in row)
        raise Unreadable(f"a row of {wanted} cells was expected", line)
    cells = {key: _bare(cell) for key, cell in row.items()}
    lists = {name: parted(cells.get(name, "")) for name in _LISTS}
    lists["examples"] = _parts(cells.get("examples", "").split("\n"))
    return Found(
        line,
        cells["title"],
        cells["body"],
        cells.get("language", "").strip(),
        cells.get("id", "").strip(),
        {name: parts for name, parts in lists.items() if parts},
        _variant(cells, line),
    )


def _variant(cells: Mapping[str, str], line: int) -> Mapping[str, object]:
    more: dict[str, object] = {}
    if approved := cells.get("approved_by", "").strip():
        more["approved_by"] = approved
    try:
        if day := cells.get("approved_at", "").strip():
            more["approved_at"] = date.fromisoformat(day)
        if defaults := cells.get("defaults", "").strip():
            more["defaults"] = json.loads(defaults)
    except json.JSONDecodeError as error:
        raise Unreadable('defaults must be a JSON table such as {"days": "3"}', line) from error
    except ValueError as error:
        raise Unreadable(
            f"approved_at must be a day such as 2026-03-01, not {day!r}", line
        ) from error
    return more


def _line(text: str) -> str:
    return " ".join(text.splitlines())


def _parts(texts: Iterable[str]) -> list[str]:
    return [part for text in texts if (part := text.strip())]


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell
