"""The Library: every quick reply, what it says in each language, and the digit it is pinned to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from modtui.domain.outcomes import Outcome
from modtui.domain.text import clean_line
from modtui.domain.views import Change
from modtui.engine import Engine, Refused
from modtui.engine.shelf import Closed, Opening, Shelved
from modtui.keymap import Action, bindings
from modtui.screens.editor import ENDED, edit
from modtui.screens.room import GO, Room
from modtui.widgets.cells import clip
from modtui.widgets.host import host, work
from modtui.widgets.id_list import IdList
from modtui.widgets.paint import Rows
from modtui.widgets.shelf_rows import (
    APPROVED,
    UNAPPROVED,
    Order,
    broken,
    came_back,
    ordered,
    preview_rows,
    shelf_columns,
    shelf_header,
    shelf_line,
    spoken,
    tilde,
    trouble_rows,
    with_rest,
)
from modtui.widgets.slot_rows import READING

if TYPE_CHECKING:
    from modtui.domain.gaps import Gap

NONE_SENT = ": no quick reply was sent in 90 days, so nothing is known"
EMPTY = "there is no entry under the cursor"

OWN = (
    Action("library.pin", "1,2,3,4,5,6,7,8,9", "pin({key})",
           "pin the entry to that digit; the same digit again unpins it", "at once", True,
           "pin", "pin to a digit", named="1-9"),
    Action("library.edit", "e,enter", "edit",
           "edit it in $EDITOR; a starter entry is copied into your first folder", "asks", True,
           "edit", "edit"),
    Action("library.new", "N", "new", "write a new entry in your first folder", "asks", True,
           "new", "new entry"),
    Action("library.gaps", "w", "gaps", "questions without a good reply: answered by hand",
           hint="gaps", long="without a good reply"),
    Action("library.mend", "E", "mend", "open the file that could not be read, at the line",
           "asks", True),
    Action("library.language", "right,tab", "language(1)", "next language of the preview",
           hint="language", long="language", named="←→", pair="library.language-back"),
    Action("library.language-back", "left,shift+tab", "language(-1)",
           "previous language of the preview"),
    Action("library.more", "space", "more", "the rest of a long text"),
    Action("library.search", "slash,ctrl+f", "search",
           "search as you type: titles, texts, tags, keywords, ids",
           hint="search", long="search"),
    Action("library.order", "s", "order",
           "order: as they fit, most sent, least settled, not sent in 90 days", hint="order",
           long="order"),
    Action("library.back", "q,escape", "back", "end the search, then back to the queue",
           hint="back", long="back"),
)  # fmt: skip


class Stock(Container):
    """The list and its header, which says when there is another room for them."""

    class Sized(Message):
        """It has another size."""

    def on_resize(self) -> None:
        self.post_message(self.Sized())


class LibraryScreen(Room):
    """List and preview; digits pin what is under the cursor, `e` edits it."""

    DEFAULT_CSS = """
    LibraryScreen #words { display: none; border: none; height: 1; padding: 0 1; }
    LibraryScreen #words.-on { display: block; }
    LibraryScreen #shelf { layout: vertical; height: 1fr; width: 1fr; }
    LibraryScreen #stock { height: 9fr; width: 1fr; }
    LibraryScreen #preview { height: 9fr; width: 1fr; border-top: solid $primary; }
    LibraryScreen.-wide #shelf { layout: horizontal; }
    LibraryScreen.-wide #stock, LibraryScreen.-wide #preview { height: 1fr; }
    LibraryScreen.-wide #stock { width: 3fr; }
    LibraryScreen.-wide #preview { width: 2fr; border-top: none;
      border-left: solid $border-blurred; }
    """
    ACTIONS: ClassVar[tuple[Action, ...]] = (*OWN, *Room.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (GO,)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "IdList"

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.trouble, self.bar = Rows(id="trouble"), Rows(id="bar")
        self.heads, self.preview = Rows(id="heads"), Rows(id="preview")
        self.list = IdList(id="entries")
        self.words = Input(placeholder="words of its title, text, tags, keywords or id", id="words")
        self.shelved: dict[str, Shelved] = {}
        self.language = ""
        self.order = Order.FIT
        self.reading = False
        self._outcomes: Mapping[str, Outcome] = {}

    def body(self) -> Iterable[Widget]:
        yield self.trouble
        yield self.bar
        yield self.words
        yield Container(Stock(self.heads, self.list, id="stock"), self.preview, id="shelf")

    def on_screen_resume(self) -> None:
        self.reload()
        work(self, self._read_outcomes, "outcomes")

    async def _read_outcomes(self) -> None:
        self._outcomes = await self.engine.shelf.outcomes()
        self.reload()

    def on_change(self, change: Change) -> None:
        if change.wide or change.replies:
            self.reload()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the moderator reads."""
        return self.engine.desk.moderator.languages

    @property
    def selected(self) -> Shelved | None:
        """The entry under the cursor."""
        return self.shelved.get(self.list.selected or "")

    @property
    def problems(self) -> tuple[str, ...]:
        """One line, `file:line: what`, for each thing that could not be read so far."""
        return () if self.reading else self.engine.shelf.problems()

    # painting
    def reload(self) -> None:
        """Show the library as it is now; the cursor stays on its entry."""
        shelf, language = self.engine.shelf, next(iter(self.languages), None)
        self.reading = shelf.reading
        found = () if self.reading else shelf.find(self.words.value, language)
        found = ordered(found, self.order, self._outcomes)
        self.shelved = {each.entry.id: each for each in found}
        self.paint()

    @on(Stock.Sized)
    def paint(self) -> None:
        """Paint everything for the room there is."""
        width, problems = self.size.width, self.problems
        keymap = host(self).keymap
        keys = keymap.key("library.mend", "E"), keymap.key("library.new", "N")
        rows = trouble_rows(problems, keys, width)
        self.trouble.styles.height = len(rows)
        self.trouble.show(rows)
        shown = spoken(self.shelved.values(), self.languages)
        unsettled = self.order is Order.UNSETTLED
        cols = shelf_columns(self.list.size.width, shown)
        self.heads.show((clip(((shelf_header(cols, self.order), "muted"),), self.list.size.width),))
        self.list.lines = tuple(
            shelf_line(
                each,
                cols,
                self.languages,
                came_back(self._outcomes.get(each.entry.id)) if unsettled else None,
            )
            for each in self.shelved.values()
        )
        count = len(self.shelved)
        entries = "1 entry" if count == 1 else f"{count} entries"
        words = f" with “{self.words.value}”" if self.words.value else ""
        marks = f"languages: {APPROVED} approved  {UNAPPROVED} not approved  blank: none"
        order = "" if self.order is Order.FIT else f" · {self.order.value} first"
        told = READING if self.reading else f"{entries}{words}{order} · {marks}"
        self.bar.show((clip(((f" {told}", "muted"),), width),))
        self.show_entry()

    @on(IdList.Selected)
    def show_entry(self) -> None:
        """Show the entry under the cursor, in the language that was chosen."""
        shelved, width = self.selected, max(self.preview.size.width, 20)
        if shelved is None:
            none = READING if self.reading else "nothing fits"
            self.preview.show((clip(((f" {none}", "muted"),), width),))
        else:
            wanted = (self.language, *self.languages)
            language = shelved.entry.variant(wanted).language
            outcome = self._outcomes.get(shelved.entry.id)
            fills = self.engine.shelf.fills()
            texts = shelved.entry.variants
            order = {each: texts[each] for each in spoken((shelved,), self.languages)}
            told = replace(shelved, entry=replace(shelved.entry, variants=order))
            rows = preview_rows(told, language, width, outcome, fills)
            if len(rows) > self.preview.size.height > 0:
                rows = (with_rest(rows[0], width), *rows[1:])
            self.preview.show(rows)
        self.preview.scroll_to(y=0, animate=False, force=True)
        self.paint_hints()

    def action_language(self, step: int) -> None:
        if (shelved := self.selected) is not None:
            order = spoken((shelved,), self.languages)
            now = shelved.entry.variant((self.language, *self.languages)).language
            self.language = order[(order.index(now) + step) % len(order)]
            self.show_entry()

    def action_order(self) -> None:
        orders = tuple(Order)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
        self.reload()
        none = self.order is Order.UNSETTLED and not self._outcomes
        self.say(f"order: {self.order.value}{NONE_SENT if none else ''}")

    def action_more(self) -> None:
        page, whole = max(self.preview.size.height - 1, 1), len(self.preview.rows)
        below = self.preview.scroll_offset.y + page
        self.preview.scroll_to(y=below if below < whole else 0, animate=False, force=True)

    # searching
    def action_search(self) -> None:
        self.words.add_class("-on")
        # At once: what was typed right behind this key is on its way already.
        self.set_focus(self.words)

    @on(Input.Changed, "#words")
    def typed(self) -> None:
        self.reload()

    @on(Input.Submitted, "#words")
    def found(self) -> None:
        self.words.set_class(bool(self.words.value), "-on")
        self.list.focus()

    def action_back(self) -> None:
        if self.words.has_class("-on"):
            self.words.value = ""
            self.words.remove_class("-on")
            self.list.focus()
        else:
            self.app.switch_mode("queue")

    # acting
    def off(self, action: Action) -> str:
        if action.verb in ("pin", "edit", "language", "language-back") and self.selected is None:
            return EMPTY
        starter = self.selected is not None and self.selected.starter
        if action.verb == "new" or (action.verb == "edit" and starter):
            return self.engine.shelf.why_no_writing()
        if action.verb == "mend" and not broken(self.problems):
            return "every file of the library can be read"
        return ""

    def action_pin(self, digit: int) -> None:
        shelved, held = self.selected, self.engine.shelf.on(digit)
        if shelved is None:
            return
        entry, title = shelved.entry.id, self._title(shelved)
        if held is not None and held.entry.id == entry:
            self._do(partial(self.engine.shelf.unpin, digit), f"{digit} is free again")
            return
        note = "; under a help route 1 stays the help entry" if digit == 1 else ""
        pin = partial(self.engine.shelf.pin, entry, digit)
        done = f"{title} is on {digit} now{note}"
        if held is None:
            self._do(pin, done)
        else:
            question = f"{digit} holds {self._title(held)}. Pin {title} there instead?"
            self.confirm(question, partial(self._told, pin, done))

    def _title(self, shelved: Shelved) -> str:
        return f"“{clean_line(shelved.entry.variant(self.languages).title)}”"

    def _do(self, job: Callable[[], Awaitable[None]], done: str) -> None:
        work(self, partial(self._told, job, done), "pin", alone=False)

    async def _told(self, job: Callable[[], Awaitable[None]], done: str) -> None:
        try:
            await job()
        except Refused as refused:
            self.say(self.refused(refused))
        else:
            self.reload()
            self.say(done)

    def action_edit(self) -> None:
        if (shelved := self.selected) is not None:
            self._edit(partial(self.engine.shelf.open, shelved.entry.id))

    def action_new(self) -> None:
        self._edit(self.engine.shelf.blank)

    def action_gaps(self) -> None:
        from modtui.screens.gaps import GapsSheet

        def over(gap: Gap | None) -> None:
            self.closed()
            if gap is not None:
                self._edit(partial(self.engine.shelf.blank, gap))

        self.app.push_screen(GapsSheet(self.engine), over)

    def action_mend(self) -> None:
        self._edit(self.engine.shelf.broken)

    def _edit(self, opening: Callable[[], Awaitable[Opening]]) -> None:
        work(self, partial(self._edited, opening), "edit")

    async def _edited(self, ask: Callable[[], Awaitable[Opening]]) -> None:
        """Open a file in the editor, then read the library again and say what came of it."""
        try:
            opening = await ask()
            trouble = await edit(self.app, opening.path, opening.line)
            closed = await self.engine.shelf.close(opening)
        except Refused as refused:
            self.say(tilde(str(refused)))
            return
        self.reload()
        if closed.entry in self.shelved:
            self.call_after_refresh(setattr, self.list, "selected", closed.entry)
        came = self._outcome(closed, opening)
        self.say(came if not trouble else f"{trouble} · {came}" if ENDED in trouble else trouble)

    def _outcome(self, closed: Closed, opening: Opening) -> str:
        mend = host(self).keymap.key("library.mend", "E")
        if closed.problem:
            words = tilde(closed.problem)
            return f"{words} · what was good before stays in use · {mend} goes there"
        if not closed.kept:
            gone = f"{tilde(str(opening.path))} is gone"
            return "nothing was changed, so nothing is kept" if opening.made else gone
        return f"read again: {tilde(str(opening.path))}"
