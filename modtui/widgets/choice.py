"""A one-line radio row: `(•) everyone  ( ) author only`, changed with left and right."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from modtui.widgets.cells import cell_len

INDENT = 14


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to choose. A pick that is off stays visible and says why."""

    value: str
    label: str
    off: str = ""


class Choice(Widget, can_focus=True):
    """Picks side by side, of which one that is not off is chosen; under the focus, and on a tall
    screen without it, it says why a pick is off."""

    DEFAULT_CSS = """
    Choice { height: auto; width: 1fr; }
    Choice:focus { text-style: bold; }
    """
    BINDINGS = [
        Binding("left", "step(-1)", "previous", id="choice.previous", show=False),
        Binding("right,space", "step(1)", "next", id="choice.next", show=False),
    ]
    chosen: reactive[int] = reactive(0)

    @dataclass
    class Changed(Message):
        """Another pick was chosen."""

        choice: Choice

        @property
        def control(self) -> Choice:
            return self.choice

    def __init__(
        self, label: str, picks: tuple[Pick, ...], *, start: int = 0, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self.picks = picks
        if picks and picks[min(start, len(picks) - 1)].off:
            start = next((i for i, p in enumerate(picks) if not p.off), start)
        self.set_reactive(Choice.chosen, min(start, max(0, len(picks) - 1)))

    @property
    def value(self) -> str | None:
        """The chosen value, or None when every pick is off."""
        if not self.picks or self.picks[self.chosen].off:
            return None
        return self.picks[self.chosen].value

    def choose(self, index: int) -> bool:
        """Choose pick `index` (from 0) if it is there and not off; return whether it was."""
        if index >= len(self.picks) or self.picks[index].off:
            return False
        self.chosen = index
        return True

    def action_step(self, by: int) -> None:
        usable = [i for i, p in enumerate(self.picks) if not p.off]
        if usable:
            place = usable.index(self.chosen) if self.chosen in usable else 0
            self.chosen = usable[(place + by) % len(usable)]

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh(layout=True)

    def watch_chosen(self) -> None:
        if self.is_mounted:
            self.post_message(self.Changed(self))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        """The picks, broken between them and never within one; then why some are off."""
        lines = [Content(f"{'▸' if self.has_focus else ' '} {self.label:<11} ")]
        for index, pick in enumerate(self.picks):
            mark = "(•)" if index == self.chosen and not pick.off else "( )"
            text = f"{mark} {pick.label}" + (" (off)" if pick.off else "")
            style = "dim" if pick.off else ("bold" if index == self.chosen else "")
            if index and lines[-1].cell_length + cell_len(text) > width:
                lines.append(Content(" " * INDENT))
            lines[-1] = lines[-1] + Content.styled(text, style) + "  "
        if not (self.has_focus or self.value is None or self.screen.has_class("-tall")):
            return lines
        indent = Content(" " * INDENT)
        for pick in self.picks:
            if pick.off:
                why = Content.styled(f"{pick.label} is off: {pick.off}", "dim")
                lines += [indent + line for line in why.wrap(max(width - INDENT, 1))]
        return lines
