"""A lead's report over a real store: its lists, its look, its session for reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Batch
from modtui.domain.commands import Reply, Resolve
from modtui.domain.hours import Calendar
from modtui.domain.metrics import Cause, Narrow, Report, Span
from modtui.domain.model import Event, Health
from modtui.domain.stories import Story
from modtui.domain.views import Change, QueueFilter
from modtui.engine import Refused, gather
from modtui.engine.live import LiveEngine
from modtui.store import ReadTx
from modtui.store.status import StatusQueries
from modtui.store.status_port import ThreadLine
from tests.engine.rig import NOON, Feed, Rig, spec, status, until
from tests.engine.scene import DESK, GENERAL, flag, thread

ALL = Narrow()
HOUR = timedelta(hours=1)
History = tuple[int, tuple[Event, ...]]


def told(*subjects: str, cursor: str = "c1", **changes: object) -> Batch:
    return Batch(
        cursor,
        channels=(GENERAL,),
        threads=tuple(thread(NOON, subject, **changes) for subject in subjects),
        flags=tuple(flag(NOON, f"f-{subject}", thread=subject) for subject in subjects),
        caught_up=True,
    )


async def heard(engine: LiveEngine, feed: Feed, batch: Batch, count: int) -> None:
    feed.news.put_nowait(batch)

    async def there() -> bool:
        return len(await engine.view(QueueFilter(finished=True))) == count

    await until(there)


async def length(engine: LiveEngine, view: QueueFilter) -> int:
    return len(await engine.view(view))


async def done(engine: LiveEngine, number: int) -> None:
    detail = await engine.thread(number)
    assert detail is not None
    await engine.submit([Resolve(thread=number, revision=detail.row.revision)])


async def number(engine: LiveEngine, subject: str) -> int:
    view = await engine.view(QueueFilter(text=subject, finished=True))
    return view.id_at(0)


async def test_the_numbers_are_as_many_as_the_threads_behind_them(rig: Rig) -> None:
    feed = Feed()
    async with rig.running(spec("forum", feed)) as engine:
        await heard(engine, feed, told("s1", "s2", "s3", "s4"), 4)
        await done(engine, await number(engine, "s1"))
        await engine.claim(await number(engine, "s2"))
        rig.time.pass_by(110 * 60)
        await engine.claim(await number(engine, "s3"))
        report = await engine.lead.report(Span.LOOK, ALL)
        assert (report.night.arrived, report.night.closed, report.night.open) == (4, 1, 3)
        assert (report.due_hour.number, report.due_hour.unowned) == (3, 2)
        rig.time.pass_by(20 * 60)
        report = await engine.lead.report(Span.LOOK, ALL)
        assert report.late_now.number == await length(engine, QueueFilter(late=True)) == 3
        for ids in (
            report.late_now.ids, report.night.ids, report.late_places[0].ids,
            *(why.ids for why in report.late_why),
        ):  # fmt: skip
            assert await length(engine, QueueFilter(ids=ids, finished=True)) == len(ids)
        # The platform told nothing in all that time.
        assert [(why.cause, why.number) for why in report.late_why] == [(Cause.BLIND, 3)]
        (forum,) = report.platforms
        assert forum.open == await length(engine, QueueFilter(accounts=("forum",))) == 3


async def test_a_story_is_told_again_only_where_something_changed(rig: Rig) -> None:
    feed = Feed()
    async with rig.running(spec("forum", feed)) as engine:
        await heard(engine, feed, told("s1", "s2"), 2)
        assert (await engine.lead.report(Span.LOOK, ALL)).night.open == 2
        await done(engine, await number(engine, "s1"))
        after = await engine.lead.report(Span.LOOK, ALL)
        assert (after.night.open, after.night.closed) == (1, 1)
        fresh = rig.engine(rig.store(), spec("forum", feed), read_only=True)
        assert same(await fresh.lead.report(Span.LOOK, ALL), after)
        await fresh._store.close()


def same(one: Report, other: Report) -> bool:
    """Whether two reports differ in nothing but the moment and what it makes."""
    return replace(one, period=other.period, arrivals=other.arrivals) == other


async def held(engine: LiveEngine, most: int) -> None:
    """Somebody holds the threads up to the number `most`."""
    for number in range(1, most + 1):
        await engine._store.write(lambda tx, of=number: tx.take_claim(of, "mod-b", "s", 120))


async def test_stories_are_kept_while_somebody_looks_and_of_so_many_threads_at_most(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.engine.gather.STORIES_KEPT", 2)
    feed = Feed()
    async with rig.running(spec("forum", feed)) as engine:
        await heard(engine, feed, told("s1", "s2", "s3"), 3)
        await held(engine, 3)
        first = await engine.lead.report(Span.LOOK, ALL)
        assert len(engine.lead._known) == 2
        assert await engine.lead.report(Span.LOOK, ALL) == first
        await engine.lead.left()
        assert not engine.lead._known


async def test_a_report_holds_the_events_of_one_thread_at_a_time_and_what_many_share_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modtui.engine.gather.AT_ONCE", 2)
    asked: list[int] = []
    steps: list[str] = []
    whole, story = StatusQueries.histories, gather.tell

    async def histories(tx: StatusQueries, ids: Sequence[int]) -> Iterator[History]:
        asked.append(len(ids))
        found = await whole(tx, ids)
        return (steps.append("read") or each for each in found)  # type: ignore[func-returns-value]

    def tell(events: Sequence[Event], calendar: Calendar) -> Story:
        steps.append("told")
        return story(events, calendar)

    monkeypatch.setattr(StatusQueries, "histories", histories)
    monkeypatch.setattr(gather, "tell", tell)
    feed = Feed()
    async with rig.running(spec("forum", feed)) as engine:
        await heard(engine, feed, told("s1", "s2", "s3", "s4", "s5"), 5)
        await engine.lead.report(Span.LOOK, ALL)
        # Of what nobody touched only numbers are read.
        assert (asked, steps) == ([1], ["read", "told"])
        asked.clear()
        steps.clear()
        await held(engine, 5)
        report = await engine.lead.report(Span.LOOK, ALL)
        assert (asked, report.night.open) == ([2, 2, 1], 5)
        assert steps == ["read", "told"] * 5

        async def read(tx: ReadTx) -> tuple[ThreadLine, ...]:
            return await tx.lines_of(await tx.thread_numbers(NOON))

        lines = await engine._store.read(read)
        assert len({line.title for line in lines}) == len({id(line.title) for line in lines})
        assert len({id(line.realm) for line in lines}) == 1


async def test_a_look_goes_on_until_it_was_left_for_half_an_hour(rig: Rig) -> None:
    async def start(engine: LiveEngine) -> object:
        return (await engine.lead.report(Span.LOOK, ALL)).period.start

    async with rig.running() as engine:
        first = rig.time.at - 14 * HOUR
        assert await start(engine) == first
        assert (await engine.lead.report(Span.LOOK, ALL)).period.first
        rig.time.pass_by(3600)
        assert await start(engine) == first
        await engine.lead.left()
        rig.time.pass_by(29 * 60)
        assert await start(engine) == first
        left = rig.time.at
        await engine.lead.left()
    async with rig.running() as engine:
        rig.time.pass_by(60)
        assert await start(engine) == first
        await engine.lead.left()
        left = rig.time.at
        rig.time.pass_by(31 * 60)
        assert await start(engine) == left
        rig.time.pass_by(8 * 3600)
        assert await start(engine) == left
        assert not (await engine.lead.report(Span.LOOK, ALL)).period.first


async def test_nothing_is_looked_at_that_was_never_opened(rig: Rig) -> None:
    async with rig.running() as engine:
        await engine.lead.left()
        store = rig.store()
        assert await store.read(lambda tx: tx.look("mod-a")) is None
        await store.close()


async def test_a_session_for_reading_sees_what_others_do_and_does_nothing(rig: Rig) -> None:
    feed = Feed()
    lead = replace(DESK, moderator=replace(DESK.moderator, name="lead"))
    async with rig.running(spec("forum", feed)) as engine:
        await heard(engine, feed, told("s1"), 1)
        store = rig.store()
        unbuilt = spec("forum", AssertionError("no connector is built"))
        reading = rig.engine(store, unbuilt, session="here:2:b", desk=lead, read_only=True)
        changes: list[Change] = []
        reading.subscribe(changes.append)
        await reading.start()
        assert reading.lead.read_only
        await until(lambda: status(reading, "forum").health is Health.LIVE)
        assert status(reading, "forum").elsewhere
        before = await reading.lead.report(Span.LOOK, ALL)
        await done(engine, await number(engine, "s1"))
        await until(lambda: any(change.threads for change in changes))
        after = await reading.lead.report(Span.LOOK, ALL)
        assert (before.night.open, after.night.closed) == (1, 1)
        assert [p.name for p in after.people] == ["mod-a", ""]
        with pytest.raises(Refused, match="reading only"):
            await reading.submit([Reply(thread=1, revision=1, text="x")])
        await reading.stop()
        await store.close()


async def test_health_turns_when_the_serving_process_goes(rig: Rig) -> None:
    feed, store = Feed(), rig.store()
    reading = rig.engine(store, spec("forum", feed), session="here:2:b", read_only=True)
    async with rig.running(spec("forum", feed)) as engine:
        await heard(engine, feed, told("s1"), 1)
        await reading.start()
        await until(lambda: status(reading, "forum").health is Health.LIVE)

    def offline() -> bool:
        rig.time.pass_by(5)
        return status(reading, "forum").health is Health.OFFLINE

    await until(offline)
    assert status(reading, "forum").detail == "nobody reads it"
    report = await reading.lead.report(Span.LOOK, ALL)
    rig.time.pass_by(600)
    report = await reading.lead.report(Span.LOOK, ALL)
    assert [(b.account, b.kind, b.end) for b in report.blind] == [("forum", "disconnected", None)]
    await reading.stop()
    await store.close()
