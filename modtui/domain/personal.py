"""Personal data in a text: e-mail addresses, telephone numbers, numbers of payment cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A pair of round brackets belongs to a link, a closing one alone does not.
LINK = re.compile(r"https?://(?:\([^\s<>«»“”\"'()]*\)|[^\s<>«»“”\"')\]])+", re.IGNORECASE)

_PHONE_DIGITS = range(9, 16)
_CARD_DIGITS = range(13, 20)
_CARD_GROUPS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4)})
"""How the digits of a card are set apart (ISO/IEC 7812; fifteen and fourteen of some issuers)."""
_NO_CARD = ("0", "1", "7")
"""What begins so is for other trades than payment; times in milliseconds do."""

_EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w/.])\+?\(?\d(?:[\s().-]{0,2}\d){6,18}(?!\w)")
_PHONE_LINK = re.compile(
    r"(?:wa\.me/|whatsapp\.com/send/?\?phone=|(?<!\w)t\.me/(?=\+))(\+?\d{9,15})", re.IGNORECASE
)
_ROW = re.compile(r"\d(?:[\s().,/_-]{0,3}\d){12,}")
_APART = re.compile(r"[,/_]|\W{3}")
_DIGITS = re.compile(r"\d+")
_MENTION = re.compile(r"(?<!\w)@[\w.-]*\w(?:@[\w.-]*\w)?")
_MARKUP = re.compile(r"<(?:[@#][!&]?|a?:\w+:)\d+>")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b")
_DAY = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([.-])\d\d\1\d\d|\d\d?([./-])\d\d?\2(?:19|20)\d\d)(?!\d)"
)
_TIME = re.compile(r"(?<![\d-])\d\d?:\d\d(?::\d\d)?(?!\d)")
_REQUEST = re.compile(
    r"(?:[#№]|\bID:?) ?(?![78]\d{10}(?!\d))\d{4,}(?![\s().-]{0,2}\d)", re.IGNORECASE
)
_AMOUNT = re.compile(
    r"(?<![\d+(])\d{1,3}(?:[\s.]\d{3})+(?:\s?-\s?\d{1,3}(?:[\s.]\d{3})+)?(?:,\d\d)?(?![\s.-]?\d)"
    r"(\s?(?:[$€₽₸₾£]|(?:zł|PLN|USD|EUR|GEL|KZT|RUB|руб|тг|тенге|теңге|ლარი)\b))?"
)


def luhn(digits: str) -> bool:
    """Return whether `digits` bear the check digit of a payment card (ISO/IEC 7812)."""
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return bool(digits) and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def emails(text: str) -> Iterator[str]:
    """Yield the e-mail addresses in `text` that stand in no link; `@name@host` is none."""
    yield from _EMAIL.findall(LINK.sub(" ", text))


def phones(text: str) -> Iterator[str]:
    """Yield the telephone numbers in `text`, also those that a link of a messenger rings up."""
    yield from _PHONE_LINK.findall(text)
    text = _uncounted(text, _PHONE_LINK, _REQUEST)
    for found in _NUMBER.findall(_AMOUNT.sub(_unless_amount, text)):
        if len(digits(found)) in _PHONE_DIGITS and not any(_cards(found)):
            yield found.strip()


def cards(text: str) -> Iterator[str]:
    """Yield the digits of each payment card number in `text`, by its check digit."""
    for row in _ROW.findall(_uncounted(text, _MARKUP)):
        yield from _cards(row)


def impersonal(text: str) -> str:
    """Return `text` without links, e-mail addresses, telephone and card numbers, and the names of
    accounts that follow an @."""
    for personal in (LINK, _EMAIL, _NUMBER, _MENTION):
        text = personal.sub(" ", text)
    return text


def digits(text: str) -> str:
    """Return the digits of `text` in one row, as 0 to 9."""
    return "".join(str(int(c)) for c in text if c.isdecimal())


def _uncounted(text: str, *more: re.Pattern[str]) -> str:
    """`text` without links, and without numbers that are something else."""
    text = _ACCOUNT.sub(_unless_account, LINK.sub(" ", text))
    for other in (_DAY, _TIME, *more):
        text = other.sub(" ", text)
    return text


def _unless_account(found: re.Match[str]) -> str:
    """Nothing for a bank account number, by its check digits (ISO 13616)."""
    number = "".join(found[0].split())
    rest = int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97
    return " " if rest == 1 else found[0]


def _unless_amount(found: re.Match[str]) -> str:
    return " " if found[1] or len(re.findall(r"\b000\b", found[0])) > 1 else found[0]


def _cards(row: str) -> Iterator[str]:
    """The digits of each card in a row of digits: all of it, or those of its groups that stand as
    on a card, where a date, a check code or another number stands beside them."""
    groups = [digits(each) for each in _DIGITS.findall(row)]
    if _is_card(whole := "".join(groups)) and not _APART.search(row):
        yield whole
        return
    for at, group in enumerate(groups):
        sizes = tuple(len(each) for each in groups[at : at + 4])
        found = [group]
        found += ["".join(groups[at : at + n]) for n in (3, 4) if sizes[:n] in _CARD_GROUPS]
        yield from filter(_is_card, found)


def _is_card(number: str) -> bool:
    return len(number) in _CARD_DIGITS and number[0] not in _NO_CARD and luhn(number)
