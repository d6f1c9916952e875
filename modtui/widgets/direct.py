"""Frames in which only rows of our own changed: written straight from the widgets that hold them.
And when a frame may come.

Textual asks every widget near a change for all of its lines and cuts the screen into columns to
find what covers what. A row that nothing covers needs none of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from modtui.widgets.paint import Painted


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
