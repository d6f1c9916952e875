"""Choose a view: a letter for each, with how many threads it holds; one's own by number."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from modtui.domain.named_views import UNKNOWN, WORDS, By, Kind, View
from modtui.engine import Engine, Refused
from modtui.keymap import Action, bindings, key_text
from modtui.screens.dialogs.confirm import ConfirmDialog
from modtui.screens.dialogs.panel import Panel
from modtui.widgets.cells import fit
from modtui.widgets.host import host, work
from modtui.widgets.id_list import IdList, Line, move_keys

LETTERS = {
    Kind.ALL: "a", Kind.MINE: "m", Kind.UNOWNED: "u", Kind.LATE: "l", Kind.HOUR: "h",
    Kind.NOW: "n", Kind.ESCALATED: "e", Kind.WAITING: "w", Kind.SNOOZED: "z",
    Kind.BACKLOG: "b", Kind.DONE: "d",
}  # fmt: skip
SAYS = {
    Kind.HOUR: "due within the hour, and late",
    Kind.BACKLOG: "backlog: put aside when the account was first read",
}
BESIDE = 19
"""Cells of a line that its words do not have: frame, cursor, key, number and scroll bar."""
KEEPS_NOTHING = "A read-only session keeps no views and forgets none."
PICK = Action("views.pick", "enter", "pick", "show the view under the cursor")
KINDS = tuple(
    Action(f"views.{kind}", key, f"kind('{kind}')", f"view: {WORDS.get(kind, kind.value)}")
    for kind, key in LETTERS.items()
)
NARROW = (
    Action("views.platform", "p", "narrow('platform')", "narrow this view to one platform"),
    Action("views.language", "g", "narrow('language')", "narrow this view to one language"),
    Action("views.reason", "r", "narrow('reason')", "narrow this view to one flag reason"),
)
OWN = (
    Action("views.own", "1,2,3,4,5,6,7,8,9", "own({key})", "a view of your own, by its number"),
    Action("views.save", "s", "save", "save this view and search under a name"),
    Action("views.forget", "x", "forget", "forget your own view under the cursor", "asks"),
)


class ViewsDialog(Panel[View | None]):
    """Returns the chosen view, or None. `current` is shown now; `kept` is what would be saved:
    the same with the search that was kept."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (PICK, *KINDS, *NARROW, *OWN)
    DEFAULT_CSS = """
    ViewsDialog #panel { max-height: 90%; }
    ViewsDialog IdList { height: auto; max-height: 26; }
    ViewsDialog.-short IdList { max-height: 18; }
    """
    BINDINGS = bindings(ACTIONS)

    def __init__(self, engine: Engine, current: View, kept: View) -> None:
        super().__init__()
        self.engine = engine
        self.current = current
        self.kept = kept
        self.list = IdList(id="views")
        self._own: tuple[View, ...] = ()
        self._counts: dict[View, int] = {}

    def hints(self) -> str:
        keymap = host(self).keymap
        moves, forget = move_keys(keymap), key_text(keymap.one(OWN[2]).names[0])
        picks = f"a letter or a number, or {moves} and Enter"
        return f"{picks}   {forget} forget one of your own   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup("View now: [b]$words[/b]", words=self.current.words)

    def panel(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self._paint()
        self.list.selected = self.current.kind.value
        self.list.focus()
        work(self, self._read, "views")

    async def _read(self) -> None:
        self._own = await self.engine.views.saved()
        self._paint()
        if self.current in self._own and not self._counts:
            self.list.selected = f"own:{self.current.name}"
        views = (*(View(kind) for kind in Kind), *self._own)
        self._counts = dict(zip(views, await self.engine.views.counted(views), strict=True))
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def _paint(self) -> None:
        keymap = host(self).keymap
        lines = [
            self._line(action, View(kind), kind.value)
            for kind, action in zip(LETTERS, keymap.all(KINDS), strict=True)
        ]
        lines += [
            Line(action.id, f" {fit(_key(action), 6)} {action.does} …")
            for action in keymap.all((*NARROW, OWN[1]))
        ]
        for number, view in enumerate(self._own, 1):
            label = str(number) if number < 10 else ""
            lines.append(self._line(replace(OWN[0], keys=label), view, f"own:{view.name}"))
        self.list.lines = tuple(lines)

    def _line(self, action: Action, view: View, id: str) -> Line:
        here = view == self.current
        kind = "" if view.name else SAYS.get(view.kind, "")
        words = f"{kind or view.words}{'  ← now' if here else ''}"
        count = self._counts.get(view)
        number = "" if count is None else str(count)
        room = min(self.app.size.width - BESIDE, 52)
        text = f" {fit(_key(action), 6)} {fit(words, room)} {number:>6}"
        return Line(id, text, faint=count == 0 and not here)

    # choosing
    def action_pick(self) -> None:
        chosen = self.list.selected or ""
        own = next((view for view in self._own if chosen == f"own:{view.name}"), None)
        narrow = next((a for a in NARROW if a.id == chosen), None)
        if own is not None:
            self.dismiss(own)
        elif narrow is not None:
            self.action_narrow(narrow.verb)
        elif chosen == OWN[1].id:
            self.action_save()
        elif chosen:
            self.action_kind(chosen)

    def action_kind(self, kind: str) -> None:
        self.dismiss(View(Kind(kind)))

    def action_own(self, number: int) -> None:
        if number > len(self._own):
            self.say(f"You have no view of your own on {number}: s saves one.")
        else:
            self.dismiss(self._own[number - 1])

    def action_narrow(self, by: str) -> None:
        self.app.push_screen(NarrowDialog(self.engine, self.current, By(by)), self._made)

    def _made(self, view: View | None) -> None:
        if view is not None:
            self.dismiss(view)

    def action_save(self) -> None:
        if self.engine.lead.read_only:
            self.say(KEEPS_NOTHING)
            return
        if self.kept.whole:
            self.say("This view is everything: choose or narrow one first, or search with /.")
            return

        self.app.push_screen(SaveViewDialog(self.engine, self.kept), self._made)

    def action_forget(self) -> None:
        if self.engine.lead.read_only:
            self.say(KEEPS_NOTHING)
            return
        chosen = self.list.selected or ""
        own = next((view for view in self._own if chosen == f"own:{view.name}"), None)
        if own is None:
            self.say("Only a view of your own can be forgotten: put the cursor on it.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                work(self, partial(self._forget, own), "forget")

        self.app.push_screen(ConfirmDialog(f"Forget your view {own.name}?"), answered)

    async def _forget(self, view: View) -> None:
        try:
            await self.engine.views.forget(view.name)
        except Refused as refused:
            self.say(str(refused))
        await self._read()


class NarrowDialog(Panel[View | None]):
    """What there is of one kind in a view, with counts; returns the view narrowed to one."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (PICK,)
    DEFAULT_CSS = """
    NarrowDialog IdList { height: auto; max-height: 14; }
    """
    BINDINGS = bindings(
        (
            PICK,
            Action("narrow.number", "1,2,3,4,5,6,7,8,9", "number({key})", "the one of that number"),
        )
    )

    def __init__(self, engine: Engine, view: View, by: By) -> None:
        super().__init__()
        self.engine = engine
        self.view = view
        self.by = by
        self.list = IdList(id="groups")

    def hints(self) -> str:
        return f"a number, or {move_keys(host(self).keymap)} and Enter   Esc leave"

    def heading(self) -> Content:
        return Content.from_markup(
            "View [b]$words[/b], only one $by", words=self.view.words, by=self.by.value
        )

    def panel(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.focus()
        work(self, self._read, "groups")

    async def _read(self) -> None:
        groups = await self.engine.views.groups(self.view, self.by)
        self.list.lines = tuple(
            Line(f"={value}", f" {n if n < 10 else ' '}  {fit(value or UNKNOWN, 40)} {count:>6}")
            for n, (value, count) in enumerate(groups, 1)
        )
        if not groups:
            self.say("There is nothing in this view to choose from.")

    def action_pick(self) -> None:
        if self.list.selected is not None:
            self.dismiss(self.view.narrowed(self.by, self.list.selected[1:]))

    def action_number(self, number: int) -> None:
        if number <= len(self.list.lines):
            self.list.selected = self.list.lines[number - 1].id
            self.action_pick()


class SaveViewDialog(Panel[View | None]):
    """Asks for a name; returns the view as it was saved."""

    def __init__(self, engine: Engine, view: View) -> None:
        super().__init__()
        self.engine = engine
        self.view = view

    def hints(self) -> str:
        return "Enter saves it   Esc leave"

    def heading(self) -> Content:
        words = replace(self.view, name="").words
        return Content.from_markup("Save the view [b]$words[/b] as", words=words)

    def panel(self) -> ComposeResult:
        yield Input(self.view.name, placeholder="a name of your own", max_length=40, id="name")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    async def keep(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(await self.engine.views.save(replace(self.view, name=event.value)))
        except Refused as refused:
            self.say(str(refused))


def _key(action: Action) -> str:
    return key_text(action.names[0]) if action.names else ""
