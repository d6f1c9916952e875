"""What was there long before: put aside at the first read, and in the queue once it matters."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modtui.connectors import Batch
from modtui.domain.commands import Command, Note, Resolve
from modtui.domain.model import Flag, Severity, Thread
from modtui.domain.views import QueueFilter
from modtui.engine.live import LiveEngine
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import DESK, GENERAL, NINA, flag, post, thread

WEEK = timedelta(days=7)
NOW_DESK = replace(DESK, now_reasons=("self-harm", "doxxing"))


def ago(days: float) -> timedelta:
    return timedelta(days=days)


def told(name: str, *days: float, reason: str = "spam") -> tuple[Thread, tuple[Flag, ...]]:
    """A thread flagged so many days ago, once for each."""
    first = NOON - ago(max(days))
    flags = tuple(
        flag(NOON - ago(age), f"{name}-{number}", thread=name, reason=reason)
        for number, age in enumerate(days)
    )
    return thread(first, name), flags


def batch(*some: tuple[Thread, tuple[Flag, ...]], last: bool = True) -> Batch:
    return Batch(
        cursor="c",
        channels=(GENERAL,),
        threads=tuple(each for each, _ in some),
        flags=tuple(one for _, flags in some for one in flags),
        caught_up=last,
    )


async def subjects(engine: LiveEngine, view: QueueFilter) -> set[str]:
    found = await engine.view(view)
    rows = await asyncio.gather(*(engine.thread(found.id_at(i)) for i in range(len(found))))
    return {row.row.subject for row in rows if row is not None}


async def read(engine: LiveEngine, feed: Feed, *batches: Batch) -> None:
    """Feed batches and wait for the end of the first read."""
    for each in batches:
        feed.news.put_nowait(each)
    await until(lambda: engine.accounts()[0].news != "")


async def number(engine: LiveEngine, subject: str) -> int:
    for view in (QueueFilter(), QueueFilter(backlog=True)):
        ids = await engine.view(view)
        for index in range(len(ids)):
            detail = await engine.thread(ids.id_at(index))
            if detail is not None and detail.row.subject == subject:
                return detail.row.id
    raise AssertionError(f"no thread {subject}")


OLD, NEW = QueueFilter(backlog=True), QueueFilter()


async def test_old_threads_are_put_aside_counted_nowhere_and_said_once(tmp_path: Path) -> None:
    feed = Feed()
    async with Rig(tmp_path).running(replace(spec("forum", feed), backlog=WEEK)) as engine:
        await read(engine, feed, batch(told("a", 8), told("b", 30), told("c", 6.9), told("d", 0.1)))
        assert await subjects(engine, NEW) == {"c", "d"}
        assert await subjects(engine, OLD) == {"a", "b"}
        counts = engine.counts()
        assert (counts.open, counts.late, counts.backlog) == (2, 2, 2)
        (account,) = engine.accounts()
        assert account.news == "read 4 threads · 2 older than 7 days are put aside: filter backlog"
        (line,) = [one for one in await engine.audit() if one.action == "put aside"]
        assert line.detail == f"forum: {account.news}"
        row = await engine.thread(await number(engine, "a"))
        assert row is not None
        assert row.record.standing.inherited


async def test_a_second_start_puts_nothing_aside_and_says_nothing(tmp_path: Path) -> None:
    rig, feed = Rig(tmp_path), Feed()
    async with rig.running(replace(spec("forum", feed), backlog=WEEK)) as engine:
        await read(engine, feed, batch(told("a", 8)))
    async with rig.running(replace(spec("forum", feed), backlog=WEEK)) as engine:
        feed.news.put_nowait(batch(told("late-to-arrive", 9)))
        await until(lambda: engine.counts().open == 1)
        assert await subjects(engine, NEW) == {"late-to-arrive"}
        assert engine.accounts()[0].news == ""


async def test_zero_puts_nothing_aside(tmp_path: Path) -> None:
    feed = Feed()
    async with Rig(tmp_path).running(spec("forum", feed)) as engine:
        await read(engine, feed, batch(told("a", 800)))
        assert await subjects(engine, NEW) == {"a"}
        assert engine.accounts()[0].news == "read 1 thread"


async def test_a_new_flag_or_author_post_brings_it_in(tmp_path: Path) -> None:
    rig, feed = Rig(tmp_path), Feed()
    async with rig.running(replace(spec("forum", feed), backlog=WEEK)) as engine:
        await read(engine, feed, batch(told("a", 8), told("b", 9), told("c", 10)))
        again = flag(NOON, "again", thread="a", reason="insult")
        feed.news.put_nowait(Batch(cursor="d", flags=(again,), caught_up=True))
        await until(lambda: engine.counts().open == 1)
        wrote = post(NOON, "p9", thread="b", author=NINA)
        feed.news.put_nowait(Batch(cursor="e", posts=(wrote,), caught_up=True))
        await until(lambda: engine.counts().open == 2)
        assert await subjects(engine, NEW) == {"a", "b"}
        detail = await engine.thread(await number(engine, "a"))
        assert detail is not None
        assert detail.record.standing.inherited, "late before modtui saw it"


@pytest.mark.parametrize("deed", ["claim", "note", "resolve"])
async def test_who_works_on_it_has_it_in_the_queue(tmp_path: Path, deed: str) -> None:
    feed = Feed()
    async with Rig(tmp_path).running(replace(spec("forum", feed), backlog=WEEK)) as engine:
        await read(engine, feed, batch(told("a", 8)))
        thread_id = await number(engine, "a")
        if deed == "claim":
            await engine.claim(thread_id)
        else:
            on = {"thread": thread_id, "revision": 1}
            command: Command = Note(**on, text="looked") if deed == "note" else Resolve(**on)
            await engine.submit([command])
        await until(lambda: engine.counts().backlog == 0)
        detail = await engine.thread(thread_id)
        assert detail is not None
        assert not detail.row.backlog


async def test_the_first_read_tells_how_far_it_is(tmp_path: Path) -> None:
    feed = Feed()
    async with Rig(tmp_path).running(spec("forum", feed)) as engine:
        feed.news.put_nowait(batch(told("a", 1), told("b", 1), last=False))
        await until(lambda: engine.accounts()[0].reading == 2)
        feed.news.put_nowait(batch(told("c", 1)))
        await until(lambda: engine.accounts()[0].news == "read 3 threads")
        assert engine.accounts()[0].reading == 0


REASONS = ("spam", "insult", "self-harm", "Doxxing", "threat")
AGES = st.lists(st.floats(0, 60), min_size=1, max_size=3)
THREADS = st.lists(st.tuples(AGES, st.sampled_from(REASONS)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(THREADS, st.integers(1, 4))
def test_nothing_urgent_is_put_aside_however_the_read_is_cut(
    many: list[tuple[list[float], str]], size: int
) -> None:
    """A NOW reason, an urgent thread and a call within the week are in the queue; nothing else
    is, into however many batches the first read is cut."""

    async def check(folder: Path) -> None:
        whole = [told(f"s{i}", *ages, reason=why) for i, (ages, why) in enumerate(many)]
        single = [(one, (each,)) for one, flags in whole for each in flags]
        cut = [single[at : at + size] for at in range(0, len(single), size)]
        feed = Feed()
        account = replace(spec("forum", feed), backlog=WEEK)
        async with Rig(folder).running(account, desk=NOW_DESK) as engine:
            batches = [batch(*some, last=False) for some in cut]
            await read(engine, feed, *batches, batch())
            aside = await engine.view(OLD)
            for index in range(len(aside)):
                detail = await engine.thread(aside.id_at(index))
                assert detail is not None
                assert not {"self-harm", "Doxxing"} & set(detail.record.reasons)
                assert detail.record.severity is not Severity.URGENT
            urgent = ("self-harm", "Doxxing", "threat")
            old = {
                f"s{i}" for i, (ages, why) in enumerate(many) if min(ages) > 7 and why not in urgent
            }
            assert await subjects(engine, OLD) == old

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder)))
