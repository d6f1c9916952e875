"""A window too small for what modtui shows: one line in place of a broken screen."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

LEAST = Size(60, 20)


def is_small(size: Size) -> bool:
    """Return whether a window of `size` shows nothing well."""
    return size.width < LEAST.width or size.height < LEAST.height


def as_large_as(event: events.Event, size: Size) -> events.Event:
    """Return what tells a screen how large it is with the `size` of the window now; any other
    event as it is. A layout tells its screen the size that it was made for, and where that comes
    after the next size of the window, Textual 8.2.8 would keep the earlier one."""
    if isinstance(event, events.Resize) and event.size != size:
        return events.Resize(size, size)
    return event


class TooSmall(Static, can_focus=False):
    """Lies over the whole screen and says why. The focus stays where it was: what is typed into
    a text box while the window is pulled at arrives there."""

    DEFAULT_CSS = """
    TooSmall { layer: small; position: absolute; offset: 0 0; width: 100%; height: 100%;
      background: $surface; text-wrap: nowrap; text-overflow: clip; }
    """

    def say(self, size: Size) -> None:
        """Say that the window is of `size`."""
        need, have = f"{LEAST.width}×{LEAST.height}", f"{size.width}×{size.height}"
        said = (f"modtui needs a window of {need}; this one is {have}.", f"{have}: needs {need}")
        text = next((one for one in said if len(one) <= size.width), said[-1])
        self.update(Content(text))


def cover(screen: Screen[Any], size: Size) -> None:
    """Cover `screen` where a window of `size` is too small for it, and uncover it again."""
    covers = screen.query_children(TooSmall)
    if not is_small(size):
        covers.remove()
        return
    if not covers and screen.is_mounted:
        # A rule for it in the sheet above would be of screens inside it alone.
        screen.styles.layers = "default small"
        screen.mount(TooSmall(markup=False))
    for each in screen.query_children(TooSmall):
        each.say(size)
