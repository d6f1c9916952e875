"""The frame of every dialog: a panel above the last lines, the post above it stays in view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from modtui.domain.asking import effect
from modtui.domain.commands import Command, Lock, Note, SetSlowMode
from modtui.domain.views import ThreadDetail
from modtui.domain.wording import Finding, blocking
from modtui.engine import Engine
from modtui.screens.keeping import Keeping
from modtui.widgets.cells import clock, cut, one_line
from modtui.widgets.hints import HintLine

T = TypeVar("T")
Commands = tuple[Command, ...]


class Panel(Keeping[T]):
    """A dialog docked above the status line; `hints` replaces the key line while it is open."""

    DEFAULT_CSS = """
    Panel { background: transparent; }
    Panel #panel { dock: bottom; margin-bottom: 2; height: auto; max-height: 70%;
      background: $surface; border-top: solid $primary; padding: 0 1; }
    Panel #panel-foot { dock: bottom; height: auto; background: $surface; }
    Panel.-wide.-tall #panel { margin-bottom: 4; }
    Panel #hints { dock: bottom; height: 1; width: 100%; background: $surface; }
    Panel.-wide.-tall #hints { height: 2; }
    Panel #says { height: auto; display: none; color: $text-warning; }
    Panel.-wide.-tall #says { display: block; }
    Panel Static { width: 1fr; }
    Panel Input { border: none; height: 1; padding: 0; background: $boost; }
    Panel Input:focus { border: none; text-style: bold; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS = [Binding("escape", "leave", "leave", id="dialog.leave", show=False)]

    def hints(self) -> str:
        return "Enter confirm   Esc leave"

    def panel(self) -> ComposeResult:
        """Yield the inside of the panel."""
        yield from ()

    def foot(self) -> ComposeResult:
        """Yield what stays in view below the panel however long it is."""
        yield from ()

    def heading(self) -> Content:
        """The first line of the panel."""
        return Content("")

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield Static(self.heading(), id="heading")
            yield from self.panel()
            with Vertical(id="panel-foot"):
                yield from self.foot()
                yield Static("", id="says")
        yield HintLine(self.hints())

    def say(self, text: str) -> None:
        """Show one line of warning inside the panel."""
        says = self.query_one("#says", Static)
        says.update(Content(text))
        says.display = True

    def unsay(self) -> None:
        """Take the warning away: what it said is not so any more."""
        self.query_one("#says", Static).update("")
        self.query_one("#says", Static).display = False

    async def action_leave(self) -> None:
        self.dismiss(None)

    def called(self) -> str:
        return self.heading().plain

    def tell_kept(self, words: str) -> None:
        self.say(words)


class ThreadPanel(Panel[Commands | None]):
    """A dialog about one thread, which decides on the revision that was on screen. `words` are its
    answer of before, which was not taken: it begins with them."""

    SETTLES: ClassVar[bool] = False
    words: str = ""

    def __init__(self, engine: Engine, detail: ThreadDetail) -> None:
        super().__init__()
        self.engine = engine
        self.detail = detail
        self._warned: tuple[Finding, ...] = ()

    def unsay(self) -> None:
        """What was warned of is another thing now: it is said before it goes."""
        super().unsay()
        self._warned = ()

    @property
    def thread(self) -> int:
        return self.detail.row.id

    def subject(self) -> str:
        return f"{self.detail.record.realm} {self.detail.record.thread.subject}"

    @property
    def revision(self) -> int:
        return self.detail.row.revision

    def sends(self, commands: Commands) -> bool:
        """Whether `commands` may go: not if a check blocks them, and not before a second Enter if
        one warns. What is said is which words, and why."""
        found = self.engine.wording.findings(self.detail, commands)
        refused = blocking(found)
        if refused:
            self.say(f"Not sent: {_lines(refused)}.")
            return False
        if found and self._warned != found:
            self._warned = found
            self.say(f"{_lines(found)}. Once more sends it all the same.")
            return False
        return True

    def checked(self, commands: Commands) -> str:
        """What the checks find, to stand before the effects: what blocks, then what only warns;
        "" where they find nothing."""
        found = self.engine.wording.findings(self.detail, commands)
        refused = blocking(found)
        warned = [each for each in found if each not in refused]
        parts = (("cannot be sent: ", refused), ("! ", warned))
        return " · ".join(f"{word}{_lines(some)}" for word, some in parts if some)

    def how_sent(self, commands: Commands) -> str:
        """What sends `commands`: Enter, twice where a check warns, not at all where one blocks."""
        return self.sent_by("Enter", commands)

    def sent_by(self, key: str, commands: Commands) -> str:
        """How often `key` must be pressed to send `commands`, in words."""
        found = self.engine.wording.findings(self.detail, commands)
        if blocking(found):
            return f"{key} does not send"
        return f"{key} twice sends" if found else f"{key} sends"

    def told(self, command: Command) -> str:
        """What a command of the batch does, until when, and what a note says."""
        match command:
            case Note(text=text):
                return f"{effect(command)} “{first_words(text, 40)}”"
            case Lock(until=until) | SetSlowMode(until=until) if until is not None:
                zone = self.engine.desk.moderator.timezone
                return f"{effect(command)} until {clock(until, zone, self.engine.now())}"
        return effect(command)

    def local(self, at: datetime, form: str = "%H:%M") -> str:
        """`at` in the moderator's zone."""
        return at.astimezone(ZoneInfo(self.engine.desk.moderator.timezone)).strftime(form)


def _lines(found: Sequence[Finding]) -> str:
    return "; ".join(each.line for each in found)


def rule_keys(rules: int) -> str:
    """Return the keys that name one of so many rules; "" for none."""
    return f"1-{rules}" if rules > 1 else "1" if rules else ""


def no_rule(number: int, rules: int) -> str:
    """Return what is said to a key that names none of so many rules."""
    there = f"there are {rules}" if rules > 1 else "there is one" if rules else "none is configured"
    return f"There is no rule {number}; {there}."


def first_words(text: str, cells: int = 48) -> str:
    """Return the beginning of a post on one line of at most `cells` cells."""
    return cut(one_line(text), cells)
