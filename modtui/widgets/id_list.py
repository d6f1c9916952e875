"""A short list whose cursor is an id, never a row: refreshed rows keep what was selected."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from modtui.keymap import Action, Keymap, bindings
from modtui.widgets.cells import cell_len, cut


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its id and its text, already cut into columns. `faint` rows are finished ones."""

    id: str
    text: str
    faint: bool = False
    urgent: bool = False


def move_keys(keymap: Keymap) -> str:
    """Return the keys that move by a row, as `j k`."""
    return f"{keymap.key('rows.down', 'j')} {keymap.key('rows.up', 'k')}"


class IdList(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines with a cursor that stays on its id through every refresh."""

    by_bindings = True

    DEFAULT_CSS = """
    IdList { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden;
      & > .idlist--cursor { background: $block-cursor-background;
        color: $block-cursor-foreground; text-style: $block-cursor-text-style; }
      & > .idlist--faint { color: $text-muted; }
      & > .idlist--urgent { color: $text-warning; text-style: bold; }
    }
    IdList:nocolor > .idlist--cursor { text-style: reverse; }
    """
    COMPONENT_CLASSES = {"idlist--cursor", "idlist--faint", "idlist--urgent"}
    ACTIONS = (
        Action("rows.down", "j,down", "move(1)", "next row"),
        Action("rows.up", "k,up", "move(-1)", "previous row"),
        Action("rows.page-down", "ctrl+d,pagedown", "move(10)", "ten rows down"),
        Action("rows.page-up", "ctrl+u,pageup", "move(-10)", "ten rows up"),
        Action("rows.bottom", "G,end", "edge(1)", "to the last row"),
        Action("rows.top", "home", "edge(0)", "to the first row", chord="g g"),
    )
    BINDINGS = bindings(ACTIONS)
    lines: reactive[tuple[Line, ...]] = reactive(())
    selected: reactive[str | None] = reactive(None)

    @dataclass
    class Selected(Message):
        """The cursor came to rest on `id`."""

        list: IdList
        id: str | None

        @property
        def control(self) -> IdList:
            return self.list

    @property
    def index(self) -> int | None:
        """The row of the cursor, or None in an empty list."""
        return next((i for i, line in enumerate(self.lines) if line.id == self.selected), None)

    def watch_lines(self, old: tuple[Line, ...], new: tuple[Line, ...]) -> None:
        self.virtual_size = Size(self.size.width, len(new))
        if self.index is None:
            place = next((i for i, line in enumerate(old) if line.id == self.selected), 0)
            self.selected = new[min(place, len(new) - 1)].id if new else None

    def watch_selected(self) -> None:
        if (row := self.index) is not None:
            self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)
        self.post_message(self.Selected(self, self.selected))

    def action_move(self, by: int) -> None:
        if self.lines:
            self.selected = self.lines[max(0, min(len(self.lines) - 1, (self.index or 0) + by))].id

    def action_edge(self, end: int) -> None:
        if self.lines:
            self.selected = self.lines[-end].id

    def on_click(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y
        if row < len(self.lines):
            self.selected = self.lines[row].id

    def render_line(self, y: int) -> Strip:
        row, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if row >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        line = self.lines[row]
        here = line.id == self.selected
        name = "cursor" if here else "urgent" if line.urgent else "faint" if line.faint else ""
        style = self.get_component_rich_style(f"idlist--{name}") if name else self.rich_style
        text = cut(("▌" if here else " ") + line.text, width)
        return Strip([Segment(text, style)], cell_len(text)).adjust_cell_length(width, style)
