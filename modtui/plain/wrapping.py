"""Lines broken between words, measured in terminal cells."""

from __future__ import annotations

import unicodedata

_WIDE = frozenset("WF")
_NARROWEST = 20


def cells(text: str) -> int:
    """Return how many cells `text` takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(c) in _WIDE)
        for c in text
    )


def wrap(line: str, width: int, further: str = "  ") -> str:
    """Return `line` with breaks between words, so that no line takes more than `width` cells where
    its words allow; 0 breaks nothing. A longer word stays whole: the terminal breaks it.

    `further` stands before each line but the first: it goes on, and is none of its own."""
    if not width or cells(line) < width:
        return line
    room = max(width, _NARROWEST) - 1
    lines, used = [""], 0
    for word in line.split(" "):
        size = cells(word)
        if used and used + 1 + size > room:
            lines.append(further + word)
            used = len(further) + size
        else:
            lines[-1] += f" {word}" if used else word
            used += size + (1 if used else 0)
    return "\n".join(lines)
