import asyncio
from dataclasses import replace

import pytest

from modtui.domain.model import (
    ClockKind,
    Event,
    EventKind,
    Severity,
    Standing,
    State,
)
from modtui.store import Store
from tests.store.stage import REALM, T0, Shelf, add, ask, at, one, record


async def test_a_thread_comes_back_as_it_was_put(store: Store) -> None:
    [number] = await add(store, record("s1", due=90, conversation="c1"))
    found = await ask(store, "thread", number)
    assert found == replace(record("s1", due=90, conversation="c1"), id=number)


async def test_every_field_of_a_thread_is_replaced(store: Store) -> None:
    [number] = await add(store, record("s1", due=90))
    full = Standing(
        ClockKind.RESOLUTION, at(5), at(4), at(3), at(2), policy="nights", inherited=True
    )
    thread = replace(record("s1", title="other").thread, held=True, locked=True, language="kk")
    other = replace(
        record("s1"),
        id=number,
        account="second",
        thread=thread,
        state=State.RESOLVED,
        revision=7,
        first_flag_at=at(1.5),
        severity=Severity.URGENT,
        flag_count=4,
        reasons=("threat", "spam"),
        language="ka",
        help_route="self-harm",
        snoozed_until=at(60),
        resolved_at=at(61),
        resolved_by="mod-b",
        team="payments",
        pending=2,
        unknown=1,
        standing=full,
    )
    await one(store, "update_thread", other)
    assert await ask(store, "thread", number) == other


async def test_updating_a_thread_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        await one(store, "update_thread", replace(record(), id=99))


async def test_threads_are_found_by_subject_within_their_realm(store: Store) -> None:
    numbers = await add(store, *(record(f"s{i}") for i in range(700)))
    await add(store, record("s1", realm="demo:other"))
    subjects = [f"s{i}" for i in range(700)]
    found = await ask(store, "threads_by_subject", REALM, [*subjects, "none"])
    assert {s: found[s].id for s in subjects} == dict(zip(subjects, numbers, strict=True))
    assert "none" not in found


async def test_a_thread_is_found_by_its_url(store: Store) -> None:
    [_, number] = await add(store, record("s1"), record("s2", url="https://forum.example.org/x"))
    found = await ask(store, "thread_by_url", "https://forum.example.org/x")
    assert found.id == number
    assert await ask(store, "thread_by_url", "https://forum.example.org/y") is None


async def test_related_threads_share_the_conversation_and_are_unresolved(store: Store) -> None:
    numbers = await add(
        store,
        record("s1", conversation="c"),
        record("s2", conversation="c"),
        record("s3", conversation="c", state=State.RESOLVED),
        record("s4", conversation="d"),
        record("s5", conversation="c", realm="demo:other"),
        record("s6"),
        record("s7"),
    )
    counts = [await ask(store, "related", number) for number in numbers]
    assert counts == [1, 1, 2, 0, 0, 0, 0]


async def test_events_come_in_time_order_with_their_details(store: Store) -> None:
    [number] = await add(store, record())
    later = Event(EventKind.STAFF_REPLY, at(2), "mod-a", (("post", "p9"), ("n", 3), ("x", None)))
    sooner = Event(EventKind.FLAGGED, T0, "Игорь")
    await one(store, "add_event", number, later)
    await one(store, "add_event", number, sooner)
    first, second = await ask(store, "events", number)
    assert replace(first, id=None) == sooner
    assert replace(second, id=None) == later


async def test_changed_since_tells_what_another_store_wrote(shelf: Shelf) -> None:
    here, there = shelf.open(), shelf.open()
    first, second, third = await add(here, record("s1"), record("s2"), record("s3"))
    ids, token = await ask(here, "changed_since", None)
    assert ids == ()
    await one(there, "touch", second)
    await one(there, "touch", second)
    await one(there, "take_claim", third, "mod-b", "host:1", 120)
    ids, later = await ask(here, "changed_since", token)
    assert ids == (second, third)
    assert await ask(here, "changed_since", later) == ((), later)
    assert first not in ids


async def test_writers_on_two_stores_wait_for_each_other(shelf: Shelf) -> None:
    stores = shelf.open(), shelf.open()
    [number] = await add(stores[0], record())

    async def raise_revision(tx: object) -> None:
        found = await tx.thread(number)
        await tx.update_thread(replace(found, revision=found.revision + 1))

    await asyncio.gather(*(store.write(raise_revision) for store in stores * 25))
    assert (await ask(stores[0], "thread", number)).revision == 51


async def test_a_failed_write_changes_nothing(store: Store) -> None:
    [number] = await add(store, record())
    _, token = await ask(store, "changed_since", None)

    async def work(tx: object) -> None:
        await tx.touch(number)
        await tx.insert_thread(record("s2"))
        raise LookupError("the work went wrong")

    with pytest.raises(LookupError):
        await store.write(work)
    assert await ask(store, "changed_since", token) == ((), token)
    assert await ask(store, "threads_by_subject", REALM, ["s2"]) == {}
