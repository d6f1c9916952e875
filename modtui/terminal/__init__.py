"""What stands between Textual and the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from textual.driver import Driver

# The releases of Textual whose strings and order of calls are tested.
TESTED = frozenset(("8.2.8",))
NO_TERMINAL = frozenset(("", "dumb", "unknown"))


@runtime_checkable
class Redraws(Protocol):
    """A driver that can write the whole screen again."""

    def redraw(self) -> None:
        """Write the whole screen again."""
        ...


def driver_for(env: Mapping[str, str], *, terminal: bool) -> type[Driver] | None:
    """Return the driver that writes only what changed, or None where it is not to be used.

    `terminal`: input and output are one. None leaves the choice to the app.
    """
    import textual

    known = env.get("TERM", "") not in NO_TERMINAL and "TEXTUAL_DRIVER" not in env
    if sys.platform == "win32" or not (terminal and known and textual.__version__ in TESTED):
        return None
    from modtui.terminal.driver import DiffDriver

    return DiffDriver
