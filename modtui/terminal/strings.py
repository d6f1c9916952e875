"""Strings that drivers write and that are no cells."""

from __future__ import annotations

import re

# Private modes and queries, keyboard protocols, OSC (clipboard, pointer; no link), the bell.
_HARMLESS = re.compile(
    r"(?:\x1b\[[?<>=][\d;]*\$?[A-Za-z]|\x1b\](?!8;)[^\x07\x1b]*(?:\x07|\x1b\\)|\x07)+"
)
# Modes that change what is shown: another screen, 132 columns, an origin of its own.
_SCREENS = re.compile(r"\x1b\[\?(?:1049|1047|47|3|6)[hl]")
SYNC = ("\x1b[?2026h", "\x1b[?2026l")
# What Textual asks of every terminal, and a Linux console before 5.6 prints the end of: the
# keyboard protocol of kitty, two questions about modes, the shape of the pointer. Its mouse reports
# are not those that Textual reads.
_UNKNOWN_TO_BARE = re.compile(
    r"\x1b\[(?:[<>][\d;]*u|\?\d+\$p|\?10(?:00|03|06|15)h)|\x1b\]22;[^\x07\x1b]*(?:\x07|\x1b\\)"
)
# A smaller frame arrives in one packet anyway.
LARGE = 400


def harmless(data: str) -> bool:
    """Return whether `data` leaves cells and cursor alone."""
    return _HARMLESS.fullmatch(data) is not None and _SCREENS.search(data) is None


def unknown_to_bare(data: str) -> bool:
    """Return whether an old terminal or a Linux console would print parts of `data`, or answer it
    in a way that Textual does not read."""
    return _UNKNOWN_TO_BARE.fullmatch(data) is not None


def brackets(frame: str) -> str:
    """Return a large `frame` as one synchronized update, a small one as it is."""
    return f"{SYNC[0]}{frame}{SYNC[1]}" if len(frame) > LARGE else frame
