"""What noise on the line begins and never ends: a paste, which would take every key that comes,
and a sequence, whose characters would be keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message

BEGIN = "\x1b[200~"
END = "\x1b[201~"
IDLE_SECONDS = 3.0
"""Without another byte a paste is over. Longer than a line stalls for one lost packet: the rest
of a real paste would be keys."""

ANSWER = re.compile(r"\x1b\[\d+;\d+R")
"""Where the cursor is: the terminal says it whenever it is asked, whatever is typed."""

UNFINISHED = frozenset(
    ("circumflex_accent", "left_square_bracket", "right_square_bracket", "underscore",
     "alt+shift+p", "alt+shift+o", "alt+shift+x")
)  # fmt: skip
"""The first of the keys into which Textual 8.2.8 takes a sequence apart that it does not know. Esc
and then a letter, in haste, begins with others."""


def is_noise(keys: Sequence[Message]) -> bool:
    """Whether `keys`, which came of one character or of none, are what is left of a sequence: one
    that did not end, or that nobody knows."""
    first = keys[0] if len(keys) > 1 else None
    return isinstance(first, events.Key) and first.key in UNFINISHED


class PasteEnd:
    """Hears what is typed, and tells when a paste that is open has been idle for too long. `now` is
    monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tail = ""
        self._heard_at = 0.0
        self.open = False

    def hear(self, text: str) -> None:
        """Take in what came, which may end within a sequence."""
        seen = self._tail + text
        begin, end = seen.rfind(BEGIN), seen.rfind(END)
        if begin != end:
            self.open = begin > end
        self._tail = seen[1 - len(BEGIN) :]
        if ANSWER.sub("", text):
            self._heard_at = self._now()

    def due(self) -> str:
        """Return what ends a paste that is idle, "" where none is."""
        if not self.open or self._now() - self._heard_at < IDLE_SECONDS:
            return ""
        self.open, self._tail = False, ""
        return END
