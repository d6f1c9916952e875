"""Frames in which only rows of our own changed: written straight from the widgets that hold them.
When a frame may come; and the screen that keeps to both.

Textual asks every widget near a change for all of its lines and cuts the screen into columns to
find what covers what. A row that nothing covers needs none of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from time import monotonic

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual import events
from textual._compositor import Compositor, CompositorUpdate
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from modtui.widgets.paint import Painted
from modtui.widgets.small import as_large_as

FRAME_SECONDS = 1 / 60


class Lines(CompositorUpdate):
    """Strips, each with the column and row where it begins."""

    def __init__(self, strips: Iterable[tuple[int, int, Strip]]) -> None:
        self.strips = tuple(strips)

    def __bool__(self) -> bool:
        return bool(self.strips)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for x, y, strip in self.strips:
            yield Control.move_to(x, y)
            yield from strip

    def render_segments(self, console: Console) -> str:
        """Return what writes them."""
        return "".join(
            f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.strips
        )


class Pace:
    """Frames follow one another by `seconds`. Only the first one after a key waits for none but the
    one after the key before: whatever else is painted meanwhile, a key is not kept waiting for it.

    `first` is whether there was no frame yet; `clock` is monotonic seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.first = True
        self._seconds = seconds
        self._clock = clock
        self._framed_at = self._answered_at = -math.inf
        self._asked = False

    def ask(self) -> None:
        """A key came that something may have to be painted for."""
        self._asked = True

    def due(self) -> bool:
        """Whether a frame may come now."""
        last = self._answered_at if self._asked else self._framed_at
        return self._clock() - last >= self._seconds

    def framed(self) -> None:
        """A frame comes."""
        self.first, self._framed_at = False, self._clock()
        if self._asked:
            self._asked, self._answered_at = False, self._framed_at


class Direct:
    """Finds out which widgets may be written so, anew only when something was laid out."""

    def __init__(self) -> None:
        self._visible: Mapping[Widget, tuple[Region, Region]] | None = None
        self._open: tuple[tuple[Painted, Region], ...] = ()

    def lines(self, compositor: Compositor) -> Lines | None:
        """Return what shows the changed regions; None if that is the compositor's to find out."""
        visible = compositor.visible_widgets
        if visible is not self._visible:
            self._visible, self._open = visible, uncovered(visible)
        strips: list[tuple[int, int, Strip]] = []
        for changed in sorted(compositor._dirty_regions, key=lambda region: region.y):
            found = next((each for each in self._open if each[1].contains_region(changed)), None)
            if found is None:
                return None
            widget, region = found
            left = changed.x - region.x
            for y in changed.line_range:
                strip = widget.sent_line(y - region.y)
                if strip is None:
                    return None
                if changed.width != region.width:
                    strip = strip.crop(left, left + changed.width)
                strips.append((changed.x, y, strip))
        return Lines(strips)


def uncovered(
    visible: Mapping[Widget, tuple[Region, Region]],
) -> tuple[tuple[Painted, Region], ...]:
    """Return the widgets of painted rows that are wholly on the screen, and that nothing shares
    their cells with but what they are in."""
    return tuple(
        (widget, region)
        for widget, (region, clip) in visible.items()
        if isinstance(widget, Painted)
        and clip.contains_region(region)
        and not _shared(widget, region, visible)
    )


def _shared(
    widget: Widget, region: Region, visible: Mapping[Widget, tuple[Region, Region]]
) -> bool:
    around: Collection[object] = {widget, *widget.ancestors}
    return any(
        other not in around and seen.intersection(clip).overlaps(region)
        for other, (seen, clip) in visible.items()
    )


class PacedScreen(Screen[None]):
    """A screen that says itself when a frame comes, and has `Direct` write it where that can.

    It stands in for steps of Textual 8.2.8 that cost more than our rows need.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pace = Pace(FRAME_SECONDS, monotonic)
        self._direct = Direct()
        self._laid_out: Size | None = None
        self._resumed = False

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        # As Screen's, which copies each map and asks each widget for each key of those around it
        # whether it types that: rows of ours type none.
        if not isinstance(self.focused, Painted) or self.app._keymap:
            return super()._binding_chain
        return [(node, node._bindings) for node in self.focused.ancestors_with_self]

    async def on_event(self, event: events.Event) -> None:
        event = as_large_as(event, self.app.size)
        # A start tells a screen three times how large it is, and each time all would be painted.
        if isinstance(event, events.Resize):
            if event.size == self._laid_out:
                return
            self._laid_out = event.size
        elif isinstance(event, events.ScreenResume) and not self._resumed:
            # Its widgets were styled as they were mounted.
            self._resumed, event.refresh_styles = True, False
        await super().on_event(event)

    def _screen_resized(self, size: Size) -> None:
        # It was laid out for this size already, and the first frame lays it out once more.
        if self.pace.first and self._layout_required and size == self.outer_size:
            return
        super()._screen_resized(size)

    def on_idle(self) -> None:
        # A frame that comes long after another has nothing to wait for: the clock of frames, a task
        # that must be woken, is for those that follow closely.
        if not self.is_current or self.app._batch_count or not self._unpainted():
            return
        if self.pace.first:
            # A layout paints everything.
            self._repaint_required = self._repaint_required and not self._layout_required
        elif self._layout_required or not self.pace.due():
            # A layout waits all the same: of a window that is pulled at, the next size is near.
            return
        self.pace.framed()
        self._on_timer_update()

    def _unpainted(self) -> bool:
        return bool(
            self.pace.first
            or self._dirty_widgets
            or self._repaint_required
            or self._scroll_required
            or self._layout_required
        )

    def _compositor_refresh(self) -> None:
        # Textual renders a whole frame even where it is not going to show it, as within a start.
        if self.app._batch_count:
            return
        self.pace.framed()
        if self is not self.app.screen or self.app.is_inline or not self._paint_directly():
            super()._compositor_refresh()

    def _paint_directly(self) -> bool:
        """Paint the lines that changed, if they are all in the open; return whether they were."""
        lines = self._direct.lines(self._compositor)
        if lines is None:
            return False
        self._compositor._dirty_regions.clear()
        if lines:
            self.app._display(self, lines)
        self._dirty_widgets.clear()
        self.app._update_mouse_over(self)
        return True

    def after_frame(self, job: Callable[[], None]) -> None:
        """Do `job` when what is to be painted was: as `call_after_refresh`, without its message."""
        self.app.screen._invoke_later(job, self)

    def paint_now(self, job: Callable[[], None]) -> None:
        """Paint what is to be painted without waiting for the next turn, and do `job` after it."""
        if self.is_current and not self.app._batch_count and not self._layout_required:
            self._on_timer_update()
            job()
        else:
            self.after_frame(job)
