"""Text for a terminal whose charset is not UTF-8, such that no byte of it steers the terminal.

Such charsets have letters and marks where a terminal that takes 8-bit controls has those: a raised
2 in KOI8-R is the byte that opens a title or the clipboard there.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import combining, normalize

# Each is as wide as what it stands for, so that no column moves.
_MARKS = {
    **dict.fromkeys("▌▸▶►→»›▐", ">"), **dict.fromkeys("←◀◂«‹", "<"), **dict.fromkeys("↑▲△", "^"),
    **dict.fromkeys("↓▼▽", "v"), **dict.fromkeys("│┃║╎┆┊▏▎▍▊▕", "|"),
    **dict.fromkeys("─━═╌┄┈–—‐‑‒―−·‧∙", "-"), **dict.fromkeys("•●◦○◉*✓✔", "*"),
    **dict.fromkeys("“”„‟", '"'), **dict.fromkeys("‘’‚‛", "'"), "…": "~", "×": "x", "≤": "<",
    "≥": ">", "\xa0": " ", "§": "S", "░": ".", "▒": ":", "▓": "#",
    # Bars that say how high: eight steps.
    **dict(zip("▁▂▃▄▅▆▇█", ".:-=+*%#", strict=True)),
}  # fmt: skip
_BOXES, _BLOCKS = range(0x2500, 0x2580), range(0x2580, 0x25A0)
_ASCII = "".join(map(chr, range(128)))
_STEERING = frozenset((*range(32), *range(0x7F, 0xA0)))


class _Spelled(dict[int, str]):
    """A table for str.translate that fills itself."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        found = "+" if code in _BOXES else "#" if code in _BLOCKS else letter
        self[code] = found
        return found


_SPELLED = _Spelled({ord(mark): spelled for mark, spelled in _MARKS.items()})


def in_ascii(text: str) -> str:
    """Return `text` with marks, rules, arrows and quotes in ASCII, each as wide as it was; letters
    and pictures stay."""
    return text if text.isascii() else text.translate(_SPELLED)


def has_ascii(charset: str) -> bool:
    """Return whether `charset` is a charset whose ASCII is that of a terminal: EBCDIC, UTF-16 and
    what is no charset at all are not."""
    try:
        return _ASCII.encode(charset) == _ASCII.encode()
    except (LookupError, UnicodeError):
        return False


def is_utf8(charset: str) -> bool:
    """Return whether `charset` is UTF-8: a terminal of it hears no control in a part of a letter,
    so text goes out as it is."""
    return charset.lower().replace("_", "-") in ("utf-8", "utf8")


def carried(text: str, charset: str) -> str:
    """Return `text` as a terminal of `charset` may be sent it: for each character that it does not
    have, or whose bytes could steer (0x80 to 0x9F), a likeness, else `?`."""
    if text.isascii() or is_utf8(charset):
        return text
    return text.translate(_sent(charset))


class _Sent(dict[int, str]):
    """What goes for a character, for str.translate; fills itself."""

    def __init__(self, charset: str) -> None:
        super().__init__()
        self._charset = charset

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        near = (letter, in_ascii(letter), _unmarked(letter), letter.lower())
        found = next((one for one in near if self._goes(one)), "?")
        self[code] = found
        return found

    def _goes(self, letter: str) -> bool:
        if letter.isascii():
            return len(letter) == 1
        try:
            return _STEERING.isdisjoint(letter.encode(self._charset))
        except UnicodeError:
            return False


_sent = lru_cache(_Sent)


def _unmarked(letter: str) -> str:
    """Return the letter under the marks of `letter`: `S` of `Š`."""
    parts = normalize("NFKD", letter)
    return parts[0] if all(map(combining, parts[1:])) else letter
