"""The conversation as a moderator has it: from the totals to the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from modtui.domain.commands import Capability, MarkSensitive, Reply, Resolve
from modtui.domain.model import State
from modtui.domain.outbox import DeliveryState
from modtui.domain.replies import Slot
from modtui.domain.views import ThreadDetail
from modtui.engine import Refused, Undone
from modtui.plain.answering import KEPT
from modtui.plain.thread import PAGE, WAYS
from tests.plain.stage import House, Play, at_work, talking

AT_ONCE = timedelta(0)


def quiet(detail: ThreadDetail) -> bool:
    """An open thread outside the NOW lane with one flagged post of a channel that can be slowed."""
    row = detail.row
    return (
        row.now_at is None
        and row.state is State.OPEN
        and row.account == "lounge"
        and not row.held
        and len(detail.posts) == 1
    )


async def opened(play: Play, *lines: str) -> tuple[int, str]:
    """Open a quiet thread and answer; return it and what was said."""
    thread = await play.find(quiet)
    await play.open(thread)
    return thread, await play.answer(*lines)


async def state(play: Play, thread: int) -> State:
    detail = await play.engine.thread(thread)
    assert detail is not None
    return detail.row.state


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


# answering
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


# deciding
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


# restricting
async def test_slow_mode_asks_how_much_how_long_and_why(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "7")
        assert "one post in " in said
        assert "For how long?\n1. 30 minutes" in await play.answer("2")
        assert "1. heated thread" in await play.answer("2")
        said = await play.answer("1")
        assert "Everyone in the channel is slowed." in said
        assert "to take it back: slow mode " in await play.answer("1")


async def test_where_there_is_no_slow_mode_the_nearest_has_its_own_name(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def without_slow_mode(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            slow = replace(detail.offers[Capability.SLOW_MODE], able=False, reason="not here")
            return replace(detail, offers={**detail.offers, Capability.SLOW_MODE: slow})

        play.engine.thread = without_slow_mode  # type: ignore[method-assign]
        _, said = await opened(play, "7")
        assert "7. read-only" in play.heard.text
        assert said.splitlines()[1].startswith("read-only in ")
        said = await play.answer("1", "2", "1")
        assert "Nobody but staff can write." in said
        assert "to take it back: read-only, on " in await play.answer("1")


async def test_crowd_control_asks_how_strict_and_says_whom_it_hits(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def with_crowd_control(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            able = {Capability.CROWD_CONTROL: "crowd control"}
            return replace(detail, offers={
                c: replace(offer, able=c in able, name=able.get(c, ""), detail="newcomers are out")
                for c, offer in detail.offers.items()
            })  # fmt: skip

        play.engine.thread = with_crowd_control  # type: ignore[method-assign]
        _, said = await opened(play, "7")
        assert said.splitlines()[1].startswith("crowd control of ")
        assert "1. strict\n2. moderate\n3. lenient\n4. off" in said
        said = await play.answer("1", "1")
        assert "Crowd control strict, reason heated thread. Newcomers are out." in said


async def test_what_few_platforms_can_do_is_offered_by_its_name(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def with_extras(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            able = {Capability.TAG: "tag", Capability.FREEZE: "freeze"}
            offers = {
                c: replace(offer, able=c in able, name=able.get(c, ""), detail="closes reports")
                for c, offer in detail.offers.items()
            }
            score = offers[Capability.PRIORITY]
            offers[Capability.PRIORITY] = replace(
                score, name="priority", reason="yours is Triage", withheld=True
            )
            return replace(detail, offers=offers)

        play.engine.thread = with_extras  # type: ignore[method-assign]
        page, at = divmod([way.verb for way in WAYS].index("extra"), PAGE)
        _, said = await opened(play, *["9"] * page, str(at + 1))
        assert "Not here: priority: yours is Triage" in said
        assert "1. freeze\n2. tag" in said
        await play.answer("2", "2")
        await play.answer("wave")
        said = await play.answer("old news")
        assert "Take off tag wave, reason old news." in said
        assert "Closes reports." not in said
        await play.answer("0", *["9"] * page, str(at + 1), "1", "1")
        said = await play.answer("hijacked")
        assert "Freeze the login, reason hijacked. Closes reports." in said


async def test_what_the_platform_has_not_is_said_with_what_is_nearest(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        said = await play.open(await play.find(lambda d: d.row.account == "square"))
        line = "7. slow mode, not possible: there is no slow mode here; limiting the account is"
        assert line in said


async def test_lock_and_sanction(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        thread = await play.find(lambda d: d.row.account == "harbour" and len(d.posts) == 1
                                 and d.row.help_route is None)  # fmt: skip
        await play.open(thread)
        said = await play.answer("9", "2", "1", "1")
        assert "until somebody unlocks it, reason heated thread." in said
        assert "to take it back: lock, on " in await play.answer("1")
        said = await play.answer("0", "9", "1", "1", "1")
        assert said.splitlines()[-2].startswith("Warn ")
        assert said.splitlines()[-2].endswith(" The author is told the rule.")
        assert "to take it back: warn " in await play.answer("1")


async def test_a_warning_for_which_no_rule_is_named_says_that_nothing_is_told(
    tmp_path: Path,
) -> None:
    async with talking(House(tmp_path)) as play:
        count = len(play.engine.desk.rules)
        _, said = await opened(play, "9", "1", "1", str(count + 1))
        assert "No rule is named, so the author is told nothing." in said
        assert "The author is told the rule." not in said


async def test_a_warning_may_take_a_text_of_the_platform(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def with_texts(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            warn = replace(detail.offers[Capability.WARN], texts=("warn-spam", "last"))
            return replace(detail, offers={**detail.offers, Capability.WARN: warn})

        play.engine.thread = with_texts  # type: ignore[method-assign]
        _, said = await opened(play, "9", "1", "1", "1")
        assert "Which text is the author told?\n1. of the rule\n2. warn-spam\n3. last" in said
        assert "The author is told the platform's text last." in await play.answer("3")


async def test_a_timed_sanction_says_what_its_end_may_end(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        read = play.engine.thread

        async def untold(thread: int) -> ThreadDetail | None:
            detail = await read(thread)
            if detail is None:
                return None
            mute = replace(
                detail.offers[Capability.MUTE], untold="no one can tell", supports_until=False
            )
            return replace(detail, offers={**detail.offers, Capability.MUTE: mute})

        play.engine.thread = untold  # type: ignore[method-assign]
        _, said = await opened(play, "9", "1", "2", "1", "1")
        assert "At its end: no one can tell." in said
        assert "Mute " in said


async def test_what_is_for_good_takes_the_word_yes(tmp_path: Path) -> None:
    async with talking(House(tmp_path)) as play:
        _, said = await opened(play, "4", "1")
        assert "It is for good. Type yes to do it, anything else leaves it:" in said
        await play.answer("1")
        assert await play.engine.my_deliveries() == ()
        said = await play.answer("9", "1", "4", "5", "1")
        assert "Ban " in said
        assert " for good" in said
        await play.answer("yes")
        (row,) = await play.engine.my_deliveries()
        assert row.command.seconds is None  # type: ignore[attr-defined]


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
