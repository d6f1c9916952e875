"""What a stranger really wrote: raw text made readable, and as it is kept for others."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections import Counter
from typing import NamedTuple

from modtui.domain.text import MAX_CHARACTERS, MAX_MARKS, STEERS, VANISHES, Clean, is_mark

_UNSEEN = re.compile(rf"[\t\u200c\u200d\u2028\u2029\ufe0e\ufe0f{STEERS}{VANISHES}]")
_CONTROLS = {
    "\0": "null", "\a": "bell", "\b": "backspace", "\t": "tab", "\v": "line tabulation",
    "\f": "form feed", "\r": "carriage return", "\x1b": "escape", "\x7f": "delete",
}  # fmt: skip
_KINDS = {"Cc": "control", "Co": "private use", "Cs": "half a surrogate pair"}


class Spelled(NamedTuple):
    """Raw text that can be read safely.

    `names` are what cannot be seen in it, each with its count; `left` is how many characters come
    after `text`.
    """

    text: Clean
    names: tuple[tuple[Clean, int], ...]
    left: int


def spelled(raw: str, *, limit: int = MAX_CHARACTERS) -> Spelled:
    """Return the first `limit` characters of `raw` with what cannot be seen as `<U+202E>`.

    Line ends stay. A combining mark too many on one letter is spelled as well.
    """
    head = raw[:limit]
    found: Counter[str] = Counter()

    def told(one: str) -> str:
        found[one] += 1
        return f"<U+{ord(one):04X}>"

    out: list[str] = []
    run = 0
    for character in head:
        run = run + 1 if is_mark(character) else 0
        hidden = run > MAX_MARKS or _UNSEEN.match(character)
        out.append(told(character) if hidden else character)
    names = tuple((_name(one), count) for one, count in found.most_common())
    return Spelled(Clean("".join(out)), names, len(raw) - len(head))


def _name(character: str) -> Clean:
    """Return `U+202E right-to-left override`."""
    name = unicodedata.name(character, "").lower() or _CONTROLS.get(character)
    kind = _KINDS.get(unicodedata.category(character), "no character")
    return Clean(f"U+{ord(character):04X} {name or kind}")


def raw_bytes_of(raw: str) -> bytes:
    """Return `raw` as UTF-8; half a surrogate pair as `\\udXXX`."""
    return raw.encode("utf-8", "backslashreplace")


def raw_base64(raw: str) -> str:
    """Return `raw` as UTF-8 in base64 (RFC 4648): no terminal, mail or chat changes it."""
    return b64encode(raw_bytes_of(raw)).decode("ascii")
