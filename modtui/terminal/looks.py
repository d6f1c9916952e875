"""How a cell looks, and the shortest sequence from one look to another (ECMA-48 SGR, OSC 8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

NOTHING: frozenset[str] = frozenset()
# What is set by a mark, and the parameter that ends it (and every other mark it ends).
ENDS = {
    "1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25",
    "7": "27", "8": "28", "9": "29", "51": "54", "52": "54", "53": "55",
}  # fmt: skip
ENDERS = frozenset(ENDS.values())
COLOURS = {"3": "39", "9": "39", "4": "49", "10": "49"}
# The colours of xterm's 256 by what they are; the first 22 are often set to others by the user.
_STEPS = ("0", "95", "135", "175", "215", "255")
_CUBE = {rgb: 16 + number for number, rgb in enumerate(product(_STEPS, repeat=3))}
_GREYS = {(str(8 + 10 * step),) * 3: 232 + step for step in range(24)}
PALETTE = {rgb: number for rgb, number in (_GREYS | _CUBE).items() if number >= 22}
# Marks that do not show on a space.
ON_LETTERS = frozenset(("1", "2", "3"))


class Look(NamedTuple):
    """Foreground and background as SGR parameters ("" is the default), other marks, the link."""

    front: str = ""
    back: str = ""
    marks: frozenset[str] = NOTHING
    link: str = ""


PLAIN = Look()


@lru_cache(4096)
def one(look: Look) -> Look:
    """Return the one object that stands for all looks like `look`: cells are compared by it."""
    return look


one(PLAIN)


@lru_cache(4096)
def dressed(look: Look, parameters: str) -> Look | None:
    """Return `look` after `CSI parameters m`; None if there is a parameter not known here."""
    front, back, marks, link = look
    rest = iter(parameters.split(";"))
    for part in rest:
        if part in ("", "0"):
            front, back, marks = "", "", NOTHING
        elif part in ENDS:
            marks |= {part}
        elif part in ENDERS:
            marks = frozenset(mark for mark in marks if ENDS[mark] != part)
        elif part in ("38", "48"):
            colour = _long_colour(part, rest)
            if colour is None:
                return None
            front, back = (colour, back) if part == "38" else (front, colour)
        elif COLOURS.get(part[:-1]) == "39":
            front = "" if part == "39" else part
        elif COLOURS.get(part[:-1]) == "49":
            back = "" if part == "49" else part
        else:
            return None
    return one(Look(front, back, marks, link))


def _long_colour(part: str, rest: Iterator[str]) -> str | None:
    kind = next(rest, "")
    values = [next(rest, "") for _ in range({"2": 3, "5": 1}.get(kind, 0))]
    if not values or not all(value.isdigit() for value in values):
        return None
    if kind == "2" and tuple(values) in PALETTE:
        return f"{part};5;{PALETTE[tuple(values)]}"
    return ";".join((part, kind, *values))


@lru_cache(16384)
def change(old: Look, new: Look) -> str:
    """Return the shortest sequence that makes a terminal write in `new` after `old`."""
    link = "" if old.link == new.link else f"\x1b]{new.link or '8;;'}\x1b\\"
    if old[:3] == new[:3]:
        return link
    ends = {ENDS[mark] for mark in old.marks - new.marks}
    again = {mark for mark in new.marks if mark not in old.marks or ENDS[mark] in ends}
    step = [*sorted(ends), *sorted(again)]
    if old.front != new.front:
        step.append(new.front or "39")
    if old.back != new.back:
        step.append(new.back or "49")
    anew = ["", *sorted(new.marks), *filter(None, (new.front, new.back))]
    best = min(";".join(step), ";".join(anew), key=len) if anew != [""] else ""
    return f"\x1b[{best}m{link}"


@lru_cache(4096)
def blank(look: Look) -> Look:
    """Return what can be seen of `look` on a space: the foreground only if something is drawn."""
    if look.link or look.marks - ON_LETTERS:
        return look
    return one(Look(back=look.back)) if look.front or look.marks else look
