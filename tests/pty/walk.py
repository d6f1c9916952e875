"""A walk: keys typed by a moderator in a real terminal, and a record of what was seen.

A record is written where MODTUI_WALKS names a folder (`make walks` sets it to docs/walks).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.pty.community import modtui
from tests.pty.terminal import Terminal

PATIENCE = 30.0
SETTLE = 0.6
"""Acting keys count again 400 ms after a new thread was painted."""


@dataclass
class Walk:
    """One moderator at one terminal. `told` are the lines of the record."""

    terminal: Terminal
    told: list[str] = field(default_factory=list)

    def tell(self, prose: str) -> None:
        """Say in the record what happens and why."""
        self.told += ["", prose]

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each once the screen is at rest."""
        for key in keys:
            self.terminal.settle(SETTLE)
            self.terminal.send(key)
        self.told += ["", f"Keys: {' '.join(f'`{key}`' for key in keys)}"]

    def type(self, text: str) -> None:
        """Type text into a box."""
        self.terminal.settle(SETTLE)
        self.terminal.send(text)
        self.told += ["", f"Typed: {text}"]

    def type_secret(self, text: str, called: str) -> None:
        """Type what no record may hold; the record says what it was `called`."""
        self.terminal.settle(SETTLE)
        self.terminal.send(text)
        self.told += ["", f"Typed: {called}"]

    def see(self, what: Callable[[str], bool] | str, seconds: float = PATIENCE) -> str:
        """Wait until the screen holds `what`; return the screen. Raises Timeout with it."""
        return self.terminal.wait(what, seconds)

    def shot(self) -> None:
        """Put the screen, once it is at rest, into the record."""
        self.told += ["", "```", self.terminal.settle(SETTLE), "```"]


@contextmanager
def walk(
    name: str, home: Path, title: str, size: tuple[int, int] = (120, 40), **more: str
) -> Iterator[Walk]:
    """modtui on `home` in a terminal of `size`; the record is written when the walk is over."""
    with modtui(home, size, **more) as terminal:
        one = Walk(terminal)
        yield one
    keep(name, title, one.told)


def keep(name: str, title: str, told: Sequence[str]) -> None:
    """Write the record of a walk that was made, where records are wanted."""
    folder = os.environ.get("MODTUI_WALKS")
    if folder:
        path = Path(folder) / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join((f"# {title}", *told)) + "\n", encoding="utf-8")
