"""Views and authors as a screen asks for them, on a fed account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.connectors import Batch
from modtui.domain.named_views import By, Kind, View
from modtui.domain.text import literal
from modtui.domain.views import QueueFilter
from modtui.engine import Refused
from modtui.engine.knowing import Outside
from modtui.engine.live import LiveEngine
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import GENERAL, NINA, flag, post, thread


def batch() -> Batch:
    """Three threads: two of Nina's, one in Russian; the third says a word in its post."""
    old = NOON - timedelta(hours=3)
    return Batch(
        "c1",
        channels=(GENERAL,),
        threads=(
            thread(old), thread(NOON, "s2", language="ru"),
            thread(NOON, "s3", author=replace(NINA, remote_id="u3", name=literal("Olga"))),
        ),
        posts=(
            post(old, is_subject=True), post(NOON, "p2", thread="s2"),
            post(NOON, "p3", thread="s3", raw="the CASINO again"),
        ),
        flags=(
            flag(old), flag(NOON, "f2", thread="s2", reason="insult"),
            flag(NOON, "f3", thread="s3"),
        ),
        caught_up=True,
    )  # fmt: skip


@pytest.fixture
async def engine(rig: Rig) -> AsyncIterator[LiveEngine]:
    feed = Feed()
    feed.news.put_nowait(batch())
    async with rig.running(spec("forum", feed)) as running:
        await until(lambda: running.counts().open == 3)
        yield running


def numbers(engine: LiveEngine) -> dict[str, int]:
    view = engine.view_now(QueueFilter())
    assert view is not None
    rows = view.rows([view.id_at(i) for i in range(len(view))])
    return {row.subject: row.id for row in rows.values() if row is not None}


async def test_views_are_counted_grouped_and_what_they_hide_is_told(engine: LiveEngine) -> None:
    views = engine.views
    assert await views.counted([View(), View(Kind.LATE), View(Kind.MINE)]) == (3, 1, 0)
    assert await views.groups(View(), By.REASON) == (("spam", 2), ("insult", 1))
    assert await views.groups(View(Kind.LATE), By.PLATFORM) == (("forum", 1),)
    assert await views.outside(View()) == Outside()
    assert await views.outside(View(languages=("ru",))) == Outside(late=1)
    assert await views.outside(View(Kind.LATE)) == Outside()
    asked = await engine.view(views.asks(View(Kind.LATE)))
    assert [asked.id_at(i) for i in range(len(asked))] == [numbers(engine)["s1"]]


async def test_a_search_looks_into_posts_and_stays_within_the_view(engine: LiveEngine) -> None:
    at = numbers(engine)
    search = engine.views.search
    assert await search("casino", View()) == (at["s3"],)
    assert await search("casino", View(languages=("ru",))) == ()
    assert await search("hello", View()) == (at["s1"], at["s2"])
    assert await search("hello", View(text="title of s2")) == (at["s2"],)


async def test_a_view_is_saved_under_a_clean_name(engine: LiveEngine) -> None:
    views = engine.views
    kept = await views.save(View(Kind.LATE, text="t.me", name="  night\x1b[2J  "))
    assert "\x1b" not in kept.name
    assert await views.saved() == (kept,)
    for name in ("  ", "x" * 41):
        with pytest.raises(Refused):
            await views.save(View(name=name))
    await views.forget(kept.name)
    assert await views.saved() == ()


async def test_the_record_of_an_author_grows_by_a_note(engine: LiveEngine) -> None:
    at = numbers(engine)
    detail = await engine.thread(at["s1"])
    assert detail is not None
    assert detail.briefs["u1"].words == "1 earlier flag"
    assert detail.policy is not None
    assert detail.policy.name == "social"
    await engine.people.note(at["s1"], "u1", "asks every week")
    record = await engine.people.record(at["s1"], "u1")
    assert record is not None
    assert {t.id for t in record.threads} == {at["s1"], at["s2"]}
    assert [(n.by, n.text) for n in record.notes] == [("mod-a", "asks every week")]
    assert (await engine.audit(at["s1"]))[0].action == "author note"
    assert await engine.people.record(at["s1"], "u9") is None
    for number, words in ((at["s1"], "  "), (999, "words")):
        with pytest.raises(Refused):
            await engine.people.note(number, "u1", words)


async def test_a_queue_for_reading_keeps_nothing(rig: Rig) -> None:
    async with rig.running(read_only=True) as engine:
        with pytest.raises(Refused, match="reading only"):
            await engine.views.save(View(name="x"))
        with pytest.raises(Refused, match="reading only"):
            await engine.views.forget("x")
        with pytest.raises(Refused, match="reading only"):
            await engine.people.note(1, "u1", "words")
