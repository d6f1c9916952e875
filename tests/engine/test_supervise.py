"""Each account stands alone: what breaks in one never stops the others."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Batch, Broken, RateLimited, Rejected, Retryable, Unauthorized
from modtui.domain.commands import Reply, Unlock
from modtui.domain.model import Health
from modtui.domain.outbox import Delivery, DeliveryState
from modtui.domain.views import QueueFilter
from modtui.engine.accounts import CredentialsMissing
from modtui.engine.keeper import Errand
from modtui.engine.live import LiveEngine
from modtui.store import Store, StoreError, Tx, Unwritable
from tests.engine.rig import NOON, Feed, Rig, spec, status, until
from tests.engine.scene import GENERAL, flag, thread


def told(subject: str, cursor: str = "c1", *, caught_up: bool = True) -> Batch:
    return Batch(
        cursor,
        channels=(GENERAL,),
        threads=(thread(NOON, subject),),
        flags=(flag(NOON, f"f-{subject}", thread=subject),),
        caught_up=caught_up,
    )


async def queued(engine: LiveEngine, count: int) -> None:
    async def there() -> bool:
        return len(await engine.view(QueueFilter())) == count

    await until(there)


async def test_a_connector_that_breaks_never_stops_the_others(rig: Rig) -> None:
    bad, good = Feed(realm="bad"), Feed()
    bad.news.put_nowait(ZeroDivisionError("division by zero"))
    async with rig.running(spec("bad", bad), spec("good", good)) as engine:
        await until(lambda: status(engine, "bad").health is Health.OFFLINE)
        good.news.put_nowait(told("s1"))
        await queued(engine, 1)
        await until(lambda: status(engine, "good").health is Health.LIVE)
        assert "ZeroDivisionError: division by zero" in status(engine, "bad").detail
        lines = [line for line in await engine.audit() if line.action == "crashed"]
        assert "division by zero" in lines[0].detail
        bad.news.put_nowait(told("s2"))
        await engine.retry_account("bad")
        await queued(engine, 2)


async def test_it_goes_on_from_the_stored_cursor(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1", "first"))
    feed.news.put_nowait(Retryable("connection refused"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.OFFLINE)
        assert status(engine, "forum").detail == "connection refused"
        await engine.retry_account("forum")
        await until(lambda: len(feed.cursors) == 2)
    assert feed.cursors == [None, "first"]


async def test_time_without_sight_is_in_the_audit_log(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        feed.news.put_nowait(Retryable("connection refused"))
        await until(lambda: status(engine, "forum").health is Health.OFFLINE)
        rig.time.pass_by(180)
        feed.news.put_nowait(Batch("c2", caught_up=True))
        await engine.retry_account("forum")
        await until(lambda: status(engine, "forum").health is Health.LIVE)

        async def written() -> bool:
            return [line.action for line in await engine.audit()] == ["sighted", "blind"]

        await until(written)
        sighted = (await engine.audit())[0]
        assert "saw nothing for 3 min, since 2026-03-02 12:00:00 UTC" in sighted.detail


async def test_missing_credentials_are_said_and_login_resumes(rig: Rig) -> None:
    feed = Feed()
    line = [CredentialsMissing("no token for forum: modtui login forum"), feed]
    async with rig.running(spec("forum", line)) as engine:
        await until(lambda: status(engine, "forum").health is Health.NEEDS_LOGIN)
        assert status(engine, "forum").detail == "no token for forum: modtui login forum"
        feed.news.put_nowait(told("s1"))
        await engine.retry_account("forum")
        await queued(engine, 1)


async def test_a_refused_secret_needs_login(rig: Rig) -> None:
    async with rig.running(spec("forum", Feed(who=Unauthorized("the token was revoked")))) as e:
        await until(lambda: status(e, "forum").health is Health.NEEDS_LOGIN)
        assert status(e, "forum").detail == "the token was revoked"


async def test_missing_rights_are_said(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(Rejected("reports need a server administrator"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.NEEDS_LOGIN)
        assert status(engine, "forum").detail == "reports need a server administrator"


async def test_a_rate_limit_is_kept_and_shown(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(RateLimited("too many requests", timedelta(seconds=40)))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.RATE_LIMITED)
        until_at = status(engine, "forum").until
        assert until_at is not None
        assert NOON + timedelta(seconds=40) <= until_at <= NOON + timedelta(seconds=41)
        await until(lambda: rig.time.asleep(40, 41))
        rig.time.pass_by(39)
        assert len(feed.cursors) == 1
        rig.time.pass_by(3)
        await until(lambda: len(feed.cursors) == 2)


async def test_a_delivery_told_to_wait_limits_the_account_for_that_long(rig: Rig) -> None:
    feed = Feed(fails_with=RateLimited("too many replies", timedelta(seconds=20)))
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        await engine.submit([Reply(thread=1, revision=1, text="hi")], hold=False)
        await until(lambda: status(engine, "forum").health is Health.RATE_LIMITED)
        rig.time.pass_by(22)
        assert status(engine, "forum").health is Health.LIVE


async def test_a_quiet_connector_is_lagging(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        rig.time.pass_by(95)
        assert status(engine, "forum").health is Health.LAGGING
        assert status(engine, "forum").detail == "1 min behind"


async def test_reading_what_came_before_is_lagging(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1", caught_up=False))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LAGGING)


async def test_what_a_row_without_a_name_may_be_is_said_of_the_account(rig: Rig) -> None:
    feed, row = Feed(), Broken("list", "odd", "null")
    keys = frozenset({("s1", "f-s1")})
    feed.news.put_nowait(replace(told("s1"), open_now=keys))
    feed.news.put_nowait(Batch("c2", open_now=frozenset(), unread=(row,), caught_up=True))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: "1 thread stays open here" in status(engine, "forum").detail)
        assert status(engine, "forum").health is Health.LIVE
        feed.news.put_nowait(Batch("c3", open_now=keys, caught_up=True))
        await until(lambda: not status(engine, "forum").detail)


async def test_an_account_held_elsewhere_is_only_watched_until_it_is_free(rig: Rig) -> None:
    first, second = Feed(), Feed()
    async with rig.running(spec("forum", first)) as one:
        await until(lambda: status(one, "forum").identity == "forum-bot")
        async with rig.running(spec("forum", second), session="there:2:b") as other:
            await until(lambda: status(other, "forum").elsewhere)
            assert status(other, "forum").detail == "served by here:1:a"
            assert second.cursors == []
            await until(lambda: status(other, "forum").identity == "forum-bot")
            first.news.put_nowait(told("s1"))
            await queued(other, 1)
            await one.stop()
            second.news.put_nowait(told("s2"))
            await other.retry_account("forum")
            await queued(other, 2)
            await until(lambda: not status(other, "forum").elsewhere)


async def test_an_account_held_elsewhere_stands_as_its_holder_says(rig: Rig) -> None:
    first, second = Feed(), Feed()
    async with rig.running(spec("forum", first)) as one:
        first.news.put_nowait(told("s1"))
        await until(lambda: status(one, "forum").health is Health.LIVE)
        async with rig.running(spec("forum", second), session="there:2:b") as other:
            await until(lambda: status(other, "forum").elsewhere)
            assert status(other, "forum").stale_since is None
            heard_at = rig.time.now()
            rig.time.pass_by(5)
            first.news.put_nowait(Retryable("no answer"))
            await until(lambda: status(one, "forum").health is Health.OFFLINE)
            await until(lambda: status(other, "forum").health is Health.OFFLINE)
            seen = status(other, "forum")
            assert (seen.stale_since, seen.detail) == (heard_at, "served by here:1:a: no answer")
            first.news.put_nowait(told("s2"))
            await one.retry_account("forum")
            await until(lambda: status(other, "forum").stale_since is None)
            assert status(other, "forum").detail == "served by here:1:a"
            blind = [line for line in await other.audit() if line.action == "blind"]
            assert len(blind) == 1


async def test_a_reply_names_who_posts_it_though_another_process_sends_it(rig: Rig) -> None:
    feed = Feed()
    async with rig.running(spec("forum", feed)) as one:
        feed.news.put_nowait(told("s1"))
        await queued(one, 1)
        async with rig.running(spec("forum", Feed()), session="there:2:b") as other:
            await until(lambda: status(other, "forum").elsewhere)
            view = await other.view(QueueFilter())
            detail = await other.thread(view.id_at(0))
            assert detail is not None
            assert detail.our_name == "forum-bot"


async def test_stop_gives_the_lease_back_and_closes_the_connector(rig: Rig) -> None:
    feed = Feed()
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: feed.cursors == [None])
        await engine.stop()
        assert feed.closed == 1
        store = rig.store()
        assert await store.read(lambda tx: tx.lease("account:forum")) is None
        await store.close()


async def test_one_sync_reads_every_account_and_names_what_stopped_each(rig: Rig) -> None:
    good, bad = Feed(), Feed(realm="bad")
    good.news.put_nowait(told("s1", caught_up=False))
    good.news.put_nowait(told("s2", "c2"))
    bad.news.put_nowait(Retryable("no route to host"))
    missing = CredentialsMissing("no token")
    store = rig.store()
    engine = rig.engine(store, spec("bad", bad), spec("good", good), spec("none", missing))
    ends = dict(await engine.sync_once())
    assert ends["good"] is None
    assert str(ends["bad"]) == "no route to host"
    assert ends["none"] is missing
    assert engine.counts().open == 2
    await store.close()


async def test_one_sync_names_the_store_that_cannot_be_written(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    store = rig.store()
    engine = rig.engine(FullDisk(store), spec("forum", feed))
    with pytest.raises(StoreError, match="the disk is full"):
        await engine.sync_once()
    await store.close()


class FullDisk:
    """A store whose disk is full: reads work, writes do not. Ours."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, work: object, *, vital: bool = False) -> None:
        raise Unwritable("the disk is full")

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


