"""The Queue: the list and the selected thread. It paints from the store before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.containers import Container
from textual.widget import Widget

from modtui.domain.views import Change, QueueFilter
from modtui.engine import Engine, QueueView, Undone
from modtui.keymap import Action, bindings
from modtui.screens import decide
from modtui.screens.acting import ACTING, Acting
from modtui.screens.news import News
from modtui.screens.room import GO, Room
from modtui.widgets.cells import Row, clip
from modtui.widgets.host import host, work
from modtui.widgets.paint import Rows
from modtui.widgets.queue_list import QueueList
from modtui.widgets.queue_rows import columns, header
from modtui.widgets.thread_pane import Posts, ThreadPane

OWN = (
    Action("queue.into-posts", "l,right", "into_posts", "from the list into the posts",
           long="into posts"),
    Action("queue.into-list", "h,left", "into_list", "from the posts to the list"),
    Action("queue.search", "slash,ctrl+f", "search", "search the queue", long="search"),
    Action("queue.back", "q,escape", "back", "one step back"),
)  # fmt: skip


class Covered(Container):
    """A container that what is in it covers, so that nothing of its own is worth rendering."""

    BLANK = True


class QueueScreen(Acting):
    """List and posts; `l` and `h` go between them, Enter opens the thread on its own screen."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (*ACTING, *OWN, *Room.ACTIONS)
    HINTED: ClassVar[tuple[Action, ...]] = (QueueList.ACTIONS[0], GO)
    BINDINGS = bindings(OWN)
    AUTO_FOCUS = "QueueList"

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.list = QueueList(engine)
        self.bar, self.heads, self.below = Rows(id="bar"), Rows(id="heads"), Rows(id="below")
        self.rule = Rows(id="rule")
        self.started_with = 0
        self._wanted: list[Change] = []
        self._reading = False
        self._scrolled = 0
        self._news = News()
        self.matches: tuple[int, ...] = ()

    def body(self) -> Iterable[Widget]:
        left = Covered(self.bar, self.heads, self.list, self.below, id="left")
        yield Covered(left, id="desk")
        yield self.rule

    def on_mount(self) -> None:
        view = self.engine.view_now(QueueFilter())
        if view is not None:
            self.list.show(view)
        self.call_after_refresh(self._rest)

    async def _rest(self) -> None:
        """Mount what was not needed for the first paint."""
        self.pane = ThreadPane(self.engine)
        await self.query_one("#desk").mount(self.pane)
        self._size_panes()
        self.on_change(Change(wide=True))

    # reading
    def on_change(self, change: Change) -> None:
        if change.wide or (change.threads and change.order):
            self._wanted.append(change)
            work(self, self._reload, "view", alone=False)
        else:
            self.list.freshen(change.threads)
        super().on_change(change)
        if news := self._news.fresh(self.engine.accounts()):
            self.say(news)

    async def _reload(self) -> None:
        """Read the order again, once for all changes that came while it was being read."""
        if self._reading:
            return
        self._reading = True
        try:
            while self._wanted:
                changes, self._wanted = self._wanted, []
                self._take(await self.engine.view(QueueFilter()), changes)
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
        self.paint_around()
        self.paint_pane()

    def current(self) -> int | None:
        return self.list.selected_id

    @on(QueueList.Selected)
    def _selected(self) -> None:
        self.paint_around()
        self.read()

    @on(Posts.Moved)
    def _moved(self) -> None:
        self.paint_pane()

    def tick(self) -> None:
        self.list.tick()
        super().tick()

    # painting what stands around the list
    def on_resize(self, event: events.Resize) -> None:
        self._size_panes()

    def _size_panes(self) -> None:
        wide = self.size.width >= 100
        pane = 48 + (self.size.width - 120) * 3 // 10 if wide else 0
        self.list.clocks = self.size.width >= 120
        if self.pane is not None:
            self.pane.styles.width = pane if wide else "1fr"
            self.pane.fit(self.roomy)
        self.query_one("#left").styles.width = self.size.width - pane if wide else "1fr"
        text = "─" * self.size.width
        if wide:
            text = text[: self.size.width - pane] + "┴" + text[self.size.width - pane + 1 :]
        self.rule.show((((text, "rule"),),))
        self.call_after_refresh(self.paint_around)

    def paint_around(self) -> None:
        """Paint the lines above and below the list."""
        width = max(self.list.size.width, 20)
        self.heads.show((header(columns(width, clocks=self.list.clocks)),))
        searching = f" · searching, {len(self.matches)} found, Esc ends" if self.matches else ""
        bar: Row = ((f" view: all{searching} · sorted by time left", "muted"),)
        self.bar.show((clip(bar, width),))
        self.below.show((clip(((f"   {self._below()}", "muted"),), width),))

    def _below(self) -> str:
        hidden = len(self.list) - self.list.scroll_offset.y - self.list.size.height
        parts = [f"↓ {hidden} more"] if hidden > 0 else []
        if self.list.arrived:
            parts.append(f"{self.list.arrived} new since you moved")
        return " · ".join(parts)

    def where(self) -> str:
        at = self.list.position(self.list.selected_id)
        return f"row {at + 1} of {len(self.list)}" if at is not None else "no thread"

    # keys
    def action_into_posts(self) -> None:
        if self.pane is not None:
            self.pane.posts.focus()

    def action_into_list(self) -> None:
        self.list.focus()

    def on_descendant_focus(self) -> None:
        if self.pane is not None and self.pane.is_mounted:
            self.pane.show(self.pane.detail)

    on_descendant_blur = on_descendant_focus

    def action_back(self) -> None:
        if not self.list.has_focus:
            self.list.focus()
        elif self.matches:
            self.matches = ()
            self.paint_around()
        else:
            quits = host(self).keymap.key("app.quit", "Ctrl+Q")
            self.say(f"this is the queue: {quits} leaves modtui")

    def action_remove(self) -> None:
        case = self.case()
        if case is not None and self.list.has_focus and decide.many_flagged(case):
            remove = host(self).keymap.key("queue.remove", "x")
            self.say(f"more than one post is flagged: choose it here, then {remove}")
            self.open(case.detail.row.id)
        else:
            super().action_remove()

    def advance(self) -> None:
        found = self.list.next_free()
        if found is None:
            self.say(f"{self.started_with} → {len(self.list)} in this view · nothing free below")
        else:
            self.list.select(found)

    def undone(self, undone: Undone) -> None:
        if self.list.position(undone.thread) is not None and undone.thread != self.current():
            self._armed = host(self).guard.arm()
            self.list.select(undone.thread)

    def action_next(self, step: int) -> None:
        if self.matches:
            self._to_match(step)
        elif not self.list.walk(step):
            self.say("nothing is late or due within 15 minutes")

    def _to_match(self, step: int) -> None:
        at = self.list.position(self.current())
        places = sorted(p for m in self.matches if (p := self.list.position(m)) is not None)
        ahead = [p for p in places if p > (at if at is not None else -1)]
        behind = [p for p in places if p < (at if at is not None else 0)]
        line = (ahead or places)[:1] if step > 0 else (behind or places)[-1:]
        if line:
            self.list.select(self.list.id_at(line[0]))

    def action_search(self) -> None:
        from modtui.screens.sheets import SearchBox

        def found(text: str | None) -> None:
            self.closed()
            if text:
                work(self, partial(self._search, text), "search")

        self.app.push_screen(SearchBox(), found)

    async def _search(self, text: str) -> None:
        view = await self.engine.view(QueueFilter(text=text))
        self.matches = tuple(view.id_at(i) for i in range(min(len(view), 500)))
        if self.matches:
            self._to_match(1)
        else:
            self.say(f"nothing here says {text}")
        self.paint_around()

    def make_room(self, *, asking: bool) -> None:
        if asking:
            self._scrolled = self.list.scroll_offset.y
        super().make_room(asking=asking)
        if not asking:
            self.call_after_refresh(self.list.scroll_back, self._scrolled)

    # opening
    @on(QueueList.Opened)
    @on(Posts.Opened)
    def _opened(self) -> None:
        if (thread := self.current()) is not None and self.app.screen is self:
            self.open(thread)

    def open(self, thread: int, *, write: bool = False) -> None:
        """Open `thread` on its own screen; `write`: with its draft in the reply box."""
        from modtui.screens.thread import ThreadScreen

        self.list.select(thread)
        token = host(self).guard.arm()
        # From here on the cursor is the moderator's: it does not follow the top any more.
        self._pressed_at = self._pressed_at or self.engine.now()
        self.app.push_screen(
            ThreadScreen(self.engine, self, token, write=thread if write else None)
        )
