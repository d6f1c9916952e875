"""The palette: every action by its words, with its key; and the themes, seen as one moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.keys import key_to_character
from textual.widgets import Input, Static

from modtui.keymap import Action, bindings
from modtui.screens.dialogs.panel import Panel
from modtui.screens.entries import Entry, parts
from modtui.screens.room import Room
from modtui.widgets.cells import cell_len, cut, fit
from modtui.widgets.fuzzy import fitting
from modtui.widgets.host import host, work
from modtui.widgets.id_list import IdList, Line

THEME = "theme."
KEEP = "theme-keep"
AROUND = 4  # cells of a row that are not its text: the edges, the cursor, the bar at the right
NOT_KEPT = "nothing is kept here: there is no configuration"


class Palette(Panel[Entry | None]):
    """Returns the chosen entry, or None. `seen` is told the id of the entry under the cursor."""

    KEEPS: ClassVar[bool] = False
    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action("palette.down", "down", "move(1)", "next action"),
        Action("palette.up", "up", "move(-1)", "previous action"),
        Action("palette.page-down", "pagedown", "move(10)", "ten actions down"),
        Action("palette.page-up", "pageup", "move(-10)", "ten actions up"),
    )
    DEFAULT_CSS = """
    Palette #panel { max-height: 90%; }
    Palette IdList { height: 12; }
    Palette.-low IdList { height: 9; }
    Palette.-tall IdList { height: 20; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-short"), (30, "-tall")]
    BINDINGS = bindings(ACTIONS)

    def __init__(self, entries: Sequence[Entry], seen: Callable[[str], None]) -> None:
        super().__init__()
        self.entries = {entry.id: entry for entry in entries}
        self.list = IdList(id="entries")
        self._seen = seen

    def hints(self) -> str:
        return "type words of it   ↑↓ choose   Enter does what its key does   Esc leave"

    def heading(self) -> Content:
        return Content("What do you want to do?")

    def panel(self) -> ComposeResult:
        yield Input(placeholder="words: keep, slow mode, theme, late …", id="words")
        yield self.list
        yield Static("", id="about")

    def on_mount(self) -> None:
        self.list.can_focus = False
        self.query_one("#words", Input).focus()
        self._show("")

    @on(Input.Changed, "#words")
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def on_resize(self) -> None:
        self._show(self.query_one("#words", Input).value, self.list.selected)

    def _show(self, words: str, at: str | None = None) -> None:
        """List what fits `words`, with the cursor on `at`, or on the first if that is not there."""
        texts = ((each, f"{each.does} {each.id}") for each in self.entries.values())
        found = fitting(words, texts)
        room = self.size.width - AROUND
        self.list.lines = tuple(
            Line(each.id, _line(each, room), faint=bool(each.off)) for each in found
        )
        ids = [each.id for each in found]
        self.list.selected = at if at in ids else ids[0] if ids else None

    @on(IdList.Selected)
    def _moved(self) -> None:
        entry = self.entries.get(self.list.selected or "")
        self._seen(entry.id if entry is not None else "")
        how = f" ({entry.how})" if entry is not None and entry.how else ""
        about = "nothing fits" if entry is None else entry.off or f"{entry.does}{how}"
        off = "off here: " if entry is not None and entry.off else ""
        self.query_one("#about", Static).update(Content(off + about))

    def action_move(self, by: int) -> None:
        self.list.action_move(by)

    @on(Input.Submitted, "#words")
    def pick(self) -> None:
        entry = self.entries.get(self.list.selected or "")
        if entry is not None and entry.off:
            self.say(f"off here: {entry.off}")
        elif entry is not None:
            self.dismiss(entry)


def _line(entry: Entry, room: int) -> str:
    """One row. Where `room` cells do not hold why it is off, it says that it is off: the reason of
    the row under the cursor stands below the list."""
    keys = f" {fit(entry.keys, 11)} "
    off = f"  · off: {entry.off}" if entry.off else ""
    if off and cell_len(keys + entry.does + off) > room:
        off = "  · off"
        return keys + cut(entry.does, max(room - cell_len(keys + off), 0)) + off
    return f"{keys}{entry.does}{off}"


def open_palette(room: Room) -> None:
    """Show the palette over `room` and do what is chosen as its key would."""
    app, before = room.app, room.app.theme
    names = host(room).themes.names()

    def seen(id: str) -> None:
        name = id.removeprefix(THEME)
        app.theme = name if id.startswith(THEME) and name in names else before

    def chosen(entry: Entry | None) -> None:
        if entry is None or not entry.id.startswith(THEME):
            app.theme = before
        if entry is None:
            return
        if entry.run is not None:
            entry.run()
        elif entry.key:
            app.post_message(events.Key(entry.key, key_to_character(entry.key)))

    own = [entry for part in parts(room) for entry in part.entries]
    app.push_screen(Palette((*own, *room.extras(), *_themes(room, names)), seen), chosen)


def _themes(room: Room, names: Sequence[str]) -> list[Entry]:
    """The themes to choose from, and writing the one in force into the configuration."""
    shelf, now = host(room).themes, room.app.theme

    def take(name: str) -> None:
        room.app.theme = name
        kept = "" if shelf.keep is None else f' · the palette keeps it for good: "{KEEP}"'
        room.say(f"theme {name} until you leave{kept}")

    found = [
        Entry(f"{THEME}{name}", "", f"theme: {name}{' (now)' if name == now else ''}",
              run=partial(take, name))
        for name in names
    ]  # fmt: skip
    if found:
        off = "" if shelf.keep is not None else NOT_KEPT
        does = f"keep the theme {now} for good, in the configuration"
        found.append(Entry(KEEP, "", does, off=off, run=partial(_keep, room, now)))
    return found


def _keep(room: Room, name: str) -> None:
    keep = host(room).themes.keep

    async def write() -> None:
        if keep is None:
            return
        try:
            room.say(await asyncio.to_thread(keep, name))
        except OSError as error:
            room.say(f"the theme is not kept: {error.filename}: {error.strerror}")

    work(room, write, "theme")
