"""Questions without a good reply: what was asked, and how it was answered by hand."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from modtui.domain.gaps import Gap
from modtui.engine import Engine
from modtui.keymap import Action, bindings
from modtui.screens.dialogs.panel import Panel
from modtui.widgets.cells import clock, fit, one_line
from modtui.widgets.host import host, work
from modtui.widgets.id_list import IdList, Line, move_keys

READING = "The threads of the last 28 days are being read …"
NOTHING = "Every question of the last 28 days that was answered by hand has a good reply by now."
NO_ROW = "there is no question under the cursor"


class GapsSheet(Panel[Gap | None]):
    """Returns the question that an entry is to be written for, or None."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action("gaps.new", "N,enter", "new", "write an entry from the answer", "asks"),
        Action("gaps.leave", "q,w", "leave", "back to the library"),
    )
    DEFAULT_CSS = """
    GapsSheet #panel { max-height: 90%; }
    GapsSheet IdList { height: auto; max-height: 12; }
    GapsSheet.-tall IdList { max-height: 20; }
    GapsSheet #about { max-height: 6; }
    """
    BINDINGS = bindings(ACTIONS)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.list = IdList(id="gaps")
        self.gaps: dict[str, Gap] = {}
        self.read = False

    def hints(self) -> str:
        keymap = host(self).keymap
        new = keymap.key("gaps.new", "N")
        moves = move_keys(keymap)
        return f"{moves} move   {new} or Enter writes an entry from the answer   Esc back"

    def heading(self) -> Content:
        return Content("Questions without a good reply: answered by hand, 28 days, newest first")

    def panel(self) -> ComposeResult:
        yield self.list
        yield Static(READING, id="about", markup=False)

    def on_mount(self) -> None:
        self.list.focus()
        work(self, self._read, "gaps")

    async def _read(self) -> None:
        self.gaps = {str(gap.thread): gap for gap in await self.engine.shelf.gaps()}
        self.read = True
        self.list.lines = tuple(self._line(gap) for gap in self.gaps.values())
        self._about()

    def _line(self, gap: Gap) -> Line:
        at = clock(gap.at, self.engine.desk.moderator.timezone, self.engine.now())
        title = max((self.size.width - 24) // 2, 20)
        columns = (fit(at, 12), fit(gap.language or "?", 3), fit(one_line(gap.title), title))
        return Line(str(gap.thread), f" {' '.join(columns)} {gap.answer}")

    @property
    def selected(self) -> Gap | None:
        """The question under the cursor."""
        return self.gaps.get(self.list.selected or "")

    @on(IdList.Selected)
    def _about(self) -> None:
        gap = self.selected
        if gap is not None:
            words = f"asked: {gap.question or gap.title}\nanswered by hand: {gap.answer}"
        else:
            words = NOTHING if self.read else READING
        self.query_one("#about", Static).update(Content(words))

    def action_new(self) -> None:
        gap = self.selected
        if gap is None:
            self.say(f"{NO_ROW}.")
        else:
            self.dismiss(gap)
