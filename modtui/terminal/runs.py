"""Cells beside each other that are written in one go, and the order in which they cost least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from modtui.terminal.canvas import Line
from modtui.terminal.looks import Look, blank, change


class Run(NamedTuple):
    """Columns `begin` to before `end` of row `y`: `text`, to be written in `look`. `bare`: all
    blanks."""

    y: int
    begin: int
    end: int
    look: Look
    text: str
    bare: bool = False


def runs_of(y: int, wanted: Line, columns: Sequence[int]) -> list[Run]:
    """Return `columns` of a row, every character of which is one cell, as runs.

    A blank goes with what is beside it if it looks alike in the look of that.
    """
    texts, looks = wanted.texts, wanted.looks
    runs: list[Run] = []
    at, count = 0, len(columns)
    while at < count:
        begin = end = columns[at]
        look, bare = looks[begin], True
        while at < count and columns[at] == end:
            here = looks[end]
            if here is not look and here != look:
                if bare and blank(here) == look:
                    look = here
                elif texts[end] != " " or blank(look) != here:
                    break
            bare = bare and texts[end] == " "
            at += 1
            end += 1
        runs.append(Run(y, begin, end, look, "".join(texts[begin:end]), bare))
    return runs


def by_look(runs: Sequence[Run], pen: Look) -> list[Run]:
    """Return `runs`, those that look alike after another: first what `pen` writes, then what the
    shortest change leads to. Blanks go along where the pen shows none of its foreground on them."""
    groups: dict[Look, list[Run]] = {}
    for run in runs:
        if not run.bare:
            groups.setdefault(run.look, []).append(run)
    for run in runs:
        if run.bare:
            look = _beside(run, groups)
            groups.setdefault(look, []).append(run._replace(look=look))
    ordered: list[Run] = []
    while groups:
        pen = min(groups, key=lambda look: len(change(pen, look)) if look != pen else 0)
        ordered += sorted(groups.pop(pen))
    return ordered


def _beside(run: Run, groups: dict[Look, list[Run]]) -> Look:
    """Return the look that blanks are written in: that of the run nearest to them, of those in
    which they look alike; else their own."""
    alike = [look for look in groups if blank(look) == run.look]
    return min(
        alike,
        key=lambda look: min(abs(other.y - run.y) for other in groups[look]),
        default=run.look,
    )
