"""Everything about one thread, read in one snapshot; and what can be done on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from modtui.connectors import Capabilities
from modtui.domain.commands import Capability
from modtui.domain.frozen import dataclass
from modtui.domain.heat import Pace, pace, running, windows
from modtui.domain.kept import Kept
from modtui.domain.model import Channel, Draft, Event, Flag, Post, Restriction, State, ThreadRecord
from modtui.domain.outbox import Delivery
from modtui.domain.people import Brief
from modtui.domain.settings import Desk
from modtui.domain.text import clean_line
from modtui.domain.views import Offer, QueueRow
from modtui.store import ReadTx

if TYPE_CHECKING:
    from modtui.domain.spam import Suspicion

FEW_AUTHORS, FEW_SANCTIONS = 4, 300


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the store holds about one thread."""

    record: ThreadRecord
    row: QueueRow
    channel: Channel
    posts: tuple[Post, ...]
    flags: tuple[Flag, ...]
    events: tuple[Event, ...]
    deliveries: tuple[Delivery, ...]
    draft: Draft | None
    related: int
    pace: Pace | None
    kept: tuple[Kept, ...]
    briefs: Mapping[str, Brief]
    first_reply: bool
    whole: bool
    known_as: str
    spam: Suspicion | None = None


class Extent(Enum):
    """How much of a thread is read: without its authors' records and its channel's pace, with them
    where they are read within a millisecond, or in any case."""

    GLANCE = 1
    QUICK = 2
    WHOLE = 3


async def read_snapshot(
    tx: ReadTx, thread_id: int, me: str, now: datetime, extent: Extent = Extent.WHOLE
) -> Snapshot | None:
    """Return the thread as it is stored, or None. A resolved one shows its closed flags too.

    The pace of its channel is read where a restriction of ours runs in it.
    """
    record = await tx.thread(thread_id)
    if record is None:
        return None
    rows = await tx.queue_rows([thread_id], me)
    remote_id = record.thread.channel
    channel = await tx.channel(record.realm, remote_id)
    limit = channel.restriction if channel else None
    posts = await tx.posts(thread_id)
    authors = {record.thread.author.remote_id, *(post.author.remote_id for post in posts)}
    measured: Pace | None = None
    briefs: Mapping[str, Brief] = {}
    whole = extent is Extent.WHOLE or (
        extent is Extent.QUICK
        and len(authors) <= FEW_AUTHORS
        and not running(limit, now)
        and await tx.sanctioned_within(FEW_SANCTIONS)
    )
    if whole:
        measured = await _pace(tx, record, limit, now) if running(limit, now) else None
        briefs = await tx.author_briefs(record.realm, authors, thread_id)
    return Snapshot(
        record=record,
        row=rows[thread_id],
        channel=channel or Channel(remote_id, clean_line(remote_id)),
        posts=posts,
        flags=await tx.flags(thread_id, closed=record.state is State.RESOLVED),
        events=await tx.events(thread_id),
        deliveries=await tx.latest_deliveries(thread=thread_id),
        draft=await tx.draft(thread_id, me),
        related=await tx.related(thread_id) if extent is Extent.WHOLE else 0,
        pace=measured,
        kept=await tx.kept(thread_id),
        briefs=briefs,
        first_reply=not await tx.replied_publicly(record.account, me),
        whole=whole,
        known_as=await tx.identity(record.account),
    )


async def read_pace(tx: ReadTx, thread_id: int, now: datetime) -> Pace | None:
    """Return how the channel of the thread goes; None where there is no such thread."""
    record = await tx.thread(thread_id)
    if record is None:
        return None
    channel = await tx.channel(record.realm, record.thread.channel)
    return await _pace(tx, record, channel.restriction if channel else None, now)


async def _pace(tx: ReadTx, record: ThreadRecord, limit: Restriction | None, now: datetime) -> Pace:
    told = await tx.told(record.realm, record.thread.channel, windows(limit, now))
    return pace(told, limit, now)


def offer(able: Capabilities | None, account: str, capability: Capability) -> Offer:
    """Return whether `account` can do it, by the platform's own name, and if not why."""
    word = capability.value.replace("_", " ")
    if able is None:
        return Offer(capability, False, word, f"{account} is not connected yet")
    limits = able.offers.get(capability)
    if limits is None:
        reason = able.missing.get(capability, f"{account} has none")
        return Offer(capability, False, word, reason, withheld=capability in able.withheld)
    return Offer(
        capability,
        True,
        limits.name or word,
        presets=limits.presets,
        min_seconds=limits.min_seconds,
        max_seconds=limits.max_seconds,
        for_good=limits.for_good,
        supports_until=limits.supports_until,
        detail=limits.detail,
        texts=limits.texts,
        untold=limits.untold,
    )


class Offers:
    """Every offer on a thread of each account, made again where what an account can, or the desk,
    is another. To notify needs a team, not the account."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Capabilities | None, Desk, dict[Capability, Offer]]] = {}

    def of(self, able: Capabilities | None, account: str, desk: Desk) -> dict[Capability, Offer]:
        """Return those of `account`, which can do what `able` says."""
        made = self._made.get(account)
        if made is None or made[0] is not able or made[1] is not desk:
            made = self._made[account] = able, desk, _offers(able, account, desk)
        return made[2]


def _offers(able: Capabilities | None, account: str, desk: Desk) -> dict[Capability, Offer]:
    every = {capability: offer(able, account, capability) for capability in Capability}
    teams = bool(desk.teams)
    reason = "" if teams else "no [[team]] is configured"
    every[Capability.NOTIFY] = Offer(Capability.NOTIFY, teams, "escalate", reason)
    return every
