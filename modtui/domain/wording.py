"""Checks on the words of a reply before it leaves: what is wrong, which words, and what to do.

Every rule is off, warns or blocks, for all accounts or for one. What they look for is data that the
team owns; a rule without data finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from modtui.domain.frozen import dataclass
from modtui.domain.help_routes import Heads, rows
from modtui.domain.language import GUESSED, guess
from modtui.domain.latin import plain
from modtui.domain.personal import LINK, cards, digits, emails, phones
from modtui.domain.replies import LOOKS_UNFILLED


class Level(StrEnum):
    """What a rule does: nothing, ask once more, or refuse."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: `words` as they stand in the text, "" where something is missing."""

    rule: str
    level: Level
    why: str
    words: str = ""

    @property
    def line(self) -> str:
        """One line: which words and why."""
        return f"“{self.words}”: {self.why}" if self.words else self.why


@dataclass(frozen=True, slots=True)
class CheckBook:
    """What a team wrote down. `levels` by rule, `accounts`: those of one account, over them;
    `allow`: texts that are no personal data; `partners`: hosts that pay us, `labels`: the words
    that say so; `utm_hosts`: whose links need the tags in `utm`, "" being any value."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)
    stop_words: Heads = field(default_factory=Heads)
    next_steps: Heads = field(default_factory=Heads)
    allow: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    utm_hosts: tuple[str, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)

    def level(self, rule: str, account: str) -> Level:
        """What `rule` does on `account`."""
        own = self.accounts.get(account, {})
        return own.get(rule, self.levels.get(rule, Level.OFF))


@dataclass(frozen=True, slots=True)
class Said:
    """A text that is to go out. `language`: what it is said to be in, `wanted`: that of the
    thread; `route`: the open help route, `help_links`: any of which is enough, `elsewhere`: those
    of all countries where that of the account is known, `helps`: it is a help entry; `disclaimed`:
    the disclaimer stands in it; `removed`: it explains a removal, for which one of `grounds` is to
    stand in it; `ours`: addresses and numbers that we publish; `quotes`: what looks like a
    placeholder and is none."""

    text: str
    account: str
    language: str | None = None
    wanted: str | None = None
    route: str | None = None
    helps: bool = False
    help_links: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    disclaimed: bool = True
    removed: bool = False
    grounds: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


Look = Callable[[CheckBook, Said], Iterator[tuple[str, str]]]

_BARE_LINK = re.compile(
    r"(?<![\w@/:.-])(?://)?(?:[\w-]+\.)+(?:xn--[\w-]+|[^\W\d_]{2,})(?:[/?#:][^\s<>«»“”\"')\]]*)?(?![\w@])"
)
_CAPITALS = re.compile(r"[^\W\d_]{2,}(?:_*[^\w\n]+_*[^\W\d_]{2,})*")
_LISTED = re.compile(r"(?<!\w)[^\W\d_]{2,4}(?:\s?[,/|;&+]\s?[^\W\d_]{2,4})+(?!\w)")
_NAME = re.compile(r"\([^()]*\)")
_MARKS = re.compile(r"[!?]{3,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
SHOUTED_WORDS = 3
LONG_ENOUGH = 24
"""So many characters a text has at least before its language is guessed."""
LOCAL_DIGITS = 9
"""So many of its last digits tell a telephone number, however its country is written."""


def review(book: CheckBook, said: Said, but: Collection[str] = frozenset()) -> tuple[Finding, ...]:
    """Return what the rules that are on find in `said`, what blocks first; `but`: rules that are
    not asked."""
    found: list[Finding] = []
    said = replace(said, text=plain(said.text))
    for rule, look in RULES.items():
        level = Level.OFF if rule in but else book.level(rule, said.account)
        if level is not Level.OFF:
            found += [Finding(rule, level, why, words) for words, why in look(book, said)]
    return tuple(sorted(found, key=lambda each: each.level is not Level.BLOCK))


def unreasoned(book: CheckBook, account: str, what: str) -> tuple[Finding, ...]:
    """Return what the rule `reason` says of a removal or sanction that names no rule."""
    level = book.level("reason", account)
    if level is Level.OFF:
        return ()
    return (Finding("reason", level, f"{what} without a reason: name a rule"),)


def blocking(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what of `found` keeps the text from going out."""
    return tuple(each for each in found if each.level is Level.BLOCK)


