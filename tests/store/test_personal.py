"""Pins and exposure: each moderator's own."""

from __future__ import annotations

from modtui.store import Store
from tests.store.stage import add, ask, at, one, record


async def test_a_digit_has_one_entry_and_an_entry_one_digit(store: Store) -> None:
    await one(store, "put_pin", "mod-a", 9, "thanks")
    await one(store, "put_pin", "mod-a", 3, "kyc-steps")
    await one(store, "put_pin", "mod-b", 9, "rules")
    assert await ask(store, "pins", "mod-a") == {3: "kyc-steps", 9: "thanks"}
    await one(store, "put_pin", "mod-a", 9, "kyc-steps")
    assert await ask(store, "pins", "mod-a") == {9: "kyc-steps"}
    assert await ask(store, "pins", "mod-b") == {9: "rules"}
    await one(store, "drop_pin", "mod-a", 9)
    assert await ask(store, "pins", "mod-a") == {}
    assert await ask(store, "pins", "mod-b") == {9: "rules"}


async def test_exposure_is_counted_for_each_alone_and_from_a_moment_on(store: Store) -> None:
    (thread,) = await add(store, record("s1"))
    for minute, who in ((1, "mod-a"), (2, "mod-b"), (3, "mod-a"), (3, "mod-a")):
        await one(store, "add_exposure", who, thread, "p1", at(minute))
    assert await ask(store, "exposures", "mod-a", at(0)) == 3
    assert await ask(store, "exposures", "mod-a", at(3)) == 2
    assert await ask(store, "exposures", "mod-b", at(0)) == 1
    assert await ask(store, "exposures", "mod-c", at(0)) == 0
