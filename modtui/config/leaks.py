"""Secrets that stand in a configuration file, found by their key or by the shape of the value.

What is found is named by its place and never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby, pairwise
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
    ("an address with a name or a secret in it", "@", r"(?i)\bhttps?://[^/\s@?#]+@"),
    (
        "an address with a token in it",
        "=",
        r"(?i)[?&#;](?:[a-z]+[_-])*(?:token|api[_-]?key|access[_-]?key|secret|password|passwd|pwd)"
        r"=[^&\s#{$][^&\s#]{3,}",
    ),
    (
        "the address of a webhook of Slack, which is a secret",
        "hooks.slack.com/",
        r"\bhooks\.slack\.com/[a-z]+/[A-Za-z0-9_/-]{20,}",
    ),
    (
        "the address of a webhook of Discord, which is a secret",
        "/webhooks/",
        r"\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/[A-Za-z0-9_-]{20,}",
    ),
    (
        "the address of a webhook of Teams, which is a secret",
        ".webhook.office.com/",
        r"\.webhook\.office\.com/[a-z0-9]+/\S{20,}",
    ),
    # What such a key names is as a rule no secret: it must look like one.
    (
        "an address with a key in it",
        "=",
        r"[?&#;](?i:[a-z]*[_-]?key|auth|sig|signature)="
        r"(?:(?=[^&\s#]*\d)(?=[^&\s#]*[a-z])(?=[^&\s#]*[A-Z])[A-Za-z0-9._~%+/-]{16,}"
        r"|[0-9a-f]{24,})",
    ),
    (
        "a header with a secret in it",
        ":",
        r"(?i)\b(?:authorization|cookie|(?:[a-z]+-)*(?:token|api-?key)):\s*"
        r"(?:(?:bearer|token|basic|bot)\s+)?(?=[^\s\"']*\d)[^{$\s\"'][^{\s\"']{7,}",
    ),
    (
        "a word with a secret in it",
        "=",
        rf"(?i)(?<!\S)-{{0,2}}{_NAMED}=(?=\S*\d)[^/~.${{@<\s][^{{\s]{{5,}}(?!\S)",
    ),
)

_COMMANDS = ("secret_command", "command")
_VALUE = r"(?=.*\d)[^-/~.${@<][^{]{5,}"
_ENDS = frozenset({";", "&&", "||", "&", "(", ")"})
_AWAY = frozenset({"|", ">", ">>", ">&", "|&"})
"""What leads the output of a part of a script elsewhere."""


def secret_like(key: str) -> bool:
    """Return whether `key` sounds like a credential, which is never kept in a file."""
    return bool(_KEY.fullmatch(key))


def shape(value: str) -> str:
    """Return what kind of secret `value` looks like, or ""."""
    shapes = ((what, pattern) for what, sign, pattern in _SHAPES if sign in value)
    return next((what for what, pattern in shapes if re.search(pattern, value)), "")


def _given(words: Sequence[str]) -> bool:
    """Return whether a command is given a secret among its words."""
    for option, value in pairwise(words):
        name = option.lstrip("-")
        if option in ("-u", "--user") and re.fullmatch(r"[^:{$/]+:[^{$]{3,}", value):
            return True
        if name != option and secret_like(name) and re.fullmatch(_VALUE, value):
            return True
    return False


def _printed(words: Sequence[str]) -> bool:
    """Return whether a command prints words of its own, and what it prints is the secret."""
    if words[0].rpartition("/")[2] not in ("echo", "printf") or _AWAY.intersection(words):
        return False
    return any(word and word[0] not in "-%" and not set("{$`") & set(word) for word in words[1:])


def _commands(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give a command, and those in the script that it hands to a shell."""
    import shlex

    yield words
    for option, script in pairwise(words):
        if re.fullmatch("-[a-z]*c", option):
            told = shlex.shlex(script, posix=True, punctuation_chars=True)
            told.whitespace_split, told.commenters = True, ""
            with suppress(ValueError):
                for ends, part in groupby(told, lambda word: word in _ENDS):
                    if not ends:
                        yield tuple(part)


def _argv_leak(key: str, words: Any) -> str:
    """Return what is wrong with the words of the command `key`, "" for nothing."""
    if not words or not all(isinstance(word, str) for word in words):
        return ""
    parts = tuple(_commands(words))
    if key == "secret_command" and any(_printed(part) for part in parts):
        return "would have the secret in it, and secrets do not belong here"
    given = any(_given(part) for part in parts)
    return "gives a secret to a command, and secrets do not belong here" if given else ""


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
        if path and path[-1] in _COMMANDS and (words := _argv_leak(str(path[-1]), value)):
            yield path, words
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
