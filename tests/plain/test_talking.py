"""The conversation as a moderator has it: from the totals to the last word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from modtui.domain.commands import MarkSensitive, Resolve
from modtui.domain.model import State
from tests.plain.stage import House, at_work, opened, quiet, state, talking


# the start
async def test_it_starts_with_the_totals_and_the_first_page(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        lines = play.new.splitlines()
        assert " NOW, " in lines[1]
        assert " late, next due in " in lines[1]
        assert lines[1].endswith("0 mine; live 3 of 3.")
        assert lines[2] == "Queue, all, page 1 of 4:"
        assert [line[:3] for line in lines[3:12]] == [f"{n}. " for n in range(1, 10)]
        assert "flags, " in lines[3]
        assert lines[3].endswith("nobody holds it")
        assert lines[-1].startswith("Queue, 1 to 9, 0 other:")


async def test_an_empty_line_says_the_page_again_and_a_wrong_one_what_is_right(
    tmp_path: Path,
) -> None:
    async with talking(House(tmp_path, threads=6)) as play:
        first = play.new
        assert (await play.answer("")).count("nobody holds it") == first.count("nobody holds it")
        said = await play.answer("12")
        assert "12 is no choice here: a number from 0 to 6, or ? for help." in said
        assert "9 is no choice here" in await play.answer("9")
        assert "q leaves modtui" in await play.answer("?")


async def test_pages_turn(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        assert "page 2 of 4" in await play.answer("0", "1")
        assert "page 1 of 4" in await play.answer("0", "2")


async def test_views_and_search(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        said = await play.answer("0", "5")
        assert "2. mine, 0" in said
        assert "Queue, mine: no thread." in await play.answer("2")
        title = str((await play.engine.thread(await play.find(quiet))).row.title)  # type: ignore[union-attr]
        said = await play.answer("0", "6", title[:12])
        assert title in said


# a thread
async def test_a_thread_says_its_head_its_posts_and_what_can_be_done(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(quiet)
        said = await play.open(thread)
        detail = await play.engine.thread(thread)
        assert detail is not None
        assert f"Thread: {detail.row.title}" in said
        assert "Claim: nobody holds it. You post as support." in said
        assert "Slow mode off, not locked." in said
        assert "Post 1 of 1, " in said
        assert "flagged" in said
        assert "1. quick reply" in said
        assert "9. more" in said


async def test_what_is_not_possible_is_listed_with_its_reason(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        await play.open(await play.find(quiet))
        said = await play.answer("9")
        assert "6. take over, not possible: nobody else holds it" in said
        assert "Not possible: nobody else holds it." in await play.answer("6")


async def test_folded_text_stays_folded_until_it_is_asked_for(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(lambda detail: bool(detail.folding.rules) and detail.posts != ())
        detail = await play.engine.thread(thread)
        assert detail is not None
        (folded,) = [p for p in detail.posts if p.remote_id in detail.folding.rules][:1]
        words = detail.folding.whole(folded).text
        number = detail.posts.index(folded) + 1
        said = await play.open(thread)
        assert "[folded: " in said
        assert words not in said
        answers = [str(number)] if len(detail.posts) > 1 else []
        said = await play.answer("9", "9", "1", *answers)
        assert "Folded posts you read in the last 12 hours: 1." in said
        assert f"> {words.splitlines()[0]}" in said
        assert words.splitlines()[0] in await play.answer("")


# what I did
async def test_my_latest_is_named_before_it_is_taken_back(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "1", "1", "1", "0")
        detail = await play.engine.thread(thread)
        assert detail is not None
        said = await play.answer("0", "3")
        assert f"Take back reply, on {detail.row.title}." in said
        assert "Taken back: reply" in await play.answer("1")
        said = await play.answer("0", "3")
        assert "There is nothing of yours to take back here" in said


async def test_my_last_twenty_takes_one_back(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "5", "1", "")
        said = await play.answer("0", "4")
        assert "My last twenty" in said
        assert "done, on " in said
        said = await play.answer("1", "1")
        assert "Taken back" in said
        assert await state(play, thread) is State.OPEN


# others
async def test_a_thread_that_another_holds_says_so_and_can_be_taken_over(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        thread = await play.find(quiet)
        async with at_work(replace(house, me="mod-c", intake=False)) as other:
            await other.claim(thread)
            said = await play.open(thread)
            assert "Claim: mod-c holds it." in said
            assert "1. quick reply, not possible: mod-c holds this thread" in said
            said = await play.answer("9", "6", "1")
            assert "Taken over: you hold it." in said


async def test_what_changed_meanwhile_is_asked_about(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        thread, _ = await opened(play, "1", "1")
        async with at_work(replace(house, me="mod-c", intake=False)) as other:
            detail = await other.thread(thread)
            assert detail is not None
            await other.submit([Resolve(thread=thread, revision=detail.row.revision)])
            said = await play.answer("1")
            assert "It changed: " in said
            assert "mod-c: resolved" in said
            said = await play.answer("3")
            assert "The text is kept as a draft." in said
            assert len(await play.engine.drafts()) == 1


async def test_what_is_decided_is_decided_on_what_was_said(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        thread, _ = await opened(play)
        async with at_work(replace(house, me="mod-c", intake=False)) as other:
            detail = await other.thread(thread)
            assert detail is not None
            mark = MarkSensitive(thread=thread, revision=detail.row.revision)
            await other.submit([mark])
            said = await play.answer("9", "4", "seen before")
            assert "This thread changed: since you began: mod-c: sensitive, " in said
            assert "seconds ago. Enter reads it again." in said
            assert "It changed: " in said
            assert "In the NOW lane since " in await play.answer("1")
            assert "Done here: note, on " in await play.answer("9", "4", "seen before")


# without acting
async def test_a_read_only_session_lists_everything_and_does_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with talking(house) as play:
        await play.answer("")
    async with talking(replace(house, read_only=True)) as play:
        said = play.new
        assert "Read-only. " in said
        said = await play.answer("1")
        assert "1. quick reply, not possible: read-only session" in said
        assert "Not possible: read-only session." in await play.answer("5")
        assert "known, " in await play.answer("9", "9", "2")
