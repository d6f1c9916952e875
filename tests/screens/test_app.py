"""The app around the rooms: chords, leaving, crashing, hostile text, the last wall."""

from __future__ import annotations

import re
import stat
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.segment import Segment
from textual import events
from textual.color import Color
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.screen import Screen

from modtui.app import ModTui
from modtui.domain.commands import Hide
from modtui.domain.model import Author, Health
from modtui.domain.outbox import DeliveryState
from modtui.screens.accounts import AccountsScreen
from modtui.screens.deliveries import DeliveriesScreen
from modtui.widgets.guard import BlindGuard
from modtui.widgets.paint import ControlWall
from tests.screens.grid import grid
from tests.screens.play import AT_ONCE, playing
from tests.screens.sketches import NOW, made_post, words
from tests.screens.stage import sent_reply, staged
from tests.security.wire import steers

HOSTILE = (
    "[@click=app.bell()]click[/] [bold red]loud[/] \x1b]0;title\x07 \x1b[31mred\x1b[0m "
    "\x9b2J \u202egnp.exe\u2066 [/not closed] $name"
)


async def test_hostile_text_is_inert_in_list_and_posts() -> None:
    engine = staged()
    engine.rows[1] = replace(engine.rows[1], title=words(HOSTILE), channel=words(HOSTILE))
    author = Author("u1", words(HOSTILE), words("[b]new[/b]"))
    engine.posts[1] = (made_post(1, 1, author, HOSTILE, NOW, subject=True),)
    rung: list[str] = []
    for size in ((80, 24), (120, 40)):
        async with playing(engine, size) as play:
            play.app.bell = lambda: rung.append("bell")  # type: ignore[method-assign]
            text = "\n".join(grid(play.app))
            assert "[@click=app.bell()]click[/]" in text
            assert "[bold red]loud[/]" in text
            assert all(c.isprintable() or c == "\n" for c in text)
            await play.press("enter")
            assert "contains hidden characters" in "\n".join(grid(play.app))
            for y in range(2, 8):
                await play.pilot.click(offset=(6, y))
            await play.press("q")
    assert rung == []


def test_the_last_wall_lets_nothing_through_that_steers_a_terminal() -> None:
    segments = [Segment("a\x1b[2Jb\x9bc\u202ed"), Segment("plain ქ"), Segment("\x1b[H", None, [])]
    passed = ControlWall().apply([*segments[:2]], Color(0, 0, 0))
    assert [s.text for s in passed] == ["a\ufffd[2Jb\ufffd", "plain ქ"]
    assert [s.cell_length for s in passed] == [s.cell_length for s in segments[:2]]


@pytest.mark.parametrize(
    ("keys", "room"),
    [
        (("g", "d"), DeliveriesScreen), (("f5",), DeliveriesScreen),
        (("g", "a"), AccountsScreen), (("f6",), AccountsScreen),
    ],
)  # fmt: skip
async def test_chords_and_their_doubles_go_to_the_rooms(
    keys: tuple[str, ...], room: type[object]
) -> None:
    async with playing(staged()) as play:
        first = grid(play.app)[0]
        await play.press(*keys)
        assert isinstance(play.app.screen, room)
        assert grid(play.app)[0] == first
        await play.press("f2")
        assert play.app.screen is play.queue


async def test_a_chord_works_in_every_room() -> None:
    async with playing(staged()) as play:
        await play.press("g", "d", "g", "a", "g")
        assert isinstance(play.app.screen, AccountsScreen)
        assert "g: q queue" in grid(play.app)[-1]
        await play.press("q")
        assert play.app.screen is play.queue


async def test_the_second_key_of_a_chord_never_acts() -> None:
    engine = staged()
    async with playing(engine) as play:
        await play.press("g")
        assert play.said.startswith("g: q queue")
        await play.press("d")
        assert engine.submitted == []
        await play.press("f2", "g", "x")
        assert play.said == "nothing is on that key after g"
        assert play.app.screen is play.queue
        await play.press("G", "g", "g")
        assert play.queue.list.selected_id == 1


async def test_a_paste_into_the_queue_does_nothing_from_its_first_key_on() -> None:
    engine = staged()
    async with playing(engine) as play:
        for letter in "adxade1y" * 5:
            play.app.post_message(events.Key(letter, letter))
        await play.settle()
        assert engine.submitted == []
        assert play.app.screen is play.queue
        assert "dropped: a paste" in play.said


