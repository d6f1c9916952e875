"""What nobody waits for rests while a key is answered, between two statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from modtui.domain.views import QueueFilter
from modtui.engine.guarded import Guarded, Patient
from modtui.store import ReadTx, Tx, queue, sqlite
from modtui.store.session import MOST_SECONDS, Way
from modtui.store.sqlite import open_store
from tests.store.stage import HandClock, add, at, no_wait, record


class Hand:
    """Seconds that move only when told, and how long was rested."""

    def __init__(self) -> None:
        self.now = 5.0
        self.rested: list[float] = []

    def way(self) -> Way:
        return Way(lambda: self.now, self.rested.append)


def test_who_gives_way_rests_until_then_and_never_long() -> None:
    hand = Hand()
    way = hand.way()
    way.give()
    assert hand.rested == []
    way.ask(0.5)
    hand.now += 0.5 - MOST_SECONDS / 2
    way.give()
    assert hand.rested == [pytest.approx(MOST_SECONDS / 2)]
    way.ask(60)
    way.give()
    assert hand.rested[1:] == [MOST_SECONDS]
    hand.now += 60
    way.give()
    assert len(hand.rested) == 2


async def test_a_transaction_rests_only_where_it_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = Hand()
    monkeypatch.setattr(sqlite, "Way", hand.way)
    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), no_wait)

    async def twice(tx: ReadTx) -> None:
        await tx.thread(1)
        await tx.thread(2)

    async def behind(tx: Tx) -> None:
        tx.give_way()
        await twice(tx)

    store.give_way(0.01)
    await store.write(twice)
    await store.read(twice)
    store.peek(twice)
    assert hand.rested == []
    await store.write(behind)
    assert hand.rested == [pytest.approx(0.01)] * 2
    await Guarded(store).write(twice)
    assert len(hand.rested) == 2
    patient = Patient(store, no_wait)
    patient.give_way(0.02)
    await patient.write(twice)
    assert hand.rested[2:] == [pytest.approx(0.02)] * 2
    await store.close()


async def test_a_long_order_that_gives_way_rests_between_its_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = Hand()
    monkeypatch.setattr(sqlite, "Way", hand.way)
    monkeypatch.setattr(queue, "_PIECE", 10)
    store = open_store(tmp_path / "queue.db", HandClock().store_clock(), no_wait)
    await add(store, *(record(f"s{i}") for i in range(40)))

    async def order(tx: ReadTx) -> tuple[int, ...]:
        return await tx.queue_ids(QueueFilter(), at(60), "mod-a")

    async def behind(tx: ReadTx) -> tuple[int, ...]:
        tx.give_way()
        return await order(tx)

    store.give_way(0.01)
    whole = await store.read(order)
    assert hand.rested == []
    assert await store.read(behind) == whole
    assert len(hand.rested) > 10
    await store.close()
