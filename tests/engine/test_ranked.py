"""The index of the library in the engine: kept for the next start, taught by what was sent."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.connectors import Batch
from modtui.domain.commands import Reply
from modtui.domain.digest import sha256
from modtui.domain.features import Sample, lesson, sample
from modtui.domain.ranking import Ranking
from modtui.domain.text import literal
from modtui.engine import kept_ranking, ranked
from modtui.engine.kept_ranking import Counted, KeptRanking
from modtui.engine.library import Library
from modtui.engine.live import LiveEngine
from modtui.engine.ranked import Ranked
from modtui.store import Tx
from modtui.store.choices_port import Choice
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import flag, thread

ENTRY = """
[[reply]]
id = "{id}"
[reply.en]
title = "{title}"
body = "Text"
"""
ASKED = "the wheel hangs and spins on"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def library(folder: Path, *titles: str) -> Library:
    mine = folder / "replies"
    mine.mkdir(exist_ok=True)
    text = "".join(ENTRY.format(id=t.split()[0], title=t) for t in titles)
    (mine / "ours.toml").write_text(text, "utf-8")
    return Library((mine,), starter=mine)


async def first(engine: LiveEngine) -> tuple[str, bool]:
    """The entry on key 1 of the thread, and whether it is weak."""
    detail = await engine.thread(1)
    assert detail is not None
    slot = next(slot for slot in engine.slots(detail) if slot.digit == 1)
    return slot.entry.id, slot.weak


def asking() -> Feed:
    feed = Feed()
    batch = Batch("c1", threads=(thread(NOON, title=literal(ASKED)),), flags=(flag(NOON),))
    feed.news.put_nowait(batch)
    return feed


async def ready(engine: LiveEngine) -> None:
    await until(lambda: engine.counts().open == 1 and engine.ranked.scores("") is not None)


async def test_until_the_library_is_counted_only_pinned_replies_have_keys(rig: Rig) -> None:
    books = library(rig.folder, "alpha payouts", "beta bonus")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        await engine.shelf.pin("beta", 7)
    store = rig.store()
    engine = rig.engine(store, spec("forum", Feed()), library=books)
    detail = await engine.thread(1)
    assert detail is not None
    assert [(slot.digit, slot.entry.id) for slot in engine.slots(detail)] == [(7, "beta")]
    edition = engine.shelf.edition
    await engine.ranked.look()
    assert [slot.entry.id for slot in engine.slots(detail)] == ["alpha", "beta"]
    assert engine.shelf.edition > edition
    await store.close()


async def test_a_reply_that_was_sent_is_offered_first_next_time_and_can_be_forgotten(
    rig: Rig,
) -> None:
    books = library(rig.folder, "alpha payouts", "beta bonus", "gamma rules")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        assert (await first(engine))[1]
        before = engine.ranked.scores(ASKED)
        await engine.submit([Reply(thread=1, revision=1, text="see", quick="gamma")], hold=False)
        await until(lambda: engine.ranked.scores(ASKED) != before)
        assert await first(engine) == ("gamma", False)
        (choice,) = await engine.ranked._parts.store.read(lambda tx: tx.choices(0, 10))
        assert choice.entry == "gamma"
        later = rig.time.now() + timedelta(seconds=1)
        assert (
            await engine.ranked._parts.store.write(lambda tx: tx.forget_choices(later, "alpha"))
            == 0
        )
        assert await engine.ranked._parts.store.write(lambda tx: tx.forget_choices(later)) == 1
        await engine.ranked.forgotten()
        assert engine.ranked.scores(ASKED) == before
        assert await engine.ranked._parts.store.read(lambda tx: tx.sent_counts()) == {"gamma": 1}


async def test_who_goes_back_to_a_thread_waits_for_no_ranking(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = library(rig.folder, "alpha payouts", "beta bonus")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        ranked: list[str] = []
        scores = engine.ranked.scores

        def counted(text: str) -> Mapping[str, float] | None:
            ranked.append(text)
            return scores(text)

        monkeypatch.setattr(engine.ranked, "scores", counted)
        detail = await engine.thread(1)
        assert detail is not None
        before = engine.slots(detail)
        assert len(ranked) == 1
        assert engine.slots(detail) == before
        assert len(ranked) == 1
        await engine.shelf.pin("beta", 7)
        assert [slot.digit for slot in engine.slots(detail) if slot.pinned] == [7]
        assert len(ranked) == 2
        library(rig.folder, "alpha payouts", "delta stakes")
        books.reload_if_changed()
        await engine.ranked.look()
        assert "delta" in {slot.entry.id for slot in engine.slots(detail)}


async def test_what_is_taken_back_in_its_window_is_no_choice(rig: Rig) -> None:
    books = library(rig.folder, "alpha payouts", "gamma rules")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        before = engine.ranked.scores(ASKED)
        await engine.submit([Reply(thread=1, revision=1, text="see", quick="gamma")])
        await engine.undo(1)
        rig.time.pass_by(60)
        await engine.ranked.catch_up()
        assert engine.ranked.scores(ASKED) == before
        assert await engine.ranked._parts.store.read(lambda tx: tx.choices(0, 10)) == ()


async def test_many_choices_of_a_colleague_are_learnt_one_by_one_between_keys(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = library(rig.folder, "alpha payouts", "gamma rules")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        await engine.ranked.catch_up()
        at, said = rig.time.now(), lesson(ASKED)

        async def sent_elsewhere(tx: Tx) -> None:
            for _ in range(5):
                await tx.count_sent("gamma", 1, "mod-b", at, said)

        await engine.ranked._parts.store.write(sent_elsewhere)
        turns, learnt = 0, []
        learn = Ranked._learn

        def learns(ranking: Ranking, fresh: Sequence[Choice]) -> None:
            learnt.append((turns, len(fresh)))
            learn(ranking, fresh)

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        monkeypatch.setattr(Ranked, "_learn", staticmethod(learns))
        meanwhile = asyncio.create_task(others())
        await engine.ranked.catch_up()
        meanwhile.cancel()
        assert [many for _, many in learnt] == [1] * 5
        assert len({turn for turn, _ in learnt}) == 5
        assert await first(engine) == ("gamma", False)


async def test_the_next_start_counts_nothing_again_but_knows_what_was_chosen(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = rig.folder / "ranking.bin"
    books = library(rig.folder, "alpha payouts", "gamma rules")
    async with rig.running(spec("forum", asking()), library=books, ranking=file) as engine:
        await ready(engine)
        await engine.submit([Reply(thread=1, revision=1, text="see", quick="gamma")], hold=False)
        await until(lambda: engine.ranked.scores(ASKED) != {})
        learned = engine.ranked.scores(ASKED)
    monkeypatch.setattr(ranked, "_counted", lambda samples: pytest.fail("counted again"))
    async with rig.running(spec("forum", Feed()), library=books, ranking=file) as again:
        await until(lambda: again.ranked.scores("") is not None)
        assert again.ranked.scores(ASKED) == learned
    monkeypatch.undo()
    later = NOON + timedelta(days=400)
    async with rig.running(spec("forum", Feed()), library=books, ranking=file) as engine:
        await engine.ranked._parts.store.write(lambda tx: tx.forget_choices(later))
    for damage in (b"", b"[]\n", file.read_bytes()[:-1]):
        file.write_bytes(damage)
        async with rig.running(spec("forum", Feed()), library=books, ranking=file) as engine:
            await until(lambda: engine.ranked.scores("") is not None)
            assert engine.ranked.scores(ASKED) == {}
            assert engine.ranked.scores("payouts") != {}


def test_a_kept_index_is_looked_through_for_damage_without_a_digest_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[bytes] = []

    def note(data: bytes) -> str:
        hashed.append(data)
        return sha256(data)

    monkeypatch.setattr(kept_ranking, "sha256", note)
    samples = [Sample("alpha", ("alpha payouts",), ("Text",))]
    file = tmp_path / "ranking.bin"
    kept = KeptRanking(file)
    kept.keep(samples, Counted(Ranking(samples)))
    assert kept.get(samples) is not None
    body = file.read_bytes().partition(b"\n")[2]
    assert body not in hashed
    for at in range(len(body)):
        flipped = body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]
        file.write_bytes(file.read_bytes().partition(b"\n")[0] + b"\n" + flipped)
        assert kept.get(samples) is None


def test_a_kept_index_is_that_of_its_samples_in_whichever_order(tmp_path: Path) -> None:
    samples = [Sample("alpha", ("alpha payouts",)), Sample("beta", ("beta bonus",))]
    kept = KeptRanking(tmp_path / "ranking.bin")
    kept.keep(samples, Counted(Ranking(samples)))
    counted = kept.get(samples[::-1])
    assert counted is not None
    assert counted.ranking.scores("bonus") == Ranking(samples[::-1]).scores("bonus")
    assert kept.get((*samples, samples[0])) is None


def test_a_kept_index_is_taken_without_copies_of_it(tmp_path: Path) -> None:
    text = " ".join(f"w{number:05}x" for number in range(600))
    samples = [Sample(f"e{n}", (), (text[n:],) * 3) for n in range(9)]
    kept = KeptRanking(tmp_path / "ranking.bin")
    kept.keep(samples, Counted(Ranking(samples)))
    assert kept.get(samples) is not None
    tracemalloc.start()
    try:
        counted = kept.get(samples)
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counted is not None
    # The file as it was read, and a row of the library as it is told.
    size = (tmp_path / "ranking.bin").stat().st_size
    row = 2 * sum(map(len, samples[0].body))
    assert most - left <= 1.1 * size + 2 * row, (left, most, size, row)


async def test_an_edited_entry_is_counted_before_it_is_offered(rig: Rig) -> None:
    books = library(rig.folder, "alpha payouts")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        opening = await engine.shelf.open("alpha")
        opening.path.write_text(ENTRY.format(id="alpha", title="When the wheel hangs"), "utf-8")
        await engine.shelf.close(opening)
        assert await first(engine) == ("alpha", False)


MANY = (
    "alpha payouts",
    "beta bonus",
    "gamma rules",
    "delta wheel",
    *map("e{0} card{0}".format, range(20)),
)


async def test_of_an_edited_library_only_what_changed_is_counted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = rig.folder / "ranking.bin"
    books = library(rig.folder, *MANY)

    async def edited(engine: LiveEngine, *titles: str) -> None:
        library(rig.folder, *titles)
        await asyncio.to_thread(books.reload_if_changed)
        await engine.ranked.look()

    def fresh() -> Ranking:
        ranking = Ranking(map(sample, books.entries()))
        ranking.learn("gamma", lesson(ASKED))
        return ranking

    async with rig.running(spec("forum", asking()), library=books, ranking=file) as engine:
        await ready(engine)
        await engine.submit([Reply(thread=1, revision=1, text="see", quick="gamma")], hold=False)
        await until(lambda: "gamma" in (engine.ranked.scores(ASKED) or {}))
        monkeypatch.setattr(ranked, "_counted", lambda samples: pytest.fail("counted again"))
        without = [title for title in MANY if title != "gamma rules"]
        await edited(engine, *without)
        assert "gamma" not in (engine.ranked.scores(ASKED) or {})
        await edited(engine, *without, "gamma spins")
        assert engine.ranked.scores(ASKED) == fresh().scores(ASKED)
        await edited(engine, *without[1:], "gamma terms", "alpha wheel spins")
        assert engine.ranked.scores(ASKED) == fresh().scores(ASKED)
        await engine.ranked.keep()
    async with rig.running(spec("forum", Feed()), library=books, ranking=file) as again:
        await until(lambda: again.ranked.scores("") is not None)
        assert again.ranked.scores(ASKED) == fresh().scores(ASKED)


async def test_an_edited_library_answers_before_it_is_kept_and_is_kept_in_a_thread(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = library(rig.folder, *MANY)
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await ready(engine)
        begun, go_on = threading.Event(), threading.Event()

        def keeps(*of: object) -> None:
            begun.set()
            assert go_on.wait(30)

        monkeypatch.setattr(engine.ranked, "_keep", keeps)
        library(rig.folder, *MANY[1:], "alpha When the wheel hangs")
        rig.time.pass_by(6)
        await until(begun.is_set)
        assert await first(engine) == ("alpha", False)
        go_on.set()
