"""How values lie in the database: times, raw text, lists; and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from modtui.domain.text import Clean

MOST_ROWS = 10_000
"""Deliveries that are asked for at once. Hundreds of timed ends may wait for their time before what
is to be sent now."""

T = TypeVar("T")
Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY_SECONDS = 86_400
_SECOND = 1_000_000
_CHUNK = 500
_SHORT = 64
_encode = json.JSONEncoder(ensure_ascii=False).encode
_quoted = json.encoder.encode_basestring
# As `json.loads`, which looks for spaces around what we wrote as well: of a hundred thousand events
# that is as much again.
_decode = json.JSONDecoder().raw_decode


def stamp(at: datetime) -> int:
    """Microseconds since 1970 UTC. Raises TypeError for a naive time."""
    # A quarter faster than a division of timedeltas; a new thread has a dozen of them.
    since = at - _EPOCH
    return (since.days * _DAY_SECONDS + since.seconds) * _SECOND + since.microseconds


def stamp_or_none(at: datetime | None) -> int | None:
    """Return `stamp` of a moment, or None."""
    return None if at is None else stamp(at)


def moment(microseconds: int) -> datetime:
    """The aware UTC time of a stamp."""
    # Twice as fast as timedelta(microseconds=...), of which a listing makes a hundred thousand.
    return _EPOCH + _MICROSECOND * microseconds


def moment_or_none(microseconds: int | None) -> datetime | None:
    """Return `moment` of a stamp, or None."""
    return None if microseconds is None else _EPOCH + _MICROSECOND * microseconds


def raw_bytes(raw: str) -> bytes:
    """Evidence as bytes: NULs and lone surrogates survive the round trip."""
    return raw.encode("utf-8", "surrogatepass")


def raw_text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogatepass")


def cleaned(stored: str) -> Clean:
    """Text that was `Clean` when it was stored."""
    return Clean(stored)


def cleaned_or_none(stored: str | None) -> Clean | None:
    return None if stored is None else Clean(stored)


def listed(values: Iterable[object]) -> str:
    """A list as JSON text."""
    values = list(values)
    return _encode(values) if values else "[]"


@lru_cache(maxsize=1024)
def listed_words(words: tuple[str, ...]) -> str:
    """Return `listed` of words: the few reasons and tags that thousands of threads have."""
    return listed(words)


def listed_detail(detail: Iterable[tuple[str, str | int | None]]) -> str:
    """Return `listed` of the pairs of an event, which are too many to be encoded in general."""
    pairs = [
        f"[{_name(name)}, {_quoted(value) if type(value) is str else _plain(value)}]"
        for name, value in detail
    ]
    return f"[{', '.join(pairs)}]"


@lru_cache(maxsize=256)
def _name(name: str) -> str:
    """The few names that the details of all events have."""
    return _quoted(name)


def _plain(value: str | int | None) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if type(value) is int:
        return str(value)
    return "null" if value is None else _encode(value)


def unlisted(stored: str) -> tuple[Any, ...]:
    """The list that `listed` wrote; the tuples within come back as lists."""
    return _short(stored) if len(stored) <= _SHORT else tuple(_decode(stored)[0])


@lru_cache(maxsize=1024)
def _short(stored: str) -> tuple[Any, ...]:
    """The few reasons and tags that thousands of threads have."""
    return tuple(_decode(stored)[0])


def scrubbed(value: object) -> object:
    """A parameter the database can hold as text: a lone surrogate becomes U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


LISTED = "(SELECT value FROM json_each(?))"
"""What stands behind IN for any number of ids: one parameter, made by `listed`. A list of marks
would be a statement of its own for each length, and be kept as such."""


def marks(count: int) -> str:
    """`count` placeholders for IN (…)."""
    return ",".join("?" * count)


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """Slices small enough to be the parameters of one statement."""
    held = list(values)
    for start in range(0, len(held), _CHUNK):
        yield held[start : start + _CHUNK]
