"""What became of the threads that a quick reply was sent to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from modtui.domain.cycles import counted
from modtui.domain.frozen import dataclass
from modtui.domain.model import Event, EventKind
from modtui.domain.states import finishes

_KIND = EventKind
AFTER = (
    _KIND.REOPENED, _KIND.ESCALATED, _KIND.STAFF_REPLY, _KIND.AUTHOR_POST, _KIND.FLAGGED,
    _KIND.RESOLVED, _KIND.HIDDEN, _KIND.DISMISSED, _KIND.UNDONE,
)  # fmt: skip
"""The events from a reply on that say what became of it."""

PERIOD = timedelta(days=90)
"""How far back replies are looked at."""


class After(NamedTuple):
    """An event of a thread from reply number `reply` on, which was sent there at `sent`; None: the
    reply, of which nothing else is known."""

    reply: int
    entry: str
    sent: datetime
    event: Event | None


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
    """Of `sent` replies so many were in threads that were opened again after they were done, were
    escalated, and needed another answer after the author wrote again; `next_post` is the median
    time until the author did, None: never."""

    sent: int
    reopened: int = 0
    escalated: int = 0
    again: int = 0
    next_post: timedelta | None = None

    @property
    def unsettled(self) -> float:
        """The worst of the three shares, 0 to 1."""
        return max(self.reopened, self.escalated, self.again) / self.sent if self.sent else 0.0


class _Course(NamedTuple):
    """What became of one reply."""

    reopened: bool
    escalated: bool
    again: bool
    next_post: timedelta | None


def outcomes(events: Iterable[After]) -> Mapping[str, Outcome]:
    """Return the outcome of each entry; `events` of one reply are in the order of time.

    What was taken back never counted, nor does what the entry itself asks for (its own escalation).
    What follows another answer is the outcome of that one.
    """
    replies: dict[int, list[After]] = defaultdict(list)
    for event in events:
        replies[event.reply].append(event)
    by_entry: dict[str, list[_Course]] = defaultdict(list)
    for found in replies.values():
        by_entry[found[0].entry].append(_course(found))
    return {entry: _outcome(found) for entry, found in by_entry.items()}


def _outcome(replies: list[_Course]) -> Outcome:
    from statistics import median

    waits = [each.next_post.total_seconds() for each in replies if each.next_post is not None]
    return Outcome(
        len(replies),
        sum(each.reopened for each in replies),
        sum(each.escalated for each in replies),
        sum(each.again for each in replies),
        timedelta(seconds=median(waits)) if waits else None,
    )


def _course(after: list[After]) -> _Course:
    sent, entry = after[0].sent, after[0].entry
    events = counted([each.event for each in after if each.event is not None])
    reopened = escalated = again = done = False
    next_post: timedelta | None = None
    own = next((e for e in events if e.kind is _KIND.STAFF_REPLY and e.get("quick") == entry), None)
    batch = own.get("batch") if own is not None else None
    for event in events:
        match event.kind:
            case _KIND.RESOLVED:
                done = True
            case _KIND.HIDDEN | _KIND.DISMISSED:
                done = done or finishes(event)
            case _KIND.ESCALATED if batch is None or event.get("batch") != batch:
                escalated, done = True, False
            case _KIND.AUTHOR_POST | _KIND.FLAGGED | _KIND.REOPENED if event.at > sent:
                reopened, done = reopened or done, False
                if event.kind is _KIND.AUTHOR_POST and next_post is None:
                    next_post = event.at - sent
            case _KIND.STAFF_REPLY if event is not own and next_post is not None:
                again = True
                break
    return _Course(reopened, escalated, again, next_post)
