"""Clocks that are set, a machine that sleeps, a store that takes nothing for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from modtui.connectors import Batch
from modtui.domain.bells import Heard, listen
from modtui.domain.commands import Reply, Snooze
from modtui.domain.model import Health, State
from modtui.domain.outbox import Delivery, DeliveryState, Receipt
from modtui.domain.trouble import Trouble, TroubleKind
from modtui.domain.views import Alarms, QueueFilter
from modtui.engine import NotStored
from modtui.engine.jumps import Clocks
from modtui.engine.live import LiveEngine
from modtui.engine.vigil import WHO
from modtui.store import Corrupt, Full, Store
from tests.engine.rig import NOON, Feed, Rig, spec, status, until
from tests.engine.scene import GENERAL, flag, thread

TEN = 600.0
DRAFT = "half a sentence"


def told(subject: str, cursor: str = "c1", at: datetime = NOON) -> Batch:
    return Batch(
        cursor,
        channels=(GENERAL,),
        threads=(thread(at, subject),),
        flags=(flag(at, f"f-{subject}", thread=subject),),
        caught_up=True,
    )


class Moody:
    """A store that takes nothing while `error` is set. Ours."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.error: Exception | None = None
        self.kind = TroubleKind.FULL
        self.refused = 0
        self.seen = False

    async def write(self, work: object, *, vital: bool = False) -> object:
        if self.error is not None:
            self.refused += 1
            self.seen = True
            raise self.error
        return await self._store.write(work, vital=vital)

    def trouble(self) -> Trouble | None:
        return Trouble(self.kind, "/disk", NOON) if self.seen else None

    async def mend(self) -> bool:
        self.seen = self.seen and self.error is not None
        return not self.seen

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


@asynccontextmanager
async def moody_engine(rig: Rig) -> AsyncIterator[tuple[LiveEngine, Moody, Feed]]:
    """An engine over a moody store, with one thread of `forum`, which is live."""
    feed, store = Feed(), rig.store()
    moody = Moody(store)
    engine = rig.engine(moody, spec("forum", feed))
    await engine.start()
    feed.news.put_nowait(told("s1"))
    await until(lambda: status(engine, "forum").health is Health.LIVE)
    try:
        yield engine, moody, feed
    finally:
        await engine.stop()
        await store.close()


