"""What flags and words make of a thread: severity, help route, language, leading reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from modtui.domain.frozen import dataclass
from modtui.domain.model import Flag, Post, Severity, Thread
from modtui.domain.rating import plain
from modtui.domain.settings import Desk, SeverityRule
from modtui.domain.sla import meets

_ENOUGH = 240
_NO_LANGUAGE = frozenset({"", "und", "mul", "mis", "zxx"})
"""What names no language (ISO 639)."""


@dataclass(frozen=True, slots=True)
class Weight:
    """The open flags of a thread, summed up. `reasons`: the most frequent first."""

    count: int
    reasons: tuple[str, ...]
    severity: Severity
    help_route: str | None


def weigh(thread: Thread, flags: Sequence[Flag], channel: str, desk: Desk) -> Weight:
    """Return what `flags` make of `thread`; `channel` is the name of its channel."""
    if len(flags) == 1:
        reasons: tuple[str, ...] = (flags[0].reason,)
    else:
        reasons = tuple(r for r, _ in Counter(flag.reason for flag in flags).most_common())
    severity = thread.severity
    for rule in desk.severity_rules:
        if _fits(rule, reasons, len(flags), (thread.channel, channel)):
            severity = higher(severity, rule.level)
            break
    return Weight(len(flags), reasons, severity, named(reasons, desk.help_reasons))


def higher(one: Severity, other: Severity) -> Severity:
    """Return the graver of the two."""
    return one if one.rank >= other.rank else other


def named(reasons: Sequence[str], wanted: Sequence[str]) -> str | None:
    """Return the first of `wanted` that one of `reasons` names, in whatever words, or None."""
    return _named(tuple(reasons), tuple(wanted))


@lru_cache(maxsize=1024)
def _named(reasons: tuple[str, ...], wanted: tuple[str, ...]) -> str | None:
    """Many threads are reported for the same few reasons."""
    return next((each for each in wanted if _says(reasons, each)), None)


def told_language(thread: Thread) -> str | None:
    """Return the platform's language without region or script (BCP 47): replies and rules are in
    "pt" and not in "pt-BR". None where it tells none."""
    told = (thread.language or "").replace("_", "-").partition("-")[0].strip().lower()
    return None if told in _NO_LANGUAGE else told


def language_of(thread: Thread, posts: Iterable[Post]) -> str | None:
    """Return the platform's language, else what title and flagged post look like, else None."""
    if told := told_language(thread):
        return told
    for post in posts:
        if post.is_subject:
            return _guessed(_begun(thread.title), _begun(post.text))
    return _guessed(_begun(thread.title), "")


def _begun(text: str) -> str:
    """Return enough of `text`: itself, which knows its hash, or its beginning."""
    return text if len(text) <= _ENOUGH else text[:_ENOUGH]


@lru_cache(maxsize=256)
def _guessed(title: str, said: str) -> str | None:
    """Who floods a community says the same thing over and over."""
    from modtui.domain.language import guess

    return guess(f"{title}\n{said}"[:_ENOUGH])


def _fits(rule: SeverityRule, reasons: Sequence[str], count: int, channel: tuple[str, str]) -> bool:
    if rule.reasons and not any(_says(reasons, wanted) for wanted in rule.reasons):
        return False
    if rule.channels and not meets(rule.channels, channel):
        return False
    return count >= rule.flags_at_least


def _says(reasons: Sequence[str], wanted: str) -> bool:
    """Whether one of `reasons` names `wanted`: people who report write "threats of violence"."""
    return any(f"-{plain(wanted)}" in f"-{plain(reason)}" for reason in reasons)
