from dataclasses import replace

import pytest

from modtui.domain.commands import NO_THREAD, HandOver, SetSlowMode
from modtui.domain.outbox import DeliveryState, Receipt
from modtui.store import Fenced, Store
from tests.store.stage import T0, HandClock, Shelf, add, ask, at, delivery, one, record

S = DeliveryState


async def queued(store: Store, count: int = 1) -> list[int]:
    [thread] = await add(store, record())
    return [await one(store, "add_delivery", delivery(thread, f"k{i}")) for i in range(count)]


async def test_a_delivery_comes_back_as_it_was_put(store: Store) -> None:
    [thread] = await add(store, record())
    slow = SetSlowMode(thread=thread, revision=3, seconds=60, until=at(30), reason="тише")
    full = delivery(
        thread,
        command=slow,
        state=S.HELD,
        attempts=2,
        absent=1,
        next_at=at(1),
        not_before=at(2),
        hold_until=at(3),
        first_sent_at=at(4),
        owner="host:1",
        epoch=5,
        receipt=Receipt("p9", at(6), "{}"),
        error="timeout",
        undoes=1,
        unknown_at=at(7),
    )
    number = await one(store, "add_delivery", full)
    assert await ask(store, "delivery", number) == replace(full, id=number)
    assert await ask(store, "delivery", 99) is None


async def test_a_row_is_leased_once(store: Store) -> None:
    [number] = await queued(store)
    taken = await one(store, "lease_delivery", number, "host:1", 30, at(1))
    assert (taken.state, taken.attempts, taken.epoch) == (S.SENDING, 1, 1)
    assert (taken.owner, taken.first_sent_at) == ("host:1", at(1))
    assert await one(store, "lease_delivery", number, "host:2", 30, at(2)) is None


async def test_first_sent_stays_over_attempts(store: Store) -> None:
    [number] = await queued(store)
    taken = await one(store, "lease_delivery", number, "host:1", 30, at(1))
    await one(store, "move_delivery", taken, S.QUEUED, "503")
    again = await one(store, "lease_delivery", number, "host:1", 30, at(2))
    assert (again.first_sent_at, again.attempts, again.epoch) == (at(1), 2, 2)


async def test_a_move_replaces_the_row_and_writes_history(store: Store, clock: HandClock) -> None:
    [number] = await queued(store)
    taken = await one(store, "lease_delivery", number, "host:1", 30, T0)
    clock.tick(2)
    done = replace(taken, receipt=Receipt("p9", at(1)), error=None)
    await one(store, "move_delivery", done, S.SENT, "201")
    assert await ask(store, "delivery", number) == replace(done, state=S.SENT)
    history = await ask(store, "delivery_history", number)
    assert [(state, why) for _, state, why in history] == [
        (S.QUEUED, ""),
        (S.SENDING, ""),
        (S.SENT, "201"),
    ]
    assert history[-1][0] == clock.now


async def test_a_move_the_domain_does_not_know_is_refused(store: Store) -> None:
    [number] = await queued(store)
    row = await ask(store, "delivery", number)
    with pytest.raises(ValueError, match="queued to sent"):
        await one(store, "move_delivery", row, S.SENT)
    assert await ask(store, "delivery", number) == row


async def test_a_move_to_the_same_state_changes_times_alone(store: Store) -> None:
    [number] = await queued(store)
    row = replace(await ask(store, "delivery", number), next_at=at(9))
    await one(store, "move_delivery", row, S.QUEUED)
    assert await ask(store, "delivery", number) == row
    assert len(await ask(store, "delivery_history", number)) == 1


async def test_orphans_are_rows_whose_lease_is_over(store: Store, clock: HandClock) -> None:
    first, second, _ = await queued(store, 3)
    await one(store, "lease_delivery", first, "host:1", 30, T0)
    await one(store, "lease_delivery", second, "host:1", 60, T0)
    assert await one(store, "orphans", "forum") == ()
    clock.tick(31)
    assert [d.id for d in await one(store, "orphans", "forum")] == [first]
    assert await one(store, "orphans", "another") == ()


