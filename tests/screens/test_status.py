"""Status: the mock, the line cursor, what is behind a line, and a session that may not act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from modtui.app import LeadTui, ModTui
from modtui.domain.metrics import Cause, Narrow, PileOn, Span, Why
from modtui.domain.views import QueueFilter
from modtui.screens.deliveries import DeliveriesScreen
from modtui.screens.queue import QueueScreen
from modtui.screens.status import StatusScreen
from modtui.widgets.cells import cell_len
from tests.screens.grid import check, grid
from tests.screens.lead_stage import ago
from tests.screens.play import Play, playing
from tests.screens.stage import staged


def board(play: Play) -> StatusScreen:
    assert isinstance(play.app.screen, StatusScreen)
    return play.app.screen


async def to(play: Play, line: str) -> None:
    """Move the cursor down to a line."""
    for _ in range(60):
        if board(play).list.selected == line:
            return
        await play.press("j")
    raise AssertionError(f"no line {line}")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
async def test_the_mock(size: tuple[int, int]) -> None:
    engine = staged()
    engine.lead.read_only = size == (120, 40)
    async with playing(engine, size, LeadTui) as play:
        lines = check(play.app, f"status-{size[0]}x{size[1]}")
        assert all(cell_len(line) == size[0] for line in lines)


async def test_the_columns_are_those_of_the_mock() -> None:
    engine = staged()
    engine.lead.read_only = True
    async with playing(engine, (120, 40), LeadTui) as play:
        lines = [line.rstrip() for line in grid(play.app)]
    assert lines[0].startswith(" Status · Sat 21 Nov 03:12 Almaty · since your last look Fri 18:10")
    assert lines[0].endswith("read-only │ live 4/5  discord STALE 3m")
    assert lines[2].startswith("▌NEEDS YOU  2")
    assert lines[2].index("NIGHT  18:10 → 03:12") == 60
    assert lines[3] == (
        "  1 delivery unknown: reply in discord/general                "
        "in 214 = answered 96 + kept 71 + removed 28 + open 19"
    )
    assert lines[4] == (
        "  1 escalation without ack 52m: Double charge → payments      "
        "NOW threads 2: first human 3m, 9m · both handed to desk"
    )
    assert lines[7] == (
        " LATE NOW  3                              oldest -12m       "
        "LATE LAST NIGHT  11 of 182 (94.0 % within target)"
    )
    assert lines[9] == (
        "  reddit/skyslots  1   mod-c                                  "
        "waiting on a team   3  ███   payments 3"
    )
    assert lines[10].startswith(" DUE WITHIN THE HOUR  7   unowned 5")
    head = lines[13]
    names = ("open", "late", "due 1h", "unowned", "1st p50", "p90", "≤ SLA", "7 days", "same day")
    assert [head.index(name) for name in names] == [19, 25, 31, 39, 48, 58, 64, 77, 85]
    assert lines[14] == (
        "  disco              19     2       4       14      21m  1h40"
        "          93 %    95 %                96 %   live"
    )
    assert lines[16].endswith("STALE 3m")
    assert lines[-2].startswith(" counted 03:12:00 · numbers from one event log, ?")
    assert lines[-1] == (
        " j k line   Enter threads   t today/7/28 days   p platform   w person   f language"
        "   o hand over   gq queue   ? all"
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_count_of_thousands_stands_apart_from_its_cause(size: tuple[int, int]) -> None:
    engine = staged()
    pile = PileOn(ago(14), ago(2))
    late = Why(Cause.PILE_ON, 3363, (4,), ((pile, 3363),))
    engine.lead.made = replace(engine.lead.made, late_why=(late,))
    async with playing(engine, size, LeadTui) as play:
        assert "pile-on 02:58–03:10 3363  ██████" in "\n".join(grid(play.app))


async def test_enter_opens_the_threads_behind_the_line() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await to(play, "late:disco/payments")
        await play.press("enter")
        assert isinstance(play.app.screen, QueueScreen)
        assert play.app.screen.view.exact == QueueFilter(ids=(1, 3), finished=True)
        assert "view: late in disco/payments" in grid(play.app)[1]
        assert play.queue.list.selected_id == 1
        await play.press("q")
        assert board(play).list.selected == "late:disco/payments"
        await play.press("g", "q")
        assert "view: all" in grid(play.app)[1]


async def test_keys_act_again_in_the_rooms_after_a_look_at_the_threads() -> None:
    async with playing(staged(), (120, 40)) as play:
        await play.press("g", "s")
        await to(play, "late:disco/payments")
        await play.press("enter", "q", "g", "d", "s")
        assert isinstance(play.room, DeliveriesScreen)
        assert "dropped" not in play.said
        await play.press("g", "q", "c")
        assert ("release", 1) in play.engine.log


async def test_a_platform_opens_its_queue_and_a_person_what_is_held() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        for line, view in (
            ("platform:reddit", QueueFilter(accounts=("reddit",))),
            ("person:mod-b", QueueFilter(claimed_by="mod-b")),
        ):
            await to(play, line)
            await play.press("enter")
            assert isinstance(play.app.screen, QueueScreen)
            assert play.app.screen.view.exact == view
            await play.press("q")


async def test_a_delivery_of_unknown_outcome_opens_the_deliveries() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await to(play, "needs_delivery")
        await play.press("enter")
        assert play.app.current_mode == "deliveries"


async def test_the_question_mark_says_how_the_line_is_counted() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await to(play, "late_period")
        await play.press("question_mark")
        shown = " ".join("\n".join(grid(play.app)).split())
        assert "LATE LAST NIGHT 11 of 182" in shown
        assert "answered or fallen late, whichever came first" in shown
        assert "only this platform, the next, all" in shown


async def test_the_cursor_stays_on_its_line_through_every_recount() -> None:
    engine = staged()
    async with playing(engine, (120, 40), LeadTui) as play:
        await to(play, "late:reddit/skyslots")
        gone = engine.lead.made.late_places
        engine.lead.made = replace(engine.lead.made, needs=(), late_places=gone[1:])
        await play.press("t")
        assert board(play).list.selected == "late:reddit/skyslots"
        engine.lead.made = replace(engine.lead.made, late_places=())
        await play.press("t")
        assert board(play).list.entry is not None


async def test_periods_and_narrowing_go_round() -> None:
    engine = staged()
    async with playing(engine, (120, 40), LeadTui) as play:
        await play.press("t", "t", "t", "t")
        spans = [span for span, _ in engine.lead.asked]
        assert spans == [Span.LOOK, Span.TODAY, Span.WEEK, Span.MONTH, Span.LOOK]
        await to(play, "person:mod-c")
        await play.press("w")
        assert "only mod-c" in grid(play.app)[0]
        await play.press("w", "f", "p")
        assert [narrow for _, narrow in engine.lead.asked[5:]] == [
            Narrow(person="mod-c"),
            Narrow(),
            Narrow(language="en"),
            Narrow(language="en", account="disco"),
        ]
        await play.press("q")
        assert engine.lead.asked[-1][1] == Narrow()
        await play.press("q")
        assert play.app.current_mode == "queue"


async def test_left_and_right_go_between_the_columns() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await to(play, "late_now")
        await play.press("l")
        assert board(play).list.selected == "late_period"
        await play.press("h")
        assert board(play).list.selected == "late_now"


async def test_it_counts_again_on_a_change_but_not_on_a_tick() -> None:
    engine = staged()
    async with playing(engine, (120, 40), LeadTui) as play:
        engine.clock += timedelta(seconds=4)
        board(play)._tick()
        await play.settle()
        assert len(engine.lead.asked) == 1
        engine.clock += timedelta(seconds=4)
        engine.tell(1)
        await play.until(lambda: len(engine.lead.asked) == 2)


async def test_a_change_within_five_seconds_waits() -> None:
    engine = staged()
    async with playing(engine, (120, 40), LeadTui) as play:
        for _ in range(5):
            engine.tell(1)
            await play.settle()
        assert len(engine.lead.asked) == 1


async def test_a_look_is_remembered_when_the_screen_is_left() -> None:
    engine = staged()
    async with playing(engine, (120, 40)) as play:
        await play.press("g", "s", "question_mark", "q")
        assert engine.lead.looks == 0
        await play.press("g", "q")
        assert engine.lead.looks == 1


async def test_a_look_is_remembered_when_modtui_is_left() -> None:
    engine = staged()
    async with playing(engine, (120, 40), LeadTui):
        assert engine.lead.looks == 0
    assert engine.lead.looks == 1


@pytest.mark.parametrize("key", ["r", "d", "a", "x", "e", "s", "c", "u", "1", "m", "z", "L", "b"])
async def test_no_acting_key_works_in_a_session_for_reading(key: str) -> None:
    engine = staged()
    engine.lead.read_only = True
    async with playing(engine, (120, 40)) as play:
        await play.press(key)
        assert play.said == "read-only session"
        assert not engine.submitted
        assert {name for name, _ in engine.log} <= {"start", "thread", "slots"}
        assert "read-only │ live 4/5" in grid(play.app)[0]


async def test_a_session_for_reading_renews_no_claim() -> None:
    engine = staged()
    engine.lead.read_only = True
    async with playing(engine, (120, 40)) as play:
        await play.press("j", "k")
        engine.clock += timedelta(seconds=60)
        play.queue.tick()
        await play.settle()
        assert "claim" not in [name for name, _ in engine.log]


async def test_what_needs_somebody_opens_as_one_list() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await play.press("g", "g", "enter")
        assert isinstance(play.app.screen, QueueScreen)
        assert play.app.screen.view.exact == QueueFilter(ids=(3, 18), finished=True)


async def test_a_line_with_nothing_behind_it_says_so() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await to(play, "without_escalation")
        await play.press("enter")
        assert play.said == "there is no list behind this line"
        assert board(play).list.selected == "without_escalation"


async def test_o_goes_where_one_hands_over() -> None:
    async with playing(staged(), (120, 40), LeadTui) as play:
        await play.press("o")
        assert play.app.current_mode == "handover"


async def test_f3_opens_status_and_every_size_shows_it() -> None:
    engine = staged()
    async with playing(engine, (40, 10), ModTui) as play:
        await play.press("f3", "G", "k", "k")
        assert play.app.current_mode == "status"
        for size in ((101, 30), (79, 23), (200, 70)):
            await play.pilot.resize_terminal(*size)
            await play.settle()
            lines = grid(play.app)
            assert len(lines) == size[1]
            assert any("▌" in line for line in lines)
