"""Whether somebody answered in public on an account before."""

from __future__ import annotations

from dataclasses import replace

from modtui.domain.commands import Audience, Hide
from modtui.domain.outbox import DeliveryState
from modtui.store import ReadTx, Store
from tests.store.stage import add, ask, delivery, one, record, reply


async def test_only_a_public_reply_of_ones_own_on_the_account_counts(store: Store) -> None:
    [thread] = await add(store, record())
    private = replace(reply(thread), audience=Audience.AUTHOR)
    hide = Hide(thread=thread, revision=1, posts=("p1",), author="u1")
    await one(store, "add_delivery", delivery(thread, "k1", command=private))
    await one(store, "add_delivery", delivery(thread, "k2", command=hide))
    await one(store, "add_delivery", delivery(thread, "k3", by="mod-b"))
    await one(store, "add_delivery", delivery(thread, "k4", account="chat"))
    assert await ask(store, "replied_publicly", "forum", "mod-a") is False
    assert await ask(store, "replied_publicly", "forum", "mod-b") is True
    assert await ask(store, "replied_publicly", "chat", "mod-a") is True
    await one(store, "add_delivery", delivery(thread, "k5", state=DeliveryState.HELD))
    assert await ask(store, "replied_publicly", "forum", "mod-a") is True


async def test_it_is_asked_through_its_index(store: Store) -> None:
    from modtui.store.first_reply import _PUBLIC

    async def plan(tx: ReadTx) -> str:
        rows = await tx._all(f"EXPLAIN QUERY PLAN {_PUBLIC}", "forum", "mod-a")  # type: ignore[attr-defined]
        return str(rows)

    assert "delivery_public" in await store.read(plan)
