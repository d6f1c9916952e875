"""What the driver relies on in Textual. A release that moves it fails here, and is not drawn by
the driver until it was looked at (`modtui.terminal.TESTED`)."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
import textual
from rich.segment import Segment
from textual import events
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from modtui import terminal
from modtui.terminal import TESTED
from modtui.terminal.cells import CellDiff
from modtui.terminal.flight import ASK
from modtui.terminal.strings import SYNC, harmless
from tests.terminal.torture import Torture
from tests.terminal.twin import Twin, drive

CORPUS: list[str] = json.loads(Path(__file__).with_name("strings.json").read_text("utf-8"))
SIGNATURES = {
    "write": "(self, data: 'str') -> 'None'",
    "process_message": "(self, message: 'Message') -> 'None'",
    "send_message": "(self, message: 'messages.Message') -> 'None'",
    "start_application_mode": "(self)",
    "stop_application_mode": "(self) -> 'None'",
    "disable_input": "(self) -> 'None'",
    "_sigtstp_application": "(self, *_) -> 'None'",
    "suspend_application_mode": "(self) -> 'None'",
    "resume_application_mode": "(self) -> 'None'",
    "_run_input_thread": "(self) -> 'None'",
    "_get_terminal_size": "(self) -> 'tuple[int, int]'",
}


def test_this_release_was_tested() -> None:
    assert textual.__version__ in TESTED
    assert terminal._release() == textual.__version__


@pytest.mark.parametrize("name", SIGNATURES)
def test_methods_take_what_they_took(name: str) -> None:
    assert str(inspect.signature(getattr(LinuxDriver, name))) == SIGNATURES[name]


PARSER = {
    "_sequence_to_key_events": "(self, sequence: 'str', alt: 'bool' = False)"
    " -> 'Iterable[events.Key]'",
    "parse_mouse_code": "(self, code: 'str') -> 'Message | None'",
}


@pytest.mark.parametrize("name", PARSER)
def test_the_parser_asks_what_it_asked(name: str) -> None:
    assert str(inspect.signature(getattr(XTermParser, name))) == PARSER[name]


def test_an_app_takes_errors_of_other_threads() -> None:
    assert str(inspect.signature(App._handle_exception)) == "(self, error: 'Exception') -> 'None'"


def test_flush_and_the_constructor_are_those_of_the_base() -> None:
    assert LinuxDriver.flush is Driver.flush
    names = list(inspect.signature(LinuxDriver.__init__).parameters)
    assert names == ["self", "app", "debug", "mouse", "size"]


ATTRIBUTES = (
    "_file", "_writer_thread", "_key_thread", "exit_event", "_loop", "attrs_before", "fileno",
    "_mouse_pixels",
)  # fmt: skip


@pytest.mark.parametrize("name", ATTRIBUTES)
async def test_attributes_are_there(name: str) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        assert hasattr(Twin.latest, name)

    await drive(Torture(driver_class=Twin), steps)


async def test_an_app_knows_its_size_before_its_screen_was_laid_out_for_it() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        app, before = pilot.app, pilot.app._size
        assert before == app.screen.outer_size == app.size
        assert before is not None
        for size in ((100, 30), before):
            Twin.latest.resize(*size)
        await pilot.pause(0.05)
        assert app._size == app.screen.outer_size == before

    await drive(Torture(driver_class=Twin), steps)


def test_what_a_removal_clears_is_a_cache() -> None:
    StylesCache.get_inner_outer.cache_clear()
    assert StylesCache.get_inner_outer.cache_info().currsize == 0


def test_a_parser_tells_whether_a_key_has_begun() -> None:
    parser = XTermParser(False)
    assert parser._timeout_time is None
    assert not list(parser.feed("\x1b"))
    assert parser._timeout_time is not None


def test_an_answer_is_a_cursor_position() -> None:
    assert ASK == "\x1b[6n"
    (event,) = XTermParser(False).feed("\x1b[12;40R")
    assert isinstance(event, events.CursorPosition)


@pytest.mark.parametrize("name", ["_on_timer_update", "_compositor_refresh"])
def test_what_paints_the_first_frame_takes_nothing(name: str) -> None:
    assert str(inspect.signature(getattr(Screen, name))) == "(self) -> 'None'"


class Held(Screen[None]):
    """Counts how often Textual asks for a frame, and how often it looks whether one is due."""

    asked = 0
    looked = 0

    def on_idle(self) -> None:
        self.looked += 1

    def _compositor_refresh(self) -> None:
        self.asked += 1
        super()._compositor_refresh()


async def test_a_screen_has_what_its_first_frame_is_made_by() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        app, screen = pilot.app, Held()
        await app.push_screen(screen)
        await pilot.pause()
        assert (screen.asked > 0, screen.looked > 0) == (True, True), "both are called by Textual"
        assert app._batch_count == 0
        with app.batch_update():
            assert app._batch_count == 1
        screen.refresh(layout=True)
        assert screen._layout_required is True
        screen._on_timer_update()
        assert (screen._layout_required, screen._repaint_required) == (False, False)
        screen.refresh()
        assert screen._repaint_required is True
        before = screen.asked
        screen._on_timer_update()
        assert (screen.asked, screen._repaint_required) == (before + 1, False)

    await drive(Torture(driver_class=Twin), steps)


def test_a_strip_keeps_its_segments_where_they_are_read() -> None:
    segments = [Segment("a"), Segment("b")]
    assert Strip(segments)._segments == segments


class Logged(Twin):
    """Tells frames (w) and flushes (f) in their order."""

    log = ""

    def write(self, data: str) -> None:
        if data not in SYNC and not harmless(data):
            self.log += "w"
        super().write(data)

    def flush(self) -> None:
        self.log += "f"
        super().flush()


async def test_every_frame_is_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The driver's own flushes would hide those that Textual left out.
    monkeypatch.setattr(Twin, "_flush_late", lambda self: None)

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("j", "t", "f3", "f2", "x", "escape", "f4", "ctrl+t")

    twin = await drive(Torture(driver_class=Logged), steps)
    assert isinstance(twin, Logged)
    assert twin.log.count("w") >= 8
    assert "ww" not in twin.log


def test_what_textual_writes_is_understood_whole() -> None:
    assert len(CORPUS) > 20
    for data in CORPUS:
        assert CellDiff(200, 60).feed(data) == len(data)
