"""Quick replies: entries of the FAQ library, how one is filled, and which nine are offered."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from functools import partial
from heapq import nsmallest

from modtui.domain.frozen import dataclass
from modtui.domain.gate import admitted, leading
from modtui.domain.rating import GOOD, Catalogue, catalogue, plain, ratings

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
LOOKS_UNFILLED = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}|\{\s*[^\W\d_][\w.-]*\s*\}")
"""What reads as a placeholder, in whatever spelling: {{author}}, { Author }, {имя}."""
_FOLLOW_UPS = '"resolve", "lock", "lock for 2h", "slow 15m for 2h", "note TEXT", "escalate TEAM"'
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = r"([1-9]\d{0,4})([smhd])"
_NEAR = 1.5


class ReplyError(ValueError):
    """An entry that cannot be read: names the key and what is allowed. `key` is where."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Variant:
    """One language of an entry. `approved_by` is empty while nobody has approved it, and
    `approved_at` is the day, if it is written; `defaults` fill placeholders that nothing else
    fills."""

    language: str
    title: str
    body: str
    approved_by: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    approved_at: date | None = None

    @property
    def approval(self) -> str:
        """Who approved the text, and when: "approved by lead, 2026-03-01", or "not approved"."""
        if not self.approved_by:
            return "not approved"
        day = f", {self.approved_at.isoformat()}" if self.approved_at else ""
        return f"approved by {self.approved_by}{day}"

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that the text asks for, in order, each once."""
        return tuple(dict.fromkeys(PLACEHOLDER.findall(self.body)))


@dataclass(frozen=True, slots=True)
class Entry:
    """A quick reply. `then` are follow-ups such as "resolve", "lock", "slow 15m for 2h";
    `examples` are questions that it answers, in any language; it stands in the file `source`
    from `line` on."""

    id: str
    variants: Mapping[str, Variant]
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    source: str = ""
    line: int = 1

    @property
    def light(self) -> bool:
        """Whether the entry is tagged as light: never offered on a sensitive thread."""
        return "light" in self.tags

    @property
    def help(self) -> str | None:
        """The help route this entry serves (tag `help:self-harm`), or None."""
        if not self.tags:
            return None
        return next((t[5:] for t in self.tags if t.startswith("help:")), None)

    @property
    def pin(self) -> int | None:
        """The digit this entry is pinned to (tag `pin:9`), or None."""
        return next((int(t[4:]) for t in self.tags if t.startswith("pin:")), None)

    def helps(self, route: str) -> bool:
        """Whether the entry serves `route`; an entry may have several help tags."""
        if not self.tags:
            return False
        return any(t.startswith("help:") and plain(t[5:]) == plain(route) for t in self.tags)

    def title(self, variant: Variant, reads: Sequence[str]) -> str:
        """The title of `variant`, in one of the languages `reads` where there is one."""
        known = (variant.language, *reads)
        return next((self.variants[one].title for one in known if one in reads
                     and one in self.variants), variant.title)  # fmt: skip

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
    """One of the keys 1–9. `weak`: a poor match, which takes `y` instead of Enter; `pinned`: it
    has this digit wherever it is offered."""

    digit: int
    entry: Entry
    variant: Variant
    weak: bool = False
    sent: int = 0
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """An entry with its placeholders filled; `missing` names those that are not, `quotes` what
    looks like one and came in with a value: "{name}" in a title."""

    text: str
    missing: tuple[str, ...]
    entry: str
    language: str
    approved_by: str
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowResolve:
    """The thread is done."""


@dataclass(frozen=True, slots=True)
class FollowLock:
    """The thread is locked; `for_seconds` None: until somebody unlocks it."""

    for_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class FollowSlow:
    """The channel is slowed to a post in `seconds`, for `for_seconds`."""

    seconds: int
    for_seconds: int


@dataclass(frozen=True, slots=True)
class FollowNote:
    """A note for the team; without text it names the entry."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class FollowEscalate:
    """The thread goes to a team, by its name in the configuration."""

    team: str


FollowUp = FollowResolve | FollowLock | FollowSlow | FollowNote | FollowEscalate


def follow_up(text: str) -> FollowUp:
    """Return what `text` asks for. Raises ReplyError, naming what is allowed."""
    match text.split():
        case ["resolve"]:
            return FollowResolve()
        case ["lock"]:
            return FollowLock()
        case ["lock", "for", span]:
            return FollowLock(_seconds(span, text))
        case ["slow", gap, "for", span]:
            return FollowSlow(_seconds(gap, text), _seconds(span, text))
        case ["note", *words]:
            return FollowNote(" ".join(words))
        case ["escalate", *words] if words:
            return FollowEscalate(" ".join(words))
    raise ReplyError(f"{text!r} is not known; allowed: {_FOLLOW_UPS}")


