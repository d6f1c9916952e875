"""What stands between Textual and the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from rich.console import Console
    from textual.driver import Driver

    from modtui.widgets.direct import Lines

# The releases of Textual whose strings and order of calls are tested.
TESTED = frozenset(("8.2.8",))
NO_TERMINAL = frozenset(("", "dumb", "unknown"))


@runtime_checkable
class Redraws(Protocol):
    """A driver that can write the whole screen again."""

    def redraw(self) -> None:
        """Write the whole screen again."""
        ...


@runtime_checkable
class Leaves(Protocol):
    """A driver that can be told, with `hurry`, that nobody waits for it any more. `handed_over`:
    another program has the terminal."""

    hurry: bool
    handed_over: bool

    def let_go(self) -> None:
        """Give the terminal back without waiting for it. May be called from another thread."""
        ...


@runtime_checkable
class Asides(Protocol):
    """A driver that carries what touches no cell."""

    def aside(self, data: str) -> None:
        """Write what is no picture."""
        ...

    def set_title(self, title: str) -> None:
        """Show a window title until the terminal is given back."""
        ...


@runtime_checkable
class Paints(Protocol):
    """A driver that takes strips as they are."""

    def paint(self, frame: Lines, console: Console, cursor: tuple[int, int]) -> bool:
        """Take in the strips of `frame`, styled by `console`, and where the cursor is to be left;
        return whether they were taken: if not, they are to be written as text."""
        ...


def has_shell() -> bool:
    """Return whether a shell with job control started us: what is stopped without one stays so."""
    parent = os.getppid()
    try:
        same = os.getsid(parent) == os.getsid(0)
        return same and os.getpgid(parent) != os.getpgrp()
    except ProcessLookupError:
        return False


def painted_on() -> TextIOWrapper | None:
    """Return the stream that leads to the terminal, None where none does. That of errors is
    Textual's own, which may go into a file (`2>errors.log`)."""
    streams = (sys.__stderr__, sys.__stdout__)
    return next((each for each in streams if each is not None and each.isatty()), None)


def driver_for(env: Mapping[str, str], *, terminal: bool) -> type[Driver]:
    """Return the driver for a Unix terminal: that which writes only what changed, where it can.

    `terminal`: input and output are one. MODTUI_NO_DIFF=1 (`--no-diff`) switches it off.
    """
    from modtui.terminal.driver import DiffDriver
    from modtui.terminal.unix import UnixDriver

    known = terminal and env.get("TERM", "") not in NO_TERMINAL and is_tested()
    return DiffDriver if known and env.get("MODTUI_NO_DIFF", "0") == "0" else UnixDriver


def is_tested() -> bool:
    """Return whether this is a release of Textual of which all is known that is relied on."""
    return _release() in TESTED


def _release() -> str:
    """Return which release of Textual this is."""
    # `importlib.metadata` would parse messages to tell; the folder beside the package is as sure,
    # and says it before the package is loaded.
    spec = PathFinder.find_spec("textual")
    beside = Path(spec.origin).parents[1] if spec and spec.origin else Path(os.devnull)
    folders = beside.glob("textual-*.dist-info")
    found = [folder.name.removesuffix(".dist-info").partition("-")[2] for folder in folders]
    if len(found) == 1:
        return found[0]
    import textual

    return textual.__version__
