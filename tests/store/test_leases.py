from datetime import timedelta

import pytest

from modtui.store import Fenced, Store
from tests.store.stage import HandClock, Shelf, add, ask, one, record


async def test_a_claim_is_seen_until_it_ends(store: Store, clock: HandClock) -> None:
    [number] = await add(store, record())
    claim = await one(store, "take_claim", number, "mod-a", "host:1", 120)
    assert claim.until == clock.now + timedelta(seconds=120)
    clock.tick(119)
    assert (await ask(store, "claim", number)).by == "mod-a"
    clock.tick(2)
    assert await ask(store, "claim", number) is None


async def test_a_wall_clock_jump_does_not_end_a_claim(store: Store, clock: HandClock) -> None:
    [number] = await add(store, record())
    await one(store, "take_claim", number, "mod-a", "host:1", 120)
    clock.now += timedelta(days=1)
    found = await ask(store, "claim", number)
    assert found.until == clock.now + timedelta(seconds=120)


async def test_a_live_claim_of_another_stands_unless_forced(store: Store) -> None:
    [number] = await add(store, record())
    first = await one(store, "take_claim", number, "mod-a", "host:1", 120)
    assert await one(store, "take_claim", number, "mod-b", "host:2", 120) == first
    taken = await one(store, "take_claim", number, "mod-b", "host:2", 120, force=True)
    assert (taken.by, taken.epoch) == ("mod-b", first.epoch + 1)


async def test_renewing_keeps_the_epoch_and_marks_nothing(store: Store, clock: HandClock) -> None:
    [number] = await add(store, record())
    first = await one(store, "take_claim", number, "mod-a", "host:1", 120)
    _, token = await ask(store, "changed_since", None)
    clock.tick(60)
    again = await one(store, "take_claim", number, "mod-a", "host:1", 120)
    assert (again.epoch, again.until) == (first.epoch, clock.now + timedelta(seconds=120))
    assert await ask(store, "changed_since", token) == ((), token)


async def test_a_dropped_claim_frees_the_thread_and_keeps_the_count(store: Store) -> None:
    [number] = await add(store, record())
    first = await one(store, "take_claim", number, "mod-a", "host:1", 120)
    assert not await one(store, "drop_claim", number, "mod-b")
    assert await one(store, "drop_claim", number, "mod-a")
    assert not await one(store, "drop_claim", number, "mod-a")
    assert await ask(store, "claim", number) is None
    taken = await one(store, "take_claim", number, "mod-b", "host:2", 120)
    assert taken.epoch == first.epoch + 1


async def test_a_lease_is_one_owners(store: Store, clock: HandClock) -> None:
    first = await one(store, "take_lease", "intake:forum", "host:1", 30)
    assert await one(store, "take_lease", "intake:forum", "host:2", 30) is None
    assert await ask(store, "lease", "intake:forum") == first
    clock.tick(20)
    assert await one(store, "take_lease", "intake:forum", "host:1", 30) == first
    clock.tick(20)
    assert await one(store, "take_lease", "intake:forum", "host:2", 30) is None
    clock.tick(11)
    assert await ask(store, "lease", "intake:forum") is None
    second = await one(store, "take_lease", "intake:forum", "host:2", 30)
    assert (second.owner, second.epoch) == ("host:2", first.epoch + 1)


async def test_an_owner_that_slept_goes_on_if_nobody_came(store: Store, clock: HandClock) -> None:
    first = await one(store, "take_lease", "intake:forum", "host:1", 30)
    clock.tick(3600)
    await one(store, "set_cursor", "forum", "c1", first)
    assert await one(store, "take_lease", "intake:forum", "host:1", 30) == first


async def test_writes_under_a_lost_lease_are_fenced(store: Store, clock: HandClock) -> None:
    first = await one(store, "take_lease", "intake:forum", "host:1", 30)
    await one(store, "set_cursor", "forum", "c1", first)
    clock.tick(31)
    second = await one(store, "take_lease", "intake:forum", "host:2", 30)

    async def work(tx: object) -> None:
        await tx.insert_thread(record())
        await tx.set_cursor("forum", "c2", first)

    with pytest.raises(Fenced):
        await store.write(work)
    assert await ask(store, "cursor", "forum") == "c1"
    assert await ask(store, "thread", 1) is None
    await one(store, "set_cursor", "forum", "c3", second)
    assert await ask(store, "cursor", "forum") == "c3"


async def test_a_dropped_lease_is_free_and_no_longer_ours(store: Store) -> None:
    first = await one(store, "take_lease", "intake:forum", "host:1", 30)
    await one(store, "drop_lease", first)
    with pytest.raises(Fenced):
        await one(store, "check_lease", first)
    second = await one(store, "take_lease", "intake:forum", "host:2", 30)
    await one(store, "drop_lease", first)
    await one(store, "check_lease", second)


async def test_a_lease_from_before_the_reboot_is_over(shelf: Shelf, store: Store) -> None:
    [number] = await add(store, record())
    first = await one(store, "take_lease", "intake:forum", "host:1", 3000)
    await one(store, "take_claim", number, "mod-a", "host:1", 3000)
    after = shelf.open(HandClock(lease=1.0, boot="boot-2"))
    assert await ask(after, "claim", number) is None
    second = await one(after, "take_lease", "intake:forum", "host:1", 30)
    assert second.epoch == first.epoch + 1
