"""How a batch enters the queue: threads, posts and flags, each once, however often it is told.

The unit is a piece: what a batch says of one subject. A new thread is written from the piece
alone; a known one is read, changed and written, its events entering through `history.happen`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from modtui.domain.commands import Hide, Reply
from modtui.domain.frozen import dataclass
from modtui.domain.lane import SENSITIVE, placed, told_by_flag
from modtui.domain.model import (
    Channel,
    Event,
    EventKind,
    Flag,
    Post,
    Role,
    Severity,
    State,
    Thread,
    ThreadRecord,
)
from modtui.domain.outbox import DOUBTFUL, DeliveryState
from modtui.domain.sla import Matter, choose, new_breaches, standing
from modtui.domain.states import after
from modtui.engine.aside import bound, called_again, entered
from modtui.engine.history import happen, restand
from modtui.engine.kept import close_further, end
from modtui.engine.lane import alarm
from modtui.engine.parts import Parts
from modtui.engine.pieces import Piece, Source, broken, newcomer_flaw, sift
from modtui.engine.promises import moved
from modtui.engine.weigh import Weight, higher, language_of, weigh
from modtui.store import Quarantined, Tx

FLYING = (DeliveryState.SENDING, *DOUBTFUL)
_SAID = {
    Role.AUTHOR: EventKind.AUTHOR_POST,
    Role.STAFF: EventKind.STAFF_REPLY,
    Role.BOT: EventKind.BOT_POST,
}


@dataclass(frozen=True, slots=True)
class Merged:
    """What a slice changed, and what was kept aside."""

    changed: frozenset[int]
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every piece of a slice is judged with."""

    source: Source
    parts: Parts
    channels: Mapping[str, str]
    now: datetime
    complete_at: datetime | None
    around: bool = False

    @property
    def old_before(self) -> datetime | None:
        """Before which moment a thread is put aside, or None."""
        return bound(self.source, self.complete_at, self.now)


async def merge(tx: Tx, pieces: Sequence[Piece], source: Source, parts: Parts) -> Merged:
    """Write `pieces` and return what they changed; the same pieces again change nothing."""
    known = await tx.threads_by_subject(source.realm, [piece.subject for piece in pieces])
    scene = _Scene(
        source,
        parts,
        await _channel_names(tx, pieces, known, source.realm),
        parts.now(),
        await tx.complete_at(source.account),
    )
    changed: set[int] = set()
    aside = 0
    for piece in pieces:
        record = known.get(piece.subject)
        piece, bad = sift(piece)
        why = None
        if record is None and (piece.thread is not None or piece.flags):
            why = newcomer_flaw(piece)
        if why is not None:
            bad = (*bad, broken(piece, why))
        for item in bad:
            await tx.quarantine(
                Quarantined(source.account, scene.now, item.where, item.why, item.raw)
            )
        aside += len(bad)
        if record is not None:
            if await _update(tx, record, piece, scene):
                changed.add(record.id)
        elif why is None and piece.thread is not None:
            changed.add(await _enter(tx, piece, scene))
    return Merged(frozenset(changed), aside)


async def _channel_names(
    tx: Tx, pieces: Iterable[Piece], known: Mapping[str, ThreadRecord], realm: str
) -> dict[str, str]:
    wanted = {piece.thread.channel for piece in pieces if piece.thread is not None}
    wanted |= {record.thread.channel for record in known.values()}
    names: dict[str, str] = {}
    for remote_id in wanted:
        channel = await tx.channel(realm, remote_id)
        names[remote_id] = channel.name if channel is not None else remote_id
    return names


async def _enter(tx: Tx, piece: Piece, scene: _Scene) -> int:
    thread = piece.thread
    assert thread is not None
    flags = sorted({flag.key: flag for flag in piece.flags}.values(), key=lambda flag: flag.at)
    weight = weigh(thread, flags, scene.channels[thread.channel], scene.parts.desk)
    posts = [_as_ours(post, scene) for post in piece.posts]
    events = _first_events(thread, flags, posts, scene)
    language = language_of(thread, posts)
    facts = Matter(
        account=scene.source.account,
        channel=(thread.channel, scene.channels[thread.channel]),
        severity=weight.severity,
        language=language,
        tags=tuple(thread.tags),
    )
    policy = choose(scene.parts.policies, facts)
    stands = standing(events, policy, scene.now, scene.complete_at)
    record = ThreadRecord(
        id=0,
        account=scene.source.account,
        realm=scene.source.realm,
        thread=thread,
        state=reduce(after, events, State.OPEN),
        revision=1,
        first_flag_at=min(flags[0].at, scene.now),
        severity=weight.severity,
        flag_count=weight.count,
        reasons=weight.reasons,
        language=language,
        help_route=weight.help_route,
        standing=stands,
    )
    record = placed(record, events, scene.parts.desk.now_target)
    record = entered(record, events, scene.old_before, scene.parts.desk)
    if stands.breached_at is not None:
        events += new_breaches(events, policy, scene.now)
    thread_id = await tx.insert_thread(record)
    for event in events:
        await tx.add_event(thread_id, event)
    await _keep(tx, thread_id, flags, posts)
    return thread_id


