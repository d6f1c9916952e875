"""The user's keys: a table `[keymap]`, or `[keys]` in a file of their own, read with their places.

What an action or a key is, is checked where the screens are known.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from modtui.config.paths import Paths
from modtui.config.reader import Problem, Source, Where, expanded, nearest, read_source, shown
from modtui.domain.frozen import dataclass


@dataclass(frozen=True, slots=True)
class KeyWish:
    """Which keys an action is to have, comma separated, and where that is written."""

    id: str
    keys: str
    where: Where


def read_wishes(
    paths: Paths, sources: Sequence[Source], problems: list[Problem]
) -> tuple[tuple[KeyWish, ...], tuple[str, ...]]:
    """Return the wishes and the keymap files that were read. None of the actions twice."""
    found: list[KeyWish] = []
    files: list[Path] = []
    for source in sources:
        value = source.data.get("keymap")
        if isinstance(value, Mapping):
            found += _wishes(source, ("keymap",), value, problems)
        elif isinstance(value, str) and value.strip():
            files.append(paths.config / expanded(value))
            if not os.path.isfile(files[-1]):
                what = f"there is no file {files.pop()}"
                problems.append(Problem(source.where("keymap"), "keymap", what))
        elif value is not None:
            what = f"{shown(value)} is neither a table [keymap] nor the name of a file"
            problems.append(Problem(source.where("keymap"), "keymap", what))
    if not any(isinstance(source.data.get("keymap"), str) for source in sources):
        files += [paths.keymap_file] if os.path.isfile(paths.keymap_file) else []
    for file in files:
        found += _file(file, problems)
    return _once(found, problems), tuple(str(file) for file in files)


def _file(file: Path, problems: list[Problem]) -> Iterator[KeyWish]:
    source = read_source(file, problems)
    for key, value in (source.data if source else {}).items():
        if source is None or (key == "keys" and isinstance(value, Mapping)):
            continue
        what = f"is not known here{nearest(key, ['keys'])}: this file holds the table [keys]"
        problems.append(Problem(source.where(key), key, what))
    if source is not None and isinstance(source.data.get("keys"), Mapping):
        yield from _wishes(source, ("keys",), source.data["keys"], problems)


def _wishes(
    source: Source, path: tuple[str, ...], table: Mapping[str, Any], problems: list[Problem]
) -> Iterator[KeyWish]:
    """What `table` asks for: `queue.reply` without quotes is a table in a table, and meant so."""
    for key, value in table.items():
        here = (*path, key)
        name = ".".join(here[1:])
        listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if isinstance(value, Mapping):
            yield from _wishes(source, here, value, problems)
        elif isinstance(value, str) or listed:
            keys = value if isinstance(value, str) else ",".join(value)
            yield KeyWish(name, keys, source.where(*here))
        else:
            what = f'{shown(value)} is not a text with keys, such as "R,ctrl+y"'
            problems.append(Problem(source.where(*here), name, what))


def _once(wishes: Sequence[KeyWish], problems: list[Problem]) -> tuple[KeyWish, ...]:
    first: dict[str, KeyWish] = {}
    for wish in wishes:
        other = first.setdefault(wish.id, wish)
        if other is not wish:
            what = f"is there twice: the other is at {other.where}"
            problems.append(Problem(wish.where, wish.id, what))
    return tuple(first.values())
