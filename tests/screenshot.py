"""Paint the README's picture: the demo community at 120×40, some seconds after its start."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from modtui.app import ModTui
from modtui.cli.compose import open_store, plan, runtime
from modtui.cli.running import demo_setup, paint
from modtui.engine.live import LiveEngine
from modtui.themes import DEFAULT

SEED = 7
THREADS = 40


async def picture(folder: Path, theme: str) -> str:
    """Return the queue as SVG, with a reply on its way."""
    plain = demo_setup(folder, THREADS, 0, SEED)
    setup = replace(plain, config=replace(plain.config, theme=theme))
    store = open_store(setup.paths.store)
    app = ModTui(LiveEngine(store, plan(setup), runtime()))
    async with app.run_test(size=(120, 40)) as pilot:
        paint(app, setup)
        while app.engine.counts().open < THREADS:
            await pilot.pause(0.05)
        for key in (*"jjjjjjjj1", "enter"):
            await pilot.pause(0.6)
            await pilot.press(key)
        await pilot.pause(0.6)
        svg = app.export_screenshot(title="modtui")
    await store.close()
    return svg


def main() -> None:
    target, *theme = sys.argv[1:] or ["docs/queue.svg"]
    with tempfile.TemporaryDirectory() as folder:
        svg = asyncio.run(picture(Path(folder), theme[0] if theme else DEFAULT))
    Path(target).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
