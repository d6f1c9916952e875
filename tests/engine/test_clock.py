"""The watch over deadlines, at closing time and on a store that fails for a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from modtui.domain.model import Band, EventKind, State
from modtui.domain.timeleft import left
from modtui.domain.views import QueueFilter
from modtui.engine.clock import Watch
from modtui.store import ReadTx, StoreError
from modtui.store.session import Session
from tests.domain.calendars import moment, weekdays
from tests.engine.scene import POLICY, Scene, flag, thread

T = TypeVar("T")
OFFICE = weekdays("09:00-17:00")
PROMISE = replace(POLICY, calendar=OFFICE)


async def late(desk: Scene) -> tuple[int, bool, bool]:
    """How many the store counts and lists as late, and what the time-left column says."""
    now = desk.clock.now
    counts = await desk.store.read(lambda tx: tx.counts(now, "mod-a"))
    ids = await desk.store.read(lambda tx: tx.queue_ids(QueueFilter(late=True), now, "mod-a"))
    standing = (await desk.record()).standing
    return counts.late, bool(ids), left(standing, OFFICE, now).band is Band.BREACHED


def go_to(desk: Scene, at: datetime) -> None:
    desk.clock.tick((at - desk.clock.now).total_seconds())


async def flagged_at(desk: Scene, at: datetime) -> None:
    desk.policies = (PROMISE,)
    go_to(desk, at)
    await desk.take(threads=(thread(at),), flags=(flag(at),), caught_up=True)


async def breaches(desk: Scene) -> list[datetime]:
    return [event.at for event in await desk.history() if event.kind is EventKind.BREACHED]


@pytest.mark.parametrize("looking", [True, False])
async def test_a_deadline_at_closing_time_is_late_when_the_desk_opens(
    desk: Scene, looking: bool
) -> None:
    await flagged_at(desk, moment("2026-03-06 15:00"))
    watch = Watch(desk.parts)
    for at in ("2026-03-06 17:00", "2026-03-06 17:01", "2026-03-07 12:00", "2026-03-09 08:59"):
        go_to(desk, moment(at))
        if looking:
            await watch.look()
        assert await late(desk) == (0, False, False)
    opens = moment("2026-03-09 09:00")
    go_to(desk, opens)
    await watch.look()
    assert await late(desk) == (1, True, True)
    assert await breaches(desk) == [opens]
    go_to(desk, moment("2026-03-09 11:00"))
    await watch.look()
    assert await breaches(desk) == [opens]


async def test_a_deadline_within_hours_is_late_in_the_night_that_follows(desk: Scene) -> None:
    await flagged_at(desk, moment("2026-03-06 14:59"))
    watch = Watch(desk.parts)
    await watch.look()
    go_to(desk, moment("2026-03-06 23:00"))
    assert await late(desk) == (1, True, True)
    await watch.look()
    assert await late(desk) == (1, True, True)
    assert await breaches(desk) == [moment("2026-03-06 16:59")]


async def test_a_snoozed_thread_s_first_response_is_late_before_the_snooze_ends(
    desk: Scene,
) -> None:
    await flagged_at(desk, moment("2026-03-06 10:00"))
    record = await desk.record()
    wakes = moment("2026-03-06 15:00")
    standing = replace(record.standing, resumes_at=wakes)
    snoozed = replace(record, state=State.SNOOZED, snoozed_until=wakes, standing=standing)
    await desk.store.write(lambda tx: tx.update_thread(snoozed))
    go_to(desk, moment("2026-03-06 12:30"))
    assert await late(desk) == (1, True, True)


async def test_what_came_due_while_the_store_failed_is_recorded_by_the_next_look(
    desk: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flagged_at(desk, moment("2026-03-06 10:00"))
    watch = Watch(desk.parts)
    await watch.look()
    go_to(desk, moment("2026-03-06 12:30"))

    async def full(work: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.store, "write", full)
        with pytest.raises(StoreError):
            await watch.look()
    go_to(desk, desk.clock.now + timedelta(minutes=1))
    await watch.look()
    assert await breaches(desk) == [moment("2026-03-06 12:00")]


async def test_a_breach_is_told_as_no_move_and_the_end_of_a_snooze_as_one(desk: Scene) -> None:
    await flagged_at(desk, moment("2026-03-06 10:00"))
    watch = Watch(desk.parts)
    await watch.look()
    desk.told.clear()
    go_to(desk, moment("2026-03-06 12:30"))
    await watch.look()
    assert [change.order for change in desk.told] == [False]
    record = await desk.record()
    until = moment("2026-03-06 13:00")
    snoozed = replace(record, state=State.SNOOZED, snoozed_until=until)
    await desk.store.write(lambda tx: tx.update_thread(snoozed))
    go_to(desk, until)
    await watch.look()
    assert [change.order for change in desk.told] == [False, True]


def resting(desk: Scene, pauses: list[float]) -> Watch:
    """A watch that notes how long it rests, and rests for ever after its first look."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 1:
            await asyncio.Event().wait()

    return Watch(replace(desk.parts, runtime=replace(desk.parts.runtime, sleep=sleep)))


async def run_until(watch: Watch, condition: Callable[[], bool]) -> None:
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)
    task.cancel()


@pytest.mark.parametrize(("threads", "seconds"), [(100, 1.0), (100_000, 5.0)])
async def test_in_a_long_queue_it_looks_less_often(
    desk: Scene, threads: int, seconds: float
) -> None:
    await flagged_at(desk, moment("2026-03-06 10:00"))
    go_to(desk, moment("2026-03-06 12:00") - timedelta(milliseconds=1))
    pauses: list[float] = []
    watch = resting(desk, pauses)
    watch.expect(None, threads)
    await run_until(watch, lambda: len(pauses) == 2)
    assert pauses[1] == seconds


async def test_a_deadline_that_is_told_while_it_reads_is_looked_for_in_time(
    desk: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flagged_at(desk, moment("2026-03-06 10:00"))
    watch, read = resting(desk, []), desk.store.read
    looks: list[datetime] = []

    async def meanwhile(work: Callable[[ReadTx], Awaitable[T]]) -> T:
        found = await read(work)
        looks.append(desk.clock.now)
        if len(looks) == 1:
            watch.expect(desk.clock.now + timedelta(seconds=5), 1)
        return found

    monkeypatch.setattr(desk.store, "read", meanwhile)
    await run_until(watch, lambda: len(looks) == 2)


async def test_a_clock_that_is_set_back_while_it_looks_puts_no_look_off(
    desk: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flagged_at(desk, moment("2026-03-06 10:00"))
    pauses: list[float] = []
    read = desk.store.read

    async def set_back(work: Callable[[ReadTx], Awaitable[T]]) -> T:
        found = await read(work)
        go_to(desk, desk.clock.now - timedelta(minutes=10))
        return found

    monkeypatch.setattr(desk.store, "read", set_back)
    await run_until(resting(desk, pauses), lambda: len(pauses) == 2)
    assert pauses[1] == 30


async def test_recording_what_came_due_gives_way_to_keys(
    desk: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flagged_at(desk, moment("2026-03-06 15:00"))
    go_to(desk, moment("2026-03-09 09:00"))
    gave_way = []
    monkeypatch.setattr(Session, "give_way", lambda session: gave_way.append(session))
    assert await Watch(desk.parts).look()
    assert len(gave_way) == 1
