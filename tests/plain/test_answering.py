"""Replies in the conversation: written, chosen from the library, taken back, gone on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.domain.commands import Reply
from modtui.domain.model import State
from modtui.domain.outbox import DeliveryState
from modtui.domain.replies import Slot
from modtui.domain.views import ThreadDetail
from modtui.engine import Refused, Undone
from modtui.plain.answering import KEPT
from tests.plain.stage import House, opened, state, talking


async def test_a_quick_reply_is_previewed_confirmed_pending_and_sent(tmp_path: Path) -> None:
    async with talking(House(tmp_path, hold=timedelta(seconds=0.2))) as play:
        thread, said = await opened(play, "1", "1")
        assert "The reply, " in said
        assert "As support, everyone in " in said
        assert "then: wait for the author." in said
        said = await play.answer("1")
        assert "Pending, " in said
        assert "to take it back: reply to " in said

        async def sent() -> bool:
            rows = await play.engine.my_deliveries()
            return bool(rows) and rows[0].state is DeliveryState.SENT

        await play.until(sent)
        said = await play.answer("0", "")
        assert "Sent: reply to " in said
        assert await state(play, thread) is State.WAITING


async def test_what_is_pending_is_taken_back_by_one_and_names_its_target(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "1", "1", "1")
        detail = await play.engine.thread(thread)
        assert detail is not None
        said = await play.answer("1")
        assert f"Taken back: reply, on {detail.row.title}." in said
        assert "Your text is a draft again." in said
        (row,) = await play.engine.my_deliveries()
        assert row.state is DeliveryState.CANCELLED
        for answer in ("2", "1", "1"):
            await play.answer(answer)
        (_, anew) = sorted(await play.engine.my_deliveries(), key=lambda each: each.id)
        assert isinstance(anew.command, Reply)
        assert anew.command.quick is not None
        assert replace(anew.command, revision=row.command.revision) == row.command


async def test_what_may_be_anothers_by_now_is_asked_about_first(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        undo = play.engine.undo

        async def unsure(thread_id: int | None = None, *, force: bool = False) -> Undone:
            if not force:
                raise Refused("unsure", "nobody can tell whose it is", can_force=True)
            return await undo(thread_id, force=True)

        play.engine.undo = unsure  # type: ignore[method-assign]
        await opened(play, "1", "1", "1")
        said = await play.answer("1")
        assert "Nobody can tell whose it is." in said
        assert "1 takes it back all the same, 0 back" in said
        assert "Taken back: reply" in await play.answer("1")


async def test_a_pending_thread_says_that_it_is_sending(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "1", "1", "1", "")
        assert ", sending, " in said
        assert "you hold it" in said


async def test_a_reply_is_written_line_by_line_and_each_line_is_kept(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, said = await opened(play, "2")
        assert "A line with only a full stop ends it." in said
        await play.answer("Hello,")
        assert [d.text for d in await play.engine.drafts()] == ["Hello,"]
        await play.answer("we look into it.")
        assert [d.text for d in await play.engine.drafts()] == ["Hello,\nwe look into it."]
        said = await play.answer(".")
        assert "Nothing changed since you began." in said
        said = await play.answer("5", "3")
        assert "then: stays open." in said
        said = await play.answer("1")
        assert "Pending, 30 seconds to take it back: reply to " in said
        (row,) = await play.engine.my_deliveries()
        assert row.thread == thread
        assert row.command.text == "Hello,\nwe look into it."  # type: ignore[attr-defined]
        assert await play.engine.drafts() == ()


async def test_a_draft_stays_when_the_text_is_left_and_is_gone_on_with(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "2", "Half a sent", ".", "0")
        assert "Not sent; the draft is kept." in said
        said = await play.answer("2")
        assert "Your draft:\nHalf a sent" in said
        said = await play.answer("1", "2", "ence", ".")
        assert "The text:\nHalf a sent\nence" in said


@pytest.mark.parametrize("how", ["end", "signal", "interrupt", "q"])
async def test_who_leaves_in_the_middle_of_a_text_hears_that_it_is_kept(
    tmp_path: Path, how: str
) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "2")
        assert "Write the text." in said
        await play.answer("Half a sent")
        match how:
            case "end":
                play.inbox.close()
            case "signal":
                play.inbox.hang_up(143)
            case "interrupt":
                play.inbox.interrupt()
            case "q":
                await play.answer(".", "q")
        await play.until(lambda: KEPT in play.heard.text)
        heard = play.heard.text.partition("Half a sent")[2]
        assert heard.count(KEPT) == 1
        assert [draft.text for draft in await play.engine.drafts()] == ["Half a sent"]


async def test_of_a_text_without_a_line_nothing_is_said(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        await opened(play, "2")
        play.inbox.close()
        await play.running
        assert KEPT not in play.heard.text


async def test_an_edited_quick_reply_replaces_a_draft_only_if_that_is_meant(
    tmp_path: Path,
) -> None:
    async with talking(House(tmp_path)) as play:
        await opened(play, "2", "Half a sent", ".", "0")
        said = await play.answer("1", "1", "4")
        assert "Your draft here:\nHalf a sent\nThe quick reply takes its place." in said
        await play.answer("0")
        assert [draft.text for draft in await play.engine.drafts()] == ["Half a sent"]
        said = await play.answer("1", "1", "4", "1")
        assert "The text:\n" in said
        assert [draft.text for draft in await play.engine.drafts()] != ["Half a sent"]


async def test_an_edited_quick_reply_keeps_what_follows_it(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play)
        await play.answer("0")
        slots = play.engine.slots

        def settled(detail: ThreadDetail) -> tuple[Slot, ...]:
            first, *rest = slots(detail)
            return (
                replace(
                    first,
                    entry=replace(first.entry, then=("resolve", "lock for 2h", "note asked twice")),
                ),
                *rest,
            )

        play.engine.slots = settled  # type: ignore[method-assign]
        await play.open(thread)
        said = await play.answer("1", "1")
        assert ", then: done" in said
        assert "asked twice”" in said
        assert ", then: stays open" in await play.answer("2", "3")
        said = await play.answer("4")
        assert ", then: stays open" in said
        assert ", then: done" in await play.answer("5", "2")


async def test_a_draft_is_offered_at_the_next_start(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        await opened(play, "2", "Half a sent")
    async with talking(House(tmp_path)) as play:
        said = play.new
        assert "Welcome back. Your last session " in said
        assert "1. go on writing, " in said
        assert "Your draft:\nHalf a sent" in await play.answer("1")


async def test_what_a_session_left_is_gone_through(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread, _ = await opened(play, "1", "1", "1", "")
        await play.answer("0", "7")
        assert "Nothing was left." in play.heard.text
        detail = await play.engine.thread(thread)
        assert detail is not None
        play.inbox.hang_up(129)
        await play.running
    async with talking(House(tmp_path)) as play:
        said = play.new
        assert "Welcome back. Your last session ended " in said
        assert f"1. open, reply, on {detail.row.title}, " in said
        assert f"Thread: {detail.row.title}" in await play.answer("1")
        await play.engine.save_draft(thread, "Half")
        said = await play.answer("0")
        assert "1. go on writing, " in said


async def test_a_reply_is_found_in_the_library(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "9", "8", "2fa")
        assert "found:" in said
        said = await play.answer("1")
        assert "The reply, " in said


async def test_what_is_found_under_a_help_route_is_confirmed_apart(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        await opened(play, "9", "7", "1", "")
        said = await play.answer("9", "8", "2fa", "1", "1")
        assert "It is a weak match. Send it all the same?" in said
