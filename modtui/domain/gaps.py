"""Questions that were answered by hand because the library has no good answer to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from modtui.domain.edited import mostly
from modtui.domain.frozen import dataclass
from modtui.domain.model import Post, Role, Thread
from modtui.domain.outcomes import Answer
from modtui.domain.personal import impersonal
from modtui.domain.replies import Entry
from modtui.domain.text import Clean, clean, clean_line

PERIOD = timedelta(days=28)
"""How far back answers are looked at."""
THREADS = 200
"""So many threads that were answered by hand are looked at, the newest."""
ANSWERS = 5000
"""So many replies are looked at to find them, the newest."""

_HARMLESS = str.maketrans("{}", "()")
_NAME_LENGTH = 3
_QUESTION = 300


@dataclass(frozen=True, slots=True)
class Gap:
    """A thread that was answered by hand at `at`, and what an entry may be made of: `question` is
    what the author asked, on a line, "" where nothing is left of it; `body` is the answer with
    {author} for the author's name. Title and question are without links, addresses and telephone
    numbers."""

    thread: int
    title: Clean
    language: str | None
    question: Clean
    body: str
    at: datetime

    @property
    def answer(self) -> Clean:
        """The answer on a line."""
        return clean_line(self.body)


def by_hand(answers: Iterable[Answer], entries: Mapping[str, Entry]) -> tuple[Answer, ...]:
    """Return the first of `answers`, which come newest first, that was written by hand in each of
    the newest `THREADS` threads; `entries` are the library's, by id.

    A quick reply counts as written by hand where fewer than half of the entry's words are left.
    """
    found: dict[int, Answer] = {}
    for answer in answers:
        known = answer.thread in found
        if (known or len(found) < THREADS) and _is_by_hand(answer, entries.get(answer.quick)):
            found[answer.thread] = answer
    return tuple(found.values())


def _is_by_hand(answer: Answer, entry: Entry | None) -> bool:
    if not answer.quick:
        return True
    if entry is None:
        return False
    variant = entry.variant((answer.language,) if answer.language else ())
    return not mostly(variant, answer.text)


def gap(answer: Answer, thread: Thread, posts: Iterable[Post], language: str | None) -> Gap:
    """Return the gap that `answer` closed by hand. `posts` are those before it, in order."""
    author, name = thread.author.remote_id, thread.author.name
    asked = [
        post.text
        for post in posts
        if post.role is Role.AUTHOR and post.author.remote_id == author and not post.deleted_at
    ]
    question = _unnamed(asked[-1], name, "") if asked else ""
    question = clean_line(impersonal(question), limit=_QUESTION)
    title = clean_line(impersonal(_unnamed(thread.title, name, "")))
    parts = (part.translate(_HARMLESS) for part in _parted(clean(answer.text).text, name))
    return Gap(
        answer.thread,
        title or question,
        language or answer.language,
        question,
        "{author}".join(parts).strip(),
        answer.at,
    )


def _unnamed(text: str, name: str, instead: str) -> str:
    return instead.join(_parted(text, name))


def _parted(text: str, name: str) -> list[str]:
    """Return what stands between the places of `name` in `text`; a very short one is a word."""
    if len(name) < _NAME_LENGTH:
        return [text]
    return re.split(rf"(?<!\w){re.escape(name)}(?!\w)", text)
