from dataclasses import replace

from modtui.domain.model import Channel, Restriction
from modtui.domain.text import literal
from modtui.store import Store
from modtui.store.listing_port import FlagGroup, QueueExtra
from tests.store.stage import REALM, T0, add, ask, at, flag, one, record


async def test_a_listing_adds_the_open_flags_and_the_restriction(store: Store) -> None:
    first, second = await add(store, record("s1", channel="pay"), record("s2"))
    slow = Restriction("slow", 60, at(1), at(9))
    await one(store, "put_channel", REALM, Channel("pay", literal("Payments"), slow))
    for put in (
        flag("f1", at=at(3)),
        flag("f2", at=at(2)),
        flag("f3", at=at(1), reason="threat"),
        flag("f4", at=at(4), by=None),
        flag("f5", at=at(0)),
    ):
        await one(store, "put_flag", first, put)
    await one(store, "put_flag", second, replace(flag("f1"), thread="s2"))
    await one(store, "close_flags", first, ["f5"], "mod-a", at(5))
    await one(store, "close_flags", second, ["f1"], "mod-a", at(5))
    assert await ask(store, "queue_extras", [first, second, 99]) == {
        first: QueueExtra(
            REALM,
            "pay",
            T0,
            slow,
            (
                FlagGroup("threat", "Igor", 1, at(1)),
                FlagGroup("spam", "Igor", 2, at(2)),
                FlagGroup("spam", None, 1, at(4)),
            ),
        ),
        second: QueueExtra(REALM, "general", T0, None, ()),
    }
