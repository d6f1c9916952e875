"""My last twenty: when, what, to whom and how it stands; Enter takes one back where it can."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from modtui.domain.people import Deed
from modtui.engine import Engine, Refused, Undone
from modtui.keymap import Action, bindings
from modtui.screens.dialogs.confirm import ConfirmDialog
from modtui.screens.dialogs.panel import Panel
from modtui.widgets.cells import clock, fit, one_line
from modtui.widgets.host import host, work
from modtui.widgets.id_list import IdList, Line, move_keys

NOTHING = "You have done nothing here yet."


class DeedsSheet(Panel[Undone | None]):
    """Returns what was taken back, or None."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action("deeds.undo", "enter,u", "undo", "take back what is under the cursor", "asks"),
        Action("deeds.leave", "q,U,left", "leave", "close my last twenty"),
    )
    DEFAULT_CSS = """
    DeedsSheet #panel { max-height: 90%; }
    DeedsSheet IdList { height: auto; max-height: 12; }
    DeedsSheet.-tall IdList { max-height: 20; }
    """
    BINDINGS = bindings(ACTIONS)

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.list = IdList(id="deeds")
        self.deeds: dict[str, Deed] = {}

    def hints(self) -> str:
        return (
            f"{move_keys(host(self).keymap)} move   Enter takes back what does not stay   Esc leave"
        )

    def heading(self) -> Content:
        return Content("My last twenty, newest first")

    def panel(self) -> ComposeResult:
        yield self.list
        yield Static("", id="about")

    def on_mount(self) -> None:
        self.list.focus()
        work(self, self._read, "deeds")

    async def _read(self) -> None:
        self.deeds = {deed.batch: deed for deed in await self.engine.deeds.mine()}
        self.list.lines = tuple(self._line(deed) for deed in self.deeds.values())
        self._about()

    def _line(self, deed: Deed) -> Line:
        now, zone = self.engine.now(), self.engine.desk.moderator.timezone
        at = fit(clock(deed.at, zone, now), 12)
        words = f" {at} {fit(deed.state, 20)} {deed.account}: {one_line(deed.words)}"
        return Line(deed.batch, words, faint=bool(deed.why_not))

    @property
    def selected(self) -> Deed | None:
        """The deed under the cursor."""
        return self.deeds.get(self.list.selected or "")

    @on(IdList.Selected)
    def _about(self) -> None:
        deed = self.selected
        if deed is None:
            words = NOTHING
        elif deed.why_not:
            words = f"It stays: {one_line(deed.why_not)}."
        elif deed.inverse:
            words = f"Enter takes it back: {deed.account} is told to do the opposite."
        else:
            words = "Enter takes it back: nobody outside has seen it."
        self.query_one("#about", Static).update(Content(words))

    def action_undo(self) -> None:
        deed = self.selected
        if deed is None:
            return
        if deed.why_not:
            self.say(f"It stays: {one_line(deed.why_not)}.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                work(self, partial(self._undo, deed), "undo")

        how = f" {deed.account} is told to do the opposite." if deed.inverse else ""
        if deed.doubt:
            how += f" {one_line(deed.doubt[:1].upper() + deed.doubt[1:])}."
        question = f"Take back {one_line(deed.words)}?{how}"
        self.app.push_screen(ConfirmDialog(question), answered)

    async def _undo(self, deed: Deed) -> None:
        try:
            undone = await self.engine.deeds.undo(deed)
        except Refused as refused:
            await self._read()
            self.say(str(refused))
        else:
            self.dismiss(undone)
