"""A widget that paints rows of named styles; and the last wall before the terminal."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Self
from weakref import WeakKeyDictionary

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from modtui.domain.text import inert
from modtui.widgets.cells import Row, width_of

STYLES = (
    "text", "muted", "strong", "late", "soon", "ok", "paused", "selected", "gone", "mark",
    "message", "held", "hidden", "rule", "off",
)  # fmt: skip

UNDER_CURSOR = " cursor"
"""After the name of a style: that style, reversed. To begin and to end it takes few bytes."""

_REVERSED = Style(reverse=True)
_MADE: WeakKeyDictionary[Stylesheet, tuple[object, dict[tuple[str, Style], Style]]]
_MADE = WeakKeyDictionary()
"""The named styles of each sheet: its rules when they were made, and each by what is under it."""


class LineCache(StylesCache):
    """Lines of a widget without border or padding, kept as they are sent.

    Textual asks for every line of a widget when one changed, and dresses and filters each again;
    here a line that did not change costs a look into a table.
    """

    def __init__(self) -> None:
        super().__init__()
        self._dress: Callable[[Strip], Strip] | None = None
        self._plain: bool | None = None
        self._whole: list[Strip] = []

    def clear(self) -> None:
        super().clear()
        self._dress = self._plain = None
        self._whole = []

    def one(self, widget: Widget, y: int) -> Strip | None:
        """Return line `y` as it is sent; None for a widget with a border, padding or opacity."""
        if not self._ready(widget):
            return None
        if y in self._dirty_lines or y not in self._cache:
            return self._line(widget, y)
        return self._cache[y]

    def is_plain(self, widget: Widget) -> bool:
        """Return whether the lines are all there is to the widget."""
        if self._plain is None:
            self._plain = not widget.styles.gutter and widget.opacity == 1.0
        return self._plain

    def _ready(self, widget: Widget) -> bool:
        if not self.is_plain(widget):
            return False
        width = widget.outer_size.width
        if width != self._width:
            self.clear()
            self._width, self._plain = width, True
        if self._dress is None:
            self._dress = _dresser(widget, width)
        return True

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        if not self._ready(widget):
            return super().render_widget(widget, crop)
        width = self._width
        if crop.y or crop.column_span != (0, width):
            return [strip.crop(*crop.column_span) for strip in self._lines(widget, crop)]
        if len(self._whole) != crop.height:
            self._whole = self._lines(widget, crop)
        else:
            for y in sorted(self._dirty_lines):
                if 0 <= y < crop.height:
                    self._line(widget, y)
            self._dirty_lines.clear()
        return self._whole

    def _lines(self, widget: Widget, crop: Region) -> list[Strip]:
        return [
            self._line(widget, y)
            if y in self._dirty_lines or y not in self._cache
            else self._cache[y]
            for y in crop.line_range
        ]

    def _line(self, widget: Widget, y: int) -> Strip:
        made = widget.render_line(y)
        self._dirty_lines.discard(y)
        self._cache[y] = made = self._dress(made) if self._dress is not None else made
        if y < len(self._whole):
            self._whole[y] = made
        return made


class Line(Strip):
    """A strip that is measured, sent and kept: it has the tables of one that is cut and joined when
    somebody asks for them."""

    __slots__ = ()

    def __init__(self, segments: list[Segment], cell_length: int) -> None:
        self._segments = segments
        self._cell_length = cell_length
        self._render_cache = None

    def __getattr__(self, name: str) -> object:
        if name not in Strip.__slots__:
            raise AttributeError(name)
        super().__init__(self._segments, self._cell_length)
        return getattr(self, name)


class _Truecolor(dict[Style | None, Style | None]):
    """What Textual's filter makes of each style on one ground: most stay what they are."""

    def __init__(self, theirs: ANSIToTruecolor, ground: Color) -> None:
        super().__init__()
        self._theirs = theirs
        self._ground = ground.rich_color

    def __missing__(self, style: Style | None) -> Style | None:
        made = style and self._theirs.truecolor_style(style, self._ground)
        self[style] = made = style if made == style else made
        return made

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """As `ANSIToTruecolor.apply`; the very segments where none changes."""
        for _, style, _ in segments:
            if self[style] is not style:
                return [Segment(text, self[style]) for text, style, _ in segments]
        return segments


def _dresser(widget: Widget, width: int) -> Callable[[Strip], Strip]:
    """Return what gives a line its width and sends it through the filters of the app."""
    base, background = widget.background_colors
    blank = Style.from_color(bgcolor=(base + background).rich_color)
    filters = [
        (_Truecolor(each, background) if isinstance(each, ANSIToTruecolor) else each).apply
        for each in widget.get_line_filters()
    ]

    def dress(strip: Strip) -> Strip:
        # As Strip.apply_filter, without a strip with tables of its own between two filters.
        strip = strip.adjust_cell_length(width, blank)
        segments = strip._segments
        for apply in filters:
            segments = apply(segments, background)
        return strip if segments is strip._segments else Line(segments, width)

    return dress