def fill(entry: Entry, variant: Variant, values: Mapping[str, str]) -> Filled:
    """Return `variant` with `{placeholder}` replaced from `values`, else from its defaults.

    An empty value fills nothing. What a value contains is not looked at again.
    """
    given = {**variant.defaults, **{name: value for name, value in values.items() if value}}
    missing = tuple(name for name in variant.placeholders if name not in given)
    brought = (given[name] for name in variant.placeholders if name in given)
    quotes = tuple(dict.fromkeys(m[0] for text in brought for m in LOOKS_UNFILLED.finditer(text)))
    text = PLACEHOLDER.sub(lambda m: given.get(m[1], m[0]), variant.body)
    return Filled(text, missing, entry.id, variant.language, variant.approved_by, quotes)


def slots(
    entries: Sequence[Entry],
    asked: Asked,
    sent: Mapping[str, int],
    pins: Mapping[int, str] | None = None,
    scores: Mapping[str, float] | None = None,
) -> tuple[Slot, ...]:
    """Return at most nine slots for a thread, best first, of what the gate admits.

    `sent` counts how often each entry was sent; `pins` are the moderator's own, entry ids by
    digit; `scores` say how well each answers the thread's text (`modtui.domain.ranking`), None
    while that is not known: then only what does not depend on it has its digit, help and pins.

    The help entries of an open route hold the first keys; with a route that no entry serves, key 1
    stays empty. Pinned entries keep their digit and are not weak, but none takes a key from a help
    entry of the route; what is left over goes to those that answer anything and to the most sent
    ones, as weak, but never to a help entry without a route. Under a route all but these help
    entries are weak: the words of a desperate post are no reason for a routine answer, nor for help
    in another need; keys left over are those of the other help entries and of the most sent ones,
    the same on all threads of the route. Without one a help entry is weak and comes after what fits
    well: that a desperate post had the same words is no reason for help. Where two files pin to one
    digit, the entry that comes first in `entries` has it, on every thread.
    """
    offered = admitted(asked.help_route, entries)
    rated = ratings(offered, asked, scores or {}, catalogue(entries))
    near = [e for e in offered if rated[e.id] >= _NEAR or (e.tags and e.help)]
    order = _ordered(near, rated, sent)
    helping = dict(zip(range(1, 10), leading(asked.help_route, order), strict=False))
    free = [n for n in range(1, 10) if n not in helping and (n > 1 or not asked.help_route)]
    helpers = {entry.id for entry in helping.values()}
    pinned = _pinned([e for e in offered if e.id not in helpers], pins or {}, free)
    placed = {**helping, **pinned}
    free = [digit for digit in free if digit not in placed]
    held = {entry.id for entry in placed.values()}
    if scores is None:
        order, offered = [], ()
    fitting = [e for e in order if e.id not in held and rated[e.id] >= GOOD]
    good = [entry for entry in fitting if asked.help_route or entry.help is None]
    unasked = [entry for entry in fitting if entry.help and not asked.help_route]
    firm = {e.id for e in (helping.values() if asked.help_route else (*placed.values(), *good))}
    fit = [*good, *unasked][: len(free)]
    light = {pinned_to(e, pins or {}) for e in entries if e.light} if asked.help_route else ()
    loose = [e for e in offered if e.id not in held and (asked.help_route or e.help is None)]
    stay = {d: e for d, e in _general(loose, free, light).items() if rated[e.id] < GOOD}
    stay = dict(list(stay.items())[: len(free) - len(fit)])
    placed.update(stay)
    free = [digit for digit in free if digit not in placed]
    held |= {entry.id for entry in stay.values()}
    poor = [e for e in loose if rated[e.id] < GOOD and e.id not in held]
    fit += _left_over(poor, len(free) - len(fit), sent, None if asked.help_route else rated)
    placed.update(zip(free, fit, strict=False))
    languages = [asked.language] if asked.language else []
    return tuple(
        Slot(digit, e, e.variant(languages), e.id not in firm, sent.get(e.id, 0), digit in pinned)
        for digit, e in sorted(placed.items())
    )


def fits(
    entries: Sequence[Entry],
    asked: Asked,
    scores: Mapping[str, float],
    library: Catalogue | None = None,
) -> Mapping[str, float]:
    """Return how well each entry fits what is asked, by its id: 1 and more is a good match.

    `scores` are those of the ranking on the text, `library` is that which `entries` are a part of.
    """
    return {name: rate / GOOD for name, rate in ratings(entries, asked, scores, library).items()}


def _ordered(
    entries: Iterable[Entry], rated: Mapping[str, float], sent: Mapping[str, int]
) -> list[Entry]:
    """`entries`, the best first; how often each was sent tips the scales."""
    by_name = {entry.id: entry for entry in entries}
    worth = {name: -rated[name] for name in by_name}
    for name in sent.keys() & worth:
        worth[name] -= _habit(sent[name])
    return [by_name[name] for _, name in sorted(zip(worth.values(), worth, strict=True))]


