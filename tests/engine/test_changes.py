"""Screens hear of a burst once, after the caches are fresh."""

import asyncio
from collections.abc import Coroutine

import pytest

from modtui.domain.views import Change
from modtui.engine.changes import Changes, joined
from tests.engine.rig import until


async def _nothing(_: Change) -> None:
    return None


async def test_a_burst_is_one_callback_with_everything_in_it() -> None:
    order: list[str] = []
    heard: list[Change] = []

    async def prepare(change: Change) -> None:
        order.append("prepared")

    changes = Changes(prepare, burst=0.01)
    changes.subscribe(lambda change: order.append("told"))
    changes.subscribe(heard.append)
    for number in range(100):
        changes.publish(Change(threads=frozenset({number})))
    changes.publish(Change(deliveries=True))
    task = asyncio.create_task(changes.run())
    await until(lambda: bool(heard))
    task.cancel()
    assert heard == [Change(threads=frozenset(range(100)), deliveries=True)]
    assert order == ["prepared", "told"]


async def test_a_change_is_not_lost_when_the_caches_could_not_be_refreshed() -> None:
    fails = [True, False]

    async def prepare(change: Change) -> None:
        if fails.pop(0):
            raise OSError("disk full")

    changes = Changes(prepare)
    heard: list[Change] = []
    changes.subscribe(heard.append)
    changes.publish(Change(threads=frozenset({7})))
    with pytest.raises(OSError, match="disk full"):
        await changes.flush()
    await changes.flush()
    await until(lambda: bool(heard))
    assert heard == [Change(threads=frozenset({7}))]


async def test_what_takes_long_to_prepare_is_prepared_less_often() -> None:
    begun: list[float] = []
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def prepare(_: Change) -> None:
        begun.append(loop.time())
        await asyncio.sleep(0.05)
        if len(begun) == 2:
            told.set()

    changes = Changes(prepare, burst=0)
    changes.publish(Change(wide=True))
    running = asyncio.create_task(changes.run())
    while not begun:
        await asyncio.sleep(0)
    changes.publish(Change(wide=True))
    await asyncio.wait_for(told.wait(), 5)
    running.cancel()
    # The preparing, and three times as long for whatever else there is to do.
    assert begun[1] - begun[0] >= 0.05 * 4 - 0.01


@pytest.mark.parametrize(("took", "rests"), [(0.0, 0.01), (0.05, 0.15), (60.0, 0.5)])
async def test_what_screens_read_for_long_is_told_anew_less_often(
    monkeypatch: pytest.MonkeyPatch, took: float, rests: float
) -> None:
    changes = Changes(_nothing, burst=0.01)
    asked: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def sleep(seconds: float) -> None:
        asked.set_result(seconds)
        await asyncio.Event().wait()

    seconds = 100.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: seconds)

    async def reading() -> str:
        nonlocal seconds
        seconds += took
        return "the order"

    assert await changes.weighed(reading()) == "the order"
    monkeypatch.setattr(asyncio, "sleep", sleep)
    changes.publish(Change(wide=True))
    running = asyncio.create_task(changes.run())
    assert await asked == pytest.approx(rests)
    running.cancel()


async def test_what_nobody_does_is_told_still_less_often_until_somebody_acts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes, heard, seconds = Changes(_nothing, burst=0.01), list[Change](), 100.0
    changes.subscribe(heard.append)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: seconds)
    asked: asyncio.Queue[float] = asyncio.Queue()

    async def reading() -> None:
        nonlocal seconds
        seconds += 0.05

    async def sleep(_: float) -> None: ...

    async def wait_for(waiting: Coroutine[object, object, object], longer: float) -> None:
        await asked.put(longer)
        await waiting

    await changes.weighed(reading())
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(asyncio, "wait_for", wait_for)
    changes.publish(Change(threads=frozenset({1})))
    running = asyncio.create_task(changes.run())
    # Until the half second from which no screen is older: 0.15 s have passed.
    assert await asked.get() == pytest.approx(0.3)
    changes.publish(Change(threads=frozenset({2})))
    for _ in range(5):
        await _turn()
    assert heard == [Change(threads=frozenset({1}))]
    changes.publish(Change(threads=frozenset({3}), deliveries=True))
    while len(heard) < 2:
        await _turn()
    assert heard[1] == Change(threads=frozenset({2, 3}), deliveries=True)
    running.cancel()


@pytest.mark.parametrize("moved", [True, False])
async def test_a_burst_says_whether_any_thread_moved(moved: bool) -> None:
    async def prepare(change: Change) -> None:
        return None

    changes = Changes(prepare)
    heard: list[Change] = []
    changes.subscribe(heard.append)
    changes.publish(Change(threads=frozenset({1}), order=False))
    changes.publish(Change(threads=frozenset({2}), order=moved))
    await changes.flush()
    await until(lambda: bool(heard))
    assert heard == [Change(threads=frozenset({1, 2}), order=moved)]


async def _turn() -> None:
    """Let the loop go round once."""
    turned = asyncio.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    await turned.wait()


async def test_who_stopped_listening_hears_nothing() -> None:
    async def prepare(change: Change) -> None:
        return None

    changes = Changes(prepare)
    heard: list[Change] = []
    stop = changes.subscribe(heard.append)
    stop()
    stop()
    changes.publish(Change(wide=True))
    await changes.flush()
    await asyncio.sleep(0)
    assert heard == []


def test_very_many_threads_become_wide() -> None:
    change = joined(Change(), Change(threads=frozenset(range(5_000))))
    assert change == Change(wide=True)
