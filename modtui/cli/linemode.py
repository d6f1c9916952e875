"""A terminal in its line mode: Enter ends a line, and what is typed can be taken back before."""

from __future__ import annotations

import contextlib
import termios
from collections.abc import Iterator
from typing import Any

_INPUT, _OUTPUT, _LOCAL = 0, 1, 3
_WANTED = {
    _INPUT: termios.ICRNL,
    _OUTPUT: termios.OPOST | termios.ONLCR,
    _LOCAL: termios.ICANON | termios.ISIG | termios.IEXTEN,
}
_ERASING = frozenset("\b\x7f")


@contextlib.contextmanager
def in_lines(fileno: int) -> Iterator[None]:
    """The time in which the terminal at `fileno` hands on whole lines, also where another program
    left it raw. Whether it echoes stays as it is: a terminal may show itself what is typed."""
    before = _modes(fileno)
    if before is None:
        yield
        return
    wanted = [flags | _WANTED.get(at, 0) if at < 4 else flags for at, flags in enumerate(before)]
    if wanted == before:
        yield
        return
    with contextlib.suppress(termios.error):
        termios.tcsetattr(fileno, termios.TCSANOW, wanted)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(fileno, termios.TCSADRAIN, before)


def _modes(fileno: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(fileno)
    except termios.error:
        return None


def as_meant(line: str) -> str:
    """Return a typed `line` after what was taken back in it: a terminal erases with ^H or with
    DEL, and the system knows only one of them."""
    if _ERASING.isdisjoint(line):
        return line
    kept: list[str] = []
    for character in line:
        if character not in _ERASING:
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
