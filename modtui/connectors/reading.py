"""What connectors share in reading answers: times, HTML, links, items that are broken. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, TypeVar
from urllib.parse import urljoin

import msgspec

from modtui.connectors import Broken
from modtui.domain.model import Post
from modtui.domain.text import BLANK, Clean, clean, clean_line, literal

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RAW_LIMIT = 64_000
_BREAKS = {"p", "br", "li", "div", "blockquote", "pre", "tr", "h1", "h2", "h3", "h4", "hr"}
_UNSAID = {"script", "style", "template"}
_LINK = re.compile("<([^>]*)>([^<]*)")
_RELATION = re.compile(r';\s*rel="?([^",;]+)', re.IGNORECASE)
_NAMES = re.compile(r"\b(?:mention|hashtag)\b")
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_GAPS = re.compile(r"\n{3,}")
_LISTS = {"ul", "ol"}
_CELLS = {"td", "th"}
_APART = {"p", "ul", "ol", "blockquote", "pre", "table", "h1", "h2", "h3", "h4"}
"""What a blank line follows in a letter."""


def moment(milliseconds: int, now: datetime) -> datetime:
    """Return a server's time stamp. A sender may write any number: kept within 1970 … now."""
    seconds = min(max(milliseconds, 0) / 1000, (now - _EPOCH).total_seconds())
    return datetime.fromtimestamp(seconds, UTC)


def iso_moment(text: object, now: datetime) -> datetime:
    """Return an ISO 8601 time in UTC, kept within 1970 … now; what is none is now."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else now
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return now
    return min(max(at, _EPOCH), now)


def iso_text(at: datetime) -> str:
    """Return a time as platforms take it: ISO 8601 in UTC, to the millisecond, with a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def broken(where: str, why: str, raw: Any, subject: str = "") -> Broken:
    """Return an item that could not be read, cut to a size worth keeping; `subject`: of which
    thread it is, "" where it does not say."""
    return Broken(where, str(clean_line(why, limit=200)), raw_json(raw), subject)


def named_in(raw: Any, *path: str) -> str:
    """Return the id under `path` in an item that cannot be read; "" where it has none."""
    for name in path:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""


def raw_json(raw: Any) -> str:
    """Return `raw` as JSON text, the evidence."""
    return clean(msgspec.json.encode(raw).decode("utf-8", "replace")).raw[:_RAW_LIMIT]


def title_of(post: Post) -> Clean:
    """Return the first line of a post, for the queue."""
    line = clean_line(post.text.strip().partition("\n")[0], limit=120)
    return line or (post.media[0] if post.media else BLANK) or literal("[no text]")


def because(*parts: str | None) -> str:
    """Return a rule and a reason as one line for the platform; nothing where there are none."""
    return " · ".join(part for part in parts if part)


def says(said: object, text: str) -> bool:
    """Return whether a platform's `said` is our `text`; blanks are compared as one."""
    return isinstance(said, str) and said.split() == text.split()


def load_cursor(text: str | None, kind: type[T]) -> T:
    """Return what `dump_cursor` wrote; that of another version, or None, reads as a new one.

    Reading again from the start repeats what the store has, and loses nothing.
    """
    try:
        return msgspec.json.decode(text or "{}", type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return kind()


def dump_cursor(state: object) -> str:
    """Return a connector's state as the opaque text of a cursor."""
    return msgspec.json.encode(state).decode()


def subjects_of(unread: Iterable[Broken]) -> frozenset[str]:
    """Return the threads of rows that could not be read, as far as these name them."""
    return frozenset(one.subject for one in unread if one.subject)


def convert_each(
    items: Iterable[Any], kind: type[T], where: str, subject: Callable[[Any], str] | None = None
) -> tuple[tuple[T, ...], tuple[Broken, ...]]:
    """Return the items that are of `kind`, and the others as broken ones of `where`; `subject`
    finds the thread that an item is of, and "" where it does not say."""
    good: list[T] = []
    bad: list[Broken] = []
    for raw in items:
        try:
            good.append(msgspec.convert(raw, kind))
        except msgspec.ValidationError as error:
            bad.append(broken(where, str(error), raw, subject(raw) if subject else ""))
    return tuple(good), tuple(bad)


def links(header: str, base: str) -> Mapping[str, str]:
    """Return the addresses of a Link header by their relation (RFC 8288), those that are relative
    made absolute by `base`."""
    found: dict[str, str] = {}
    for target, rest in _LINK.findall(header):
        relation = _RELATION.search(rest)
        for name in relation[1].lower().split() if relation else ():
            found.setdefault(name, urljoin(base, target.strip()))
    return found


def plain_text(html: str) -> str:
    """Return the words of a piece of HTML as a reader would see them, paragraphs on lines of their
    own, pictures by their description, and of a link that shows other words also the address."""
    return _GAPS.sub("\n\n", "".join(_heard(_Words(), html))).strip()


def letter_text(html: str) -> str:
    """Return a piece of HTML as `plain_text` does, laid out like a letter that is to be sent: a
    blank line between paragraphs, lists with their marks, the cells of a table apart."""
    said = "".join(_heard(_Letter(), html))
    lines = (line.rstrip() for line in said.split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def _heard(reader: _Words, html: str) -> list[str]:
    reader.feed(html)
    reader.close()
    return reader.said


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in _UNSAID:
            self._silent += 1
        elif tag in _BREAKS:
            self._line()
        elif tag == "a":
            known = _NAMES.search(named.get("class") or "")
            self._links.append(("" if known else named.get("href") or "", len(self.said)))
        elif tag == "img":
            words = named.get("alt") or named.get("title") or ""
            emoji = "emoji" in (named.get("class") or "")
            self.said.append(words if emoji else f"[image {words}]".replace(" ]", "]"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSAID:
            self._silent = max(self._silent - 1, 0)
        elif tag in _BREAKS - {"br", "hr"}:
            self._line()
        elif tag == "a" and self._links:
            href, begun = self._links.pop()
            shown = "".join(self.said[begun:]).strip()
            bare = re.sub(r"^(https?://)?(www\.)?|/$", "", href)
            if "://" in href and bare != re.sub(r"^(https?://)?(www\.)?|/$", "", shown):
                self.said.append(f" ({href})")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(_BLANKS.sub(" ", data))

    def _line(self) -> None:
        if self.said and not self.said[-1].endswith("\n"):
            self.said.append("\n")


class _Letter(_Words):
    def __init__(self) -> None:
        super().__init__()
        self._lists: list[int | None] = []
        self._mark = ""
        self._exact = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            # Two of them are a blank line.
            self.said.append("\n")
            return
        super().handle_starttag(tag, attrs)
        if tag in _LISTS:
            start = dict(attrs).get("start") or ""
            number = int(start) if start.isdecimal() else 1
            self._lists.append(number if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag == "pre":
            self._exact += 1
        elif tag in _CELLS and self.said and not self.said[-1].endswith("\n"):
            self.said.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag in _LISTS and self._lists:
            self._lists.pop()
        if tag == "pre":
            self._exact = max(self._exact - 1, 0)
        if tag in _APART and not self._lists:
            self._line()
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if self._exact and not self._silent:
            self.said.append(data)
            return
        words = _SPACES.sub(" ", data)
        begins = not self.said or self.said[-1].endswith("\n")
        words = words.lstrip(" ") if begins else words
        if words and not self._silent:
            self.said.append(self._mark + words)
            self._mark = ""

    def _next_mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        return "  " * (len(self._lists) - 1) + (f"{number}. " if number is not None else "- ")
