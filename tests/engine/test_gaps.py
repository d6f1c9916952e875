"""Questions that were answered by hand: found, and made into an entry of the library."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from modtui.connectors import Batch
from modtui.domain.commands import Reply
from modtui.domain.text import literal
from modtui.engine import Refused
from modtui.engine.library import Library
from modtui.engine.live import LiveEngine
from tests.engine.rig import NOON, Feed, Rig, spec, until
from tests.engine.scene import flag, post, thread

FEES = """
[[reply]]
id = "fees"
[reply.en]
title = "Fees of a withdrawal by card"
body = "A withdrawal by card costs nothing."
"""
WHEEL = "the wheel hangs and spins on, write to nina@example.org"
ASKED = {
    "s1": ("Wheel of fortune hangs", "other", WHEEL),
    "s2": ("Fees of a withdrawal by card", "other", "what are the fees of a withdrawal by card?"),
    "s3": ("Please", "self-harm", "nobody reads this anyway"),
    "s4": ("Колесо зависло", "other", "колесо зависло и крутится"),
}


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def asking() -> Feed:
    feed = Feed()
    threads = tuple(thread(NOON, s, title=literal(title)) for s, (title, *_) in ASKED.items())
    flags = tuple(
        flag(NOON, f"f-{s}", thread=s, reason=reason) for s, (_, reason, _) in ASKED.items()
    )
    posts = tuple(
        post(NOON, f"p-{s}", thread=s, raw=said, is_subject=True) for s, (*_, said) in ASKED.items()
    )
    feed.news.put_nowait(Batch("c1", threads=threads, flags=flags, posts=posts))
    return feed


def library(rig: Rig) -> Library:
    mine = rig.folder / "replies"
    mine.mkdir(exist_ok=True)
    (mine / "ours.toml").write_text(FEES, "utf-8")
    return Library((mine,), starter=rig.folder / "starter")


async def answered(engine: LiveEngine, text: str) -> None:
    """Answer each of the threads by hand."""
    await until(lambda: engine.counts().open == len(ASKED))
    for number in range(1, len(ASKED) + 1):
        detail = await engine.thread(number)
        assert detail is not None
        reply = Reply(thread=number, revision=detail.row.revision, text=text)
        await engine.submit([reply], hold=False)

    async def sent() -> bool:
        return len(await engine.shelf._parts.store.read(lambda tx: tx.answers(NOON, 9))) == 3

    await until(sent)


async def test_only_what_nothing_answers_well_is_a_gap_and_no_sensitive_thread_is(rig: Rig) -> None:
    async with rig.running(spec("forum", asking()), library=library(rig)) as engine:
        assert await engine.shelf.gaps() == ()
        await answered(engine, "Nina, reload {the 2nd} page")
        found = await engine.shelf.gaps()
        assert {gap.title for gap in found} == {"Wheel of fortune hangs", "Колесо зависло"}
        wheel = next(gap for gap in found if gap.thread == 1)
        assert (wheel.question, wheel.body) == (
            "the wheel hangs and spins on, write to", "{author}, reload (the 2nd) page",
        )  # fmt: skip


async def test_a_good_reply_in_another_language_is_none(rig: Rig) -> None:
    books = library(rig)
    (rig.folder / "replies" / "ours.toml").write_text(FEES.replace("reply.en", "reply.pl"), "utf-8")
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await answered(engine, "Reload the page")
        assert {gap.thread for gap in await engine.shelf.gaps()} == {1, 2, 4}


async def test_answers_of_more_than_28_days_ago_are_not_looked_at(rig: Rig) -> None:
    async with rig.running(spec("forum", asking()), library=library(rig)) as engine:
        await answered(engine, "Reload the page")
        rig.time.at = rig.time.at.replace(month=4)
        assert await engine.shelf.gaps() == ()


async def test_an_entry_is_filled_from_the_answer_and_closes_the_gap(rig: Rig) -> None:
    async with rig.running(spec("forum", asking()), library=library(rig)) as engine:
        await answered(engine, 'Nina, say \'""" or """\' \\ and\nreload {the 2nd} page')
        found = {gap.thread: gap for gap in await engine.shelf.gaps()}
        opening = await engine.shelf.blank(found[1])
        assert opening.path == rig.folder / "replies" / "wheel-of-fortune-hangs.toml"
        assert opening.path.read_text("utf-8").splitlines()[opening.line - 1].startswith("id = ")
        (made,) = tomllib.loads(opening.path.read_text("utf-8"))["reply"]
        assert made["en"] == {
            "title": "Wheel of fortune hangs",
            "body": '{author}, say \'""" or """\' \\ and\nreload (the 2nd) page',
            "approved_by": "",
        }
        assert made["examples"] == ["the wheel hangs and spins on, write to"]
        assert not (await engine.shelf.close(opening)).kept
        assert not opening.path.exists()
        opening = await engine.shelf.blank(found[1])
        opening.path.write_text(opening.made.replace("tags = []", 'tags = ["games"]'), "utf-8")
        closed = await engine.shelf.close(opening)
        assert (closed.entry, closed.problem) == ("wheel-of-fortune-hangs", "")
        assert [gap.thread for gap in await engine.shelf.gaps()] == [4]


async def test_an_entry_in_other_letters_gets_an_id_in_latin_ones(
    rig: Rig,
) -> None:
    async with rig.running(spec("forum", asking()), library=library(rig)) as engine:
        await answered(engine, "Обновите страницу")
        gap = next(gap for gap in await engine.shelf.gaps() if gap.thread == 4)
        opening = await engine.shelf.blank(gap)
        (made,) = tomllib.loads(opening.path.read_text("utf-8"))["reply"]
        assert (made["id"], made["ru"]["title"]) == ("koleso-zavislo", "Колесо зависло")


async def test_a_queue_for_reading_shows_gaps_and_writes_no_entry(rig: Rig) -> None:
    books = library(rig)
    async with rig.running(spec("forum", asking()), library=books) as engine:
        await answered(engine, "Reload the page")
        gap, _ = await engine.shelf.gaps()
    async with rig.running(spec("forum", asking()), library=books, read_only=True) as engine:
        assert gap in await engine.shelf.gaps()
        with pytest.raises(Refused):
            await engine.shelf.blank(gap)
