"""Help, the author's record and my last twenty, as they are read on the screen."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.geometry import Size
from textual.screen import Screen

from modtui.domain.commands import Capability
from modtui.domain.model import Author, ClockKind, State
from modtui.domain.people import (
    AuthorNote,
    AuthorRecord,
    Brief,
    Deed,
    Namesake,
    PastSanction,
    PastThread,
)
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.sla import Clock, LedgerLine
from modtui.engine import Refused
from modtui.screens.author import AuthorSheet
from modtui.screens.deeds import DeedsSheet
from modtui.screens.help import HelpSheet
from tests.screens.grid import grid
from tests.screens.play import Play, playing, type_in
from tests.screens.sketches import NOW, made_post, words
from tests.screens.stage import FakeEngine, sent_reply, staged

SIZES = [(80, 24), (120, 40)]


def shown(play: Play) -> str:
    return "\n".join(grid(play.app))


async def read_through(play: Play) -> str:
    """Everything a sheet says, page by page."""
    seen = [shown(play)]
    for _ in range(12):
        await play.press("space")
        seen.append(shown(play))
    return "\n".join(seen)


# help
@pytest.mark.parametrize("size", SIZES)
async def test_help_says_what_each_key_would_do_here(size: tuple[int, int]) -> None:
    engine = staged()
    engine.unable = {Capability.LOCK: "telegram has no lock"}
    sent_reply(engine, 22)
    async with playing(engine, size) as play:
        await play.press("question_mark")
        assert isinstance(play.app.screen, HelpSheet)
        text = await read_through(play)
        for line in (
            "keep: dismiss 4 flags on vasya_77's post (at once)", "slow mode in disco/payments",
            "off: telegram has no lock", "Withdrawal times (ru)", "ON THIS THREAD", "ROOMS",
            "the record of vasya_77: no record", "F5", "off: nobody else holds it",
            "release \"Withdrawal stuck", "take back my latest: sent",
        ):  # fmt: skip
            assert line in text, line
        await play.press("escape")
        assert play.app.screen is play.queue


@pytest.mark.parametrize("key", ["question_mark", "w", "o", "slash"])
async def test_over_a_screen_no_key_of_it_is_named_any_more(key: str) -> None:
    async with playing(staged(), (120, 40)) as play:
        assert "r write" in grid(play.app)[-2]
        await play.press(key)
        assert not any("r write" in line for line in grid(play.app)[-2:])
        await play.press("escape")
        assert "r write" in grid(play.app)[-2]


async def test_the_help_names_quick_replies_in_a_language_that_is_read() -> None:
    engine = staged()
    entry = Entry("help", {"ka": Variant("ka", "დახმარება", "…"), "en": Variant("en", "Help", "…")})
    engine.slots = lambda detail: (Slot(1, entry, entry.variants["ka"]),)  # type: ignore[method-assign]
    reader = replace(engine.desk.moderator, languages=("en",))
    engine.desk = replace(engine.desk, moderator=reader)
    async with playing(engine, (120, 40)) as play:
        await play.press("question_mark")
        text = await read_through(play)
        assert "Help (ka)" in text
        assert "დახმარება" not in text


async def test_tab_goes_through_the_parts_of_the_help() -> None:
    async with playing(staged()) as play:
        await play.press("question_mark")
        sheet = play.app.screen
        assert isinstance(sheet, HelpSheet)
        tops = []
        for _ in range(len(sheet.starts)):
            await play.press("tab")
            tops.append(sheet.sheet.scroll_offset.y)
        assert tops[0] == sheet.starts[1]
        assert 0 in tops
        await play.press("escape", "question_mark", "tab", "tab", "shift+tab")
        again = play.app.screen
        assert isinstance(again, HelpSheet)
        assert again.sheet.scroll_offset.y == again.starts[1]


async def test_of_a_sheet_that_was_closed_no_painted_line_is_kept() -> None:
    async with playing(staged()) as play:
        await play.press("question_mark")
        lines = weakref.ref(play.app.screen._styles_cache)
        await play.press("escape", "question_mark", "escape")
        assert play.app.screen is play.queue
        gc.collect()
        assert lines() is None


async def test_help_on_an_empty_queue_explains_the_keys_alone() -> None:
    async with playing(staged(())) as play:
        await play.press("question_mark")
        text = await read_through(play)
        assert "THE DEADLINE" not in text
        assert "off: there is no thread under the cursor" in text


async def test_help_shows_the_deadline_first_and_its_ledger_last() -> None:
    engine = staged()
    start = NOW - timedelta(hours=3)
    engine.ledgers = (
        Clock(
            ClockKind.FIRST_RESPONSE, 1, start, timedelta(hours=2), timedelta(minutes=132), None,
            False, None, NOW - timedelta(minutes=12), None, NOW - timedelta(minutes=12),
            (
                LedgerLine(start, start + timedelta(minutes=48), timedelta(), "closed"),
                LedgerLine(start + timedelta(minutes=48), NOW, timedelta(minutes=132), "counted"),
            ),
        ),
    )  # fmt: skip
    async with playing(engine) as play:
        await play.press("question_mark")
        lines = grid(play.app)
        assert "THE DEADLINE OF Withdrawal stuck" in lines[3]
        assert "first response due 03:00 · late 12m working time, 12m by" in lines[4]
        assert "2h12m counted + 48m closed = 3h00m since 00:12" in shown(play)
        text = " ".join((await read_through(play)).split())
        assert "00:12 → 01:00 48m not counted: closed" in text
        assert "01:00 → 03:12 2h12m counted" in text
        assert "2h12m of 2h00m counted, breached 03:00" in text


# the author's record
def record() -> AuthorRecord:
    at = NOW - timedelta(days=3)
    return AuthorRecord(
        "demo:disco", Author("u1", words("vasya_77"), words("new here")), at, 9, 3,
        threads=(
            PastThread(1, words("Withdrawal stuck"), State.OPEN, 4, NOW),
            PastThread(9, words("Scam!"), State.RESOLVED, 2, at, "removed", "mod-c"),
        ),
        sanctions=(PastSanction(9, "mute", at, 86_400, "mod-c", "spam"),),
        notes=(AuthorNote("mod-b", at, words("asks every week, be kind")),),
        namesakes=(Namesake("demo:reddit", "reddit", 2, 1, at),),
    )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
async def test_the_authors_record_and_a_note_in_it(size: tuple[int, int]) -> None:
    engine = staged()
    engine.people.known = record()
    async with playing(engine, size) as play:
        await play.press("w")
        assert isinstance(play.app.screen, AuthorSheet)
        text = await read_through(play)
        for line in (
            "first seen 18 Nov", "9 posts known · 3 flags in all", "mute for 1 d, over",
            "by mod-c · spam", "asks every week, be kind", "removed by mod-c", "this one",
            "THE SAME NAME ELSEWHERE, perhaps another person", "reddit: 2 threads · sanctions 1",
            "IN THIS THREAD  2 posts", "flagged 4×",
        ):  # fmt: skip
            assert line in text, line
        await play.press("m", "enter")
        assert "an empty note is not kept" in shown(play)
        await type_in(play, "speaks kazakh")
        await play.press("enter")
        assert isinstance(play.app.screen, AuthorSheet)
        await play.press("g", "pageup", "pageup", "pageup", "pageup", "pageup", "pageup", "pageup")
        assert "mod-a: speaks kazakh" in shown(play)
        await play.press("q")
        assert play.app.screen is play.queue


async def test_somebody_unknown_has_no_record_but_what_they_wrote_here() -> None:
    async with playing(staged()) as play:
        await play.press("w")
        assert "Nothing is known of this author." in shown(play)
        assert "Вывод висит третий день" in shown(play)


async def test_a_record_stands_beside_the_name_where_there_is_one() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        assert "vasya_77 · new here · 14:02       no record w" in shown(play)
        engine.briefs["u1"] = Brief(2, (("mute", 1),))
        engine.tell(1)
        await play.settle()
        assert "2 earlier flags" in shown(play)
    async with playing(engine, (80, 24)) as play:
        assert "no record" not in shown(play)


# my last twenty
def deed(batch: str, minutes: int, **more: object) -> Deed:
    what = (f"reply → thread {batch}",)
    return Deed(batch, 3, NOW - timedelta(minutes=minutes), "disco", what, **more)  # type: ignore[arg-type]


def busy() -> FakeEngine:
    engine = staged()
    engine.deeds.done = [
        deed("b3", 1, state="pending"),
        deed("b2", 9, state="sent", inverse=True),
        deed("b1", 40, state="sent", why_not="reply is done, and disco cannot take it back"),
    ]
    return engine


@pytest.mark.parametrize("size", SIZES)
async def test_my_last_twenty_says_what_each_was_and_whether_it_can_be_undone(
    size: tuple[int, int],
) -> None:
    async with playing(busy(), size) as play:
        await play.press("U")
        assert isinstance(play.app.screen, DeedsSheet)
        text = shown(play)
        assert "03:11        pending              disco: reply → thread b3" in text
        assert "Enter takes it back: nobody outside has seen it." in text
        await play.press("j")
        assert "disco is told to do the opposite" in shown(play)
        await play.press("j")
        assert "It stays: reply is done, and disco cannot take it back." in shown(play)
        await play.press("enter")
        assert isinstance(play.app.screen, DeedsSheet)


async def test_one_is_taken_back_after_a_question_and_the_cursor_goes_there() -> None:
    engine = busy()
    async with playing(engine) as play:
        await play.press("U", "j", "enter")
        assert "Take back reply → thread b2? disco is told to do the opposite." in shown(play)
        await play.press("n")
        assert engine.deeds.undone == []
        await play.press("enter", "enter")
        assert engine.deeds.undone == ["b2"]
        assert play.app.screen is play.queue
        assert play.said == "taken back: reply → thread b2"
        assert play.queue.current() == 3


async def test_whose_it_is_by_now_is_said_in_the_question_where_nobody_can_tell() -> None:
    engine = staged()
    engine.deeds.done = [deed("b1", 1, state="sent", inverse=True, doubt="nobody tells who did")]
    async with playing(engine) as play:
        await play.press("U", "enter")
        assert "is told to do the opposite. Nobody tells who did." in " ".join(shown(play).split())


async def test_a_refusal_is_said_and_the_list_stays() -> None:
    engine = busy()
    engine.deeds.refuse = Refused("pending", "it is on its way: nobody can stop it now")
    async with playing(engine) as play:
        await play.press("U", "enter", "enter")
        assert isinstance(play.app.screen, DeedsSheet)
        assert "it is on its way: nobody can stop it now" in shown(play)


async def test_nothing_done_is_said() -> None:
    async with playing(staged()) as play:
        await play.press("U")
        assert "You have done nothing here yet." in shown(play)
        await play.press("enter", "q")
        assert play.app.screen is play.queue


async def test_a_read_only_session_says_so_of_every_key_that_writes() -> None:
    engine = staged()
    engine.lead.read_only = True
    async with playing(engine, (120, 40)) as play:
        await play.press("question_mark")
        assert "off: read-only session" in shown(play)


async def test_a_read_only_session_opens_no_box_for_what_it_would_not_keep() -> None:
    engine = staged()
    engine.lead.read_only = True
    async with playing(engine, (120, 40)) as play:
        await play.press("w")
        record = play.app.screen
        assert "note about the author is off: read-only session" in shown(play)
        await play.press("m")
        assert play.app.screen is record
        await play.press("q", "f")
        views = play.app.screen
        await play.press("s")
        assert play.app.screen is views
        assert "A read-only session keeps no views" in shown(play)


async def test_in_the_now_lane_done_says_that_it_asks_for_words() -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], now_at=NOW, now_reason="threat")
    async with playing(engine, (120, 40)) as play:
        await play.press("question_mark")
        assert 'say how "Withdrawal stuck for 3 da…" ended' in shown(play)


async def test_the_address_and_the_raw_text_are_shown_to_the_last_word() -> None:
    engine = staged()
    url = f"https://example.org/{'long-' * 16}end-of-address"
    engine.rows[1] = replace(engine.rows[1], url=url)
    raw = f"{'word ' * 30}last-word"
    engine.posts[1] = (made_post(1, 1, Author("u1", words("vasya")), raw, NOW),)
    async with playing(engine, (80, 24)) as play:
        await play.press("o")
        text = "\n".join(grid(play.app))
        assert "end-of-address" in text
        assert text.count("word") == 31


async def test_help_is_laid_out_once_and_what_is_below_it_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out: list[tuple[str, bool]] = []
    refresh = Screen._refresh_layout

    def noted(self: Screen[None], size: Size | None = None, scroll: bool = False) -> None:
        laid_out.append((type(self).__name__, size is not None))
        refresh(self, size, scroll)

    async with playing(staged(), (120, 40)) as play:
        monkeypatch.setattr(Screen, "_refresh_layout", noted)
        await play.press("question_mark")
        assert isinstance(play.app.screen, HelpSheet)
        assert play.app.screen.has_class("-wide")
        assert laid_out.count(("HelpSheet", True)) == 1
        assert {name for name, _ in laid_out} == {"HelpSheet"}
        await play.pilot.resize_terminal(90, 25)
        assert play.app.screen.size == Size(90, 25)
        assert play.app.screen.has_class("-stacked")
        assert ("QueueScreen", True) in laid_out
