"""Every theme paints every screen: the same cells, a cursor that stands out, no colour missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modtui.app import ModTui
from modtui.cli.exits import Exit, Failure
from modtui.cli.running import demo_setup, paint
from modtui.themes import DEFAULT, all_themes, themes_dir
from tests.screens.grid import grid
from tests.screens.play import AT_ONCE
from tests.screens.stage import staged

SIZES = [(80, 24), (120, 40), (160, 50)]
ROOMS = (("f3",), ("f4",), ("f6",), ("f9",), ("f2", "enter"))
DEFAULT_CELLS: dict[tuple[int, int], list[list[str]]] = {}


def painted(home: Path, theme: str) -> ModTui:
    """The app on the staged community with `theme` chosen in a configuration at `home`."""
    plain = demo_setup(home, 1, 0, 1)
    app = ModTui(staged(), waits=AT_ONCE)
    paint(app, replace(plain, config=replace(plain.config, theme=theme)))
    return app


async def walk(app: ModTui, size: tuple[int, int]) -> list[list[str]]:
    """The cells of the queue, help, a dialog and every room; the cursor is looked at."""
    seen: list[list[str]] = []
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for keys in ((), ("question_mark",), ("q", "z"), ("escape", "f5"), *ROOMS):
            await pilot.press(*keys)
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
            seen.append(grid(app))
            if not keys:
                lines = app.screen.query_one("#queue")
                styles = [next(iter(lines.render_line(y))).style for y in (0, 1)]
                assert styles[0] != styles[1]
    return seen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", [t.name for t in all_themes() if t.name != DEFAULT])
async def test_a_theme_changes_colours_and_nothing_else(
    tmp_path: Path, theme: str, size: tuple[int, int]
) -> None:
    if size not in DEFAULT_CELLS:
        DEFAULT_CELLS[size] = await walk(painted(tmp_path, DEFAULT), size)
    assert await walk(painted(tmp_path, theme), size) == DEFAULT_CELLS[size]


def test_a_theme_that_is_not_there_or_broken_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "mine.toml").write_text("dark = 1\n", encoding="utf-8")
    with pytest.raises(
        Failure, match=r'there is no theme "nigth" \(did you mean "night"\?\)'
    ) as no:
        painted(tmp_path, "nigth")
    assert no.value.code is Exit.CONFIGURATION
    with pytest.raises(Failure, match=r"mine\.toml:1: dark: is neither true nor false"):
        painted(tmp_path, "mine")
    night = (themes_dir() / "night.toml").read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(night.replace('"night"', '"mine"'), encoding="utf-8")
    assert painted(tmp_path, "mine").theme == "mine"
