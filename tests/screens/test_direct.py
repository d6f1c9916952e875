"""What is written around the compositor shows what the compositor would have shown."""

from __future__ import annotations

import random

import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import CompositorUpdate
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from modtui.app import ModTui
from modtui.domain.views import Change
from modtui.screens import room
from modtui.screens.queue import QueueScreen
from modtui.screens.room import Room
from modtui.terminal.canvas import Canvas
from modtui.widgets import direct
from modtui.widgets.cells import Row
from modtui.widgets.direct import Lines, Pace, uncovered
from modtui.widgets.host import Waits
from modtui.widgets.lines import hint_rows
from modtui.widgets.posts import Posts
from modtui.widgets.queue_list import QueueList
from tests.screens.play import Wrist, playing
from tests.screens.sketches import SKETCHES
from tests.screens.stage import staged

SIZES = ((120, 40), (80, 24))
KEYS = (
    "j", "j", "j", "k", "l", "h", "space", "f", "slash", "escape", "ctrl+d", "question_mark",
    "escape",
)  # fmt: skip
PRESSES = 40


class Shown:
    """The cells that the frames of an app lead to, and how many frames were direct ones."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.canvas = Canvas(*size)
        self.direct = 0

    def take(self, app: ModTui, frame: RenderableType | None) -> None:
        """Take a frame; one that is left out while the app starts is no frame."""
        if isinstance(frame, CompositorUpdate) and not app._batch_count:
            self.canvas.read(frame.render_segments(app.console))
            self.direct += isinstance(frame, Lines)

    def wrong(self, app: ModTui) -> list[int]:
        """Return the rows that are not those of a frame of the whole screen."""
        whole, screen = Canvas(*self.size), app.screen
        frame = screen._compositor.render_full_update()
        whole.read(frame.render_segments(app.console))
        return [y for y in range(self.size[1]) if self.canvas.lines[y] != whole.lines[y]]


@pytest.mark.parametrize("size", SIZES)
async def test_a_direct_frame_shows_what_the_compositor_would_show(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown(size)

    def display(app: ModTui, screen: Screen[object], frame: RenderableType | None) -> None:
        shown.take(app, frame)

    monkeypatch.setattr(ModTui, "_display", display)
    async with playing(staged(), size) as play:
        rng = random.Random(7)
        for _ in range(PRESSES):
            await play.press(rng.choice(KEYS))
            if isinstance(play.app.screen, Room):
                assert not shown.wrong(play.app)
    assert shown.direct > PRESSES / 2


async def test_what_lies_under_another_widget_is_the_compositors_to_paint() -> None:
    async with playing(staged(), (120, 40)) as play:
        queue = play.queue
        assert queue.list in dict(uncovered(queue._compositor.visible_widgets))
        over = Static("over", id="over")
        over.styles.overlay, over.styles.width, over.styles.height = "screen", 10, 3
        await queue.list.parent.mount(over)
        await play.settle()
        over.styles.offset = (0, -20)
        await play.settle()
        assert over in queue._compositor.visible_widgets
        assert queue.list not in dict(uncovered(queue._compositor.visible_widgets))


async def test_a_step_is_painted_in_two_frames_that_wait_for_no_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames: list[str] = []
    woken: list[str] = []

    def display(app: ModTui, screen: Screen[object], frame: RenderableType | None) -> None:
        if isinstance(frame, CompositorUpdate):
            frames.append(frame.render_segments(app.console))

    monkeypatch.setattr(direct, "FRAME_SECONDS", 0.0)
    engine = staged()
    engine.quick = True
    async with playing(engine, (120, 40), waits=Waits(0, 0.1, 60)) as play:
        monkeypatch.setattr(play.queue._update_timer, "resume", lambda: woken.append("clock"))
        monkeypatch.setattr(ModTui, "_display", display)
        await play.press("j")
    cursor, pane = frames[:2]
    assert "▌" in cursor
    assert "you don't read pl" not in cursor
    assert "you don't read pl" in pane
    assert not woken


async def test_a_key_waits_for_no_frame_but_that_of_the_key_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames: list[str] = []

    def display(app: ModTui, screen: Screen[object], frame: RenderableType | None) -> None:
        if isinstance(frame, CompositorUpdate):
            frames.append(frame.render_segments(app.console))

    monkeypatch.setattr(direct, "FRAME_SECONDS", 60.0)
    async with playing(staged(), (120, 40), waits=Waits(0, 60, 60)) as play:
        play.queue._update_timer.stop()
        monkeypatch.setattr(ModTui, "_display", display)
        play.queue.status.refresh()
        await play.pilot._wait_for_screen()
        assert not frames
        await play.pilot.press("j")
        assert "▌" in frames[0]
        so_far = len(frames)
        await play.pilot.press("j")
        assert len(frames) == so_far


def test_a_frame_for_a_key_is_one_alone() -> None:
    clock = Wrist()
    pace = Pace(0.5, clock)
    pace.framed()
    assert not pace.due()
    pace.ask()
    assert pace.due()
    pace.framed()
    assert not pace.due()
    pace.ask()
    assert not pace.due()
    clock.seconds += 0.5
    assert pace.due()


async def test_the_keys_of_the_last_line_are_laid_out_anew_for_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with playing(staged(), (120, 40)) as play:
        laid: list[str] = []

        def counted(*given: object) -> tuple[Row, ...]:
            laid.append("anew")
            return hint_rows(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(room, "hint_rows", counted)
        play.queue.paint_hints()
        assert laid == []
        play.engine.lead.read_only = True
        play.queue.paint_hints()
        assert laid == ["anew"]


def wheel(app: ModTui) -> events.MouseScrollDown:
    """Return a turn of the wheel over the list."""
    where = app.query_one(QueueList)
    x, y = where.region.offset
    return events.MouseScrollDown(where, 1, 1, 0, 1, 0, False, False, False, x + 1, y + 1)


async def test_the_wheel_scrolls_a_list_that_has_no_bar() -> None:
    async with playing(staged(SKETCHES[:3]), (80, 24)) as play:
        for sketch in SKETCHES[3:]:
            play.engine.add(sketch)
        shown = play.queue.list
        assert not shown.allow_vertical_scroll
        play.app.changed.publish(Change(wide=True))
        await play.settle()
        assert shown.allow_vertical_scroll
        shown.post_message(wheel(play.app))
        await play.until(lambda: shown.scroll_offset.y > 0)
        assert shown._vertical_scrollbar is None


async def test_a_key_looks_for_its_binding_where_textual_would() -> None:
    async with playing(staged(), (120, 40)) as play:
        for key in ("l", "h", "enter", "r", "escape", "q"):
            await play.press(key)
            screen = play.app.screen
            theirs = Screen._binding_chain.fget(screen)  # type: ignore[attr-defined]
            assert keys_of(screen._binding_chain) == keys_of(theirs)


def keys_of(chain: list[tuple[DOMNode, BindingsMap]]) -> list[tuple[DOMNode, object]]:
    return [(node, found.key_to_bindings) for node, found in chain]


async def test_the_keys_of_the_last_line_look_once_whether_the_post_is_in_sight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def on_screen(posts: Posts) -> bool:
        asked.append(posts)
        return True

    async with playing(staged(), (120, 40)) as play:
        screen = play.app.screen
        assert isinstance(screen, QueueScreen)
        monkeypatch.setattr(Posts, "on_screen", property(on_screen))
        screen.paint_hints()
        assert len(asked) == 1
