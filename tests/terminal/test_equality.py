"""What modtui's driver shows is what stock Textual would show: every cell, after every frame."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from modtui.app import ModTui
from modtui.cli.compose import open_store, plan, runtime
from modtui.cli.running import demo_setup
from modtui.engine.live import LiveEngine
from modtui.widgets.host import Waits
from tests.terminal import torture
from tests.terminal.twin import Twin, Wire, drive, play

KEYS = (
    *"jjjjjjkkkkGllhhggqadszcnerox12yu?/", "enter", "enter", "escape", "escape", "escape", "escape",
    "tab", "down", "up", "ctrl+d", "ctrl+u", "ctrl+l", "ctrl+t", "f1", "space", "Ж", "日",
)  # fmt: skip
SEEDS = (1, 2, 3)


@asynccontextmanager
async def on_a_demo(folder: Path, seed: int) -> AsyncIterator[ModTui]:
    """modtui over a busy pretend community."""
    setup = demo_setup(folder, 60, 600.0, seed)
    store = open_store(setup.paths.store)
    try:
        app = ModTui(LiveEngine(store, plan(setup), runtime()), waits=Waits(0, 0, 0))
        app.driver_class = Twin
        yield app
    finally:
        await store.close()


def equal(twin: Twin, least: int) -> None:
    assert twin.faults == []
    assert twin.frames >= least
    assert twin.sent < twin.whole_sent


@pytest.fixture(autouse=True, params=["erases coloured", "writes blanks"])
def erases(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that erases with the background that it writes with, and one that does not."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("STY", raising=False)
    monkeypatch.setenv("MODTUI_NO_BCE", "0" if request.param == "erases coloured" else "1")


@pytest.mark.parametrize("seed", SEEDS)
async def test_modtui_shows_what_stock_textual_shows(tmp_path: Path, seed: int) -> None:
    async with on_a_demo(tmp_path, seed) as app:
        twin = await drive(app, lambda pilot: play(pilot, KEYS, Random(seed), 60))
    equal(twin, 30)
    assert twin.painted >= 10


@pytest.mark.parametrize("seed", SEEDS)
async def test_all_that_textual_does_is_shown_alike(seed: int) -> None:
    app = torture.Torture(driver_class=Twin)
    twin = await drive(app, lambda pilot: play(pilot, torture.KEYS, Random(seed), 60))
    equal(twin, 30)


async def test_a_lost_frame_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wire, "write", lambda wire, data: None)
    twin = await drive(torture.Torture(driver_class=Twin), lambda pilot: pilot.press("j"))
    assert twin.faults


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10, 15))
async def test_a_long_session_is_shown_alike(tmp_path: Path, seed: int) -> None:
    async with on_a_demo(tmp_path, seed) as app:
        equal(await drive(app, lambda pilot: play(pilot, KEYS, Random(seed), 300)), 100)
    app = torture.Torture(driver_class=Twin)
    equal(await drive(app, lambda pilot: play(pilot, torture.KEYS, Random(seed), 300)), 100)
