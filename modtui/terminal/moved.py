"""Finds rows that were moved up or down as a block, as when a list scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from modtui.terminal.canvas import UNKNOWN, Line

ENOUGH = 3
# Fewer changed rows than this cost less to write than to look at.
WORTH = 6


class Block(NamedTuple):
    """Rows `first`..`last` whose content moved up by `up` rows (down if negative)."""

    first: int
    last: int
    up: int


def moved(rows: Sequence[int], wanted: Sequence[Line], shown: Sequence[Line]) -> Block | None:
    """Return the block that explains most of the changed `rows`, or None if there is none.

    The halves of a row vote apart: beside a list that scrolls, a pane may have stood still.
    """
    if len(rows) < WORTH:
        return None
    votes: dict[int, list[int]] = {}
    half = len(wanted[0].texts) // 2
    for part in (slice(0, half), slice(half, None)):
        was = {"".join(shown[y].texts[part]): y for y in range(rows[0], rows[-1] + 1)}
        for y in rows:
            text = "".join(wanted[y].texts[part])
            if text.strip(" " + UNKNOWN) and (before := was.get(text, y)) != y:
                votes.setdefault(before - y, []).append(y)
    up, voters = max(votes.items(), key=lambda vote: len(vote[1]), default=(0, []))
    if len(voters) < ENOUGH:
        return None
    ends = [*voters, *(y + up for y in voters)]
    return Block(min(ends), max(ends), up)
