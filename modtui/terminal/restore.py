"""A terminal as the shell left it."""

from __future__ import annotations

import contextlib
import os
import termios
from typing import Any

# What a frame may leave behind where it was cut off: synchronized output, a region, colours.
FRAME_OFF = "\x1b[?2026l\x1b[r\x1b[0m"
# Mouse reports, paste and resize reports off, line wrap on, the keyboard popped, the first screen.
MODES_OFF = (
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?2004l\x1b[?2048l\x1b[?7h"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
KEYBOARD_POPPED = "\x1b[<u"
CANCEL = "\x18"


def make_room(fileno: int) -> None:
    """Drop what the terminal at `fileno` has not read of our frames."""
    with contextlib.suppress(OSError, termios.error):
        termios.tcflush(fileno, termios.TCOFLUSH)


def force_back(
    fileno: int, attributes: list[Any] | None, more: str = "", *, bare: bool = False
) -> None:
    """Give the terminal at `fileno` back without waiting for it: what it has not read of our
    frames is dropped, and what it cannot take now is not written. A `bare` one would print parts of
    what it does not know. May be called in any thread."""
    modes = MODES_OFF.replace(KEYBOARD_POPPED, "") if bare else MODES_OFF
    text = f"{CANCEL}{FRAME_OFF}{more}{modes}"
    make_room(fileno)
    with contextlib.suppress(OSError, termios.error):
        if attributes is not None:
            termios.tcsetattr(fileno, termios.TCSANOW, attributes)
    with contextlib.suppress(OSError):
        # An opening of our own: not to wait is a property that the shell's would share.
        handle = os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            os.write(handle, text.encode("ascii"))
        finally:
            os.close(handle)
