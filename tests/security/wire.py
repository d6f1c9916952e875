"""What a program wrote to its terminal, read as a terminal reads it (ECMA-48, after Paul Williams'
parser of the VT500), and what of it may be written by modtui.

Nothing here is taken from the product: what is allowed is listed by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

MODES = {
    "7": "line wrap",
    "25": "cursor",
    "1000": "mouse buttons",
    "1002": "mouse drags",
    "1003": "mouse moves",
    "1004": "focus",
    "1006": "mouse in decimals",
    "1015": "mouse in decimals, of urxvt",
    "1016": "mouse in pixels",
    "1049": "alternate screen",
    "2004": "bracketed paste",
    "2026": "synchronized update",
    "2048": "sizes in band",
}
"""The private modes that Textual 8.2 and the drivers of modtui set."""
ASKED = {"2026", "2048"}
"""The private modes that Textual asks about."""
PLAIN_CSI = {
    "m": r"[\d;]*",
    "H": r"(?:\d+(?:;\d+)?)?",
    "A": r"\d*",
    "B": r"\d*",
    "C": r"\d*",
    "D": r"\d*",
    "r": r"(?:\d+;\d+)?",
    "L": r"\d*",
    "M": r"\d*",
    "J": r"2",
    "K": r"",
    "X": r"\d+",
    "n": r"6",
    "u": r"[>=<][\d;]*",
    "c": r"",
}
"""Final byte of a control sequence to its parameters: colours, the cursor, scrolling, the clearing
of the first frame, of the rest of a row and of some cells, where the cursor is, the keyboard of
kitty, what the terminal is."""
TITLES = re.compile(r"(?:[02];modtui(?: · \d+ NOW)?(?: · \d+ late)?|22;[a-z-]+)")
"""The strings of an OSC: the window's title, which the product writes itself, the pointer."""
STACKED = {"22;0t", "22;2t", "23;0t", "23;2t", "22t", "23t"}
"""The title that was there is kept, and put back."""
MOVES = "\b\n\r\v"
INVISIBLE = {
    *(0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x200B, 0x3164, 0xFFA0, 0xFEFF),
    *range(0x180B, 0x1810),
    *range(0x2060, 0x2065),
    *range(0xFE00, 0xFE0E),
}
MOST_MARKS = 8
BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


@dataclass
class Heard:
    """What was found on the line. `wrong`: what may not be there, each with what stood around."""

    text: list[str] = field(default_factory=list)
    sequences: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of what was written. `kind`: text, C0, ESC, CSI, OSC, DCS, APC, PM, SOS, cut."""

    kind: str
    body: str
    at: int


_STRINGS = {"]": "OSC", "P": "DCS", "_": "APC", "^": "PM", "X": "SOS"}
_EIGHT_BIT = {"\x9b": "[", "\x9d": "]", "\x90": "P", "\x9f": "_", "\x9e": "^", "\x98": "X"}
_CSI = re.compile(r"([\x30-\x3f]*[\x20-\x2f]*)([\x40-\x7e])")
_ESC = re.compile(r"[\x20-\x2f]*[\x30-\x7e]")
_END = re.compile(r"\x07|\x1b\\|\x9c|\x18|\x1a|\x1b")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")


def tokens(data: str) -> Iterator[Token]:
    """Yield `data` piece by piece, C1 controls as their sequences of seven bits."""
    at = 0
    while at < len(data):
        start, character = at, data[at]
        text = _TEXT.match(data, at)
        if text:
            at = text.end()
            yield Token("text", text[0], start)
        elif character in _EIGHT_BIT or character == "\x1b":
            opener = _EIGHT_BIT.get(character) or data[at + 1 : at + 2]
            at += 1 if character in _EIGHT_BIT else 2
            token, at = _sequence(data, start, at, opener)
            yield replace(token, kind=f"C1 {token.kind}") if character != "\x1b" else token
        else:
            at += 1
            yield Token("C0", character, start)


def _sequence(data: str, start: int, at: int, opener: str) -> tuple[Token, int]:
    if opener == "[":
        found = _CSI.match(data, at)
        if found:
            return Token("CSI", found[0], start), found.end()
        return Token("cut", data[start : at + 8], start), at
    if opener in _STRINGS:
        end = _END.search(data, at)
        if end is None:
            return Token("cut", data[start : at + 8], start), len(data)
        return Token(_STRINGS[opener], data[at : end.start()], start), end.end()
    found = _ESC.match(data, at - 1)
    return Token("ESC", found[0] if found else opener, start), found.end() if found else at


def wrong(token: Token) -> str:
    """Return why `token` may not be written by modtui, "" where it may."""
    return _wrong(token.kind, token.body)


@lru_cache(100_000)
def _wrong(kind: str, body: str) -> str:
    if kind == "text":
        bad = {c for c in set(body) if steers(c)} if not body.isascii() else ()
        piled = [f"{MOST_MARKS} marks"] if _most_marks(body) > MOST_MARKS else []
        return " ".join(piled + sorted(f"U+{ord(c):04X}" for c in bad))
    if kind == "C0":
        return "" if body in MOVES or body == "\a" else f"U+{ord(body):04X}"
    if kind == "CSI":
        return "" if _may_csi(body) else f"CSI {body}"
    if kind == "OSC" and TITLES.fullmatch(body):
        return ""
    return f"{kind} {body}"


def _most_marks(text: str) -> int:
    most = run = 0
    for character in "" if text.isascii() else text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        most = max(most, run)
    return most


def _may_csi(body: str) -> bool:
    parameters, final = body[:-1], body[-1]
    if final in "hl" and parameters.startswith("?"):
        return all(mode in MODES for mode in parameters[1:].split(";"))
    if final == "p" and parameters.startswith("?") and parameters.endswith("$"):
        return parameters[1:-1] in ASKED
    if body in STACKED:
        return True
    return final in PLAIN_CSI and re.fullmatch(PLAIN_CSI[final], parameters) is not None


@lru_cache(100_000)
def steers(character: str) -> bool:
    """Whether `character` does something to a terminal, or to its reader, that is not seen."""
    code = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp")
        or code in BIDI
        or code in INVISIBLE
        or 0xE0000 <= code <= 0xE0FFF
        or code & 0xFFFE == 0xFFFE
    )


def heard(data: bytes) -> Heard:
    """Return what `data` means to a terminal, and what of it may not be there."""
    found = Heard()
    text = data.decode("utf-8", "replace")
    if "\ufffd" in text and text.encode() != data:
        found.wrong.append("not UTF-8")
    for token in tokens(text):
        if token.kind == "text":
            found.text.append(token.body)
        else:
            body = token.body if token.kind == "C0" else f"{token.kind} {token.body}"
            found.sequences[body] += 1
        if why := wrong(token):
            around = text[max(token.at - 60, 0) : token.at + 60]
            found.wrong.append(f"{why} in {around!r}")
    return found
