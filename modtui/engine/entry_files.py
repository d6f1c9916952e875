"""Files of the library that modtui writes: copies of starter entries, and new ones to fill in."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from modtui.domain.gaps import Gap
from modtui.domain.replies import Entry
from modtui.engine.library import source_of
from modtui.engine.shelf import Opening
from modtui.private import private_folder

_BLANK = """\
[[reply]]
id = "{name}"
tags = []         # such as "general"; "light" is never offered on a sensitive thread
reasons = []      # flag reasons that it answers, such as "question"
keywords = []     # words in a post that it answers, in any language
then = []         # what follows when it is sent, such as "resolve"
"""
_TEXT = '''
[reply.{language}]
title = ""
body = """
"""
approved_by = ""
'''
_ANSWERED = """\
# From an answer that was written by hand. Look it over; nothing is kept if you change nothing.
"""
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_COPIED = "# A copy of a starter entry. This one is used in its place.\n"


def copy(entry: Entry, folder: Path) -> Opening:
    """Write `entry` into a file of its own in `folder`. Raises OSError, UnicodeDecodeError."""
    text = _COPIED + source_of(entry)
    return Opening(write_new(folder, entry.id, text), 2, text)


def blank(folder: Path, languages: Sequence[str]) -> Opening:
    """Write an empty entry into a new file of `folder`: the first of `languages` is to be filled
    in, the others stand there as comments. Raises OSError."""
    first, *others = languages or ("en",)
    more = "".join(_TEXT.format(language=language) for language in others)
    text = _BLANK.format(name=_free(folder)) + _TEXT.format(language=first)
    text += "".join(f"# {line}\n" if line else "\n" for line in more.splitlines())
    return Opening(write_new(folder, _free(folder), text), 2, text)


def filled(folder: Path, gap: Gap, languages: Sequence[str], taken: Collection[str]) -> Opening:
    """Write an entry into a new file of `folder` that says what answered `gap`, in its language,
    else the first of `languages`. Its id is none of `taken`. Raises OSError."""
    import tomli_w

    from modtui.exchange import slug

    spoken = re.split("[-_]", gap.language or "")[0].lower()
    language = spoken if _LANGUAGE.fullmatch(spoken) else next(iter(languages), "en")
    name = _untaken(slug(gap.title), taken) if slug(gap.title) else _free(folder, taken)
    examples = tomli_w.dumps({"examples": [gap.question] if gap.question else []})
    words = {"title": gap.title, "body": gap.body, "approved_by": ""}
    text = _ANSWERED + _BLANK.format(name=name) + examples + f"\n[reply.{language}]\n"
    text += tomli_w.dumps(words, multiline_strings=True)
    return Opening(write_new(folder, name, text), 3, text)


def take_away(opening: Opening) -> bool:
    """Remove the file if it is as it was made; return whether it was. Raises OSError."""
    if not opening.made or opening.path.read_bytes() != opening.made.encode():
        return False
    opening.path.unlink()
    return True


def _free(folder: Path, taken: Collection[str] = ()) -> str:
    names = (f"new-reply-{number}" for number in itertools.count(1))
    free = (name for name in names if not (folder / f"{name}.toml").exists())
    return next(name for name in free if name not in taken)


def _untaken(first: str, taken: Collection[str]) -> str:
    others = (f"{first}-{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain((first,), others) if name not in taken)


def write_new(folder: Path, name: str, text: str) -> Path:
    """Write the library file `name`, or name-2 and so on where there is one; return its path.

    It is its owner's alone, and whole. Raises OSError.
    """
    private_folder(folder)
    for number in itertools.count(1):
        path = folder / (f"{name}.toml" if number == 1 else f"{name}-{number}.toml")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            path.unlink()
            raise
        return path
    raise AssertionError("counting does not end")
