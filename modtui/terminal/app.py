"""What every app of ours is: one driver, one last wall, and a crash that shows no values."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal, TypeVar

from rich.console import Console, RenderableType
from rich.text import Text
from textual import events
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_remove import AwaitRemove
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.theme import Theme
from textual.widget import Widget

from modtui.crash import headline, write_report
from modtui.terminal import Asides, Leaves, Paints, driver_for, painted_on
from modtui.terminal.ability import UTF8, Ability, Colours, is_bare
from modtui.terminal.notices import Announcer, has_title, ways_of
from modtui.widgets.direct import Lines
from modtui.widgets.paint import ControlWall
from modtui.widgets.small import cover

T = TypeVar("T")

BROKEN_OFF_SECONDS = 1.7
"""After which leaving is cut short, where a signal asked for it."""

_SYSTEMS: dict[Colours, Literal["standard", "256", "truecolor"]] = {
    Colours.SIXTEEN: "standard", Colours.MANY: "256", Colours.TRUE: "truecolor",
}  # fmt: skip
COLOURLESS = {
    "off-style": "italic",
    "block-cursor-text-style": "reverse",
    "input-cursor-text-style": "reverse",
}
"""What a theme says by colour, where there is none."""

LEAVE_ON = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_IF_HEARD = (signal.SIGHUP, signal.SIGQUIT)
_TYPED = (signal.SIGINT, signal.SIGQUIT)


class TerminalApp(App[T]):
    """The base of our apps. `driver_class` is the one seam through which everything is painted;
    `crash_folder` receives crash reports, without local variables and without what `redact` takes
    out. `deadline` is told the exit code and the seconds that leaving may take. `at_rest` is the
    time in which the process may be stopped."""

    DEFAULT_CSS = """
    TextArea:nocolor .text-area--selection { text-style: reverse; }
    Input:nocolor .input--selection { text-style: reverse; }
    """
    _made_for: tuple[Theme, bool, bool] | None = None
    _variables: Mapping[str, str] = {}
    _shown_at: float | None = None
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self, *, driver_class: type[Driver] | None = None, crash_folder: Path | None = None
    ) -> None:
        super().__init__(driver_class=driver_class)
        # Nothing here says anything by them, and each screen would have a widget for either.
        self._disable_notifications = self._disable_tooltips = True
        self._crash_folder = crash_folder
        self.redact: Callable[[str], str] = str
        self._walls: tuple[LineFilter, ...] = (ControlWall(),)
        self.charset, self.plain = UTF8, False
        if "TEXTUAL_ANIMATIONS" not in os.environ:
            self.animation_level = "none"
        self._colours: dict[str, str] = {}
        self.leaving = False
        self.deadline: Callable[[int, float], None] = lambda code, seconds: None
        self.at_rest: Callable[[], AbstractContextManager[None]] = nullcontext

    def use(self, ability: Ability) -> None:
        """Write what the terminal can show, from the first frame on."""
        self.no_color = ability.colours is Colours.NONE
        self.charset = ability.charset
        self.plain = ability.plain or ability.charset != UTF8
        walls: list[LineFilter] = [ControlWall()]
        if self.plain:
            from modtui.widgets.spelling import Spelling

            walls.append(Spelling(ability.charset, plain=ability.plain))
        if self.no_color:
            from modtui.widgets.spelling import Colourless

            walls.append(Colourless())
        else:
            self.console = _console(ability.colours)
        self._walls = tuple(walls)

    def on_load(self) -> None:
        """Signals are heard before the terminal is taken, and until the event loop ends: one that
        came in between would leave its modes on. Who ignores SIGHUP or SIGQUIT goes on so."""
        loop = asyncio.get_running_loop()
        for number in LEAVE_ON:
            if number not in _IF_HEARD or signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self.hang_up, number)
                # The loop is woken by the signal's number in its pipe, whoever handles it.
                signal.signal(number, self._heard)
                signal.siginterrupt(number, False)

    def _heard(self, number: int, _: object) -> None:
        """Count from here on: where the event loop hangs, it never hears of the signal."""
        if self._leaves_at(number):
            self.deadline(128 + number, BROKEN_OFF_SECONDS)

    def _leaves_at(self, number: int) -> bool:
        """Whether the signal ends us: Ctrl+C and Ctrl+\\ in an editor that has the terminal are the
        editor's."""
        driver = self._driver if isinstance(self._driver, Leaves) else None
        elsewhere = driver is not None and driver.handed_over
        return not (self.leaving or (number in _TYPED and elsewhere))

    def hang_up(self, number: int) -> None:
        """Leave as after the signal `number`, at once; what comes after the first does nothing."""
        if not self._leaves_at(number):
            return
        self.leaving = True
        if isinstance(self._driver, Leaves):
            self._driver.hurry = True
        self.deadline(128 + number, BROKEN_OFF_SECONDS)
        self.break_off(128 + number)

    def break_off(self, code: int) -> None:
        """Leave with `code`. What must be kept is kept first."""
        self.exit(return_code=code)

    def run(self, **how: Any) -> T | None:
        """Run to the end; return what the app was left with. What is raised out of it leaves a
        terminal that was given back."""
        try:
            return super().run(**how)
        except BaseException:
            self.let_go()
            raise

    def let_go(self) -> None:
        """Give the terminal back without waiting for it. May be called from another thread."""
        if isinstance(self._driver, Leaves):
            self._driver.let_go()

    def on_resize(self, event: events.Resize) -> None:
        self.call_later(self.cover_all)
        # Where a window is pulled and is back before Textual looks, it paints nothing, though the
        # terminal lost what it showed. What comes before the first frame is all in that.
        shown = self._shown_at is not None and event.time > self._shown_at
        if shown and self.screen_stack and self.screen.outer_size == event.size:
            self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not self._painted(renderable):
            super()._display(screen, renderable)
        self._shown_at = self._shown_at or time.monotonic()

    def _painted(self, frame: RenderableType | None) -> bool:
        """Give a frame of our own rows to a driver that takes it without text in between; return
        whether it was given. As App._display otherwise."""
        driver = self._driver
        if not isinstance(frame, Lines) or not isinstance(driver, Paints):
            return False
        if self._batch_count or self._closed or not self._running:
            return False
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        self._begin_update()
        taken = driver.paint(frame, self.console, cursor)
        self._end_update()
        if taken:
            self._previous_cursor_position = cursor
            driver.flush()
            self.post_display_hook()
        return taken

    def cover_all(self) -> None:
        """Say so on every screen where the window is too small, and no more where it is not."""
        for screens in self._screen_stacks.values():
            for screen in screens:
                cover(screen, self.size)

    def announcer(self, ways: Iterable[str]) -> Announcer:
        """Return what wakes the moderator in these ways."""
        chosen = ways_of(ways, os.environ)
        titled = "title" in chosen and has_title(os.environ)
        return Announcer(chosen, lambda: self._channel, time.monotonic, titled)

    @property
    def _channel(self) -> Asides | None:
        return self._driver if isinstance(self._driver, Asides) else None

    def copy_to_clipboard(self, text: str) -> None:
        """What is cut or copied in a text box stays in modtui, for its Ctrl+V."""
        self._clipboard = text

    def copy_out(self, text: str) -> str:
        """Copy `text` to the clipboard of the moderator's own machine, by OSC 52; return in words
        what was done. Called for a key that says so, and for nothing else."""
        channel = self._channel
        if channel is None or is_bare(os.environ.get("TERM", "").lower()):
            return "this terminal has no clipboard"
        from modtui.terminal.clipboard import clip

        sequence, words = clip(text)
        channel.aside(sequence)
        return words

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

    def get_css_variables(self) -> dict[str, str]:
        wanted = self.current_theme, self.native_ansi_color, self.no_color
        if self._made_for != wanted:
            made = super().get_css_variables()
            self._variables = made | COLOURLESS if self.no_color else made
            self._made_for = wanted
        return dict(self._variables)

    def refresh_css(self, animate: bool = True) -> None:
        """Dress everything anew. The sheet is read again for other colours only: a start asks for
        it twice, for the theme and for the first mode."""
        before, self._colours = self._colours, self.get_css_variables()
        if before and before != self._colours:
            super().refresh_css(animate)
            return
        if not before:
            self.stylesheet.set_variables(self._colours)
        self.stylesheet.update(self, animate=animate)

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        typed = sys.__stdin__ is not None and sys.__stdin__.isatty()
        return driver_for(os.environ, terminal=typed and painted_on() is not None)

    def get_line_filters(self) -> Sequence[LineFilter]:
        theirs = super().get_line_filters()
        greys = (Monochrome, NoColor)
        return [*(each for each in theirs if not isinstance(each, greys)), *self._walls]

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        # Textual 8.2 keys a table of backgrounds by the line caches of widgets, and so keeps those
        # of a thousand widgets that are gone: each sheet that was closed cost half a megabyte.
        StylesCache.get_inner_outer.cache_clear()
        return super()._prune(*nodes, parent=parent)

    def _fatal_error(self) -> None:
        """Write the crash report, without locals, and leave one line on the terminal."""
        error = self._exception
        shown, where = headline(error, self.redact), self.write_report(error)
        self.panic(Text(f"{shown}\n{where}" if where else shown))

    def write_report(self, error: BaseException | None) -> str:
        """Write a report of `error`, without locals; return where it is, "" if nowhere."""
        return write_report(error, self._crash_folder, self.redact)


def _console(colours: Colours) -> Console:
    """Return what Textual makes of styles with: as its own, but with these colours."""
    return Console(
        color_system=_SYSTEMS[colours],
        file=io.StringIO(),
        highlight=False,
        emoji=False,
        legacy_windows=False,
        force_terminal=True,
        no_color=False,
        safe_box=False,
    )
