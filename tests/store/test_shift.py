"""Sittings, hand-overs, and what a moderator left, as the store tells it."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.model import Event, EventKind, State
from modtui.domain.shift import HandedOver, Sitting
from modtui.store import Store
from tests.store.stage import T0, HandClock, Shelf, add, ask, at, delivery, one, record

K = EventKind


async def happened(store: Store, thread: int, *events: tuple[EventKind, str]) -> None:
    for minute, (kind, actor) in enumerate(events):
        await one(store, "add_event", thread, Event(kind, at(minute), actor))


async def test_the_last_sitting_is_mine_and_another_than_this_one(store: Store) -> None:
    assert await ask(store, "last_sitting", "mod-a", "s3") is None
    for session, by, began in (("s1", "mod-a", 0), ("s2", "mod-a", 5), ("sb", "mod-b", 9)):
        await one(store, "begin_sitting", Sitting(session, by, at(began)))
    await one(store, "begin_sitting", Sitting("s3", "mod-a", at(20)))
    assert await ask(store, "last_sitting", "mod-a", "s3") == Sitting("s2", "mod-a", at(5))
    await one(store, "end_sitting", "s2", at(8))
    ended = await ask(store, "last_sitting", "mod-a", "s3")
    assert (ended.session, ended.ended_at, ended.handed_at) == ("s2", at(8), None)
    assert await ask(store, "sat_down", "mod-a", at(1)) == at(5)
    assert await ask(store, "sat_down", "mod-a", at(21)) is None


async def test_a_hand_over_is_kept_and_marks_its_sitting(store: Store) -> None:
    assert await ask(store, "last_handover") is None
    await one(store, "begin_sitting", Sitting("s1", "mod-a", T0))
    [thread] = await add(store, record())
    number = await one(store, "add_delivery", delivery(thread))
    done = HandedOver("mod-a", at(3), "mod-b", "text\nof two lines", number)
    await one(store, "add_handover", done, "s1")
    assert await ask(store, "last_handover") == done
    assert (await ask(store, "last_sitting", "mod-a", "s2")).handed_at == at(3)
    later = replace(done, by="mod-c", at=at(9), delivery=None)
    await one(store, "add_handover", later, "s9")
    assert await ask(store, "last_handover") == later


async def test_claims_are_told_until_they_are_given_back(shelf: Shelf, clock: HandClock) -> None:
    store = shelf.open()
    first, second, third = await add(store, record("a"), record("b"), record("c"))
    for thread, seconds in ((first, 60), (second, 600)):
        await one(store, "take_claim", thread, "mod-a", "s1", seconds)
    await one(store, "take_claim", third, "mod-b", "s2", 600)
    clock.tick(61)
    told = await ask(store, "claims_of", "mod-a")
    assert [(claim.thread, live) for claim, live in told] == [(first, False), (second, True)]
    await one(store, "drop_claim", second, "mod-a")
    assert [claim.thread for claim, _ in await ask(store, "claims_of", "mod-a")] == [first]
    clock.boot = "boot-2"
    assert await ask(shelf.open(), "claims_of", "mod-a") == ()


async def test_a_session_holds_a_lease_while_one_of_its_accounts_is_its_own(
    shelf: Shelf, clock: HandClock
) -> None:
    store = shelf.open()
    assert not await ask(store, "holds_lease", "s1")
    await one(store, "take_lease", "account:forum", "s1", 30)
    assert await ask(store, "holds_lease", "s1")
    assert not await ask(store, "holds_lease", "s2")
    clock.tick(31)
    assert not await ask(store, "holds_lease", "s1")


async def test_who_put_a_thread_aside_is_who_did_it_last(store: Store) -> None:
    asleep = record("a", state=State.SNOOZED)
    mine, other, awake = await add(
        store, asleep, replace(asleep, thread=record("b").thread), record("c")
    )
    await happened(store, mine, (K.SNOOZED, "mod-b"), (K.WOKEN, "clock"), (K.SNOOZED, "mod-a"))
    await happened(store, other, (K.SNOOZED, "mod-a"), (K.WOKEN, "clock"), (K.SNOOZED, "mod-b"))
    await happened(store, awake, (K.SNOOZED, "mod-a"), (K.WOKEN, "mod-a"))
    assert await ask(store, "put_by", "mod-a", State.SNOOZED, K.SNOOZED) == (mine,)


async def test_now_threads_are_told_from_when_they_entered(store: Store) -> None:
    ended, gone, still, _ = await add(
        store, record("a"), record("b"), record("c", now_at=at(-9)), record("d")
    )
    await happened(store, ended, (K.FLAGGED, "Igor"), (K.SENSITIVE, "mod-a"), (K.RESOLVED, "mod-a"))
    await happened(store, gone, (K.SENSITIVE, "forum"), (K.RESOLVED, "mod-a"))
    assert await ask(store, "now_since", at(1)) == (still, ended)
    assert await ask(store, "now_since", T0) == (still, gone, ended)


async def test_colleagues_are_who_held_or_noted_the_latest_first(store: Store) -> None:
    [thread] = await add(store, record())
    await happened(
        store, thread, (K.CLAIMED, "mod-b"), (K.AUTHOR_POST, "Nina"), (K.STAFF_NOTE, "mod-c"),
        (K.CLAIMED, "mod-a"), (K.SNOOZED, "mod-b"), (K.WOKEN, "clock"),
    )  # fmt: skip
    assert await ask(store, "colleagues", "mod-a") == ("mod-b", "mod-c")
