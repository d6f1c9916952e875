"""Many at once through the façade: on a whole engine, with the pace of channels and the library."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Batch
from modtui.domain.alike import Alike
from modtui.domain.commands import Hide, MarkSensitive, SetSlowMode
from modtui.domain.heat import Pace, Rates
from modtui.domain.model import Channel, Restriction, State
from modtui.domain.outbox import DeliveryState
from modtui.domain.text import literal
from modtui.engine import Refused, live
from modtui.engine import detail as reading
from modtui.engine.library import Library
from modtui.store.threads import ThreadReads
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import GENERAL, flag, post, thread

S = DeliveryState


def community(*subjects: str) -> Batch:
    """One flagged thread for each of `subjects`, all with the same words."""
    return Batch(
        "c1",
        channels=(GENERAL,),
        threads=tuple(thread(NOON, name) for name in subjects),
        posts=tuple(
            post(NOON, f"p-{name}", thread=name, raw=f"FREE {n} spins", is_subject=True)
            for n, name in enumerate(subjects)
        ),
        flags=tuple(flag(NOON, f"f-{name}", thread=name, post=f"p-{name}") for name in subjects),
        caught_up=True,
    )


async def test_marked_alike_removed_in_one_batch_and_brought_back(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(community("s1", "s2", "s3"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: engine.counts().open == 3)
        found = await engine.batches.alike(1, Alike.TEXT, (1, 2, 3))
        assert found.threads == (1, 2, 3)
        details = await engine.batches.details(found.threads)
        lines = [
            (
                Hide(
                    thread=d.row.id, revision=d.row.revision, posts=(d.posts[0].remote_id,),
                    author="u1",
                ),
            )
            for d in details
        ]  # fmt: skip
        taken = await engine.batches.submit(lines)
        assert taken.refusals == ()
        rig.time.pass_by(11)

        async def sent() -> bool:
            rows = await engine.batches.results(taken.batch)
            rig.time.pass_by(0)
            return [row.state for row in rows] == [S.SENT] * 3

        await until(sent)
        assert len(feed.done) == 3
        rows = await engine.batches.details((1, 2, 3))
        assert [d.row.state for d in rows] == [State.RESOLVED] * 3


async def test_a_detail_says_how_its_channel_goes_before_a_restriction_and_since(rig: Rig) -> None:
    feed = Feed()
    since = NOON - timedelta(minutes=10)
    slowed = Restriction("slow", 900, since, None, ours=True)
    told = community("s1")
    posts = tuple(
        post(since - timedelta(seconds=6 * n), f"q{n}", thread="s1") for n in range(1, 101)
    )
    channel = Channel("general", literal("General"), slowed)
    feed.news.put_nowait(
        Batch("c1", channels=(channel,), threads=told.threads, posts=(*told.posts, *posts),
              flags=told.flags, caught_up=True)
    )  # fmt: skip
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: engine.counts().open == 1)
        detail = await engine.thread(1)
        assert detail is not None
        assert detail.pace is not None
        assert detail.pace.before == Rates(9.9, 0.0)
        assert detail.pace.now == Rates(0.1, 0.1)
        assert (await engine.measured(replace(detail, pace=None))).pace == detail.pace
        assert detail.kept == ()


async def test_the_pace_of_a_channel_without_a_restriction_is_measured_when_asked(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(community("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: engine.counts().open == 1)
        detail = await engine.thread(1)
        assert detail is not None
        assert detail.whole
        assert detail.pace is None
        assert (await engine.measured(detail)).pace == Pace(Rates(0.1, 0.1))


async def test_what_is_read_quickly_is_whole_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed()
    feed.news.put_nowait(community("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: engine.counts().open == 1)

        def whole(*, more: bool) -> bool:
            found = engine.thread_now(1, more=more)
            assert found is not None
            return found.whole

        assert whole(more=True)
        assert not whole(more=False)
        for limit in ("FEW_AUTHORS", "FEW_SANCTIONS"):
            with monkeypatch.context() as patch:
                patch.setattr(reading, limit, -1)
                assert not whole(more=True)


async def test_a_cursor_that_moves_waits_for_nothing_that_the_screen_does_not_show(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed()
    feed.news.put_nowait(community("s1"))
    async with rig.running(spec("forum", feed)) as engine:
        await until(lambda: engine.counts().open == 1)
        monkeypatch.setattr(ThreadReads, "related", None)
        ledgers = []
        monkeypatch.setattr(live, "clocks", lambda *given: ledgers.append(given) or ("ledger",))
        found = engine.thread_now(1, more=True)
        assert found is not None
        assert (found.related, ledgers) == (0, [])
        assert found.clocks() == ("ledger",)


async def test_the_library_has_a_reply_for_our_mistake_in_five_languages(rig: Rig) -> None:
    feed = Feed()
    feed.news.put_nowait(community("s1"))
    async with rig.running(spec("forum", feed), library=Library([])) as engine:
        await until(lambda: engine.counts().open == 1)
        found = await engine.batches.mistake(1)
        assert found is not None
        assert {"en", "ru", "pl", "ka", "kk"} <= set(found[1].entry.variants)
        assert engine.fill(found[0], found[1].entry, found[1].variant).missing == ()
        assert not found[1].weak
        await engine.submit((MarkSensitive(thread=1, revision=found[0].row.revision),), hold=False)
        again = await engine.batches.mistake(1)
        assert again is not None
        assert again[1].weak, "it is no help"


async def test_a_queue_for_reading_takes_no_batch(rig: Rig) -> None:
    async with rig.running(spec("forum", Feed()), read_only=True) as engine:
        slow = SetSlowMode(thread=1, revision=1, seconds=60, until=None, reason="heat")
        with pytest.raises(Refused, match="reading only"):
            await engine.batches.submit([(slow,)])
        with pytest.raises(Refused, match="reading only"):
            await engine.batches.claim((1,))