def _placeholder(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for words in dict.fromkeys(LOOKS_UNFILLED.findall(said.text)):
        if words not in said.quotes:
            yield words, "is not filled in"


def _language(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    wanted = (said.wanted or "").partition("-")[0]
    bare = LINK.sub(" ", said.text)
    told = wanted in GUESSED and len(bare.strip()) >= LONG_ENOUGH
    here = (guess(bare) if told else None) or said.language
    if here and wanted and here != wanted:
        yield "", f"the thread is in {said.wanted}, this is in {here}"


def _reason(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    if said.removed and not any(_stands_in(each, said.text) for each in said.grounds):
        yield "", "a post was removed: say for which rule, with its link"


def _help_route(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    if said.route is None:
        return
    if not said.disclaimed:
        yield "", f"the disclaimer is missing: the help route {said.route} is open"
    if said.help_links and not said.helps and not _is_named(said.help_links, said.text):
        foreign = _is_named(said.elsewhere, said.text)
        what = (
            "the help that is named is that of another country" if foreign else "no help is named"
        )
        yield "", f"{what}: the help route {said.route} is open ({said.help_links[0]})"


def _is_named(links: Iterable[str], text: str) -> bool:
    return any(_stands_in(each, text) for each in _ways(links))


def _ways(links: Iterable[str]) -> Iterator[str]:
    """Each number and address of `links`: a line may name several, with a word in brackets."""
    for link in links:
        yield link
        for named in _NAME.sub("", link).split(", "):
            way = named.strip()
            yield way.partition("://")[2].rstrip("/") or way
            yield way.replace(" ", "")


def _stands_in(words: str, text: str) -> bool:
    """Whether `words` stand in `text`, not as part of a longer word."""
    words = " ".join(plain(words).casefold().replace("ё", "е").split())
    text = " ".join(text.casefold().replace("ё", "е").split())
    return bool(words) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _stop_words(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for words in dict.fromkeys(words for _, words in rows(book.stop_words, said.text)):
        yield words, "is a stop word of the team: say it calmly in other words"


def _email(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for found in emails(said.text):
        address = found.casefold()
        known = [each.casefold() for each in (*book.allow, *said.ours)]
        if not any(address in emails(k) or (k[:1] == "@" and address.endswith(k)) for k in known):
            yield found, "is an e-mail address: take personal data out"


def _phone(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for found in phones(said.text):
        if not _is_ours(digits(found)[-LOCAL_DIGITS:], book, said):
            yield found, "is a phone number: take personal data out"


def _card(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for card in cards(said.text):
        if not _is_ours(card, book, said):
            # The number is not to be repeated anywhere.
            yield f"…{card[-4:]}", "is a payment card number: take it out"


def _is_ours(number: str, book: CheckBook, said: Said) -> bool:
    return any(number in digits(each) for each in (*book.allow, *said.ours))


def _shouting(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    text = LINK.sub(" ", said.text)
    for run in _CAPITALS.findall(_LISTED.sub(_unless_repeated, text)):
        for loud in _loud(run):
            yield loud, "is shouting: write it in ordinary letters"
    for marks in _MARKS.findall(text):
        yield marks, "is shouting: one mark is enough"


def _unless_repeated(listed: re.Match[str]) -> str:
    """Nothing for a list of short names, such as "USD, EUR, PLN" or "AML/KYC"."""
    words = _WORD.findall(listed[0])
    return " … " if len(set(words)) == len(words) else listed[0]


def _loud(run: str) -> Iterator[str]:
    """The rows of so many words in a row that are all in capitals."""
    row: list[str] = []
    for word in (*_WORD.findall(run), ""):
        if word and word.isupper():
            row.append(word)
            continue
        if len(row) >= SHOUTED_WORDS:
            yield " ".join(row)
        row = []


def _partner_link(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    text = LINK.sub(" ", said.text)
    if any(_stands_in(label, text) for label in book.labels):
        return
    for link in _links(said.text):
        if _is_at(link, book.partners):
            yield link, f"is a partner link: label it, such as “{next(iter(book.labels), 'ad')}”"


def _utm(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for link in _links(said.text):
        if _is_at(link, book.utm_hosts):
            given = parse_qs(urlsplit(link.rstrip(".,;:!?")).query)
            lacking = [
                f"{tag}={value}" if value else tag
                for tag, value in book.utm.items()
                if tag not in given or (value and value not in given[tag])
            ]
            if lacking:
                yield link, f"lacks {', '.join(lacking)}"


def _links(text: str) -> Iterator[str]:
    """The links of `text`, and what a platform makes one of: `www.example.org/a`."""
    yield from LINK.findall(text)
    for bare in _BARE_LINK.findall(LINK.sub(" ", text)):
        yield bare.rstrip(".,;:!?")


def _is_at(link: str, hosts: Iterable[str]) -> bool:
    try:
        host = _ascii(urlsplit(link if "//" in link else f"//{link}").hostname or "")
    except ValueError:
        return False
    return any(host == each or host.endswith(f".{each}") for each in map(_ascii, hosts))


def _ascii(host: str) -> str:
    """`host` as it is asked for, in small ASCII letters; as it is where it cannot be."""
    host = host.casefold().rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _next_step(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    text = said.text
    if "?" in text or next(_links(text), None) or next(rows(book.next_steps, text), None):
        return
    yield "", "no next step: say what happens now, or what to do"


RULES: Mapping[str, Look] = {
    "placeholder": _placeholder,
    "language": _language,
    "reason": _reason,
    "help_route": _help_route,
    "stop_words": _stop_words,
    "email": _email,
    "phone": _phone,
    "card": _card,
    "shouting": _shouting,
    "partner_link": _partner_link,
    "utm": _utm,
    "next_step": _next_step,
}
