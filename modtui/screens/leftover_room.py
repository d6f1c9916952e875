"""A room with what is left, in parts: the list, and everything about the line under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from modtui.domain.shift import Item, Part
from modtui.domain.views import Change
from modtui.engine import Engine
from modtui.screens.room import Room
from modtui.widgets.cells import clip, cut, fit, one_line
from modtui.widgets.host import visible, work
from modtui.widgets.id_list import IdList, Line
from modtui.widgets.paint import Rows
from modtui.widgets.parted_list import PartedList, heading

AT_MOST_EVERY = timedelta(seconds=1)


class LeftoverRoom(Room):
    """Subclasses answer `load`, `headline`, `word` and `about`."""

    DEFAULT_CSS = """
    LeftoverRoom #headline { height: 1; width: 1fr; }
    LeftoverRoom #about { height: 5; border-top: solid $primary; padding: 0 1; }
    """
    AUTO_FOCUS = "PartedList"
    HEADINGS: Mapping[Part, str] = {}

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.list = PartedList(id="left")
        self.top = Rows(id="headline")
        self.below = Static(id="about")
        self.items: tuple[Item, ...] = ()
        self._old = False
        self._read_at: datetime | None = None

    def body(self) -> Iterable[Widget]:
        yield self.top
        yield self.list
        yield self.below

    # what is left
    async def load(self) -> Sequence[Item]:
        """Read what is left."""
        raise NotImplementedError

    def headline(self) -> str:
        """Return the line above the list."""
        raise NotImplementedError

    def word(self, item: Item) -> str:
        """Return what becomes of an item, for its first column."""
        raise NotImplementedError

    def about(self, item: Item | None) -> str:
        """Return the lines below the list, about the item under the cursor."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        self.reload()

    def on_change(self, change: Change) -> None:
        self._old = True
        if self._read_at is None or self.engine.now() - self._read_at >= AT_MOST_EVERY:
            self.reload()

    def tick(self) -> None:
        if self._old:
            self.reload()

    def reload(self) -> None:
        """Read what is left again; the cursor stays on its item."""
        if visible(self):
            self._old, self._read_at = False, self.engine.now()
            work(self, self._reload, "left")

    async def _reload(self) -> None:
        self.items = tuple(await self.load())
        self.paint()

    def on_resize(self, event: events.Resize) -> None:
        self.paint()

    def paint(self) -> None:
        """Paint everything anew."""
        width = max(self.size.width, 20)
        self.top.show((clip(((f" {self.headline()}", "strong"),), width),))
        self.list.lines = self._lines(width)
        self.show_about()

    def _lines(self, width: int) -> tuple[Line, ...]:
        lines: list[Line] = []
        for part, name in self.HEADINGS.items():
            items = [item for item in self.items if item.part is part]
            if items:
                lines.append(heading(part.value, f"{name} {len(items)}"))
            lines += [self._line(item, width) for item in items]
        return tuple(lines)

    def _line(self, item: Item, width: int) -> Line:
        fate = 16 if width < 100 else 24
        title = (width - fate - 4) // 2
        where = f"{item.place} · " if item.place and width >= 100 else ""
        text = (
            f" {fit(self.word(item), fate)} {fit(one_line(item.title), title)}"
            f" {one_line(where + item.says)}"
        )
        return Line(item.id, cut(text, width - 1), urgent=item.asks)

    @property
    def selected(self) -> Item | None:
        """The item under the cursor."""
        wanted = self.list.selected
        return next((item for item in self.items if item.id == wanted), None)

    @on(IdList.Selected)
    def show_about(self) -> None:
        """Say everything about the item under the cursor."""
        self.below.update(Content(self.about(self.selected)))
        self.paint_hints()

    def action_back(self) -> None:
        self.app.switch_mode("queue")
