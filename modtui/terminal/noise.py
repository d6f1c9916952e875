"""What comes over the line and is no key: a paste or a sequence that noise began and that never
ends, and a sequence that Textual's parser would break on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

ESC = "\x1b"
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


# A key in the protocol of kitty: code:shifted:base layout;modifiers:kind of event;text.
KEY = re.compile(r"\x1b\[(\d*)[\d:]*(?:;(\d*)(?::(\d*))?[\d:]*)?(?:;([\d:]*))?([u~ABCDEFHPQRS])")
RELEASED = "3"


def as_asked(sequence: str) -> str:
    """Return the `sequence` of a key without what is not asked for, which another program may have
    left switched on in the terminal; "" for a key that was let go."""
    found = KEY.fullmatch(sequence) if ":" in sequence else None
    if found is None:
        return sequence
    code, modifiers, kind, text, end = found.groups("")
    if kind == RELEASED:
        return ""
    return f"\x1b[{code};{modifiers}{';' if text else ''}{text}{end}"


class KeyParser(XTermParser):
    """Textual's, that no sequence breaks: 8.2.8 raises what Python does about numbers that are too
    large, missing, or nought, and with it ends the program."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        asked = as_asked(sequence)
        if not asked:
            return [events.Key(Keys.Ignore, sequence)]
        try:
            return list(super()._sequence_to_key_events(asked, alt))
        except (ArithmeticError, ValueError):
            return [events.Key(Keys.Ignore, sequence)]

    def parse_mouse_code(self, code: str) -> Message | None:
        try:
            return super().parse_mouse_code(code)
        except (ArithmeticError, ValueError):
            return None


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
        self._seen = self._held = ""
        self._inside = False
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
        self._inside, self._held = False, ""
        return END

    def pass_on(self, character: str) -> str:
        """Return what is to be parsed now that `character` came: of a paste all but its escapes.
        Textual 8.2.8 takes up to 32 characters after an escape in a paste for a sequence, and drops
        them."""
        if not self._inside:
            self._seen = (self._seen + character)[-len(BEGIN) :]
            self._inside = self._seen == BEGIN
            return character
        if not self._held and character != ESC:
            return character
        held = self._held + character
        if held == END:
            self._inside, self._held, self._seen = False, "", ""
            return END
        if END.startswith(held):
            self._held = held
            return ""
        self._held = ESC if character == ESC else ""
        return held.strip(ESC)
