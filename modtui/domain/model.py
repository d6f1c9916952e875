"""The words of modtui: what a connector sees and what the queue holds.

Everything is frozen. `*_at` are aware UTC, `*_seconds` are seconds. `Thread`, `Post`,
`Flag` and `Channel` are what a connector reports, keyed by the platform's own ids;
`ThreadRecord` is the same thread in the store, with a number, a state and its clocks.

A *realm* is one community on one platform: two accounts of ours in it see the same threads, which
are kept once. A *cycle* goes from the first flag of a thread to what resolves it; whatever is
flagged or written after that begins another (docs/clocks.md).
"""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum

from modtui.domain.frozen import dataclass
from modtui.domain.text import BLANK, Clean

ELSEWHERE = "elsewhere"
"""The actor of what somebody closed on the platform."""
FOR_GOOD = datetime.max.replace(tzinfo=UTC)
"""The end of what ends only when somebody ends it."""


class State(StrEnum):
    """Where a thread stands; moved by `domain.states` alone."""

    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How grave a thread is; within a cycle it only rises."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for low … 3 for urgent."""
        return _RANKS[self._value_]


_RANKS = {each.value: rank for rank, each in enumerate(Severity)}


class Role(StrEnum):
    """What the writer of a post is to the community."""

    AUTHOR = "author"
    STAFF = "staff"
    BOT = "bot"


class Band(StrEnum):
    """How a deadline stands."""

    OK = "ok"
    SOON = "soon"
    BREACHED = "breached"
    PAUSED = "paused"


class ClockKind(StrEnum):
    """What a clock counts towards."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Health(StrEnum):
    """How an account's connector stands."""

    STARTING = "starting"
    LIVE = "live"
    LAGGING = "lagging"
    RATE_LIMITED = "rate-limited"
    NEEDS_LOGIN = "needs-login"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Author:
    """Someone who writes posts. `standing` is the platform's word: new here, regular."""

    remote_id: str
    name: Clean
    standing: Clean = BLANK


@dataclass(frozen=True, slots=True)
class Restriction:
    """What slows or closes a channel now. `kind`: slow, read_only, or the platform's own word."""

    kind: str
    seconds: int | None
    since: datetime | None
    until: datetime | None
    by: Clean = BLANK
    reason: Clean = BLANK
    delivery: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """The place that holds threads and can be slowed."""

    remote_id: str
    name: Clean
    restriction: Restriction | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The platform's smallest unit of decision. `subject` is its id, unique within a realm;
    `conversation` is that of what it is part of, which other threads may be part of too.

    `held`: the platform shows it to nobody before it is approved. `holder` is who, other than our
    own account, holds it on the platform; blank for nobody, and where the platform does not tell.
    """

    subject: str
    channel: str
    title: Clean
    author: Author
    created_at: datetime
    url: str | None = None
    conversation: str | None = None
    language: str | None = None
    severity: Severity = Severity.NORMAL
    tags: tuple[Clean, ...] = ()
    held: bool = False
    locked: bool = False
    holder: Clean = BLANK


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a thread. `thread` is the subject; `raw` is the evidence, as it was written.

    `hidden`: how many characters of it `text` does not show; `held`: it waits for approval;
    `is_subject`: the thread is about this very post.
    """

    remote_id: str
    thread: str
    author: Author
    role: Role
    text: Clean
    raw: str
    created_at: datetime
    hidden: int = 0
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    held: bool = False
    media: tuple[Clean, ...] = ()
    is_subject: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """One report. Keyed by `remote_id`, else by (reporter, reason). `thread` is the subject;
    `post` the one in question, None where the report names none; `rule`: no person made it."""

    thread: str
    reason: str
    at: datetime
    remote_id: str | None = None
    post: str | None = None
    by: Clean | None = None
    note: Clean = BLANK
    rule: bool = False

    @property
    def key(self) -> str:
        """The identity of this flag within its thread."""
        return self.remote_id or f"{self.by or '-'}\N{UNIT SEPARATOR}{self.reason}"


@dataclass(frozen=True, slots=True)
class Remark:
    """A note that a moderator left on a thread on its platform, where only moderators read it."""

    thread: str
    remote_id: str
    by: Clean
    text: Clean
    at: datetime


class EventKind(StrEnum):
    """What can happen to a thread. The clocks are folded from these alone."""

    FLAGGED = "flagged"
    AUTHOR_POST = "author_post"
    STAFF_REPLY = "staff_reply"
    STAFF_NOTE = "staff_note"
    BOT_POST = "bot_post"
    EDITED = "edited"
    DELETED = "deleted"
    CLAIMED = "claimed"
    RELEASED = "released"
    TAKEN_OVER = "taken_over"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    WAITING = "waiting"
    HIDDEN = "hidden"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SANCTIONED = "sanctioned"
    RESTRICTED = "restricted"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SENSITIVE = "sensitive"
    BREACHED = "breached"
    TARGET_CHANGED = "target_changed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a thread's history. `detail` holds plain values only (str, int, None)."""

    kind: EventKind
    at: datetime
    actor: str
    detail: tuple[tuple[str, str | int | None], ...] = ()
    id: int | None = None

    def get(self, name: str) -> str | int | None:
        """The value of detail `name`, or None."""
        return dict(self.detail).get(name)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a thread, until when (lease clock turned into wall time for showing).

    A claim that stands on the platform ends when the platform says so: `until` is `FOR_GOOD`.
    """

    thread: int
    by: str
    session: str
    epoch: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """Text not sent. Belongs to (thread, moderator). `why` it came back, where a delivery did."""

    thread: int
    by: str
    text: str
    saved_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the deadline of a thread stands, as stored beside it and recomputed with each event.

    `due_at` is None while the clock is paused or stopped; `resumes_at` says when it goes on.
    `soon_at` is when the last warn_at fraction is used up. Both are absolute, so the order of
    the queue never depends on the present moment. `policy` is the name of the promise;
    `inherited`: it was late before its account was first read to the end.
    """

    clock: ClockKind | None = None
    due_at: datetime | None = None
    soon_at: datetime | None = None
    resumes_at: datetime | None = None
    breached_at: datetime | None = None
    policy: str = ""
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """A thread as the store holds it; `thread` is as the platform told it last.

    `revision` rises with each event that could change a decision (`domain.states`): what was
    decided on an earlier one is stale. `severity`, `flag_count`, `reasons` and `help_route` are
    what the open flags and the team's rules make of it, `language` what was told or recognised.

    `now_at`: since when it stands in the NOW lane, above every deadline, `now_due_at` until when
    it is to be done, on the wall clock, and `now_reason` why it is there.
    `pending` and `unknown` count deliveries: on their way, and without an outcome.
    `backlog`: it was there long before its account was first read, and is put aside.
    """

    id: int
    account: str
    realm: str
    thread: Thread
    state: State
    revision: int
    first_flag_at: datetime
    severity: Severity
    flag_count: int = 0
    reasons: tuple[str, ...] = ()
    language: str | None = None
    help_route: str | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    team: str | None = None
    pending: int = 0
    unknown: int = 0
    now_at: datetime | None = None
    now_due_at: datetime | None = None
    now_reason: str = ""
    backlog: bool = False
    standing: Standing = field(default_factory=Standing)
