"""What became of the threads that a quick reply was sent to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from modtui.domain.frozen import dataclass
from modtui.domain.model import EventKind

AFTER = (EventKind.REOPENED, EventKind.ESCALATED, EventKind.STAFF_REPLY, EventKind.AUTHOR_POST)
"""The events after a reply that say what became of it."""

PERIOD = timedelta(days=90)
"""How far back replies are looked at."""


class After(NamedTuple):
    """An event of a thread after reply number `reply` was sent there at `sent`; `kind` None: the
    reply, of which nothing else is known."""

    reply: int
    entry: str
    sent: datetime
    kind: EventKind | None
    at: datetime


class Answer(NamedTuple):
    """A public reply that was sent at `at`. `quick`: the entry it was, "" for none; `language`:
    what it was said to be in."""

    thread: int
    at: datetime
    text: str
    quick: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of `sent` threads so many were reopened, were escalated, and needed another answer after
    the author wrote again; `next_post` is the median time until the author did, None: never."""

    sent: int
    reopened: int = 0
    escalated: int = 0
    again: int = 0
    next_post: timedelta | None = None

    @property
    def unsettled(self) -> float:
        """The worst of the three shares, 0 to 1."""
        return max(self.reopened, self.escalated, self.again) / self.sent if self.sent else 0.0


def outcomes(events: Iterable[After]) -> Mapping[str, Outcome]:
    """Return the outcome of each entry; `events` of one reply are in the order of time."""
    replies: dict[int, list[After]] = defaultdict(list)
    for event in events:
        replies[event.reply].append(event)
    by_entry: dict[str, list[list[After]]] = defaultdict(list)
    for found in replies.values():
        by_entry[found[0].entry].append(found)
    return {entry: _outcome(found) for entry, found in by_entry.items()}


def _outcome(replies: list[list[After]]) -> Outcome:
    from statistics import median

    waits = [wait for each in replies if (wait := _next_post(each)) is not None]
    seconds = median(wait.total_seconds() for wait in waits) if waits else None
    return Outcome(
        len(replies),
        sum(_has(each, EventKind.REOPENED) for each in replies),
        sum(_has(each, EventKind.ESCALATED) for each in replies),
        sum(_answered_again(each) for each in replies),
        timedelta(seconds=seconds) if seconds is not None else None,
    )


def _has(events: list[After], kind: EventKind) -> bool:
    return any(event.kind is kind for event in events)


def _next_post(events: list[After]) -> timedelta | None:
    posts = (event.at - event.sent for event in events if event.kind is EventKind.AUTHOR_POST)
    return next(posts, None)


def _answered_again(events: list[After]) -> bool:
    """Whether a staff reply follows a post of the author: the reply's own event does not count."""
    kinds = [event.kind for event in events]
    if EventKind.AUTHOR_POST not in kinds:
        return False
    return EventKind.STAFF_REPLY in kinds[kinds.index(EventKind.AUTHOR_POST) :]
