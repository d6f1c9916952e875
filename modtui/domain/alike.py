"""When two posts or threads are alike: the same text after folding, author, reason or question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from modtui.domain.frozen import dataclass
from modtui.domain.model import Post

MOST = 500
"""How many threads are marked, or asked for their question, at one time."""


class Alike(StrEnum):
    """What is compared."""

    TEXT = "text"
    AUTHOR = "author"
    REASON = "reason"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a thread is compared by. `text` is that of its subject, else its title."""

    thread: int
    realm: str
    author: str
    name: str
    reason: str
    text: str


LINKED = "§"
"""In place of a link."""
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*")
_DIGITS = re.compile(r"\d+")
_RUN = re.compile(r"([^\w\s])\1+")
_LOOKS_LIKE = str.maketrans(
    "авекмнорстухіѕјԁһӏαεικνορτυχ",
    "abekmhopctyxisjdhlaeikvoptyx",
)


def folded(text: str) -> str:
    """Return `text` as it is compared: case, spacing, digits, links and look-alike letters gone."""
    plain = _LINK.sub(LINKED, unicodedata.normalize("NFKC", text).casefold())
    plain = _RUN.sub(r"\1", _DIGITS.sub("0", plain))
    return " ".join(plain.translate(_LOOKS_LIKE).split())


def trait(traits: Traits, how: Alike) -> str:
    """Return what is compared, "" where there is nothing to compare by; not for questions."""
    match how:
        case Alike.TEXT:
            return folded(traits.text)
        case Alike.AUTHOR:
            return f"{traits.realm}\N{UNIT SEPARATOR}{traits.author}" if traits.author else ""
        case Alike.REASON:
            return traits.reason
        case Alike.QUESTION:
            raise ValueError("a question is compared by the reply that answers it")


def alike_posts(posts: Iterable[Post], like: Post, how: Alike) -> tuple[str, ...]:
    """Return the ids of the posts with the text or the author of `like`, itself among them."""

    def value(post: Post) -> str:
        return folded(post.text) if how is Alike.TEXT else post.author.remote_id

    wanted = value(like)
    if not wanted:
        return ()
    return tuple(p.remote_id for p in posts if p.deleted_at is None and value(p) == wanted)
