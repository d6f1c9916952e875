"""Times without sight are kept, also those that no process was there to write down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from modtui.connectors import RateLimited, Retryable, Unauthorized
from modtui.domain.metrics import Blind
from modtui.domain.model import Health
from modtui.engine.seen import account_status
from modtui.engine.sight import Sight
from tests.engine.rig import Feed, Rig, spec, status, until
from tests.engine.scene import Scene, scene
from tests.engine.test_supervise import told

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


async def blind(place: Scene) -> list[tuple[str, datetime, datetime | None]]:
    long_ago = place.clock.now - 100 * MINUTE
    found = await place.store.read(lambda tx: tx.blind_since(long_ago))
    return [(each.kind, each.start, each.end) for each in found]


async def test_a_process_that_was_killed_is_told_by_the_next_answer(place: Scene) -> None:
    started = place.clock.now
    killed = Sight("forum", place.parts)
    for _ in range(3):
        await killed.heard(place.clock.now)
        place.clock.tick(20)
    place.clock.tick(40 * 60)
    await Sight("forum", place.parts).heard(place.clock.now)
    last = started + timedelta(seconds=40)
    assert await blind(place) == [("disconnected", last, place.clock.now)]


async def test_a_short_restart_is_no_time_without_sight(place: Scene) -> None:
    await Sight("forum", place.parts).heard(place.clock.now)
    place.clock.tick(80)
    await Sight("forum", place.parts).heard(place.clock.now)
    assert await blind(place) == []


async def test_runs_that_come_evenly_are_no_times_without_sight(place: Scene) -> None:
    for _ in range(5):
        await Sight("forum", place.parts).heard(place.clock.now)
        place.clock.tick(5 * 60)
    start = place.clock.now - 25 * MINUTE
    assert await blind(place) == [("disconnected", start, start + 5 * MINUTE)]


async def test_a_silence_between_two_answers_is_one(place: Scene) -> None:
    sight, start = Sight("forum", place.parts), place.clock.now
    await sight.heard(start)
    place.clock.tick(600)
    await sight.heard(place.clock.now)
    assert await blind(place) == [("disconnected", start, place.clock.now)]


async def test_it_lasts_over_a_restart_and_changes_its_kind(place: Scene) -> None:
    start = place.clock.now
    first = Sight("forum", place.parts)
    await first.heard(start)
    place.clock.tick(10)
    await first.lost(Health.OFFLINE, place.clock.now)
    place.clock.tick(600)
    again = Sight("forum", place.parts)
    await again.lost(Health.NEEDS_LOGIN, place.clock.now)
    changed = place.clock.now
    place.clock.tick(60)
    await again.heard(place.clock.now)
    assert await blind(place) == [
        ("disconnected", start, changed),
        ("unauthorised", changed, place.clock.now),
    ]


async def test_another_process_that_reads_the_account_is_left_alone(place: Scene) -> None:
    await place.store.write(lambda tx: tx.take_lease("account:forum", "elsewhere", 30))
    await Sight("forum", place.parts).lost(Health.OFFLINE, place.clock.now)
    assert await blind(place) == []


async def test_the_engine_keeps_what_an_account_went_through(rig: Rig) -> None:
    feed, start = Feed(), rig.time.at
    async with rig.running(spec("forum", feed)) as engine:
        feed.news.put_nowait(told("s1"))
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        for error, health in (
            (Retryable("refused"), Health.OFFLINE),
            (RateLimited("slowly", retry_after=timedelta(seconds=5)), Health.RATE_LIMITED),
            (Unauthorized("expired"), Health.NEEDS_LOGIN),
        ):
            rig.time.pass_by(60)
            feed.news.put_nowait(error)
            await engine.retry_account("forum")
            await until(lambda health=health: status(engine, "forum").health is health)
        rig.time.pass_by(60)
        feed.news.put_nowait(told("s2"))
        await engine.retry_account("forum")
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        store = rig.store()
        found = await store.read(lambda tx: tx.blind_since(start))
        await store.close()
    minutes = [start + count * MINUTE for count in range(5)]
    assert found == (
        Blind("forum", "disconnected", start, minutes[2]),
        Blind("forum", "rate-limited", minutes[2], minutes[3]),
        Blind("forum", "unauthorised", minutes[3], minutes[4]),
    )


async def test_an_onlooker_says_what_the_serving_process_would(rig: Rig) -> None:
    feed, store = Feed(), rig.store()

    async def seen() -> tuple[Health, str]:
        now = rig.time.now()
        found = await store.read(lambda tx: account_status(tx, "forum", "feed", now))
        return found.health, found.detail

    assert await seen() == (Health.OFFLINE, "never read")
    async with rig.running(spec("forum", feed)) as engine:
        feed.news.put_nowait(told("s1"))
        await until(lambda: status(engine, "forum").health is Health.LIVE)

        async def told_alive() -> bool:
            return await seen() == (Health.LIVE, "")

        await until(told_alive)
        rig.time.pass_by(120)

        async def behind() -> bool:
            return await seen() == (Health.LAGGING, "2 min behind")

        await until(behind)
        assert status(engine, "forum").health is Health.LAGGING
    assert await seen() == (Health.OFFLINE, "nobody reads it")
    await store.close()
