"""A post kept until it is edited: later flags on it are closed as they come, and raise nothing.

On the platform they are dismissed too, where it can: by one delivery, at most once a minute a
thread, that no undo window and no line on the screen waits for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from modtui.domain.commands import Capability, Dismiss
from modtui.domain.kept import Kept, fingerprint
from modtui.domain.model import Flag, Post, ThreadRecord
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.engine.folding import called
from modtui.engine.parts import Parts
from modtui.store import AuditLine, ReadTx, Tx

PACE = timedelta(minutes=1)


async def begin(tx: Tx, row: Delivery) -> None:
    """Keep the posts of a Dismiss that said so, now that it is done."""
    command = row.command
    if not isinstance(command, Dismiss) or not command.further or row.receipt is None:
        return
    for post in await tx.posts(row.thread):
        if post.remote_id in command.posts:
            kept = Kept(post.remote_id, row.by, row.receipt.at, fingerprint(post))
            await tx.keep_on(row.thread, kept)


async def close_further(
    tx: Tx, record: ThreadRecord, fresh: Sequence[Flag], told: Iterable[Post], parts: Parts
) -> list[Flag]:
    """Close those of `fresh` that are on a kept post; return the others.

    `told` are posts that came with the flags: an edit among them ends what was decided before.
    """
    kept = {each.post: each for each in await tx.kept(record.id)}
    if not kept:
        return list(fresh)
    posts = {post.remote_id: post for post in (*await tx.posts(record.id), *told)}
    edited = [p for p, k in kept.items() if p in posts and fingerprint(posts[p]) != k.print]
    await end(tx, record, edited, parts)
    subject = next((p.remote_id for p in posts.values() if p.is_subject), None)
    on = {flag.key: kept.get(flag.post or subject or "") for flag in fresh}
    closed = {key: each for key, each in on.items() if each and each.post not in edited}
    for post, count in Counter(each.post for each in closed.values()).items():
        keys = [key for key, each in closed.items() if each.post == post]
        await tx.close_flags(record.id, keys, kept[post].by, parts.now())
        await tx.count_kept(record.id, post, count)
        await _dismiss(tx, record, keys, kept[post], parts)
    return [flag for flag in fresh if flag.key not in closed]


async def end(tx: Tx, record: ThreadRecord, posts: Iterable[str], parts: Parts) -> None:
    """Let flags on `posts` count again: they were edited."""
    if await tx.end_kept(record.id, posts):
        what = f"further flags on {called(record, parts.desk)} count again: the post was edited"
        await tx.add_audit(AuditLine(parts.now(), parts.me, "kept no more", record.id, None, what))


async def still_further(tx: ReadTx, rows: Sequence[Delivery]) -> tuple[tuple[int, str], ...]:
    """Return the (thread, post) that the sent `rows` keep on."""
    found: list[tuple[int, str]] = []
    for row in rows:
        if isinstance(row.command, Dismiss) and row.command.further:
            at = row.receipt.at if row.receipt else None
            kept = await tx.kept(row.thread)
            mine = row.command.posts
            found += [(row.thread, k.post) for k in kept if k.post in mine and k.at == at]
    return tuple(found)


async def end_further(tx: Tx, rows: Sequence[Delivery]) -> bool:
    """Let further flags count again on what the sent `rows` keep on; return whether any did."""
    found = await still_further(tx, rows)
    for thread, post in found:
        await tx.end_kept(thread, (post,))
    return bool(found)


def is_further(row: Delivery) -> bool:
    """Whether `row` only tells the platform of flags that were closed here as they came."""
    return isinstance(row.command, Dismiss) and row.not_before is not None


async def _dismiss(
    tx: Tx, record: ThreadRecord, keys: Sequence[str], kept: Kept, parts: Parts
) -> None:
    able = parts.capabilities(record.account)
    if able is None or Capability.DISMISS not in able.offers:
        return
    for row in await tx.deliveries(thread=record.id, states=(DeliveryState.QUEUED,)):
        if is_further(row) and row.attempts == 0 and isinstance(row.command, Dismiss):
            more = replace(row.command, flags=(*row.command.flags, *keys))
            await tx.move_delivery(replace(row, command=more), DeliveryState.QUEUED)
            return
    command = Dismiss(
        thread=record.id, revision=record.revision, flags=tuple(keys), finishes=False
    )  # fmt: skip
    await tx.add_delivery(
        Delivery(
            id=0,
            key=f"{parts.runtime.rng.getrandbits(96):024x}",
            batch=f"{parts.runtime.rng.getrandbits(64):016x}:further",
            thread=record.id,
            account=record.account,
            command=command,
            state=DeliveryState.QUEUED,
            by=kept.by,
            created_at=parts.now(),
            not_before=parts.now() + PACE,
        )
    )
