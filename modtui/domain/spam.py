"""Signs of spam around one author, and the sanction that their record suggests. Nothing is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from modtui.domain.alike import LINKED, folded
from modtui.domain.commands import SanctionKind
from modtui.domain.frozen import dataclass
from modtui.domain.help_routes import Heads, rows
from modtui.domain.words import length

WORDS, AUTHOR, TEXT = "words", "author", "text"
SIGNS = (WORDS, AUTHOR, TEXT)
MOST_TRACES = 300
"""So many posts of the time in question are looked at, the newest first."""
SHORTEST = 12
"""A shorter text without a link says nothing by being repeated: "thanks", "+1"."""

_SAID = re.compile(rf"[\w{LINKED}]+")
_STEP = re.compile(r"(warn|mute|kick|ban)(?: ([1-9]\d{0,3})([mhd]))?")
_UNITS = {"m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder. `seconds` None: over at once, or for good."""

    kind: SanctionKind
    seconds: int | None = None

    @property
    def for_good(self) -> bool:
        """Whether nothing ends it."""
        return self.kind is SanctionKind.BAN and self.seconds is None

    @property
    def words(self) -> str:
        """What it is: `mute for 1 h`, `ban for good`."""
        if self.seconds:
            return f"{self.kind.value} for {length(self.seconds)}"
        return f"{self.kind.value} for good" if self.for_good else self.kind.value


@dataclass(frozen=True, slots=True)
class SpamRules:
    """What a team calls spam: these words, or the same author or text `times` times `within` that
    time, on all accounts together; 0 times: never. `automatic`: the signs that act alone."""

    words: Heads = field(default_factory=Heads)
    times: int = 0
    within: timedelta = timedelta(minutes=10)
    ladder: tuple[Step, ...] = ()
    automatic: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A post by an author, as far as it is compared."""

    thread: int
    account: str
    realm: str
    author: str
    name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign. `count` posts in `threads` of `accounts`; `said`: the stop word."""

    kind: str
    count: int
    threads: tuple[int, ...] = ()
    accounts: tuple[str, ...] = ()
    said: str = ""
    within: timedelta = timedelta()

    @property
    def line(self) -> str:
        """The evidence in words: `same text 4× in 10 min: chat, forum, threads 3, 12`."""
        if self.kind == WORDS:
            return f"stop word “{self.said}”"
        span = length(int(self.within.total_seconds()))
        shown = ", ".join(str(number) for number in self.threads[:4])
        more = f" and {len(self.threads) - 4} more" if len(self.threads) > 4 else ""
        noun = "thread" if len(self.threads) == 1 else "threads"
        where = ", ".join(self.accounts)
        return f"same {self.kind} {self.count}× in {span}: {where}, {noun} {shown}{more}"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The signs around the author of a thread, and what their record suggests, if anything."""

    signs: tuple[Sign, ...]
    step: Step | None = None
    prior: int = 0

    @property
    def suggestion(self) -> str:
        """`suggested: mute for 1 h (1 sanction before)`; "" without a ladder."""
        if self.step is None:
            return ""
        noun = "sanction" if self.prior == 1 else "sanctions"
        return f"suggested: {self.step.words} ({self.prior or 'no'} {noun} before)"

    @property
    def lines(self) -> tuple[str, ...]:
        """Each sign with its evidence, then what is suggested."""
        signs = tuple(f"SPAM? {sign.line}" for sign in self.signs)
        return (*signs, self.suggestion) if self.suggestion else signs

    @property
    def line(self) -> str:
        """All of it in one line."""
        return "; ".join(self.lines)


def step(text: str) -> Step:
    """Return the rung that `text` means. Raises ValueError, saying what is allowed."""
    found = _STEP.fullmatch(text.strip())
    if not found or (found[2] and found[1] not in ("mute", "ban")):
        raise ValueError(f'"{text}" is no step, such as "warn", "mute 1h", "kick", "ban 7d", "ban"')
    if found[1] == "mute" and not found[2]:
        raise ValueError(f'"{text}" has no end: write "mute 1h"')
    seconds = int(found[2]) * _UNITS[found[3]] if found[2] else None
    return Step(SanctionKind(found[1]), seconds)


def suspicion(signs: Sequence[Sign], prior: int, rules: SpamRules) -> Suspicion | None:
    """Return `signs` with the step that follows `prior` sanctions; None where there are none."""
    if not signs:
        return None
    rung = rules.ladder[min(prior, len(rules.ladder) - 1)] if rules.ladder else None
    return Suspicion(tuple(signs), rung, prior)


def signs(own: Sequence[Trace], recent: Iterable[Trace], rules: SpamRules) -> tuple[Sign, ...]:
    """Return what points to spam around the author of `own`, their posts in one thread. `recent`
    are posts of all accounts around the time of the last of them."""
    return tuple(_signs(own, tuple(recent), rules)) if own else ()


def _signs(own: Sequence[Trace], recent: Sequence[Trace], rules: SpamRules) -> Iterator[Sign]:
    for post in own:
        said = next(rows(rules.words, post.text), None)
        if said is not None:
            yield Sign(WORDS, 1, (post.thread,), (post.account,), said[1])
            break
    if not rules.times:
        return
    last = own[-1]
    same = {AUTHOR: [t for t in recent if _same_author(t, last)], TEXT: _repeated(own, recent)}
    for kind, traces in same.items():
        found = _densest(traces, rules.within)
        if len(found) >= rules.times:
            threads = tuple(sorted({t.thread for t in found}))
            accounts = tuple(sorted({t.account for t in found}))
            yield Sign(kind, len(found), threads, accounts, within=rules.within)


def _repeated(own: Sequence[Trace], recent: Sequence[Trace]) -> Sequence[Trace]:
    """Those of `recent` that say what one of `own` does: of what is said most often."""
    alike: dict[str, list[Trace]] = {said: [] for said in map(_said, (t.text for t in own)) if said}
    for trace in recent if alike else ():
        if (said := _said(trace.text)) in alike:
            alike[said].append(trace)
    return max(alike.values(), key=len, default=())


def _said(text: str) -> str:
    """What `text` is compared by, "" where there is nothing to compare. The words, and where it has
    links: marks and emoji make no other text. Of little but a link, the link itself."""
    said = " ".join(_SAID.findall(folded(text)))
    if len(said) >= SHORTEST:
        return said
    return " ".join(text.casefold().split()) if LINKED in said else ""


def _same_author(one: Trace, other: Trace) -> bool:
    """The same one of a platform, or the same name on another, which may be another person."""
    if one.realm == other.realm:
        return one.author == other.author
    return bool(one.name) and one.name.casefold() == other.name.casefold()


def _densest(traces: Sequence[Trace], within: timedelta) -> Sequence[Trace]:
    """The most of `traces` that lie within one span of that length."""
    ordered = sorted(traces, key=lambda each: each.at)
    best: Sequence[Trace] = ()
    first = 0
    for place, each in enumerate(ordered):
        while each.at - ordered[first].at > within:
            first += 1
        if place + 1 - first > len(best):
            best = ordered[first : place + 1]
    return best
