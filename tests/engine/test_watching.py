"""What a line is heard to do while its account is read, and what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Context, ThreadRef
from modtui.connectors.watch import Watch
from modtui.domain.model import Health
from modtui.domain.views import AccountStatus
from modtui.engine.health import Standing
from modtui.engine.live import LiveEngine
from modtui.engine.seen import account_status
from tests.connectors.listening import settle
from tests.engine.rig import NOON, Feed, Rig, spec, status, until
from tests.engine.scene import Scene
from tests.engine.test_supervise import told

WHY = "no requests are left for now"


class Waiting(Feed):
    """Told on its `watch` to wait: what is put into the feed as a number are seconds."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        self.rig, self.watch = rig, Watch()

    async def updates(self, cursor: str | None) -> AsyncIterator[object]:  # type: ignore[override]
        self.cursors.append(cursor)
        while True:
            item = await self.news.get()
            if isinstance(item, float):
                await self.watch.pause(item, WHY, self.rig.time.sleep)
            else:
                yield item


@asynccontextmanager
async def live(rig: Rig) -> AsyncIterator[tuple[Waiting, LiveEngine]]:
    feed = Waiting(rig)
    feed.news.put_nowait(told("s1"))
    account = replace(spec("forum", feed), watch=feed.watch)
    async with rig.running(account) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        yield feed, engine


def wait(feed: Waiting, seconds: float) -> None:
    feed.news.put_nowait(seconds)  # type: ignore[arg-type]


def stands(engine: LiveEngine) -> AccountStatus:
    return status(engine, "forum")


async def test_a_wait_for_a_rate_limit_is_told_when_it_begins_and_over_with_the_next_batch(
    rig: Rig,
) -> None:
    async with live(rig) as (feed, engine):
        rig.time.pass_by(5)
        wait(feed, 40.0)
        await until(lambda: stands(engine).health is Health.RATE_LIMITED)
        assert stands(engine).until == NOON + timedelta(seconds=45)
        assert stands(engine).detail == WHY
        assert stands(engine).stale_since == NOON
        rig.time.pass_by(41)
        feed.news.put_nowait(told("s2"))
        await until(lambda: stands(engine).health is Health.LIVE)
        assert stands(engine).until is None
        assert feed.cursors == [None]


async def test_short_waits_are_told_once_they_make_a_long_one(rig: Rig) -> None:
    async with live(rig) as (feed, engine):
        for _ in range(4):
            wait(feed, 5.5)
            await until(lambda: rig.time.asleep(5.5, 5.5))
            assert stands(engine).health is Health.LIVE
            rig.time.pass_by(5.5)
            feed.news.put_nowait(told("s2"))
            await until(lambda: stands(engine).last_ok_at == rig.time.now())
        for _ in range(2):
            assert stands(engine).health is Health.LIVE
            wait(feed, 5.5)
            await until(lambda: rig.time.asleep(5.5, 5.5))
            rig.time.pass_by(5.5)
        await until(lambda: stands(engine).health is Health.RATE_LIMITED)


async def test_a_wait_of_somebody_who_only_looks_leaves_the_account_live(rig: Rig) -> None:
    async with live(rig) as (feed, engine):
        looking = asyncio.create_task(feed.watch.pause(40.0, WHY, rig.time.sleep))
        await until(lambda: rig.time.asleep(40, 40))
        rig.time.pass_by(1)
        wait(feed, 6.0)
        await until(lambda: rig.time.asleep(6, 6))
        assert stands(engine).health is Health.LIVE
        rig.time.pass_by(40)
        await looking


async def test_a_thread_that_cannot_be_read_meanwhile_says_why(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.engine.context.PATIENCE_SECONDS", 0.01)
    async with live(rig) as (feed, engine):
        number = 1

        async def context(ref: ThreadRef) -> Context:
            await feed.watch.pause(100.0, WHY, rig.time.sleep)
            return Context(())

        monkeypatch.setattr(feed, "context", context)
        for waits, why in ((False, "the platform did not answer"), (True, WHY)):
            if waits:
                wait(feed, 100.0)
                await until(lambda: stands(engine).health is Health.RATE_LIMITED)
            await engine.load_context(number)
            detail = await engine.thread(number)
            assert detail is not None
            assert detail.context_error == why


async def test_an_answer_is_not_late_that_was_not_asked_for_yet(rig: Rig) -> None:
    async with live(rig) as (feed, engine):
        with feed.watch.asked():
            wait(feed, 100.0)
            await until(lambda: stands(engine).health is Health.RATE_LIMITED)
            for _ in range(4):
                rig.time.pass_by(24)
                await settle()
                assert stands(engine).health is Health.RATE_LIMITED
            rig.time.pass_by(4)
            assert rig.time.asleep(25, 25)
            rig.time.pass_by(26)
            await until(lambda: stands(engine).health is Health.OFFLINE)


async def test_what_pushes_waits_beside_what_is_worse(desk: Scene) -> None:
    standing, wait = Standing("forum", "feed", desk.parts), timedelta(minutes=5)

    async def told_elsewhere() -> tuple[Health, str]:
        seen = await desk.store.read(lambda tx: account_status(tx, "forum", "feed", desk.at(0)))
        return seen.health, seen.detail

    session = desk.parts.runtime.session
    await desk.store.write(lambda tx: tx.take_lease("account:forum", session, 600))
    await standing.stand(Health.OFFLINE, "no answer")
    await standing.slow(wait, WHY)
    assert await told_elsewhere() == (Health.OFFLINE, "no answer")
    await standing.heard(caught_up=True)
    assert await told_elsewhere() == (Health.RATE_LIMITED, WHY)
    await standing.stand(Health.OFFLINE, "no answer")
    assert await told_elsewhere() == (Health.OFFLINE, "no answer")
    desk.clock.now += wait
    await standing.heard(caught_up=True)
    assert await told_elsewhere() == (Health.LIVE, "")


async def test_a_limit_that_is_over_is_no_reading_where_nobody_waits_for_it(desk: Scene) -> None:
    session, standing = desk.parts.runtime.session, Standing("forum", "feed", desk.parts)
    lease = await desk.store.write(lambda tx: tx.take_lease("account:forum", session, 600))
    assert lease is not None
    await standing.hold_off(timedelta(minutes=5), WHY)
    await desk.store.write(lambda tx: tx.drop_lease(lease))
    ends = desk.at(5)
    seen = await desk.store.read(lambda tx: account_status(tx, "forum", "feed", desk.at(4)))
    assert (seen.health, seen.detail, seen.until) == (Health.RATE_LIMITED, WHY, ends)
    seen = await desk.store.read(lambda tx: account_status(tx, "forum", "feed", ends))
    assert (seen.health, seen.detail, seen.until) == (Health.OFFLINE, "nobody reads it", None)
