"""What a hand-over asks: who takes it, a note for the next one, and whether the text is right."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from modtui.screens.dialogs.box import TextBox
from modtui.screens.dialogs.panel import Panel
from modtui.widgets.choice import Choice, Pick


class SuccessorDialog(Panel[str]):
    """Returns who takes it over: a name that was typed, else the one that was picked."""

    SETTLES: ClassVar[bool] = False
    BINDINGS = [
        Binding("enter", "confirm", "confirm", id="successor.confirm", show=False, priority=True)
    ]

    def __init__(self, what: str, people: tuple[str, ...]) -> None:
        super().__init__()
        self.what = what
        self.people = people

    def hints(self) -> str:
        picks = "←→ pick   Tab type a name   " if self.people else ""
        return f"Enter hands it on   {picks}Esc leave"

    def heading(self) -> Content:
        return Content.from_markup("Who takes [b]$what[/b]?", what=self.what)

    def panel(self) -> ComposeResult:
        if self.people:
            yield Choice("to", tuple(Pick(name, name) for name in self.people), id="people")
        yield Input(placeholder="or a name that is not here", id="name")

    def on_mount(self) -> None:
        if not self.people:
            self.query_one("#name", Input).focus()

    def action_confirm(self) -> None:
        typed = self.query_one("#name", Input).value.strip()
        picked = self.query_one(Choice).value if self.people else None
        if name := typed or picked:
            self.dismiss(name)
        else:
            self.say("Type the name of who takes it, or leave with Esc.")


class NoteDialog(Panel[str]):
    """Returns what the next one should know."""

    SETTLES: ClassVar[bool] = False

    def __init__(self, what: str, note: str) -> None:
        super().__init__()
        self.what = what
        self.note = note

    def hints(self) -> str:
        return "Enter keeps the note   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "Note on [b]$what[/b] · for the team, and in the text of the hand-over", what=self.what
        )

    def panel(self) -> ComposeResult:
        yield Input(self.note, placeholder="what the next one should know", id="note")

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        if text := event.value.strip():
            self.dismiss(text)
        else:
            self.say("An empty note is not kept: write something, or leave with Esc.")


class HandLine(Static, can_focus=True):
    """The line that Enter hands over from."""

    DEFAULT_CSS = """
    HandLine { height: auto; }
    HandLine:focus { text-style: bold; }
    """


class PreviewDialog(Panel[str]):
    """The text of a hand-over, to be read and changed; returns it as it stands then."""

    SETTLES: ClassVar[bool] = False
    DEFAULT_CSS = """
    PreviewDialog #panel { max-height: 90%; }
    PreviewDialog TextArea { height: auto; max-height: 12; border: none; padding: 0;
      background: $boost; }
    PreviewDialog TextArea:focus { border: none; }
    PreviewDialog.-wide.-tall TextArea { max-height: 26; }
    """
    BINDINGS = [
        Binding("enter", "hand_over", "hand over", id="preview.enter", show=False),
        Binding("ctrl+s", "line", "back to the line", id="preview.line", show=False, priority=True),
    ]

    def __init__(self, text: str, effect: str, goes: str) -> None:
        super().__init__()
        self.text = text
        self.effect = effect
        self.goes = goes

    def hints(self) -> str:
        return "Enter hands over   Tab change the text, then Ctrl+S   Esc leave"

    def heading(self) -> Content:
        return Content(self.goes[:1].upper() + self.goes[1:])

    def panel(self) -> ComposeResult:
        yield TextBox(self.text, id="text", soft_wrap=True, tab_behavior="focus")
        yield HandLine(Content(f"Enter hands over: {self.effect}"), id="line")

    def on_mount(self) -> None:
        self.query_one(HandLine).focus()

    def action_line(self) -> None:
        self.query_one(HandLine).focus()

    def action_hand_over(self) -> None:
        text = self.query_one(TextArea).text
        if not isinstance(self.focused, HandLine):
            return
        if text.strip():
            self.dismiss(text)
        else:
            self.say("The text is empty: write something, or leave with Esc.")

    async def action_leave(self) -> None:
        if isinstance(self.focused, TextArea):
            self.action_line()
        else:
            self.dismiss(None)


class LeaveDialog(Panel[bool]):
    """Leaving would stop something: returns True to leave all the same."""

    BINDINGS = [
        Binding("enter", "answer(True)", "leave", id="leave.enter", show=False),
        Binding("q", "answer(False)", "stay", id="leave.stay", show=False),
    ]
    DEFAULT_CSS = "LeaveDialog VerticalScroll { height: auto; max-height: 8; }"
    MOST = 6

    def __init__(self, going: tuple[str, ...], ends: tuple[str, ...]) -> None:
        super().__init__()
        self.going = going
        self.ends = ends

    def hints(self) -> str:
        return "Enter leave all the same   Esc stay"

    def heading(self) -> Content:
        return Content.from_markup("[b]Leaving now would stop what no other modtui carries on[/b]")

    def panel(self) -> ComposeResult:
        with VerticalScroll():
            for line in (*self._named(self.going), *self._named(self.ends)):
                yield Static(Content(f"  {line}"))
        if self.going:
            yield Static(
                Content(
                    "modtui drain goes on sending in the background for a minute; what is left then"
                    " goes out at the next start, or asks first."
                )
            )
        if self.ends:
            yield Static(Content("A timed end waits until modtui or modtui sync runs again."))

    def _named(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        more = len(lines) - self.MOST
        return lines if more <= 1 else (*lines[: self.MOST], f"and {more} more")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    async def action_leave(self) -> None:
        self.dismiss(False)