async def test_who_leaves_behind_a_thousand_keys_of_noise_waits_for_one_of_them_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    engine = staged()
    async with playing(engine, waits=replace(AT_ONCE, paste=0.02)) as play:
        play.app.guard = BlindGuard(time.monotonic)
        monkeypatch.setattr("modtui.presses.asyncio", SimpleNamespace(sleep=sleep))
        for number in range(1000):
            play.app.post_message(events.Key(letter := "adxe"[number % 4], letter))
        leave = events.Key("ctrl+q", None)
        leave.time += 1
        play.app.post_message(leave)
        await play.until(lambda: not play.app.is_running)
    assert len(waited) <= 1
    assert engine.submitted == []


async def test_of_keys_that_lay_waiting_none_is_waited_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with playing(staged(), waits=replace(AT_ONCE, paste=0.02)) as play:
        monkeypatch.setattr("modtui.presses.asyncio", SimpleNamespace(sleep=sleep))
        began = time.monotonic() - 10
        for number in range(20):
            key = events.Key("c", "c")
            key.time = began + 0.1 * number
            play.app.post_message(key)
        await play.settle()
    assert waited == [0.02]


async def test_keys_that_pile_up_among_other_events_are_no_paste() -> None:
    async with playing(staged()) as play:
        assert play.queue.list.selected_id == 1
        began = time.monotonic() - 1
        for number, letter in enumerate("jjkkjjkk" * 4):
            key = events.Key(letter, letter)
            key.time = began + 0.025 * number
            play.app.post_message(key)
            play.app.post_message(events.Resize(play.app.size, play.app.size))
        await play.settle()
        assert play.queue.list.selected_id == 1
        assert "dropped" not in play.said


async def test_a_key_on_rows_does_what_it_is_bound_to_without_a_way_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    async def look(self: Screen[None], event: events.Key) -> None:
        seen.append(event.key)

    async with playing(staged()) as play:
        monkeypatch.setattr(Screen, "on_key", look, raising=False)
        first = play.queue.current()
        await play.press("j")
        assert play.queue.current() != first
        await play.press("l", "escape")
        assert seen == ["escape"]
        assert play.queue.list.has_focus
        play.app.app_focus = False
        await play.press("k")
        assert seen == ["escape", "k"]
        assert play.queue.current() == first
        assert play.app.app_focus


async def test_ctrl_c_never_quits_and_q_leaves_nothing_in_the_queue() -> None:
    async with playing(staged()) as play:
        await play.press("ctrl+c", "q")
        assert play.app.is_running
        assert "Ctrl+Q leaves" in play.said


async def test_ctrl_l_repaints_and_changes_nothing() -> None:
    async with playing(staged()) as play:
        before = grid(play.app)
        await play.press("ctrl+l")
        assert grid(play.app) == before


async def test_the_first_paint_needs_neither_engine_nor_pane() -> None:
    engine = staged()
    app = ModTui(engine, waits=AT_ONCE)
    seen: list[tuple[int, bool]] = []
    async with app.run_test(size=(80, 24)) as pilot:
        queue = app.screen
        seen.append((len(queue.list), ("start", None) in engine.log))  # type: ignore[attr-defined]
        await pilot.pause()
    assert seen[0][0] == 25
    assert engine.log[-1] == ("stop", None)


async def test_a_crash_leaves_one_line_and_a_private_report_without_locals(
    tmp_path: Path,
) -> None:
    app = ModTui(staged(), crash_folder=tmp_path, waits=AT_ONCE)

    def boom() -> None:
        token = "a-secret-of-mine"
        raise RuntimeError(f"broken after {len(token)}\x1b[2J")

    async def crash() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            app.call_later(boom)
            await pilot.pause()

    with pytest.raises(RuntimeError, match="broken after"):
        await crash()
    (report,) = tmp_path.iterdir()
    text = report.read_text(encoding="utf-8")
    assert "RuntimeError: broken after 16\ufffd" in text
    assert not any(steers(character) for character in text if character != "\n")
    assert "a-secret-of-mine" not in text.replace('token = "a-secret-of-mine"', "")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


async def test_nocolor_marks_the_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with playing(staged()) as play:
        strip = play.queue.list.render_line(0)
        (segment,) = [s for s in strip if s.text.startswith("▌")]
        assert segment.style is not None
        assert segment.style.reverse


async def test_an_account_that_waits_says_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged()
    first, *others = stage.accounts()
    until = stage.now() + timedelta(minutes=5)
    limited = replace(first, health=Health.RATE_LIMITED, until=until, detail="none are left")
    monkeypatch.setattr(stage, "accounts", lambda: (limited, *others))
    async with playing(stage) as play:
        await play.press("f6")
        accounts = play.app.screen
        assert isinstance(accounts, AccountsScreen)
        about = str(accounts.about.render())
        assert re.search(r": rate-limited for .*, 5 min to go, .*\nnone are left", about)


