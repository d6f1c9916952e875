"""The NOW lane on the screens: first line, rows, `!`, `d`, `n`, snooze, and the bell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input, Static

from modtui.domain.commands import (
    Dismiss,
    MarkSensitive,
    NotSensitive,
    Reply,
    Resolve,
    Snooze,
    Then,
)
from modtui.domain.lane import SENSITIVE
from modtui.domain.model import State
from modtui.domain.replies import Entry, Slot, Variant
from modtui.domain.settings import Team
from modtui.domain.views import Alarms, Counts
from modtui.screens import plan
from modtui.screens.dialogs.not_sensitive import NotSensitiveDialog
from modtui.screens.dialogs.outcome import OutcomeDialog
from modtui.screens.dialogs.snooze import SnoozeDialog
from modtui.terminal.notices import Announcer
from modtui.widgets.choice import Choice
from modtui.widgets.host import Moment
from modtui.widgets.lines import first_line
from tests.screens.grid import grid
from tests.screens.play import Play, playing
from tests.screens.sketches import NOW, ZONE, in_lane
from tests.screens.stage import FakeEngine, staged

MINUTE = timedelta(minutes=1)
SIZES = [(80, 24), (120, 40)]


def urgent(reason: str = "self-harm", minutes: int = 3) -> FakeEngine:
    """The canned queue, its fourth thread first: in the lane, unread, in Georgian."""
    engine = staged()
    row = in_lane(engine.rows[4], reason, NOW - minutes * MINUTE)
    engine.rows[4] = replace(row, language="ka", help_route="self-harm", flag_count=2)
    engine.order.remove(4)
    engine.order.insert(0, 4)
    engine.reasons[4] = (reason,)
    engine.desk = replace(engine.desk, now_reasons=(reason,))
    return engine


def screen(play: Play) -> str:
    return "\n".join(grid(play.app))


@pytest.mark.parametrize("size", SIZES)
async def test_it_stands_first_and_says_how_long_is_left(size: tuple[int, int]) -> None:
    async with playing(urgent(), size) as play:
        row = next(line for line in grid(play.app) if "self-harm" in line)
        assert row.startswith("▌ NOW 12m ")
        assert ("now self-harm" in row) is (size[0] >= 120)
        if size[0] >= 120:
            assert "NOW 12m left, self-harm flag" in screen(play)


async def test_late_it_says_so_in_seven_cells_whatever_the_desk_s_hours() -> None:
    async with playing(urgent(minutes=27)) as play:
        row = next(line for line in grid(play.app) if "self-harm" in line)
        assert row[2:9] == "NOW!12m"
        play.engine.rows[4] = replace(play.engine.rows[4], state=State.WAITING)
        play.engine.tell(4)
        await play.settle()
        row = next(line for line in grid(play.app) if "self-harm" in line)
        assert row[2:9] == "NOW!12m"
        assert "[answered]" in row


def test_the_first_line_begins_with_it_when_there_is_one() -> None:
    moment = Moment(NOW, ZONE, 80)
    counts = Counts(open=42, mine=2, late=3, now=1, next_due_at=NOW + timedelta(seconds=252))
    text = "".join(piece for piece, _ in first_line(counts, (), moment))
    assert text.startswith(" 1 NOW  3 late  next 4:12   open 42  mine 2 ")
    without = "".join(piece for piece, _ in first_line(replace(counts, now=0), (), moment))
    assert without.startswith(" 3 late  next 4:12")


async def test_n_goes_to_the_lane_first_then_to_what_is_due_soon() -> None:
    async with playing(urgent()) as play:
        await play.press("j", "j", "n")
        assert play.queue.current() == 4
        await play.press("n")
        assert play.queue.current() == 5


async def test_an_exclamation_mark_puts_a_thread_into_the_lane_at_once() -> None:
    async with playing(staged()) as play:
        await play.press("!")
        assert play.engine.submitted == [MarkSensitive(thread=1, revision=1)]
        assert "u takes it back" in play.said
        asked = [thread for name, thread in play.engine.log if name == "slots"]
        assert asked == [1, 1], "the quick replies are those of the help route now"
        assert "help route open" in play.said


async def test_again_it_asks_why_it_is_not_and_takes_no_empty_line() -> None:
    async with playing(staged()) as play:
        await play.press("!", "!")
        assert isinstance(play.app.screen, NotSensitiveDialog)
        await play.press("enter")
        assert len(play.engine.submitted) == 1
        assert "only with words" in screen(play)
        await play.press(*"1 ", "enter")
        over = NotSensitive(thread=1, revision=1, why="a figure of speech")
        assert play.engine.submitted[1:] == [over]
        assert "not sensitive: a figure of speech" in play.said
        assert "u takes it back" in play.said
        assert "HELP ROUTE" not in screen(play)


async def test_words_that_opened_a_route_are_shown_and_enter_alone_makes_it_urgent() -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], help_route="gambling")
    engine.route_words[1] = "lost everything"
    async with playing(engine) as play:
        await play.press("!")
        assert isinstance(play.app.screen, NotSensitiveDialog)
        assert "“lost everything”" in screen(play)
        await play.press("enter")
        assert play.engine.submitted == [MarkSensitive(thread=1, revision=1)]


async def test_what_a_flag_calls_sensitive_closes_with_its_outcome_alone() -> None:
    async with playing(urgent()) as play:
        await play.press("!")
        assert play.engine.submitted == []
        assert "NOW since" in play.said
        assert "d closes it, in words" in play.said


async def test_d_asks_for_an_outcome_and_takes_none_without_words() -> None:
    async with playing(urgent()) as play:
        await play.press("d")
        assert isinstance(play.app.screen, OutcomeDialog)
        await play.press("enter")
        assert play.engine.submitted == []
        assert isinstance(play.app.screen, OutcomeDialog)
        await play.press(*"2 people", "enter")
        (done,) = play.engine.submitted
        assert isinstance(done, Resolve)
        assert (done.thread, done.outcome) == (4, "handed to payments people")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_no_outcome_that_a_digit_stands_for_is_broken(size: tuple[int, int]) -> None:
    async with playing(urgent(), size) as play:
        await play.press("d")
        dialog = play.app.screen
        assert isinstance(dialog, OutcomeDialog)
        lines = grid(play.app)
        for number, words in enumerate(dialog.presets, 1):
            assert any(f"{number} {words}" in line for line in lines), words


async def test_a_digit_in_the_middle_of_an_outcome_is_text() -> None:
    async with playing(urgent()) as play:
        await play.press("d", *"told 2", "enter")
        (done,) = play.engine.submitted
        assert isinstance(done, Resolve)
        assert done.outcome == "told 2"


async def test_keeping_its_post_leaves_it_there_and_says_what_is_missing() -> None:
    async with playing(urgent()) as play:
        await play.press("a")
        (kept,) = play.engine.submitted
        assert isinstance(kept, Dismiss)
        assert not kept.finishes
        assert play.queue.current() == 4
        assert "needs an outcome: d" in play.said


async def test_removing_its_post_says_that_it_stays() -> None:
    async with playing(urgent()) as play:
        await play.press("x")
        assert "stays in the NOW lane" in screen(play)


async def test_it_is_snoozed_for_minutes_only() -> None:
    async with playing(urgent()) as play:
        await play.press("z")
        assert isinstance(play.app.screen, SnoozeDialog)
        picks = play.app.screen.query_one(Choice).picks
        assert [pick.label for pick in picks] == ["1 5m", "2 10m", "3 15m"]
        await play.press("5", "3", "enter")
        (snooze,) = play.engine.submitted
        assert isinstance(snooze, Snooze)
        assert snooze.until == NOW + 15 * MINUTE


async def test_no_reply_is_offered_that_would_close_it() -> None:
    async with playing(urgent()) as play:
        await play.press("1", "tab", "tab", "tab", "enter")
        (reply,) = play.engine.submitted
        assert isinstance(reply, Reply)
        assert reply.then is not Then.DONE
        assert play.queue.current() == 4, "a reply does not take the cursor away"


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_that_the_language_is_not_read_and_who_reads_it(
    size: tuple[int, int],
) -> None:
    engine = urgent()
    care = Team("care", ("mod-e", "mod-f"), "lead", languages=("ka",))
    engine.desk = replace(engine.desk, teams=(*engine.desk.teams, care))
    async with playing(engine, size) as play:
        assert "you don't read ka · care does: mod-e, mod-f" in screen(play)
        await play.press("j")
        assert "you don't read" not in screen(play), "ru is read"


async def test_a_reply_in_a_language_that_is_not_read_stands_beside_one_that_is() -> None:
    ka = Variant("ka", "დახმარება", "ქართული ტექსტი")
    english = Variant("en", "Help", "Please call {emergency}.", "Nino", {"emergency": "112"})
    slot = Slot(1, Entry("help", {"ka": ka, "en": english}), ka)

    class Helping(FakeEngine):
        def slots(self, detail: object) -> tuple[Slot, ...]:
            return (slot,)

    engine = urgent()
    helping = Helping(rows=engine.rows, order=engine.order)
    async with playing(helping, (120, 40)) as play:
        await play.press("1")
        shown = screen(play)
        assert "in en: Please call 112." in shown
        assert "We are moderators, not doctors" in shown, "with what the help route adds"
        assert "(approved by Nino)" in shown
        assert "goes out in ka: ქართული ტექსტი" in shown
        await play.press("right")
        assert "goes out in" not in screen(play)
        assert play.app.screen.query_one("#text", Static).visible
        await play.press("left", "enter")
        (reply,) = helping.submitted
        assert isinstance(reply, Reply)
        assert (reply.text.split("\n")[0], reply.language) == ("ქართული ტექსტი", "ka")


async def test_the_bell_rings_in_one_place_whatever_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rang: list[int] = []
    monkeypatch.setattr(Announcer, "ring", lambda self, *numbers: rang.append(1))
    engine = staged()
    async with playing(engine) as play:
        assert rang == []
        engine.alarms.told = Alarms(now=frozenset({4}))
        engine.tell(4)
        await play.settle()
        assert len(rang) == 1
        await play.press("r")
        assert play.app.screen.query(Input) is not None
        engine.clock += 2 * MINUTE
        engine.tell(4)
        await play.settle()
        assert len(rang) == 2
        engine.tell(4)
        await play.settle()
        assert len(rang) == 2


async def test_a_thread_marked_by_hand_says_sensitive() -> None:
    async with playing(urgent(SENSITIVE), (120, 40)) as play:
        assert "NOW 12m left, sensitive" in screen(play)
        assert "sensitive flag" not in screen(play)


async def test_a_batch_does_not_close_it_either() -> None:
    async with playing(urgent()) as play:
        case = play.queue.case()
        assert case is not None
        line = plan.done(plan.Target(case))
        assert line.commands == ()
        assert "NOW lane" in line.why_not


async def test_what_the_quick_replies_are_called_can_be_read() -> None:
    ka = Variant("ka", "დახმარება", "ქართული ტექსტი")
    entry = Entry("help", {"ka": ka, "en": Variant("en", "Help: self-harm", "Please call.")})
    assert entry.title(ka, ("ru", "en")) == "Help: self-harm"
    assert entry.title(ka, ("ka", "en")) == "დახმარება"
    assert entry.title(ka, ("pl",)) == "დახმარება"
