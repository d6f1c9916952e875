"""What every app of ours is: one driver, one last wall, and a crash that shows no values."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from rich.text import Text
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_remove import AwaitRemove
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import LineFilter
from textual.widget import Widget

from modtui.terminal import driver_for
from modtui.widgets.paint import ControlWall

T = TypeVar("T")


class TerminalApp(App[T]):
    """The base of our apps. `driver_class` is the one seam through which everything is painted;
    `crash_folder` receives crash reports, without local variables."""

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self, *, driver_class: type[Driver] | None = None, crash_folder: Path | None = None
    ) -> None:
        super().__init__(driver_class=driver_class)
        self._crash_folder = crash_folder
        self._wall = ControlWall()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {
            **super().get_theme_variable_defaults(),
            "off-style": "none",
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "sla-ok": "ansi_default" if self.native_ansi_color else "#7fb685",
            "sla-soon": "ansi_yellow" if self.native_ansi_color else "#e6b450",
            "sla-breached": "ansi_red" if self.native_ansi_color else "#f0716b",
        }

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        streams = (sys.__stdin__, sys.__stderr__)
        terminal = all(stream is not None and stream.isatty() for stream in streams)
        return driver_for(os.environ, terminal=terminal)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._wall]

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        # Textual 8.2 keys a table of backgrounds by the line caches of widgets, and so keeps those
        # of a thousand widgets that are gone: each sheet that was closed cost half a megabyte.
        StylesCache.get_inner_outer.cache_clear()
        return super()._prune(*nodes, parent=parent)

    def _fatal_error(self) -> None:
        """Write the crash report, without locals, and leave one line on the terminal."""
        error = self._exception
        line = traceback.format_exception_only(error)[-1].strip() if error else "unknown error"
        where = self.write_report(error)
        shown = f"modtui stopped: {line}".translate(dict.fromkeys(range(32), "?"))[:300]
        self.panic(Text(f"{shown}\n{where}" if where else shown))

    def write_report(self, error: BaseException | None) -> str:
        """Write a report of `error`, without locals; return where it is, "" if nowhere."""
        if error is None or self._crash_folder is None:
            return ""
        path = self._crash_folder / f"crash-{os.getpid()}-{time.time_ns()}.txt"
        try:
            self._crash_folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(traceback.format_exception(error))
        except OSError as refused:
            return f"no report could be written: {refused}"
        return f"report: {path}"
