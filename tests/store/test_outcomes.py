"""What followed the quick replies, as the store tells it."""

from __future__ import annotations

from datetime import timedelta

from modtui.domain.model import Event, EventKind
from modtui.store import ReadTx, Store
from tests.store.stage import T0, add, ask, one, record

MINUTE = timedelta(minutes=1)


async def test_only_what_came_after_a_reply_and_says_something_is_told(store: Store) -> None:
    first, second = await add(store, record("s1"), record("s2"))
    for kind, minutes in (
        (EventKind.AUTHOR_POST, 0), (EventKind.STAFF_NOTE, 2),
        (EventKind.AUTHOR_POST, 3), (EventKind.STAFF_REPLY, 4),
    ):  # fmt: skip
        event = Event(kind, T0 + minutes * MINUTE, "u1")
        await one(store, "add_event", first, event)
    await one(store, "count_sent", "fees", first, "mod-a", T0 + MINUTE)
    await one(store, "count_sent", "fees", second, "mod-b", T0 + MINUTE)
    await one(store, "count_sent", "old", second, "mod-b", T0 - 9 * MINUTE)
    told = await ask(store, "after_replies", T0)
    assert [(a.entry, a.kind, a.at - T0) for a in told] == [
        ("fees", EventKind.AUTHOR_POST, 3 * MINUTE),
        ("fees", EventKind.STAFF_REPLY, 4 * MINUTE),
        ("fees", None, MINUTE),
    ]
    assert len({a.reply for a in told}) == 2


async def test_the_events_are_found_by_their_index(store: Store) -> None:
    from modtui.store.outcomes import _AFTER

    async def plan(tx: ReadTx) -> str:
        return str(await tx._all(f"EXPLAIN QUERY PLAN {_AFTER}", 0))  # type: ignore[attr-defined]

    assert "event_thread" in await store.read(plan)