async def test_whoever_lost_a_row_is_fenced(store: Store, clock: HandClock) -> None:
    [number] = await queued(store)
    lost = await one(store, "lease_delivery", number, "host:1", 30, T0)
    clock.tick(31)
    [found] = await one(store, "orphans", "forum")
    with pytest.raises(Fenced):
        await one(store, "move_delivery", replace(lost, receipt=Receipt("p1", T0)), S.SENT)
    with pytest.raises(Fenced):
        await one(store, "renew_delivery", lost, 30)
    await one(store, "move_delivery", found, S.UNKNOWN, "lease over")
    assert (await ask(store, "delivery", number)).state is S.UNKNOWN


async def test_a_renewed_row_is_no_orphan(store: Store, clock: HandClock) -> None:
    [number] = await queued(store)
    taken = await one(store, "lease_delivery", number, "host:1", 30, T0)
    clock.tick(29)
    await one(store, "renew_delivery", taken, 30)
    clock.tick(29)
    assert await one(store, "orphans", "forum") == ()
    await one(store, "move_delivery", taken, S.UNKNOWN)
    await one(store, "move_delivery", taken, S.RECONCILING)
    await one(store, "renew_delivery", taken, 30)
    assert await one(store, "orphans", "forum") == ()
    clock.tick(31)
    assert [d.state for d in await one(store, "orphans", "forum")] == [S.RECONCILING]


async def test_the_lease_of_a_row_ends_with_its_state(store: Store) -> None:
    [number] = await queued(store)
    taken = await one(store, "lease_delivery", number, "host:1", 3000, T0)
    await one(store, "move_delivery", taken, S.UNKNOWN)
    await one(store, "move_delivery", taken, S.RECONCILING)
    assert [d.id for d in await one(store, "orphans", "forum")] == [number]


async def test_a_lease_of_another_boot_is_over(shelf: Shelf, store: Store) -> None:
    [number] = await queued(store)
    await one(store, "lease_delivery", number, "host:1", 3000, T0)
    after = shelf.open(HandClock(lease=1.0, boot="boot-2"))
    assert [d.id for d in await one(after, "orphans", "forum")] == [number]


async def test_deliveries_are_picked_in_submit_order(store: Store) -> None:
    one_id, two_id = await add(store, record("s1"), record("s2"))
    a = await one(store, "add_delivery", delivery(one_id, "a"))
    b = await one(store, "add_delivery", delivery(two_id, "b", state=S.HELD, batch="batch-2"))
    c = await one(store, "add_delivery", delivery(one_id, "c", account="social"))

    async def ids(**how: object) -> list[int]:
        return [d.id for d in await ask(store, "deliveries", **how)]

    assert await ids() == [a, b, c]
    assert await ids(thread=one_id) == [a, c]
    assert await ids(account="forum") == [a, b]
    assert await ids(states=[S.HELD, S.SENT]) == [b]
    assert await ids(batch="batch-1", account="social") == [c]
    assert await ids(limit=2) == [a, b]
    assert [d.id for d in await ask(store, "latest_deliveries", limit=2)] == [b, c]
    assert [d.id for d in await ask(store, "latest_deliveries", thread=two_id)] == [b]


async def test_receipts_tell_our_own_posts(store: Store) -> None:
    [number, other] = await queued(store, 2)
    taken = await one(store, "lease_delivery", number, "host:1", 30, T0)
    await one(store, "move_delivery", replace(taken, receipt=Receipt("p9", T0)), S.SENT)
    taken = await one(store, "lease_delivery", other, "host:1", 30, T0)
    await one(store, "move_delivery", replace(taken, receipt=Receipt(None, T0)), S.SENT)
    assert await ask(store, "receipts_of", taken.thread) == {"p9"}
    asked = [f"p{i}" for i in range(1200)]
    assert await ask(store, "receipt_ids", "forum", asked) == {"p9"}
    assert await ask(store, "receipt_ids", "social", asked) == frozenset()


async def test_a_delivery_may_belong_to_no_thread(store: Store) -> None:
    text = HandOver(account="ops", to="#shift", text="all calm")
    number = await one(store, "add_delivery", delivery(NO_THREAD, command=text, asks=True))
    row = await ask(store, "delivery", number)
    assert (row.thread, row.command, row.asks) == (NO_THREAD, text, True)
    await one(store, "move_delivery", replace(row, asks=False), S.QUEUED)
    assert not (await ask(store, "delivery", number)).asks
    assert await ask(store, "deliveries", thread=NO_THREAD) == ()
    assert [each.id for each in await ask(store, "deliveries")] == [number]
