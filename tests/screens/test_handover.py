"""The hand-over: a calm night is Enter, Enter; every line can be decided otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modtui.domain.shift import Decision, Fate, Stop
from modtui.engine import Refused
from modtui.screens.dialogs.handing import LeaveDialog, PreviewDialog, SuccessorDialog
from modtui.screens.handover import HandoverScreen
from tests.screens.grid import check, grid
from tests.screens.play import Play, playing
from tests.screens.stage import FakeEngine, staged


def night(play: Play) -> HandoverScreen:
    """The hand-over, which must be the room that is shown."""
    assert isinstance(play.room, HandoverScreen)
    return play.room


def fates(engine: FakeEngine) -> dict[str, Decision]:
    """What was handed over, by item."""
    assert engine.shift.handed is not None
    return dict(engine.shift.handed[0])


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda s: f"{s[0]}x{s[1]}")
async def test_what_is_left_stands_there_in_parts(size: tuple[int, int]) -> None:
    async with playing(staged(), size) as play:
        await play.press("g", "h")
        check(play.app, f"handover-{size[0]}x{size[1]}")


async def test_a_calm_night_is_enter_enter() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "enter")
        assert isinstance(play.app.screen, PreviewDialog)
        await play.press("enter")
        assert engine.shift.handed is not None
        decisions, text, to = engine.shift.handed
        assert {d.fate for i, d in decisions.items() if i.startswith("claim")} == {Fate.RELEASE}
        assert {d.fate for i, d in decisions.items() if not i.startswith("claim")} == {Fate.KEEP}
        assert text.startswith("Hand-over of mod-a, Sat 21 Nov 03:12 Asia/Almaty")
        assert to == ""
        assert play.said == "handed over · the text goes to ops #shift"
        shown = grid(play.app)
        assert shown[1].startswith(" HANDED OVER 03:12 · the text goes to ops #shift")
        assert "HELD" not in "\n".join(shown)


async def test_a_line_that_went_while_it_is_read_anew_is_still_told() -> None:
    async with playing(staged()) as play:
        await play.press("g", "h")
        room = night(play)
        item = room.selected
        assert item is not None
        assert room.leaving is not None
        rest = tuple(each for each in room.leaving.items if each.id != item.id)
        room.leaving = replace(room.leaving, items=rest)
        assert room.decision(item) == Decision(Fate.KEEP)
        room.show_about()


async def test_a_line_that_has_no_room_says_that_it_goes_on() -> None:
    engine = staged()
    long = replace(engine.shift.items[0], says="self-harm, since 15:35 " + "and then some " * 8)
    engine.shift.items = (long, *engine.shift.items[1:])
    async with playing(engine) as play:
        await play.press("g", "h")
        (row,) = [row for row in grid(play.app) if "self-harm, since" in row][:1]
        assert row.rstrip().endswith("…")


async def test_the_second_way_is_f9_and_q_goes_back() -> None:
    async with playing(staged()) as play:
        await play.press("f9")
        night(play)
        await play.press("q")
        assert play.room is play.queue


async def test_letters_and_arrows_change_what_becomes_of_a_line() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "a")
        assert grid(play.app)[3].startswith("▌ keep ")
        await play.press("j", "right")
        assert grid(play.app)[4].startswith("▌ keep ")
        await play.press("left", "k", "r", "enter", "enter")
    assert fates(engine)["claim-1"].fate is Fate.RELEASE
    assert fates(engine)["claim-2"].fate is Fate.RELEASE


async def test_a_line_is_handed_to_who_is_picked_or_typed() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "t")
        assert isinstance(play.app.screen, SuccessorDialog)
        await play.press("right", "enter")
        assert grid(play.app)[3].startswith("▌ → mod-c ")
        await play.press("j", "t", "tab", *"mod-x", "enter", "enter", "enter")
    assert fates(engine)["claim-1"] == Decision(Fate.TRANSFER, "mod-c")
    assert fates(engine)["claim-2"] == Decision(Fate.TRANSFER, "mod-x")
    assert engine.shift.handed is not None
    assert "handed to mod-x" in engine.shift.handed[1]


async def test_everything_held_goes_to_one() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "T", "enter")
        assert grid(play.app)[1].startswith(" HAND OVER to mod-b · ")
        await play.press("enter", "enter")
    assert {fates(engine)[i] for i in ("claim-1", "claim-2")} == {Decision(Fate.TRANSFER, "mod-b")}
    assert fates(engine)["draft-5"] == Decision(Fate.KEEP)
    assert engine.shift.handed is not None
    assert engine.shift.handed[2] == "mod-b"


async def test_a_note_is_asked_for_and_nothing_is_noted_without_words() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "m", "enter")
        assert "An empty note is not kept" in "\n".join(grid(play.app))
        await play.press(*"call", "enter")
        assert grid(play.app)[3].startswith("▌ note: call ")
        await play.press("j", "m", "escape", "enter", "enter")
    assert fates(engine)["claim-1"] == Decision(Fate.NOTE, note="call")
    assert fates(engine)["claim-2"].fate is Fate.RELEASE


async def test_what_cannot_be_done_with_a_line_says_why() -> None:
    async with playing(staged()) as play:
        await play.press("g", "h", "j", "j", "j", "t")
        assert play.said == "without a receipt: it cannot be transferred"
        await play.press("j", "r")
        assert play.said == "running: it cannot be released"


async def test_the_text_is_changed_in_place_and_an_empty_one_stays_here() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "enter", "shift+tab")
        await play.press("ctrl+home", *"Hi. ", "enter", "ctrl+s", "enter")
    assert engine.shift.handed is not None
    assert engine.shift.handed[1].startswith("Hi. \nHand-over of mod-a")


async def test_esc_hands_nothing_over_and_keeps_what_was_decided() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "a", "enter", "escape")
        assert night(play)
        assert grid(play.app)[3].startswith("▌ keep ")
        assert engine.shift.handed is None


async def test_a_refusal_is_said_and_nothing_is_lost() -> None:
    engine = staged()
    engine.shift.refuse = Refused("read_only", "this queue is open for reading only")
    async with playing(engine) as play:
        await play.press("g", "h", "a", "enter", "enter")
        assert play.said == "this queue is open for reading only"
        assert grid(play.app)[3].startswith("▌ keep ")


async def test_without_a_channel_it_says_where_the_text_stays() -> None:
    engine = staged()
    engine.shift.reach = None
    async with playing(engine) as play:
        await play.press("g", "h")
        assert grid(play.app)[1].startswith(" HAND OVER · no [handover] channel is configured")


async def test_a_night_with_nothing_left_is_handed_over_too() -> None:
    engine = staged()
    engine.shift.items = ()
    async with playing(engine) as play:
        await play.press("g", "h")
        assert "Nothing is held, on its way or running" in "\n".join(grid(play.app))
        await play.press("t")
        assert play.said == "there is nothing here to decide about"
        await play.press("enter", "enter")
    assert engine.shift.handed is not None
    assert engine.shift.handed[1].endswith("A calm shift.")


async def test_what_was_read_of_folded_posts_is_for_oneself_alone() -> None:
    engine = staged()
    engine.shift.exposed = 3
    async with playing(engine) as play:
        await play.press("g", "h")
        assert "for you alone: 3 folded posts read" in "\n".join(grid(play.app))
        await play.press("enter", "enter")
    assert engine.shift.handed is not None
    assert "folded" not in engine.shift.handed[1]


async def test_the_cursor_stays_on_its_line_while_the_queue_goes_on() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g", "h", "j", "j")
        assert night(play).list.selected == "draft-5"
        engine.shift.items = engine.shift.items[1:]
        engine.tell(1)
        await play.settle()
        night(play).tick()
        await play.settle()
        assert night(play).list.selected == "draft-5"
        await play.press("k", "k", "k")
        assert night(play).list.selected == "claim-2"


# leaving
async def test_quit_leaves_at_once_when_nothing_would_stop() -> None:
    engine = staged()
    async with playing(engine, drain=lambda: None) as play:
        await play.pilot.press("ctrl+q")
        await play.until(lambda: play.app.return_code == 0)
    assert ("end", None) in engine.shift.log


async def test_quit_names_what_would_stop_and_esc_stays() -> None:
    engine = staged()
    engine.shift.stopping = (
        Stop("reply → Deposit limit", timed=False), Stop("09:00 slow mode off", timed=True),
    )  # fmt: skip
    drained: list[bool] = []
    async with playing(engine, drain=lambda: drained.append(True)) as play:
        await play.press("ctrl+q")
        assert isinstance(play.app.screen, LeaveDialog)
        text = "\n".join(grid(play.app))
        for words in ("reply → Deposit limit", "09:00 slow mode off", "modtui drain"):
            assert words in text
        await play.press("escape")
        assert play.room is play.queue
        assert play.app.return_code is None
        await play.press("ctrl+q")
        await play.pilot.press("enter")
        await play.until(lambda: play.app.return_code == 0)
    assert drained == [True]


async def test_timed_ends_alone_start_no_drain() -> None:
    engine = staged()
    engine.shift.stopping = (Stop("09:00 slow mode off", timed=True),)
    drained: list[bool] = []
    async with playing(engine, drain=lambda: drained.append(True)) as play:
        await play.press("ctrl+q")
        assert "modtui drain" not in "\n".join(grid(play.app))
        await play.pilot.press("enter")
        await play.until(lambda: play.app.return_code == 0)
    assert drained == []


async def test_where_nothing_is_kept_leaving_asks_nothing() -> None:
    engine = staged()
    engine.shift.stopping = (Stop("reply → Deposit limit", timed=False),)
    async with playing(engine) as play:
        await play.pilot.press("ctrl+q")
        await play.until(lambda: play.app.return_code == 0)
