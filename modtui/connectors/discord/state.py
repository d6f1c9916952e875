"""What is remembered between two reads, and what the next batch tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

T = TypeVar("T")

_MOST_KNOWN = 2000


class State(msgspec.Struct):
    """The cursor. `last` maps a channel to the last message that was read, `flags` a flag to its
    subject, `follows` a message to the thread it belongs to, `caught` what AutoMod held to when,
    and whether that was told without its alert. `behind` are channels of which a gap is yet to be
    read: what comes there meanwhile leaves `last` alone."""

    session: str = ""
    resume: str = ""
    seq: int | None = None
    last: dict[str, str] = {}
    flags: dict[str, str] = {}
    follows: dict[str, str] = {}
    places: dict[str, str] = {}
    caught: dict[str, tuple[int, bool]] = {}
    behind: list[str] = []


@dataclass(frozen=True, slots=True)
class Sources:
    """Where work comes from; "" for what is not used."""

    guild: str
    report: str = ""
    alert: str = ""
    forum: str = ""
    reaction: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for one in (self.report, self.alert) if one))


def note(known: dict[str, T], key: str, value: T, most: int = _MOST_KNOWN) -> None:
    """Remember, and forget what was noted longest ago."""
    known.pop(key, None)
    known[key] = value
    while len(known) > most:
        del known[next(iter(known))]
