"""What a terminal can show: how many colours, and which characters. Read from the environment."""

from __future__ import annotations

import codecs
import locale
import re
from collections.abc import Mapping
from enum import StrEnum

from modtui.domain.frozen import dataclass

UTF8 = "utf-8"


class Colours(StrEnum):
    """How many colours, by the names that Rich has for them."""

    NONE = "none"
    SIXTEEN = "standard"
    MANY = "256"
    TRUE = "truecolor"


@dataclass(frozen=True, slots=True)
class Ability:
    """What is written: so many `colours`; marks and rules in ASCII, if `plain`; of texts, what
    `charset` (a codec of Python) can carry."""

    colours: Colours = Colours.TRUE
    plain: bool = False
    charset: str = UTF8


_TRUE = frozenset(("truecolor", "24bit"))
_OVERRIDES = {
    "standard": Colours.SIXTEEN, "16": Colours.SIXTEEN, "256": Colours.MANY,
    "truecolor": Colours.TRUE,
}  # fmt: skip
# Terminals whose names say nothing of their colours.
_MANY = frozenset(
    ("alacritty", "contour", "foot", "ghostty", "kitty", "mintty", "wezterm", "xterm-ghostty",
     "xterm-kitty")
)  # fmt: skip
_COLOURLESS = r"$|dumb|unknown|vt\d|.*-(?:m|mono)$"
_BARE = ("linux", "ansi", "cons25", "dumb", "unknown")
_COERCED = frozenset(("C.UTF-8", "C.utf8", "UTF-8"))


def is_bare(term: str) -> bool:
    """Return whether the terminal prints parts of sequences that it does not know: a Linux console
    before 5.6 does, and so do old terminals."""
    numbered = term.startswith("vt") and term[2:3].isdecimal()
    return not term or numbered or term.startswith(_BARE)


def colours_of(env: Mapping[str, str]) -> Colours:
    """Return how many colours are written: NO_COLOR, if it is there, then TEXTUAL_COLOR_SYSTEM,
    COLORTERM, TERM.

    GNU screen and a Linux console do not know COLORTERM's colours: there it comes from elsewhere.
    """
    if "NO_COLOR" in env:
        return Colours.NONE
    if (asked := env.get("TEXTUAL_COLOR_SYSTEM", "").lower()) in _OVERRIDES:
        return _OVERRIDES[asked]
    term = env.get("TERM", "").lower()
    believed = not is_bare(term) and ("TMUX" in env or not _in_screen(env, term))
    if believed and env.get("COLORTERM", "").strip().lower() in _TRUE:
        return Colours.TRUE
    return _named(term)


def _in_screen(env: Mapping[str, str], term: str) -> bool:
    return "STY" in env or term.startswith("screen")


def _named(term: str) -> Colours:
    if re.match(_COLOURLESS, term):
        return Colours.NONE
    if term.endswith("-direct"):
        return Colours.TRUE
    if term.endswith("-256color") or term in _MANY:
        return Colours.MANY
    return Colours.SIXTEEN


def charset_of(env: Mapping[str, str], *, coerced: bool) -> str:
    """Return the codec of the characters that the terminal takes, by LC_ALL, LC_CTYPE and LANG as
    locale(7) has it: the first that is not empty; without any, or where it is none of a terminal,
    it is ASCII. PYTHONUTF8=1 wins.

    `coerced`: Python is in its UTF-8 mode, where it may have set LC_CTYPE itself (PEP 538).
    """
    if env.get("PYTHONUTF8") == "1":
        return UTF8
    found = env.get("LC_ALL", "")
    kind = env.get("LC_CTYPE", "")
    if not found and not (coerced and kind in _COERCED):
        found = kind
    found = found or env.get("LANG", "")
    if found in ("", "C", "POSIX"):
        return "ascii"
    named = found if "." in found else locale.normalize(found)
    codeset = named.partition(".")[2].partition("@")[0]
    try:
        name = codecs.lookup(codeset).name if codeset else "ascii"
    except LookupError:
        return "ascii"
    if name in (UTF8, "ascii"):
        return name
    from modtui.domain.charsets import has_ascii

    return name if has_ascii(name) else "ascii"


def ability_of(env: Mapping[str, str], glyphs: str, *, coerced: bool) -> Ability:
    """Return what the terminal of `env` can show. `glyphs`: "unicode" says that it takes
    all of UTF-8, "ascii" that marks and rules are to be plain whatever it takes, "auto" neither.

    A locale without a charset says nothing of the terminal: our marks are plain there, and what
    people wrote goes out in UTF-8, as nearly every terminal takes it; `?` would be read as theirs.
    """
    charset = UTF8 if glyphs == "unicode" else charset_of(env, coerced=coerced)
    plain = charset != UTF8 or is_bare(env.get("TERM", "").lower())
    charset = UTF8 if charset == "ascii" else charset
    return Ability(
        colours_of(env),
        glyphs == "ascii" or (plain and glyphs == "auto"),
        charset,
    )


def has_light_background(env: Mapping[str, str]) -> bool:
    """Return whether COLORFGBG says so, which rxvt and others set, as `15;0` or `0;default;15`: the
    last is the background."""
    back = env.get("COLORFGBG", "").rpartition(";")[2]
    return back.isdigit() and int(back) in (7, *range(9, 16))