class Painted(ScrollView, can_focus=False, inherit_bindings=False):
    """The base of everything modtui draws itself: subclasses answer `row_at`.

    Rows hold plain text in named styles, so nothing a platform wrote is read as markup.
    """

    DEFAULT_CSS = """
    Painted {
        scrollbar-size: 0 0; overflow-x: hidden;
        & > .painted--muted { color: $text-muted; }
        & > .painted--strong { text-style: bold; }
        & > .painted--late { color: $sla-breached; text-style: bold; }
        & > .painted--soon { color: $sla-soon; }
        & > .painted--ok { color: $sla-ok; }
        & > .painted--paused { color: $text-muted; }
        & > .painted--selected { background: $block-cursor-background; color: $block-cursor-foreground; text-style: $block-cursor-text-style; }
        & > .painted--gone { color: $text-disabled; text-style: $off-style; }
        & > .painted--mark { color: $primary; text-style: bold; }
        & > .painted--message { color: $sla-soon; text-style: bold; }
        & > .painted--held { color: $sla-soon; }
        & > .painted--hidden { color: $sla-breached; }
        & > .painted--rule { color: $text-disabled; }
        & > .painted--off { color: $text-disabled; text-style: $off-style; }
    }
    Painted:nocolor > .painted--selected { text-style: reverse; }
    """  # noqa: E501

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._named: dict[str, Style] = {}
        self._under: Style | None = None
        self._styles_cache: LineCache = LineCache()

    def sent_line(self, y: int) -> Strip | None:
        """Return line `y` of the widget as it is sent; None where there is more than lines."""
        return self._styles_cache.one(self, y)

    def _set_dirty(self, *regions: Region) -> None:
        if not regions or not self._styles_cache.is_plain(self):
            super()._set_dirty(*regions)
            return
        # As Widget._set_dirty, without a search for what stands around the content.
        self._repaint_regions |= {*regions}
        self._styles_cache.set_dirty(*regions)

    def _refresh_scrollbars(self) -> None:
        """Make no bar: it would have no size, and whether it is there would lay out all anew."""

    @property
    def allow_vertical_scroll(self) -> bool:
        # As Widget's, which asks for the bar.
        more = self.virtual_size.height > self.container_size.height
        return more and self.is_scrollable and not self._check_disabled()

    def refresh_line(self, y: int) -> None:
        self.refresh(Region(0, y - self.scroll_offset.y, self.size.width, 1))

    @property
    def size(self) -> Size:
        # As Widget.size, without a search for the region where there is nothing to take off.
        return self.outer_size if self._styles_cache.is_plain(self) else super().size

    @property
    def scroll_offset(self) -> Offset:
        # As Widget's, without a way through a reactive for each of many lines.
        kept = self.__dict__
        x, y = kept.get("_reactive_scroll_x", 0.0), kept.get("_reactive_scroll_y", 0.0)
        return Offset(round(x), round(y))

    def row_at(self, line: int) -> Row | None:
        """Return the row of content line `line`, or None for a blank one."""
        raise NotImplementedError

    def reach(self, height: int) -> None:
        """Let the content be `height` lines high.

        Nothing around it depends on that: `virtual_size = …` would lay out the whole screen.
        """
        self.set_reactive(Widget.virtual_size, self.size.with_height(height))
        if self.scroll_y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """As Widget.refresh; of what is to be painted the screen is told at once, and not by a
        message that a turn of this widget's own messages would send: that would be a frame more."""
        plainly = repaint and self.is_attached and not (layout or recompose)
        if not plainly or not (regions or self._is_mounted):
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        if not regions:
            self._layout_cache.clear()
            self.clear_cached_dimensions()
            self._rich_style_cache.clear()
        self._set_dirty(*regions)
        if self.display:
            self.screen._dirty_widgets.add(self)
            self.screen.check_idle()
        return self

    def render_line(self, y: int) -> Strip:
        return self.strip(self.row_at(y + self.scroll_offset.y))

    def strip(self, row: Row | None) -> Strip:
        """Return `row` as it is painted, as wide as the widget."""
        width = self.size.width
        if row is None:
            return Strip.blank(width, self.named("text"))
        named = self._named
        segments = [Segment(text, named.get(name) or self.named(name)) for text, name in row]
        return Line(segments, width_of(row)).adjust_cell_length(width, self.named("text"))

    def named(self, name: str) -> Style:
        """Return the style of STYLES called `name`, as the theme has it now; with UNDER_CURSOR
        after the name, reversed."""
        if name not in self._named:
            bare = name.removesuffix(UNDER_CURSOR)
            style = self._shared(bare)
            self._named[name] = style if bare == name else style + _REVERSED
        return self._named[name]

    def _shared(self, name: str) -> Style:
        """Return a style as another widget on the same ground has it, or make it."""
        sheet = self.app.stylesheet
        rules, made = _MADE.get(sheet, (None, {}))
        if rules is not sheet.rules_map:
            made = {}
            _MADE[sheet] = sheet.rules_map, made
        if self._under is None:
            self._under = self.rich_style
        key = name, self._under
        if key not in made:
            made[key] = self._component(f"painted--{name}")
        return made[key]

    def _component(self, name: str) -> Style:
        # What COMPONENT_CLASSES does for every name at every restyling, for those in use: that
        # was a tenth of the start.
        node = DOMNode(classes=name)
        node._attach(self)
        self.app.stylesheet.apply(node, animate=False)
        self._component_styles[name] = node.styles
        return self.get_component_rich_style(name)

    def notify_style_update(self) -> None:
        self._named, self._under = {}, None
        self._styles_cache.clear()
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
            self.reach(len(rows))
        for line, (before, after) in enumerate(zip_longest(old, rows)):
            if before != after:
                self.refresh_line(line)


class ControlWall(LineFilter):
    """Nothing that steers a terminal leaves in a painted text, whatever was forgotten before, and
    none takes another number of cells than it was measured with."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        for text, _, control in segments:
            if not control and not (text.isascii() and text.isprintable()) and inert(text) != text:
                return [_walled(segment) for segment in segments]
        return segments


def _walled(segment: Segment) -> Segment:
    text = segment.text if segment.control else inert(segment.text)
    if text == segment.text:
        return segment
    return Segment(set_cell_size(text, segment.cell_length), segment.style)
