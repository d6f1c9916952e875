"""Checks on the words of a reply before it leaves: what is wrong, which words, and what to do.

Every rule is off, warns or blocks, for all accounts or for one. What they look for is data that the
team owns; a rule without data finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from modtui.domain.frozen import dataclass
from modtui.domain.help_routes import Heads, rows
from modtui.domain.language import guess


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
    thread; `route`: the open help route, `help_links`: any of which is enough, `helps`: it is a
    help entry; `disclaimed`: the disclaimer stands in it; `removed`: it explains a removal, for
    which one of `grounds` is to stand in it; `ours`: addresses and numbers that we publish;
    `quotes`: what looks like a placeholder and is none."""

    text: str
    account: str
    language: str | None = None
    wanted: str | None = None
    route: str | None = None
    helps: bool = False
    help_links: tuple[str, ...] = ()
    disclaimed: bool = True
    removed: bool = False
    grounds: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


Look = Callable[[CheckBook, Said], Iterator[tuple[str, str]]]

_PLACEHOLDER = re.compile(r"\{[a-z][a-z0-9_]*\}")
_LINK = re.compile(r"https?://[^\s<>«»“”\"')\]]+", re.IGNORECASE)
_BARE_LINK = re.compile(
    r"(?<![\w@/:.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?:[/?#:][^\s<>«»“”\"')\]]*)?(?![\w@])", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w/.])\+?\(?\d(?:[\s().-]{0,2}\d){6,18}(?!\w)")
_ROW = re.compile(r"\d(?:[\s().-]{0,2}\d){12,}")
_DIGITS = re.compile(r"\d+")
_MENTION = re.compile(r"(?<!\w)@[\w.-]*\w")
_CAPITALS = re.compile(r"[^\W\d_]{2,}(?:[^\w\n]+[^\W\d_]{2,})*")
_MARKS = re.compile(r"[!?]{3,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
SHOUTED_WORDS = 3
LONG_ENOUGH = 24
"""So many characters a text has at least before its language is guessed."""
PHONE_DIGITS = range(9, 16)
CARD_DIGITS = range(13, 20)
CARD_GROUPS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4)})
"""How the digits of a card are set apart (ISO/IEC 7812; fifteen and fourteen of some issuers)."""


def review(book: CheckBook, said: Said) -> tuple[Finding, ...]:
    """Return what the rules that are on find in `said`, what blocks first."""
    found: list[Finding] = []
    for rule, look in RULES.items():
        level = book.level(rule, said.account)
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


def luhn(digits: str) -> bool:
    """Return whether `digits` bear the check digit of a payment card (ISO/IEC 7812)."""
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return bool(digits) and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def impersonal(text: str) -> str:
    """Return `text` without links, e-mail addresses, telephone and card numbers, and the names of
    accounts that follow an @."""
    for personal in (_LINK, _EMAIL, _NUMBER, _MENTION):
        text = personal.sub(" ", text)
    return text


def _placeholder(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for words in dict.fromkeys(_PLACEHOLDER.findall(said.text)):
        if words not in said.quotes:
            yield words, "is not filled in"


def _language(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    bare = _LINK.sub(" ", said.text)
    looks = guess(bare) if len(bare.strip()) >= LONG_ENOUGH else None
    here = looks or said.language
    if here and said.wanted and here != said.wanted:
        yield "", f"the thread is in {said.wanted}, this is in {here}"


def _reason(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    grounds = [each.casefold() for each in said.grounds if each]
    text = said.text.casefold()
    if said.removed and not any(each in text for each in grounds):
        yield "", "a post was removed: say for which rule, with its link"


def _help_route(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    if said.route is None:
        return
    if not said.disclaimed:
        yield "", f"the disclaimer is missing: the help route {said.route} is open"
    if (
        said.help_links
        and not said.helps
        and not any(each in said.text for each in said.help_links)
    ):
        yield "", f"no help is named: the help route {said.route} is open ({said.help_links[0]})"


def _stop_words(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for words in dict.fromkeys(words for _, words in rows(book.stop_words, said.text)):
        yield words, "is a stop word of the team: say it calmly in other words"


def _email(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for found in _EMAIL.findall(_LINK.sub(" ", said.text)):
        if not _allowed(found, book, said):
            yield found, "is an e-mail address: take personal data out"


def _numbers(said: Said) -> Iterator[tuple[str, str]]:
    for found in _NUMBER.findall(_LINK.sub(" ", said.text)):
        yield found.strip(), "".join(c for c in found if c.isdecimal())


def _is_card(digits: str) -> bool:
    return len(digits) in CARD_DIGITS and luhn(digits)


def _cards(row: str) -> Iterator[str]:
    """The digits of each card in a row of digits: all of it, or those of its groups that stand as
    on a card, where a date, a check code or another number stands beside them."""
    groups = _DIGITS.findall(row)
    if _is_card(whole := "".join(groups)):
        yield whole
        return
    for at, group in enumerate(groups):
        sizes = tuple(len(each) for each in groups[at : at + 4])
        found = [group]
        found += ["".join(groups[at : at + n]) for n in (3, 4) if sizes[:n] in CARD_GROUPS]
        yield from filter(_is_card, found)


def _card(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    allowed = ["".join(_DIGITS.findall(each)) for each in (*book.allow, *said.ours)]
    for row in _ROW.findall(_LINK.sub(" ", said.text)):
        for card in _cards(row):
            if not any(card in each for each in allowed):
                # The number is not to be repeated anywhere.
                yield f"…{card[-4:]}", "is a payment card number: take it out"


def _phone(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    for found, digits in _numbers(said):
        plausible = len(digits) in PHONE_DIGITS and not any(_cards(found))
        if plausible and not _allowed(found, book, said):
            yield found, "is a phone number: take personal data out"


def _allowed(found: str, book: CheckBook, said: Said) -> bool:
    return any(found in each or (each and each in found) for each in (*book.allow, *said.ours))


def _shouting(_: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    text = _LINK.sub(" ", said.text)
    for run in _CAPITALS.findall(text):
        for loud in _loud(run):
            yield loud, "is shouting: write it in ordinary letters"
    for marks in _MARKS.findall(text):
        yield marks, "is shouting: one mark is enough"


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
    text = said.text.casefold()
    if any(label.casefold() in text for label in book.labels):
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
    yield from _LINK.findall(text)
    for bare in _BARE_LINK.findall(_LINK.sub(" ", text)):
        yield bare.rstrip(".,;:!?")


def _is_at(link: str, hosts: Iterable[str]) -> bool:
    try:
        host = urlsplit(link if "://" in link else f"//{link}").hostname or ""
    except ValueError:
        return False
    host = host.casefold().rstrip(".")
    return any(host == each.casefold() or host.endswith(f".{each.casefold()}") for each in hosts)


def _next_step(book: CheckBook, said: Said) -> Iterator[tuple[str, str]]:
    text = said.text
    if "?" in text or _LINK.search(text) or next(rows(book.next_steps, text), None):
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