def _general(
    entries: Iterable[Entry], free: Sequence[int], light: Container[int | None]
) -> dict[int, Entry]:
    """Those of `entries` that answer anything, the first three by name, on the last of the `free`
    digits, the same on every thread: so on none that is `light` on another."""
    names = {entry.id: entry for entry in entries if entry.tags and "general" in entry.tags}
    last = sorted(names)[:3][::-1]
    digits = [digit for digit in free if digit not in light]
    digits = digits if len(digits) >= len(last) else list(free)
    return {d: names[name] for d, name in zip(reversed(digits), last, strict=False)}


def _left_over(
    entries: Sequence[Entry], count: int, sent: Mapping[str, int], rated: Mapping[str, float] | None
) -> list[Entry]:
    """`count` of `entries` that are no good match, in the order of their keys. `rated` is None
    under a route, where the words of a post choose nothing: then the last key has the first, so
    that however many answer the need, each of these has one key on all threads."""
    if rated is None:
        return nsmallest(count, entries, key=partial(_next_to_help, sent))[::-1]
    # What neither comes near nor was sent comes last, and there may be ten thousand of that.
    some = [e for e in entries if rated[e.id] >= _NEAR or e.id in sent] if count else []
    if len(some) < count:
        held = {entry.id for entry in some}
        last = nsmallest(count, ((-rated[e.id], e.id) for e in entries if e.id not in held))
        names = {name for _, name in last}
        some += [entry for entry in entries if entry.id in names]
    return nsmallest(count, some, key=partial(_usual, sent, rated))


def _usual(
    sent: Mapping[str, int], rated: Mapping[str, float], entry: Entry
) -> tuple[bool, float, float, str]:
    """Where `entry` stands among those that are no good match: first what comes near, the best
    before the others, then the most sent."""
    rate, often = rated[entry.id], sent.get(entry.id, 0)
    if rate >= _NEAR:
        return False, -rate, -often, entry.id
    return True, -often, -rate, entry.id


def _next_to_help(sent: Mapping[str, int], entry: Entry) -> tuple[bool, int, str]:
    """Where `entry` stands among those that are no good match under a route: help in another need,
    then the most sent. The words of such a post choose nothing."""
    return not entry.help, -sent.get(entry.id, 0), entry.id


def pinned_to(entry: Entry, pins: Mapping[int, str]) -> int | None:
    """Return the digit that `entry` is pinned to: by `pins`, else by its tag; None for none."""
    mine = next((digit for digit, name in pins.items() if name == entry.id), None)
    if mine is not None or not entry.tags:
        return mine
    own = entry.pin
    return None if own in pins else own


def _pinned(
    entries: Sequence[Entry], pins: Mapping[int, str], free: Sequence[int]
) -> dict[int, Entry]:
    """The entries that keep a digit: the moderator's pins before the tags of the files, and
    of those the first."""
    named = frozenset(pins.values())
    entries = [entry for entry in entries if entry.tags or entry.id in named]
    known = {entry.id for entry in entries}
    pins = {digit: name for digit, name in pins.items() if name in known}
    placed: dict[int, Entry] = {}
    mine = frozenset(pins.values())
    for entry in entries:
        digit = pinned_to(entry, pins) if entry.tags or entry.id in mine else None
        if digit is not None and digit in free and digit not in placed:
            placed[digit] = entry
    return placed


def find(entries: Sequence[Entry], text: str, language: str | None) -> tuple[Entry, ...]:
    """Return the entries that match every word of `text` in id, title, body, tags, keywords or
    examples.

    First those that have `language`, and among them those whose id or title has every word. The
    letters ё and е are one.
    """
    words = _folded(text).split()
    if not words:
        # The whole library, which is long: nothing of its texts is looked at.
        return tuple(
            sorted(entries, key=lambda e: language is not None and language not in e.variants)
        )
    found = []
    for entry in entries:
        texts = entry.variants.values()
        head = _folded(" ".join((entry.id, *(v.title for v in texts))))
        about = (*entry.tags, *entry.keywords, *entry.examples, *(v.body for v in texts))
        whole = f"{head} {_folded(' '.join(about))}"
        if all(word in whole for word in words):
            foreign = language is not None and language not in entry.variants
            found.append((foreign, not all(word in head for word in words), entry))
    return tuple(entry for *_, entry in sorted(found, key=lambda f: f[:2]))


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _habit(times: int) -> float:
    return min(math.log2(1 + times) / 5, 1.5)


def _seconds(span: str, text: str) -> int:
    found = re.fullmatch(_SPAN, span)
    if not found:
        raise ReplyError(f"{text!r}: {span!r} is no duration such as 90s, 15m, 2h or 7d")
    return int(found[1]) * _UNITS[found[2]]
