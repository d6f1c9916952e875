"""Decisions in the conversation: keep, remove, done, escalate, put aside."""

from __future__ import annotations

from pathlib import Path

from modtui.domain.model import State
from tests.plain.stage import AT_ONCE, House, opened, quiet, state, talking


async def test_keep(tmp_path: Path) -> None:
    async with talking(House(tmp_path, hold=AT_ONCE)) as play:
        thread = await play.find(lambda d: quiet(d) and len(d.flags) < 5)
        await play.open(thread)
        assert "Keep the post of " in await play.answer("3")
        await play.answer("1", "")

        async def kept() -> bool:
            return await state(play, thread) is State.RESOLVED

        await play.until(kept)


async def test_a_removal_names_post_rule_and_what_follows(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(lambda d: d.row.account == "harbour" and d.row.language == "en"
                                 and len(d.posts) == 1 and d.row.now_at is None)  # fmt: skip
        await play.open(thread)
        said = await play.answer("4")
        assert "For which rule?\n1. Rule 1: no threats" in said
        said = await play.answer("2")
        assert ', for "Rule 2: ' in said
        assert "The thread is then done." in said
        said = await play.answer("1")
        assert "Pending, 30 seconds to take it back: remove post of " in said
        (row,) = await play.engine.my_deliveries()
        assert row.thread == thread
        assert row.command.rule == "spam"  # type: ignore[attr-defined]


async def test_several_posts_are_told_apart_by_number(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(lambda d: len(d.posts) > 1 and d.row.account == "harbour")
        detail = await play.engine.thread(thread)
        assert detail is not None
        await play.open(thread)
        said = await play.answer("4")
        assert "Which post?\nPost " in said
        second = detail.posts[1]
        await play.answer("2")
        said = await play.answer("5")
        assert second.author.name in said
        said = await play.answer("1")
        assert "Check: a removal without a reason: name a rule.\nDo it all the same?" in said
        await play.answer("1")
        (row,) = await play.engine.my_deliveries()
        assert row.command.posts == (second.remote_id,)  # type: ignore[attr-defined]


async def test_done_says_what_is_open_and_asks(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, said = await opened(play, "5")
        assert "has not been answered" in said
        said = await play.answer("1")
        assert "Done here: done, on " in said
        assert await state(play, thread) is State.RESOLVED


async def test_a_now_thread_ends_with_an_outcome_in_words(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(lambda d: d.row.now_at is not None)
        await play.open(thread)
        said = await play.answer("5")
        assert "NOW lane." in said
        assert "How did it end?" in said
        await play.answer("5", "called the helpline together", "")
        assert await state(play, thread) is State.RESOLVED


async def test_escalate_by_digits_alone(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "6")
        assert "does it: " in said
        said = await play.answer("1", "1")
        assert "Note: " in said
        said = await play.answer("1")
        assert "to take it back: escalate to " in said


async def test_snooze_note_and_claim(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "9", "5")
        assert "Claimed: you hold it." in play.heard.text
        assert "Released" in await play.answer("9", "5")
        said = await play.answer("9", "4", "seen before", "")
        assert "Done here: note, on " in said
        await play.answer("9", "3", "1")
        assert await state(play, thread) is State.SNOOZED


async def test_sensitive_puts_a_thread_into_the_now_lane(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "9", "7", "1", "")
        detail = await play.engine.thread(thread)
        assert detail is not None
        assert detail.row.now_at is not None


async def test_and_out_of_it_again_with_the_reason_in_words(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "9", "7", "1", "")
        said = await play.answer("9", "7")
        assert "not sensitive? It closes the help route.\n1. a figure of speech" in said
        said = await play.answer("4", "quoted from a song", "")
        assert "not sensitive: quoted from a song" in said
        detail = await play.engine.thread(thread)
        assert detail is not None
        assert (detail.row.now_at, detail.row.help_route) == (None, None)
