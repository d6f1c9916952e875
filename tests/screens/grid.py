"""The screen as plain text, and snapshots of it as plain text files.

`MODTUI_SNAPSHOTS=write` writes them anew; otherwise a screen must equal its file.
"""

from __future__ import annotations

import os
from pathlib import Path

from textual._context import visible_screen_stack
from textual.app import App

FOLDER = Path(__file__).parent / "snapshots"


def grid(app: App[None]) -> tuple[str, ...]:
    """Return what the terminal shows, a string per line, through the app's line filters."""
    background = app.screen.styles.background
    lines = []
    # Who is not painted yet is rendered here: a dialog over what it lies on, as in a frame.
    visible_screen_stack.set(app._background_screens)
    for strip in app.screen._compositor.render_strips():
        segments = list(strip)
        for wall in app.get_line_filters():
            segments = wall.apply(segments, background)
        lines.append("".join(s.text for s in segments))
    return tuple(lines)


def check(app: App[None], name: str) -> tuple[str, ...]:
    """Compare the screen with snapshot `name`; return its lines."""
    lines = grid(app)
    path = FOLDER / f"{name}.txt"
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    if os.environ.get("MODTUI_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, f"{name} differs:\n{text}"
    return lines
