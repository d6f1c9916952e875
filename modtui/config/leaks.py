"""Secrets that stand in a configuration file, found by their key or by the shape of the value.

What is found is named by its place and never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from modtui.config.reader import Problem, Source, Where

_NAMED = (
    r"(?:[^=\s]*[_-])?(?:token|api[_-]?key|password|passwd|passphrase|client[_-]?secret"
    r"|private[_-]?key|secret[_-]?key|access[_-]?key|credentials?|authorization|bearer|cookie)"
)
_KEY = re.compile(_NAMED, re.IGNORECASE)
# The prefixes by which each platform's own documentation says that its tokens are known. A
# pattern is compiled where its sign is met, which stands in all that the pattern matches.
_SHAPES = (
    ("a Matrix access token", "_", r"\b(?:syt|syr|syl|mat|mct|mcr)_[A-Za-z0-9+/=_-]{8,}"),
    ("a GitHub token", "_", r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,})"),
    ("a Slack token", "xox", r"\bxox[a-z]-[A-Za-z0-9-]{8,}"),
    (
        "a Discord token",
        ".",
        r"\b[A-Za-z0-9][A-Za-z0-9_-]{22,30}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    ),
    ("a JSON web token", "eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"),
    ("a bearer token", "Bearer", r"\bBearer\s+[A-Za-z0-9._~+/-]{12,}=*"),
    ("a private key", "PRIVATE KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    (
        "an address with a password in it",
        "@",
        r"\b[A-Za-z][A-Za-z0-9+.-]*://(?:[^/\s@?#]*:[^/\s@?#]+|[A-Za-z0-9_.-]{16,})@",
    ),
    (
        "an address with a token in it",
        "=",
        r"(?i)[?&#](?:[a-z]+[_-])*(?:token|api[_-]?key|access[_-]key|secret|password|passwd)"
        r"=[^&\s#]{6,}",
    ),
    (
        "a word with a secret in it",
        "=",
        rf"(?i)(?<!\S)-{{0,2}}{_NAMED}=(?=\S*\d)[^/~.${{@<\s][^{{\s]{{5,}}(?!\S)",
    ),
)


def secret_like(key: str) -> bool:
    """Return whether `key` sounds like a credential, which is never kept in a file."""
    return bool(_KEY.fullmatch(key))


def shape(value: str) -> str:
    """Return what kind of secret `value` looks like, or ""."""
    shapes = ((what, pattern) for what, sign, pattern in _SHAPES if sign in value)
    return next((what for what, pattern in shapes if re.search(pattern, value)), "")


def find_leaks(source: Source) -> list[Problem]:
    """Return one problem for each place of the file at which a secret stands."""
    found: dict[object, Problem] = {}
    for path, words in _walk(source.data, ()):
        where = source.where(*path)
        dotted = _masked(".".join(part for part in path if isinstance(part, str)))
        what = f"{words}: modtui login {_account(source.data, path)} keeps them; take it out"
        found.setdefault(where, Problem(where, dotted, what))
    for number, line in enumerate(source.text.split("\n"), 1):
        comment, place = line.partition("#")[2], Where(source.file, number)
        if kind := shape(comment):
            what = f"holds {kind}, and secrets do not belong here, nor in a comment: take it out"
            found.setdefault(place, Problem(place, "", what))
    return list(found.values())


def without_echo(problems: Iterable[Problem], leaks: Iterable[Problem]) -> list[Problem]:
    """Return the problems with the leaks, each of which stands for whatever else is wrong at its
    place: another line could quote the value."""
    leaks = list(leaks)
    places = {leak.where for leak in leaks}
    others = (problem for problem in problems if problem.where not in places)
    return [*(replace(problem, what=_masked(problem.what)) for problem in others), *leaks]


def _masked(text: str) -> str:
    for _, sign, pattern in _SHAPES:
        if sign in text:
            text = re.sub(pattern, "****", text)
    return text


def _walk(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*path, key)
            # Says where the secret is kept; a secret in its place has words of its own.
            if path[:1] == ("account",) and key == "secret":
                continue
            if kind := shape(key):
                yield here, f"looks like {kind}, and secrets do not belong here"
            elif secret_like(key) and not isinstance(inner, Mapping | bool):
                yield here, "secrets do not belong here"
            else:
                yield from _walk(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*path, index))
    elif isinstance(value, str) and (kind := shape(value)):
        yield path, f"holds {kind}, and secrets do not belong here"


def _account(data: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    """Return the account whose table `path` is in, or what stands for one."""
    match path:
        case ("account", int(index), *_):
            name = data["account"][index].get("name")
            if isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9-]*", name):
                return name
    return "NAME"
