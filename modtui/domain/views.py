"""What screens and the command line read: frozen rows and details, nothing to compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from modtui.domain.care import Folding
from modtui.domain.commands import Capability
from modtui.domain.frozen import dataclass
from modtui.domain.heat import Pace
from modtui.domain.kept import Kept
from modtui.domain.model import (
    Channel,
    Claim,
    Draft,
    Event,
    Flag,
    Health,
    Post,
    Severity,
    Standing,
    State,
    ThreadRecord,
)
from modtui.domain.outbox import Delivery
from modtui.domain.people import Brief
from modtui.domain.sla import Clock, Policy
from modtui.domain.text import Clean

if TYPE_CHECKING:
    from modtui.domain.spam import Suspicion


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which threads a view holds. Empty means any. `finished`: also resolved ones.

    `due_before`: only what is due before that moment, late or not; `now`: only the NOW lane;
    `backlog`: only what was put aside, which no other view holds; `done_since`: only what was
    resolved from that moment on, the latest first; `ids`: only these threads.
    """

    accounts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    severities: tuple[Severity, ...] = ()
    languages: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    claimed_by: str | None = None
    unowned: bool = False
    late: bool = False
    finished: bool = False
    text: str = ""
    due_before: datetime | None = None
    now: bool = False
    backlog: bool = False
    done_since: datetime | None = None
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. `why` is the leading reason; `who` the live claim's holder.

    `lately`: when the flags of the last minute were raised, where there are many; `reasons`: all
    of them, the most frequent first.
    """

    id: int
    account: str
    channel: Clean
    title: Clean
    author: Clean
    language: str | None
    why: str
    flag_count: int
    state: State
    severity: Severity
    help_route: str | None
    standing: Standing
    revision: int
    claim: Claim | None
    pending: int
    unknown: int
    has_draft: bool
    held: bool
    first_flag_at: datetime
    resolved_by: str | None
    resolved_at: datetime | None
    subject: str
    url: str | None = None
    now_at: datetime | None = None
    now_due_at: datetime | None = None
    now_reason: str = ""
    backlog: bool = False
    lately: tuple[datetime, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of the first line. What was put aside is in `backlog` and in no other."""

    open: int = 0
    mine: int = 0
    unowned: int = 0
    late: int = 0
    waiting: int = 0
    snoozed: int = 0
    escalated: int = 0
    resolved: int = 0
    next_due_at: datetime | None = None
    next_policy: str = ""
    needs_human: int = 0
    drafts: int = 0
    now: int = 0
    backlog: int = 0

    @property
    def unresolved(self) -> int:
        """How many threads the queue has, without what was put aside."""
        return self.open + self.waiting + self.snoozed + self.escalated


NOT_HERE = "not here"
"""Why something cannot be done where the platform gives no reason."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether an action can be done here, and if not why; with the platform's own word for it.
    `withheld`: the platform can, but not with this account; `untold`: what nobody can know of one
    that stands, so that its end may be that of another's."""

    capability: Capability
    able: bool
    name: str
    reason: str = ""
    presets: tuple[int, ...] = ()
    min_seconds: int = 0
    max_seconds: int | None = None
    for_good: bool = False
    supports_until: bool = False
    detail: str = ""
    texts: tuple[str, ...] = ()
    withheld: bool = False
    untold: str = ""

    @property
    def at_its_end(self) -> str:
        """What is to be said of an end that modtui sets; "" where there is nothing."""
        return "" if self.supports_until or not self.untold else f"At its end: {self.untold}."

    @property
    def why_not(self) -> str:
        """Why it cannot be done here; "" if it can."""
        return "" if self.able else self.reason or NOT_HERE


def why_not(offer: Offer | None) -> str:
    """Return why it cannot be done here; "" if it can."""
    return NOT_HERE if offer is None else offer.why_not


@dataclass(frozen=True, slots=True)
class ThreadDetail:
    """Everything about one thread, for the pane, the thread screen and `show`.

    `clocks` works out the ledger of every clock, oldest cycle first, for whoever asks to see it.
    `pace` is that of its channel; `kept` are the posts whose further flags are closed.
    `policy` is the one that fits it now; `briefs` has the record of each of its authors by their
    id, and nothing of one who has none. `first_reply`: a public reply would be this moderator's
    first one on the account. The title of `row` is neutral words where it is folded. Where it is
    not `whole`, `pace` and `briefs` were not read; `pace` is read only where a restriction of ours
    runs, or somebody asks. `related` are the open threads of its conversation, 0 where it was read
    for a cursor that moves. `route_words`: what somebody wrote that opened the help route, "" where
    a flag or a moderator did; `spam`: what points to it, where the configuration says what that is.
    """

    row: QueueRow
    record: ThreadRecord
    channel: Channel
    posts: tuple[Post, ...]
    flags: tuple[Flag, ...]
    events: tuple[Event, ...]
    deliveries: tuple[Delivery, ...]
    clocks: Callable[[], tuple[Clock, ...]] = field(compare=False)
    draft: Draft | None
    offers: dict[Capability, Offer]
    related: int
    our_name: Clean
    context_error: str = ""
    pace: Pace | None = None
    kept: tuple[Kept, ...] = ()
    policy: Policy | None = None
    briefs: Mapping[str, Brief] = field(default_factory=dict)
    first_reply: bool = False
    folding: Folding = field(default_factory=Folding)
    whole: bool = True
    route_words: str = ""
    spam: Suspicion | None = None

    @property
    def limit_name(self) -> str:
        """What the platform calls that which slows or closes a channel, "" where we may not."""
        offers = (self.offers.get(c) for c in (Capability.SLOW_MODE, Capability.READ_ONLY))
        return next((o.name for o in offers if o is not None and o.able), "")

    @property
    def locked(self) -> bool:
        """Whether nobody may write: in the thread, or in all of its channel."""
        return self.record.thread.locked or self.channel.locked


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """One account's health. `since`: how long it stands so; `backlog`: undelivered rows;
    `reading`: threads found so far while it is first read; `news`: to be said once, or ""."""

    name: str
    connector: str
    health: Health
    since: datetime
    last_ok_at: datetime | None
    detail: str = ""
    identity: str = ""
    backlog: int = 0
    quarantined: int = 0
    elsewhere: bool = False
    until: datetime | None = None
    reading: int = 0
    news: str = ""

    @property
    def stale_since(self) -> datetime | None:
        """Since when nothing was seen of it, where its feed is not live; None where it is, or is
        only beginning. A wait that deliveries alone were told to make leaves the feed live."""
        since = self.last_ok_at or self.since
        match self.health:
            case Health.LAGGING:
                return None if self.reading else since
            case Health.RATE_LIMITED:
                return since if since <= self.since else None
            case Health.NEEDS_LOGIN | Health.OFFLINE:
                return since
        return None


@dataclass(frozen=True, slots=True)
class Change:
    """These threads changed; `wide` means: everything may have, read again.

    `order`: a thread may have come, gone or moved in the queue; without it every thread stands
    where it stood, though what a deadline makes late may be late now. `replies`: what the library
    has for a thread may be another.
    """

    threads: frozenset[int] = frozenset()
    deliveries: bool = False
    accounts: bool = False
    wide: bool = False
    order: bool = True
    replies: bool = False

    @property
    def of_threads(self) -> bool:
        """Whether it may have changed how many threads stand how."""
        return self.wide or self.deliveries or bool(self.threads)


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a bell may ring for: threads of the NOW lane that nobody claims, threads due within
    ten minutes that nobody holds, and how many are late."""

    now: frozenset[int] = frozenset()
    soon: frozenset[int] = frozenset()
    late: int = 0