async def _keep(tx: Tx, thread_id: int, flags: Iterable[Flag], posts: Iterable[Post]) -> None:
    for flag in flags:
        await tx.put_flag(thread_id, flag)
    for post in posts:
        await tx.put_post(thread_id, post)


def _first_events(
    thread: Thread, flags: Sequence[Flag], posts: Iterable[Post], scene: _Scene
) -> list[Event]:
    """Return the history of a new thread in time order; `flags` are in time order."""
    events = [_flagged(flag, flag.at, scene) for flag in flags]
    first_flag_at = events[0].at
    events += alarm(events, scene.parts.desk, scene.source.account)
    said = (_said(post, thread, first_flag_at, scene) for post in posts)
    events += (event for event in said if event is not None)
    return sorted(events, key=lambda event: event.at)


async def _update(tx: Tx, record: ThreadRecord, piece: Piece, scene: _Scene) -> bool:
    """Return whether anything about the thread changed."""
    before = record
    if piece.thread is not None:
        record = replace(record, thread=piece.thread, account=_owner(record, scene))
        record = replace(record, language=_language(record, piece))
    new = [flag for flag in piece.flags if await tx.put_flag(record.id, flag)]
    fresh = await close_further(tx, record, new, piece.posts, scene.parts)
    resolved_at = record.resolved_at if record.state is State.RESOLVED else None
    if fresh or record.thread.severity is not before.thread.severity:
        record = await _weighed(tx, record, scene, reopens=resolved_at is not None)
    rises = record.severity if record.severity.rank > before.severity.rank else None
    events = [_flagged(flag, max(flag.at, resolved_at or flag.at), scene, rises) for flag in fresh]
    events += await _alarmed(tx, before, events, scene)
    said, stored = await _put_posts(tx, record, piece.posts, scene)
    events += (_not_before(event, resolved_at) for event in said)
    events += await moved(tx, before, record, scene.parts)
    record = called_again(record, events, scene.old_before, scene.parts.desk)
    if events:
        await happen(tx, record, sorted(events, key=lambda event: event.at), scene.parts)
    elif record != before:
        await restand(tx, record, await tx.events(record.id), scene.parts)
    elif stored:
        await tx.touch(record.id)
    return bool(events or stored or new or record != before)


async def _alarmed(
    tx: Tx, record: ThreadRecord, flagged: Sequence[Event], scene: _Scene
) -> tuple[Event, ...]:
    """Return the alarm that new flags raise, unless an earlier one did."""
    raised = alarm(flagged, scene.parts.desk, scene.source.account)
    if raised and told_by_flag(record, await tx.events(record.id)):
        return ()
    return raised


def _owner(record: ThreadRecord, scene: _Scene) -> str:
    """Return the first account in config order that is able to act on the thread."""
    rank, last = scene.source.rank, len(scene.source.rank)

    def order(name: str) -> tuple[bool, int]:
        able = scene.parts.capabilities(name)
        return able is not None and not able.offers, rank.get(name, last)

    return min(record.account, scene.source.account, key=order)


def _language(record: ThreadRecord, piece: Piece) -> str | None:
    return record.thread.language or record.language or language_of(record.thread, piece.posts)


async def _weighed(tx: Tx, record: ThreadRecord, scene: _Scene, *, reopens: bool) -> ThreadRecord:
    flags = await tx.flags(record.id)
    if not flags:
        return record
    channel = scene.channels[record.thread.channel]
    weight: Weight = weigh(record.thread, flags, channel, scene.parts.desk)
    severity = weight.severity if reopens else higher(record.severity, weight.severity)
    return replace(
        record,
        severity=severity,
        flag_count=weight.count,
        reasons=weight.reasons,
        help_route=_help_route(record.help_route, weight.help_route),
        first_flag_at=min(record.first_flag_at, min(flag.at for flag in flags)),
    )


def _help_route(open_now: str | None, flagged: str | None) -> str | None:
    """Return the route to follow: one that flags name is better than one opened without a name."""
    return (flagged or open_now) if open_now in (None, SENSITIVE) else open_now


async def _put_posts(
    tx: Tx, record: ThreadRecord, posts: Sequence[Post], scene: _Scene
) -> tuple[list[Event], bool]:
    """Store posts; return the events they are worth and whether any was not known before."""
    if not posts:
        return [], False
    deeds = await _our_deeds(tx, record, posts, scene)
    events: list[Event] = []
    stored = False
    for post in posts:
        post = _as_ours(post, scene, deeds.receipts)
        outcome = (await tx.put_post(record.id, post)).outcome
        stored = stored or outcome != "same"
        event = None
        if outcome in ("new", "same") and not deeds.wrote(post, scene.source.own):
            event = _said(post, record.thread, record.first_flag_at, scene)
        elif outcome == "edited":
            await end(tx, record, (post.remote_id,), scene.parts)
            event = _touched(EventKind.EDITED, post, post.edited_at, scene)
        elif outcome == "deleted" and post.remote_id not in deeds.hidden:
            event = _touched(EventKind.DELETED, post, post.deleted_at, scene)
        if event is not None:
            events.append(event)
    return await _untold(tx, record, events), stored