async def test_a_short_list_moves_by_all_its_keys_and_left_goes_back() -> None:
    async with playing(staged()) as play:
        await play.press("f6")
        accounts = play.app.screen
        assert isinstance(accounts, AccountsScreen)
        first, last = accounts.list.lines[0].id, accounts.list.lines[-1].id
        assert first != last
        for keys, there in (
            (("G",), last), (("g", "g"), first), (("end",), last), (("home",), first),
            (("pagedown",), last), (("ctrl+u",), first), (("j",), accounts.list.lines[1].id),
        ):  # fmt: skip
            await play.press(*keys)
            assert accounts.list.selected == there, keys
        await play.press("left")
        assert play.app.screen is play.queue


async def test_a_delivery_says_in_which_thread_it_is() -> None:
    engine = staged()
    sent_reply(engine, 1)
    other = replace(sent_reply(engine, 3), id=2, state=DeliveryState.NEEDS_HUMAN)
    engine.outbox[1] = other
    async with playing(engine) as play:
        await play.press("g", "d")
        for thread, key in ((3, "j"), (1, "k")):
            row = engine.rows[thread]
            text = "\n".join(grid(play.app)[-8:])
            assert f"{row.title} · {row.account}/{row.channel}" in text
            await play.press(key)


async def test_only_of_a_text_it_is_said_that_it_comes_back() -> None:
    engine = staged()
    reply = replace(sent_reply(engine, 1), state=DeliveryState.NEEDS_HUMAN, receipt=None)
    hide = Hide(thread=1, revision=1, posts=("p1",), author="u1")
    for delivery, said in (
        (reply, "Drop it? The text comes back as a draft."),
        (replace(reply, command=hide), "Drop it? It is not tried again."),
    ):
        engine.outbox[:] = [delivery]
        async with playing(engine) as play:
            await play.press("g", "d", "x")
            assert said in "\n".join(grid(play.app))
    engine.outbox[:] = [reply]
    await engine.save_draft(1, "newer words")
    async with playing(engine) as play:
        await play.press("g", "d", "x")
        said = " ".join("\n".join(grid(play.app)).split())
        assert "Drop it? A newer draft stands on its thread: this text stays readable here." in said


@pytest.mark.parametrize("room", ["a", "d"])
async def test_what_is_said_of_a_row_stands_in_line_with_it(room: str) -> None:
    engine = staged()
    sent_reply(engine, 1)
    async with playing(engine, (80, 24)) as play:
        await play.press("g", room)
        lines = grid(play.app)
        rule = next(at for at, line in enumerate(lines) if line.startswith("───"))
        assert lines[rule + 1].strip()
        assert {line[0] for line in lines[rule + 1 :]} == {" "}


async def test_a_delivery_that_waits_its_turn_says_for_what() -> None:
    engine = staged()
    one = replace(
        sent_reply(engine, 1), state=DeliveryState.QUEUED, receipt=None, attempts=9, error="busy"
    )
    ends = replace(one, id=2, error=None, not_before=NOW + timedelta(hours=1))
    waits = replace(one, id=3, attempts=0, error=None)
    engine.outbox[:] = [ends, one, waits, replace(waits, id=4, thread=3)]
    async with playing(engine) as play:
        await play.press("g", "d")
        told = {}
        for row in (2, 1, 3, 4):
            told[row] = "\n".join(grid(play.app)[-8:])
            await play.press("j")
        assert "goes after" not in told[1] + told[4]
        assert "busy" in told[1]
        assert "goes after: reply (queued: busy)" in told[3]


@pytest.mark.parametrize("key", ["slash", "r", "m", "1", "colon", "question_mark"])
async def test_leaving_while_a_dialog_is_being_opened_is_no_crash(key: str) -> None:
    async with playing(staged()) as play:
        play.wrist.seconds += 1
        for each in (key, "ctrl+q"):
            play.app.post_message(events.Key(each, None))
        await play.until(lambda: play.app.return_code is not None)
        assert play.app.return_code == 0
    assert play.app._exception is None


@pytest.mark.parametrize("error", [NoMatches("no box in it"), NoScreen("it is on no screen")])
async def test_a_screen_that_is_half_made_when_one_leaves_is_no_crash(error: Exception) -> None:
    async with playing(staged()) as play:
        play.app.exit(return_code=0)
        play.app._handle_exception(error)
        assert play.app.return_code == 0
    assert play.app._exception is None
