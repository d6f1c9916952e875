"""Platform text made safe to show: the only place that makes `Clean`."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import NamedTuple

MAX_CHARACTERS = 20_000
MAX_MARKS = 8
_CUT = " […]"
# Marks in a row that are put in order (NFC): the work grows with the square of their number.
_MARKS_READ = 4 * MAX_MARKS


class Clean(str):
    """Text that cannot steer a terminal. Made in `domain` alone, as by `clean` and `literal`."""

    __slots__ = ()


BLANK = Clean("")


class Cleaned(NamedTuple):
    """What cleaning returns: safe text, the raw original, how many hidden characters it held.

    `raw` is the original except that lone surrogates, which no encoding can store, are spelled
    out as `\\udXXX`.
    """

    text: Clean
    raw: str
    hidden: int


# Nothing in here needs a second look: no control, no format character, no combining mark. What
# most screens hold is tried first: the pattern for all scripts takes 2 ms to compile.
_COMMON = re.compile(
    r"[\n -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u10a0-\u10ff\u2010-\u2027\u20a0-\u20bf"
    r"\u2190-\u25ff]*"
)
_PLAIN = (
    r"[\n -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u10a0-\u10ff\u1c90-\u1cbf"
    r"\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u20bf\u2100-\u2bff\u3000-\u3029"
    r"\u3030-\u3098\u309b-\u3163\u3165-\u9fff\uac00-\ud7a3\uff01-\uff9f"
    r"\U0001f000-\U0001faff]*"
)
# Patterns that a start may never need are text: `re` compiles one when it is first used.
_NEWLINE = "\r\n|[\r\x85\u2028\u2029]"
# A string sequence (OSC, DCS, APC, PM, SOS) counts as whole only when it is terminated: an
# opening alone must not swallow, and so hide, the rest of the post.
_PAYLOAD = r"[^\x00-\x1f\x7f-\x9f]*"
_ESCAPE = (
    rf"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]){_PAYLOAD}(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
# Classes of a regular expression: what becomes U+FFFD, and what goes.
STEERS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2065-\u206f\ud800-\uf8ff"
    r"\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001345f\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e00ff\U000e01f0-\U0010ffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 14))
)
VANISHES = (
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u3164\ufe00-\ufe0d"
    r"\ufeff\uffa0\U0001bca0-\U0001bca3\U000e0100-\U000e01ef"
)
_FORBIDDEN = f"[{STEERS}]"
_INVISIBLE = f"[{VANISHES}]"
# What no cell may hold: `STEERS`, and what ends a line.
_NO_CELL = rf"[\t\n\u2028\u2029{STEERS}]"
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")


def clean(raw: str, *, limit: int = MAX_CHARACTERS) -> Cleaned:
    """Return `raw` with every terminal-steering sequence neutralised (design: hostile text).

    Escape sequences, controls, bidi controls, tag and private characters become U+FFFD;
    invisible characters go; at most `MAX_MARKS` combining marks stay on a letter; the result is
    NFC and at most `limit` characters long. Cleaning twice changes nothing.
    """
    if len(raw) <= limit and _is_plain(raw) and unicodedata.is_normalized("NFC", raw):
        return Cleaned(raw if isinstance(raw, Clean) else Clean(raw), raw, 0)
    whole, storable = _halves_joined(raw)
    head = whole[: limit * 4]
    text, hidden = _neutralise(head)
    kept = _cap_marks(text[: limit * 2], _MARKS_READ)
    shown = _cap_marks(unicodedata.normalize("NFC", kept), MAX_MARKS)
    if len(shown) > limit or len(text) > limit * 2 or len(head) < len(whole):
        shown = shown[: max(limit - len(_CUT), 0)] + _CUT[:limit]
    return Cleaned(Clean(shown), storable, hidden)


def _is_plain(text: str) -> bool:
    return bool(_COMMON.fullmatch(text) or re.fullmatch(_PLAIN, text))


def _halves_joined(raw: str) -> tuple[str, str]:
    """Return `raw` with the halves of surrogate pairs as the character they mean, a lone one as it
    is; and the same as it can be stored."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        # A codec with "surrogatepass" takes a third of a second for a megabyte of halves.
        whole: str = json.loads(json.dumps(raw))
        return whole, whole.encode("utf-8", "backslashreplace").decode("utf-8")
    return raw, raw


def _neutralise(text: str) -> tuple[str, int]:
    text = re.sub(_NEWLINE, "\n", text).replace("\t", "    ")
    text, escapes = re.subn(_ESCAPE, "\ufffd", text)
    text, forbidden = re.subn(_FORBIDDEN, "\ufffd", text)
    text, invisible = re.subn(_INVISIBLE, "", text)
    return text, escapes + forbidden + invisible


def _cap_marks(text: str, most: int) -> str:
    if not any(character in _JOINERS or is_mark(character) for character in text):
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if character in _JOINERS or is_mark(character) else 0
        if run <= most:
            kept.append(character)
    return "".join(kept)


def is_mark(character: str) -> bool:
    """Return whether `character` is written over the one before it."""
    return character > "\u02ff" and unicodedata.category(character)[0] == "M"


def clean_line(raw: str, *, limit: int = 300) -> Clean:
    """Return `raw` cleaned and on one line, for titles, names and reasons."""
    return Clean(" ".join(clean(raw, limit=limit).text.split()))


def inert(text: str) -> str:
    """Return what the cells of a terminal may hold of `text`, whoever wrote it: the last wall.

    What steers, or ends a line, becomes U+FFFD; what cannot be seen goes; marks are capped.
    """
    if _is_plain(text) and "\n" not in text:
        return text
    seen = re.sub(_INVISIBLE, "", re.sub(_NO_CELL, "\ufffd", text))
    return _cap_marks(seen, MAX_MARKS)


_LINK = r"(?i)\b(?:https?://|www\.)[^\s<>\"]+"
_DISGUISED = r"(?i)[a-z]+://[^/?#\s]*@"
_HOST = r"(?i)(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#\s]*@)?([^/?#:\s]+)"


def host_of(url: str) -> Clean | None:
    """Return the host of `url` as it is asked for on the wire (punycode), or None."""
    found = re.match(_HOST, url.strip())
    if found is None:
        return None
    labels = found[1].lower().rstrip(".").replace("。", ".").split(".")
    return clean_line(".".join(label if label.isascii() else _punycode(label) for label in labels))


def _punycode(label: str) -> str:
    try:
        return label.encode("idna").decode("ascii")
    except UnicodeError:
        return "xn--" + label.encode("punycode", "replace").decode("ascii")


def show_hosts(text: Clean) -> Clean:
    """Return `text` with the host written after each link that does not show it: the punycode of
    one that is not ASCII, and the one after an `@` that looks like another."""
    if text.isascii() and "@" not in text:
        return text

    def told(link: re.Match[str]) -> str:
        host = host_of(link[0])
        if host is None or (host in link[0].lower() and not re.match(_DISGUISED, link[0])):
            return link[0]
        if "xn--" in host:
            return f"{link[0]} ({host}, punycode)"
        return f"{link[0]} (goes to {host})"

    return Clean(re.sub(_LINK, told, text))


def literal(ours: str) -> Clean:
    """Return our own constant text as `Clean`; never call it with platform text."""
    return Clean(ours)
