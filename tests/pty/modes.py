"""What a terminal is left in, told from every byte that was written to it."""

from __future__ import annotations

import re
import termios
from dataclasses import dataclass

_PRIVATE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])(\d*)u")
_REGION = re.compile(rb"\x1b\[([\d;]*)r")
_COLOUR = re.compile(rb"\x1b\[([\d;:]*)m")
_TITLES = re.compile(rb"\x1b\[(2[23]);0t")

# What a shell expects: wrap and cursor on, everything else off.
AT_REST = {b"7": True, b"25": True}


@dataclass(frozen=True, slots=True)
class Modes:
    """The private modes that are not as a shell expects them, by number; keyboard and title stacks
    by their depth; whether a scrolling region or colours are left on."""

    private: frozenset[bytes]
    keyboard: int
    titles: int
    region: bool
    colours: bool


CLEAN = Modes(frozenset(), 0, 0, region=False, colours=False)


def modes(written: bytes) -> Modes:
    """Return what `written`, all of it, leaves a terminal in."""
    private: dict[bytes, bool] = {}
    for numbers, letter in _PRIVATE.findall(written):
        private |= dict.fromkeys(numbers.split(b";"), letter == b"h")
    pushed = [way for way, _ in _KEYBOARD.findall(written)]
    titles = _TITLES.findall(written)
    region, colour = _REGION.findall(written), _COLOUR.findall(written)
    return Modes(
        frozenset(n for n, on in private.items() if on != AT_REST.get(n, False)),
        pushed.count(b">") - pushed.count(b"<"),
        titles.count(b"22") - titles.count(b"23"),
        bool(region and region[-1]),
        bool(colour and colour[-1] not in (b"", b"0")),
    )


def attributes(fileno: int) -> list[object]:
    """Return the line discipline of the terminal at `fileno`, as stty shows it."""
    return list(termios.tcgetattr(fileno))