async def test_one_sync_tells_what_broke_and_what_is_left_on_its_way(rig: Rig) -> None:
    broken, slow = Feed(realm="bad"), Feed()
    broken.news.put_nowait(KeyError("id"))
    slow.news.put_nowait(told("s1"))
    store = rig.store()
    engine = rig.engine(store, spec("bad", broken), spec("forum", slow))
    ends = dict(await engine.sync_once())
    assert isinstance(ends["bad"], KeyError)
    slow.fails_with = Retryable("connection refused")
    await engine.submit([Reply(thread=1, revision=1, text="hi")], hold=False)
    slow.news.put_nowait(told("s1", "c2"))
    broken.news.put_nowait(Batch("c", caught_up=True))
    syncing = asyncio.create_task(engine.sync_once())

    async def over() -> bool:
        rig.time.pass_by(1)
        return syncing.done()

    await until(over)
    assert str(dict(syncing.result())["forum"]) == (
        "not delivered yet: 1; modtui deliveries shows them"
    )
    await store.close()


async def test_a_sync_waits_for_the_holder_only_while_something_is_on_its_way(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    store = rig.store()
    engine = rig.engine(store, spec("forum", feed))
    assert dict(await engine.sync_once()) == {"forum": None}
    # Somebody took the account, and died.
    assert await store.write(lambda tx: tx.take_lease("account:forum", "there:2:b", 30))
    assert dict(await engine.sync_once()) == {"forum": None}
    assert status(engine, "forum").detail == "served by there:2:b"
    await engine.submit([Reply(thread=1, revision=1, text="hi")], hold=False)
    feed.news.put_nowait(told("s1", "c2"))
    syncing = asyncio.create_task(engine.sync_once())

    async def over() -> bool:
        rig.time.pass_by(1)
        return syncing.done()

    await until(over)
    assert dict(syncing.result()) == {"forum": None}
    assert [command.kind for command in feed.done] == ["reply"]
    assert not status(engine, "forum").elsewhere
    await store.close()


async def test_a_sync_tells_once_for_whom_it_waits_and_what_that_did_not_deliver(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    store = rig.store()
    engine = rig.engine(store, spec("forum", feed))
    await engine.sync_once()
    assert await store.write(lambda tx: tx.take_lease("account:forum", "there:2:b", 3600))
    await engine.submit([Reply(thread=1, revision=1, text="hi")], hold=False)
    waits: list[tuple[str, str]] = []
    errand = Errand(waits=lambda account, why: waits.append((account, why)))
    syncing = asyncio.create_task(engine.sync_once(errand=errand))

    async def over() -> bool:
        rig.time.pass_by(1)
        return syncing.done()

    await until(over)
    why = "served by there:2:b: waiting up to 60 s for it, not delivered yet: 1"
    assert waits == [("forum", why)]
    told_of = str(dict(syncing.result())["forum"])
    assert told_of == "not delivered yet: 1; served by there:2:b"
    assert feed.done == []
    await store.close()


async def test_a_sync_ends_where_an_account_is_silent_while_it_is_read(rig: Rig) -> None:
    good, silent, slow = Feed(), Feed(realm="silent"), Feed(realm="slow")
    good.news.put_nowait(told("s1"))
    silent.news.put_nowait(told("s2", caught_up=False))
    slow.news.put_nowait(told("s3", caught_up=False))
    store = rig.store()
    names = ("good", "silent", "slow")
    engine = rig.engine(store, *map(spec, names, (good, silent, slow)))
    syncing = asyncio.create_task(engine.sync_once(errand=Errand(silence=90)))
    passed = 0

    async def over() -> bool:
        nonlocal passed
        rig.time.pass_by(1)
        passed += 1
        if passed % 60 == 0 and passed <= 180:
            slow.news.put_nowait(told("s3", f"c{passed}", caught_up=passed == 180))
        return syncing.done()

    await until(over)
    ends = dict(syncing.result())
    assert (ends["good"], ends["slow"]) == (None, None)
    assert isinstance(ends["silent"], Retryable)
    assert str(ends["silent"]).startswith("nothing came for 90 s while it was read")
    assert status(engine, "silent").health is Health.OFFLINE
    assert engine.counts().open == 3
    assert await store.read(lambda tx: tx.lease("account:silent")) is None
    await store.close()


async def test_a_sync_waits_for_a_spent_rate_limit(rig: Rig) -> None:
    feed = Feed()
    store = rig.store()
    account = spec("forum", feed)
    engine = rig.engine(store, account)
    syncing = asyncio.create_task(engine.sync_once(errand=Errand(silence=90)))
    await until(lambda: account.watch.limited is not None)
    assert account.watch.limited is not None
    account.watch.limited(600, "its rate limit is spent")
    passed = 0

    async def over() -> bool:
        nonlocal passed
        rig.time.pass_by(1)
        passed += 1
        if passed == 630:
            feed.news.put_nowait(told("s1"))
        return syncing.done()

    await until(over)
    assert dict(syncing.result()) == {"forum": None}
    await store.close()


async def test_hundreds_of_timed_ends_hide_nothing_that_is_to_be_sent_now(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    store = rig.store()
    engine = rig.engine(store, spec("forum", feed))
    assert dict(await engine.sync_once()) == {"forum": None}
    command = Unlock(thread=1, revision=1)
    later = Delivery(0, "", "", 1, "forum", command, DeliveryState.QUEUED, "mod-a", NOON)

    async def lift_later(tx: Tx) -> None:
        for number in range(600):
            row = replace(later, key=f"k{number}", batch=f"b{number}")
            await tx.add_delivery(replace(row, not_before=NOON + timedelta(days=7)))

    await store.write(lift_later)
    await engine.submit([Reply(thread=1, revision=1, text="hi")], hold=False)
    feed.news.put_nowait(told("s1", "c2"))
    syncing = asyncio.create_task(engine.sync_once())

    async def over() -> bool:
        rig.time.pass_by(1)
        return syncing.done()

    await until(over)
    assert dict(syncing.result()) == {"forum": None}
    assert [command.text for command in feed.done if isinstance(command, Reply)] == ["hi"]
    await store.close()


async def test_a_connector_that_cannot_even_let_go_does_not_keep_the_engine(rig: Rig) -> None:
    class Clinging(Feed):
        async def aclose(self) -> None:
            await super().aclose()
            raise RuntimeError("it clings")

    feed = Clinging()
    async with asyncio.timeout(20), rig.running(spec("forum", feed)) as engine:
        feed.news.put_nowait(told("s1"))
        await queued(engine, 1)
    assert feed.closed


async def test_a_connector_that_does_not_return_from_its_closing_ends_no_account(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waiting(Feed):
        async def aclose(self) -> None:
            await super().aclose()
            await asyncio.Event().wait()

    monkeypatch.setattr("modtui.engine.keeper.CLOSE_SECONDS", 0.01)
    feed = Waiting()
    feed.news.put_nowait(told("s1"))
    store = rig.store()
    async with asyncio.timeout(20):
        (end,) = await rig.engine(store, spec("forum", feed)).sync_once()
    assert end == ("forum", None)
    assert feed.closed
    await store.close()


async def test_a_connector_that_breaks_over_a_thread_says_so_there(rig: Rig) -> None:
    feed = Feed(context_answer=ZeroDivisionError("division by zero"))
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await queued(engine, 1)
        number = (await engine.view(QueueFilter())).id_at(0)
        await engine.load_context(number)
        detail = await engine.thread(number)
        assert detail is not None
        assert "ZeroDivisionError: division by zero" in detail.context_error
