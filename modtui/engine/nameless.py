"""Rows of a list that name no thread and cannot be read: which of them it had before. Pure.

Most stay as they are. One that changes is another than before, and may be a thread that could be
read until then; one that was seen to change and change again is taken to be the same once more.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from modtui.connectors import Broken
from modtui.domain.frozen import dataclass
from modtui.domain.model import Thread

_RESTLESS = 2
"""How often a row was seen to change before it is followed through the next change."""
_SHORTEST = 4
_DEEPEST = 20
_TAIL = re.compile(r"[^\W_]+\Z")


@dataclass(frozen=True, slots=True)
class Nameless:
    """A row that names no thread and cannot be read, without what it holds: a hash of the `keys` it
    has, and how often it was seen to change."""

    keys: int
    changes: int = 0


def nameless(unread: Iterable[Broken]) -> dict[int, str]:
    """Return what the rows of `unread` hold that name no thread, each under a hash of that, equal
    ones by which of them they are."""
    rows: dict[int, str] = {}
    equal: Counter[str] = Counter()
    for one in unread:
        if not one.subject:
            rows[hash((one.raw, equal[one.raw]))] = one.raw
            equal[one.raw] += 1
    return rows


def follow(
    rows: Mapping[int, str], before: Mapping[int, Nameless]
) -> tuple[dict[int, Nameless], bool]:
    """Return the `rows` of a list, by their hash, as they are known by those of the list before,
    and whether all of them were on it: as they are, or as one that is known to change."""
    known = {name: before[name] for name in rows if name in before}
    went: dict[int, list[Nameless]] = defaultdict(list)
    for name in before.keys() - rows.keys():
        went[before[name].keys].append(before[name])
    came: dict[int, list[int]] = defaultdict(list)
    for name in rows.keys() - known.keys():
        came[_keys(rows[name])].append(name)
    same = True
    for keys, names in came.items():
        gone = went[keys]
        restless = sum(one.changes >= _RESTLESS for one in gone)
        same = same and len(names) <= restless
        # Which of them became which is not told: what can be said of each can be said of all.
        changes = 0 if len(names) > len(gone) else 1 + min(one.changes for one in gone)
        known |= dict.fromkeys(names, Nameless(keys, changes))
    return known, same


def tells_of(raw: str, thread: Thread) -> bool:
    """Whether a row holds anything by which a thread is known: its id, address, title or author."""
    tail = _TAIL.search(thread.subject)
    whole = {thread.subject, thread.author.remote_id, str(thread.author.name)}
    if tail is not None:
        whole.add(tail[0])
    if any(re.search(rf"(?<!\w){re.escape(_quoted(one))}(?!\w)", raw) for one in whole if one):
        return True
    parts = (thread.url or "", str(thread.title))
    return any(_quoted(part) in raw for part in parts if len(part) >= _SHORTEST)


def _quoted(words: str) -> str:
    return msgspec.json.encode(words).decode()[1:-1]


def _keys(raw: str) -> int:
    """Return a hash of the keys in a row, whatever stands under them."""
    try:
        return hash(frozenset(_paths(msgspec.json.decode(raw), "")))
    except msgspec.DecodeError:
        # It was cut: nothing else is like it.
        return hash(raw)


def _paths(value: object, here: str, deep: int = 0) -> Iterator[str]:
    yield here or type(value).__name__
    if isinstance(value, dict) and deep < _DEEPEST:
        for key, inner in value.items():
            yield from _paths(inner, f"{here}/{key}", deep + 1)
    elif isinstance(value, list) and deep < _DEEPEST:
        for inner in value:
            yield from _paths(inner, f"{here}/", deep + 1)
