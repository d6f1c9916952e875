"""The driver: what it passes on, what it holds back, and that an error in it costs no picture."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip

from modtui.terminal import Redraws, driver_for
from modtui.terminal.cells import CellDiff
from modtui.terminal.driver import DiffDriver
from modtui.terminal.strings import SYNC
from modtui.terminal.unix import UnixDriver
from modtui.widgets.direct import Lines
from tests.terminal.torture import Torture
from tests.terminal.twin import Twin, drive

LINE = "\x1b[3;3H\x1b[7mabc\x1b[0m"
HARMLESS = ("\x1b]52;c;YQ==\x07", "\x07", "\x1b[?2004h", "\x1b]22;pointer\x1b\\", "\x1b[>25u")


class Reporting(Torture):
    """An app that keeps reports."""

    reports: list[BaseException | None]

    def __init__(self) -> None:
        super().__init__(driver_class=Twin)
        self.reports = []

    def write_report(self, error: BaseException | None) -> str:
        self.reports.append(error)
        return ""


class Yielding(Torture):
    """An app of which parts rest; it notes in which threads they were told to."""

    def __init__(self) -> None:
        super().__init__(driver_class=Twin)
        self.asked_by: list[threading.Thread] = []

    def give_way(self) -> None:
        self.asked_by.append(threading.current_thread())


async def settled(pilot: Pilot[None]) -> Twin:
    """The driver, when nothing is pending."""
    await pilot.pause(0.05)
    Twin.latest.wire.writes.clear()
    return Twin.latest


@pytest.mark.parametrize("harmless", HARMLESS)
async def test_what_touches_no_cell_goes_out_at_once(harmless: str) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        twin.write(harmless)
        assert twin.wire.writes == [harmless]
        twin.redraw()
        assert "READY" in "".join(twin.wire.writes)

    await drive(Torture(driver_class=Twin), steps)


async def test_a_write_without_a_flush_is_sent_soon() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        twin.write(LINE)
        assert twin.wire.writes == []
        await pilot.pause(0.02)
        assert "abc" in "".join(twin.wire.writes)

    await drive(Torture(driver_class=Twin), steps)


async def test_a_write_of_another_thread_is_sent_too() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        thread = threading.Thread(target=twin.write, args=(LINE,))
        thread.start()
        thread.join()
        await pilot.pause(0.02)
        assert "abc" in "".join(twin.wire.writes)

    await drive(Torture(driver_class=Twin), steps)


async def test_foreign_sequences_go_out_as_they_are_after_what_came_before() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        twin.write(LINE + "\x1b[5S")
        sent = "".join(twin.wire.writes)
        assert sent.index("abc") < sent.index("\x1b[5S")
        twin.wire.writes.clear()
        twin.write(LINE)
        twin.flush()
        assert "abc" in "".join(twin.wire.writes)

    await drive(Torture(driver_class=Twin), steps)


async def test_only_a_large_frame_is_one_synchronized_update() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        twin.redraw()
        assert SYNC[0] not in "".join(twin.wire.writes)
        await settled(pilot)
        twin.write(SYNC[0])
        twin.write(LINE)
        twin.write(SYNC[1])
        twin.flush()
        assert SYNC[0] not in "".join(twin.wire.writes)
        await settled(pilot)
        twin.redraw()
        assert "".join(twin.wire.writes).startswith(SYNC[0])

    await drive(Torture(driver_class=Twin), steps)


async def test_frames_wait_for_the_terminal_and_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        monkeypatch.setattr(twin.wire, "write", twin.wire.writes.append)
        twin.redraw()
        assert len(twin.wire.writes) == 1
        for _ in range(3):
            await pilot.press("t")
        assert len(twin.wire.writes) == 1
        twin.process_message(events.CursorPosition(0, 0))
        await pilot.pause(0.02)
        assert len(twin.wire.writes) == 2
        assert len(twin.wire.writes[1]) < 2 * len(twin.wire.writes[0])

    await drive(Torture(driver_class=Twin), steps)


async def test_an_answer_that_nothing_waits_for_wakes_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        woken: list[str] = []
        monkeypatch.setattr(twin, "flush", lambda: woken.append("flush"))
        twin._flight.took_off()
        twin.process_message(events.CursorPosition(0, 0))
        await pilot.pause(0.02)
        assert woken == []
        assert not twin._flight.waiting
        twin._flight.took_off()
        twin.write(LINE)
        twin.process_message(events.CursorPosition(0, 0))
        await pilot.pause(0.02)
        assert len(woken) == 2  # the one for the answer, and the one for what was written

    await drive(Torture(driver_class=Twin), steps)


async def test_on_a_slow_line_a_frame_waits_for_what_follows_it() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        twin._flight.slow = True
        for column, text in ((1, "abc"), (9, "def")):
            twin.write(f"\x1b[3;{column}H{text}")
            twin.flush()
        assert twin.wire.writes == []
        await pilot.pause(0.1)
        (frame,) = twin.wire.writes
        assert frame.index("abc") < frame.index("def")

    await drive(Torture(driver_class=Twin), steps)


async def test_the_last_size_of_a_window_is_told_last(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        coming = [(80, 19), (80, 24)]
        told: list[Message] = []

        def look() -> tuple[int, int]:
            size = coming[0]
            if len(coming) > 1:
                # The next signal comes between the look and the word of it.
                del coming[0]
                signal.raise_signal(signal.SIGWINCH)
            return size

        monkeypatch.setattr(twin, "redraw", lambda: None)
        monkeypatch.setattr(twin, "_get_terminal_size", look)
        monkeypatch.setattr(twin, "send_message", told.append)
        twin._watch_size()
        signal.raise_signal(signal.SIGWINCH)
        await pilot.pause(0.05)
        sizes = [each.size for each in told if isinstance(each, events.Resize)]
        assert sizes == [(80, 19), (80, 24)]
        monkeypatch.undo()


async def test_the_size_of_the_window_counts_and_not_what_is_reported() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin, size = await settled(pilot), pilot.app.size
        for width, height in ((100, 30), (0, 0), (10**9, 10**9)):
            twin.process_message(events.Resize.from_dimensions((width, height), (0, 0)))
            await pilot.pause(0.05)
            assert pilot.app.size == size

    await drive(Torture(driver_class=Twin), steps)

    await drive(Torture(driver_class=Twin), steps)


async def test_a_frame_of_rows_is_shown_as_if_it_had_been_written() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        faults = len(twin.faults)
        bold = Style(bold=True, color="red", bgcolor="#102030")
        row = Strip([Segment("bold  ", bold), Segment("日本"), Segment("link", Style(link="x"))])
        assert twin.paint(Lines(((2, 2, row), (5, 4, row))), pilot.app.console, (3, 3))
        twin.flush()
        assert "bold" in "".join(twin.wire.writes)
        assert len(twin.faults) == faults

    await drive(Torture(driver_class=Twin), steps)


async def test_a_frame_of_rows_steers_no_terminal() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        row = Strip([Segment("here\x1b]52;c;YQ==\x07there")])
        DiffDriver.paint(twin, Lines(((2, 2, row),)), pilot.app.console, (0, 0))
        DiffDriver.flush(twin)
        sent = "".join(twin.wire.writes)
        assert "\ufffd" in sent
        assert "]52;c;YQ==" in sent
        assert "\x1b]52" not in sent

    await drive(Torture(driver_class=Twin), steps)


async def test_a_frame_of_rows_that_breaks_it_is_left_to_be_written() -> None:
    app = Reporting()

    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        frame = Lines(((2, 2, Strip([Segment("abc", Style())])),))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CellDiff, "paint", lambda *args: 1 / 0)
            assert not twin.paint(frame, pilot.app.console, (0, 0))
        twin.write(LINE)
        assert "".join(twin.wire.writes).endswith(LINE)
        assert not twin.paint(frame, pilot.app.console, (0, 0))

    await drive(app, steps)
    assert [type(report) for report in app.reports] == [ZeroDivisionError]


async def test_coming_back_after_a_while_paints_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        sizes = []
        for seconds in (0.0, 61.0):
            await settled(pilot)
            twin.process_message(events.AppBlur())
            monkeypatch.setattr("modtui.terminal.driver.AWAY_SECONDS", 30.0 - seconds)
            twin.process_message(events.AppFocus())
            await pilot.pause(0.05)
            sizes.append(sum(map(len, twin.wire.writes)))
        assert sizes[0] < 500 < sizes[1]

    await drive(Torture(driver_class=Twin), steps)


@pytest.mark.parametrize("method", ["feed", "emit"])
async def test_after_an_error_textual_paints_as_ever(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    app = Reporting()

    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)

        def fail(*_: object) -> int:
            twin.few.scramble()
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(CellDiff, method, fail)
            await pilot.press("j")
        await pilot.press("j", "j")
        await pilot.pause(0.05)
        assert [type(error) for error in app.reports] == [ZeroDivisionError]
        assert list(twin.whole.differences(twin.few)) == []
        assert twin.few.painted

    await drive(app, steps)


def test_it_redraws() -> None:
    assert issubclass(DiffDriver, Redraws)


@pytest.mark.parametrize(
    ("env", "terminal", "version"),
    [
        ({"TERM": "dumb"}, True, "8.2.8"),
        ({"TERM": "unknown"}, True, "8.2.8"),
        ({}, True, "8.2.8"),
        ({"TERM": "xterm", "MODTUI_NO_DIFF": "1"}, True, "8.2.8"),
        ({"TERM": "xterm"}, False, "8.2.8"),
        ({"TERM": "xterm"}, True, "8.2.9"),
    ],
)
def test_where_it_is_not_used(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], terminal: bool, version: str
) -> None:
    monkeypatch.setattr("modtui.terminal._release", lambda: version)
    assert driver_for(env, terminal=terminal) is UnixDriver


@pytest.mark.parametrize("more", [{}, {"MODTUI_NO_DIFF": "0"}])
def test_where_it_is_used(more: dict[str, str]) -> None:
    assert driver_for({"TERM": "xterm", **more}, terminal=True) is DiffDriver


async def test_an_error_where_keys_are_read_is_the_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[Exception] = []

    def read() -> None:
        raise OSError("a device that is none")

    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        monkeypatch.setattr(pilot.app, "_handle_exception", failed.append)
        monkeypatch.setattr(twin, "run_input_thread", read)
        twin._run_input_thread()
        await pilot.pause(0.05)
        monkeypatch.undo()

    await drive(Torture(driver_class=Twin), steps)
    assert [str(error) for error in failed] == ["a device that is none"]


async def test_parts_of_an_app_rest_as_soon_as_a_key_is_read() -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        reader = threading.Thread(target=twin.send_message, args=(events.Key("a", "a"),))
        reader.start()
        reader.join()
        # The event loop did not have its turn yet.
        assert app.asked_by == [reader]
        twin.send_message(events.AppFocus())
        assert len(app.asked_by) == 1

    app = Yielding()
    await drive(app, steps)


async def test_what_is_read_reaches_the_app_in_order_and_without_a_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        twin = await settled(pilot)
        before, came = asyncio.all_tasks(), []
        keys = [events.Key(name, name) for name in "abc"]

        def read() -> None:
            for key in keys:
                twin.send_message(key)

        with monkeypatch.context() as patch:
            patch.setattr(pilot.app, "post_message", came.append)
            reader = threading.Thread(target=read)
            reader.start()
            reader.join()
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        assert came == keys

    await drive(Torture(driver_class=Twin), steps)
