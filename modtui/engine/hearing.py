"""The team's help routes were edited: what is in the queue already is heard again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from modtui.domain.digest import sha256
from modtui.domain.frozen import dataclass
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import Post, ThreadRecord
from modtui.domain.settings import Desk
from modtui.domain.views import Change, QueueFilter
from modtui.engine.gate import spoken
from modtui.engine.parts import Parts
from modtui.store import ReadTx, Tx

# No account can have this name, so its cursor is free to hold by which routes was heard last.
_NAME = "~help-routes"
_LEASE_SECONDS = 60.0
_SLICE = 50


@dataclass(frozen=True, slots=True)
class _Said:
    """A thread, and what its own author wrote there."""

    record: ThreadRecord
    posts: tuple[Post, ...]


async def hear_again(parts: Parts) -> bool:
    """Open the routes of today on every unresolved thread whose author's words open one, where
    they were edited since the last time; the first time everything was heard as it came.

    It opens routes and closes none. Returns False, and does nothing, while another process does
    it, which may end before it is through.
    """
    desk, store = parts.ruled, parts.store
    print_of = await asyncio.to_thread(_print_of, desk)
    known = await store.read(lambda tx: tx.cursor(_NAME))
    if known == print_of:
        return True
    lease = await store.write(
        lambda tx: tx.take_lease(_NAME, parts.runtime.session, _LEASE_SECONDS)
    )
    if lease is None:
        return False
    for ids in await _slices(parts) if known is not None else ():
        said = await store.read(partial(_read, ids=ids))
        found = await asyncio.to_thread(_open_by_words, said, desk)
        if found:
            await store.write(partial(_open, ids=found, parts=parts))
            parts.changed(Change(threads=frozenset(found)))

    async def done(tx: Tx) -> None:
        await tx.set_cursor(_NAME, print_of, lease)
        await tx.drop_lease(lease)

    await store.write(done)
    return True


def _print_of(desk: Desk) -> str:
    """What tells one set of routes from another; "" stands for the words that came with modtui."""
    book = desk.help_book
    if not desk.help_reasons or book is None:
        return repr(desk.help_reasons)
    heads = sorted(book.heads.items())
    return sha256(repr((desk.help_reasons, heads)).encode())


async def _slices(parts: Parts) -> Sequence[tuple[int, ...]]:
    now = parts.now()
    listed, aside = QueueFilter(), QueueFilter(backlog=True)

    async def work(tx: ReadTx) -> tuple[int, ...]:
        ids = [await tx.queue_ids(view, now, parts.me) for view in (listed, aside)]
        return tuple(dict.fromkeys((*ids[0], *ids[1])))

    ids = await parts.store.read(work)
    return [ids[at : at + _SLICE] for at in range(0, len(ids), _SLICE)]


async def _read(tx: ReadTx, ids: Sequence[int]) -> tuple[_Said, ...]:
    found = []
    for thread_id in ids:
        record = await tx.thread(thread_id)
        if record is not None and record.help_route in (None, SENSITIVE):
            author = record.thread.author.remote_id
            posts = await tx.posts(thread_id)
            own = (post for post in posts if post.is_subject or post.author.remote_id == author)
            found.append(_Said(record, tuple(own)))
    return tuple(found)


def _open_by_words(said: Sequence[_Said], desk: Desk) -> tuple[int, ...]:
    return tuple(e.record.id for e in said if spoken(e.record.thread, e.posts, desk) is not None)


async def _open(tx: Tx, ids: Sequence[int], parts: Parts) -> None:
    from modtui.engine.merge import put_context
    from modtui.engine.pieces import Source

    for said in await _read(tx, ids):
        record = said.record
        source = Source(record.account, record.realm, {})
        await put_context(tx, record, said.posts, source, parts)
