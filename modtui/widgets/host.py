"""What widgets and rooms need of the app they live in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from textual.dom import DOMNode
from textual.signal import Signal
from textual.widget import Widget

from modtui.domain.frozen import dataclass
from modtui.domain.views import Change, QueueFilter
from modtui.engine import Engine
from modtui.keymap import DECLARED, Keymap
from modtui.widgets.guard import BlindGuard, Cadence


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes to choose from. `names` gives the app all of them and returns their names. `keep`
    writes one into the configuration and returns one line that says where; it raises OSError. None:
    there is no configuration."""

    names: Callable[[], tuple[str, ...]] = tuple
    keep: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What became of settings that changed: `flaw` stands until it is mended, `said` goes by."""

    flaw: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long is waited for more, in seconds. `paste`: after an acting key, whether it begins a
    paste; `repeat`: a key that comes sooner after another repeats it; `rest`: until a cursor that
    moved is at rest."""

    paste: float = 0.02
    repeat: float = 0.1
    rest: float = 0.03


WAITS = Waits()


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where the line is read: the time, the moderator's zone, the room there is; and the
    keys that a line may name."""

    now: datetime
    zone: str
    width: int
    keymap: Keymap = DECLARED

    @property
    def wide(self) -> bool:
        """Whether there is room for the long words."""
        return self.width >= 100


class Host(Protocol):
    """The app, as far as anything below it may know it."""

    engine: Engine
    changed: Signal[Change]
    guard: BlindGuard
    keymap: Keymap
    themes: Themes
    leaving: bool
    """The line is lost: modtui is on its way out."""

    scratch: Path | None
    """Where texts lie while an editor has them; None: in a temporary folder."""

    flaw: str
    evidence: Callable[[str, bytes], str] | None
    """Writes a file under a name that begins so, and returns its path; raises OSError. None: here
    nothing is kept."""
    waits: Waits
    cadence: Cadence

    def open_thread(self, thread: int) -> None:
        """Show the queue with this thread under the cursor, opened."""
        ...

    def open_view(self, view: QueueFilter, name: str) -> None:
        """Show the queue with the threads of `view`, which is called `name`."""
        ...

    def copy_out(self, text: str) -> str:
        """Copy `text` to the moderator's own clipboard; return in words what was done."""
        ...

    def write_on(self, thread: int) -> None:
        """Open this thread, with its draft in the reply box."""
        ...


def host(node: Widget) -> Host:
    """Return the app of `node` as a Host."""
    return cast(Host, node.app)


def moment_of(node: Widget) -> Moment:
    """Return now, the moderator's zone, the width of `node` in cells, and the keys in force."""
    engine, width = host(node).engine, max(node.size.width, 20)
    return Moment(engine.now(), engine.desk.moderator.timezone, width, host(node).keymap)


def work(node: DOMNode, job: Callable[[], Any], group: str, *, alone: bool = True) -> None:
    """Run `job` as a worker of `node`; with `alone` an earlier one of `group` is given up."""
    node.run_worker(job, group=group, exclusive=alone)


def visible(node: Widget) -> bool:
    """Return whether the screen of `node` belongs to the mode that is shown."""
    return node.is_attached and node.screen in node.app.screen_stack
