"""Quick replies: entries of the FAQ library, how one is filled, and which nine are offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class ReplyError(ValueError):
    """An entry that cannot be read: names the key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One language of an entry. `approved_by` is empty while nobody has approved it."""

    language: str
    title: str
    body: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A quick reply. `then` are follow-ups such as "resolve", "lock", "slow 15m for 2h"."""

    id: str
    variants: Mapping[str, Variant]
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    source: str = ""

    @property
    def light(self) -> bool:
        """Whether the entry is tagged as light: never offered on a sensitive thread."""
        return "light" in self.tags

    @property
    def help(self) -> str | None:
        """The help route this entry serves (tag `help:self-harm`), or None."""
        return next((t[5:] for t in self.tags if t.startswith("help:")), None)

    def variant(self, languages: Sequence[str]) -> Variant:
        """The first variant among `languages`, else English, else any."""
        for language in (*languages, "en"):
            if language in self.variants:
                return self.variants[language]
        return next(iter(self.variants.values()))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the thread that a reply is wanted for."""

    text: str
    language: str | None
    reasons: tuple[str, ...]
    help_route: str | None


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the keys 1–9. `weak`: a poor match, which takes `y` instead of Enter."""

    digit: int
    entry: Entry
    variant: Variant
    weak: bool = False
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Filled:
    """An entry with its placeholders filled; `missing` names those that are not."""

    text: str
    missing: tuple[str, ...]
    entry: str
    language: str
    approved_by: str


def parse(table: Mapping[str, object], source: str) -> Entry:
    """Return the entry that a TOML table describes. Raises ReplyError."""
    raise NotImplementedError


def fill(entry: Entry, variant: Variant, values: Mapping[str, str]) -> Filled:
    """Return `variant` with `{placeholder}` replaced from `values`."""
    raise NotImplementedError


def slots(entries: Sequence[Entry], asked: Asked, sent: Mapping[str, int]) -> tuple[Slot, ...]:
    """Return at most nine slots for a thread, best first; key 1 is the help entry of its route.

    `sent` counts how often each entry was sent. Light entries are absent when `help_route` is set.
    """
    raise NotImplementedError


def find(entries: Sequence[Entry], text: str, language: str | None) -> tuple[Entry, ...]:
    """Return the entries that match every word of `text` in id, title, body or tags."""
    raise NotImplementedError