async def passing(rig: Rig, condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Let seconds go by until `condition` holds."""

    async def holds() -> bool:
        rig.time.pass_by(1)
        await asyncio.sleep(0.002)
        now = condition()
        return now if isinstance(now, bool) else await now

    await until(holds)


async def what_the_machine_did(engine: LiveEngine) -> list[str]:
    return [line.detail for line in await engine.audit() if line.who == WHO]


async def row_of(engine: LiveEngine) -> Delivery:
    [row] = await engine.deliveries()
    return row


# the clocks themselves
@pytest.mark.parametrize(
    ("wall", "boot", "awake", "words"),
    [
        (600, 1, 1, "the clock moved by +10 min: deadlines follow it"),
        (-598, 1, 1, "the clock moved by -10 min: deadlines follow it"),
        (3721, 3721, 1, "was asleep 1 h 02 min: catching up"),
        (7321, 3721, 1, "was asleep 1 h 02 min: catching up; the clock moved by +1 h 00 min"),
        (1, 1, 1, ""),
        (5, 1, 1, ""),
        (30, 30, 30, ""),
    ],
)
def test_three_clocks_tell_a_jump_from_a_sleep(
    wall: float, boot: float, awake: float, words: str
) -> None:
    steps = [[NOON, 0.0, 0.0], [NOON + timedelta(seconds=wall), boot, awake]]
    taken = [0, 0, 0]

    def reading(which: int) -> object:
        value = steps[min(taken[which], 1)][which]
        taken[which] += 1
        return value

    clocks = Clocks(lambda: reading(0), lambda: reading(1), lambda: reading(2))
    odd = clocks.look()
    assert (odd is not None) == bool(words)
    if odd is not None:
        assert odd.words.startswith(words)
    assert clocks.look() is None


@pytest.mark.parametrize("jump", [TEN, -TEN])
async def test_a_jump_is_said_once_and_stands_in_the_log(rig: Rig, jump: float) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        rig.time.jump(jump)
        await passing(rig, lambda: bool(engine.notice()))
        sign = "+" if jump > 0 else "-"
        line = f"the clock moved by {sign}10 min: deadlines follow it"
        assert engine.notice() == line
        for _ in range(20):
            rig.time.pass_by(1)
            await asyncio.sleep(0.002)
        assert engine.notice() == ""
        assert await what_the_machine_did(engine) == [line]


@pytest.mark.parametrize("jump", [TEN, -TEN])
async def test_a_jump_neither_shortens_nor_stretches_the_undo_window(rig: Rig, jump: float) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        taken = await engine.submit([Reply(thread=1, revision=1, text="hi")])
        await engine.painted(taken.batch)
        window = engine.desk.undo_window.total_seconds()
        rig.time.jump(jump)
        for _ in range(int(window) - 2):
            rig.time.pass_by(1)
            await asyncio.sleep(0.01)
        assert (await row_of(engine)).state is DeliveryState.HELD
        assert feed.done == []
        rig.time.pass_by(3)
        for _ in range(10):
            await asyncio.sleep(0.01)
            rig.time.pass_by(1)
        await until(lambda: len(feed.done) == 1)


async def test_a_jump_is_no_silence_of_the_platform(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        rig.time.jump(TEN)
        await passing(rig, lambda: bool(engine.notice()))
        assert status(engine, "forum").health is Health.LIVE
        feed.news.put_nowait(told("s2", "c2"))

        async def both() -> bool:
            return len(await engine.view(QueueFilter())) == 2

        await until(both)
        store = rig.store()
        assert await store.read(lambda tx: tx.blind_since(NOON)) == ()
        await store.close()


async def test_a_snooze_ends_by_the_wall_clock_though_it_was_set_back(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        rig.time.jump(TEN)
        await passing(rig, lambda: bool(engine.notice()))
        rig.time.jump(-TEN)
        await passing(rig, lambda: "-10 min" in engine.notice())
        wake = engine.now() + timedelta(minutes=5)
        await engine.submit([Snooze(thread=1, revision=1, until=wake)])

        async def state() -> State:
            detail = await engine.thread(1)
            assert detail is not None
            return detail.record.state

        assert await state() is State.SNOOZED

        async def woken() -> bool:
            return await state() is State.OPEN

        for _ in range(290):
            rig.time.pass_by(1)
            await asyncio.sleep(0.001)
        assert not await woken()
        await passing(rig, woken)
        assert engine.now() - wake < timedelta(seconds=45)


def test_the_bell_of_the_lane_is_not_silent_after_the_clock_was_set_back() -> None:
    alarms = Alarms(now=frozenset({1}), soon=frozenset(), late=0)
    heard, rings = listen(Heard(), alarms, NOON)
    assert rings
    assert not listen(heard, alarms, NOON + timedelta(seconds=90))[1]
    back = NOON - timedelta(minutes=10)
    heard, rings = listen(heard, alarms, back)
    assert rings
    assert not listen(heard, alarms, back + timedelta(seconds=119))[1]
    assert listen(heard, alarms, back + timedelta(seconds=121))[1]


# a machine that sleeps
async def test_after_an_hour_asleep_it_says_so_reads_anew_and_notes_the_blind_time(
    rig: Rig,
) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        rig.time.suspend(3720)
        await passing(rig, lambda: bool(engine.notice()))
        assert engine.notice() == "was asleep 1 h 02 min: catching up"
        feed.news.put_nowait(told("s2", "c2"))
        await passing(rig, lambda: len(feed.cursors) == 2)
        assert feed.cursors == [None, "c1"]
        await passing(rig, lambda: status(engine, "forum").health is Health.LIVE)
        store = rig.store()
        [blind] = await store.read(lambda tx: tx.blind_since(NOON - timedelta(days=1)))
        await store.close()
        assert blind.start <= NOON + timedelta(seconds=5)
        assert blind.end is not None
        assert blind.end - blind.start >= timedelta(hours=1)


async def test_what_slept_in_its_undo_window_comes_back_as_a_draft(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        await engine.submit([Reply(thread=1, revision=1, text=DRAFT)])
        rig.time.suspend(3720)

        async def given_back() -> bool:
            return (await row_of(engine)).state is DeliveryState.STALE

        await passing(rig, given_back)
        assert [draft.text for draft in await engine.drafts()] == [DRAFT]
        assert feed.done == []


async def test_a_short_sleep_ends_the_undo_window_and_sends(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: status(engine, "forum").health is Health.LIVE)
        await engine.submit([Reply(thread=1, revision=1, text="hi")])
        rig.time.suspend(60)
        await passing(rig, lambda: len(feed.done) == 1)


async def test_who_slept_writes_nothing_under_the_lease_that_another_took(rig: Rig) -> None:
    first, second = Feed(), Feed()
    first.news.put_nowait(told("s1"))
    async with rig.running(spec("forum", first)) as sleeper:
        await until(lambda: status(sleeper, "forum").health is Health.LIVE)
        rig.time.suspend(3600)
        # The other machine did not sleep: the lease has long run out for it.
        async with rig.running(spec("forum", second), session="there:2:b") as other:
            second.news.put_nowait(told("s2", "c2"))

            async def both() -> bool:
                return len(await other.view(QueueFilter())) == 2

            await until(both)
            # What the sleeper still had in hand is refused, with its cursor.
            first.news.put_nowait(told("s3", "old"))
            await passing(rig, lambda: status(sleeper, "forum").elsewhere)
            store = rig.store()
            assert await store.read(lambda tx: tx.cursor("forum")) == "c2"
            await store.close()
            assert len(await other.view(QueueFilter())) == 2


# a store that takes nothing for a while
async def test_intake_waits_for_a_full_disk_with_its_cursor_unmoved(rig: Rig) -> None:
    async with moody_engine(rig) as (engine, moody, feed):
        moody.error = Full("the disk is full")
        feed.news.put_nowait(told("s2", "c2"))
        await passing(rig, lambda: moody.refused > 2)
        assert engine.trouble() is not None
        assert await moody.read(lambda tx: tx.cursor("forum")) == "c1"
        moody.error = None

        async def there() -> bool:
            return len(await engine.view(QueueFilter())) == 2

        await passing(rig, there)
        assert feed.cursors == [None]
        assert await moody.read(lambda tx: tx.cursor("forum")) == "c2"
        await passing(rig, lambda: "everything goes on" in engine.notice())
        assert any(line.startswith("disk full: for") for line in await what_the_machine_did(engine))


async def test_what_comes_due_on_a_full_disk_is_told_and_written_down_once_there_is_room(
    rig: Rig,
) -> None:
    feed, store = Feed(), rig.store()
    moody = Moody(store)
    engine = rig.engine(moody, spec("forum", feed))
    await engine.start()
    feed.news.put_nowait(told("s1"))
    await until(lambda: status(engine, "forum").health is Health.LIVE)
    detail = await engine.thread(1)
    assert detail is not None
    due = detail.row.standing.due_at
    assert due is not None
    moody.error = Full("the disk is full")
    rig.time.pass_by((due - rig.time.at).total_seconds() - 60)
    for _ in range(30):
        rig.time.pass_by(20)
        await asyncio.sleep(0.002)
    await passing(rig, lambda: engine.counts().late == 1)
    before, moody.error = rig.time.at, None

    async def written() -> bool:
        detail = await engine.thread(1)
        return detail is not None and detail.row.standing.breached_at == due

    await passing(rig, written)
    assert rig.time.at - before < timedelta(seconds=10)
    await engine.stop()
    await store.close()


async def test_no_byte_leaves_while_nothing_can_be_written(rig: Rig) -> None:
    async with moody_engine(rig) as (engine, moody, feed):
        await engine.submit([Reply(thread=1, revision=1, text="hi")])
        moody.error = Full("the disk is full")
        await passing(rig, lambda: moody.refused > 3)
        for _ in range(60):
            rig.time.pass_by(1)
            await asyncio.sleep(0.002)
        assert feed.done == []
        with pytest.raises(NotStored, match="the disk is full"):
            await engine.submit([Reply(thread=1, revision=1, text="two")], force=True)
        moody.error = None
        await passing(rig, lambda: len(feed.done) == 1)


async def test_a_receipt_waits_until_it_can_be_written(rig: Rig) -> None:
    feed, store = Feed(), rig.store()
    moody = Moody(store)
    engine = rig.engine(moody, spec("forum", feed))

    async def perform(*_: object) -> Receipt:
        moody.error = Full("the disk is full")
        feed.done.append(_[1])
        return Receipt("r1", NOON)

    feed.perform = perform
    await engine.start()
    feed.news.put_nowait(told("s1"))
    await until(lambda: status(engine, "forum").health is Health.LIVE)
    await engine.submit([Reply(thread=1, revision=1, text="hi")], hold=False)
    await passing(rig, lambda: moody.refused > 2)
    for _ in range(100):
        rig.time.pass_by(1)
        await asyncio.sleep(0.002)
    assert (await row_of(engine)).state is DeliveryState.SENDING
    moody.error = None

    async def sent() -> bool:
        return (await row_of(engine)).state is DeliveryState.SENT

    await passing(rig, sent)
    assert len(feed.done) == 1
    await engine.stop()
    await store.close()


async def test_a_draft_that_could_not_be_saved_is_shown_and_saved_later(rig: Rig) -> None:
    async with moody_engine(rig) as (engine, moody, _):
        moody.error, moody.kind = Full("no room"), TroubleKind.LOCKED
        with pytest.raises(NotStored):
            await engine.save_draft(1, DRAFT)
        detail = await engine.thread(1)
        assert detail is not None
        assert detail.draft is not None
        assert detail.draft.text == DRAFT
        assert [draft.text for draft in await engine.drafts()] == [DRAFT]
        assert [draft.text for draft in engine.unsaved()] == [DRAFT]
        await passing(rig, lambda: engine.trouble() is not None)
        moody.error = None
        await passing(rig, lambda: engine.unsaved() == ())
        assert [d.text for d in await moody.read(lambda tx: tx.drafts("mod-a"))] == [DRAFT]


async def test_leaving_does_not_wait_for_a_store_that_takes_nothing(rig: Rig) -> None:
    feed, store = Feed(), rig.store()
    moody = Moody(store)
    engine = rig.engine(moody, spec("forum", feed))
    await engine.start()
    feed.news.put_nowait(told("s1"))
    await until(lambda: status(engine, "forum").health is Health.LIVE)
    moody.error = Full("no room")
    feed.news.put_nowait(told("s2", "c2"))
    await passing(rig, lambda: moody.refused > 1)
    with pytest.raises(NotStored):
        await engine.save_draft(1, DRAFT)
    async with asyncio.timeout(10):
        await engine.stop()
    assert [draft.text for draft in engine.unsaved()] == [DRAFT]
    await store.close()


async def test_damage_is_not_waited_out(rig: Rig) -> None:
    async with moody_engine(rig) as (engine, moody, feed):
        moody.error = Corrupt("the queue is damaged")
        feed.news.put_nowait(told("s2", "c2"))
        await until(lambda: status(engine, "forum").health is Health.OFFLINE)
        assert status(engine, "forum").detail == "the queue is damaged"
        with pytest.raises(NotStored) as caught:
            await engine.claim(1)
        assert not caught.value.passes
