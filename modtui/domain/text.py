"""Platform text made safe to show: the only place that makes `Clean`."""

from __future__ import annotations

from typing import NamedTuple

MAX_CHARACTERS = 20_000


class Clean(str):
    """Text that cannot steer a terminal. Made by `clean` and by `literal` alone."""

    __slots__ = ()


BLANK = Clean("")


class Cleaned(NamedTuple):
    """What cleaning returns: safe text, the raw original, how many hidden characters it held."""

    text: Clean
    raw: str
    hidden: int


def clean(raw: str, *, limit: int = MAX_CHARACTERS) -> Cleaned:
    """Return `raw` with every terminal-steering sequence neutralised (design: hostile text)."""
    raise NotImplementedError


def clean_line(raw: str, *, limit: int = 300) -> Clean:
    """Return `raw` cleaned and on one line, for titles, names and reasons."""
    return Clean(" ".join(clean(raw, limit=limit).text.split()))


def literal(ours: str) -> Clean:
    """Return our own constant text as `Clean`; never call it with platform text."""
    return Clean(ours)
