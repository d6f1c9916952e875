"""How a batch enters the queue: threads, posts and flags, each once, however often it is told.

The unit is a piece: what a batch says of one subject. A new thread is written from the piece
alone; a known one is read, changed and written, its events entering through `history.happen`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from modtui.domain.commands import Hide, Reply
from modtui.domain.frozen import dataclass
from modtui.domain.lane import SENSITIVE, closing, told_by_flag
from modtui.domain.model import (
    Event,
    EventKind,
    Post,
    Remark,
    State,
    ThreadRecord,
)
from modtui.domain.outbox import FLYING, DeliveryState
from modtui.domain.text import literal
from modtui.engine.aside import called_again
from modtui.engine.gate import Spoken, alarmed, opened, spoken
from modtui.engine.history import happen, restand
from modtui.engine.kept import close_further, end
from modtui.engine.lane import alarm
from modtui.engine.mirror import held_there
from modtui.engine.newcomers import Newcomers
from modtui.engine.parts import Parts
from modtui.engine.pieces import Merged, Piece, Source, broken, newcomer_flaw, sift
from modtui.engine.promises import moved
from modtui.engine.telling import SAID, Scene, as_ours, flag_event, post_event, touch_event
from modtui.engine.weigh import Weight, higher, language_of, told_language, weigh
from modtui.store import Quarantined, Tx

_TOLD = frozenset(SAID.values())


async def merge(tx: Tx, pieces: Sequence[Piece], source: Source, parts: Parts) -> Merged:
    """Write `pieces` and return what they changed; the same pieces again change nothing."""
    known = await tx.threads_by_subject(source.realm, [piece.subject for piece in pieces])
    scene = Scene(
        source,
        parts,
        await _channel_names(tx, pieces, known, source.realm),
        parts.now(),
        await tx.complete_at(source.account),
    )
    changed: set[int] = set()
    newcomers = Newcomers(scene)
    aside = 0
    remarks: dict[str, list[Remark]] = {}
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
        if piece.remarks:
            remarks[piece.subject] = piece.remarks
        if record is not None:
            if await _update(tx, record, piece, scene):
                changed.add(record.id)
        elif why is None and piece.thread is not None:
            newcomers.add(piece)
    changed.update(await newcomers.enter(tx))
    if remarks:
        from modtui.engine.remarks import put_remarks

        changed.update(await put_remarks(tx, remarks, scene))
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


async def _update(tx: Tx, record: ThreadRecord, piece: Piece, scene: Scene) -> bool:
    """Return whether anything about the thread changed."""
    before, record = record, _as_told(record, piece, scene)
    words, closed_at = await _heard(tx, before, record, piece.posts, scene)
    record = replace(record, help_route=opened(record.help_route, words))
    new = [flag for flag in piece.flags if await tx.put_flag(record.id, flag)]
    fresh = await close_further(tx, record, new, piece.posts, scene.parts)
    resolved_at = record.resolved_at if record.state is State.RESOLVED else None
    if fresh or record.thread.severity is not before.thread.severity:
        record = await _weighed(tx, record, scene, reopens=resolved_at is not None)
    rises = record.severity if record.severity.rank > before.severity.rank else None
    events = [
        flag_event(flag, max(flag.at, resolved_at or flag.at), scene, rises) for flag in fresh
    ]
    raised = await _alarmed(tx, before, events, scene)
    if (
        not raised
        and before.now_at is None
        and opened(before.help_route, words) != before.help_route
    ):
        began = resolved_at or record.first_flag_at
        raised = alarmed(words, max(filter(None, (began, closed_at))), scene)
    events += raised
    said, stored = await _put_posts(tx, record, piece.posts, scene)
    events += (_not_before(event, resolved_at) for event in said)
    events += await moved(tx, before, record, scene.parts)
    if record.thread.holder != before.thread.holder:
        events += await held_there(tx, record, scene.parts)
    record = called_again(record, events, scene.old_before, scene.parts.desk)
    if events:
        await happen(tx, record, sorted(events, key=lambda event: event.at), scene.parts)
    elif record != before:
        await restand(tx, record, await tx.events(record.id), scene.parts)
    elif stored:
        await tx.touch(record.id)
    return bool(events or stored or new or record != before)


async def _heard(
    tx: Tx, before: ThreadRecord, record: ThreadRecord, posts: Sequence[Post], scene: Scene
) -> tuple[Spoken | None, datetime | None]:
    """Return what words open, and when somebody closed the route before; the words that were there
    then open nothing."""
    words = spoken(record.thread, posts, scene.parts.ruled)
    if words is None or before.help_route is not None:
        return words, None
    closed = closing(await tx.events(record.id))
    if closed is None:
        return words, None
    there = {post.remote_id: post.text for post in await tx.posts(record.id)}
    fresh = [
        post
        for post in posts
        if post.created_at > closed.at or there.get(post.remote_id) != post.text
    ]
    thread = record.thread
    if thread.title == before.thread.title:
        thread = replace(thread, title=literal(""))
    return spoken(thread, fresh, scene.parts.ruled), closed.at


async def _alarmed(
    tx: Tx, record: ThreadRecord, flagged: Sequence[Event], scene: Scene
) -> tuple[Event, ...]:
    """Return the alarm that new flags raise, unless an earlier one did."""
    raised = alarm(flagged, scene.parts.desk, scene.source.account)
    if raised and told_by_flag(record, await tx.events(record.id)):
        return ()
    return raised


def _as_told(record: ThreadRecord, piece: Piece, scene: Scene) -> ThreadRecord:
    """Return the record with the thread as `piece` has it now."""
    if piece.thread is None:
        return record
    told = replace(record, thread=piece.thread, account=_owner(record, scene))
    if told.account != scene.source.account:
        # To another account of ours, the one that acts is somebody else.
        told = replace(told, thread=replace(told.thread, holder=record.thread.holder))
    return replace(told, language=_language(told, piece))


def _owner(record: ThreadRecord, scene: Scene) -> str:
    """Return the first account in config order that is able to act on the thread."""
    rank, last = scene.source.rank, len(scene.source.rank)

    def order(name: str) -> tuple[bool, int]:
        able = scene.parts.capabilities(name)
        return able is not None and not able.offers, rank.get(name, last)

    return min(record.account, scene.source.account, key=order)


def _language(record: ThreadRecord, piece: Piece) -> str | None:
    told = told_language(record.thread)
    return told or record.language or language_of(record.thread, piece.posts)


async def _weighed(tx: Tx, record: ThreadRecord, scene: Scene, *, reopens: bool) -> ThreadRecord:
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
    tx: Tx, record: ThreadRecord, posts: Sequence[Post], scene: Scene
) -> tuple[list[Event], bool]:
    """Store posts; return the events they are worth and whether any was not known before."""
    if not posts:
        return [], False
    deeds = await _our_deeds(tx, record, posts, scene)
    events: list[Event] = []
    stored = False
    for post in posts:
        post = as_ours(post, scene, deeds.receipts)
        outcome = (await tx.put_post(record.id, post)).outcome
        stored = stored or outcome != "same"
        event = None
        if outcome in ("new", "same") and not deeds.wrote(post, scene.source.own):
            event = post_event(post, record.thread, record.first_flag_at, scene)
        elif outcome == "edited":
            await end(tx, record, (post.remote_id,), scene.parts)
            event = touch_event(EventKind.EDITED, post, post.edited_at, scene)
        elif outcome == "deleted" and post.remote_id not in deeds.hidden:
            event = touch_event(EventKind.DELETED, post, post.deleted_at, scene)
        if event is not None:
            events.append(event)
    return await _untold(tx, record, events), stored


async def _untold(tx: Tx, record: ThreadRecord, events: list[Event]) -> list[Event]:
    """Return `events` without those of posts whose writing is in the history already.

    A post may be stored before it is told: it was read around the thread.
    """
    if not any(event.kind in _TOLD for event in events):
        return events
    told = {(event.kind, event.get("post")) for event in await tx.events(record.id)}
    return [e for e in events if e.kind not in _TOLD or (e.kind, e.get("post")) not in told]


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


async def _our_deeds(tx: Tx, record: ThreadRecord, posts: Sequence[Post], scene: Scene) -> _Deeds:
    rows = await tx.deliveries(thread=record.id)
    receipts = {row.receipt.remote_id for row in rows if row.receipt and row.receipt.remote_id}
    elsewhere = await tx.receipt_ids(scene.source.account, [post.remote_id for post in posts])
    hidden: set[str] = set()
    for row in rows:
        if isinstance(row.command, Hide) and row.state in (*FLYING, DeliveryState.SENT):
            hidden.update(row.command.posts)
    replying = any(isinstance(row.command, Reply) and row.state in FLYING for row in rows)
    return _Deeds(frozenset(receipts) | elsewhere, frozenset(hidden), replying)


def _not_before(event: Event, resolved_at: datetime | None) -> Event:
    """Return `event` no earlier than the resolve it was overlooked by, so that it reopens."""
    if resolved_at is None or event.kind is not EventKind.AUTHOR_POST:
        return event
    return replace(event, at=max(event.at, resolved_at))


async def put_context(
    tx: Tx, record: ThreadRecord, posts: Sequence[Post], source: Source, parts: Parts
) -> None:
    """Store posts that were read around a thread: surroundings, which nobody was told of.

    They start and stop no clock; an edit or a deletion of what is known counts as ever, and words
    of the thread's own author open a help route, from now on.
    """
    scene = Scene(source, parts, {}, parts.now(), None, around=True)
    before = record
    words = await _overheard(tx, record, posts, scene)
    record = replace(record, help_route=opened(record.help_route, words))
    raised: tuple[Event, ...] = ()
    if before.now_at is None and record.help_route != before.help_route:
        raised = alarmed(words, scene.now, scene)
    events, stored = await _put_posts(tx, record, posts, scene)
    events += raised
    if events:
        await happen(tx, record, sorted(events, key=lambda event: event.at), parts)
    elif record != before:
        await restand(tx, record, await tx.events(record.id), parts)
    elif stored:
        await tx.touch(record.id)


async def _overheard(
    tx: Tx, record: ThreadRecord, posts: Sequence[Post], scene: Scene
) -> Spoken | None:
    """Return what the author of the thread opens by words that were read around it. What others
    say there is no reason for an answer to the author; a resolved thread stays as it is."""
    if record.state is State.RESOLVED:
        return None
    author = record.thread.author.remote_id
    own = [post for post in posts if post.is_subject or post.author.remote_id == author]
    words, _ = await _heard(tx, record, record, own, scene)
    return words
