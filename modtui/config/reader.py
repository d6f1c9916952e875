"""Reading one table of the configuration, with every problem noted and none raised."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from modtui.config.lines import find_lines, line_of
from modtui.domain.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a configuration file."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, which key, what is wrong and what is allowed."""

    where: Where
    key: str
    what: str

    def __str__(self) -> str:
        return (
            f"{self.where}: {self.key}: {self.what}" if self.key else f"{self.where}: {self.what}"
        )


class ConfigError(Exception):
    """The configuration cannot be used (exit code 4): every problem, one line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as written, and where."""

    value: Any
    where: Where


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one table, each with its place, and where problems are noted."""

    name: str
    where: Where
    cells: Mapping[str, Cell]
    problems: list[Problem]

    def place(self, key: str) -> Where:
        cell = self.cells.get(key)
        return cell.where if cell else self.where

    def problem(self, key: str, what: str) -> None:
        """Note that `key` is wrong."""
        dotted = f"{self.name}.{key}" if self.name and key else self.name or key
        self.problems.append(Problem(self.place(key), dotted, what))

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Return the text under `key`, or `default`."""
        cell = self.cells.get(key)
        if cell is None:
            if required:
                self.problem(key, "is missing: give a text")
            return default
        if not isinstance(cell.value, str) or (required and not cell.value.strip()):
            self.problem(key, f"{shown(cell.value)} is not a text: write it in quotes")
            return default
        return cell.value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the list of texts under `key`, or `default`."""
        cell = self.cells.get(key)
        if cell is None:
            return default
        value = cell.value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problem(key, f'{shown(value)} is not a list of texts, such as ["a", "b"]')
            return default
        return tuple(value)

    def choice(self, key: str, allowed: Iterable[str], default: str) -> str:
        """Return the text under `key` if it is one of `allowed`, else `default`."""
        words = tuple(allowed)
        value = self.text(key, default)
        if value not in words:
            self.problem(key, f'"{value}" is not one of {", ".join(words)}{nearest(value, words)}')
            return default
        return value

    def number(self, key: str, default: int) -> int:
        """Return the whole number, not negative, under `key`, or `default`."""
        cell = self.cells.get(key)
        if cell is None:
            return default
        if not isinstance(cell.value, int) or isinstance(cell.value, bool) or cell.value < 0:
            self.problem(key, f"{shown(cell.value)} is not a whole number from 0 up")
            return default
        return cell.value

    def flag(self, key: str) -> bool:
        """Return the `true` or `false` under `key`; without it, False."""
        cell = self.cells.get(key)
        if cell is None or isinstance(cell.value, bool):
            return cell is not None and cell.value is True
        self.problem(key, f"{shown(cell.value)} is not true or false, without quotes")
        return False

    def duration(
        self, key: str, default: timedelta | None, *, days: bool = True, zero: bool = False
    ) -> timedelta | None:
        """Return the duration under `key`, or `default`. `days`: whether days may be used."""
        cell = self.cells.get(key)
        if cell is None:
            return default
        try:
            return parse_duration(cell.value, days=days, zero=zero)
        except ValueError as error:
            self.problem(key, str(error))
            return default

    def only(self, known: Iterable[str], *, also: re.Pattern[str] | None = None) -> None:
        """Note every key that is not among `known` (nor matches `also`)."""
        names = tuple(known)
        for key in self.cells:
            if key in names or (also and also.fullmatch(key)):
                continue
            self.problem(key, f"unknown key{nearest(key, names)}; known keys: {', '.join(names)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)` for the known word nearest to `word`, or nothing."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), 1, 0.6)
    return f' (did you mean "{found[0]}"?)' if found else ""


def shown(value: object) -> str:
    """Return a value as a problem quotes it, cut short."""
    if isinstance(value, dict):
        return "a table"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?"


def parse_duration(value: object, *, days: bool = True, zero: bool = False) -> timedelta:
    """Return the duration that "15s", "30m", "1h30m" or (with `days`) "7d" means.

    Raises ValueError, saying what is allowed.
    """
    allowed = '"15s", "30m", "2h"' + (', "7d"' if days else "")
    word = re.search(r"\d\s*(?:d|days?)\b", value) if isinstance(value, str) else None
    if word and not days:
        raise ValueError(
            f'"{value}": days are refused, because only working time counts here;'
            f' say it in hours, such as "16h" for two days of eight hours'
        )
    match = re.fullmatch(_DURATION, value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        raise ValueError(f"{shown(value)} is not a duration: write {allowed}")
    amounts = zip(match.groups(), ("d", "h", "m", "s"), strict=True)
    try:
        result = timedelta(seconds=sum(int(n) * _UNITS[unit] for n, unit in amounts if n))
    except OverflowError:
        raise ValueError(f"{shown(value)} is too long") from None
    if not result and not zero:
        raise ValueError(f"{shown(value)} is no time at all: write {allowed}")
    return result


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was read: its tables, where each key stands, and the text itself."""

    file: str
    data: Mapping[str, Any]
    lines: Mapping[tuple[str | int, ...], int]
    text: str = ""

    def where(self, *path: str | int) -> Where:
        return Where(self.file, line_of(dict(self.lines), path))

    def cells(self, data: Mapping[str, Any], *path: str | int) -> dict[str, Cell]:
        """Return the entries of the table `data` at `path` with their places."""
        return {key: Cell(value, self.where(*path, key)) for key, value in data.items()}


def expanded(written: str) -> Path:
    """Return a path with its `~` as the home that it stands for; that of nobody stays `~`."""
    return Path(os.path.expanduser(written))


_AT = r" \(at line (\d+), column \d+\)$| \(at end of document\)$"


def read_source(path: Path, problems: list[Problem], *, places: bool = True) -> Source | None:
    """Return what the TOML file holds, or None with the problem noted. Without `places` no key
    has its line, which takes half as long again to find out."""
    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Source(str(path), tomllib.loads(text), find_lines(text) if places else {}, text)
    except OSError as error:
        problems.append(Problem(Where(str(path)), "", f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(Where(str(path), line), "", "is not UTF-8 text: save it as UTF-8"))
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits is refused by Python itself, not by the parser.
        found = re.search(_AT, str(error))
        last = text.count("\n") + 1
        line = int(found[1]) if found and found[1] else last
        what = re.sub(_AT, "", str(error))
        problems.append(Problem(Where(str(path), line), "", f"not valid TOML: {what}"))
    return None
