"""What followed the quick replies, as the store tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from modtui.domain.commands import Audience, Note, Reply
from modtui.domain.model import Event, EventKind
from modtui.domain.outbox import DeliveryState
from modtui.domain.outcomes import Answer
from modtui.store import ReadTx, Store
from tests.store.stage import T0, add, ask, delivery, one, record

MINUTE = timedelta(minutes=1)


async def test_only_what_came_after_a_reply_and_says_something_is_told(store: Store) -> None:
    first, second = await add(store, record("s1"), record("s2"))
    for kind, minutes in (
        (EventKind.AUTHOR_POST, 0), (EventKind.STAFF_NOTE, 2),
        (EventKind.AUTHOR_POST, 3), (EventKind.STAFF_REPLY, 4), (EventKind.STAFF_REPLY, 1),
    ):  # fmt: skip
        event = Event(kind, T0 + minutes * MINUTE, "u1", (("batch", "b1"),))
        await one(store, "add_event", first, event)
    await one(store, "count_sent", "fees", first, "mod-a", T0 + MINUTE)
    await one(store, "count_sent", "fees", second, "mod-b", T0 + MINUTE)
    await one(store, "count_sent", "old", second, "mod-b", T0 - 9 * MINUTE)
    told = await ask(store, "after_replies", T0)
    assert [(a.entry, a.event and (a.event.kind, a.event.at - T0)) for a in told] == [
        ("fees", (EventKind.STAFF_REPLY, MINUTE)),
        ("fees", (EventKind.AUTHOR_POST, 3 * MINUTE)),
        ("fees", (EventKind.STAFF_REPLY, 4 * MINUTE)),
        ("fees", None),
    ]
    assert told[0].event is not None
    assert told[0].event.get("batch") == "b1"
    assert len({a.reply for a in told}) == 2


async def test_the_events_are_found_by_their_index(store: Store) -> None:
    from modtui.store.outcomes import _after

    async def plan(tx: ReadTx) -> str:
        return str(await tx._all(f"EXPLAIN QUERY PLAN {_after()}", 0))  # type: ignore[attr-defined]

    assert "event_thread" in await store.read(plan)


async def test_public_answers_are_told_newest_first_without_those_of_a_help_route(
    store: Store,
) -> None:
    plain, sensitive = await add(store, record("s1"), record("s2", help_route="self-harm"))
    reply = Reply(thread=plain, revision=1, text="By hand", language="en")
    sent = DeliveryState.SENT
    for key, command, state, minutes in (
        ("old", reply, sent, -90),
        ("first", reply, sent, 0),
        ("entry", replace(reply, quick="fees"), sent, 1),
        ("waiting", reply, DeliveryState.QUEUED, 2),
        ("alone", replace(reply, audience=Audience.AUTHOR), sent, 3),
        ("route", replace(reply, route="self-harm"), sent, 4),
        ("sensitive", replace(reply, thread=sensitive), sent, 5),
        ("note", Note(thread=plain, revision=1, text="By hand"), sent, 6),
    ):
        row = delivery(command.thread, key, command=command, state=state,
                       created_at=T0 + minutes * MINUTE)  # fmt: skip
        await one(store, "add_delivery", row)
    told = await ask(store, "answers", T0 - 30 * MINUTE, 10)
    assert told == (
        Answer(plain, T0 + MINUTE, "By hand", "fees", "en"),
        Answer(plain, T0, "By hand", "", "en"),
    )
    assert await ask(store, "answers", T0 - 30 * MINUTE, 1) == told[:1]
