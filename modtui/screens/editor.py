"""The moderator's own editor: the terminal is handed to it, and taken back when it ends."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from modtui.domain.secret import for_children

_TAKE_LINE = frozenset(
    ("vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe",
     "jed", "mcedit", "mg", "ne", "zile")
)  # fmt: skip
"""Editors that open a file at a line with `+LINE`."""


async def edit(app: App[Any], path: Path, line: int = 0) -> str:
    """Open `path` in $VISUAL or $EDITOR, at `line` where it takes one, until it ends.

    The queue goes on meanwhile. Returns what went wrong, in one line, or "".
    """
    given = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(given)
    except ValueError as error:
        return f"$EDITOR is {given}: {error}"
    if not words:
        return "neither $VISUAL nor $EDITOR is set: export EDITOR=nano, say, and start again"
    name = Path(words[0]).name
    if shutil.which(words[0]) is None:
        return f"there is no {words[0]}, which $VISUAL or $EDITOR names"
    at = [f"+{line}"] if line and name in _TAKE_LINE else []
    try:
        with _terminal_of(app):
            process = await asyncio.create_subprocess_exec(
                *words, *at, str(path), env=for_children(os.environ)
            )
            code = await process.wait()
    except SuspendNotSupported:
        return "this terminal cannot be handed to an editor"
    except OSError as error:
        return f"{name} could not be started: {error.strerror}"
    return f"{name} ended with {code}" if code else ""


@contextmanager
def _terminal_of(app: App[Any]) -> Iterator[None]:
    """Hand the terminal over; what Ctrl+C means is then the other program's business."""
    before = signal.getsignal(signal.SIGINT)
    try:
        with app.suspend():
            signal.signal(signal.SIGINT, lambda *_: None)
            yield
    finally:
        signal.signal(signal.SIGINT, before)
