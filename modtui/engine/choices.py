"""What is asked in a thread, and what is learned when a quick reply answers it."""

from __future__ import annotations

from collections.abc import Iterable

from modtui.domain.model import Post, Role, ThreadRecord
from modtui.domain.replies import Asked
from modtui.store import ReadTx

_LAST_WORDS = 3


def asked_in(record: ThreadRecord, posts: Iterable[Post]) -> Asked:
    """Return what is known of a thread that a reply is wanted for: its title and the author's last
    posts, its language, its reasons."""
    said = [post.text for post in posts if post.role is Role.AUTHOR][-_LAST_WORDS:]
    text = "\n".join((record.thread.title, *said))
    return Asked(text, record.language, record.reasons, record.help_route)


async def asked_of(tx: ReadTx, thread: int) -> Asked | None:
    """Return what is asked in a stored thread, None where there is none."""
    record = await tx.thread(thread)
    return None if record is None else asked_in(record, await tx.posts(thread))


async def learned(tx: ReadTx, thread: int) -> tuple[int, ...]:
    """Return what choosing a reply for the thread teaches: features, never text."""
    from modtui.domain.features import lesson

    asked = await asked_of(tx, thread)
    return () if asked is None else lesson(asked.text)
