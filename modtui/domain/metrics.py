"""What Status counts, in one place: each number, and the words that say how it is counted.

`domain/report.py` fills a `Report` by these definitions; the screen, `modtui status` and its
JSON show the same one. Times are aware UTC, `*_seconds` are seconds, shares are of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from types import MappingProxyType
from typing import TypeVar

from modtui.domain.frozen import dataclass
from modtui.domain.text import Clean
from modtui.domain.timeleft import Left

T = TypeVar("T", timedelta, float, int)

HOUR = timedelta(hours=1)
LIMITS = (timedelta(minutes=15), HOUR, 2 * HOUR)
"""Where the columns of the first-response histogram end; the last column has no end."""

ACK_WITHIN = timedelta(minutes=30)
PILE_ON = 20
PILE_ON_WITHIN = timedelta(minutes=10)
USUAL_DAYS = 7


class Span(StrEnum):
    """Which period is looked at."""

    LOOK = "look"
    TODAY = "today"
    WEEK = "7d"
    MONTH = "28d"


class Cause(StrEnum):
    """Why a first response was late: the first of these that applies."""

    BLIND = "connector was down"
    TEAM = "waiting on a team"
    PILE_ON = "pile-on"
    HOLDER = "answered late by holder"
    NOBODY = "nobody held it"


WORDS = MappingProxyType(
    {
        "needs_you": (
            "What waits for a person and for nobody else: deliveries of unknown outcome, "
            "escalations that nobody took up, NOW threads that nobody holds."
        ),
        "needs_delivery": (
            "Deliveries whose outcome no program can find out: look, and answer there."
        ),
        "needs_escalation": (
            "Escalated threads with no sign of anybody but who escalated them (a claim, a note, "
            "an answer) for 30 minutes."
        ),
        "needs_now": "Unresolved threads of the NOW lane with no live claim.",
        "late_now": (
            "Unresolved threads past their deadline, in working time; inherited ones too."
        ),
        "due_hour": ("Unresolved threads that come due within 60 minutes; unowned: no live claim."),
        "late_period": (
            "First-response clocks that were settled in the period, answered or fallen late, "
            "whichever came first; late: more than the target had passed. Left out: inherited "
            "breaches, and what was closed on the platform before it was late."
        ),
        "cause": (
            "Of the causes the first that applies: connector was down (the account was blind for "
            "at least half of the time from flag to deadline); waiting on a team (escalated "
            "before the deadline); pile-on (20 flags within 10 minutes in one channel, somewhere "
            "between flag and deadline); answered late by holder (somebody had claimed it and not "
            "let go); else nobody held it."
        ),
        "night": (
            "Cycles that began in the period, each in one place, the first that applies: removed "
            "(a post was hidden), kept (flags dismissed), answered (a public reply), closed "
            "(resolved by a person without any of these), elsewhere (closed on the platform), "
            "open."
        ),
        "now_threads": (
            "Threads that stand or came into the NOW lane in the period; first human: from then "
            "to the first claim, note, answer or decision of a person."
        ),
        "undone": (
            "Actions taken back in the period, each thread of a batch for itself; slow mode and "
            "read-only: how often a person set it, without timed ends."
        ),
        "platforms": (
            "Open and unowned: threads in state open. Late, due 1h: as above. 1st p50, p90: "
            "working time to first responses given in the period, nearest rank. In time: the "
            "share of first-response clocks settled today, in the last 7 days, on the same day "
            "last week. Health: what the process that serves the account says."
        ),
        "people": (
            "Who holds a thread now or acted in the period, by name: load, not a ranking. "
            "Handled: threads a person answered, kept, removed, sanctioned, escalated or closed. "
            "Oldest: time left of the earliest deadline among what is held."
        ),
        "first_response": (
            "First responses given in the period by a person, in working time from the cycle's "
            "first flag. p50 and p90 are nearest-rank percentiles: the smallest value that at "
            "least so many of all do not exceed (Hyndman and Fan 1996, definition 1)."
        ),
        "arrivals": (
            "Threads by the hour of their first flag, the last 24 hours. Usual here: the mean of "
            "this hour of the day on the 7 days before, up to the same minute."
        ),
        "without_escalation": (
            "Of the cycles that were resolved in the period by a person, the share that was never "
            "escalated."
        ),
        "running": ("What slows or closes a channel, a thread or an author now, and who ends it."),
        "next": "Who is on call next. No roster is configured.",
        "blind": (
            "Stretches in which nothing could be read of an account, modtui not running included: "
            "more than 90 seconds without an answer of the platform."
        ),
    }
)
"""How each number is counted, by the part of the report it belongs to."""


def percentile(values: Sequence[T], percent: int) -> T | None:
    """Return the nearest-rank percentile of sorted `values`; None of none.

    The value at rank ceil(percent / 100 × n): Hyndman and Fan, The American Statistician 50
    (1996), definition 1.
    """
    if not values:
        return None
    return values[max(ceil(percent * len(values) / 100), 1) - 1]


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until `end`, the moment of the report. `first`: nobody looked before."""

    span: Span
    start: datetime
    end: datetime
    first: bool = False

    def holds(self, at: datetime | None) -> bool:
        """Return whether `at` lies in the period."""
        return at is not None and self.start <= at <= self.end


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only these threads; None is any."""

    account: str | None = None
    person: str | None = None
    language: str | None = None

    @property
    def any(self) -> bool:
        """Whether nothing is left out."""
        return self == Narrow()


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    inside: int = 0
    of: int = 0

    @property
    def fraction(self) -> float | None:
        """From 0 to 1, or None of none."""
        return self.inside / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Blind:
    """An account could not be read. `kind`: disconnected, rate-limited, unauthorised; `end` None:
    it still cannot."""

    account: str
    kind: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Threads that are counted together: how many, and which."""

    ids: tuple[int, ...] = ()
    unowned: int = 0

    @property
    def number(self) -> int:
        """How many threads."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of thing that needs a person: which, and the first of them in words."""

    key: str
    number: int
    first: str = ""
    since: datetime | None = None
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What is late in one channel, by who holds it ("" for nobody), most first."""

    account: str
    channel: Clean
    ids: tuple[int, ...]
    holders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PileOn:
    """Flags came thick in one channel, from `start` to `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """How many first responses were late for one cause, and of which threads.

    `details`, most first: the team, the holder, the time without sight, the pile-on.
    """

    cause: Cause
    number: int
    ids: tuple[int, ...]
    details: tuple[tuple[str | Blind | PileOn, int], ...]


@dataclass(frozen=True, slots=True)
class Night:
    """What came in, and where each cycle is now: the buckets add up to `arrived`."""

    arrived: int = 0
    answered: int = 0
    kept: int = 0
    removed: int = 0
    closed: int = 0
    elsewhere: int = 0
    open: int = 0
    ids: tuple[int, ...] = ()
    undone: int = 0
    undone_ids: tuple[int, ...] = ()
    slowed: int = 0
    closed_channels: int = 0


@dataclass(frozen=True, slots=True)
class NowThread:
    """A thread of the NOW lane: how long until a person was there, and how it ended or stands."""

    id: int
    title: Clean
    reason: str
    first_human: timedelta | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Platform:
    """One account."""

    account: str
    open: int
    late: int
    due_hour: int
    unowned: int
    p50: timedelta | None
    p90: timedelta | None
    today: Share
    week: Share
    last_week: Share


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody does now. `verb`: writing, holds, acted; `what` is where or which thread."""

    verb: str
    what: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One person's load; the name "" is nobody."""

    name: str
    holds: int
    late: int
    oldest: Left | None
    handled: int
    p50: timedelta | None
    doing: Doing | None = None


@dataclass(frozen=True, slots=True)
class Responses:
    """The first responses of the period; `columns` ends at each of LIMITS, the last is above."""

    columns: tuple[int, ...] = (0, 0, 0, 0)
    p50: timedelta | None = None
    p90: timedelta | None = None
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Threads by hour: `hours` are 24 counts, the last is the hour that runs, from `starts_at`."""

    starts_at: datetime
    hours: tuple[int, ...]
    usual: float
    ids: tuple[int, ...] = ()

    @property
    def peak(self) -> tuple[int, datetime]:
        """The most in an hour, and when that hour began."""
        most = max(self.hours)
        return most, self.starts_at + HOUR * self.hours.index(most)


@dataclass(frozen=True, slots=True)
class Running:
    """A setting that holds now. `ends`: nobody, platform, modtui; `by` is the process that serves
    the account, "" when none does."""

    what: str
    where: str
    until: datetime | None
    ends: str
    by: str = ""
    thread: int | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that Status says. `people` ends with nobody; `languages` and `names` are what the
    report can be narrowed to."""

    period: Period
    narrow: Narrow
    needs: tuple[Need, ...]
    late_now: Group
    oldest_late: Left | None
    late_places: tuple[Place, ...]
    due_hour: Group
    settled: Share
    late_why: tuple[Why, ...]
    night: Night
    now_threads: tuple[NowThread, ...]
    platforms: tuple[Platform, ...]
    people: tuple[Person, ...]
    responses: Responses
    arrivals: Arrivals
    unescalated: Share
    unescalated_week: Share
    running: tuple[Running, ...] = ()
    blind: tuple[Blind, ...] = ()
    languages: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
