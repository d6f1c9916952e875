"""A widget that paints rows of named styles; and the last wall before the terminal."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.scroll_view import ScrollView
from textual.strip import Strip

from modtui.widgets.cells import Row

STYLES = (
    "text", "muted", "strong", "late", "soon", "ok", "paused", "selected", "gone", "mark",
    "message", "held", "hidden", "rule", "off",
)  # fmt: skip


class Painted(ScrollView, can_focus=False, inherit_bindings=False):
    """The base of everything modtui draws itself: subclasses answer `row_at`.

    Rows hold plain text in named styles, so nothing a platform wrote is read as markup.
    """

    COMPONENT_CLASSES = {f"painted--{name}" for name in STYLES}
    DEFAULT_CSS = """
    Painted {
        scrollbar-size: 0 0; overflow-x: hidden;
        & > .painted--muted { color: $text-muted; }
        & > .painted--strong { text-style: bold; }
        & > .painted--late { color: $sla-breached; text-style: bold; }
        & > .painted--soon { color: $sla-soon; }
        & > .painted--ok { color: $sla-ok; }
        & > .painted--paused { color: $text-muted; }
        & > .painted--selected { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
        & > .painted--gone { color: $text-disabled; }
        & > .painted--mark { color: $primary; text-style: bold; }
        & > .painted--message { color: $sla-soon; text-style: bold; }
        & > .painted--held { color: $sla-soon; }
        & > .painted--hidden { color: $sla-breached; }
        & > .painted--rule { color: $text-disabled; }
        & > .painted--off { color: $text-disabled; }
    }
    Painted:nocolor > .painted--selected { text-style: reverse; }
    """  # noqa: E501

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._named: dict[str, Style] = {}

    def row_at(self, line: int) -> Row | None:
        """Return the row of content line `line`, or None for a blank one."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        row = self.row_at(y + self.scroll_offset.y)
        if row is None:
            return Strip.blank(width, self.named("text"))
        strip = Strip([Segment(text, self.named(name)) for text, name in row])
        return strip.adjust_cell_length(width, self.named("text"))

    def named(self, name: str) -> Style:
        """Return the style of STYLES called `name`, as the theme has it now."""
        if name not in self._named:
            self._named[name] = self.get_component_rich_style(f"painted--{name}")
        return self._named[name]

    def notify_style_update(self) -> None:
        self._named = {}
        super().notify_style_update()


class Rows(Painted, can_focus=False):
    """Painted rows that are replaced as a whole; a row that did not change is not repainted."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: tuple[Row, ...] = ()

    def row_at(self, line: int) -> Row | None:
        return self.rows[line] if 0 <= line < len(self.rows) else None

    def show(self, rows: tuple[Row, ...]) -> None:
        """Show `rows` from now on."""
        old, self.rows = self.rows, rows
        if len(old) != len(rows):
            self.virtual_size = self.size.with_height(len(rows))
            self.refresh()
            return
        for line, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after:
                self.refresh_line(line)


_STEERING = {
    code: "\N{REPLACEMENT CHARACTER}"
    for codes in (
        range(0x00, 0x20), range(0x7F, 0xA0), range(0x202A, 0x202F), range(0x2066, 0x206A),
        range(0x200E, 0x2010), range(0x2028, 0x202A), (0x061C,), range(0xE0000, 0xE0080),
    )
    for code in codes
}  # fmt: skip


class ControlWall(LineFilter):
    """Nothing that steers a terminal leaves in a painted text, whatever was forgotten before."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.control or segment.text.isprintable()
            else Segment(segment.text.translate(_STEERING), segment.style)
            for segment in segments
        ]
