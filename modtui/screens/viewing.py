"""Which threads the queue lists: its view, what that hides, and the search within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from modtui.domain.model import Health
from modtui.domain.named_views import Kind, View
from modtui.domain.views import Change, QueueFilter
from modtui.engine import QueueView
from modtui.engine.knowing import Outside
from modtui.keymap import Action, bindings
from modtui.screens.acting import Acting
from modtui.widgets.cells import Piece, Row
from modtui.widgets.guard import OPENED
from modtui.widgets.host import host, work
from modtui.widgets.queue_list import QueueList

if TYPE_CHECKING:
    from modtui.screens.entries import Entry
    from modtui.screens.search import SearchBox

SEARCH = Action(
    "queue.search", "slash,ctrl+f", "search", "search titles, authors, posts and ids", long="search"
)
LOOKING = (
    SEARCH,
    Action("queue.views", "f", "views", "view: which threads are listed", long="view"),
)  # fmt: skip
AGAIN_SECONDS = 20


class Viewing(Acting):
    """A room with a list of threads. `list` is its own."""

    BINDINGS = bindings(LOOKING)

    list: QueueList
    view = View()
    outside = Outside()
    saved: tuple[View, ...] = ()
    matches: tuple[int, ...] = ()
    started_with = 0
    _searched = ""
    _origin: int | None = None
    _box: SearchBox | None = None
    _wanted: Sequence[Change] = ()
    _reading = False
    _turned = False
    _seconds = 0

    # reading
    def on_change(self, change: Change) -> None:
        if change.wide or (change.threads and (change.order or self.view.timed)):
            self._reread(change)
        else:
            self.list.freshen(change.threads)
        super().on_change(change)

    def tick(self) -> None:
        super().tick()
        self._seconds += 1
        if not self.view.whole and self._seconds % AGAIN_SECONDS == 0:
            # Claims run out and deadlines come near without a change.
            self._reread(Change())

    def _reread(self, change: Change) -> None:
        self._wanted = (*self._wanted, change)
        work(self, self._reload, "view", alone=False)

    async def _reload(self) -> None:
        """Read the order again, once for all changes that came while it was being read."""
        if self._reading:
            return
        self._reading = True
        try:
            while self._wanted:
                changes, self._wanted = self._wanted, ()
                turned, self._turned = self._turned, False
                views, view = self.engine.views, self.view
                found = await self.engine.view(views.asks(view), behind=not turned)
                if any(change.wide for change in changes):
                    self.saved = await views.saved()
                self.outside = Outside() if view.whole else await views.outside(view)
                if turned:
                    self._turn(found)
                else:
                    self._take(found, changes)
                self.paint_around()
                self.paint_pane()
        finally:
            self._reading = False

    def _take(self, view: QueueView, changes: Sequence[Change]) -> None:
        if self._pressed_at is not None and not any(c.wide for c in changes):
            self.list.arrivals(view, frozenset().union(*(c.threads for c in changes)))
        self.list.show(view)
        if self._pressed_at is None and len(view) and self.current() != view.id_at(0):
            self._armed = host(self).guard.arm()
            self.list.select(view.id_at(0))
        self.started_with = max(self.started_with, len(view))

    def _turn(self, view: QueueView) -> None:
        """Show the threads of another view; the cursor stays on its thread if it is there."""
        before = self.current()
        self.list.turn(view)
        self.started_with = len(view)
        if self.current() != before:
            self._armed = host(self).guard.arm()
        else:
            # No other thread is read, so nothing else would say that it is on the screen.
            self.call_after_refresh(self._shown)

    def look_at(self, view: View) -> None:
        """List the threads of `view` from now on."""
        self.view, self._turned = view, True
        self._end_search()
        self._armed = host(self).guard.arm(OPENED)
        self._reread(Change())

    def show_view(self, view: QueueFilter, name: str) -> None:
        """List exactly the threads of `view`, called `name`, from now on."""
        if self.is_mounted:
            self.look_at(View(name=name, exact=view))
        else:
            self.view = View(name=name, exact=view)

    # what is said of it
    def paint_around(self) -> None:
        """Paint the lines above and below the list."""
        raise NotImplementedError

    def view_words(self) -> str:
        """Return which view it is, "" when that hides nothing."""
        return "" if self.view.whole else f"view {self.view.words}"

    def outside_words(self) -> str:
        """Return what cannot wait and is hidden by the view: `2 late outside this view`."""
        hidden = ((self.outside.now, "NOW"), (self.outside.late, "late"))
        parts = [f"{count} {word}" for count, word in hidden if count]
        return f"{', '.join(parts)} outside this view" if parts else ""

    def search_words(self) -> str:
        """Return what is searched for and which match is under the cursor, "" without a search."""
        if not self.matches:
            return ""
        thread = self.current()
        at = f"{self.matches.index(thread) + 1} of " if thread in self.matches else ""
        many = len(self.matches)
        return f"match {at}{many}" if at else f"{many} match{'es' if many > 1 else ''}"

    def bar_row(self) -> Row:
        """Return the line above the list: the view, what it hides, the search, the order."""
        first = f" view: {self.view.words} · {len(self.list.marked)} marked"
        order = "the latest first" if self.view.kind is Kind.DONE else "sorted by time left"
        searching = self.search_words()
        found = f" · {searching} for {self._searched}, Esc ends" if searching else ""
        hidden: tuple[Piece, ...] = ()
        if words := self.outside_words():
            hidden = ((" · ", "muted"), (words, "late"))
        return ((first, "muted"), *hidden, (f"{found} · {order}", "muted"))

    def nothing_words(self) -> str:
        """Return what an empty list says."""
        if self.view.whole:
            dark = [a.name for a in self.engine.accounts() if a.health is not Health.LIVE]
            blind = f", as far as is known: {', '.join(dark)} not live" if dark else ""
            return f"Nothing is in the queue{blind}."
        key = host(self).keymap.key("queue.views", "f")
        every = host(self).keymap.key("views.all", "a")
        return f"Nothing is in this view: {self.view.words}. {key} {every} shows all."

    def worded(self, action: Action) -> Action:
        if action.id == "queue.next" and self.matches:
            return replace(action, long="next match")
        return super().worded(action)

    # the views
    def action_views(self) -> None:
        from modtui.screens.dialogs.views import ViewsDialog

        def chosen(view: View | None) -> None:
            self.closed()
            if view is not None:
                self.look_at(view)
            self._reread(Change(wide=True))

        text = self._searched or self.view.text
        kept = View(text=text) if self.view.exact else replace(self.view, text=text)
        self.app.push_screen(ViewsDialog(self.engine, self.view, kept), chosen)

    def extras(self) -> tuple[Entry, ...]:
        from modtui.screens.dialogs.views import LETTERS
        from modtui.screens.entries import Entry

        keymap = host(self).keymap
        begin = keymap.key("queue.views", "f")
        named = [
            Entry(f"view.{kind}", f"{begin} {keymap.key(f'views.{kind}', letter)}",
                  f"view: {View(kind).words}", run=partial(self.look_at, View(kind)))
            for kind, letter in LETTERS.items()
        ]  # fmt: skip
        own = [
            Entry(f"view-own.{view.name}", f"{begin} {n}" if n < 10 else "",
                  f"view of your own: {view.name}", run=partial(self.look_at, view))
            for n, view in enumerate(self.saved, 1)
        ]  # fmt: skip
        return (*named, *own)

    # searching
    def action_search(self) -> None:
        from modtui.screens.search import SearchBox

        self._origin = self.current()
        self._box = SearchBox(self._typing)
        self.app.push_screen(self._box, self._typed)

    def _typing(self, text: str) -> None:
        work(self, partial(self._search, text), "search")

    def _typed(self, text: str | None) -> None:
        self._box = None
        self.closed()
        if text is None:
            self._back_to_origin()
        else:
            work(self, partial(self._kept, text), "search")

    async def _kept(self, text: str) -> None:
        if text != self._searched or not self.matches:
            await self._search(text)
        if not self.matches:
            self._back_to_origin()
            self.say(f"nothing here says {text}")
            return
        keymap = host(self).keymap
        after, before = keymap.key("queue.next", "n"), keymap.key("queue.previous", "N")
        self.say(f"{self.search_words()}: {after} {before} go from match to match, Esc ends")

    async def _search(self, text: str) -> None:
        """Find `text` in this view and go to the first match, unless the cursor was moved in the
        meantime; nothing typed is no match."""
        here = self.current()
        self.matches = await self.engine.views.search(text, self.view) if text else ()
        self._searched = text if self.matches else ""
        if self.current() == here:
            first = self.matches[0] if self.matches else self._origin
            if first is not None:
                self.list.select(first)
        self.paint_hints()
        if self._box is not None and self._box.is_mounted:
            many = len(self.matches)
            self._box.found(f"{many} of {len(self.list)} " if text else "")
        self.paint_around()
        self.paint_pane()

    def _back_to_origin(self) -> None:
        self._end_search()
        if self._origin is not None and self.list.position(self._origin) is not None:
            self.list.select(self._origin)

    def _end_search(self) -> None:
        self.matches, self._searched = (), ""
        self.paint_hints()
        self.paint_around()
        self.paint_pane()

    def _to_match(self, step: int) -> None:
        at = self.list.position(self.current())
        places = sorted(p for m in self.matches if (p := self.list.position(m)) is not None)
        ahead = [p for p in places if p > (at if at is not None else -1)]
        behind = [p for p in places if p < (at if at is not None else 0)]
        line = (ahead or places)[:1] if step > 0 else (behind or places)[-1:]
        if line:
            self.list.select(self.list.id_at(line[0]))