async def _untold(tx: Tx, record: ThreadRecord, events: list[Event]) -> list[Event]:
    """Return `events` without those of posts whose writing is in the history already.

    A post may be stored before it is told: it was read around the thread.
    """
    if not any(event.kind in _SAID.values() for event in events):
        return events
    told = {(event.kind, event.get("post")) for event in await tx.events(record.id)}
    said = set(_SAID.values())
    return [e for e in events if e.kind not in said or (e.kind, e.get("post")) not in told]


@dataclass(frozen=True, slots=True)
class _Deeds:
    """What our own deliveries did or may have done to a thread, seen again as it comes back."""

    receipts: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    replying: bool = False

    def wrote(self, post: Post, own: str) -> bool:
        """Whether `post` is a reply of ours, whose receipt tells the rest of the story."""
        if post.remote_id in self.receipts:
            return True
        return self.replying and bool(own) and post.author.remote_id == own


async def _our_deeds(tx: Tx, record: ThreadRecord, posts: Sequence[Post], scene: _Scene) -> _Deeds:
    rows = await tx.deliveries(thread=record.id)
    receipts = {row.receipt.remote_id for row in rows if row.receipt and row.receipt.remote_id}
    elsewhere = await tx.receipt_ids(scene.source.account, [post.remote_id for post in posts])
    hidden: set[str] = set()
    for row in rows:
        if isinstance(row.command, Hide) and row.state in (*FLYING, DeliveryState.SENT):
            hidden.update(row.command.posts)
    replying = any(isinstance(row.command, Reply) and row.state in FLYING for row in rows)
    return _Deeds(frozenset(receipts) | elsewhere, frozenset(hidden), replying)


def _as_ours(post: Post, scene: _Scene, receipts: frozenset[str] = frozenset()) -> Post:
    own = scene.source.own
    if post.remote_id in receipts or (own and post.author.remote_id == own):
        return replace(post, role=Role.STAFF)
    return post


def _flagged(flag: Flag, at: datetime, scene: _Scene, rises: Severity | None = None) -> Event:
    detail: tuple[tuple[str, str | int | None], ...] = (
        ("reason", flag.reason),
        ("post", flag.post),
        ("flag", flag.key),
    )
    if flag.rule:
        detail += (("rule", 1),)
    if rises is not None:
        detail += (("severity", rises.value),)
    actor = flag.by or scene.source.account
    return Event(EventKind.FLAGGED, min(at, scene.now), actor, detail)


def _said(post: Post, thread: Thread, first_flag_at: datetime, scene: _Scene) -> Event | None:
    """Return the event of a new post; what stood there before the first flag is none."""
    if (
        scene.around
        or post.is_subject
        or post.created_at < first_flag_at
        or post.deleted_at is not None
    ):
        return None
    if post.role is Role.AUTHOR and post.author.remote_id != thread.author.remote_id:
        return None
    at = min(post.created_at, scene.now)
    return Event(_SAID[post.role], at, post.author.name, (("post", post.remote_id),))


def _touched(kind: EventKind, post: Post, at: datetime | None, scene: _Scene) -> Event:
    detail = (("post", post.remote_id), ("subject", int(post.is_subject)))
    return Event(kind, min(at or scene.now, scene.now), post.author.name, detail)


def _not_before(event: Event, resolved_at: datetime | None) -> Event:
    """Return `event` no earlier than the resolve it was overlooked by, so that it reopens."""
    if resolved_at is None or event.kind is not EventKind.AUTHOR_POST:
        return event
    return replace(event, at=max(event.at, resolved_at))


async def put_channels(tx: Tx, channels: Iterable[Channel], realm: str) -> None:
    """Store channels as the platform tells them, keeping what we know of our own setting."""
    for channel in channels:
        stored = await tx.channel(realm, channel.remote_id)
        told, ours = channel.restriction, stored.restriction if stored is not None else None
        same = told and ours and (told.kind, told.seconds) == (ours.kind, ours.seconds)
        if ours is not None and ours.ours and same:
            channel = replace(channel, restriction=ours)
        if channel != stored:
            await tx.put_channel(realm, channel)


async def put_context(
    tx: Tx, record: ThreadRecord, posts: Sequence[Post], source: Source, parts: Parts
) -> None:
    """Store posts that were read around a thread: surroundings, which nobody was told of.

    They start and stop nothing; an edit or a deletion of what is known counts as ever.
    """
    scene = _Scene(source, parts, {}, parts.now(), None, around=True)
    events, stored = await _put_posts(tx, record, posts, scene)
    if events:
        await happen(tx, record, sorted(events, key=lambda event: event.at), parts)
    elif stored:
        await tx.touch(record.id)
