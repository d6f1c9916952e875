"""Quick replies: entries of the FAQ library, how one is filled, and which nine are offered."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from modtui.domain.text import clean

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_WORD = re.compile(r"[^\W\d_]{3,}|2fa", re.IGNORECASE)
_LISTS = ("tags", "reasons", "keywords", "then")
_FIELDS = ("title", "body", "approved_by", "defaults")
_FOLLOW_UPS = '"resolve", "lock", "lock for 2h", "slow 15m for 2h", "note TEXT", "escalate TEAM"'
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"([1-9]\d{0,4})([smhd])")
_STEM = 5
_GOOD = 3.0


class ReplyError(ValueError):
    """An entry that cannot be read: names the key and what is allowed. `key` is where."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Variant:
    """One language of an entry. `approved_by` is empty while nobody has approved it;
    `defaults` fill placeholders that nothing else fills."""

    language: str
    title: str
    body: str
    approved_by: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)


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

    @property
    def pin(self) -> int | None:
        """The digit this entry is pinned to (tag `pin:9`), or None."""
        return next((int(t[4:]) for t in self.tags if t.startswith("pin:")), None)

    def helps(self, route: str) -> bool:
        """Whether the entry serves `route`; an entry may have several help tags."""
        return any(t.startswith("help:") and _plain(t[5:]) == _plain(route) for t in self.tags)

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
    """A note for the team; without text it says which entry was sent."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class FollowEscalate:
    """The thread goes to a team, by its name in the configuration."""

    team: str


FollowUp = FollowResolve | FollowLock | FollowSlow | FollowNote | FollowEscalate


def parse(table: Mapping[str, object], source: str) -> Entry:
    """Return the entry that a TOML table describes. Raises ReplyError."""
    known = ("id", *_LISTS)
    name = _text(table, "id", "")
    if not _ID.fullmatch(name):
        raise ReplyError('id must be lower-case letters, digits and "-"', "id")
    variants = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and _LANGUAGE.fullmatch(key):
            variants[key] = _variant(key, value)
        elif key not in known:
            raise ReplyError(_unknown(key, (*known, "a language such as [reply.en]")), key)
    if not variants:
        raise ReplyError(f"{name}: no text: add [reply.en] with title and body", "id")
    lists = {key: _texts(table, key) for key in _LISTS}
    for text in lists["then"]:
        try:
            follow_up(text)
        except ReplyError as error:
            raise ReplyError(f"then: {error}", "then") from error
    for tag in lists["tags"]:
        if tag.startswith("pin:") and tag not in {f"pin:{n}" for n in range(1, 10)}:
            raise ReplyError(f"tags: {tag!r}: pin:1 to pin:9", "tags")
    return Entry(name, variants, source=source, **lists)


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
        case ["escalate", team]:
            return FollowEscalate(team)
    raise ReplyError(f"{text!r} is not known; allowed: {_FOLLOW_UPS}")


def fill(entry: Entry, variant: Variant, values: Mapping[str, str]) -> Filled:
    """Return `variant` with `{placeholder}` replaced from `values`, else from its defaults.

    An empty value fills nothing. What a value contains is not looked at again.
    """
    given = {**variant.defaults, **{name: value for name, value in values.items() if value}}
    missing = tuple(
        dict.fromkeys(name for name in _PLACEHOLDER.findall(variant.body) if name not in given)
    )
    text = _PLACEHOLDER.sub(lambda m: given.get(m[1], m[0]), variant.body)
    return Filled(text, missing, entry.id, variant.language, variant.approved_by)


def slots(entries: Sequence[Entry], asked: Asked, sent: Mapping[str, int]) -> tuple[Slot, ...]:
    """Return at most nine slots for a thread, best first; key 1 is the help entry of its route.

    `sent` counts how often each entry was sent. Light entries are absent when `help_route` is
    set; with a route that no entry serves, key 1 stays empty. Pinned entries keep their digit
    and are not weak; what is left over goes to the most sent ones, as weak, but never to a help
    entry without a route. Under a route every entry but a help entry is weak: the words of a
    desperate post are no reason for a routine answer.
    """
    weights = _weights(entries)
    rated = {entry.id: _rate(entry, asked, weights) for entry in entries}
    order = sorted(
        (entry for entry in entries if not (asked.help_route and entry.light)),
        key=lambda e: (-rated[e.id] - _habit(e, sent), e.id),
    )
    placed: dict[int, Entry] = {}
    free = list(range(1, 10))
    if asked.help_route:
        route = asked.help_route
        helping = [e for e in order if e.helps(route)] or [e for e in order if e.helps("any")]
        free.remove(1)
        placed.update((1, entry) for entry in helping[:1])
    for entry in order:
        if entry.pin in free and entry not in placed.values():
            placed[entry.pin] = entry
            free.remove(entry.pin)
    rest = [entry for entry in order if entry not in placed.values()]
    good = [entry for entry in rest if rated[entry.id] >= _GOOD]
    others = (e for e in rest if rated[e.id] < _GOOD and (e.help is None or asked.help_route))
    used = sorted(others, key=lambda e: (-sent.get(e.id, 0), "general" not in e.tags))
    firm = {e.id for e in (*placed.values(), *good) if e.help or not asked.help_route}
    placed.update(zip(free, (*good, *used), strict=False))
    languages = [asked.language] if asked.language else []
    return tuple(
        Slot(digit, e, e.variant(languages), e.id not in firm, sent.get(e.id, 0))
        for digit, e in sorted(placed.items())
    )


def find(entries: Sequence[Entry], text: str, language: str | None) -> tuple[Entry, ...]:
    """Return the entries that match every word of `text` in id, title, body or tags.

    First those that have `language`, and among them those whose id or title has every word.
    """
    words = text.casefold().split()
    found = []
    for entry in entries:
        texts = entry.variants.values()
        head = " ".join((entry.id, *(v.title for v in texts))).casefold()
        whole = " ".join((head, *entry.tags, *(v.body for v in texts))).casefold()
        if all(word in whole for word in words):
            foreign = language is not None and language not in entry.variants
            found.append((foreign, not all(word in head for word in words), entry))
    return tuple(entry for *_, entry in sorted(found, key=lambda f: f[:2]))


def _weights(entries: Sequence[Entry]) -> dict[str, float]:
    """What a shared reason is worth: little, when many entries name it."""
    named = Counter(_plain(reason) for entry in entries for reason in entry.reasons)
    return {reason: 4.0 * min(1.0, 3 / count) for reason, count in named.items()}


def _rate(entry: Entry, asked: Asked, weights: Mapping[str, float]) -> float:
    """How well `entry` answers: reasons first, then words; 3 and more is a good match."""
    reasons = {_plain(reason) for reason in asked.reasons}
    shared = reasons & {_plain(reason) for reason in entry.reasons}
    said = _stems(asked.text)
    variant = entry.variant([asked.language] if asked.language else [])
    keywords = len(said & _stems(" ".join(entry.keywords)))
    rate = max((weights[reason] for reason in shared), default=0.0)
    rate += 2.0 * min(keywords, 3)
    rate += 1.0 * min(len(said & _stems(variant.title)), 2)
    rate += 0.2 * min(len(said & _stems(variant.body)), 5)
    if asked.language and asked.language not in entry.variants:
        rate *= 0.6
    return rate


def _habit(entry: Entry, sent: Mapping[str, int]) -> float:
    return min(math.log2(1 + sent.get(entry.id, 0)) / 5, 1.5)


@lru_cache(maxsize=2048)
def _stems(text: str) -> frozenset[str]:
    """The first letters of each word: enough to meet the endings of five languages."""
    return frozenset(word.casefold()[:_STEM] for word in _WORD.findall(text))


@lru_cache(maxsize=1024)
def _plain(reason: str) -> str:
    return re.sub(r"[\s_-]+", "-", reason.strip().casefold())


def _variant(language: str, table: Mapping[str, object]) -> Variant:
    for key in table:
        if key not in _FIELDS:
            raise ReplyError(f"{language}: {_unknown(key, _FIELDS)}", f"{language}.{key}")
    title, body = (_text(table, key, language).strip() for key in ("title", "body"))
    defaults = table.get("defaults", {})
    if not isinstance(defaults, Mapping) or not all(isinstance(v, str) for v in defaults.values()):
        raise ReplyError(f"{language}.defaults must be a table of texts", f"{language}.defaults")
    for key, text in (("title", title), ("body", body)):
        where = f"{language}.{key}"
        if not text:
            raise ReplyError(f"{where} must not be empty", where)
        if clean(text).hidden or (key == "title" and "\n" in text):
            raise ReplyError(f"{where} holds hidden or control characters", where)
    if set("{}") & set(_PLACEHOLDER.sub("", body)):
        raise ReplyError(
            f"{language}.body: a placeholder is {{name}} in lower-case letters", f"{language}.body"
        )
    approved = _text({"approved_by": "", **table}, "approved_by", language)
    return Variant(language, title, body, approved, dict(defaults))


def _text(table: Mapping[str, object], key: str, within: str) -> str:
    value = table.get(key)
    where = f"{within}.{key}" if within else key
    if not isinstance(value, str):
        raise ReplyError(f"{where} must be a text" + ("" if key in table else ": missing"), where)
    return value


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ReplyError(f"{key} must be a list of texts", key)
    return tuple(value)


def _unknown(key: str, allowed: Iterable[str]) -> str:
    names = tuple(allowed)
    near = get_close_matches(key, names, n=1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    return f"{key!r} is not known{hint} (allowed: {', '.join(names)})"


def _seconds(span: str, text: str) -> int:
    found = _SPAN.fullmatch(span)
    if not found:
        raise ReplyError(f"{text!r}: {span!r} is no duration such as 90s, 15m, 2h or 7d")
    return int(found[1]) * _UNITS[found[2]]
