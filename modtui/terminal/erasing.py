"""Whether a terminal erases with the background that it writes with (terminfo's `bce`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

# As ncurses looks for entries (terminfo(5)), after TERMINFO, ~/.terminfo and TERMINFO_DIRS.
PLACES = ("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/local/share/terminfo")
# The layout of a compiled entry (term(5)): six shorts, the names, then a byte for each flag.
HEADER, NAMES_SIZE, FLAGS_SIZE = 12, 2, 4
MAGICS = (b"\x1a\x01", b"\x1e\x02")
BCE = 28
LARGEST = 32 * 1024
# Terminals that have it, by what they call themselves, where no entry is installed.
NAMED = re.compile(
    r"(?:alacritty|contour|foot|ghostty|iterm2?|konsole|linux|mintty|mlterm|rxvt|st|vte|wezterm"
    r"|xterm(?!-(?:kitty|mono|old|nic|sco)))(?:$|[-+.])"
)


def erases_coloured(env: Mapping[str, str]) -> bool:
    """Return whether TERM says so. MODTUI_NO_BCE=1 says that it does not, whatever TERM is.

    tmux does so by itself since 2.4, and its entry does not tell. GNU screen does not, unless it is
    told to, and then too what it says of itself stays the same.
    """
    term = env.get("TERM", "")
    if env.get("MODTUI_NO_BCE", "0") != "0":
        return False
    if term.startswith("tmux"):
        return True
    if "STY" in env or term.startswith("screen"):
        return False
    found = next(_flags(env, term), None)
    return NAMED.match(term) is not None if found is None else found


def _flags(env: Mapping[str, str], term: str) -> Iterator[bool]:
    """Yield what each installed entry for `term` says."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.+-]*", term):
        return
    homes = [
        env[name] + end for name, end in (("TERMINFO", ""), ("HOME", "/.terminfo")) if name in env
    ]
    listed = [place for place in env.get("TERMINFO_DIRS", "").split(":") if place]
    for place in (*homes, *listed, *PLACES):
        for letter in (term[0], f"{ord(term[0]):x}"):
            if (flag := _read(Path(place, letter, term))) is not None:
                yield flag


def _read(path: Path) -> bool | None:
    """Return the flag of the compiled entry at `path`; None if there is none."""
    try:
        with path.open("rb") as file:
            entry = file.read(LARGEST)
    except OSError:
        return None
    if not entry.startswith(MAGICS):
        return None
    names = int.from_bytes(entry[NAMES_SIZE : NAMES_SIZE + 2], "little")
    count = int.from_bytes(entry[FLAGS_SIZE : FLAGS_SIZE + 2], "little")
    at = HEADER + names + BCE
    return count > BCE and entry[at : at + 1] == b"\x01"
